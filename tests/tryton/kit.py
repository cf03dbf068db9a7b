"""The Tryton connector in front of a Tryton of ours, and what it is given to post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx

from tallystick.testing.contract import ConnectorContract
from tallystick_tryton import TRYTON

from .scenario import CUSTOMER, EARNED, invoice, line, payment, settings
from .service import Tryton

INVOICE = invoice(line("100.00"), tax="19.00", gross="119.00")
LISTS = {
    "customer": "party.party",
    "invoice": "account.invoice",
    "payment": "account.move",
    "entry": "account.move",
}


class Kit(ConnectorContract):
    connector = TRYTON
    settings: ClassVar = settings("https://tryton.example")
    pushes: ClassVar = {
        "customer": CUSTOMER,
        "invoice": {**INVOICE, "number": "key-1"},
        "payment": payment("119.00"),
        "entry": EARNED,
    }

    def vendor(self) -> Tryton:
        """With the customer and the invoice that what is pushed speaks of."""
        vendor = Tryton(parties=3)
        party(vendor, "psa:7")
        with self.sink(vendor) as opened:
            opened.push("invoice", INVOICE, "INV-1")
        return vendor

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Tryton)
        before = {"customer": 5, "invoice": 1}.get(record, 1)
        return len(vendor.tables[LISTS[record]]) - before


KIT = Kit()


def party(vendor: Tryton, client: str, **more: Any) -> dict[str, Any]:
    marked = {"code": f"Tallystick {client}"}
    given = {"name": "Acme", "identifiers": [["create", [marked]]], "addresses": [["create", [{}]]]}
    return vendor.party({**given, **more})


@contextmanager
def session(vendor: httpx.BaseTransport) -> Iterator[Any]:
    with KIT.session(vendor) as opened:
        yield opened
