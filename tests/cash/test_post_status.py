"""How far an invoice is paid is told once a change, the newest alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from tallystick.cash.repaying import write_off
from tallystick.cash.telling.post_status import StatusReport, post_status
from tallystick.errors import Retry, SkipRecord
from tallystick.store.facts.schema import link

from .outside import Accounting
from .world import World, copy_of, laid, movement


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def prepare(world: World) -> None:
        world.invoice("INV-1001", "119.00")
        world.invoice("INV-1002", "238.00")

    return laid(tmp_path_factory.mktemp("status"), prepare)


@pytest.fixture
def world(template: Path) -> Iterator[World]:
    with copy_of(template) as one:
        yield one


def tell(world: World, desk: Accounting) -> StatusReport:
    return post_status(world.database, desk, "psa", world.now, lambda _: None)


def said(desk: Accounting) -> dict[str, tuple[str, str, str]]:
    return {
        key: (raw["status"], str(raw["settled"]), str(raw["open"]))
        for key, raw in desk.told.items()
    }


def paid(world: World, ref: str, amount: str, text: str = "INV-1001") -> None:
    world.bank(movement(ref, amount, remittance=text))
    world.settle()


def test_every_change_is_told_once(world: World) -> None:
    desk = Accounting()
    assert tell(world, desk) == StatusReport()
    paid(world, "t1", "100.00")
    tell(world, desk)
    tell(world, desk)
    paid(world, "t2", "19.00")
    assert tell(world, desk).told == 1
    world.bank(movement("t3", "-19.00", remittance="INV-1001", returned=True))
    world.settle()
    tell(world, desk)
    write_off.ask(world.database, "INV-1001", None, "gone", "anna", world.now)
    write_off.approve(world.database, "INV-1001", "ben", world.today, world.now)
    tell(world, desk)
    assert said(desk) == {
        "INV-1001:1": ("part_paid", "100.00", "19.00"),
        "INV-1001:2": ("paid", "119.00", "0.00"),
        "INV-1001:3": ("part_paid", "100.00", "19.00"),
        "INV-1001:4": ("written_off", "119.00", "0.00"),
    }
    assert desk.pushes == list(desk.told)


def test_what_changed_meanwhile_is_told_as_it_is_now(world: World) -> None:
    desk = Accounting(fails=[Retry("No answer.", do="Try again.")])
    paid(world, "t1", "100.00")
    assert len(tell(world, desk).problems) == 1
    assert tell(world, desk).told == 1  # it had arrived: found, and not sent again
    desk.fails = [SkipRecord("It is closed there.", do="Open it.")]
    paid(world, "t2", "19.00")
    [problem] = tell(world, desk).problems
    assert "It is closed there." in str(problem)
    assert tell(world, desk).told == 1
    assert desk.pushes == ["INV-1001:1", "INV-1001:2", "INV-1001:2"]


def test_a_receiver_that_does_not_answer_is_left_alone(world: World) -> None:
    for at in range(3, 8):
        world.invoice(f"INV-100{at}", "1.00")
        paid(world, f"t{at}", "1.00", f"INV-100{at}")
    desk = Accounting(fails=[Retry("No answer.", do="Try again.") for _ in range(9)])
    assert len(tell(world, desk).problems) == 3


def test_a_whole_return_leaves_it_open(world: World) -> None:
    desk = Accounting()
    paid(world, "t1", "119.00")
    world.bank(movement("t2", "-119.00", remittance="INV-1001", returned=True))
    world.settle()
    tell(world, desk)
    assert said(desk) == {"INV-1001:2": ("open", "0.00", "119.00")}


@pytest.mark.parametrize(("target", "own"), [("psa", "1001"), ("desk", "7"), ("books", None)])
def test_the_client_is_told_in_the_receivers_own_words(
    world: World, target: str, own: str | None
) -> None:
    paid(world, "t1", "100.00")
    copy = {"kind": "client", "connection": "desk", "id": "7", "rule": "told"}
    with world.database.write() as connection:
        connection.execute(insert(link).values(**copy, home_connection="psa", home_id="1001"))
    desk = Accounting()
    post_status(world.database, desk, target, world.now, lambda _: None)
    [said] = desk.told.values()
    assert (said["client"], said["client_id"]) == ("psa:1001", own)
