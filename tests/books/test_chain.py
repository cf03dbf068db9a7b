"""The chain finds whatever was changed, removed, inserted or moved, and names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from tallystick.books.chain import EMPTY, START, Head, Sealed, faults, seal
from tallystick.books.entries import RECEIVABLE, Entry, Posting
from tallystick.money import Money
from tallystick.store.books import journal
from tallystick.store.books.schema import chain_head, entry, posting
from tallystick.store.books.sealed import broken, head_of
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ENTRIES = 400
ROUNDS, PER_ROUND = 100, 100


def told(number: int) -> Entry:
    net, tax = Money(1000 + number, "EUR"), Money(190 + number % 7, "EUR")
    client = f"psa:{number % 9}"
    return Entry(
        f"invoice:{number}",
        date(2026, 1 + number % 9, 3),
        f"Invoice {number}",
        (
            Posting(RECEIVABLE, net + tax, client),
            Posting("Income:Fixed", -net, client, f"C{number}", "L1", date(2026, 8, 1)),
            Posting("Liabilities:Tax:Standard", -tax, client),
        ),
    )


def record(database: Database, numbers: range) -> int:
    with database.write() as connection:
        return journal.record(connection, map(told, numbers), NOON)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_database("sqlite:///full.db", tmp_path_factory.mktemp("chain"))
    upgrade(database)
    for start in range(1, ENTRIES, 80):
        assert record(database, range(start, start + 80)) == 80
    yield database
    database.close()


class Undone(Exception):
    """Takes a transaction back."""


@contextmanager
def tampered(database: Database) -> Iterator[Connection]:
    """A connection on which foreign keys wait, and whose changes never happened."""
    try:
        with database.write() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            yield connection
            raise Undone
    except Undone:
        pass


def named(connection: Connection) -> set[int]:
    return {fault.id for fault in broken(connection, "journal")}


def test_a_journal_as_recorded_has_no_fault(database: Database) -> None:
    record(database, range(1, 50))
    record(database, range(30, 60))
    with database.read() as connection:
        assert broken(connection, "journal") == []
        assert head_of(connection, "journal").length == 59


def test_what_is_not_committed_leaves_no_gap(database: Database) -> None:
    record(database, range(1, 5))
    with suppress(Undone), database.write() as connection:
        journal.record(connection, map(told, range(5, 9)), NOON)
        raise Undone
    record(database, range(9, 12))
    with database.read() as connection:
        assert sorted(connection.execute(select(entry.c.id)).scalars()) == list(range(1, 8))
        assert broken(connection, "journal") == []


def test_two_writers_make_one_chain(database: Database) -> None:
    def write(first: int) -> None:
        for start in range(first, 200, 20):
            record(database, range(start, start + 10))

    writers = [Thread(target=write, args=(first,)) for first in (1, 6, 11)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as connection:
        assert broken(connection, "journal") == []
        sources = list(connection.execute(select(entry.c.source)).scalars())
    assert len(sources) == len(set(sources)) == head_of_database(database).length == 200


def head_of_database(database: Database) -> Head:
    with database.read() as connection:
        return head_of(connection, "journal")


def flip(connection: Connection, random: Random, number: int) -> set[int]:
    """Change one value of the entry or of one of its postings."""
    if random.random() < 0.5:
        column = random.choice([c for c in entry.columns if c.name != "id"])
        where = entry.c.id == number
        statement = update(entry).where(where)
        before = connection.execute(select(column).where(where)).scalar()
    else:
        names = {"entry", "position"}
        column = random.choice([c for c in posting.columns if c.name not in names])
        where = (posting.c.entry == number) & (posting.c.position == random.randint(1, 3))
        statement = update(posting).where(where)
        before = connection.execute(select(column).where(where)).scalar()
    connection.execute(statement.values({column: other(before, column.name, random, number)}))
    return {number}


def other(before: object, name: str, random: Random, number: int) -> object:
    if isinstance(before, datetime):
        return before.replace(microsecond=random.randint(1, 999_999))
    if isinstance(before, date):
        return before.replace(day=random.randint(4, 28))
    if isinstance(before, int):
        return before + random.choice((-1, 1, 100))
    if name in ("belongs_on", "service_month", "reported_in"):
        return date(2026, 1, 1)
    return f"{before or ''}~{number}"


def remove(connection: Connection, random: Random, number: int) -> set[int]:
    connection.execute(delete(posting).where(posting.c.entry == number))
    connection.execute(delete(entry).where(entry.c.id == number))
    return {number}


def remove_posting(connection: Connection, random: Random, number: int) -> set[int]:
    gone = (posting.c.entry == number) & (posting.c.position == random.randint(1, 3))
    connection.execute(delete(posting).where(gone))
    return {number}


def swap(connection: Connection, random: Random, number: int) -> set[int]:
    """Two neighbours change places, their hashes with them."""
    if number == ENTRIES:
        return remove(connection, random, number)
    for table, column in ((entry, entry.c.id), (posting, posting.c.entry)):
        for one, place in ((number, -1), (number + 1, number), (-1, number + 1)):
            connection.execute(update(table).where(column == one).values({column: place}))
    return {number, number + 1}


def add_posting(connection: Connection, random: Random, number: int) -> set[int]:
    connection.execute(
        insert(posting).values(
            entry=number, position=4, account="Income:Fixed", amount_minor=0, currency="EUR"
        )
    )
    return {number}


Tamper = Callable[[Connection, Random, int], set[int]]
WAYS: list[Tamper] = [flip, flip, flip, remove, remove_posting, swap, add_posting]


def test_ten_thousand_changes_are_all_found_and_named(full: Database) -> None:
    """A hundred at a time, in entries that are not neighbours, so that each must be named."""
    random = Random(20260930)
    for _ in range(ROUNDS):
        chosen = random.sample(range(1, ENTRIES // 3), PER_ROUND)
        with tampered(full) as connection:
            touched: set[int] = set()
            for place in chosen:
                touched |= random.choice(WAYS)(connection, random, place * 3)
            found = named(connection)
        assert touched <= found
        assert found <= touched | {number + 1 for number in touched}, "nobody is named for nothing"
    with full.read() as connection:
        assert broken(connection, "journal") == []


def test_an_entry_cut_off_behind_is_missed(full: Database) -> None:
    with tampered(full) as connection:
        remove(connection, Random(), ENTRIES)
        assert named(connection) == {ENTRIES}


def test_an_entry_put_behind_is_found(full: Database) -> None:
    with tampered(full) as connection:
        connection.execute(
            insert(entry).values(
                id=ENTRIES + 1,
                source="made up",
                booked_on=date(2026, 9, 1),
                narration="",
                recorded_at=NOON,
                hash=START,
            )
        )
        assert named(connection) == {ENTRIES + 1}


def test_postings_of_no_entry_are_found(full: Database) -> None:
    with tampered(full) as connection:
        connection.execute(delete(entry).where(entry.c.id == 7))
        assert {fault.what for fault in broken(connection, "journal") if fault.id == 7} == {
            "it is missing",
            "it has postings, but is missing",
        }


def test_what_is_no_date_is_a_fault_not_a_crash(full: Database) -> None:
    with tampered(full) as connection:
        connection.exec_driver_sql("UPDATE entry SET booked_on = 'soon' WHERE id = 5")
        connection.exec_driver_sql("UPDATE posting SET amount_minor = 'much' WHERE entry = 9")
        assert named(connection) == {5, 9}


def test_a_journal_written_anew_is_whole_but_not_what_the_anchor_says(full: Database) -> None:
    """Cut to 300 entries with a head that fits, and then grown again."""
    noted = head_of_database(full)
    with tampered(full) as connection:
        kept = connection.execute(select(entry.c.hash).where(entry.c.id == 300)).scalar_one()
        for number in range(301, ENTRIES + 1):
            remove(connection, Random(), number)
        connection.execute(update(chain_head).values(length=300, hash=kept))
        assert named(connection) == set()
        [fault] = broken(connection, "journal", [noted])
        assert fault == (301, f"it and all to {ENTRIES} are missing")
        journal.record(connection, map(told, range(1000, 1150)), NOON)
        assert named(connection) == set()
        assert {one.id for one in broken(connection, "journal", [noted])} == {ENTRIES}
    with full.read() as connection:
        assert broken(connection, "journal", [noted]) == []


def test_the_hash_is_over_the_one_before() -> None:
    first = seal(START, [1, "a"])
    rows = [Sealed(1, "a", [1, "a"], first), Sealed(2, "b", [2, "b"], seal(first, [2, "b"]))]
    end = Head(2, rows[1].hash)
    assert list(faults(rows, end)) == []
    assert list(faults([], EMPTY)) == []
    assert [one.id for one in faults(rows, Head(2, START))] == [2]
    assert seal(START, [1, "a"]) != seal(first, [1, "a"])


def test_an_anchor_is_a_file(tmp_path: Path) -> None:
    from tallystick.cli.verifying import _read

    file = tmp_path / "anchor.json"
    file.write_text('{"journal": {"length": 3, "hash": "ab"}}')
    assert _read(file) == {"journal": Head(3, "ab")}
