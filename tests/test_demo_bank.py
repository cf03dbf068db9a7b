"""The sample MSP's bank: its statements tie out and say what became of each debit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tallystick.config.load import load_config
from tallystick.connector import CollectionRequest, Context, Cursor, Pulled
from tallystick.demo import Return, Transfer, write_project, write_statement
from tallystick.demo.bank import ACCOUNTS, UNKNOWN_PAYMENT
from tallystick.demo.clients import BOUNCING, MANDATES
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import month
from tallystick_bank.session import BankSession
from tallystick_bank.settings import BankSettings
from tallystick_sepa.session import SepaSession
from tallystick_sepa.settings import SepaSettings

JULY, AUGUST, SEPTEMBER = month(2026, 7), month(2026, 8), month(2026, 9)
TRANSFERS = [
    Transfer("Iselin Treuhand AG", Decimal("5467.75"), "CHF", "INV-2026-0009", date(2026, 8, 24)),
    Transfer("Kōwhai Orchards Ltd", Decimal("4077.00"), "EUR", "inv-2026-0011", date(2026, 8, 31)),
    Transfer("Iselin Treuhand AG", Decimal("1.00"), "CHF", "INV-2026-0021", date(2026, 9, 24)),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


def collect(project: Path, batch: str, due_on: date, written: datetime) -> list[Path]:
    """Has the real `sepa` connector debit every mandate once."""
    config = load_config(project / "tallystick.toml", {})
    settings = SepaSettings(**config.connection["debit"].settings)
    requests = [
        CollectionRequest(
            key=f"{batch}-{mandate.client}",
            amount=Money(10_000 + int(mandate.client), "EUR"),
            due_on=due_on,
            invoice=f"INV-{mandate.client}",
            payer=mandate.holder,
            mandate=mandate.id,
            iban=mandate.iban,
            bic=mandate.bic or None,
            signed_on=mandate.signed_on,
            first=True,
            remittance=f"INV-{mandate.client}",
        )
        for mandate in MANDATES
    ]
    SepaSession(settings, Context("debit", project, lambda: written)).collect(requests, batch)
    return sorted((project / settings.folder).glob("*.xml"))


def pulled(project: Path) -> list[Any]:
    """Everything in the bank's folder, through the real `bank` connector."""
    config = load_config(project / "tallystick.toml", {})
    settings = BankSettings(**config.connection["bank"].settings)
    session = BankSession(settings, Context("bank", project, lambda: datetime.now(UTC)))
    *rows, _ = session.pull("bank_transaction", None)
    assert {type(row) for row in rows} <= {Pulled, Cursor}
    return [row.raw for row in rows if isinstance(row, Pulled)]


def test_debits_are_credited_on_their_day_and_the_bouncing_one_comes_back(project: Path) -> None:
    files = collect(project, "B1", date(2026, 8, 17), datetime(2026, 8, 3, 9, tzinfo=UTC))
    write_statement(project, AUGUST, files, TRANSFERS)
    rows = pulled(project)
    debits = [row for row in rows if row.get("end_to_end_id")]
    credited = {row["end_to_end_id"]: row for row in debits if row["amount"] > 0}
    assert set(credited) == {f"B1-{mandate.client}" for mandate in MANDATES}
    assert {str(row["booked_on"]) for row in credited.values()} == {"2026-08-17"}
    assert credited["B1-1003"]["amount"] == Decimal("110.03")
    (returned,) = (row for row in debits if row["amount"] < 0)
    assert returned["end_to_end_id"] == f"B1-{BOUNCING}"
    assert returned["amount"] == -credited[f"B1-{BOUNCING}"]["amount"]
    assert (returned["returned"], returned["return_reason"]) == (True, "AM04")
    assert str(returned["booked_on"]) == "2026-08-20"


def test_transfers_land_on_the_account_of_their_currency_with_their_text(project: Path) -> None:
    write_statement(project, AUGUST, [], TRANSFERS)
    rows = {row["remittance"]: row for row in pulled(project)}
    assert set(rows) == {"INV-2026-0009", "inv-2026-0011", UNKNOWN_PAYMENT.text}
    swiss = rows["INV-2026-0009"]
    assert (swiss["amount"], swiss["currency"]) == (Decimal("5467.75"), "CHF")
    assert swiss["account"] == ACCOUNTS["CHF"]
    assert swiss["counterparty"] == "Iselin Treuhand AG"
    assert rows[UNKNOWN_PAYMENT.text]["account"] == ACCOUNTS["EUR"]


def test_a_statement_opens_with_the_balance_the_last_one_closed_with(project: Path) -> None:
    collect(project, "B1", date(2026, 8, 17), datetime(2026, 8, 3, 9, tzinfo=UTC))
    files = collect(project, "B2", date(2026, 9, 15), datetime(2026, 9, 2, 9, tzinfo=UTC))
    paths = [write_statement(project, one, files, TRANSFERS) for one in (JULY, AUGUST, SEPTEMBER)]
    balances = [path.read_text().split("<Bal>") for path in paths]
    for before, after in pairwise(balances):
        for opening, closing in ((1, 2), (3, 4)):
            assert amount(after[opening]) == amount(before[closing])
    assert len({row["id"] for row in pulled(project)}) == 9 + 9 + len(TRANSFERS) + 2, (
        "two runs of debits, the transfers, one return and one payment nobody expects"
    )


def amount(balance: str) -> str:
    return balance.partition('">')[2].partition("<")[0]


def test_a_debit_returned_in_the_next_month_is_on_that_months_statement(project: Path) -> None:
    files = collect(project, "B1", date(2026, 8, 31), datetime(2026, 8, 3, 9, tzinfo=UTC))
    bounce = Return(MANDATES[0].iban, AUGUST, "MS03")
    write_statement(project, AUGUST, files, [], [bounce])
    assert not any(row.get("returned") for row in pulled(project))
    write_statement(project, SEPTEMBER, files, [], [bounce])
    (returned,) = (row for row in pulled(project) if row.get("returned"))
    assert str(returned["booked_on"]) == "2026-09-03"


def test_written_twice_it_is_the_same_statement(project: Path) -> None:
    files = collect(project, "B1", date(2026, 8, 17), datetime(2026, 8, 3, 9, tzinfo=UTC))
    first = write_statement(project, AUGUST, files, TRANSFERS).read_bytes()
    ids = Counter(row["id"] for row in pulled(project))
    assert write_statement(project, AUGUST, reversed(files), TRANSFERS).read_bytes() == first
    assert set(ids.values()) == {1}


def test_a_currency_without_an_account_stops(project: Path) -> None:
    yen = Transfer("A", Decimal(1), "JPY", "x", date(2026, 8, 1))
    with pytest.raises(Stop, match="no account in JPY"):
        write_statement(project, AUGUST, [], [yen])
