"""`tallystick reconcile counts`: from an agreed five to the seven there are, with two people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "files"
home = ["client", "contract", "contract_line", "asset"]
settings = { folder = "psa" }
"""
COUNTED = """
[[device_count]]
line = "Managed*"
asset_types = ["workstation"]
"""


def told(folder: Path, kind: str, *rows: dict[str, Any]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "psa" / f"{kind}.jsonl").write_text(text, encoding="utf-8")


def shop(folder: Path, run: Callable[..., Any], config: str) -> None:
    """A line that is for one workstation, and the two there are."""
    (folder / "psa").mkdir()
    (folder / "tallystick.toml").write_text(config, encoding="utf-8")
    told(folder, "clients", {"id": "K", "name": "Acme Dental"})
    since = {"currency": "EUR", "starts_on": "2026-01-01"}
    told(folder, "contracts", {"id": "C", "client": "K", "name": "Care", **since})
    terms = {"count_of": "literal", "unit_price": "30", "quantity": "1"}
    line = {"id": "L", "contract": "C", "description": "Managed workstation", "model": "per_unit"}
    told(folder, "contract_lines", {**line, "terms": terms})
    device = {"client": "K", "type": "workstation"}
    told(folder, "assets", *({"id": f"{n}", "name": f"PC-{n}", **device} for n in (1, 2)))
    assert run("sync", at=folder).code == 0


def test_a_second_person_lets_a_line_be_for_what_was_counted(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    shop(tmp_path, run, CONFIG + COUNTED)

    shown = run("reconcile", "counts", at=tmp_path).out
    assert "2: PC-1, PC-2" in shown and "30.00" in shown
    asked = json.loads(run("reconcile", "counts", "Acme", "--propose", "--json", at=tmp_path).out)
    assert [one["change"]["line"] for one in asked["asked"]] == ["psa:L"]
    own = run("reconcile", "approve", "psa:L", at=tmp_path)
    assert own.code != 0 and "second person" in own.err
    done = run("reconcile", "approve", "psa:L", "--as", "vera", at=tmp_path)
    assert "Managed workstation is for 2 from" in done.out
    assert "Every line is for what there is." in run("reconcile", "counts", at=tmp_path).out
    assert run("verify", at=tmp_path).code == 0


def test_where_nothing_is_compared_it_says_so_and_what_to_do(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    shop(tmp_path, run, CONFIG + COUNTED)
    run("reconcile", "counts", "--propose", at=tmp_path)

    def with_config(more: str) -> Any:
        (tmp_path / "tallystick.toml").write_text(CONFIG + more, encoding="utf-8")
        shown = run("reconcile", "counts", "--propose", at=tmp_path)
        told = json.loads(run("reconcile", "counts", "--json", at=tmp_path).out)
        assert shown.code == 0 and "Every line" not in shown.out
        assert (told["compared"], told["differences"], len(told["waiting"])) == (0, [], 1)
        return " ".join(shown.out.split())

    assert "Nothing was compared: no [[device_count]] of tallystick.toml" in with_config("")
    other = COUNTED.replace("Managed*", "Manged*")
    assert "no line in force with a quantity of its own is called 'Manged*'" in with_config(other)
