"""One seed's world: the vendors as they really are, the line that serves them, and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from tallystick.cycle.approve import approve
from tallystick.engine import billing, cash
from tallystick.engine.bill_run import bill_run
from tallystick.engine.inbound import sync
from tallystick.engine.line import run_line
from tallystick.errors import TallystickError
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.ledger_schema import invoice
from tallystick.testing.simulate.accounting import Accounting, Document
from tallystick.testing.simulate.bank import Account
from tallystick.testing.simulate.cards import Cards
from tallystick.testing.simulate.chance import Chance
from tallystick.testing.simulate.debits import Debits
from tallystick.testing.simulate.moments import CALM, Crash, Moments, Watched, Weather
from tallystick.testing.simulate.obligations import Obligations
from tallystick.testing.simulate.psa import Psa
from tallystick.testing.simulate.quiet import Unwatched
from tallystick.testing.simulate.rows import Kept
from tallystick.testing.simulate.stage import Stage, Staged

OPENS = datetime(2026, 1, 1, 8, tzinfo=UTC)
FEES = (100, 250, 480)
Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Begun:
    """A moment to begin at: what the service desk has, and accounting."""

    at: datetime
    billed: Period
    desk: Kept
    customers: Kept
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Round:
    settled: cash.SettleReport
    collected: cash.CollectReport
    posted: billing.PostReport


class World:
    """Vendors, database, clock and chance of one seed."""

    def __init__(
        self, seed: int, stage: Stage, database: Database, begun: Begun | None = None
    ) -> None:
        """An empty `database`, or the one that was left when others had `begun`."""
        chance = Chance(seed)
        self.moments = Moments(chance, OPENS, _weather(chance))
        self.database = database
        self.psa = Psa(self.moments)
        self.books = Accounting(self.moments)
        self.bank = Account(self.moments, "bank")
        obligations = Obligations(self.moments, self.gross_minor)
        self.debits = Debits(self.moments, self.bank, obligations)
        self.cards = Cards(self.moments, obligations)
        self.installation = Staged(
            root=stage.root,
            path=stage.path,
            config=stage.config,
            plugins=stage.plugins,
            database=Watched(database, self.moments),
            terms=stage.terms,
            now=self.moments.now,
            environ={},
            vendors={
                "psa": self.psa,
                "books": self.books,
                "bank": self.bank,
                "debits": self.debits,
                "cards": self.cards,
            },
        )
        self._closing: Period | None = None
        if begun is None:
            self._clients_come()
        else:
            self.psa.rows.begin_with(begun.desk)
            self.cards.rows.begin_with(begun.customers)
            self.books.documents += begun.documents
            self.moments.at = begun.at
            self._closing = begun.billed

    def begun(self) -> Begun:
        """What another world may begin with; nothing is under way in this one."""
        desk, customers = self.psa.rows.kept(), self.cards.rows.kept()
        return Begun(self.moments.at, self.period, desk, customers, tuple(self.books.documents))

    # What the line is told to do

    @property
    def period(self) -> Period:
        """The last full month; once all is calm no further one begins."""
        first = self.installation.today.replace(day=1)
        return self._closing or Period((first - timedelta(days=1)).replace(day=1), first)

    def jobs(self) -> dict[str, Job]:
        """What a worker, or a person at the command line, may start at any moment."""
        one, period, watch = self.installation, self.period, Unwatched()
        return {
            "run": lambda: run_line(one, period, "anna", one.today, watch),
            "sync": lambda: sync(one, watch),
            "bill": lambda: bill_run(one, period, "anna", one.today, watch),
            "post": lambda: billing.post(one, watch),
            "collect": lambda: cash.collect(one, watch),
            "settle": lambda: cash.settle(one, watch),
            "cash": self._cash,
            "approve": self.approve,
        }

    def _cash(self) -> object:
        """The daily round: read the accounts, settle, collect, and tell accounting."""
        one, watch = self.installation, Unwatched()
        for account in self.accounts:
            sync(one, watch, account.name)
        settled = cash.settle(one, watch)
        collected = cash.collect(one, watch)
        return Round(settled, collected, billing.post(one, watch))

    def approve(self) -> object:
        """A person looks at what the policy leaves to one, and lets it go."""
        given = (self.installation.database, self.period, "ben", "seen", frozenset[str]())
        return approve(*given, self.moments.now)

    def work(self, jobs: dict[str, str]) -> None:
        """Have each worker do one job of that name, side by side where there are several."""
        self.moments.workers.together({who: self._doing(who, what) for who, what in jobs.items()})

    def _doing(self, who: str, what: str) -> Callable[[], None]:
        def job() -> None:
            self.moments.note(who, what, "begins")
            try:
                report = self.jobs()[what]()
            except TallystickError as error:
                self.moments.note(who, what, f"{type(error).__name__}: {error.what}")
            except Crash:
                self.moments.note(who, what, "starts anew from what is in the database")
            except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
                self.moments.breach(f"{what} failed with {type(error).__name__}: {error}")
            else:
                self.moments.note(who, what, report)

        return job

    # What the world does by itself

    def time_passes(self, span: timedelta) -> None:
        self.moments.pass_by(span)
        self.debits.time_has_come()
        self.cards.time_has_come()

    def _clients_come(self) -> None:
        """One client, or two or three; debited, charged by card, or neither."""
        chance = self.moments.chance
        for number in range(chance.weighted({1: 3, 2: 3, 3: 1})):
            client = str(1001 + number)
            self.psa.sell(client, chance.one_of(FEES), OPENS.date())
            match chance.weighted({"card": 5, "debit": 3, "transfer": 2}):
                case "card":
                    self.cards.give_card(client)
                case "debit":
                    self.psa.sign(client)

    def service_is_given(self) -> None:
        """People book time, or change what they booked."""
        chance, today = self.moments.chance, self.installation.today
        for _ in range(chance.between(0, 3)):
            known = sorted(self.psa.rows.of("booking"))
            client, hours = chance.one_of(self.clients), chance.between(0, 4)
            if known and chance.happens(300):
                row = self.psa.rows.of("booking")[chance.one_of(known)]
                self.psa.work(row["id"], row["client"], row["work_date"], hours)
            else:
                back = timedelta(days=chance.between(0, 20))
                day = max(OPENS.date(), today - back)
                self.psa.work(f"b{len(known) + 1}", client, day, hours)

    def payers_pay(self) -> None:
        """Somebody transfers what an invoice asks for, or less, more, or what no invoice asks."""
        chance = self.moments.chance
        for number, client, minor in self.issued():
            if minor <= 0 or not chance.happens(80 if self.debited(client) else 300):
                continue
            percent = chance.weighted({100: 8, 50: 1, 110: 1})
            late = chance.lasts(timedelta(0), timedelta(days=3))
            text = chance.weighted({f"Invoice {number}": 9, "Thank you": 1})
            amount = Money(minor * percent // 100, "EUR")
            self.bank.book(amount, late, remittance=text, counterparty=client)

    def calm(self) -> None:
        self.moments.note("", "from here on nothing fails", " ")
        self._closing = self.period
        self.moments.weather = CALM

    # What its observer sees

    @property
    def accounts(self) -> list[Account]:
        return [self.bank, self.cards.balance]

    @property
    def clients(self) -> list[str]:
        return sorted(self.psa.rows.of("client"))

    def next_at(self) -> datetime | None:
        """When the next thing happens by itself; None when nothing is under way any more."""
        told = [one.told_at for account in self.accounts for one in account.movements]
        later = [
            at for at in (*told, *self.debits.hours(), *self.cards.hours()) if at > self.moments.at
        ]
        return min(later, default=None)

    def debited(self, client: str) -> bool:
        ref = client.removeprefix("psa:")
        signed = self.psa.rows.of("mandate"), self.cards.rows.of("mandate")
        return f"M{ref}" in signed[0] or f"pm_{ref}" in signed[1]

    def issued(self) -> list[tuple[str, str, int]]:
        """Number, client and gross in minor units of every invoice."""
        with self.database.read() as connection:
            rows = connection.execute(select(invoice).order_by(invoice.c.number)).all()
        return [(row.number, row.client, row.gross_minor) for row in rows]

    def gross_minor(self, number: str) -> int:
        return next((gross for known, _, gross in self.issued() if known == number), 0)


def _weather(chance: Chance) -> Weather:
    """Of one seed: from a fine day to a storm."""
    storm = chance.one_of((0, 15, 60, 150))
    return Weather(
        crash=chance.one_of((0, 5, 15, 40)),
        lost=storm,
        slow=storm // 3,
        refused=chance.one_of((0, 20, 80)),
        failing=storm // 2,
        partial=storm,
    )
