"""Whatever is paid in whatever currency, with whatever fees, in any order and however often it is
told: what came is kept, each currency balances, and the differences are those of the table."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tallystick.books.entries import EXCHANGE, FEES, SUSPENSE
from tallystick.books.exchange import ExchangeRate
from tallystick.cash.settling.received import shares
from tallystick.money import Money
from tallystick.records import BankTransaction
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.facts.schema import FACTS

from .world import World, copy_of, laid, movement

INVOICES = {"INV-0001": ("1000.00", "CHF"), "INV-0002": ("600.00", "CHF")} | {
    "INV-0003": ("400.00", "EUR"),
    "INV-0004": ("70000", "JPY"),
}
RATES = {"CHF": Decimal("1.05"), "JPY": Decimal("0.006")}
TABLE = [ExchangeRate(currency, "EUR", rate) for currency, rate in RATES.items()]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def prepare(world: World) -> None:
        for number, (gross, currency) in INVOICES.items():
            world.invoice(number, gross, currency=currency)

    return laid(tmp_path_factory.mktemp("template"), prepare)


cents = st.integers(1, 120_000).map(lambda minor: Decimal(minor) / 100)
fee = st.none() | st.sampled_from([Decimal("0.35"), Decimal("5.00")])


def transfer(number: str, amount: Decimal, charges: Decimal | None, back: bool) -> dict[str, Any]:
    """Money into the euro account for the one invoice it names; in its currency, at a rate
    of the bank's own."""
    currency = INVOICES[number][1]
    sign = -1 if back else 1
    told: dict[str, Any] = {"remittance": number, "returned": back, "charges": charges}
    worth = amount
    if currency != "EUR":
        told["paid_amount"] = sign * (amount if currency == "CHF" else Decimal(int(amount * 100)))
        told["paid_currency"] = currency
        worth = (abs(told["paid_amount"]) * RATES[currency] * Decimal("1.013")).quantize(
            Decimal("0.01")
        ) or Decimal("0.01")
    return {**told, "amount": sign * worth - (charges or 0)}


facts = st.lists(
    st.builds(
        transfer,
        st.sampled_from(sorted(INVOICES)),
        cents,
        fee,
        st.sampled_from([False] * 3 + [True]),
    ),
    max_size=6,
)


def told(facts: list[dict[str, Any]]) -> list[BankTransaction]:
    return [
        movement(f"t{number}", str(fact["amount"]), 1 + number, **_without_amount(fact))
        for number, fact in enumerate(facts)
    ]


def _without_amount(fact: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fact.items() if name != "amount"}


def must_be_kept(world: World) -> None:
    """The bank's euros and its fees are what was put into suspense, settled euro invoices, and
    what conversions stand for; those less the exchange differences are the table's worth of
    what they settled."""
    world.must_hold()
    balance = {name: Decimal(amount) for name, amount in world.balances().items()}
    with world.database.read() as connection:
        rows = connection.execute(select(FACTS["bank_transaction"])).all()
        parts = connection.execute(select(settlement)).all()
    assert balance.get(f"{FEES} EUR", 0) == sum(row.charges or 0 for row in rows)
    worth = sum(row.amount + (row.charges or 0) for row in rows)
    euros = sum(one.amount_minor for one in parts if one.invoice and one.currency == "EUR")
    waiting = -balance.get(f"{SUSPENSE} EUR", Decimal(0))
    traded = Decimal(0)
    carried: dict[tuple[str, str], Fraction] = {}
    for currency, rate in RATES.items():
        pair = "Equity:Conversions:" + "-".join(sorted((currency, "EUR")))
        traded -= balance.get(f"{pair} EUR", Decimal(0))
        mine = [one for one in parts if one.invoice and one.currency == currency]
        settled = sum(one.amount_minor for one in mine)
        assert balance.get(f"{pair} {currency}", 0) == Money(settled, currency).amount
        for one in mine:
            key = (one.bank_transaction, one.invoice)
            value = Fraction(Money(one.amount_minor, currency).amount) * Fraction(rate)
            carried[key] = carried.get(key, Fraction(0)) + value
    gained = -balance.get(f"{EXCHANGE} EUR", Decimal(0))
    assert worth == waiting + Money(euros, "EUR").amount + traded + gained
    assert traded == sum(Money.rounded(value, "EUR").amount for value in carried.values())


@settings(max_examples=25)
@given(facts, st.randoms(use_true_random=False), st.integers(1, 3))
def test_any_order_in_any_pieces_ends_the_same(
    template: Path, facts: list[dict[str, Any]], random: Any, pieces: int
) -> None:
    with copy_of(template, TABLE) as at_once:
        at_once.bank(*told(facts))
        at_once.settle()
        must_be_kept(at_once)
        states, before = at_once.states(), at_once.everything()
        at_once.bank(*told(facts))
        at_once.settle()
        assert at_once.everything() == before
        suspense = at_once.suspense()
    with copy_of(template, TABLE) as piecemeal:
        shuffled = told(facts)
        random.shuffle(shuffled)
        for start in range(pieces):
            piecemeal.bank(*shuffled[start::pieces])
            piecemeal.settle()
            must_be_kept(piecemeal)
        assert piecemeal.states() == states
        # Which payment is too much depends on the order, and so what its rest is rounded to.
        assert abs(piecemeal.suspense() - suspense) <= Decimal(len(facts)) / 100


@given(
    st.integers(-10_000, 10_000),
    st.lists(st.integers(-500, 500), min_size=1, max_size=5).filter(lambda some: sum(some) != 0),
)
def test_shares_of_all_are_the_whole(minor: int, amounts: list[int]) -> None:
    whole = Money(sum(amounts), "CHF")
    of = Money(minor, "EUR")
    found = shares(of, whole, [Money(one, "CHF") for one in amounts])
    assert sum(one.minor for one in found) == minor
    for one, amount in zip(found, amounts, strict=True):
        assert abs(one.minor - Fraction(minor * amount, sum(amounts))) <= 1
