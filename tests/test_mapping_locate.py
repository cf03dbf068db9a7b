"""Lines of TOML keys: every value is a number of its own, so its line can be found by reading."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.mapping.locate import TomlMisfit, parse_toml, toml_line

TRICKY = '''\
# [not.a.table] = 1
title = "a # no comment, [no.table]"   # 2
text = """
[fake]
key = 1 \\""" "quotes" """"
raw = \'\'\'
x = 'y'
\'\'\'
"quoted.key".'other key'.plain = 9

[msp]
name = "Nordlicht"
zone.summer = 13

[[rate_card]]
name = "standard"
[[rate_card.rate]]
hourly = "95.00"
  [[rate_card.rate]]
  hourly = "120.00"
[[rate_card]]
[rate_card.more]
x = { a = [
  1, # 24
  { deep = 25 },
], b = 26 }
[[rate_card.rate]]
hourly = "28"
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["title"], 2),
        (["text"], 3),
        (["raw"], 6),
        (["quoted.key", "other key", "plain"], 9),
        (["msp"], 11),
        (["msp", "name"], 12),
        (["msp", "zone", "summer"], 13),
        (["rate_card", 0, "name"], 16),
        (["rate_card", 0, "rate", 0, "hourly"], 18),
        (["rate_card", 0, "rate", 1, "hourly"], 20),
        (["rate_card", 1], 21),
        (["rate_card", 1, "more", "x", "a", 0], 24),
        (["rate_card", 1, "more", "x", "a", 1, "deep"], 25),
        (["rate_card", 1, "more", "x", "b"], 26),
        (["rate_card", 1, "rate", 0, "hourly"], 28),
        (["msp", "absent"], 11),
        (["rate_card", 0, "rate", 7], 17),
        (["absent"], 1),
        ([], 1),
    ],
)
def test_lines(keys: list[str | int], line: int) -> None:
    tomllib.loads(TRICKY)
    assert toml_line(TRICKY, keys) == line
    assert toml_line(TRICKY.replace("\n", "\r\n"), keys) == line


KEYS = st.sampled_from(["a", "b", "c-1", "d d", "e.e", 'f"f', "#g", "[h]", "="])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.just(0),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(KEYS, inner, max_size=3)
            | st.lists(st.dictionaries(KEYS, inner, max_size=2), min_size=1, max_size=2)
        ),
        max_leaves=12,
    ),
    max_size=4,
)


def key(name: str) -> str:
    return name if name.isalpha() else json.dumps(name)


def inline(value: Any, numbers: Iterator[int]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key(k)} = {inline(v, numbers)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f" {inline(v, numbers)}, # ]\n" for v in value) + "]"
    return str(next(numbers))


def emit(tree: dict[str, Any], path: list[str], numbers: Iterator[int], styles: Any) -> str:
    """`tree` as TOML in a mix of all styles there are."""
    plain, tables = "", ""
    for name, value in tree.items():
        style = styles()
        header = ".".join(key(part) for part in [*path, name])
        if isinstance(value, dict) and style == 0:
            tables += f"\n[{header}] # =\n" + emit(value, [*path, name], numbers, styles)
        elif isinstance(value, dict) and value and style == 1:
            for k, v in value.items():
                plain += f"{key(name)} . {key(k)} = {inline(v, numbers)}\n"
        elif isinstance(value, list) and value and style == 0 and isinstance(value[0], dict):
            if all(isinstance(item, dict) for item in value):
                for item in value:
                    tables += f"\n[[ {header} ]]\n" + emit(item, [*path, name], numbers, styles)
        else:
            plain += f'{key(name)} = {inline(value, numbers)} # "\n'
    return plain + tables


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, int]]:
    if isinstance(value, int):
        yield path, value
    elif value is not None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for k, inner in pairs:
            yield from leaves(inner, (*path, k))


@given(TREES, st.data())
def test_every_value_is_found_on_its_line(tree: dict[str, Any], data: st.DataObject) -> None:
    text = emit(tree, [], count(1001), lambda: data.draw(st.integers(0, 2)))
    lines = text.split("\n")
    for path, number in leaves(tomllib.loads(text)):
        assert str(number) in lines[toml_line(text, path) - 1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\n[t\n", 2),
        ("a = 1\na = 2\n", 2),
        ('x = "', 1),
        ("a = [1,\n\n", 1),
    ],
)
def test_what_is_no_toml_has_a_line(text: str, line: int) -> None:
    with pytest.raises(TomlMisfit) as caught:
        parse_toml(text)
    assert caught.value.line == line


def test_hostile_nesting_is_a_finding_not_a_crash() -> None:
    with pytest.raises(TomlMisfit, match="nested too deeply"):
        parse_toml("a = " + "[" * 100_000)


@given(st.text("a=[]{},.\"'# \n1\\", max_size=40))
@example('""""""')
@example('"\\q"')
def test_looking_up_a_line_never_fails_nor_hangs(text: str) -> None:
    assert 1 <= toml_line(text, ["a", 0, "a"]) <= text.count("\n") + 1
