"""Cells follow every change: after thousands of random ones they are what a rebuild makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from msgspec import structs
from sqlalchemy import delete, insert

from tallystick.books.entries import Entry, Posting
from tallystick.books.exchange import ExchangeRate
from tallystick.books.overhead import Overhead
from tallystick.money import Money
from tallystick.period import Period, month
from tallystick.records import Booking, ContractLine, Cost, CostRate, Record, Usage
from tallystick.store.books import journal, periods
from tallystick.store.facts.schema import FACTS, link
from tallystick.store.profit import cells
from tallystick.store.profit.keeping import Keeper
from tallystick.store.profit.rebuilding import ensure, rebuild
from tallystick.store.profit.schema import direct_cost, effort, profit_cell
from tallystick.store.profit.stamped import EFFORT
from tallystick.store.profit.stamps import effort_of, works
from tallystick.views.profit import profit

from .msp import NOON, Msp
from .told import booking, client, contract, cost_rate, fixed, ticket

DERIVED = (effort, direct_cost, profit_cell)
CLIENTS, CONTRACTS, TICKETS, TECHNICIANS = 6, 8, 12, 4
JANUARY = date(2026, 1, 1)
METERED: dict[str, Any] = {
    "client": "K1",
    "meter": "storage",
    "quantity": Decimal(1),
    "currency": "EUR",
}


def state(msp: Msp) -> list[list[tuple[Any, ...]]]:
    """Every stamp and cell there is."""
    return [sorted(map(tuple, msp.rows(table)), key=repr) for table in DERIVED]


class Chance:
    """Random records over few ids, so that they meet; some name what nobody knows."""

    def __init__(self, seed: int) -> None:
        self.of = Random(seed)
        self.told: dict[str, Booking] = {}

    def day(self) -> date:
        return JANUARY + timedelta(days=self.of.randrange(270))

    def ref(self, letter: str, count: int, nothing: bool = True) -> Any:
        if nothing and self.of.random() < 0.25:
            return None
        return f"{letter}{self.of.randrange(count + 1)}"

    def booking(self) -> Booking:
        """A new one, or one told before of which one thing changed, as it mostly is."""
        ref = f"B{self.of.randrange(300)}"
        more = {
            "client": self.ref("K", CLIENTS),
            "work_date": self.day(),
            "ticket": self.ref("T", TICKETS),
            "contract": self.ref("C", CONTRACTS) if self.of.random() < 0.5 else None,
            "technician": self.ref("P", TECHNICIANS),
            "work_type": self.of.choice([None, "remote", "onsite"]),
            "seconds": self.of.randrange(0, 9000),
            "billable": self.of.choice(["billable", "never", "no_charge"]),
            "approved": self.of.choice([None, True, False]),
        }
        if ref in self.told and self.of.random() < 0.7:
            name = self.of.choice(sorted(more))
            self.told[ref] = structs.replace(self.told[ref], **{name: more[name]})
        else:
            self.told[ref] = Booking(id=ref, **more)
        return self.told[ref]

    def ticket(self) -> Record:
        more = {
            "contract": self.ref("C", CONTRACTS),
            "asset": self.ref("A", 3),
            "type": self.of.choice([None, "incident", "request"]),
        }
        return ticket(self.ref("T", TICKETS - 1, False), self.ref("K", CLIENTS), **more)

    def contract(self) -> Record:
        more = {
            "currency": self.of.choice(["EUR", "EUR", "CHF", "USD"]),
            "starts_on": self.day(),
            "ends_on": self.of.choice([None, date(2026, 12, 1)]),
        }
        of = self.ref("K", CLIENTS, False)
        return contract(self.ref("C", CONTRACTS - 1, False), of, **more)

    def line(self) -> ContractLine:
        if self.of.random() < 0.2:
            kinds = self.of.choice([["*"], ["incident"]])
            return shared(self.ref("L", 6, False), self.ref("C", CONTRACTS, False), kinds)
        terms = self.of.choice(
            [
                {"unit_price": "1", "work_types": ["*"]},
                {"unit_price": "1", "work_types": ["remote"]},
                {"unit_price": "many"},
            ]
        )
        return ContractLine(
            id=self.ref("L", 6, False),
            contract=self.ref("C", CONTRACTS, False),
            description="fee",
            model="fixed",
            terms=terms,
        )

    def rate(self) -> CostRate:
        more = {
            "technician": self.ref("P", TECHNICIANS - 1, False),
            "valid_from": self.day(),
            "currency": self.of.choice(["EUR", "EUR", "CHF", "XXX"]),
        }
        return cost_rate(f"R{self.of.randrange(8)}", f"{self.of.randrange(9999)}.5", **more)

    def cost(self) -> Cost:
        day = self.day()
        spread = {"starts_on": day, "ends_on": day + timedelta(days=self.of.randrange(1, 90))}
        return Cost(
            id=f"X{self.of.randrange(20)}",
            client=self.ref("K", CLIENTS),
            contract=self.ref("C", CONTRACTS),
            ticket=self.ref("T", TICKETS),
            kind=self.of.choice([None, "licence", "travel"]),
            amount=Decimal(self.of.randrange(-500, 50_000)) / 100,
            currency=self.of.choice(["EUR", "CHF", "USD"]),
            **self.of.choice([spread, {"spent_on": day}]),
        )

    def usage(self) -> Usage:
        return Usage(
            id=f"U{self.of.randrange(10)}",
            client=self.ref("K", CLIENTS, False),
            contract=self.ref("C", CONTRACTS),
            meter="storage",
            quantity=Decimal(1),
            used_on=self.day(),
            cost=self.of.choice([None, Decimal("12.345")]),
            currency="EUR",
        )

    def records(self, count: int) -> list[Record]:
        """Mostly bookings, as it is."""
        rare = [self.ticket, self.contract, self.line, self.rate, self.cost, self.usage]
        rare.append(lambda: client(self.ref("K", CLIENTS - 1, False)))
        return [
            (self.booking if self.of.random() < 0.7 else self.of.choice(rare))()
            for _ in range(count)
        ]


def shared(ref: str, of: str, kinds: list[str]) -> ContractLine:
    """A block of hours for what no line of the client's other contracts takes."""
    terms = {"quantity": "2", "unit_price": "180", "rate_card": "standard", "shared": True}
    covers = {"ticket_types": kinds}
    return ContractLine(
        id=ref, contract=of, description="block", model="prepaid", terms=terms | {"covers": covers}
    )


def take_away(msp: Msp, kind: str, refs: Sequence[str]) -> None:
    """Delete records as a source that lists all it has would."""
    table = FACTS[kind]
    with msp.database.write() as connection, Keeper(msp.cells)(connection, "psa", kind, refs):
        connection.execute(delete(table).where(table.c.id.in_(refs)))


def earn(msp: Msp, chance: Chance, number: int) -> None:
    amount = Money(chance.of.randrange(-9000, 90_000), chance.of.choice(["EUR", "CHF"]))
    of = (f"psa:{chance.ref('K', CLIENTS, False)}", f"psa:{chance.ref('C', CONTRACTS, False)}")
    legs = (
        Posting("Assets:Receivable", amount, of[0]),
        Posting("Income:Fixed", -amount, *of, "psa:L1", chance.day().replace(day=1)),
    )
    with msp.database.write() as connection:
        entry = Entry(f"invoice:{number}", JANUARY, "Issue", legs)
        journal.record(connection, [entry, entry], NOON)


def relink(msp: Msp, chance: Chance) -> None:
    """A client or asset of the service desk turns out to be a copy, of another, or of none."""
    kind = chance.of.choice(["client", "asset"])
    copy = chance.ref({"client": "K", "asset": "A"}[kind], 3, False)
    of_copy = (link.c.kind == kind) & (link.c.connection == "psa") & (link.c.id == copy)
    home = {"client": "K", "asset": "M"}[kind] + str(chance.of.randrange(4))
    with (
        msp.database.write() as connection,
        Keeper(msp.cells)(connection, "psa", f"link.{kind}", [copy]),
    ):
        connection.execute(delete(link).where(of_copy))
        if chance.of.random() < 0.6:
            row = {"kind": kind, "connection": "psa", "id": copy, "rule": "chance"}
            at = {"home_connection": "psa" if kind == "client" else "rmm", "home_id": home}
            connection.execute(insert(link).values(**row, **at))


def change_at_random(msp: Msp, seed: int, changes: int, batch: int) -> None:
    chance = Chance(seed)
    for number in range(changes // batch):
        records = chance.records(batch)
        unique = list({(type(one), one.id): one for one in records}.values())
        msp.tell(*unique)
        if number % 5 == 1:
            refs = [f"B{chance.of.randrange(300)}" for _ in range(batch // 4)]
            take_away(msp, "booking", refs)
        if number % 9 == 2:
            kind, letter = chance.of.choice([("cost", "X"), ("contract", "C"), ("ticket", "T")])
            take_away(msp, kind, [chance.ref(letter, 5, False)])
        if number % 4 == 3:
            earn(msp, chance, number)
        if number % 11 == 4:
            relink(msp, chance)


def ready(msp: Msp) -> Msp:
    msp.exchange = (ExchangeRate("CHF", "EUR", Decimal("1.05")),)
    msp.overheads = (
        Overhead(Decimal("12.5")),
        Overhead(hourly=Fraction(7, 3), currency="EUR", valid_from=date(2026, 5, 1)),
    )
    ensure(msp.database, msp.cells)
    return msp


def close_before(msp: Msp, day: date) -> None:
    """Months are closed in their order; this closes all before `day` at once."""
    with msp.database.write() as connection:
        periods.add(connection, "closed", Period(JANUARY, day), "anna", NOON, "")


def must_equal_a_rebuild(msp: Msp) -> None:
    followed = state(msp)
    rebuild(msp.database, msp.cells)
    assert followed == state(msp)
    assert all(followed)


def test_after_ten_thousand_changes_the_cells_are_what_a_rebuild_makes(
    fresh: Callable[[], Msp],
) -> None:
    msp = ready(fresh())
    for seed in range(4):
        change_at_random(msp, seed, changes=2500, batch=250)
        must_equal_a_rebuild(msp)
        if seed:
            close_before(msp, date(2026, 2 * seed, 1))


def test_the_same_on_both_databases_change_by_change(msp: Msp) -> None:
    ready(msp)
    change_at_random(msp, seed=7, changes=250, batch=5)
    must_equal_a_rebuild(msp)


def test_each_kind_of_change_is_followed(office: Msp) -> None:
    """One change at a time: each moves something, and to where a rebuild would put it."""
    sold = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 11, 1)}
    office.tell(client("K9"), contract("C9", "K9"), fixed("L9", "C9", work_types=["onsite"]))
    office.tell(contract("C2", "K1"), contract("C5", "K5"))
    ensure(office.database, office.cells)
    changes: list[Callable[[], None]] = [
        lambda: office.tell(booking("1", "K1", ticket="7")),
        lambda: office.tell(cost_rate("R1")),
        lambda: office.tell(cost_rate("R2", "55", valid_from=date(2026, 9, 9))),
        lambda: office.tell(ticket("7", "K1", asset="A1", type="incident")),
        lambda: office.link("A1", "M1", source="psa", kind="asset"),
        lambda: office.tell(fixed("L5", "C2", work_types=["*"])),
        lambda: office.tell(ticket("7", "K1", contract="C9")),
        lambda: office.tell(ticket("7", "K1")),
        lambda: office.tell(booking("2", "K5")),
        lambda: office.tell(client("K5")),
        lambda: take_away(office, "client", ["K5"]),
        lambda: office.link("K5", "K9", source="psa"),
        lambda: office.tell(Cost(id="X", client="K1", amount=Decimal(9), currency="EUR", **sold)),
        lambda: office.tell(Usage(id="U", used_on=date(2026, 9, 1), cost=Decimal(3), **METERED)),
        lambda: earn(office, Chance(1), 1),
        lambda: take_away(office, "contract", ["C2"]),
        lambda: take_away(office, "cost_rate", ["R2"]),
        lambda: take_away(office, "booking", ["1"]),
        lambda: take_away(office, "cost", ["X"]),
    ]
    for number, change in enumerate(changes):
        before = state(office)
        change()
        followed = state(office)
        rebuild(office.database, office.cells)
        assert followed == state(office), number
        assert followed != before, number


def test_a_booking_told_again_belongs_where_it_says_now(office: Msp) -> None:
    """Remote work of K1 is under C1, onsite under C2 from August on, and billable work on incidents
    that is neither draws on the shared balance of C4; K2 has C3 alone."""
    office.tell(client("K1"), client("K2"), contract("C3", "K2"), cost_rate("R1"))
    office.tell(contract("C4"), shared("L4", "C4", ["incident"]), ticket("7", type="incident"))
    office.tell(ticket("8", contract="C2"))
    office.tell(contract("C1"), fixed("L1", "C1", work_types=["remote"]))
    office.tell(contract("C2", starts_on=date(2026, 8, 1)))
    office.tell(fixed("L2", "C2", work_types=["onsite"]))
    ensure(office.database, office.cells)
    told = booking("1", work_type="remote")
    changes = [
        ({}, "psa:C1"),
        ({"contract": "C2"}, "psa:C2"),
        ({"contract": None}, "psa:C1"),
        ({"work_type": "onsite"}, "psa:C2"),
        ({"seconds": 60}, "psa:C2"),
        ({"contract": "C1"}, "psa:C1"),
        ({"ticket": "7"}, "psa:C4"),
        ({"billable": "never"}, "psa:C1"),
        ({"ticket": None, "contract": None}, "psa:C2"),
        ({"ticket": "8", "work_type": "remote"}, "psa:C2"),
        ({"ticket": None}, "psa:C1"),
        ({"work_type": "onsite"}, "psa:C2"),
        ({"work_date": date(2026, 7, 31)}, "psa:C4"),
        ({"client": "K2"}, "psa:C3"),
        ({"client": None}, ""),
    ]
    for change, belongs in changes:
        told = structs.replace(told, **change)
        office.tell(told)
        [stamp] = office.rows(effort)
        assert (stamp.contract, stamp.seconds) == (belongs, told.seconds), change


def margins(msp: Msp, period: Period) -> list[Any]:
    """Every row of the period by contract; what a client is called is nothing to close."""
    rows = profit(msp.database, msp.cells, period, "contract").rows
    return [row._replace(name="") for row in rows]


def test_closed_months_do_not_move_and_the_open_one_says_the_difference(msp: Msp) -> None:
    """Late bookings, changed rates, deleted and moved work, late invoices: replayed against a
    closed half-year."""
    ready(msp)
    msp.tell(*Chance(3).records(300))
    half, rest = Period(JANUARY, date(2026, 7, 1)), Period(date(2026, 7, 1), date(2027, 1, 1))
    close_before(msp, half.end)
    closed = margins(msp, half)
    change_at_random(msp, seed=5, changes=250, batch=50)
    assert margins(msp, half) == closed
    must_equal_a_rebuild(msp)
    assert margins(msp, half) == closed
    with msp.database.read() as connection:
        rows = connection.execute(works(msp.cells)).all()
        truth = Counter[str]()
        for stamp in effort_of(connection, msp.cells, rows):
            one = dict(zip(EFFORT.names, stamp, strict=True))
            truth[one["currency"]] += one["labour_minor"] + one["overhead_minor"]
    told = Counter[str]()
    for row in (*margins(msp, half), *margins(msp, rest)):
        told[row.effort_cost.currency] += row.effort_cost.minor
    assert told == truth


def test_a_reopened_month_is_told_anew(office: Msp) -> None:
    office.tell(cost_rate("R1"), booking("1"))
    ensure(office.database, office.cells)
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    close_before(office, september.end)
    office.tell(booking("2"))
    [row] = margins(office, september)
    assert str(row.effort_cost) == "40.00 EUR"
    with office.database.write() as connection:
        periods.add(connection, "reopened", september, "anna", NOON, "a late booking")
    [row] = margins(office, september)
    assert str(row.effort_cost) == "80.00 EUR"


def test_overhead_of_a_closed_month_is_told_in_the_open_one(office: Msp) -> None:
    """September at 10 % is closed. 20 % from October on leave it as it is; that it should have
    been 15 % shows as a difference in October."""
    september, october = month(2026, 9), month(2026, 10)
    office.tell(cost_rate("R1"), booking("1"), booking("2", day=date(2026, 10, 5)))
    office.overheads = (Overhead(Decimal(10)),)
    assert [overhead(office, one) for one in (september, october)] == ["4.00 EUR", "4.00 EUR"]
    close_before(office, september.end)
    office.overheads = (Overhead(Decimal(10)), Overhead(Decimal(20), valid_from=october.start))
    assert [overhead(office, one) for one in (september, october)] == ["4.00 EUR", "8.00 EUR"]
    office.overheads = (Overhead(Decimal(15)), Overhead(Decimal(20), valid_from=october.start))
    assert [overhead(office, one) for one in (september, october)] == ["4.00 EUR", "10.00 EUR"]


def overhead(msp: Msp, period: Period) -> str:
    [row] = margins(msp, period)
    return str(row.overhead)


def test_cells_not_kept_yet_are_made_when_they_are_first_needed(office: Msp) -> None:
    office.tell(cost_rate("R1"), booking("1"))
    assert office.rows(effort) == []
    assert ensure(office.database, office.cells)
    assert [row.labour_minor for row in office.rows(effort)] == [4000]
    assert not ensure(office.database, office.cells)


def test_other_terms_make_the_cells_again_even_when_they_are_taken_back(office: Msp) -> None:
    """Nothing follows a change while the cells stand under other terms."""
    office.tell(cost_rate("R1"), booking("1"))
    ensure(office.database, office.cells)
    office.overheads = (Overhead(Decimal(50)),)
    office.tell(booking("2"))
    office.overheads = ()
    with office.database.read() as connection:
        assert cells.made_under(connection) is None
    assert ensure(office.database, office.cells)
    assert len(office.rows(effort)) == 2
