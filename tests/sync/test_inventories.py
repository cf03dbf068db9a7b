"""Real inventories of computers, printers and phones (GLPI): each report finds its machine, and an
address or a serial that means nothing joins nobody."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tallystick.records import Asset
from tallystick.records.keys import mac_key, serial_key
from tallystick.sync.identity import KEYS, match

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "glpi_inventory" / "examples"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the inventories are not here")


def reports() -> dict[str, tuple[str, Asset]]:
    """By file: the machine as GLPI knows it, and what its report tells."""
    found: dict[str, tuple[str, Asset]] = {}
    for path in sorted(SHARED.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        content: dict[str, Any] = told["content"]
        device = content.get("network_device") or {}
        serial = (content.get("bios") or {}).get("ssn") or device.get("serial")
        cards = [one.get("mac") or one.get("macaddr") for one in content.get("networks", [])]
        mac = device.get("mac") or next((one for one in cards if mac_key(one)), None)
        name = (content.get("hardware") or {}).get("name") or device.get("name") or path.stem
        found[path.name] = (
            told["deviceid"],
            Asset(id=path.name, name=name, serial=serial, mac=mac),
        )
    return found


def test_every_later_report_of_a_machine_finds_its_first_and_no_other() -> None:
    told = reports()
    machines: dict[str, list[str]] = defaultdict(list)
    for file, (machine, asset) in told.items():
        if serial_key(asset.serial) or mac_key(asset.mac):
            machines[machine].append(file)
    homes = [told[files[0]][1] for files in machines.values()]
    assert len(homes) >= 8
    right = wrong = missed = 0
    for machine, files in machines.items():
        for file in files[1:]:
            links, _ = match([told[file][1]], homes, KEYS["asset"])
            right += [one.home for one in links] == [files[0]]
            wrong += any(one.home not in machines[machine] for one in links)
            missed += not links
    assert (wrong, missed) == (0, 0)
    assert right >= 8


def test_what_vendors_leave_behind_joins_none_of_them() -> None:
    told = [asset for _, asset in reports().values()]
    bogus = [
        Asset(id=f"{one.id} again", name="other", serial=serial, mac=mac)
        for one in told
        for serial, mac in (
            ("To be filled by O.E.M.", "00:00:00:00:00:00"),
            ("123456", "50:50:54:50:30:30"),
        )
    ]
    for one in bogus:
        assert match([one], told, KEYS["asset"])[0] == []
    shared = [Asset(id=f"x{n}", name=f"x{n}", serial="SAME-SERIAL-01") for n in range(3)]
    links, ambiguities = match(
        [Asset(id="y", name="y", serial="SAMESERIAL01")], shared, KEYS["asset"]
    )
    assert links == []
    assert ambiguities[0].ids == ("x0", "x1", "x2")
