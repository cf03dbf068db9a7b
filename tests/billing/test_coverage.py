"""Coverage: every booking goes to the line that should take it, and says why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Placement
from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.records import Billable, Contract, ContractLine

CONTRACT = Contract(
    id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 1, 1), ends_on=None
)
CARDS = {
    "standard": RateCard("standard", "EUR", (Rate(Decimal(90), work_type="remote"),)),
    "dollars": RateCard("dollars", "USD", (Rate(Decimal(90)),)),
}


def line(
    ref: str,
    model: str,
    *work_types: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    **more: object,
) -> ContractLine:
    terms = {
        "fixed": {"unit_price": "100"},
        "per_incident": {"unit_price": "10"},
        "prepaid": {"quantity": "10", "unit_price": "800", "rate_card": "standard"},
        "time_and_materials": {"rate_card": "standard"},
    }[model]
    return ContractLine(
        id=ref,
        contract="C",
        description=f"Line {ref}",
        model=model,
        terms={**terms, "work_types": list(work_types), **more},
        starts_on=starts_on,
        ends_on=ends_on,
    )


def place(work: Work, *lines: ContractLine) -> Placement:
    priced = price(Facts(CONTRACT, lines, (work,)), date(2027, 1, 1), SHIPPED, PriceBook(CARDS))
    (placement,) = priced.placements
    return placement


WORK = Work("7", date(2026, 7, 1), 3600, work_type="remote")


def test_a_fee_is_asked_before_a_package_before_a_rate() -> None:
    lines = [
        line("1", "time_and_materials", "*"),
        line("2", "prepaid", "*"),
        line("3", "fixed", "*"),
    ]
    assert (place(WORK, *lines).line, place(WORK, *lines).bucket) == ("3", "covered")
    assert (place(WORK, *lines[:2]).line, place(WORK, *lines[:2]).bucket) == ("2", "drawn")
    assert (place(WORK, *lines[:1]).line, place(WORK, *lines[:1]).bucket) == ("1", "billed")
    assert place(WORK, line("5", "fixed", "*"), line("4", "per_incident", "*")).line == "4"


def test_the_trail_names_the_lines_that_passed_it_on() -> None:
    placement = place(
        WORK,
        line("1", "fixed", "onsite"),
        line("2", "fixed", "*", ends_on=date(2026, 7, 1)),
        line("3", "fixed", "*", starts_on=date(2026, 7, 2)),
        line("4", "time_and_materials", "*"),
    )
    assert placement.reason == (
        "line 1 does not take remote",
        "line 2 is not in force on 2026-07-01",
        "line 3 is not in force on 2026-07-01",
        "line 4 (Line 4) takes remote",
        "1:00 worked",
        "rate card standard: 90/h for work type remote",
    )
    assert placement.counted_seconds == 3600


def test_covered_work_counts_in_full() -> None:
    placement = place(WORK, line("1", "fixed", "remote"))
    assert placement == Placement("7", "covered", "1", 3600, 3600, ("line 1 (Line 1) includes it",))


def test_a_line_without_work_types_takes_none() -> None:
    assert place(replace(WORK, work_type=None), line("1", "fixed")).reason == (
        "line 1 does not take unnamed work",
        "no line of the contract takes it",
    )


@pytest.mark.parametrize(
    ("work", "lines", "why"),
    [
        (WORK, [], "the contract has no line in force"),
        (WORK, [line("1", "fixed")], "no line of the contract takes it"),
        (
            WORK,
            [line("1", "time_and_materials", "*", rate_card="gold")],
            "there is no rate card 'gold' in EUR",
        ),
        (
            WORK,
            [line("1", "time_and_materials", "*", rate_card="dollars")],
            "there is no rate card 'dollars' in EUR",
        ),
        (
            replace(WORK, work_type=None),
            [line("1", "time_and_materials", "*")],
            "rate card standard has no rate for unnamed work",
        ),
        (
            replace(WORK, seconds=-1),
            [line("1", "fixed", "*")],
            "-1 seconds is not a plausible booking; correct it at its source",
        ),
        (
            replace(WORK, seconds=86401, billable="never"),
            [line("1", "fixed", "*")],
            "86401 seconds is not a plausible booking; correct it at its source",
        ),
    ],
)
def test_held_work_says_why(work: Work, lines: list[ContractLine], why: str) -> None:
    placement = place(work, *lines)
    assert (placement.bucket, placement.reason[-1]) == ("held", why)
    assert (placement.seconds, placement.counted_seconds) == (work.seconds, 0)


def test_a_day_of_work_is_plausible() -> None:
    whole_day = replace(WORK, seconds=86400)
    assert place(whole_day, line("1", "fixed", "*")).bucket == "covered"


@pytest.mark.parametrize(
    ("wish", "why"),
    [("never", "booked as never billable"), ("no_charge", "booked as free of charge")],
)
def test_work_that_is_never_billable_goes_to_no_line(wish: Billable, why: str) -> None:
    placement = place(replace(WORK, billable=wish), line("1", "time_and_materials", "*"))
    assert placement == Placement("7", "never", None, 3600, 0, (why,))
