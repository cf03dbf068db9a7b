"""Collecting: once per invoice, whatever the collector and the network do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no type hints
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from tallystick.cash.collecting.collect import collect
from tallystick.connector import Attempt, CollectionRequest
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.database import Database
from tallystick.store.facts.schema import link

from .outside import Vendor, sepa
from .world import ZERO, World, movement


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.mandate()
    return made


def debits_in(folder: Path) -> list[tuple[str, str, str]]:
    """End-to-end id, amount and sequence of every debit in the files of a folder."""
    found = []
    for path in sorted(folder.glob("*.xml")):
        for block in etree.parse(path).iterfind(".//{*}PmtInf"):
            found += [
                (
                    debit.findtext(".//{*}EndToEndId"),
                    debit.findtext("{*}InstdAmt"),
                    block.findtext(".//{*}SeqTp"),
                )
                for debit in block.iterfind("{*}DrctDbtTxInf")
            ]
    return found


def test_a_real_file_asks_for_each_open_invoice_once(world: World, tmp_path: Path) -> None:
    world.invoice("INV-1", "119.00")
    world.invoice("INV-2", "238.00", due_on=date(2026, 10, 20))
    world.invoice("INV-3", "50.00", client="1002")
    world.invoice("INV-4", "10.00", state="issued")
    world.invoice("CN-5", "-20.00")
    report = world.collect(sepa(tmp_path))
    eur = {
        number: Money.exact(text, "EUR") for number, text in (("INV-1", "119"), ("INV-2", "238"))
    }
    assert report.collected == list(eur.items())
    assert (report.without_mandate, report.credits) == (["INV-3"], ["CN-5"])
    wanted = [("INV-1-1", "119.00", "FRST"), ("INV-2-1", "238.00", "RCUR")]
    assert debits_in(tmp_path / "out") == wanted
    assert world.states()["INV-1"][0] == "collecting"
    again = world.collect(sepa(tmp_path))
    assert (again.batches, again.collected) == ([], [])
    assert debits_in(tmp_path / "out") == wanted


def test_the_mandate_of_a_linked_copy_is_found(world: World) -> None:
    with world.database.write() as connection:
        values = {"kind": "client", "connection": "psa", "id": "7", "rule": "hand"}
        connection.execute(insert(link).values(**values, home_connection="crm", home_id="acme"))
    world.mandate("M-7", client="7")
    world.invoice("INV-1", "119.00", client="x")
    with world.database.write() as connection:
        connection.execute(update(invoice).values(client="crm:acme"))
    vendor = Vendor()
    world.collect(vendor)
    assert vendor.debits() == ["INV-1-1"]


def test_a_lost_answer_is_asked_for_and_nothing_is_sent_again(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(silences=1)
    report = world.collect(vendor)
    assert (world.attempts(), world.states()["INV-1"][0]) == ({"INV-1-1": "unknown"}, "collecting")
    assert "did not answer" in str(report.unanswered[0])
    later = world.collect(vendor)
    assert later.collected == [("INV-1", Money(11900, "EUR"))]
    assert (vendor.debits(), world.attempts()) == (["INV-1-1"], {"INV-1-1": "processing"})


def test_even_the_question_may_get_no_answer(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(silences=3)
    for _ in range(3):
        assert world.collect(vendor).unanswered
        assert world.attempts() == {"INV-1-1": "unknown"}
    world.collect(vendor)
    assert (vendor.debits(), world.attempts()) == (["INV-1-1"], {"INV-1-1": "processing"})


class Deaf(Vendor):
    """A vendor whom nothing reaches while it is `deaf`."""

    deaf = True
    keys: list[str]

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        self.keys = [*getattr(self, "keys", []), key]
        self.silences = int(self.deaf)
        if self.deaf:
            self.lose()
        return super().collect(requests, key)


def test_what_never_arrived_is_sent_again_as_it_was(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Deaf()
    world.collect(vendor)
    request = world.column("INV-1-1", "request")
    world.mandate(holder="Another Name GmbH")
    vendor.deaf = False
    world.collect(vendor)
    assert len(vendor.keys) == 2
    assert len(set(vendor.keys)) == 1
    [[sent]] = vendor.batches.values()
    assert sent.payer == "Acme GmbH"
    assert world.column("INV-1-1", "request") == request
    assert world.attempts() == {"INV-1-1": "processing"}


def test_a_request_the_collector_does_not_take_is_parked_and_the_others_go_on(
    world: World,
) -> None:
    for number in ("INV-1", "INV-2", "INV-3"):
        world.invoice(number, "119.00")
    vendor = Vendor(refused={"INV-2-1": "The mandate is no good."})
    report = world.collect(vendor)
    assert vendor.debits() == ["INV-1-1", "INV-3-1"]
    assert "The mandate is no good." in str(report.parked[0])
    assert world.attempts() == {
        "INV-1-1": "processing",
        "INV-2-1": "parked",
        "INV-3-1": "processing",
    }
    assert world.states()["INV-2"] == ("posted", ZERO)
    assert [one.state for one in world.overview().stuck] == ["parked"]
    assert world.collect(vendor).parked, "it is told again until it is corrected"
    vendor.refused = {}
    world.collect(vendor)
    assert vendor.debits() == ["INV-1-1", "INV-3-1", "INV-2-1"]
    assert set(world.attempts().values()) == {"processing"}


def test_the_sepa_connector_parks_what_no_bank_would_take(world: World, tmp_path: Path) -> None:
    world.invoice("INV-1", "119.00")
    world.invoice("INV-2", "119.00", client="1002")
    world.mandate("M-1002", client="1002", iban="DE00370400440532013000")
    report = world.collect(sepa(tmp_path))
    assert [one[0] for one in debits_in(tmp_path / "out")] == ["INV-1-1"]
    assert "check digits" in str(report.parked[0])
    world.mandate("M-1002", client="1002")
    world.collect(sepa(tmp_path))
    assert sorted(one[0] for one in debits_in(tmp_path / "out")) == ["INV-1-1", "INV-2-1"]


def test_a_decline_frees_the_invoice_and_is_not_tried_again(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(answers={"INV-1-1": ("declined", "AC04")})
    report = world.collect(vendor)
    assert report.declined == [("INV-1", Money(11900, "EUR"), "AC04")]
    assert world.states()["INV-1"][0] == "posted"
    assert "closed" in str(world.collect(vendor).held[0])
    assert vendor.debits() == ["INV-1-1"]


def test_a_payer_who_must_act_is_asked_after_and_never_debited_again(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(answers={"INV-1-1": ("requires_customer", "3-D Secure")})
    for _ in range(3):
        world.collect(vendor)
        assert world.attempts() == {"INV-1-1": "requires_customer"}
    assert world.states()["INV-1"][0] == "collecting"
    assert vendor.debits() == ["INV-1-1"]
    vendor.answers = {}
    world.refresh("INV-1-1", vendor)
    assert world.attempts() == {"INV-1-1": "processing"}


def test_a_collectors_success_is_not_yet_money(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(answers={"INV-1-1": ("succeeded", "")})
    for _ in range(2):
        world.collect(vendor)
    assert (vendor.debits(), world.states()["INV-1"]) == (["INV-1-1"], ("collecting", ZERO))


def test_only_what_is_open_is_asked_for(world: World) -> None:
    world.invoice("INV-1", "119.00")
    world.bank(movement("t1", "19.00", remittance="INV-1"), movement("t2", "5.00"))
    world.settle()
    assert world.states()["INV-1"][0] == "part_paid"
    vendor = Vendor()
    world.collect(vendor)
    assert world.column("INV-1-1", "amount_minor") == 10000


def test_a_revoked_mandate_is_no_mandate(world: World) -> None:
    world.mandate(revoked_on=date(2026, 9, 1))
    world.invoice("INV-1", "119.00")
    vendor = Vendor()
    assert world.collect(vendor).without_mandate == ["INV-1"]
    assert vendor.debits() == []


def test_the_database_itself_refuses_a_second_open_attempt(world: World) -> None:
    world.invoice("INV-1", "119.00")
    world.collect(Vendor())
    with world.database.read() as connection:
        [row] = connection.execute(attempt.select()).mappings()
    second = dict(row) | {"key": "INV-1-2", "ordinal": 2}
    with pytest.raises(IntegrityError), world.database.write() as connection:
        connection.execute(attempt.insert().values(second))


def test_a_batch_whose_connection_is_gone_is_told_and_left(world: World) -> None:
    world.invoice("INV-1", "119.00")
    world.collect(Vendor(silences=1))
    report = collect(world.database, {}, {"mandate": "psa"}, world.now, world.today, lambda _: None)
    assert "debits" in str(report.unanswered[0])
    assert world.attempts() == {"INV-1-1": "unknown"}


def test_a_one_off_mandate_is_used_once_and_again_only_after_a_decline(
    world: World,
) -> None:
    world.invoice("INV-1001", "119.00", due_on=date(2026, 10, 15))
    world.invoice("INV-1002", "238.00", due_on=date(2026, 10, 16))
    world.mandate(one_off=True)
    vendor = Vendor(answers={"INV-1001-1": ("declined", "AM04")})
    report = world.collect(vendor)
    assert vendor.debits() == ["INV-1001-1"]
    assert report.without_mandate == ["INV-1002"]
    assert vendor.batches.popitem()[1][0].one_off
    world.collect(vendor)
    assert vendor.debits() == ["INV-1001-2"]
