"""One seed's world: the vendors as they really are, the line that serves them, and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from tallystick.engine.receiving import receive
from tallystick.errors import TallystickError
from tallystick.period import Period
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.database import Database
from tallystick.testing.simulate import people
from tallystick.testing.simulate.accounting import Accounting, Document
from tallystick.testing.simulate.bank import Account
from tallystick.testing.simulate.cards import Cards
from tallystick.testing.simulate.chance import Chance
from tallystick.testing.simulate.debits import Debits
from tallystick.testing.simulate.jobs import Job, jobs_of
from tallystick.testing.simulate.mail import Mail
from tallystick.testing.simulate.moments import CALM, Crash, Moments, Watched, Weather
from tallystick.testing.simulate.obligations import Agreed, Obligations
from tallystick.testing.simulate.psa import Psa
from tallystick.testing.simulate.rows import Kept
from tallystick.testing.simulate.stage import Stage, Staged
from tallystick.testing.simulate.webhooks import SIGNED, Telling

OPENS = datetime(2026, 1, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Begun:
    """A moment to begin at: what the service desk has, and accounting."""

    at: datetime
    billed: Period
    desk: Kept
    customers: Kept
    documents: tuple[Document, ...]


class World:
    """Vendors, database, clock and chance of one seed."""

    def __init__(
        self,
        seed: int,
        stage: Stage,
        database: Database,
        begun: Begun | None = None,
        from_abroad: bool = False,
    ) -> None:
        """An empty `database` and new clients, some of them `from_abroad`; or the database that
        was left when others had `begun`."""
        chance = Chance(seed)
        self.moments = Moments(chance, OPENS, _weather(chance))
        self.database = database
        self.psa = Psa(self.moments)
        self.books = Accounting(self.moments)
        self.bank = Account(self.moments, "bank")
        obligations = Obligations(self.moments, self)
        self.mail = Mail(self.moments)
        self.debits = Debits(self.moments, self.bank, obligations)
        self.cards = Cards(self.moments, obligations)
        self.installation = Staged(
            root=stage.root,
            path=stage.path,
            config=stage.config,
            plugins=stage.plugins,
            database=Watched(database, self.moments),
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
            people.clients_come(self, from_abroad=from_abroad)
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

    def work(self, jobs: dict[str, str]) -> None:
        """Have each worker do one job of that name, side by side where there are several."""
        known = jobs_of(self)
        self.moments.workers.together(
            {who: self._doing(who, known[what], what) for who, what in jobs.items()}
        )

    def _doing(self, who: str, do: Job, what: str = "hears an event") -> Callable[[], None]:
        def job() -> None:
            self.moments.note(who, what, "begins")
            try:
                report = do()
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
        """Time passes, and what happens by itself happens: money moves, events are told."""
        self.moments.pass_by(span)
        self.debits.time_has_come()
        self.cards.time_has_come()
        for telling in self.cards.webhooks.due():
            self.cards.webhooks.not_acknowledged(telling)
            self.moments.workers.together({"webhook": self._doing("webhook", self._hear(telling))})

    def _hear(self, telling: Telling) -> Job:
        """Our receiver's part of one delivery; whoever tells it hears that it was stored."""

        def hear() -> object:
            new = receive(self.installation, "cards", SIGNED, telling.body)
            telling.acknowledged = True
            return f"{telling.event.id} {telling.event.kind} acknowledged, {new} new"

        return hear

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
            rows = connection.execute(_ISSUED).all()
        return [(row.number, row.client, row.gross_minor) for row in rows]

    def client_of(self, number: str) -> str:
        return next((client for known, client, _ in self.issued() if known == number), "")

    def currency_of(self, client: str) -> str:
        return self.psa.currency_of(client.removeprefix("psa:"))

    def gross_minor(self, number: str) -> int:
        return next((gross for known, _, gross in self.issued() if known == number), 0)

    def plan_of(self, number: str) -> Agreed | None:
        with self.database.read() as connection:
            row = control.latest(connection, "plan", "plan_over").get(number)
        if row is None or row.kind != "plan":
            return None
        return Agreed(
            row.at, [(date.fromisoformat(day), minor) for day, minor in row.detail["parts"]]
        )


_ISSUED = select(invoice.c.number, invoice.c.client, invoice.c.gross_minor).order_by(
    invoice.c.number
)


def _weather(chance: Chance) -> Weather:
    """Of one seed: from a fine day to a storm."""
    storm = chance.one_of((0, 15, 60, 150))
    return Weather(
        crash=chance.one_of((0, 10, 30, 60)),
        lost=storm,
        slow=storm // 3,
        refused=chance.one_of((0, 20, 80)),
        failing=storm // 2,
        partial=storm,
    )
