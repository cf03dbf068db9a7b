"""Post to what MSPs keep their books in: what was issued arrives there once, to the minor unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.quickbooks import kit as quickbooks
from tests.quickbooks.service import Company
from tests.xero import kit as xero
from tests.xero.service import Organisation

from tallystick.books.accounts import Chart
from tallystick.connector import Context, Sink
from tallystick.cycle.post import Posted, post_entries, post_invoices
from tallystick.errors import Stop
from tallystick.plugins import Plugins
from tallystick.store.billing.schema import invoice
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, lost_after
from tallystick.transport.client import Way

from .msp import Msp
from .told import booking, client, contract, fixed, prepaid

Vendor = Organisation | Company
INCOME = ("Income:Fixed", "Income:Time", "Income:Prepaid")


class World:
    """A vendor, its kit, and what it calls our accounts."""

    def __init__(self, kit: type[ConnectorContract], vendor: Vendor, chart: dict[str, str]) -> None:
        self.kit, self.vendor, self.chart = kit(), vendor, Chart(chart)
        self.names = (
            ("Invoices", "CreditNotes", "ManualJournals", "Total")
            if isinstance(vendor, Organisation)
            else ("Invoice", "CreditMemo", "JournalEntry", "TotalAmt")
        )

    @contextmanager
    def sink(self, vendor: httpx.BaseTransport | None = None) -> Iterator[Sink]:
        with self.kit.sink(vendor or self.vendor) as sink:
            yield sink

    def counts(self) -> list[int]:
        return [len(self.vendor.lists[name]) for name in self.names[:3]]


def of_xero() -> World:
    chart = {**dict.fromkeys(INCOME, "200"), "Liabilities:Deferred": "835"}
    return World(xero.Kit, Organisation(), chart)


def of_quickbooks() -> World:
    chart = {**dict.fromkeys(INCOME, "4000"), "Liabilities:Deferred": "Deferred"}
    company = Company()
    earns_on = {"value": "90"}
    company.lists["Item"].append({"Id": "4", "Name": "Prepaid", "IncomeAccountRef": earns_on})
    return World(quickbooks.Kit, company, chart)


@pytest.fixture(params=[of_xero, of_quickbooks])
def make(request: pytest.FixtureRequest) -> Callable[[], World]:
    found: Callable[[], World] = request.param
    return found


def two_months(msp: Msp) -> Msp:
    """An invoice, a credit note of it, three recognised months."""
    msp.tell(client(), contract(), fixed(), prepaid(), booking("1"))
    msp.bill()
    msp.recognise()
    msp.tell(fixed(price="0.00"))
    msp.bill()
    return msp


def post(msp: Msp, sink: Sink, chart: Chart) -> Posted:
    invoices = post_invoices(msp.database, "books", sink, msp.now, lambda _: None, chart)
    entries = post_entries(msp.database, "books", sink, msp.now, lambda _: None, chart)
    return Posted(invoices.posted + entries.posted, invoices.problems + entries.problems)


def test_it_is_all_posted_once(fresh: Callable[[], Msp], make: Callable[[], World]) -> None:
    msp, world = two_months(fresh()), make()
    with world.sink() as sink:
        report = post(msp, sink, world.chart)
    assert (report.problems, report.posted) == ([], 2 + 3)
    assert world.counts() == [1, 1, 3]
    with world.sink() as sink:
        assert post(msp, sink, world.chart).posted == 0
    for row in msp.rows(invoice):
        credit = row.gross_minor < 0
        [theirs] = world.vendor.lists[world.names[1 if credit else 0]]
        assert round(theirs[world.names[3]] * 100) == abs(row.gross_minor)


def test_whichever_answer_is_lost_nothing_is_doubled(
    fresh: Callable[[], Msp], make: Callable[[], World]
) -> None:
    world, asked = make(), Faulty(make().vendor, lost_after, first=1_000_000)
    with world.sink(asked) as sink:
        post(two_months(fresh()), sink, world.chart)
    assert asked.asked > 10
    for nth in range(0, asked.asked, 3):
        msp, again = two_months(fresh()), make()
        with again.sink(Faulty(again.vendor, lost_after, nth, 1)) as sink:
            for _ in range(2):
                with suppress(Stop):  # the login's answer may be the one that is lost
                    post(msp, sink, again.chart)
        with again.sink() as sink:
            post(msp, sink, again.chart)
        assert again.counts() == [1, 1, 3], f"answer {nth} lost"
        assert {row.state for row in msp.rows(invoice)} == {"posted"}


def test_a_minor_unit_holds_the_invoice_until_it_is_corrected_there(
    fresh: Callable[[], Msp], make: Callable[[], World]
) -> None:
    msp, world = fresh(), make()
    msp.tell(client(), contract(), fixed(price="100.00"))
    msp.bill()
    listed, total = world.vendor.lists[world.names[0]], world.names[3]
    taking = "_invoice" if isinstance(world.vendor, Organisation) else "_document"
    take = getattr(world.vendor, taking)

    def a_cent_more(*given: Any) -> None:
        take(*given)
        sent = next(one for one in given if isinstance(one, dict))
        sent[total] += type(sent[total])("0.01")

    setattr(world.vendor, taking, a_cent_more)
    for _ in range(2):
        with world.sink() as sink:
            report = post(msp, sink, world.chart)
        assert report.posted == 0
        assert "(differs): Accounting has a gross of 357.01 EUR, we issued 357.00 EUR" in str(
            report.problems
        )
    listed[0][total] = 357.00
    with world.sink() as sink:
        assert post(msp, sink, world.chart).posted == 1
    assert len(listed) == 1


def test_over_the_real_transport_a_lost_answer_is_asked_for_again_and_seen_by_nobody(
    tmp_path: Path, fresh: Callable[[], Msp], make: Callable[[], World], monkeypatch: Any
) -> None:
    """What it sends carries a key, so it may go again; tokens are kept beside the config."""
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    msp, world, posts = fresh(), make(), 0
    msp.tell(client(), contract(), fixed())
    msp.bill()

    def lose_the_first_posts(
        request: httpx.Request, answered: Callable[[httpx.Request], httpx.Response]
    ) -> httpx.Response:
        nonlocal posts
        if request.method == "GET" or "token" in request.url.path:
            return answered(request)
        posts += 1
        return lost_after(request, answered) if posts % 2 else answered(request)

    way = Way("books", tmp_path, transport=Faulty(world.vendor, lose_the_first_posts))
    connector = Plugins().connector(world.kit.connector.name)
    settings = connector.settings.model_validate(dict(world.kit.settings))
    context = Context("books", tmp_path, msp.now, way.open)
    sink = connector.open(settings, context)
    assert isinstance(sink, Sink)
    report = post(msp, sink, world.chart)
    assert (report.problems, report.posted) == ([], 1)
    assert world.counts() == [1, 0, 0]
    assert posts == 2 * 2, "each of them twice"
