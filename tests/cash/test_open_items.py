"""What is open here and in accounting agrees, or it is said of which invoice not and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.books.open_items import Difference, compare
from tallystick.cash.repaying import write_off
from tallystick.cash.telling.post_payments import post_payments
from tallystick.connector import Context, Ledger, OpenItem, Sink
from tallystick.money import Money
from tallystick.plugins import Plugins
from tallystick.views.open_items import Compared, compare_open_items

from .world import NOON, World, copy_of, laid, movement


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("ours", "coming", "theirs", "unexplained"),
    [
        ({"A": 119}, [], [("A", 119)], None),
        ({}, [("A", -119)], [("A", 119)], 0),
        ({"A": 19}, [("A", -50), ("A", -50)], [("A", 119)], 0),
        ({"A": 119}, [("A", 119)], [], 0),
        ({"A": 119}, [], [], -119),
        ({}, [], [("A", 50)], 50),
        ({"A": 100}, [], [("A", 60), ("A", 40)], None),
    ],
)
def test_a_difference_is_explained_by_what_is_on_its_way(
    ours: dict[str, int],
    coming: list[tuple[str, int]],
    theirs: list[tuple[str, int]],
    unexplained: int | None,
) -> None:
    found = compare(
        {name: euro(minor) for name, minor in ours.items()},
        [(name, euro(minor)) for name, minor in coming],
        [(name, euro(minor)) for name, minor in theirs],
    )
    if unexplained is None:
        assert found == []
    else:
        [one] = found
        assert one.unexplained == euro(unexplained)
        assert one.explained == (unexplained == 0)


names = st.sampled_from("ABC")
amounts = st.integers(-3, 3).map(euro)


@given(st.dictionaries(names, amounts), st.lists(st.tuples(names, amounts)))
def test_differences_are_all_that_makes_the_sums_differ(
    ours: dict[str, Money], theirs: list[tuple[str, Money]]
) -> None:
    found = compare(ours, [], theirs)
    apart = sum(amount.minor for _, amount in theirs) - sum(one.minor for one in ours.values())
    assert sum(one.unexplained.minor for one in found) == apart
    assert all(one.ours != one.theirs for one in found)


@dataclass
class Told:
    items: Iterable[OpenItem]

    def whoami(self) -> str:
        return "accounting"

    def open_items(self) -> Iterable[OpenItem]:
        return self.items


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def prepare(world: World) -> None:
        world.invoice("INV-1001", "119.00")
        world.invoice("INV-1002", "238.00")
        world.invoice("CN-1003", "-30.00")

    return laid(tmp_path_factory.mktemp("open-items"), prepare)


def test_what_was_changed_there_by_hand_is_named(template: Path) -> None:
    with copy_of(template) as world:
        there = Told([OpenItem("INV-1002", euro(23800)), OpenItem("CN-1003", euro(-2000))])
        found = compare_open_items(world.database, "books", there)
    assert not found.agrees
    assert [(one.number, one.unexplained) for one in found.differences] == [
        ("CN-1003", euro(1000)),
        ("INV-1001", euro(-11900)),
    ]


def test_the_journal_agrees_before_and_after_every_payment_is_posted(
    template: Path, tmp_path: Path
) -> None:
    """The connector as it is: its books, read back."""
    connector = Plugins().connector("journal")
    settings = connector.settings.model_validate({"folder": "books"})
    books = connector.open(settings, Context("books", tmp_path, lambda: NOON))
    assert isinstance(books, Sink)
    assert isinstance(books, Ledger)
    with copy_of(template) as world:

        def compared() -> Compared:
            return compare_open_items(world.database, "books", books)

        assert [one.number for one in compared().differences] == ["CN-1003", "INV-1001", "INV-1002"]
        for number, gross in (("INV-1001", "119"), ("INV-1002", "238"), ("CN-1003", "-30")):
            _book(books, number, gross)
        assert compared() == Compared("books", {"EUR": euro(32700)}, {"EUR": euro(32700)}, [])
        world.bank(movement("t1", "119.00", remittance="INV-1001"))
        world.bank(movement("t2", "100.00", remittance="INV-1002"))
        world.settle()
        write_off.ask(world.database, "INV-1002", Decimal(38), "gone", "anna", world.now)
        write_off.approve(world.database, "INV-1002", "ben", world.today, world.now)
        assert compared().agrees
        assert compared().differences == [
            Difference("INV-1001", euro(0), euro(-11900), euro(11900)),
            Difference("INV-1002", euro(10000), euro(-13800), euro(23800)),
        ]
        post_payments(world.database, books, "books", world.now, lambda _: None)
        assert compared() == Compared("books", {"EUR": euro(7000)}, {"EUR": euro(7000)}, [])


def _book(books: Sink, number: str, gross: str) -> None:
    amount = Decimal(gross)
    raw = {
        "number": number,
        "kind": "invoice" if amount > 0 else "credit_note",
        "client": "psa:1001",
        "client_name": "Acme",
        "issued_on": NOON.date(),
        "currency": "EUR",
        "lines": [{"description": "fee", "account": "Income:Fixed", "net": amount}],
        "tax": [],
        "gross": amount,
    }
    books.push("invoice", raw, f"invoice:{number}")
