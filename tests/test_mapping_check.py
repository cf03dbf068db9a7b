"""The check: all problems in one run, each at its line, each with the nearest real name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tallystick.errors import Problem
from tallystick.mapping import MappingFile, check_mapping

GOOD = """\
[booking]
id = { at = "id", as = "text" }
seconds = { at = "actualHours", as = "hours" }
billable = { at = "billableOption", values = { Billable = "billable", NoCharge = "no_charge" } }
note = "customFields[caption=Cost Centre].value"
work_type = '"Type (internal)"'
"""
SAMPLE: dict[str, Any] = {
    "id": 1,
    "actualHours": Decimal("1.5"),
    "billableOption": "Billable",
    "customFields": [{"caption": "Cost Centre", "value": None}],
    "Type (internal)": "remote",
    "empty": None,
    "company": {"identifier": "acme"},
    "lines": [],
}


def check(text: str, *rows: dict[str, Any], kind: str = "booking") -> list[Problem]:
    return check_mapping([MappingFile("m.toml", text)], {kind: rows})


def test_a_good_mapping_has_no_problems() -> None:
    assert check(GOOD, SAMPLE, {"id": 2}) == []
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("line", "text", "what", "do"),
    [
        # what the file alone shows
        (7, "seconds.x = 1", "Cannot mutate immutable", "not valid TOML"),
        (7, 'work_typ = "a"', "no field 'work_typ'. Did you mean 'work_type'?", "Known are id"),
        (7, 'client = { at = "id", az = "text" }', "`az` means nothing here", "Known here are"),
        (7, 'client = { at = "id", zone = "UTC" }', "option of datetime", "Known here are"),
        (7, 'client = { at = "id", as = "txet" }', "Did you mean 'text'?", "Known are bool"),
        (7, 'client = { at = "id", as = 5 }', "no converter 5", "Known are"),
        (7, 'ended_at = { at = "id", as = "datetime", zone = 1 }', "`zone` is 1", "in quotes"),
        (7, 'ended_at = { at = "id", as = "datetime", zone = "X/Y" }', "no time zone", "IANA"),
        (7, 'ended_at = "id"', "the way the vendor spells it", 'as = "datetime"'),
        (7, 'client = "company["', "is not a path", "name followed by steps"),
        (7, 'client = "f[k=v]"', "not followed by a name", ".value"),
        (7, 'client = "f[k=v].k"', "selects on", "another field"),
        (7, "client = 5", "neither where its value is", "path in quotes"),
        (7, "client = { at = 5 }", "`at` is 5", "in quotes"),
        (7, 'client = { as = "text" }', "neither where its value is", "path in quotes"),
        (7, 'client = { at = "id", const = "x" }', "`at` does not go with it", "Remove"),
        (7, "version = { const = 'x' }", "`version` cannot be 'x'", "the field can have"),
        (7, 'client = { at = "id", push = true }', "`push` is True", "only read"),
        (7, 'client = { at = "c", push = "x" }', "`push` is 'x'", "only read"),
        (7, 'client = { at = "c", null = [[]] }', "plain values", "n/a"),
        (7, 'client = { at = "c", values = 1 }', "not a table", "vendor's word"),
        (7, 'client = { at = "c", values = { a = "x" }, push = "b" }', "names 'b'", "translates"),
        (
            7,
            'client = { at = "c", values = { a = "x", b = "x" } }',
            "'a' and 'b' all mean 'x'",
            'push = "a"',
        ),
        (
            7,
            'client = { at = "c", values = { a = "x", b = "x" }, push = ["a", "b"] }',
            "nothing says which",
            'push = "a"',
        ),
        (7, 'client = { at = "c", as = "list", values = { a = "x" } }', "single values", "Remove"),
        (7, 'client = { at = "c", as = "int", values = { a = "x" } }', "'a' is not", "Correct"),
        (7, 'client = { at = "c", as = "int", values = { 1 = "x", 01 = "y" } }', "two", "Keep one"),
        (7, 'client = "actualHours"', "would both be written", "push = false"),
        (7, 'client = "actualHours.x"', "would both be written", "push = false"),
        (8, '\n[bookin]\nid = "x"', "kind 'bookin'. Did you mean 'booking'?", "Known are client"),
        (9, '\n\n[contract]\nid = "i"', "contract needs `currency`", "Add `currency"),
        # what the samples show
        (7, 'client = "company.identifer"', "Did you mean 'identifier'?", "identifier there"),
        (7, 'client = "companny.identifier"', "Did you mean 'company'?", "Correct `at`"),
        (
            7,
            'client = "customFields[caption=Cost Center].v"',
            "Did you mean 'Cost Centre'?",
            "`at`",
        ),
        (7, 'client = "customFields[name=X].v"', "No sample has `[name=X]`", "no item with 'name'"),
        (7, 'client = "lines[0].id"', "No sample has `[0]`", "nothing there"),
        (7, 'client = "billableOption.x"', "looked for in an object", "real shape"),
        (7, 'client = { at = "actualhours", as = "text" }', "'actualHours'?", "Correct `at`"),
        (7, 'client = { at = "company", as = "text" }', "an object, not text", "another `at`"),
        (7, 'client = { at = "id", push = false }', "expected text", 'as = "text"'),
    ],
)
def test_each_mistake_is_named_at_its_line(line: int, text: str, what: str, do: str) -> None:
    problems = check(GOOD + text, SAMPLE)
    at_line = [problem for problem in problems if problem.place == f"m.toml:{line}"]
    assert any(what in problem.what and do in problem.do for problem in at_line), problems
    assert {problem.place for problem in problems} == {f"m.toml:{line}"}


def test_a_header_with_dots_is_to_be_quoted() -> None:
    problems = check(
        '[booking]\nid = "id."\nnote = "No. of hours"', {"id": "1", "No. of hours": "x"}
    )
    assert [problem.place for problem in problems] == ["m.toml:2", "m.toml:3"]
    assert problems[1].do == "Put the name in quotes of its own: at = '\"No. of hours\"'."


def test_all_problems_come_at_once_in_reading_order() -> None:
    shipped = MappingFile("shipped.toml", '[booking]\nid = "id"\nsecond = "x"\nnote = "nope"\n')
    own = MappingFile(
        "own.toml",
        '[booking]\nseconds = { at = "hours", as = "hours" }\nbillable = "b"\n'
        'client = { at = "c", as = "text", zone = 1 }\n[ticket]\ntitle = "t"\n',
    )
    rows: list[dict[str, Any]] = [
        {"id": 5, "hours": "1,5", "b": "Ja"},
        {"id": "6", "hours": "x", "b": "Ja"},
    ]
    problems = check_mapping([shipped, own], {"booking": rows})
    assert [(problem.place, problem.what[:32]) for problem in problems] == [
        ("shipped.toml:2", "`id` cannot be '5': expected tex"),
        ("shipped.toml:3", "A booking has no field 'second'."),
        ("shipped.toml:4", "No sample has `nope`."),
        ("own.toml:2", "`seconds` cannot be read from `h"),
        ("own.toml:2", "`seconds` cannot be read from `h"),
        ("own.toml:3", "`billable` cannot be 'Ja': inval"),
        ("own.toml:4", "`zone` means nothing here. It is"),
        ("own.toml:5", "A ticket needs `id`, which nothi"),
        ("own.toml:5", "A ticket needs `opened_at`, whic"),
    ]
    assert "billable, never, no_charge" in problems[5].do


def test_an_overridden_field_is_checked_as_it_stands() -> None:
    own = MappingFile("own.toml", '[booking]\nseconds = { at = "h", as = "hours" }')
    row = {**SAMPLE, "h": "1.5", "actualHours": "nonsense"}
    assert check_mapping([MappingFile("m.toml", GOOD), own], {"booking": [row]}) == []


def test_many_bad_values_are_counted_not_listed() -> None:
    rows = [{**SAMPLE, "billableOption": f"Kind {i}"} for i in range(50)]
    problems = check(GOOD, *rows, *rows)
    assert len(problems) == 9
    assert any(
        problem.what == "42 more values of `billableOption` do not fit." for problem in problems
    )


def test_only_values_that_do_not_fit_are_quoted() -> None:
    row = {
        "id": "private-1",
        "actualHours": "bad-1",
        "billableOption": "private-2",
        "x": "private-3",
    }
    text = GOOD.replace('values = { Billable = "billable", NoCharge = "no_charge" }', 'as = "text"')
    said = " ".join(map(str, check(text.replace('"id"', '"idd"'), row)))
    assert "bad-1" in said
    assert "private-1" not in said and "private-3" not in said


def test_a_file_that_is_no_toml_does_not_hide_the_other() -> None:
    files = [MappingFile("a.toml", "[booking\n"), MappingFile("b.toml", '[booking]\nnoet = "n"')]
    places = [problem.place for problem in check_mapping(files, {})]
    assert places == ["a.toml:1", "b.toml:2"]


def test_what_came_with_a_connector_may_name_what_no_sample_has() -> None:
    files = [
        MappingFile("m.toml", f'{GOOD}location = "room"'),
        MappingFile("own.toml", '[booking]\nticket = "case"'),
    ]
    [found] = check_mapping(files, {"booking": [SAMPLE]}, shipped=1)
    assert (found.place, found.what) == ("own.toml:2", "No sample has `case`.")
    needed = {key: value for key, value in SAMPLE.items() if key != "id"}
    [missing] = check_mapping(files[:1], {"booking": [needed]}, shipped=1)
    assert "`id` is required and has no value" in missing.what
