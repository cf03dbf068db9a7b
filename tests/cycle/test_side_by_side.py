"""Clients priced in processes of their own come to what one process makes of them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tallystick.cycle import side_by_side
from tallystick.cycle.side_by_side import shares_of
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Retry, SkipRecord, Stop, TallystickError
from tallystick.money import CurrencyMismatch
from tallystick.store.database import Database, open_database
from tallystick.store.streams import ALL

from .msp import TERMS, Msp
from .test_same_proposals import mixed, stored
from .told import booking, client, contract


@contextmanager
def opened(folder: Path, name: str) -> Iterator[tuple[Database, BillingTerms]]:
    """What a process of its own opens."""
    database = open_database(f"sqlite:///{name}", folder)
    yield database, TERMS
    database.close()


@contextmanager
def broken(folder: Path) -> Iterator[tuple[Database, BillingTerms]]:
    raise Stop("The database is gone.", do="Put it back.")
    yield


@contextmanager
def killed(folder: Path) -> Iterator[tuple[Database, BillingTerms]]:
    os._exit(9)
    yield


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processors, and clients enough for them; other processes find this module."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    monkeypatch.setattr(side_by_side, "MANY", 3)
    monkeypatch.setattr(side_by_side, "_processors", lambda: 3)


def told(msp: Msp) -> Msp:
    msp.tell(*mixed(), client("Z9"), contract("Z9", "Z9"), booking("Z9a", "Z9"))
    return msp


def test_processes_come_to_what_one_comes_to(
    three: None, fresh: Callable[[], Msp], tmp_path: Path
) -> None:
    alone, together = told(fresh()), told(fresh())
    expected = alone.propose()
    found = together.propose(opens=partial(opened, tmp_path, "2.db"))
    assert stored(together) == stored(alone)
    assert found.report == expected.report
    assert len(found.proposed) == 10
    assert sorted(found.outcomes, key=lambda one: one.client) == expected.outcomes
    again = together.propose(opens=partial(opened, tmp_path, "2.db"))
    assert (len(again.proposed), len(again.unchanged)) == (0, 10)
    assert [one.client for one in again.outcomes] == [one.client for one in found.outcomes]


def test_shares_are_all_clients_each_once(three: None, msp: Msp) -> None:
    told(msp)
    with msp.database.read() as connection:
        shares = shares_of(connection, TERMS)
    assert shares == [(None, "psa:M3"), ("psa:M3", "psa:M5"), ("psa:M5", None)]


def test_few_clients_are_priced_here(msp: Msp) -> None:
    told(msp)
    with msp.database.read() as connection:
        assert shares_of(connection, TERMS) == [ALL]


@pytest.mark.parametrize(
    ("opens", "sentence"),
    [
        (broken, "The database is gone. Put it back."),
        (killed, "A process that priced clients ended before it was done."),
    ],
)
def test_a_process_that_fails(
    three: None,
    fresh: Callable[[], Msp],
    tmp_path: Path,
    opens: Callable[[Path], side_by_side.Open],
    sentence: str,
) -> None:
    msp = told(fresh())
    with pytest.raises(Stop, match=sentence):
        msp.propose(opens=partial(opens, tmp_path))
    assert msp.propose().proposed, "what is left can be proposed again"


@pytest.mark.parametrize("kind", [Stop, Retry, SkipRecord])
def test_an_error_is_the_same_in_another_process(kind: type[TallystickError]) -> None:
    error = kind("It broke.", do="Mend it.", connection="psa", record="booking", ref="7")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (kind, str(error), vars(error))
    mixed_up = CurrencyMismatch("EUR", "CHF")
    assert str(pickle.loads(pickle.dumps(mixed_up))) == str(mixed_up)
