"""Price advice over the store: the renewal list, one contract, and the back-test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice

from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.insight.advice import Advised, advise
from tallystick.insight.back_test import BackTest, back_test
from tallystick.insight.prices import AdviceTerms
from tallystick.insight.renewals import renewals
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_of_contract
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.rebuilding import ensure
from tallystick.views.histories import histories, read_histories, told_apart


@dataclass(frozen=True, slots=True)
class AdviceView:
    """The renewal list under the terms it was made with; `more` are contracts further down that
    were not looked at."""

    terms: AdviceTerms
    contracts: list[Advised]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ContractAdvice:
    """One contract's advice with the back-test over its own months."""

    terms: AdviceTerms
    contract: Advised
    back_test: BackTest


def advice(
    database: Database,
    terms: BillingTerms,
    wanted: AdviceTerms,
    today: date,
    cells: CellTerms,
    shown: int | None = None,
) -> AdviceView:
    """Advice on contracts in force, from the whole months before `today`: on the first `shown` of
    each currency and of those without advice, or on all."""
    ensure(database, cells)
    with database.read() as connection:
        found = renewals(read_histories(connection, terms, today, cells), wanted)
        groups = groupby(found, key=lambda one: one.currency)
        first = [one.history for _, own in groups for one in islice(own, shown)]
        looked_at = told_apart(connection, first)
    contracts = [advise(one, wanted) for one in looked_at]
    return AdviceView(wanted, contracts, len(found) - len(contracts))


def contract_advice(
    database: Database,
    terms: BillingTerms,
    wanted: AdviceTerms,
    today: date,
    cells: CellTerms,
    ref: str,
) -> ContractAdvice:
    """Advice on the contract with id `ref`, or `connection:id`; raises `Stop` when no such
    contract is in force."""
    home = terms.homes.get("contract", "")
    plain = ref.removeprefix(f"{home}:")
    none = f"No contract {ref!r} is in force."
    try:
        with database.read() as connection:
            client = client_of_contract(connection, home, plain)
    except LookupError as some:
        raise Stop(none, do=f"Name one by its id, such as {some}.") from None
    found = histories(database, terms, today, cells, client)
    own = [one for one in found if one.contract == f"{home}:{plain}"]
    if not own:
        raise Stop(none, do="`tallystick advise` lists those that are.")
    return ContractAdvice(wanted, advise(own[0], wanted), back_test(own, wanted))


def back_tested(
    database: Database,
    terms: BillingTerms,
    wanted: AdviceTerms,
    today: date,
    cells: CellTerms,
) -> BackTest:
    """The back-test over all contracts in force."""
    return back_test(histories(database, terms, today, cells), wanted)
