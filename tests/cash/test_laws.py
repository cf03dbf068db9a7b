"""Whatever the bank tells, in whatever order and however often: money is kept, nothing is
settled twice, and the books agree."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.records import BankTransaction

from .outside import Vendor
from .world import World, copy_of, laid, movement

INVOICES = {"INV-0001": "100.00", "INV-0002": "60.00", "INV-0003": "40.00", "INV-0004": "0.01"}
COLLECTED = ("INV-0001", "INV-0002")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with four open invoices, two of them in one batch of collections."""

    def prepare(world: World) -> None:
        for number, amount in INVOICES.items():
            world.invoice(number, amount, client="1001" if number in COLLECTED else "1002")
        world.mandate()
        world.collect(Vendor())

    return laid(tmp_path_factory.mktemp("template"), prepare)


debit = st.sampled_from(COLLECTED).map(
    lambda number: {"amount": INVOICES[number], "end_to_end_id": f"{number}-1"}
)
returned = st.tuples(st.sampled_from(COLLECTED), st.sampled_from(["0.00", "3.50"])).map(
    lambda two: {
        "amount": str(-Decimal(INVOICES[two[0]]) - Decimal(two[1])),
        "end_to_end_id": f"{two[0]}-1",
        "returned": True,
    }
)


def transfer(named_max: int) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(
        lambda amount, named: {"amount": amount, "remittance": " ".join(sorted(named))},
        st.sampled_from(["20.00", "40.00", "60.00", "100.00", "140.00", "200.00", "250.00"]),
        st.sets(st.sampled_from(sorted(INVOICES)), max_size=named_max),
    )


charges = st.just({"amount": "-4.90", "remittance": "fees"})
batch = st.just({"amount": "160.00", "batch": "BATCH"})
whole = st.lists(debit | returned | transfer(3) | charges | batch, max_size=7)
orderless = st.one_of(
    st.lists(debit | returned | transfer(1) | charges | batch, max_size=7),
    st.lists(debit | transfer(3) | charges | batch, max_size=7),
)
"""Money that names several invoices goes to those that are open when it comes. Without returns
that is the same in the end; a return in between may close another one first."""


def told(world: World, facts: list[dict[str, object]]) -> list[BankTransaction]:
    key = world.column("INV-0001-1", "batch")
    made = []
    for number, fact in enumerate(facts):
        more = dict(fact)
        amount = str(more.pop("amount"))
        if "batch" in more:
            more["batch"] = key
        made.append(movement(f"t{number}", amount, 1 + number, **more))
    return made


def result(world: World) -> tuple[dict[str, tuple[str, Decimal]], Decimal]:
    world.must_hold()
    return world.states(), world.suspense()


@settings(max_examples=60)
@given(orderless, st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_in_any_pieces_ends_the_same(
    template: Path, facts: list[dict[str, object]], random: object, pieces: int
) -> None:
    with copy_of(template) as at_once:
        at_once.bank(*told(at_once, facts))
        at_once.settle()
        expected = result(at_once)
        at_once.settle()
        assert result(at_once) == expected
    with copy_of(template) as piecemeal:
        shuffled = told(piecemeal, facts)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis hands a Random
        for start in range(pieces):
            piecemeal.bank(*shuffled[start::pieces])
            piecemeal.settle()
        assert result(piecemeal) == expected


@settings(max_examples=30)
@given(whole)
def test_no_invoice_is_settled_beyond_its_amount(
    template: Path, facts: list[dict[str, object]]
) -> None:
    with copy_of(template) as world:
        for transaction in told(world, facts):
            world.bank(transaction)
            world.settle()
            for number, (state, settled) in world.states().items():
                assert settled <= Decimal(INVOICES[number])
                assert (state == "paid") == (settled == Decimal(INVOICES[number]))


@settings(max_examples=30)
@given(whole)
def test_collecting_in_between_never_asks_for_more_than_is_open(
    template: Path, facts: list[dict[str, object]]
) -> None:
    vendor = Vendor()
    with copy_of(template) as world:
        for transaction in told(world, facts):
            world.bank(transaction)
            world.settle()
            before = world.states()
            for number, amount in world.collect(vendor).collected:
                assert amount.amount == Decimal(INVOICES[number]) - before[number][1]
                assert amount.amount <= Decimal(INVOICES[number])
        assert len(vendor.debits()) == len(set(vendor.debits()))
        world.must_hold()
