"""Bugs planted in reminders and payment plans: each is one that somebody once shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from types import SimpleNamespace
from unittest.mock import patch

from tallystick.cash.collecting import plans
from tallystick.cash.listening import pages as listening_pages
from tallystick.cash.policy import decision
from tallystick.cash.policy.instalments import Every, Instalment, due_by, instalments
from tallystick.cash.telling import dunning, overdue
from tallystick.cash.telling.overdue import Dunned, DunningTerms
from tallystick.connector import Attempt
from tallystick.money import Money
from tallystick.store.cash import reminders
from tallystick.store.database import Database
from tallystick.testing.simulate.cards import Cards, _answer

from .planting import Plant, planting

PLANTED: dict[str, Plant] = {}
planted = planting(PLANTED)


@planted
@contextmanager
def letter_not_looked_at_again() -> Iterator[None]:
    """A letter goes out as it was written, whatever was paid or held meanwhile."""

    def note(database: Database, one: Dunned, _: DunningTerms, now: Callable[[], datetime]) -> bool:
        with database.write() as connection:
            return reminders.intend(connection, one.steps, now())

    with patch.object(dunning, "_intend", note):
        yield


@planted
@contextmanager
def silence_over_a_letter_taken_for_no() -> Iterator[None]:
    """A letter without an answer is sent again."""
    note = dunning._note

    def not_sent(database: Database, one: Dunned, state: str, now: datetime, why: str) -> None:
        note(database, one, "refused" if state == "unknown" else state, now, why)

    with patch.object(dunning, "_note", not_sent):
        yield


@planted
def reminded_in_spite_of_a_plan() -> AbstractContextManager[object]:
    """Who pays in instalments is reminded of all of it."""
    return patch.object(overdue, "plans", SimpleNamespace(agreed=lambda _: {}))


@planted
@contextmanager
def instalment_collected_twice() -> Iterator[None]:
    """What is due of a plan is asked for, whatever was paid of it."""

    def all_due(plan: Sequence[Instalment], _: Money, day: date) -> Money:
        return due_by(plan, day)

    with patch.object(decision, "asked_on", all_due):
        yield


@planted
@contextmanager
def instalments_rounded_each() -> Iterator[None]:
    """A part is the invoice divided and rounded, and the sum of them is what it is."""

    def rounded(amount: Money, parts: int, every: Every, first: date) -> list[Instalment]:
        part = Money(round(amount.minor / parts), amount.currency)
        return [one._replace(amount=part) for one in instalments(amount, parts, every, first)]

    with patch.object(plans, "instalments", rounded):
        yield


@planted
def page_beside_the_attempt() -> AbstractContextManager[object]:
    """A page is no attempt, so its invoice is collected while somebody can pay on it."""
    return patch.object(listening_pages, "_stand_in", lambda *_: None)


@planted
@contextmanager
def declined_on_a_page_is_over() -> Iterator[None]:
    """Whoever was declined on a page is charged in another way, and may try again on the page."""

    def as_it_stands(cards: Cards, key: str) -> Attempt | None:
        found = cards.intent_of(key)
        return _answer(found) if found is not None else None

    with patch.object(Cards, "_find", as_it_stands):
        yield
