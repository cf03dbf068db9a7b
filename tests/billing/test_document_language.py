"""Documents in the client's language: words, figures and days as its locale writes them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.documents import render_text
from tallystick.billing.documents.languages import LANGUAGES
from tallystick.billing.documents.phrases import PHRASES
from tallystick.billing.documents.speech import speech, spoken
from tallystick.billing.documents.words import Words
from tallystick.billing.invoice.document import DocumentLine, Payment
from tallystick.billing.tax.rates import EXEMPTIONS, TaxLine
from tallystick.billing.windows import Window
from tallystick.money import Money
from tallystick.period import Period

from .documents import CREDIT, DETAILED, INVOICE, JULY, eur

TIC, DASH = "\N{RIGHT SINGLE QUOTATION MARK}", "\N{EN DASH}"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "-1,234,567.89 0.0125 1.5 hours 7.7% 3 March 2026 15-31 Jul 2026"),
        ("en-US", "-1,234,567.89 0.0125 1.5 hours 7.7% March 3, 2026 Jul 15 - 31, 2026"),
        ("de-DE", "-1.234.567,89 0,0125 1,5 Stunden 7,7 % 3. März 2026 15.-31. Juli 2026"),
        ("de_CH", "-1'234'567.89 0.0125 1.5 Stunden 7.7% 3. März 2026 15.-31. Juli 2026"),
        ("fr", "-1 234 567,89 0,0125 1,5 heure 7,7 % 3 mars 2026 15-31 juil. 2026"),
    ],
)
def test_figures_and_days(language: str, said: str) -> None:
    say = speech(language)
    written = (
        say.amount(Money(-123456789, "EUR")),
        say.price(Decimal("0.0125"), "EUR"),
        say.quantity(Decimal("1.50"), "hour"),
        say.percent(Decimal("7.70")),
        say.day(date(2026, 3, 3)),
        say.service(Period(date(2026, 7, 15), date(2026, 8, 1))),
    )
    typed = str.maketrans({"\u202f": " ", "\xa0": " ", TIC: "'", DASH: "-"})
    assert " ".join(written).translate(typed) == said


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("de", ["RECHNUNG", "Fällig", "12 Geräte", "USt 19 % (Regelsatz)", "Zu zahlen in EUR"]),
        ("fr-CH", ["FACTURE", "Échéance", "12 appareils", "TVA 19% (taux normal)", "À payer"]),
        ("en-GB", ["INVOICE", "Due", "12 devices", "Tax 19% (standard)", "Amount due in EUR"]),
        ("de-XX", ["RECHNUNG", "1. August 2026"]),
        ("it-IT", ["INVOICE", "1 August 2026", "1,194.00"]),
        ("nobody's", ["INVOICE", "1 August 2026", "1,194.00"]),
    ],
)
def test_one_language_from_head_to_foot(language: str, heads: list[str]) -> None:
    text = render_text(replace(DETAILED, language=language)).replace("\xa0", " ")
    assert [one for one in heads if one not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_and_the_same_blanks(language: str) -> None:
    english, words = LANGUAGES["en"], LANGUAGES[language]
    for field in fields(Words):
        one, other = getattr(english, field.name), getattr(words, field.name)
        if isinstance(one, str):
            assert other, field.name
            assert blanks(one) == blanks(other), field.name
    assert words.units.keys() == english.units.keys()
    assert words.untaxed.keys() == english.untaxed.keys()


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_languages_there_are_words_for() -> None:
    asked = ("de", "de-AT", "DE_ch", "en-US", "fr", "it", "", "deutsch")
    assert [one for one in asked if spoken(one)] == ["de", "de-AT", "DE_ch", "en-US", "fr"]


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "-1.234.567"), ("EUR", "-12.345,67"), ("KWD", "-1.234,567")]
)
def test_negative_money_of_any_currency(currency: str, shown: str) -> None:
    assert speech("de").amount(Money(-1234567, currency)) == shown
    line = DocumentLine("x", JULY, Decimal(1), "month", Decimal(1), Money(-1234567, currency))
    credit = replace(CREDIT, currency=currency, lines=(line,), taxes=(), language="de")
    assert f"Gutgeschrieben in {currency}  {shown.removeprefix('-')}\n" in render_text(credit)


@given(st.integers(-(10**24), 10**24), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_no_digit_is_lost(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    for language in ("en", "de-CH", "fr"):
        digits = "".join(char for char in speech(language).amount(money) if char.isdigit())
        assert int(digits) == abs(minor)


def test_a_direct_debit_is_announced_with_mandate_and_creditor() -> None:
    debit = Payment(
        mandate="M-1", creditor_id="DE98ZZZ09999999999", debited_iban="DE89370400440532013000"
    )
    text = render_text(replace(INVOICE, payment=debit, payment_note=""))
    assert "We collect the amount on 15 August 2026 from DE89 … 3000 under mandate M-1." in text
    assert "Creditor identifier  DE98ZZZ09999999999" in text
    assert "transfer" not in text
    assert "5320" not in text


def test_a_credit_note_asks_for_no_money_and_names_what_it_corrects() -> None:
    corrects = (("INV-2026-0007", date(2026, 7, 1)),)
    text = render_text(replace(CREDIT, payment=INVOICE.payment, corrects=corrects))
    assert "This credit note corrects INV-2026-0007 of 1 July 2026." in text
    assert "IBAN" not in text


def test_a_buyer_abroad_has_a_country() -> None:
    home = replace(INVOICE.buyer, country="DE")
    abroad = replace(INVOICE.buyer, country="FR")
    assert render_text(replace(INVOICE, buyer=home, language="de")).count("Deutschland") == 1
    assert "Frankreich" in render_text(replace(INVOICE, buyer=abroad, language="de"))


@pytest.mark.parametrize(
    ("exemption", "said"),
    [
        (EXEMPTIONS["AE"], "Steuerschuldnerschaft des Leistungsempfängers."),
        ("", "Steuerschuldnerschaft des Leistungsempfängers."),
        ("§ 13b UStG", "§ 13b UStG"),
    ],
)
def test_why_there_is_no_tax_is_said_in_the_documents_language(exemption: str, said: str) -> None:
    tax = TaxLine("eu", Decimal(0), eur(114650), eur(0), "AE", exemption)
    text = render_text(replace(INVOICE, taxes=(tax,), language="de"))
    assert f"\n{said}\n" in text


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "Correction: Care (prorated 17/31)", "Korrektur: Care (anteilig 17/31)"),
        ("de", "Care: beyond, up to 4.5 h", "Care: darüber hinaus, bis 4.5 h"),
        ("de", "Care (9.99 EUR with tax)", "Care (9.99 EUR mit Steuer)"),
        ("fr", "Tickets: credit for missed service level", "avoir pour niveau de service"),
        ("fr", "Agreed: up to the minimum", "Agreed : jusqu'au montant minimal"),
        ("de", "Corrections: none (prorated)", "Corrections: none (prorated)"),
        ("en", "Correction: Care (prorated 17/31)", "Correction: Care (prorated 17/31)"),
        ("it", "Correction: Care (prorated 17/31)", "Correction: Care (prorated 17/31)"),
    ],
)
def test_what_pricing_added_to_a_description_is_said_in_the_language(
    language: str, text: str, said: str
) -> None:
    assert said in speech(language).text(text)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Support: sat-sun 18:00-08:00 in Europe/Paris", "Support: Sat_Sun 18:00_08:00"),
        ("de", "Support: mon,wed", "Support: Mo., Mi."),
        ("de", "Support: senior, on holidays of DE-HH", "Support: senior, an Feiertagen"),
        (
            *("fr", "Hors forfait: travel, sun in Europe/Paris, on holidays of FR in Europe/Paris"),
            "Hors forfait: travel, dim., les jours fériés",
        ),
        ("en", "A: mon-fri except holidays of AT", "A: Mon_Fri except on public holidays"),
        ("de", "Correction: Support: sun", "Korrektur: Support: So."),
        ("de", "Sunday: sunshine in Europe", "Sunday: sunshine in Europe"),
        ("de", "sun", "sun"),
        ("de", "Support: remote, ", "Support: remote,"),
    ],
)
def test_hours_that_price_are_said_as_people_say_them(language: str, text: str, said: str) -> None:
    assert said in speech(language).text(text).replace(DASH, "_")


windows = st.builds(
    Window,
    since=st.sampled_from(["00:00", "18:30"]),
    days=st.sampled_from(["mon-sun", "mon-fri", "tue,sat", "fri-mon,wed"]),
    calendar=st.sampled_from(["DE", "DE-HH", "FR"]),
    on_holidays=st.sampled_from(["same", "only", "closed"]),
    zone=st.sampled_from([None, "Europe/Paris", "UTC", "America/Argentina/Buenos_Aires"]),
)


@given(windows)
def test_every_window_is_understood(window: Window) -> None:
    said = speech("en").text(f"Support: {window}")
    assert "holidays of" not in said and "/" not in said
    named = window.days != "mon-sun" or window.on_holidays != "same" or window.since != "00:00"
    assert (said == "Support") == (not named and str(window) != "any time")


def test_every_language_but_english_says_every_phrase_with_all_its_figures() -> None:
    for text, said in PHRASES.items():
        assert set(said) == set(LANGUAGES) - {"en"}
        assert {one.count("{}") for one in said.values()} == {text.count("{}")}


def test_a_cycle_of_several_months_is_said_as_such() -> None:
    assert speech("de").quantity(Decimal(2), "3 months") == "2 x 3 Monate"
    assert speech("en").quantity(Decimal(1), "2 weeks") == "1 x 2 weeks"
    assert speech("en").quantity(Decimal(1), "2 weekends") == "1 2 weekends"


def test_what_is_charged_for_a_month_each_is_not_so_many_months() -> None:
    assert speech("de").quantity(Decimal(28), "month") == "28 x 1 Monat"
    assert speech("fr").quantity(Decimal("0.5"), "year") == "0,5 x 1 an"
    assert speech("en").quantity(Decimal("1.0"), "quarter") == "1 quarter"
    assert speech("en").quantity(Decimal(3), "day") == "3 days"
