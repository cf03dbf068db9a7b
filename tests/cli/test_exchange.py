"""A client who owes francs and pays euros, as people see it with the commands: paid, explained,
in the books, sent back, and paid once more in two parts."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from tallystick.demo.bank import ACCOUNTS
from tallystick.demo.clients import PAYS_EUROS

Run = Callable[..., Any]
EXCHANGE = ("Equity:Conversions:CHF-EUR", "Income:ExchangeDifferences", "Expenses:Fees")


def read(run: Run, at: Path, *words: str) -> Any:
    done = run(*words, "--json", at=at)
    assert done.code == 0, done.err
    return json.loads(done.out)


def invoice_of(quarter: Path) -> tuple[str, Decimal]:
    """Number and gross in francs of the first invoice of the client."""
    query = "SELECT number, gross_minor FROM invoice WHERE client = ? AND currency = 'CHF'"
    with closing(sqlite3.connect(quarter / "tallystick.db")) as database:
        rows = database.execute(f"{query} ORDER BY number", [f"psa:{PAYS_EUROS}"])
        number, minor = next(iter(rows))
    return number, Decimal(minor).scaleb(-2)


def balances(run: Run, quarter: Path) -> dict[str, Decimal]:
    told = read(run, quarter, "books", "trial-balance")
    assert {Decimal(one["amount"]) for one in told["sums"].values()} == {0}
    return {
        f"{one['account']} {one['balance']['currency']}": Decimal(one["balance"]["amount"])
        for one in told["balances"]
        if one["account"] in EXCHANGE
    }


def booking(number: str, francs: str, euros: str, side: str, ref: str, charge: str) -> str:
    back = "<RtrInf><Rsn><Cd>FOCR</Cd></Rsn></RtrInf>" if side == "DBIT" else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{euros}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-10-20</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef><BkTxCd/>"
        f'<NtryDtls><TxDtls><Amt Ccy="EUR">{euros}</Amt><CdtDbtInd>{side}</CdtDbtInd><AmtDtls>'
        f'<InstdAmt><Amt Ccy="CHF">{francs}</Amt></InstdAmt></AmtDtls>'
        f'<Chrgs><Rcrd><Amt Ccy="EUR">{charge}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
        f"<ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>"
        f"<RmtInf><Ustrd>{number}</Ustrd></RmtInf>{back}</TxDtls></NtryDtls></Ntry>"
    )


def arrives(quarter: Path, name: str, *bookings: str) -> None:
    (quarter / "exports" / "bank" / name).write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Id>{name}</Id><Acct><Id><IBAN>{ACCOUNTS['EUR']}</IBAN></Id></Acct>"
        f"{''.join(bookings)}</Stmt></BkToCstmrStmt></Document>"
    )


def test_francs_paid_in_euros_and_sent_back(run: Run, quarter: Path) -> None:
    number, gross = invoice_of(quarter)
    euros = round(gross * Decimal("1.0592"), 2)
    shown = run("explain", "invoice", number, at=quarter).out
    assert f"{gross:,} CHF, by {euros - 5:,} EUR and a fee of 5.00 EUR" in " ".join(shown.split())
    before = balances(run, quarter)

    arrives(quarter, "t1.xml", booking(number, f"{gross}", f"{euros + 3}", "DBIT", "R1", "3.00"))
    assert run("sync", at=quarter).code == 0
    report = read(run, quarter, "cash", "settle")
    assert [one[0] for one in report["returned"]] == [number]
    [open_again] = read(run, quarter, "cash")["reopened"]
    assert (open_again["number"], Decimal(open_again["open"]["amount"])) == (number, gross)
    after = balances(run, quarter)
    assert after["Expenses:Fees EUR"] - before["Expenses:Fees EUR"] == 3
    moved = "Equity:Conversions:CHF-EUR CHF"
    assert before[moved] - after[moved] == gross
    lost = "Income:ExchangeDifferences EUR"
    assert before[lost] - after[lost] == round(gross / Decimal("0.94"), 2) - euros

    half = gross - 100
    arrives(
        quarter,
        "t2.xml",
        booking(number, "100.00", "104.00", "CRDT", "P1", "1.50"),
        booking(number, f"{half}", f"{half}", "CRDT", "P2", "1.50"),
    )
    assert run("sync", at=quarter).code == 0
    assert len(read(run, quarter, "cash", "settle")["settled"]) == 2
    assert read(run, quarter, "cash")["reopened"] == []
    assert read(run, quarter, "cash", "settle")["movements"] == 0
    assert read(run, quarter, "books", "ageing", "--on", "2026-12-31")["books_agree"]
    assert run("bill", "post", at=quarter).code == 0
    for file in (quarter / "journal.beancount", quarter / "books" / "books.beancount"):
        if file.name == "journal.beancount":
            assert run("books", "export", str(file), at=quarter).code == 0
        judge = Path(sys.executable).with_name("bean-check")
        done = subprocess.run([judge, file], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert run("verify", at=quarter).code == 0


def test_without_a_rate_the_payment_counts_and_the_command_says_what_is_missing(
    run: Run, quarter: Path
) -> None:
    config = quarter / "tallystick.toml"
    text = config.read_text()
    block = text[text.index("[[exchange_rate]]") : text.index("# --- invoices")]
    config.write_text(text.replace(block, ""))
    number, gross = invoice_of(quarter)
    told = run("cash", "settle", at=quarter)
    assert told.code == 0
    said = f"invoice {number}: {gross:,} CHF of it were paid with"
    assert said in " ".join(told.out.split())
    assert "no exchange rate from CHF to EUR" in " ".join(told.out.split())
