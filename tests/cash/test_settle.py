"""Settling: every movement finds its place, and none is settled twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no type hints
from sqlalchemy import func, select

from tallystick.connector import Context, Pulled, Source
from tallystick.money import Money
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction
from tallystick.store.books.schema import entry
from tallystick.store.database import Database

from .outside import Vendor, sepa
from .world import IBAN, TODAY, ZERO, World, movement

EUR119 = Money(11900, "EUR")


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.mandate()
    return made


@pytest.fixture
def collected(world: World) -> World:
    """INV-1 and INV-2, both being collected in one batch."""
    world.invoice("INV-1", "119.00")
    world.invoice("INV-2", "238.00")
    world.collect(Vendor())
    return world


def test_a_debit_pays_its_invoice(collected: World) -> None:
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    report = collected.settle()
    assert report.settled == [("INV-1", EUR119)]
    assert collected.states()["INV-1"] == ("paid", Decimal("119.00"))
    assert collected.attempts()["INV-1-1"] == "succeeded"
    collected.must_hold()


def test_settling_twice_settles_once(collected: World) -> None:
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"), movement("t2", "-5.00"))
    collected.settle()
    before = collected.everything()
    report = collected.settle()
    assert (report.movements, report.settled, report.placed) == (0, [], 0)
    assert collected.everything() == before


def test_the_same_debit_booked_again_waits_in_suspense(collected: World) -> None:
    for ref in ("t1", "t2"):
        collected.bank(movement(ref, "119.00", end_to_end_id="INV-1-1", remittance="INV-1"))
        collected.settle()
    assert collected.states()["INV-1"] == ("paid", Decimal("119.00"))
    assert collected.suspense() == Decimal("119.00")
    collected.must_hold()


def test_a_return_opens_the_invoice_once(collected: World) -> None:
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    collected.settle()
    back = {"end_to_end_id": "INV-1-1", "returned": True, "return_reason": "MD06"}
    collected.bank(movement("t2", "-119.00", 25, **back), movement("t3", "-119.00", 26, **back))
    report = collected.settle()
    assert report.returned == [("INV-1", -EUR119, "MD06")]
    assert collected.states()["INV-1"] == ("reopened", ZERO)
    assert (collected.attempts()["INV-1-1"], collected.column("INV-1-1", "reason")) == (
        "failed_late",
        "MD06",
    )
    assert collected.rules()[-1] == (
        "suspense",
        "second_return_of_collection",
        None,
        "-119.00",
    )
    [shown] = collected.overview().reopened
    assert shown.reason == "MD06, the payer asked for the money back"
    collected.must_hold()


def test_400_days_later_a_return_reopens_once_and_a_revoked_mandate_is_left_alone(
    collected: World,
) -> None:
    vendor = Vendor()
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    back = movement(
        "t2", "-119.00", 20, end_to_end_id="INV-1-1", returned=True, return_reason="MD01"
    )
    reopened = 0
    for day in range(401):
        collected.today = TODAY + timedelta(days=day)
        if day == 400:
            collected.bank(back)
        if day % 40 == 0:
            reopened += len(collected.settle().returned)
            collected.collect(vendor)
    for _ in range(3):
        reopened += len(collected.settle().returned)
        held = collected.collect(vendor).held
    assert reopened == 1
    assert "no valid mandate" in str(held[0])
    assert vendor.debits() == []
    assert collected.states()["INV-1"] == ("reopened", ZERO)
    with collected.database.read() as connection:
        reversals = select(func.count()).where(entry.c.source.startswith("bank:bank:t2:"))
        assert connection.execute(reversals).scalar_one() == 1
    collected.must_hold()


def test_too_little_money_is_collected_again_later(collected: World) -> None:
    back = {"end_to_end_id": "INV-1-1", "returned": True, "return_reason": "AM04"}
    collected.bank(
        movement("t1", "119.00", end_to_end_id="INV-1-1"), movement("t2", "-119.00", 25, **back)
    )
    collected.settle()
    vendor = Vendor()
    collected.collect(vendor)
    assert vendor.debits() == ["INV-1-2"]
    assert collected.column("INV-1-2", "ordinal") == 2
    collected.bank(movement("t4", "119.00", 28, end_to_end_id="INV-1-2"))
    collected.settle()
    assert collected.states()["INV-1"] == ("paid", Decimal("119.00"))
    collected.must_hold()


def test_the_banks_charges_for_a_return_are_not_the_clients(collected: World) -> None:
    collected.bank(
        movement("t1", "119.00", end_to_end_id="INV-1-1"),
        movement("t2", "-122.50", 25, end_to_end_id="INV-1-1", returned=True),
    )
    collected.settle()
    assert collected.states()["INV-1"] == ("reopened", ZERO)
    assert collected.rules()[-1] == ("suspense", "charges_of_return", None, "-3.50")
    collected.must_hold()


def test_a_return_before_its_payment_ends_the_same(collected: World) -> None:
    collected.bank(movement("t2", "-119.00", end_to_end_id="INV-1-1", returned=True))
    collected.settle()
    assert collected.states()["INV-1"] == ("reopened", Decimal("-119.00"))
    assert "Sync the bank statements" in str(collected.collect(Vendor()).held[0])
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    collected.settle()
    assert collected.states()["INV-1"] == ("reopened", ZERO)
    assert collected.attempts()["INV-1-1"] == "failed_late"
    collected.must_hold()


@pytest.mark.parametrize("suffix", ["", "-1"])
def test_a_batch_booked_as_one_pays_all_of_it(collected: World, suffix: str) -> None:
    batch = collected.column("INV-1-1", "batch") + suffix
    collected.bank(movement("t1", "357.00", batch=batch))
    collected.settle()
    assert {number: state for number, (state, _) in collected.states().items()} == {
        "INV-1": "paid",
        "INV-2": "paid",
    }
    collected.must_hold()


def test_a_batch_booked_in_blocks_pays_each_when_it_comes(world: World) -> None:
    for number, amount in (("INV-1", "119.00"), ("INV-2", "238.00"), ("INV-3", "238.00")):
        world.invoice(number, amount)
    world.collect(Vendor(blocks={"INV-1-1": "-1", "INV-2-1": "-2", "INV-3-1": "-2"}))
    batch = world.column("INV-1-1", "batch")
    world.bank(movement("t1", "119.00", batch=f"{batch}-1"))
    world.settle()
    assert [state for state, _ in world.states().values()] == ["paid", "collecting", "collecting"]
    world.bank(movement("t2", "476.00", batch=f"{batch}-2"))
    world.settle()
    assert {state for state, _ in world.states().values()} == {"paid"}


def test_a_batch_that_does_not_add_up_waits(collected: World) -> None:
    collected.bank(movement("t1", "238.00", batch=collected.column("INV-1-1", "batch")))
    collected.settle()
    assert collected.rules() == [("suspense", "batch_differs", None, "238.00")]
    collected.must_hold()


def test_what_was_parked_is_not_part_of_the_batch(world: World) -> None:
    world.invoice("INV-1", "119.00")
    world.invoice("INV-2", "238.00")
    world.collect(Vendor(refused={"INV-2-1": "No."}))
    world.bank(movement("t1", "119.00", batch=world.column("INV-1-1", "batch")))
    world.settle()
    assert world.states()["INV-1"][0] == "paid"


def test_a_batch_is_taken_apart_when_the_bank_sends_its_details(collected: World) -> None:
    batch = collected.column("INV-1-1", "batch")
    collected.bank(movement("t1", "357.00", batch=batch))
    collected.settle()
    collected.bank(
        movement("t1", "119.00", version=1, end_to_end_id="INV-1-1"),
        movement("t1/2", "238.00", version=1, end_to_end_id="INV-2-1"),
    )
    for _ in range(2):
        collected.settle()
        collected.must_hold()
        assert {state for state, _ in collected.states().values()} == {"paid"}
        assert set(collected.attempts().values()) == {"succeeded"}


def test_a_movement_whose_details_come_later_leaves_suspense(collected: World) -> None:
    collected.bank(movement("t1", "119.00"))
    collected.settle()
    assert collected.suspense() == Decimal("119.00")
    collected.bank(movement("t1", "119.00", version=1, end_to_end_id="INV-1-1"))
    collected.settle()
    assert (collected.suspense(), collected.states()["INV-1"][0]) == (ZERO, "paid")
    collected.must_hold()


def test_a_change_that_moves_no_money_changes_no_settlement(collected: World) -> None:
    collected.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    collected.settle()
    before = collected.everything()["entry"]
    collected.bank(movement("t1", "119.00", version=1, end_to_end_id="INV-1-1", remittance="x"))
    assert collected.settle().movements == 0
    assert collected.everything()["entry"] == before
    assert collected.settle().movements == 0


def test_the_bank_shows_what_the_collector_never_said(world: World) -> None:
    world.invoice("INV-1", "119.00")
    vendor = Vendor(silences=9)
    world.collect(vendor)
    assert world.attempts() == {"INV-1-1": "unknown"}
    world.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    world.settle()
    assert world.attempts() == {"INV-1-1": "succeeded"}
    assert world.collect(vendor).unanswered == []


def test_a_transfer_during_a_collection_leaves_the_debit_in_suspense(world: World) -> None:
    world.invoice("INV-0001", "119.00")
    world.collect(Vendor())
    world.bank(
        movement("t1", "119.00", remittance="INV-0001"),
        movement("t2", "119.00", 22, end_to_end_id="INV-0001-1"),
    )
    world.settle()
    assert world.states()["INV-0001"] == ("paid", Decimal("119.00"))
    assert world.rules()[-1] == ("suspense", "collected_beyond_open", None, "119.00")
    world.bank(movement("t3", "-119.00", 25, end_to_end_id="INV-0001-1", returned=True))
    assert world.settle().returned == []
    assert (world.states()["INV-0001"], world.suspense()) == (("paid", Decimal("119.00")), ZERO)
    world.must_hold()


CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<Stmt><Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">357.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-15</Dt></BookgDt>
<NtryDtls><Btch><PmtInfId>{block}</PmtInfId><NbOfTxs>2</NbOfTxs></Btch></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_from_our_own_file_to_the_banks_statement_of_it(world: World, tmp_path: Path) -> None:
    world.invoice("INV-1", "119.00")
    world.invoice("INV-2", "238.00", client="1002")
    world.mandate("M-1002", client="1002")
    world.collect(sepa(tmp_path))
    [file] = (tmp_path / "out").glob("*.xml")
    block = etree.parse(file).findtext(".//{*}PmtInfId")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.xml").write_text(CAMT.format(iban=IBAN, block=block))
    connector = Plugins().connector("bank")
    settings = connector.settings.model_validate({"folder": "in"})
    source = connector.open(settings, Context("bank", tmp_path, world.now))
    assert isinstance(source, Source)
    pulled = [one for one in source.pull("bank_transaction", None) if isinstance(one, Pulled)]
    world.bank(*(msgspec.convert(one.raw, BankTransaction) for one in pulled))
    world.settle()
    assert {state for state, _ in world.states().values()} == {"paid"}
    world.must_hold()
