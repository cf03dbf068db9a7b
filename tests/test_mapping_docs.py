"""`docs/mapping.md` is run: every example maps as it says, every converter is in its table."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.errors import SkipRecord
from tallystick.mapping import MappingFile, check_mapping, load_mapping
from tallystick.mapping.converters import BUILTIN
from tallystick.mapping.entries import KEYS

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "mapping.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)( \w+)?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (first[2], second[2], third[2])
    for first, second, third in zip(BLOCKS, BLOCKS[1:], BLOCKS[2:], strict=False)
    if first[0] == "toml"
]


def as_json(value: Any) -> Any:
    """Dates as ISO text and decimals as their digits, to compare with the page."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def test_all_examples_are_seen() -> None:
    assert len(EXAMPLES) == PAGE.count("```toml") == PAGE.count("```json record") == 4


@pytest.mark.parametrize(("mapping", "vendor", "record"), EXAMPLES)
def test_an_example_maps_as_the_page_says(mapping: str, vendor: str, record: str) -> None:
    files = [MappingFile("docs/mapping.md", mapping)]
    raw = json.loads(vendor, parse_float=Decimal)
    ((kind, compiled),) = load_mapping(files).items()
    assert check_mapping(files, {kind: [raw]}) == []
    assert as_json(compiled.read(raw)) == json.loads(record)
    assert compiled.write(compiled.read(raw), raw) == raw


def test_every_converter_option_and_key_is_on_the_page() -> None:
    rows = {
        row.split("|")[1].strip(" `"): row for row in PAGE.splitlines() if row.startswith("| `")
    }
    for name, converter in BUILTIN.items():
        assert set(re.findall(r"`(\w+)`", rows[name].split("|")[4])) == converter.options
    assert rows.keys() >= KEYS


def test_the_converter_on_the_page_works() -> None:
    [source] = [text for language, _, text in BLOCKS if language == "python"]
    page: dict[str, Any] = {}
    exec(source, page)
    mine = {"quarter_hours": page["QUARTER_HOURS"]}
    text = '[booking]\nseconds = { at = "q", as = "quarter_hours" }'
    mapping = load_mapping([MappingFile("m.toml", text)], mine)["booking"]
    assert mapping.read({"q": 3}) == {"seconds": 2700}
    assert mapping.write({"seconds": 2700}) == {"q": 3}
    with pytest.raises(SkipRecord, match="not a number of quarter hours"):
        mapping.read({"q": "3"})
    with pytest.raises(SkipRecord, match="would not read back"):
        mapping.write({"seconds": 1})
