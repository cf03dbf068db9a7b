"""What an answer says, or that it says nothing one may book from."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transport.vendor import Answer, serving

from tallystick.connector import Limits
from tallystick.errors import Retry, SkipRecord
from tallystick.transport.answers import json_of, refused
from tallystick.transport.client import Way


def answered(body: bytes, **more: Any) -> httpx.Response:
    request = httpx.Request("GET", "https://vendor.example/api/rows")
    return httpx.Response(200, content=body, request=request, **more)


def test_numbers_are_exact() -> None:
    value = json_of(answered(b'{"a": 0.1, "b": 1e2, "c": 3, "d": -0.10}'), "psa")
    assert value == {"a": Decimal("0.1"), "b": Decimal(100), "c": 3, "d": Decimal("-0.10")}
    assert [type(one) for one in value.values()] == [Decimal, Decimal, int, Decimal]


def test_a_byte_order_mark_is_no_news() -> None:
    assert json_of(answered(b"\xef\xbb\xbf[1]"), "psa") == [1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"amount": 1, "amount": 2}', "the key 'amount' twice"),
        (b'[{"deep": {"a": 1, "b": 2, "a": 1}}]', "the key 'a' twice"),
        (b'{"amount": NaN}', "NaN"),
        (b'{"amount": -Infinity}', "-Infinity"),
        (b'{"amount": 1e400}', "1e400"),
        (b'{"amount": 1E-99999}', "1E-99999"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "5000 digits"),
    ],
)
def test_nobody_books_from_doubtful_json(body: bytes, words: str) -> None:
    with pytest.raises(SkipRecord, match="connection psa") as caught:
        json_of(answered(body), "psa")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in</html>", b'{"rows": [1, 2', b"", b"\xff\xfe", b"[" * 100_000, b'"open'],
)
def test_no_json_is_an_answer_that_may_come_better(body: bytes) -> None:
    page = answered(body, headers={"content-type": "text/html; charset=utf-8"})
    with pytest.raises(Retry, match=r"no JSON \(text/html, [0-9,]+ bytes\)"):
        json_of(page, "psa")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**29), 10**29) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert json_of(answered(json.dumps(value).encode()), "psa") == value


@given(JSON, st.sampled_from(["", " ", "\t", "\n "]), st.booleans())
def test_a_key_that_comes_twice_is_seen_however_it_is_written(
    value: Any, space: str, escaped: bool
) -> None:
    """Beside any other value, and beside text that looks like a key."""
    twice = "\\u0061" if escaped else "a"
    text = f'{{"x": {json.dumps(value)}, "text": "\\" : ", "in": [{{"a"{space}: 1, "{twice}":2}}]}}'
    with pytest.raises(SkipRecord, match="the key 'a' twice"):
        json_of(answered(text.encode()), "psa")
    assert json_of(answered(text.replace(f'"{twice}":2', '"b":2').encode()), "psa")["x"] == value


def test_a_refusal_names_record_reason_and_remedy() -> None:
    error = refused(answered(b""), "psa", record="client", ref="CU1", why="Name is too long.")
    assert str(error) == (
        "vendor.example refuses it (200): Name is too long. (client CU1, connection psa)"
        " Correct the record, or what it is mapped to, and run this again."
    )


@pytest.mark.parametrize("packing", [None, "gzip"])
def test_a_body_beyond_all_measure_is_not_kept(tmp_path: Path, packing: str | None) -> None:
    big = b"0" * (8 << 20)
    body, headers = (gzip.compress(big), {"content-encoding": "gzip"}) if packing else (big, {})
    with serving(lambda asked: Answer(body=body, headers=headers)) as vendor:
        way = Way("psa", tmp_path, allow_private=True)
        assert len(way.open(vendor.url, Limits(body_bytes_max=8 << 20)).get("x").content) == 8 << 20
        with pytest.raises(Retry, match="more than 8,388,607 bytes"):
            way.open(vendor.url, Limits(body_bytes_max=(8 << 20) - 1)).get("x")


def test_half_a_body_is_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    with serving(lambda asked: Answer(body=b"[1, 2, 3]", hangs_up_after=4)) as vendor:
        client = Way("psa", tmp_path, allow_private=True).open(vendor.url, Limits())
        with pytest.raises(Retry, match="RemoteProtocolError"):
            client.get("x")
