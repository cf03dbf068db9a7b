"""`cash refund`, `cash page` and `cash resolve`, as people type them, at a provider in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tallystick.cli.app import main
from tallystick.connector import Connector, Context
from tallystick.engine import installation
from tallystick.engine.installation import open_installation
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins

from .provider import CARDS, Pay
from .test_refunds import KEY, PAID, RF
from .world import World

CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "pay"
home = ["mandate"]
[connection.pay]
connector = "pay"
"""


class Nothing(BaseModel):
    """The provider needs no settings."""


Typed = Callable[..., str]


@pytest.fixture
def pay() -> Pay:
    return Pay(lambda: Watch.now)


class Watch:
    """The time at the provider and at ours."""

    now = World.clock


@pytest.fixture
def typed(
    pay: Pay, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Typed]:
    """Types a command as somebody; what it said, or for one that failed why."""

    def opens(_: Nothing, context: Context) -> Any:
        assert context.connection
        return pay

    class Plugin:
        @hookimpl
        def tallystick_connectors(self) -> Iterable[Connector[Any]]:
            reads = frozenset({"mandate", "bank_transaction", "dispute"})
            kind = {"shelf": "payments", "writes": frozenset({"collection"}), "mappings": None}
            yield Connector(
                name="pay",
                settings=Nothing,
                open=opens,
                reads=reads,
                tier="bronze",
                collects=CARDS,
                **kind,  # type: ignore[arg-type]  # three fields of three types
            )

    found = Plugins([])
    found.register(Plugin(), "pay")
    (tmp_path / "tallystick.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(installation, "Plugins", lambda: found)
    opened = open_installation.__wrapped__  # type: ignore[attr-defined]  # what contextmanager wraps
    clock = (lambda: Watch.now, *opened.__defaults__[1:])
    monkeypatch.setattr(opened, "__defaults__", clock)
    Watch.now = World.clock

    def type_(*words: str, by: str = "anna") -> str:
        monkeypatch.setenv("TALLYSTICK_USER", by)
        capsys.readouterr()
        with pytest.raises(SystemExit) as exited:
            main(list(words))
        said = capsys.readouterr()
        assert bool(exited.value.code) == bool(said.err), said
        return said.out + said.err

    return type_


@pytest.fixture
def world(typed: Typed, tmp_path: Path) -> Iterator[World]:
    with open_installation(tmp_path / "tallystick.toml") as opened:
        made = World(opened.database)
        made.invoice("INV-0001", "100.00")
        made.card()
        yield made


def test_a_refund_from_asking_to_the_provider(world: World, typed: Typed, pay: Pay) -> None:
    world.collect_through(pay.channel())
    world.bank(PAID, connection="pay")
    world.settle()
    assert "Nothing was given back" in typed("cash", "refund")
    assert "reason" in typed("cash", "refund", "INV-0001", "40.00")
    said = typed("cash", "refund", "INV-0001", "40.00", "--why", "goodwill")
    assert f"cash refund --approve {RF}" in said
    assert "second person" in typed("cash", "refund", "--approve", RF)
    assert "pending" in typed("cash", "refund", "--approve", RF, by="ben")
    assert pay.repaid == [KEY]
    assert "60.00 EUR of it is left" in typed("cash", "refund", "INV-0001", "61", "--why", "more")
    typed("cash", "refund", "INV-0001", "60", "--why", "more")
    assert "refused" in typed("cash", "refund", "--refuse", "RF-INV-0001-1-2")


def test_a_page_for_an_invoice_and_its_end(world: World, typed: Typed, pay: Pay) -> None:
    assert "for a client, or for an invoice" in typed("cash", "page")
    assert "https://pay.example/1" in typed(
        "cash", "page", "--invoice", "INV-0001", "--through", "pay"
    )
    assert "https://pay.example/1" in typed("cash")
    assert world.attempts() == {KEY: "requires_customer"}
    assert "expired" in typed("cash", "page", "--close", KEY)
    assert world.attempts() == {KEY: "cancelled"}
    assert "no invoice 'INV-9'" in typed("cash", "page", "--invoice", "INV-9", "--through", "pay")
    assert "Name one with --through: pay, psa" in typed("cash", "page", "--invoice", "INV-0001")


def test_two_people_resolve_what_is_lost(world: World, typed: Typed, pay: Pay) -> None:
    pay.faults, pay.hides = ["after"], {KEY}
    world.collect_through(pay.channel())
    Watch.now = world.clock = World.clock + timedelta(hours=25)
    world.collect_through(pay.channel())
    assert "cash resolve" in typed("cash") or "lost" in typed("cash")
    ask = ("cash", "resolve", KEY, "went-through", "--why", "seen at the provider")
    assert "waits for a second person" in typed(*ask)
    assert "as two people say" in typed(*ask, by="ben")
    assert world.attempts() == {KEY: "processing"}
