"""The whole line over four real systems, from hosts and hours to money that is booked: twice, and
killed in the middle. What each holds is asked of its own API, and told in build/e2e."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import URL

from .conftest import emptied
from .holdings import Holding, held, report
from .quartet import Quartet, missing, started, until
from .small_msp import MONTH

LACKING = missing()
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(LACKING), reason=str(LACKING))]
Words = tuple[str, ...]
BILLING: tuple[Words, ...] = (
    ("bill", "propose", MONTH),
    ("bill", "approve", MONTH, "--as", "chef"),
    ("bill", "issue", MONTH),
    ("bill", "post"),
)
COLLECT: Words = ("cash", "collect")
FETCHING: tuple[Words, ...] = (("sync",), ("cash", "settle"), ("bill", "post"), ("sync",))
LINE = (("sync",), *BILLING, COLLECT, *FETCHING)
TALKING = frozenset({("sync",), ("bill", "post"), COLLECT})
KILLS = (2, 7, 16)
"""So many answers a command has had when it is killed: once each, one after the other."""
INVOICES = [
    "Acme Dental GmbH: 416.38 with 66.48 tax, paid, 0 open",
    "Borg Bakery: 148.63 with 23.73 tax, paid, 0 open",
    "Cliff Lawyers: 148.63 with 23.73 tax, posted, 148.63 open",
]


@dataclass
class Story:
    """What the systems held before the line, after it and after it ran again; what the commands of
    that second time said; how long each took in seconds."""

    held: dict[str, Mapping[str, Holding]] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)
    reconciled: list[Any] = field(default_factory=list)
    compared: list[Any] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = monotonic()
        yield
        self.seconds[what] = monotonic() - began


@pytest.fixture(scope="module")
def story(postgres: URL, localstripe: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The line, undisturbed: what is paid is told by events."""
    told = Story()
    with started(tmp_path_factory.mktemp("msp"), postgres, emptied(localstripe)) as msp:
        told.held["before"] = held(msp)
        with told.timed("first"):
            _first(msp, told)
        told.held["after"] = held(msp)
        with told.timed("again"):
            told.second = {" ".join(words): msp.run(*words) for words in LINE}
        told.held["after it ran again"] = held(msp)
        told.compared = msp.run("books", "compare")
    report("the line twice", told.held, told.seconds)
    return told


def _first(msp: Quartet, told: Story) -> None:
    msp.run("sync")
    join(msp)
    msp.run("sync")
    told.reconciled = msp.run("reconcile", "assets")
    for words in BILLING:
        msp.run(*words)
    with msp.serving():
        msp.run(*COLLECT)
        paid = [["state", "=", "paid"]]
        until(lambda: len(msp.tryton.ask("account.invoice", paid, "state")) == 2, "nobody paid")
    for words in FETCHING:
        msp.run(*words)


def join(msp: Quartet) -> None:
    """The one client that monitoring calls otherwise is a person's to decide."""
    [asked] = msp.run("links")["questions"]
    assert asked["copy_name"] == "ACME Dental"
    msp.run("links", "same", asked["copy"], asked["home"])


def test_each_system_ends_with_what_it_should_hold(story: Story) -> None:
    before, after = story.held["before"], story.held["after"]
    assert after["Zabbix"] == before["Zabbix"]
    assert before["Redmine"]["devices"] == []
    assert len(after["Redmine"]["devices"]) == len(after["Zabbix"]["hosts"]) == 7
    for kind in ("projects", "tickets", "time entries"):
        assert after["Redmine"][kind] == before["Redmine"][kind]
    assert after["Redmine"]["invoices"] == [
        "Acme Dental GmbH: Invoice INV-2026-0001: paid",
        "Borg Bakery: Invoice INV-2026-0002: paid",
    ]
    tryton = after["Tryton"]
    assert [one.rpartition(",")[0] for one in tryton["invoices"]] == INVOICES
    assert len({one.rpartition(",")[2] for one in tryton["invoices"]}) == 3
    assert tryton["payments and entries"] == ["posted", "posted"]
    assert tryton["parties"] == [
        "Acme Dental GmbH ours",
        "Borg Bakery ours",
        "Cliff Lawyers ours",
        "Nordlicht IT not ours",
    ]
    assert "1.1.3 565.01" in tryton["balances"] and "1.2.1 148.63" in tryton["balances"]
    assert after["Stripe"]["charges"] == [
        "Acme Dental GmbH: 416.38 succeeded",
        "Borg Bakery: 148.63 succeeded",
        "Cliff Lawyers: 148.63 failed",
    ]
    assert story.compared[0]["agrees"], story.compared


def test_a_device_nobody_bills_is_told_before(story: Story) -> None:
    [client] = story.reconciled
    [found] = client["findings"]
    assert (client["name"], found["device"]) == ("Acme Dental GmbH", "NAS-1")
    assert found["code"] == "unbilled"


def test_running_it_again_changes_nothing_and_says_so(story: Story) -> None:
    assert story.held["after it ran again"] == story.held["after"]
    said = story.second
    assert (said["sync"]["written"], said["sync"]["flows"][0]["steps"]) == (0, [])
    quiet = {
        f"bill propose {MONTH}": ("proposed", "failed"),
        f"bill approve {MONTH} --as chef": ("approved", "left"),
        f"bill issue {MONTH}": ("issued", "lapsed"),
        "bill post": ("invoices", "entries", "payments", "statuses", "problems"),
        "cash collect": ("collected", "declined", "unanswered"),
        "cash settle": ("movements", "settled", "suspended"),
    }
    loud = {
        words: said[words] for words, keys in quiet.items() if any(said[words][k] for k in keys)
    }
    assert not loud


def test_killed_at_any_moment_it_ends_the_same(
    story: Story, postgres: URL, localstripe: str, tmp_path: Path
) -> None:
    """`kill -9` of every command that talks to others, after so many answers; what is paid is
    fetched, as nobody listens for events."""
    told = Story(held={"undisturbed": story.held["after"]})
    with started(tmp_path, postgres, emptied(localstripe)) as msp, told.timed("killed and again"):
        msp.run("sync")
        join(msp)
        kills = [_killed(msp, words) for words in LINE]
        told.held["killed and again"] = held(msp)
    report("killed in the middle", told.held, told.seconds)
    assert sum(kills) >= 8
    assert told.held["killed and again"] == told.held["undisturbed"]


def _killed(msp: Quartet, words: Words) -> int:
    """How often it was killed before it came through."""
    moments = KILLS if words in TALKING else ()
    kills = sum(msp.killed(answers, *words) for answers in moments)
    msp.run(*words)
    return kills
