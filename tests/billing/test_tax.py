"""Tax: which rate applies, how it is rounded, and prices that contain it, against fractions."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.proposal import Proposal, compose
from tallystick.billing.objections.case import Case
from tallystick.billing.objections.taxes import tax
from tallystick.billing.tax.rates import Rounding, Taxing, TaxLine, TaxRate
from tallystick.billing.tax.taxation import nets_of, refused
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick.period import Period, month

from .schedule_oracle import rounded

JULY = month(2026, 7)
PLACES = {"JPY": 0, "EUR": 2, "KWD": 3}


def fee(name: str, minor: int, category: str | None = None, currency: str = "EUR") -> Charge:
    amount = Money(minor, currency)
    return Charge(
        contract="C",
        line=name,
        basis="fee",
        service=JULY,
        group=name,
        quantity=Decimal(1),
        unit="month",
        unit_price=amount.amount,
        amount=amount,
        account="Income:Fixed",
        reason=("agreed",),
        tax_category=category,
    )


def taxed(taxing: Taxing, *charges: Charge, currency: str = "EUR") -> Proposal:
    return compose("K", currency, JULY, [Due(one) for one in charges], taxing)


def percents(taxing: Taxing, service: Period = JULY) -> list[Decimal]:
    return [one.percent for one in taxed(taxing, replace(fee("a", 100), service=service)).taxes]


DATED = (
    TaxRate("standard", Decimal(19)),
    TaxRate("standard", Decimal(16), valid_from=date(2020, 7, 1)),
    TaxRate("standard", Decimal(20), valid_from=date(2026, 8, 1)),
)


@pytest.mark.parametrize(
    ("service", "percent"),
    [
        (Period(date(2020, 6, 1), date(2020, 7, 1)), 19),
        (Period(date(2020, 6, 1), date(2020, 7, 2)), 16),
        (JULY, 16),
        (Period(date(2026, 7, 1), date(2026, 10, 1)), 20),
    ],
)
def test_the_rate_is_that_of_the_last_day_of_the_service(service: Period, percent: int) -> None:
    assert percents(Taxing(DATED), service) == [Decimal(percent)]


def test_late_work_of_an_old_rate_stands_beside_new_work_on_one_document() -> None:
    late = replace(fee("late", 1000), service=month(2020, 5))
    draft = taxed(Taxing(DATED), late, fee("now", 1000))
    assert [(one.percent, one.net.minor, one.amount.minor) for one in draft.taxes] == [
        (Decimal(16), 1000, 160),
        (Decimal(19), 1000, 190),
    ]
    assert [line.tax_percent for line in draft.lines] == [Decimal(19), Decimal(16)]


PLACED = (
    TaxRate("standard", Decimal(1)),
    TaxRate("standard", Decimal(2), valid_from=date(2026, 1, 1)),
    TaxRate("standard", Decimal(3), country="CA"),
    TaxRate("standard", Decimal(4), country="CA", region="QC"),
    TaxRate("standard", Decimal(5), country="CA", region="QC", valid_from=date(2026, 8, 1)),
)


@pytest.mark.parametrize(
    ("country", "region", "percent"),
    [
        (None, None, 2),
        ("DE", "QC", 2),
        ("CA", None, 3),
        ("ca", "ON", 3),
        ("CA", "QC", 4),
    ],
)
def test_the_most_specific_place_wins_and_then_the_latest(
    country: str | None, region: str | None, percent: int
) -> None:
    assert percents(Taxing(PLACED, country=country, region=region)) == [Decimal(percent)]


def test_a_category_without_a_rate_is_a_sentence() -> None:
    with pytest.raises(SkipRecord) as caught:
        taxed(Taxing(DATED), fee("a", 100, "zero"))
    assert str(caught.value) == (
        "Tax category 'zero' has no rate on 2026-07-31. "
        "Add a [[tax]] table for it to tallystick.toml, or correct the category."
    )


@pytest.mark.parametrize(("rounding", "tax"), [("document", 1145), ("line", 1144)])
def test_a_document_is_rounded_once_or_by_line(rounding: Rounding, tax: int) -> None:
    fees = [fee(name, minor) for name, minor in (("a", 2506), ("b", 2561), ("c", 2563))]
    (line,) = taxed(Taxing([TaxRate("standard", Decimal(15))], rounding=rounding), *fees).taxes
    assert (line.net, line.amount) == (Money(7630, "EUR"), Money(tax, "EUR"))


amounts = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(-(10**9), 10**9)), min_size=1, max_size=12
)
two_percents = st.tuples(st.decimals(0, 30, places=2), st.decimals(0, 30, places=2))


@pytest.mark.parametrize("currency", PLACES)
@pytest.mark.parametrize("rounding", ["document", "line"])
@given(nets=amounts, given_percents=two_percents)
def test_tax_is_what_the_oracle_says(
    currency: str,
    rounding: Rounding,
    nets: list[tuple[str, int]],
    given_percents: tuple[Decimal, Decimal],
) -> None:
    percent_of = dict(zip("ab", given_percents, strict=True))
    table = [TaxRate(name, percent) for name, percent in percent_of.items()]
    fees = [fee(f"L{i}", minor, of, currency) for i, (of, minor) in enumerate(nets)]
    draft = taxed(Taxing(table, rounding=rounding), *fees, currency=currency)
    places = PLACES[currency]
    expected = []
    for name in sorted({of for of, _ in nets}):
        own = [minor for of, minor in nets if of == name]
        share = Fraction(percent_of[name]) / 100
        parts = [sum(own)] if rounding == "document" else own
        tax = sum(rounded(Fraction(one, 10**places) * share, places) for one in parts)
        expected.append((name, sum(own), tax))
    assert [(one.category, one.net.minor, one.amount.minor) for one in draft.taxes] == expected
    assert all(one.percent == percent_of[one.category] for one in draft.taxes)


@pytest.mark.parametrize("currency", PLACES)
@pytest.mark.parametrize("rounding", ["document", "line"])
@given(nets=amounts, given_percents=two_percents)
def test_nets_and_tax_of_prices_with_tax_make_the_agreed_gross(
    currency: str,
    rounding: Rounding,
    nets: list[tuple[str, int]],
    given_percents: tuple[Decimal, Decimal],
) -> None:
    percent_of = dict(zip("ab", given_percents, strict=True))
    table = [TaxRate("a", percent_of["a"], included=True), TaxRate("b", percent_of["b"])]
    fees = [fee(f"L{i}", minor, of, currency) for i, (of, minor) in enumerate(nets)]
    draft = taxed(Taxing(table, rounding=rounding), *fees, currency=currency)
    gross = [minor for of, minor in nets if of == "a"]
    lines = [one for one in draft.lines if one.tax_category == "a"]
    (tax,) = [one for one in draft.taxes if one.category == "a"] or [None]
    if tax is None:
        assert not gross
        return
    assert tax.net.minor + tax.amount.minor == sum(gross)
    assert sum(line.net.minor for line in lines) == tax.net.minor
    share = Fraction(percent_of["a"]) / (100 + Fraction(percent_of["a"]))
    places = PLACES[currency]
    parts = [sum(gross)] if rounding == "document" else gross
    assert tax.amount.minor == sum(
        rounded(Fraction(one, 10**places) * share, places) for one in parts
    )
    net_of = defaultdict(int, {line.line: line.net.minor for line in lines})
    for i, (of, minor) in enumerate(nets):
        if of == "a":
            assert abs(net_of[f"L{i}"] - minor * (1 - share)) < 1


def test_a_line_whose_price_contains_tax_shows_the_net_price_and_names_the_gross() -> None:
    table = [TaxRate("standard", Decimal(19), included=True)]
    draft = taxed(Taxing(table), fee("Care", 11900))
    (line,) = draft.lines
    assert (line.text, line.unit_price, line.net.minor) == (
        "Care (119.00 EUR with tax)",
        Decimal("100.0000"),
        10000,
    )
    (due,) = draft.dues
    assert (due.charge.amount.minor, due.net.minor, due.included_tax_minor) == (11900, 10000, 1900)
    assert (draft.net.minor, draft.tax.minor, draft.gross.minor) == (10000, 1900, 11900)


def test_a_price_that_contains_no_tax_is_net_as_it_is() -> None:
    draft = taxed(Taxing([TaxRate("standard", Decimal(0), included=True)]), fee("Care", 11900))
    assert (draft.net.minor, draft.tax.minor) == (11900, 0)
    assert draft.lines[0].unit_price == 119


def test_the_kind_of_a_category_and_why_it_bears_no_tax() -> None:
    table = [
        TaxRate("eu", Decimal(0), code="AE"),
        TaxRate("school", Decimal(0), code="E", exemption="Article 132"),
        TaxRate("standard", Decimal(19)),
    ]
    draft = taxed(Taxing(table), fee("a", 1, "eu"), fee("b", 1, "school"), fee("c", 1))
    assert [(one.category, one.code, one.exemption) for one in draft.taxes] == [
        ("eu", "AE", "Reverse charge"),
        ("school", "E", "Article 132"),
        ("standard", "S", ""),
    ]


def codes(taxing: Taxing, *charges: Charge) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in tax(Case(taxed(taxing, *charges), taxing))]


def test_a_category_for_those_with_a_vat_id_holds_without_one() -> None:
    table = [TaxRate("standard", Decimal(0), code="AE", needs_vat_id=True)]
    assert codes(Taxing(table), fee("a", 1)) == [("vat_id_missing", "hold")]
    assert codes(Taxing(table, vat_id="ATU12345678"), fee("a", 1)) == []


@pytest.mark.parametrize(("country", "held"), [(None, True), ("Canada", True), ("CA", False)])
def test_a_rate_by_country_holds_where_nobody_knows_the_country(
    country: str | None, held: bool
) -> None:
    assert (
        codes(Taxing(PLACED, country=country), fee("a", 1)) == [("country_unknown", "hold")] * held
    )


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_plugin_taxes_in_place_of_the_table_and_its_percentages_are_left_open() -> None:
    answer = (
        TaxLine("standard", Decimal("6.25"), eur(1000), eur(63)),
        TaxLine("standard", Decimal("1.5"), eur(0), eur(15)),
    )
    dues = [Due(fee("a", 1000))]
    draft = compose("K", "EUR", JULY, dues, Taxing([]), lambda _: answer)
    assert (draft.taxes, draft.gross) == (answer, eur(1078))
    assert [due.charge.tax_percent for due in draft.dues] == [None]
    assert [due.charge.tax_category for due in draft.dues] == ["standard"]
    known = compose("K", "EUR", JULY, dues, Taxing(DATED), lambda _: answer)
    assert (known.taxes, known.net) == (answer, eur(1000))
    assert [due.charge.tax_percent for due in known.dues] == [None]
    assert [line.tax_percent for line in known.lines] == [None]
    by_table = compose("K", "EUR", JULY, dues, Taxing(DATED), lambda _: None)
    assert by_table.gross == eur(1160)


def test_what_was_charged_at_a_percentage_no_longer_in_the_table_keeps_it() -> None:
    """A correction of a dropped rate is standard where it bore tax, zero-rated where it did not."""
    taxing = Taxing([TaxRate("standard", Decimal(20), code="AE")])
    old = TaxRate("standard", Decimal(7), code="S")
    assert taxing.kind("standard", Decimal(7)) == old
    assert taxing.kind("standard", Decimal(0)) == dataclasses.replace(
        old, percent=Decimal(0), code="Z"
    )
    assert taxing.kind("standard", Decimal(20)).code == "AE"


@pytest.mark.parametrize(
    ("grosses", "percent", "nets"),
    [
        ([1, 1, 2], 100, [1, 0, 1]),  # quotas 1/2, 1/2, 1 of 2: the earlier of equals
        ([100, 110], 19, [84, 92]),  # quotas 84.03, 92.44 of 176: nobody gets one more
        ([110, 100, 119], 19, [92, 84, 100]),
        ([101, 105, 109], 19, [85, 88, 92]),  # 84.87, 88.24, 91.60 of 265
    ],
)
def test_nets_are_shared_by_largest_remainder(
    grosses: list[int], percent: int, nets: list[int]
) -> None:
    assert nets_of([eur(one) for one in grosses], Decimal(percent)) == [eur(one) for one in nets]


def tax_line(minor: int, tax: int, percent: int = 10, category: str = "a") -> TaxLine:
    return TaxLine(category, Decimal(percent), eur(minor), eur(tax))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((tax_line(100, 10),), ""),
        ((tax_line(60, 6), tax_line(40, 2, 5)), ""),
        ((tax_line(60, 6, 5), tax_line(40, 2, 5)), "category 'a' has one percentage twice"),
        ([tax_line(100, 10)], "the answer is no sequence of TaxLine"),
        ((tax_line(100, 10), None), "the answer is no sequence of TaxLine"),
        ((tax_line(99, 10),), "category 'a' is taxed on 0.99 EUR and comes to 1.00 EUR"),
        ((), "category 'a' is taxed on 0.00 EUR and comes to 1.00 EUR"),
        (
            (tax_line(100, 10), tax_line(0, 0, category="b")),
            "the proposal has nothing in category 'b'",
        ),
        (
            (TaxLine("a", Decimal(10), eur(100), Money(10, "USD")),),
            "category 'a' is taxed in another currency than EUR",
        ),
        (
            (TaxLine("a", Decimal(10), Money(100, "USD"), eur(10)),),
            "category 'a' is taxed in another currency than EUR",
        ),
    ],
)
def test_what_a_plugin_may_not_answer(lines: object, why: str) -> None:
    assert refused({"a": eur(100)}, {}, lines) == why


def test_the_tax_that_prices_contain_stands_whatever_a_plugin_says() -> None:
    lines = (tax_line(60, 7), tax_line(40, 3, 5), tax_line(50, 9, category="b"))
    nets = {"a": eur(100), "b": eur(50)}
    assert refused(nets, {"a": eur(10)}, lines) == ""
    assert refused(nets, {"a": eur(11)}, lines) == (
        "prices of category 'a' contain 0.11 EUR, not 0.10 EUR"
    )
