"""Paths into vendor records: the syntax, and the three lens laws over generated data."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tallystick.mapping.path import Index, Name, Path, Select, Step, parse_path
from tallystick.mapping.twoway import Misfit

NAMES = st.sampled_from(["id", "value", "caption", "Ticket Number", "a.b", 'say "x"', "k"])
CHOICES = st.sampled_from(["Cost Centre", "7", 7, 0, "07", "a]b", "x"])
SCALARS = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x", "7"])
VALUES = SCALARS.filter(lambda value: value is not None) | st.dictionaries(NAMES, SCALARS)


def names_but(key: str) -> st.SearchStrategy[Name]:
    return st.builds(Name, NAMES.filter(lambda name: name != key))


@st.composite
def paths(draw: st.DrawFn) -> Path:
    """Any path the rules allow."""
    steps: list[Step] = [Name(draw(NAMES))]
    for _ in range(draw(st.integers(0, 4))):
        if isinstance(steps[-1], Select):
            steps.append(draw(names_but(steps[-1].key)))
        else:
            kinds = [st.builds(Name, NAMES), st.builds(Index, st.integers(0, 3))]
            steps.append(draw(st.one_of(*kinds, st.builds(Select, NAMES, CHOICES))))
    if isinstance(steps[-1], Select):
        steps.append(draw(names_but(steps[-1].key)))
    return Path(tuple(steps))


def shaped(steps: tuple[Step, ...]) -> st.SearchStrategy[Any]:
    """Data that `steps` can walk, with and without what they look for."""
    if not steps:
        return SCALARS | VALUES
    step, rest = steps[0], shaped(steps[1:])
    if isinstance(step, Name):
        others = st.dictionaries(NAMES.filter(lambda name: name != step.name), SCALARS, max_size=2)
        there = st.tuples(others, rest).map(lambda pair: {**pair[0], step.name: pair[1]})
        return st.none() | others | there
    if isinstance(step, Index):
        return st.none() | st.lists(rest, max_size=4)
    item = rest.filter(lambda part: part is not None)
    chosen = item.map(lambda part: {**part, step.key: step.value})
    return st.none() | st.lists(st.none() | item | chosen, max_size=3)


CASES = paths().flatmap(
    lambda path: st.tuples(st.just(path), shaped(path.steps).filter(lambda s: s is not None))
)
Put = Callable[[Path, Any, Any], Any]


def check_laws(put: Put, path: Path, raw: Any, a: Any, b: Any) -> None:
    before = copy.deepcopy(raw)
    found = path.get(raw)
    assert put(path, raw, found) == raw, "get-put"
    assert path.get(put(path, raw, a)) == a, "put-get"
    assert put(path, put(path, raw, a), b) == put(path, raw, b), "put-put"
    assert path.get(put(path, raw, None)) is None, "clearing clears"
    assert put(path, put(path, raw, None), b) == put(path, raw, b), "clearing leaves no trace"
    assert raw == before, "put does not change what it is given"


@given(CASES, VALUES, VALUES)
@settings(max_examples=600, suppress_health_check=[HealthCheck.filter_too_much])
def test_lens_laws(case: tuple[Path, Any], a: Any, b: Any) -> None:
    check_laws(Path.put, *case, a, b)


def mutating(path: Path, raw: Any, value: Any) -> Any:
    changed = path.put(raw, value)
    raw.clear()
    raw.update(changed)
    return raw


def forgetful(path: Path, raw: Any, value: Any) -> Any:
    return path.put({}, value)


def counting(path: Path, raw: Any, value: Any) -> Any:
    return {**path.put(raw, value), "changes": raw.get("changes", 0) + 1}


def deaf(path: Path, raw: Any, value: Any) -> Any:
    return dict(raw) if path.get(raw) is not None else path.put(raw, value)


@pytest.mark.parametrize("broken", [mutating, forgetful, counting, deaf])
def test_the_laws_catch_a_broken_lens(broken: Put) -> None:
    @given(CASES, VALUES, VALUES)
    @settings(
        max_examples=600,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    def laws(case: tuple[Path, Any], a: Any, b: Any) -> None:
        check_laws(broken, *case, a, b)

    with pytest.raises(AssertionError):
        laws()


def test_the_laws_break_where_the_rules_forbid_a_path() -> None:
    """Writing the key a select chooses by would make the item another one."""
    forbidden = Path((Name("f"), Select("caption", "A"), Name("caption")))
    with pytest.raises(AssertionError, match="put-get"):
        check_laws(Path.put, forbidden, {}, "B", "C")


@given(paths())
def test_text_of_a_path_parses_to_the_same_path(path: Path) -> None:
    assert parse_path(str(path)) == path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("actualHours", (Name("actualHours"),)),
        ("Ticket Number", (Name("Ticket Number"),)),
        ("company.id", (Name("company"), Name("id"))),
        ("phones[0]", (Name("phones"), Index(0))),
        (
            "f[caption=Cost Centre].value",
            (Name("f"), Select("caption", "Cost Centre"), Name("value")),
        ),
        ("f[id=7].value", (Name("f"), Select("id", 7), Name("value"))),
        ('f[id="7"].value', (Name("f"), Select("id", "7"), Name("value"))),
        ('"Hours (incl. travel)"', (Name("Hours (incl. travel)"),)),
        ('"a ""b"" [c]".d', (Name('a "b" [c]'), Name("d"))),
        ('f[k="a]b"].v', (Name("f"), Select("k", "a]b"), Name("v"))),
    ],
)
def test_what_paths_mean(text: str, steps: tuple[Step, ...]) -> None:
    assert parse_path(text).steps == steps


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "not a path"),
        (".a", "not a path"),
        ("a.", "from '.'"),
        ("a..b", "from '..b'"),
        ("a[", r"from '\['"),
        ("a[x]", "not a path"),
        ("a[-1]", "not a path"),
        ("a[1000]", "not a path"),
        ("a[٣]", "not a path"),
        ("[0]", "not a path"),
        ("[k=v].x", "not a path"),
        ("a[0]b", "from 'b'"),
        ('a"b"', "not a path"),
        ("a[k=v]", "not followed by a name"),
        ("a[k=v][0]", "not followed by a name"),
        ("a[k=v][j=w].x", "not followed by a name"),
        ("a[k=v].k", "selects on"),
    ],
)
def test_what_is_no_path(text: str, hint: str) -> None:
    with pytest.raises(Misfit, match=hint):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "raw"),
    [("a.b", {"a": "text"}), ("a[0]", {"a": {}}), ("a[k=v].x", {"a": "text"}), ("a.b", {"a": []})],
)
def test_another_shape_is_refused_both_ways(text: str, raw: dict[str, Any]) -> None:
    with pytest.raises(Misfit, match="but the record has"):
        parse_path(text).get(raw)
    with pytest.raises(Misfit, match="but the record has"):
        parse_path(text).put(raw, 1)


def test_select_matches_a_number_and_its_text_but_no_truth_value() -> None:
    path = parse_path("f[id=1].v")
    assert path.get({"f": [{"id": True, "v": "no"}, {"id": "1", "v": "yes"}]}) == "yes"
    assert path.put({}, "new") == {"f": [{"id": 1, "v": "new"}]}
    assert parse_path("f[id=True].v").get({"f": [{"id": True, "v": "no"}]}) is None
    assert parse_path("f[id=None].v").get({"f": [{"id": None, "v": "no"}]}) is None


def test_put_shares_what_is_not_on_the_way() -> None:
    raw = {"big": {"untouched": [1, 2]}, "a": {"b": 1}}
    assert parse_path("a.b").put(raw, 2)["big"] is raw["big"]
