"""`tallystick links` as somebody uses it: an RMM whose sites carry no customer number any more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_what_the_rules_cannot_decide_a_person_does_and_can_take_back(
    quarter: Path, run: Callable[..., Any]
) -> None:
    sites = quarter / "exports" / "rmm" / "sites.csv"
    told = sites.read_text(encoding="utf-8")
    sites.write_text(re.sub(r";K\d+", ";", told), encoding="utf-8")
    said = run("sync", at=quarter)
    assert "pairs could be the same: `tallystick links` shows them." in said.out

    def links() -> tuple[dict[str, str], dict[str, str]]:
        document = json.loads(run("links", "show", "client", "--json", at=quarter).out)
        joined = {one["copy"]: f"{one['home']} {one['rule']}" for one in document["links"]}
        return joined, {one["copy"]: one["home"] for one in document["questions"]}

    alone = run("links", at=quarter).out
    assert "client rmm:S-99 is joined to nobody." in alone and "links same COPY HOME" in alone
    joined, asked = links()
    assert joined == {}
    shown = run("links", "show", "asset", at=quarter)
    assert "copy" in shown.out or "No asset of one connection" in shown.out
    assert asked["rmm:S-04"] == "psa:1004"

    said = run("links", "same", "rmm:S-04", "psa:1004", at=quarter)
    assert said.out == "rmm:S-04 is psa:1004, says pat.\n"
    joined, asked = links()
    assert joined == {"rmm:S-04": "psa:1004 decided by pat"}
    assert "rmm:S-04" not in asked

    run("links", "apart", "rmm:S-04", "psa:1004", at=quarter)
    joined, asked = links()
    assert "rmm:S-04" not in joined | asked

    said = run("links", "same", "rmm:S-04", "psa:9", at=quarter)
    assert (said.code, said.err) == (
        1,
        "There is no client psa:9. `tallystick links` names them.\n",
    )
    said = run("links", "same", "psa:1004", "rmm:S-04", at=quarter)
    assert said.code == 1
    assert "Name a copy first, then a record of connection psa" in said.err
