"""Issue: whole invoices or nothing, numbers without gaps, and a breach stops only its client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from tests.crash import Bomb, Crash, Fragile

from tallystick.cycle.issue import issue
from tallystick.money import Money
from tallystick.period import month
from tallystick.store.billing.schema import (
    charge,
    invoice,
    invoice_line,
    invoice_tax,
    number_series,
    proposal,
)
from tallystick.store.books.schema import entry, posting
from tallystick.store.database import Database

from .msp import AUGUST, SEPTEMBER, TODAY, Msp
from .told import booking, client, contract, fixed, prepaid

BOOKS = (invoice, invoice_line, invoice_tax, charge, entry, posting, number_series)


def two_clients(msp: Msp) -> Msp:
    for ref in ("K1", "K2"):
        msp.tell(client(ref), contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}"))
    msp.tell(prepaid(of="CK2"), booking("1", "K2"))
    return msp


def everything(msp: Msp) -> list[list[dict[str, Any]]]:
    """All rows of the books; which of its proposals an invoice came from may differ."""
    return [
        [{key: value for key, value in row._asdict().items() if key != "proposal"} for row in rows]
        for rows in map(msp.rows, BOOKS)
    ]


def test_an_invoice_is_the_proposal_that_was_approved(office: Msp) -> None:
    office.tell(client(payment_terms_days=30, street="Hafenstr. 1", city="Hamburg"), booking("1"))
    [draft] = office.propose().proposed
    office.approve()
    [(number, body)] = office.issue().issued
    [row] = office.rows(invoice)
    assert (body.client, body.gross) == (draft.client, draft.gross)
    assert (number, row.number, row.sequence) == ("INV-2026-0001", "INV-2026-0001", 1)
    assert (row.net_minor, row.tax_minor, row.gross_minor) == (39500, 7505, 47005)
    assert (row.issued_on, row.due_on) == (TODAY, date(2026, 10, 31))
    assert row.parties["seller"] == office.terms.seller
    assert row.parties["buyer"] == {
        "name": "Client K1",
        "street": "Hafenstr. 1",
        "city": "Hamburg",
    }
    assert office.balance("Assets:Receivable", client="psa:K1") == draft.gross.amount
    for period in (7, 8, 9):
        fee = office.balance("Income:Fixed", service_month=date(2026, period, 1))
        assert fee == -100, "each month of service earns its own fee"


def test_it_is_told_after_it_is_committed(office: Msp) -> None:
    told: list[tuple[str, str, str, int]] = []

    def tell(number: str, client_ref: str, gross: Money) -> None:
        told.append((number, client_ref, str(gross), len(office.rows(invoice))))

    office.propose()
    office.approve()
    issue(office.database, office.terms, SEPTEMBER, TODAY, office.now, lambda _: None, tell)
    assert told == [("INV-2026-0001", "psa:K1", "357.00 EUR", 1)]


def test_each_year_counts_from_one(office: Msp) -> None:
    office.bill(AUGUST)
    office.propose()
    office.approve()
    new_year = date(2027, 1, 1)
    report = issue(
        office.database,
        office.terms,
        SEPTEMBER,
        new_year,
        office.now,
        lambda _: None,
        lambda *told: None,
    )
    assert [number for number, _ in report.issued] == ["INV-2027-0001"]
    assert [row.sequence for row in office.rows(invoice)] == [1, 2]


def the_cycle(msp: Msp, database: Database) -> None:
    """The whole cycle of two months, over a database that may go away."""
    whole, msp.database = msp.database, database
    try:
        for period in (AUGUST, SEPTEMBER):
            msp.bill(period)
            msp.recognise(period)
    finally:
        msp.database = whole


def test_a_crash_at_any_commit_leaves_the_books_of_an_undisturbed_run(
    fresh: Callable[[], Msp],
) -> None:
    undisturbed, bomb = two_clients(fresh()), Bomb()
    the_cycle(undisturbed, Fragile(undisturbed.database, bomb))
    expected = everything(undisturbed)
    assert len(undisturbed.rows(invoice)) == 4
    assert bomb.moments > 18
    for fuse in range(1, bomb.moments + 1):
        msp = two_clients(fresh())
        with pytest.raises(Crash):
            the_cycle(msp, Fragile(msp.database, Bomb(fuse)))
        msp.must_hold()
        the_cycle(msp, msp.database)
        assert everything(msp) == expected, f"crashed at moment {fuse}"


def test_a_breach_stops_only_its_client_and_heals(msp: Msp) -> None:
    """A proposal made before an invoice it does not know of: a duplicate in the making."""
    two_clients(msp).tell(client("K3"), contract("CK3", "K3"), fixed("LK3", "CK3"))
    msp.bill(AUGUST)
    msp.propose()
    msp.approve()
    with msp.database.write() as connection:
        connection.execute(
            update(proposal)
            .where(proposal.c.client == "psa:K2", proposal.c.state == "approved")
            .values(sequence=0)
        )
    report = msp.issue()
    assert [one.client for _, one in report.issued] == ["psa:K1", "psa:K3"]
    assert [one.client for one in report.lapsed] == ["psa:K2"]
    msp.must_hold()
    assert [one.client for one in msp.propose().proposed] == ["psa:K2"]
    msp.approve()
    assert [one.client for _, one in msp.issue().issued] == ["psa:K2"]
    msp.must_hold()


def test_a_client_renamed_later_keeps_the_name_on_its_invoice(office: Msp) -> None:
    office.bill(AUGUST)
    office.tell(client(name="Renamed GmbH"))
    office.bill(SEPTEMBER)
    names = [row.parties["buyer"]["name"] for row in office.rows(invoice)]
    assert names == ["Client K1", "Renamed GmbH"]


def test_a_long_series_stays_in_order(office: Msp) -> None:
    numbers = [office.bill(month(2026, number)) for number in range(7, 13)]
    assert numbers == [[f"INV-2026-{n:04}"] for n in range(1, 7)]
    office.must_hold()
