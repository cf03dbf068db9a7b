"""Explain: where a booking went, what an invoice stands on, and a sentence when nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from msgspec import structs

from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.windows import Window
from tallystick.errors import Stop
from tallystick.views.explain_booking import BookingStory, explain_booking
from tallystick.views.explain_invoice import explain_invoice

from .msp import HOURLY, TODAY, Msp
from .told import booking, client, prepaid


def story(msp: Msp, ref: str) -> BookingStory:
    return explain_booking(msp.database, msp.terms, ref, TODAY)


@pytest.mark.parametrize("ref", ["1", "psa:1"])
def test_a_billed_booking_names_its_line_rate_and_invoice(office: Msp, ref: str) -> None:
    office.tell(booking("1", seconds=3000), booking("2"))
    [number] = office.bill()
    found = story(office, ref)
    assert (found.client, found.work.ref) == ("Client K1", "psa:1")
    assert found.route == "psa:C1 is the only contract of client psa:K1 on that day"
    [placed] = found.placements
    assert (placed.bucket, placed.seconds, placed.counted_seconds) == ("billed", 3000, 3600)
    assert "0:50 worked counts 1:00" in " ".join(placed.reason)
    assert [str(one.amount) for one in found.charges] == ["95.00 EUR"]
    assert [(one.invoice, str(one.amount)) for one in found.billed] == [(number, "95.00 EUR")]


def test_a_split_booking_shows_every_part_with_its_candidates(office: Msp) -> None:
    evening = Rate(multiplier=Decimal("1.5"), hours=Window(since="18:00"))
    fee = Rate(call_out=Decimal(35), contract="C1", hours=Window(since="18:00"))
    card = RateCard("standard", "EUR", (Rate(HOURLY), evening, fee))
    office.terms = replace(office.terms, book=PriceBook({"standard": card}, zone=office.terms.zone))
    at_five = datetime(2026, 7, 6, 17, tzinfo=office.terms.zone)
    office.tell(structs.replace(booking("1", seconds=7200), started_at=at_five))
    [number] = office.bill()
    found = story(office, "1")
    assert sorted(str(one.amount) for one in found.charges) == [
        "142.50 EUR",
        "35.00 EUR",
        "95.00 EUR",
    ]
    assert len(found.billed) == 3
    assert {one.invoice for one in found.billed} == {number}
    assert [(one.seconds, one.comes_to) for one in found.considered] == [
        (3600, "95.00 EUR an hour"),
        (3600, "142.50 EUR an hour"),
    ]
    assert [[each.won for each in one.candidates] for one in found.considered] == [
        [True, False, False],
        [True, True, True],
    ]


def test_a_booking_its_desk_has_invoiced_is_billed_once_the_desk_takes_that_back(
    office: Msp,
) -> None:
    told = booking("1")
    office.tell(structs.replace(told, invoice="PSA-1050"), booking("2"))
    office.bill()
    found = story(office, "1")
    [placed] = found.placements
    assert (placed.bucket, found.charges, found.billed) == ("never", (), ())
    assert placed.reason == ("it stands on invoice PSA-1050, which was made elsewhere",)
    office.tell(told)
    office.bill()
    assert [str(one.amount) for one in story(office, "1").billed] == ["95.00 EUR"]
    office.tell(structs.replace(told, invoice="PSA-1051"))
    office.bill()
    assert [str(one.amount) for one in story(office, "1").billed] == ["95.00 EUR", "-95.00 EUR"]


def test_an_edited_booking_shows_what_it_comes_to_and_what_was_billed(office: Msp) -> None:
    office.tell(booking("1"))
    office.bill()
    office.tell(booking("1", seconds=7200))
    found = story(office, "1")
    assert [str(one.amount) for one in found.charges] == ["190.00 EUR"]
    assert [str(one.amount) for one in found.billed] == ["95.00 EUR"]


def test_drawn_and_future_bookings_have_a_place_too(office: Msp) -> None:
    office.tell(prepaid(), booking("later", day=TODAY.replace(year=2027)))
    [placed] = story(office, "later").placements
    assert (placed.bucket, placed.line) == ("drawn", "psa:L4")


UNKNOWN = {
    "lost": "There is no booking 'lost' from connection psa.",
    "stray": "Booking psa:stray belongs to client psa:K9, which nobody knows.",
    "nobody": "Booking psa:nobody belongs to no client.",
    "odd": "Booking odd is quarantined: odd is odd.",
}


@pytest.mark.parametrize("ref", UNKNOWN)
def test_a_booking_nobody_can_place_gets_a_sentence(office: Msp, ref: str) -> None:
    office.tell(booking("stray", "K9"), booking("nobody", None), client("K2"))
    office.set_aside("booking", "odd")
    with pytest.raises(Stop) as told:
        story(office, ref)
    assert told.value.what == UNKNOWN[ref]
    assert told.value.do


def test_an_invoice_is_its_charges_and_postings(office: Msp) -> None:
    office.tell(booking("1"), booking("2", seconds=1800))
    [number] = office.bill()
    found = explain_invoice(office.database, number)
    assert (found.client, str(found.gross), found.state) == ("Client K1", "526.58 EUR", "issued")
    for line in found.lines:
        assert sum(one.amount.minor for one in line.charges) == line.net.minor
    assert sum(line.net.minor for line in found.lines) == 44250
    assert sum(one.amount.minor for one in found.postings) == 0
    [of_time] = [line for line in found.lines if len(line.charges) == 2]
    assert [one.basis for one in of_time.charges] == ["booking:psa:1", "booking:psa:2"]
    with pytest.raises(Stop, match="There is no invoice 'INV-1'"):
        explain_invoice(office.database, "INV-1")
