"""Storing what connections deliver: once each, the newest version, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from tallystick.records import BankTransaction, ContractLine, Ticket
from tallystick.store.database import Database
from tallystick.store.facts import inbound
from tallystick.store.facts.cursors import move_cursor, read_cursor
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS, quarantine
from tallystick.store.facts.set_aside import SetAside, heal, set_aside

NOW = datetime(2026, 9, 1, tzinfo=UTC)
OPENED = datetime(2026, 7, 1, 8, tzinfo=UTC)


def ticket(ref: str, version: int, title: str = "") -> Ticket:
    updated = OPENED + timedelta(minutes=version)
    return Ticket(id=ref, version=version, updated_at=updated, title=title, opened_at=OPENED)


def store(database: Database, *batches: list[Ticket]) -> list[inbound.Stored]:
    reports = []
    for batch in batches:
        with database.write() as connection:
            reports.append(inbound.store_records(connection, "psa", "ticket", batch, NOW))
    return reports


def stored(database: Database) -> dict[str, Ticket]:
    with database.read() as connection:
        rows = connection.execute(select(FACTS["ticket"])).all()
    return {row.id: record_of(row, Ticket) for row in rows}


def test_the_same_rows_again_write_nothing(database: Database) -> None:
    batch = [ticket("1", 1), ticket("2", 1)]
    first, second = store(database, batch, batch)
    assert first == inbound.Stored(new=2)
    assert second == inbound.Stored(unchanged=2)


def test_an_older_version_never_replaces_a_newer_one(database: Database) -> None:
    _, second = store(database, [ticket("1", 5, "new")], [ticket("1", 3, "old")])
    assert second == inbound.Stored(older=1)
    assert stored(database)["1"].title == "new"


def test_a_row_without_versions_is_replaced_by_what_comes_last(database: Database) -> None:
    plain = [Ticket(id="1", title=title, opened_at=OPENED) for title in ("a", "b")]
    _, second = store(database, [plain[0]], [plain[1]])
    assert second == inbound.Stored(changed=1)
    assert stored(database)["1"].title == "b"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    versions=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 6)), min_size=1, max_size=20
    ).flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))),
    cut=st.integers(0, 20),
)
def test_any_order_of_versions_ends_in_the_same_rows(
    database: Database, versions: tuple[list[tuple[str, int]], list[tuple[str, int]]], cut: int
) -> None:
    ends = []
    for order in versions:
        with database.write() as connection:
            connection.execute(delete(FACTS["ticket"]))
        rows = [ticket(ref, version, f"v{version}") for ref, version in order]
        store(database, rows[:cut], rows[cut:])
        ends.append(stored(database))
    assert ends[0] == ends[1]
    highest = {ref: max(v for r, v in versions[0] if r == ref) for ref, _ in versions[0]}
    assert {ref: row.version for ref, row in ends[0].items()} == highest


def test_decimals_and_terms_come_back_exactly(database: Database) -> None:
    line = ContractLine(
        id="1",
        contract="C",
        description="d",
        model="fixed",
        terms={"unit_price": Decimal("0.1000000000000000000000001"), "work_types": ["a"]},
    )
    money = BankTransaction(
        id="1",
        account="A",
        booked_on=OPENED.date(),
        amount=Decimal("12345678901234567890.10"),
        currency="EUR",
    )
    with database.write() as connection:
        inbound.store_records(connection, "psa", "contract_line", [line], NOW)
        inbound.store_records(connection, "bank", "bank_transaction", [money], NOW)
        row = connection.execute(select(FACTS["contract_line"])).one()
        assert row.terms["unit_price"] == "0.1000000000000000000000001"
        back = connection.execute(select(FACTS["bank_transaction"])).one()
        assert record_of(back, BankTransaction) == money


def aside(place: str, ref: str, version: int = 0) -> SetAside:
    return SetAside(ref, version, place, "wrong", "mend it", {"a": place, "v": version}, {})


def test_a_quarantined_row_is_kept_once_and_healed_by_its_record(database: Database) -> None:
    rows = [aside("row 2", "7"), aside("row 3", "8")]
    with database.write() as connection:
        assert set_aside(connection, "psa", "ticket", rows, NOW) == 2
        assert set_aside(connection, "psa", "ticket", rows, NOW) == 0
        assert heal(connection, "psa", "ticket", {"7"}, set()) == 1
        states = connection.execute(
            select(quarantine.c.state, func.count()).group_by(quarantine.c.state)
        )
        assert dict(states.all()) == {"open": 1, "superseded": 1}


def test_a_newer_version_in_the_store_heals_an_older_row_that_comes_late(
    database: Database,
) -> None:
    store(database, [ticket("7", 9)])
    late = aside("row 2", "7", version=4)
    with database.write() as connection:
        set_aside(connection, "psa", "ticket", [late], NOW)
        assert heal(connection, "psa", "ticket", set(), {late.raw_hash}) == 1


def test_the_cursor_is_forgotten_when_the_mapping_changes(database: Database) -> None:
    with database.write() as connection:
        move_cursor(connection, "psa", "ticket", "token", "mapping 1")
        assert read_cursor(connection, "psa", "ticket", "mapping 1") == "token"
        assert read_cursor(connection, "psa", "ticket", "mapping 2") is None
