"""Coverage: every booking goes to the line that should take it, and says why."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
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
from tallystick.billing.windows import Window
from tallystick.errors import SkipRecord
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


def placements(work: Work, *lines: ContractLine) -> tuple[Placement, ...]:
    facts = Facts(CONTRACT, lines, (work,))
    return price(facts, date(2027, 1, 1), SHIPPED, PriceBook(CARDS)).placements


def place(work: Work, *lines: ContractLine) -> Placement:
    (placement,) = placements(work, *lines)
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


def test_a_rate_that_does_not_take_the_work_is_a_line_too() -> None:
    onsite = line("1", "time_and_materials", "onsite")
    assert place(WORK, onsite).reason[-1] == "no line of the contract takes it"


def test_work_waits_for_an_approval_that_is_refused_or_open_at_its_source() -> None:
    fee = line("1", "fixed", "*")
    assert place(replace(WORK, approved=True), fee).bucket == "covered"
    assert place(replace(WORK, approved=False), fee) == Placement(
        "7", "held", None, 3600, 0, ("it waits for approval in the service desk",)
    )


def test_work_on_an_invoice_made_elsewhere_is_not_billed_again() -> None:
    hourly = line("1", "time_and_materials", "*")
    why = "it stands on invoice PSA-9, which was made elsewhere"
    for work in (WORK, replace(WORK, billable="never"), replace(WORK, approved=False)):
        assert place(replace(work, invoice="PSA-9"), hourly) == Placement(
            "7", "never", None, 3600, 0, (why,)
        )


def test_work_of_the_horizon_belongs_to_the_next_run() -> None:
    facts = Facts(CONTRACT, (line("1", "fixed", "*"),), (WORK,))
    assert price(facts, WORK.work_date, SHIPPED, PriceBook()).placements == ()


def test_notice_without_a_period_ends_a_contract_on_its_day() -> None:
    ended = replace(CONTRACT, cancelled_on=WORK.work_date)
    before = replace(WORK, ref="6", work_date=date(2026, 6, 30))
    facts = Facts(ended, (line("1", "fixed", "*"),), (WORK, before))
    placed = price(facts, date(2027, 1, 1), SHIPPED, PriceBook()).placements
    assert [(one.booking, one.bucket) for one in placed] == [("6", "covered"), ("7", "held")]


def test_a_device_is_named_by_all_that_stands_behind_its_connection() -> None:
    server = line("1", "fixed", "*", covers={"assets": ["rack:9"]})
    assert place(replace(WORK, asset="psa:rack:9"), server).bucket == "covered"
    assert place(replace(WORK, asset="psa:9"), server).bucket == "held"


@pytest.mark.parametrize("more", [{"rate_card": "gold"}, {}])
def test_work_that_is_held_for_want_of_a_rate_names_the_line_that_would_bill_it(
    more: dict[str, object],
) -> None:
    held = place(replace(WORK, work_type=None), line("1", "time_and_materials", "*", **more))
    assert (held.bucket, held.line) == ("held", "1")


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


@pytest.mark.parametrize(
    ("term", "fact", "known", "unknown"),
    [
        ("ticket_types", "ticket_type", "tickets of type x", "tickets without a type"),
        ("priorities", "priority", "tickets of priority x", "tickets without a priority"),
        ("assets", "asset", "work on asset x", "work on no known asset"),
        ("asset_types", "asset_type", "assets of type x", "assets without a type"),
        ("locations", "location", "work at x", "work at no known place"),
    ],
)
def test_every_condition_of_a_line_is_asked_and_said(
    term: str, fact: str, known: str, unknown: str
) -> None:
    narrow = line("1", "fixed", "*", covers={term: ["y"]})
    assert place(replace(WORK, **{fact: "y"}), narrow).bucket == "covered"
    for value, said in (("x", known), (None, unknown)):
        held = place(replace(WORK, **{fact: value}), narrow)
        assert held.reason[0] == f"line 1 does not take {said}"


def test_any_place_may_be_named_beside_others() -> None:
    anywhere = line("1", "fixed", "*", covers={"locations": ["Kiel", "*"]})
    for place_of in (None, "Kiel", "Lund"):
        assert place(replace(WORK, location=place_of), anywhere).bucket == "covered"


def test_an_allowance_of_no_time_takes_none() -> None:
    nothing = line("1", "fixed", "*", covers={"allowance_hours": "0"})
    assert place(WORK, nothing).reason == (
        "the 0:00 h a month of line 1 are used",
        "no line of the contract takes it",
    )


def test_what_an_allowance_passes_on_keeps_its_time_of_day() -> None:
    until_nine = {"hours": {"since": "00:00", "until": "09:00"}}
    lines = (
        line("1", "fixed", "*", covers={"allowance_hours": "0.5"}),
        line("2", "fixed", "*", covers={"allowance_hours": "0"}),
        line("3", "fixed", "*", covers=until_nine),
    )
    work = replace(WORK, started_at=datetime(2026, 7, 1, 8, tzinfo=UTC), seconds=3600)
    placed = placements(work, *lines)
    assert [(one.line, one.seconds) for one in placed] == [("1", 1800), ("3", 1800)]
    assert placed[1].reason == (
        "the 0:30 h a month of line 1 are used",
        "the 0:00 h a month of line 2 are used",
        "line 3 (Line 3) includes it",
    )


EIGHT = datetime(2026, 7, 1, 8, tzinfo=UTC)
OFFICE = {"since": "08:00", "until": "18:00"}


def test_what_a_line_passes_on_keeps_its_time_of_day() -> None:
    """To the second: two hours from eight, which three lines pass on before one takes the first."""
    nine = {"hours": {"since": "08:00", "until": "09:00"}}
    placed = placements(
        replace(WORK, started_at=EIGHT, seconds=7200),
        line("1", "fixed", "onsite"),
        line("2", "fixed", "*", covers={"hours": {"since": "20:00", "until": "21:00"}}),
        line("3", "fixed", "*", covers=nine),
    )
    assert [(one.bucket, one.seconds) for one in placed] == [("covered", 3600), ("held", 3600)]


def test_hours_a_rate_takes_are_priced_by_their_own_time_of_day() -> None:
    late = Rate(Decimal(180), hours=Window(since="09:00", until="24:00"))
    cards = {"standard": RateCard("standard", "EUR", (Rate(Decimal(90)), late))}
    billing = line("1", "time_and_materials", "*", covers={"hours": OFFICE})
    facts = Facts(CONTRACT, (billing,), (replace(WORK, started_at=EIGHT, seconds=7200),))
    charges = price(facts, date(2027, 1, 1), SHIPPED, PriceBook(cards)).charges
    assert [(one.quantity, one.amount.minor) for one in charges] == [(1, 9000), (1, 18000)]


def test_what_is_billed_within_an_allowance_is_priced_by_its_own_time_of_day() -> None:
    late = Rate(Decimal(180), hours=Window(since="09:00", until="24:00"))
    cards = {"standard": RateCard("standard", "EUR", (Rate(Decimal(90)), late))}
    billing = line("1", "time_and_materials", "*", covers={"allowance_hours": "3"})
    facts = Facts(CONTRACT, (billing,), (replace(WORK, started_at=EIGHT, seconds=7200),))
    charges = price(facts, date(2027, 1, 1), SHIPPED, PriceBook(cards)).charges
    assert [(one.quantity, one.amount.minor) for one in charges] == [(1, 9000), (1, 18000)]


def test_work_whose_start_is_not_known_passes_a_line_of_some_hours_and_says_so() -> None:
    lines = line("1", "fixed", "*", covers={"hours": OFFICE}), line("2", "fixed", "*")
    assert place(WORK, *lines).reason == (
        "line 1 takes only some hours of the day, and its start is not known",
        "line 2 (Line 2) includes it",
    )


def test_an_allowance_is_used_by_every_part_within_the_hours_of_the_line() -> None:
    covers = {"hours": OFFICE, "allowance_hours": "1.5"}
    begun = datetime(2026, 7, 1, 17, tzinfo=UTC)
    placed = placements(
        replace(WORK, started_at=begun, seconds=16 * 3600), line("1", "fixed", "*", covers=covers)
    )
    assert [(one.bucket, one.seconds) for one in placed] == [
        ("covered", 3600),
        ("covered", 1800),
        ("held", 14 * 3600),
        ("held", 1800),
    ]


@pytest.mark.parametrize("hours", ["-0.5", "1E+20"])
def test_an_allowance_nobody_can_mean_is_refused(hours: str) -> None:
    with pytest.raises(SkipRecord, match=re.escape(f"{hours} is not a plausible figure")):
        place(WORK, line("1", "fixed", "*", covers={"allowance_hours": hours}))
