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
[[device_count]]
line = "Managed*"
asset_types = ["workstation"]
"""


def told(folder: Path, kind: str, *rows: dict[str, Any]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "psa" / f"{kind}.jsonl").write_text(text, encoding="utf-8")


def test_a_second_person_lets_a_line_be_for_what_was_counted(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    (tmp_path / "psa").mkdir()
    (tmp_path / "tallystick.toml").write_text(CONFIG, encoding="utf-8")
    told(tmp_path, "clients", {"id": "K", "name": "Acme Dental"})
    since = {"currency": "EUR", "starts_on": "2026-01-01"}
    told(tmp_path, "contracts", {"id": "C", "client": "K", "name": "Care", **since})
    terms = {"count_of": "literal", "unit_price": "30", "quantity": "1"}
    line = {"id": "L", "contract": "C", "description": "Managed workstation", "model": "per_unit"}
    told(tmp_path, "contract_lines", {**line, "terms": terms})
    device = {"client": "K", "type": "workstation"}
    told(tmp_path, "assets", *({"id": f"{n}", "name": f"PC-{n}", **device} for n in (1, 2)))
    assert run("sync", at=tmp_path).code == 0

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
