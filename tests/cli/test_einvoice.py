"""E-invoices from the command line: in the config, written at issue, or refused in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from facturx import get_xml_from_pdf
from tests.billing.einvoice_judge import judged

Run = Callable[..., Any]
ISSUE = (
    "sync",
    "bill propose 2026-09",
    "bill approve 2026-09 --as vera --accept 'no e-invoice asked for yet'",
    "bill issue 2026-09 --on 2026-10-01 --json",
)
VAT_ID = "TALLYSTICK__MSP__VAT_ID"


@pytest.fixture
def issued(run: Run, own: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Issues September with these formats of documents; returns what the command printed."""

    def issuing(formats: str) -> Any:
        monkeypatch.setenv("TALLYSTICK__DOCUMENTS__FORMATS", formats)
        for words in ISSUE:
            done = run(*shlex.split(words), at=own)
            assert done.code == 0, done.err
        return json.loads(done.out)

    return issuing


def test_they_are_written_at_issue_and_pass_the_rules(
    issued: Callable[[str], Any], own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VAT_ID, "DE123456789")
    done = issued('["txt", "ubl", "cii", "facturx"]')
    numbers = [one["number"] for one in done["issued"]]
    assert numbers and done["unwritten"] == []
    folder = own / "invoices"
    endings = ("txt", "ubl.xml", "cii.xml", "facturx.pdf")
    assert {path.name for path in folder.iterdir()} == {
        f"{n}.{e}" for n in numbers for e in endings
    }
    assert set(map(str, judged(folder).values())) == {"[]"}
    for number in numbers:
        pdf = (folder / f"{number}.facturx.pdf").read_bytes()
        _, xml = get_xml_from_pdf(pdf, check_xsd=False, check_schematron=False)
        assert xml == (folder / f"{number}.cii.xml").read_bytes()


def test_what_is_missing_is_said_at_review_and_keeps_nothing_else_back(
    issued: Callable[[str], Any], own: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK__DOCUMENTS__FORMATS", '["ubl"]')
    for words in ISSUE[:2]:
        run(*words.split(), at=own)
    refused = run(*["bill", "approve", "2026-09", "--as", "vera", "--json"], at=own)
    held = [one["what"] for one in json.loads(refused.out)["left"] for one in one["objections"]]
    missing = [what for what in held if what.startswith("It cannot be an e-invoice: ")]
    assert missing and all("BR-S-02" in one and "BR-CO-26" in one for one in missing)
    done = issued('["txt", "ubl", "cii"]')
    numbers = [one["number"] for one in done["issued"]]
    assert {path.name for path in (own / "invoices").iterdir()} == {f"{n}.txt" for n in numbers}
    assert len(done["unwritten"]) == len(numbers)
    assert all("BR-S-02" in said and "BR-CO-26" in said for said in done["unwritten"])
    assert any("Bäckerei Sommer GmbH" in said for said in done["unwritten"])
    again = json.loads(run(*["run", "2026-09", "--on", "2026-10-02", "--json"], at=own).out)
    assert again["documents_refused"] == len(numbers)
    assert set(done["unwritten"]) <= set(again["problems"])


def test_a_profile_that_is_none_is_named(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK__DOCUMENTS__EINVOICE_PROFILE", "xrechnun")
    said = run("check", at=own)
    assert said.code and "xrechnung" in said.err + said.out
