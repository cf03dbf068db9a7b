"""Post: once into accounting, whatever is lost on the way, and held while totals differ."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.crash import Bomb, Crash, Fragile, FragileSink

from tallystick import delivery
from tallystick.connector import Context, Raw, Ref, Sink
from tallystick.cycle.post import Posted, post_entries, post_invoices
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.plugins import Plugins
from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.database import Database

from .msp import AUGUST, JULY, Msp
from .told import booking, client, contract, fixed, prepaid

LOST = Retry("The answer never came.", do="Try again later.")


@dataclass
class Ledger:
    """An accounting system in memory. `before` and `after` are raised before and after a push
    has its effect, once each; `says` is what it makes of a record when it reads it back."""

    before: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    says: Callable[[Raw], Raw] = dict
    pushes: list[tuple[str, str]] = field(default_factory=list)
    finds: list[tuple[str, str]] = field(default_factory=list)
    booked: dict[tuple[str, str], Raw] = field(default_factory=dict)

    def whoami(self) -> str:
        return "a ledger in memory"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if self.before:
            raise self.before.pop(0)
        self.pushes.append((record, key))
        self.booked[record, key] = raw
        if self.after:
            raise self.after.pop(0)
        return Ref(key, self.says(raw))

    def find(self, record: str, key: str) -> Ref | None:
        self.finds.append((record, key))
        raw = self.booked.get((record, key))
        return None if raw is None else Ref(key, self.says(raw))


def post(msp: Msp, sink: Sink, database: Database | None = None) -> Posted:
    database = database or msp.database
    invoices = post_invoices(database, "books", sink, msp.now, lambda _: None)
    entries = post_entries(database, "books", sink, msp.now, lambda _: None)
    return Posted(invoices.posted + entries.posted, invoices.problems + entries.problems)


def states(msp: Msp) -> list[str]:
    return [row.state for row in msp.rows(invoice)]


def journal(root: Path, msp: Msp) -> Sink:
    connector = Plugins().connector("journal")
    settings = connector.settings.model_validate({"folder": "books"})
    session = connector.open(settings, Context("books", root, msp.now))
    assert isinstance(session, Sink)
    return session


def test_what_is_posted_is_what_was_issued(office: Msp) -> None:
    office.tell(client(vat_id="DE123456789"), fixed(tax_category="reduced"), booking("1"))
    office.bill()
    ledger = Ledger()
    assert (post(office, ledger).posted, states(office)) == (1, ["posted"])
    assert ledger.pushes == [("customer", "psa:K1"), ("invoice", "INV-2026-0001")]
    assert ledger.booked["customer", "psa:K1"] == {
        "id": "psa:K1",
        "name": "Client K1",
        "vat_id": "DE123456789",
        "country": None,
        "currency": "EUR",
        "receivable": "Assets:Receivable",
    }
    raw = ledger.booked["invoice", "INV-2026-0001"]
    nets = [(line["account"], line["net"]) for line in raw["lines"]]
    assert nets == [("Income:Fixed", Decimal("100.00"))] * 3 + [("Income:Time", Decimal("95.00"))]
    taxes = [(tax["account"], tax["amount"]) for tax in raw["tax"]]
    assert taxes == [
        ("Liabilities:Tax:Reduced", Decimal("21.00")),
        ("Liabilities:Tax:Standard", Decimal("18.05")),
    ]
    assert raw["gross"] == Decimal("434.05")
    assert post(office, ledger).posted == 0
    assert len(ledger.pushes) == 2


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("record", ["customer", "invoice"])
def test_a_lost_answer_posts_once_all_the_same(office: Msp, lost: str, record: str) -> None:
    ledger = Ledger()
    if record == "invoice":
        office.bill(AUGUST)
        post(office, ledger)
    office.bill()
    setattr(ledger, lost, [LOST])
    first = post(office, ledger)
    [number] = [row.number for row in office.rows(invoice) if row.state == "issued"]
    assert (first.posted, first.problems) == (
        0,
        [f"Invoice {number} is not posted (unknown): The answer never came. Try again later."],
    )
    assert post(office, ledger).posted == 1
    assert ledger.finds == [(record, "psa:K1" if record == "customer" else number)]
    assert len(ledger.pushes) == len(set(ledger.pushes)) == len(ledger.booked)
    assert set(states(office)) == {"posted"}


def other(**changed: Any) -> Callable[[Raw], Raw]:
    return lambda raw: {**raw, **changed} if "gross" in raw else raw


DIFFERENCES: dict[str, tuple[Callable[[Raw], Raw], str]] = {
    "gross": (
        other(gross=Decimal("357.01")),
        "Accounting has a gross of 357.01 EUR, we issued 357.00 EUR. Correct it there.",
    ),
    "tax": (
        other(tax=[{"amount": Decimal("56.99")}]),
        "Accounting has a tax of 56.99 EUR, we issued 57.00 EUR. Correct it there.",
    ),
    "no tax": (
        other(tax=[]),
        "Accounting has a tax of 0 EUR, we issued 57.00 EUR. Correct it there.",
    ),
    "currency": (
        other(currency="CHF"),
        "Accounting has a gross of 357.00 CHF, we issued 357.00 EUR. Correct it there.",
    ),
    "nothing": (
        other(gross=None),
        "Accounting has a gross of None EUR, we issued 357.00 EUR. Correct it there.",
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_total_that_differs_holds_the_invoice_until_corrected(office: Msp, name: str) -> None:
    says, sentence = DIFFERENCES[name]
    office.bill()
    ledger = Ledger(says=says)
    for _ in range(2):
        report = post(office, ledger)
        told = f"Invoice INV-2026-0001 is not posted (differs): {sentence}"
        assert (report.posted, report.problems) == (0, [told])
        assert states(office) == ["issued"]
    [row] = [row for row in office.rows(outbound) if row.kind == "invoice"]
    assert (row.state, row.reason) == ("differs", sentence)
    ledger.says = dict
    assert post(office, ledger).posted == 1
    assert states(office) == ["posted"]
    assert ledger.pushes.count(("invoice", "INV-2026-0001")) == 1


def test_a_refused_invoice_waits_and_the_others_go_on(office: Msp) -> None:
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.bill()
    ledger = Ledger(before=[SkipRecord("The name is too long.", do="Shorten it.")])
    report = post(office, ledger)
    assert (report.posted, states(office)) == (1, ["issued", "posted"])
    assert report.problems == [
        "Invoice INV-2026-0001 is not posted (refused): The name is too long. Shorten it."
    ]
    assert post(office, ledger).posted == 1


def test_a_login_that_fails_stops_and_loses_nothing(office: Msp) -> None:
    office.bill()
    ledger = Ledger(before=[Stop("The token expired.", do="Log in again.")])
    with pytest.raises(Stop, match="token expired"):
        post(office, ledger)
    assert post(office, ledger).posted == 1
    assert ledger.pushes == [("customer", "psa:K1"), ("invoice", "INV-2026-0001")]


def test_a_slower_worker_takes_no_confirmation_back(
    office: Msp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two push at once, as one lost its lock with its connection; one is confirmed, then the
    other's answer is lost."""
    monkeypatch.setattr(delivery, "_alone_at", lambda *_: nullcontext(True))
    office.bill()
    ledger = Ledger()

    class Slow(Ledger):
        def push(self, record: str, raw: Raw, key: str) -> Ref:
            post(office, ledger)
            raise LOST

    assert post(office, Slow()).posted == 0
    assert {row.state for row in office.rows(outbound)} == {"confirmed"}
    assert states(office) == ["posted"]


def two_months(msp: Msp) -> Msp:
    msp.tell(client(), contract(), fixed(), prepaid(), booking("1"))
    msp.bill()
    msp.recognise()
    msp.tell(fixed(price="0.00"))
    msp.bill()
    return msp


def test_the_journal_connector_takes_it_all_once(msp: Msp, tmp_path: Path) -> None:
    two_months(msp)
    sink = journal(tmp_path, msp)
    assert post(msp, sink).posted == 2 + 3, "an invoice, a credit note, three recognised months"
    books = tmp_path / "books" / "books.beancount"
    text = books.read_text(encoding="utf-8")
    assert post(msp, sink).posted == post(msp, journal(tmp_path, msp)).posted == 0
    assert books.read_text(encoding="utf-8") == text
    judge = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([judge, books], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_crash_at_any_moment_posts_once(fresh: Callable[[], Msp]) -> None:
    def one_month() -> Msp:
        msp = fresh()
        msp.tell(client(), contract(), prepaid(), booking("1", day=JULY.start))
        msp.bill(JULY)
        msp.recognise(JULY)
        return msp

    undisturbed, ledger, bomb = one_month(), Ledger(), Bomb()
    post(undisturbed, FragileSink(ledger, bomb), Fragile(undisturbed.database, bomb))
    assert [record for record, _ in ledger.pushes] == ["customer", "invoice", "entry"]
    assert bomb.moments > 18
    for fuse in range(1, bomb.moments + 1):
        msp, again = one_month(), Ledger()
        bomb = Bomb(fuse)
        with pytest.raises(Crash):
            post(msp, FragileSink(again, bomb), Fragile(msp.database, bomb))
        post(msp, again)
        assert again.booked == ledger.booked
        assert again.pushes == ledger.pushes, f"crashed at moment {fuse}"
        assert msp.rows(outbound) == undisturbed.rows(outbound)
        assert states(msp) == ["posted"]
