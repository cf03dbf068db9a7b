"""How far an invoice is paid reaches the service desk, from `bill post` and from `serve` alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from tallystick.engine import billing, cash
from tallystick.engine.installation import open_installation
from tallystick.engine.progress import Quiet
from tallystick.engine.serve import Health, Signals, look
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction
from tallystick.store.database import Database
from tallystick.store.facts import inbound

from .office import NOON, Clock, Office, issue, write_config
from .outside import DEBITS, LEDGER, Effects


class Desk:
    """The plugin that brings a service desk, and what the office needs besides."""

    @staticmethod
    @hookimpl
    def tallystick_connectors() -> list[object]:
        desk = replace(LEDGER, name="desk", shelf="psa", writes=frozenset({"invoice_status"}))
        return [LEDGER, DEBITS, desk]


def test_a_payment_is_told_to_the_desk_once(tmp_path: Path) -> None:
    plugins = Plugins([])
    plugins.register(Desk, "desk")
    more = """[connection.desk]
connector = "desk"
invoice_status = true
settings = { folder = "world/desk" }"""
    clock = Clock()
    desk = Effects(tmp_path / "world" / "desk")
    with open_installation(write_config(tmp_path, more=more), clock, plugins, {}) as opened:
        office = Office(opened, clock, tmp_path)
        issue(opened.database, ["INV-1001", "INV-1002"])
        look(opened, Signals(), Health(clock()))
        assert desk.counts() == {}
        _paid(opened.database, "t1", "10.00", "INV-1001")
        cash.settle(opened, Quiet())
        look(opened, Signals(), Health(clock()))
        said = desk.said("invoice_status INV-1001:1")
        assert said is not None
        assert (said["status"], said["open"]) == ("paid", Decimal("0.00"))
        _paid(opened.database, "t2", "4.00", "INV-1002")
        cash.settle(opened, Quiet())
        assert billing.post(opened, Quiet()).statuses == 1
        assert billing.post(opened, Quiet()).statuses == 0
        look(opened, Signals(), Health(clock()))
        assert desk.counts() == {"invoice_status INV-1001:1": 1, "invoice_status INV-1002:1": 1}
        assert office.states()["INV-1001"] == "paid"


def _paid(database: Database, ref: str, amount: str, text: str) -> None:
    one = BankTransaction(
        id=ref,
        account="DE89370400440532013000",
        booked_on=date(2026, 10, 1),
        amount=Decimal(amount),
        currency="EUR",
        counterparty="Acme GmbH",
        remittance=text,
    )
    with database.write() as connection:
        inbound.store_records(connection, "bank", "bank_transaction", [one], NOON)
