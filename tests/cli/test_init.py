"""A newcomer's first day: own exports, `init`, and on to an issued invoice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_flags_and_answers_write_the_same(
    run: Run,
    exports: Path,
    flags: list[str],
    answers: list[str],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run("init", *flags, at=exports).code == 0
    config, mapping = exports / "tallystick.toml", exports / "mappings" / "psa.toml"
    by_flags = config.read_text(), mapping.read_text()
    config.unlink()
    mapping.unlink()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    done = run("init", at=exports)
    assert done.code == 0
    assert "Your company's name" in done.err
    assert "company" not in done.out.replace("companies.csv", "")
    assert (config.read_text(), mapping.read_text()) == by_flags


def test_a_wrong_answer_gets_its_reason_on_a_line_of_its_own(
    run: Run, exports: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.insert(2, "Europe/Belin")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    done = run("init", at=exports)
    assert done.code == 0
    [line] = [line for line in done.err.splitlines() if "Did you mean" in line]
    assert line.endswith("Use a name of the IANA database, such as Europe/Berlin.")


def test_nobody_to_answer_is_told_about_the_flags(
    run: Run, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    done = run("init", at=exports)
    assert done.code == 1
    assert "give the flag for it" in done.err
    assert not (exports / "tallystick.toml").exists()


def test_own_exports_fit_and_become_invoices(run: Run, own: Path) -> None:
    assert run("check", at=own).out.splitlines()[0] == "Everything fits."
    counts = json.loads(run("sync", "--json", at=own).out)
    assert sum(one["read"] for one in counts["pulls"]) == counts["written"] == 25
    assert run("bill", "propose", "2026-09", at=own).code == 0
    refused = run("bill", "approve", "2026-09", at=own)
    assert "pat prepared it; a second person must approve it" in " ".join(refused.out.split())
    assert run("bill", "approve", "2026-09", "--as", "kim", at=own).code == 0
    issued = json.loads(run("bill", "issue", "2026-09", "--on", "2026-10-01", "--json", at=own).out)
    net = {one["client_name"]: Decimal(one["net"]["amount"]) for one in issued["issued"]}
    assert net == {
        "Bäckerei Sommer GmbH": 2 * Decimal("45.00") + Decimal("120.00"),
        "Anwälte Reuter & Partner": (2 + Decimal("1.5")) * Decimal("95.00"),
        "Tischlerei Holm": (Decimal("350.00") * 16 / 30).quantize(Decimal("0.01")),
    }
    assert sorted(path.name for path in (own / "invoices").glob("*.html")) == [
        "INV-2026-0001.html",
        "INV-2026-0002.html",
        "INV-2026-0003.html",
    ]


def test_every_step_without_its_connection_says_which_is_missing(run: Run, own: Path) -> None:
    assert 'connector = "journal"' in run("bill", "post", at=own).out
    assert 'connector = "sepa"' in run("cash", "collect", at=own).out


def test_the_steps_point_to_one_another(run: Run, own: Path) -> None:
    said = {
        "check": "Next: tallystick sync",
        "status": "`tallystick sync`",
        "bill review 2026-09": "`tallystick bill propose 2026-09`",
        "bill propose 2026-09": "`tallystick sync`",
        "sync": "25 rows written.",
        "bill  propose 2026-09": "Next: tallystick bill review 2026-09",
        "bill  review 2026-09": "Next: tallystick bill approve 2026-09 --as NAME",
        "bill approve 2026-09 --as kim": "Next: tallystick bill issue 2026-09",
        "bill issue 2026-09": "Next: tallystick bill post",
    }
    for words, pointer in said.items():
        assert pointer in " ".join(run(*words.split(), at=own).out.split()), words


def test_a_column_that_only_sounds_like_a_field_is_left_to_a_person(own: Path) -> None:
    mapping = (own / "mappings" / "psa.toml").read_text()
    assert '# started_at: "Begin" sounds like it, but holds "08:10"' in mapping
    assert 'ends_on = { at = "End Date", as = "date", format = "%d.%m.%Y" }' in mapping
    assert 'seconds = { at = "Duration (h)", as = "hours", decimal_mark = "," }' in mapping


def test_a_missing_id_names_the_columns_it_could_be(
    run: Run, exports: Path, flags: list[str]
) -> None:
    rates = exports / "cost_rates.csv"
    rates.write_text("\n".join(row.partition(",")[2] for row in rates.read_text().splitlines()))
    run("init", *flags, at=exports)
    mapping = (exports / "mappings" / "psa.toml").read_text()
    assert 'needed: a column that differs in every row, such as "Employee ID"' in mapping
    assert "A cost_rate needs `id`" in run("check", at=exports).out
