"""The letter of an invoice: its language, its amount, and nothing that could lead it astray."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.invoice.letter import WORDS, Sendable, Wording, letter
from tallystick.errors import SkipRecord
from tallystick.money import Money

ONE = Sendable(
    number="INV-1",
    kind="invoice",
    gross=Money(123450, "EUR"),
    due_on=date(2026, 10, 31),
    seller="Nordlicht IT",
    buyer="Sommer",
    email="office@sommer.example",
    language="en",
)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Invoice INV-1", "€1,234.50", "31 October 2026")),
        ("en-US", ("Invoice INV-1", "€1,234.50", "October 31, 2026")),
        ("de-AT", ("Rechnung INV-1", "1.234,50", "31. Oktober 2026")),
        ("fr_CH", ("Facture INV-1", "1\u202f234,50", "31 octobre 2026")),
        ("it", ("Invoice INV-1", "€1,234.50", "31 October 2026")),
        ("klingon", ("Invoice INV-1", "€1,234.50", "31 October 2026")),
    ],
)
def test_it_speaks_the_language_of_the_document(language: str, words: tuple[str, ...]) -> None:
    found = letter(replace(ONE, language=language))
    for word in words:
        assert word in found.subject + found.text


def test_a_credit_note_says_so_and_what_it_is_over() -> None:
    found = letter(replace(ONE, kind="credit_note", gross=Money(-500, "JPY"), language="de"))
    assert found.subject == "Rechnungskorrektur INV-1 von Nordlicht IT"
    assert "500" in found.text and "-500" not in found.text and "fällig" not in found.text


def test_every_language_has_both_kinds() -> None:
    languages = {language for language, _ in WORDS}
    assert {*WORDS} == {(one, kind) for one in languages for kind in ("invoice", "credit_note")}


def test_own_words_are_filled_once_and_markers_in_names_stay_text() -> None:
    own = Wording("{number} for {buyer} {unknown}", "{seller}{")
    found = letter(replace(ONE, buyer="{seller} GmbH", seller="{number}"), own)
    assert (found.subject, found.text) == ("INV-1 for {seller} GmbH {unknown}", "{number}{")


def test_only_the_first_brace_ends_a_marker() -> None:
    assert letter(ONE, Wording("{number}} {a}", "{{seller}}")).subject == "INV-1} {a}"
    assert letter(ONE, Wording("a", "{{seller}}")).text == "{Nordlicht IT}"


@given(st.text())
def test_no_name_begins_another_header(name: str) -> None:
    found = letter(replace(ONE, seller=name, buyer=name))
    assert len(found.subject.splitlines()) == 1


@pytest.mark.parametrize(
    "address",
    [None, "", " ", "office", "a@b", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example",
     "Sommer <a@b.example>", "@b.example", "a b@c.example", "a@b@c.example"],
)  # fmt: skip
def test_no_one_address_is_a_sentence(address: str | None) -> None:
    with pytest.raises(SkipRecord, match="INV-1 cannot be sent"):
        letter(replace(ONE, email=address))


@pytest.mark.parametrize(
    ("address", "said"),
    [(None, "there is no e-mail address"), (" office ", "'office' is no e-mail address")],
)
def test_what_cannot_be_sent_names_the_invoice_and_the_client(
    address: str | None, said: str
) -> None:
    with pytest.raises(SkipRecord) as refused:
        letter(replace(ONE, email=address))
    assert str(refused.value) == (
        f"INV-1 cannot be sent: {said} for Sommer. (invoice INV-1)"
        " Give the client an e-mail address at its source, sync, and send again."
    )
