"""Invoice documents with foreign texts that try to be something else."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.billing.documents import render_html, render_text
from tallystick.billing.documents.speech import clean
from tallystick.billing.documents.text import width, wrap
from tallystick.billing.invoice.document import InvoiceDocument, Party, Payment
from tallystick.billing.tax.rates import TaxLine

from .documents import CORRECTION, CREDIT, FEE, INVOICE, Page, eur

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></bdi><b>",
    "{{7*7}} {text} %s",
    "total \u202e99.1\u202c due",
    "\u2066\u2069\u200e\u200f\u061cname",
    "a\nTotal credited  0.00\r\nb\u2028c\u2029x\x85d\x1b[31me\x00f",
    "\ud800 half a character",
    "&lt;b&gt; &amp;",
    "\U000e0041\U000e0042tags",
]


def documents_with(text: str) -> list[InvoiceDocument]:
    party = Party(text, text, text, text, text, text)
    lines = (replace(FEE, text=text, unit=text), replace(CORRECTION, text=text, corrects=(text,)))
    tax = TaxLine(text, Decimal(0), eur(0), eur(0))
    return [
        replace(
            one,
            number=text,
            seller=party,
            buyer=party,
            lines=lines,
            taxes=(tax,),
            payment=Payment(),
            payment_note=text,
        )
        for one in (INVOICE, CREDIT)
    ]


TAGS = Page(render_html(documents_with("x")[0])).tags


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_only_text(hostile: str) -> None:
    page = render_html(documents_with(hostile)[0])
    seen = Page(page)
    assert sorted(set(seen.tags)) == sorted(set(TAGS))
    assert {"script", "img", "link", "b"}.isdisjoint(seen.tags)
    assert {name for name, _ in seen.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "class"),
    }
    assert clean(hostile) in seen.texts
    text = render_text(documents_with(hostile)[0])
    for rendered in (page, text):
        rendered.encode()
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\x00\x1b\r]", rendered)
    above, _, _payment = text.rpartition("\n\n")
    assert "\nTotal credited" not in above


def test_clean_keeps_what_scripts_are_written_with() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clean("\u0645\u06cc\u200c\u062e\u2029b") == "\u0645\u06cc\u200c\u062e b"
    assert clean(f"  שלום {family}\t多 ") == f"שלום {family} 多"


@example("long" * 75)
@example("漢字" * 75)
@given(st.text(max_size=300))
def test_plain_text_never_runs_over_the_edge(text: str) -> None:
    for document in documents_with(text):
        assert all(width(line) <= 96 for line in render_text(document).splitlines())
        assert len(Page(render_html(document)).tags) > 20


@given(st.text(st.sampled_from("ab 漢\u0301"), max_size=60), st.integers(2, 20))
def test_wrapping_keeps_every_word(text: str, room: int) -> None:
    lines = wrap(clean(text), room)
    assert all(width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


def test_columns_of_a_terminal() -> None:
    assert [width(one) for one in ("abc", "漢a", "e\u0301", "\u200d", "ﾊ")] == [3, 3, 1, 0, 1]
    assert wrap("ab cd", 5) == ["ab cd"]
    assert wrap("ab cd", 4) == ["ab", "cd"]
    assert wrap("ab abcdefg h", 3) == ["ab", "abc", "def", "g h"]
    assert wrap("", 3) == [""]


def test_enormous_figures_stay_on_the_page() -> None:
    line = replace(FEE, quantity=Decimal(10) ** 15, unit_price=Decimal(10) ** 18, net=eur(10**24))
    text = render_text(replace(INVOICE, lines=(line,)))
    assert all(len(row) <= 96 for row in text.splitlines())


def test_nothing_is_loaded_from_anywhere() -> None:
    page = render_html(INVOICE)
    assert not re.search(r"https?:|url\(|@import|src=|href=", page)
    assert "default-src 'none'" in page
    assert page.startswith("<!DOCTYPE html>")
