"""What is posted to a Tryton, once to the real one and from then on to its tape and to our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tallystick.connector import Ref
from tallystick.errors import TallystickError

KEY, USER, PASSWORD = "CANARYtrytonCANARY", "admin", "CANARYpassCANARY"
D = Decimal
CUSTOMER = {"id": "psa:7", "name": "Acme Dental LLC", "vat_id": "DE136695976", "country": "DE"}


def settings(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "database": "tryton",
        "key": KEY,
        "user": USER,
        "password": PASSWORD,
        "taxes": {"standard": "19% VAT", "standard 7": "7% VAT", "wrong": "7% VAT"},
    }


def line(net: str, **more: Any) -> dict[str, Any]:
    made = {"description": "Managed PC", "account": "4.2.2", "net": D(net)}
    return {**made, "tax_category": "standard", "tax_percent": D("19"), **more}


def invoice(*lines: Mapping[str, Any], tax: str, gross: str, **more: Any) -> dict[str, Any]:
    return {
        "number": "INV-1",
        "kind": "invoice",
        "client": "psa:7",
        "client_name": "Acme Dental LLC",
        "issued_on": date(2026, 8, 31),
        "due_on": date(2026, 9, 14),
        "currency": "EUR",
        "receivable": "1.2.1",
        "lines": list(lines),
        "tax": [{"category": "standard", "percent": D("19"), "account": "x", "amount": D(tax)}],
        "gross": D(gross),
        **more,
    }


def payment(amount: str, of: str = "INV-1", account: str = "1.1.3") -> dict[str, Any]:
    return {
        "id": "bank:main:7:0",
        "client": "psa:7",
        "invoice": of,
        "paid_on": date(2026, 9, 10),
        "amount": D(amount),
        "currency": "EUR",
        "account": account,
        "receivable": "1.2.1",
    }


def entry(*legs: tuple[str, str], currency: str = "EUR") -> dict[str, Any]:
    return {
        "id": "recognise:1",
        "on": date(2026, 8, 31),
        "narration": "Earned in August",
        "postings": [
            {"account": account, "amount": D(amount), "currency": currency}
            for account, amount in legs
        ],
    }


EARNED = entry(("2.2.2", "40.00"), ("4.2.2", "-40.00"))
CENTS = invoice(*[line("0.13")] * 3, tax="0.08", gross="0.47")
"""Of 0.39 Tryton would reckon 0.07 in tax."""
CREDIT = invoice(line("-50.00"), tax="-9.51", gross="-59.51", number="CN-1", kind="credit_note")
BOTH_SIGNS = invoice(
    line("100.00", quantity=D("8"), unit_price=D("12.50")),
    line("-10.01", quantity=D("1"), unit_price=D("10.01")),
    tax="17.10",
    gross="107.09",
    number="INV-2",
)
WRONG = invoice(line("100.00"), tax="19.00", gross="119.01", number="INV-3")
PUSHED = (
    ("customer", CUSTOMER, "psa:7"),
    ("customer", CUSTOMER, "psa:7"),
    ("invoice", CENTS, "INV-1"),
    ("invoice", CENTS, "INV-1"),
    ("invoice", CREDIT, "CN-1"),
    ("invoice", BOTH_SIGNS, "INV-2"),
    ("invoice", WRONG, "INV-3"),
    ("payment", payment("0.20"), "bank:1"),
    ("payment", payment("0.20"), "bank:1"),
    ("payment", payment("0.27"), "bank:2"),
    ("payment", payment("-59.51", of="CN-1"), "bank:3"),
    ("payment", payment("-5.00", of="INV-2"), "bank:4"),
    ("payment", payment("500.00", of="INV-2"), "bank:5"),
    ("payment", payment("5.00", of="INV-2", account="4.2.2"), "bank:6"),
    ("payment", payment("5.00", of="INV-3"), "bank:7"),
    ("entry", EARNED, "recognise:1"),
    ("entry", EARNED, "recognise:1"),
    ("entry", entry(("1.2.1", "40.00"), ("4.2.2", "-40.00")), "recognise:2"),
    ("entry", {**EARNED, "on": date(2031, 1, 1)}, "recognise:3"),
)


def told(session: Any) -> Iterator[str]:
    """Each push, what is then found, and what is open in the end: in a line each."""
    yield session.whoami()
    for record, raw, key in PUSHED:
        yield f"{record} {key}: {_said(session, record, raw, key)}"
        found = session.find(record, key)
        yield f"    found: {_plain(found) if found else 'no'}"
    for item in session.open_items():
        yield f"open {item.number} {item.amount}"
    for row in list(session.pull("client", None))[:-1]:
        yield f"{row.place} {row.raw['name']} {row.raw['code']}"


def _said(session: Any, record: str, raw: Any, key: str) -> str:
    try:
        return _plain(session.push(record, raw, key))
    except TallystickError as error:
        return f"{type(error).__name__} {error}"


def _plain(ref: Ref) -> str:
    readback = ref.readback
    if "addresses" in readback:
        return f"{ref.id} {readback['name']} {[one['code'] for one in readback['identifiers']]}"
    if "gross" in readback:
        taxes = [str(one["amount"]) for one in readback["tax"]]
        return f"{ref.id} {readback['number']} {readback['gross']} {readback['currency']} {taxes}"
    if "postings" in readback:
        return f"{ref.id} {sorted(str(one['amount']) for one in readback['postings'])}"
    return f"{ref.id} {readback['amount']} {readback['currency']}"
