"""One company of a Tryton: parties come in, documents go out, what is open is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tallystick.connector import Context, Cursor, OpenItem, Pulled, Raw, Ref
from tallystick.errors import SkipRecord, about
from tallystick.money import Money
from tallystick_tryton import entries, invoicing
from tallystick_tryton.chart import Chart
from tallystick_tryton.parties import Parties
from tallystick_tryton.settings import TrytonSettings
from tallystick_tryton.wire import Api, decimal_of

PAY: Final = "account.invoice.pay"


class TrytonSession:
    """A Source of clients, a Sink of customers, invoices, payments and entries, and the Ledger."""

    def __init__(self, settings: TrytonSettings, context: Context) -> None:
        self._connection, self._settings = context.connection, settings
        self._api = Api(settings, context)
        self._parties = Parties(self._api, context)
        self._chart = Chart(self._api, settings)

    def whoami(self) -> str:
        company = self._api.company
        name = company["party"]["name"]
        return f"{name} at Tryton, {self._api.host}, books in {self._api.currency}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Cursor]:
        assert record == "client", record  # noqa: S101 - the one kind that is declared
        return self._parties.pull(since)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        with about(self._connection, record, key):
            match record:
                case "customer":
                    return self._parties.push(raw, key)
                case "invoice":
                    return self._push_invoice(raw, key)
                case "payment":
                    return self._push_payment(raw, key)
                case _:
                    return self._push_entry(raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        match record:
            case "customer":
                return self._parties.find(key)
            case "invoice":
                found = self._invoice(key)
                stands = found is not None and found.get("state") in invoicing.STANDS
                return _invoice_ref(found) if found is not None and stands else None
            case "payment":
                return self._payment_ref(self._move(key))
            case _:
                return self._entry_ref(self._move(key))

    def open_items(self) -> Iterator[OpenItem]:
        """Of posted invoices that bear a number of ours; those below zero are credit notes."""
        domain = [*self._sold, ["state", "=", "posted"], ["reference", "!=", None]]
        for row in self._api.rows(invoicing.MODEL, domain, invoicing.FIELDS):
            left = Money.exact(decimal_of(row, "amount_to_pay"), str(invoicing.currency_of(row)))
            yield OpenItem(str(row.get("reference")), left)

    def _push_invoice(self, raw: Raw, key: str) -> Ref:
        """A draft first, which is posted only if Tryton reckons what we issued, and is taken away
        again if not. One that was left half way is gone on with."""
        found = self._invoice(key)
        if found is None:
            party = self._parties.of(raw["client"])
            journal = self._settings.invoice_journal
            made = invoicing.document(raw, party, self._chart, self._company, journal)
            found = self._api.create(invoicing.MODEL, made, invoicing.FIELDS)
        if found.get("state") not in invoicing.STANDS:
            if wrong := invoicing.differs(raw, found):
                self._api.delete(invoicing.MODEL, found["id"])
                raise SkipRecord(
                    f"{wrong}. It was not posted there.",
                    do="Correct the taxes in Tryton or in `taxes` of the connection.",
                )
            found = self._api.press(invoicing.MODEL, found["id"], "post", invoicing.FIELDS)
        return _invoice_ref(found)

    def _push_payment(self, raw: Raw, key: str) -> Ref:
        if (known := self._payment_ref(self._move(key))) is not None:
            return known
        invoice = self._invoice(raw["invoice"])
        if invoice is None or invoice.get("state") not in invoicing.STANDS:
            raise SkipRecord(
                f"Tryton has no posted invoice or credit note {raw['invoice']}.",
                do="Post it first, or correct it there.",
            )
        account = self._chart.account(raw["account"])["id"]
        method = self._chart.method(account, raw["account"])
        page = {
            "start": entries.start({**raw, "id": key}, invoice, method, self._chart, self._company)
        }
        wizard = self._api.wizard(PAY, (invoicing.MODEL, invoice["id"]))
        if "view" in wizard.step(page, "choice"):
            # it asks what to do with the rest, which stays open
            wizard.step({**page, "ask": {"type": "partial"}}, "pay")
        made = self._payment_ref(self._move(key))
        if made is None:
            raise SkipRecord(
                f"Tryton took the payment on {raw['invoice']} and has none.",
                do="Look into its log; it is sent again at the next run.",
            )
        return made

    def _push_entry(self, raw: Raw, key: str) -> Ref:
        found = self._move(key)
        if found is None:
            made = entries.move(
                {**raw, "id": key},
                self._chart,
                self._company,
                self._api.currency,
                self._settings.entry_journal,
            )
            found = self._api.create(entries.MODEL, made, entries.FIELDS)
        if found.get("state") != "posted":
            found = self._api.press(entries.MODEL, found["id"], "post", entries.FIELDS)
        return Ref(str(found["id"]), entries.move_readback(found, self._api.currency))

    def _invoice(self, number: str) -> Raw | None:
        domain = [*self._sold, ["reference", "=", number], ["state", "!=", "cancelled"]]
        found = self._api.some(invoicing.MODEL, domain, invoicing.FIELDS)
        return found[0] if found else None

    def _move(self, key: str) -> Raw | None:
        domain = [["description", "=", entries.mark(key)], ["company", "=", self._company]]
        found = self._api.some(entries.MODEL, domain, entries.FIELDS)
        return found[0] if found else None

    def _payment_ref(self, found: Raw | None) -> Ref | None:
        if found is None:
            return None
        return Ref(str(found["id"]), entries.payment_readback(found, self._api.currency))

    def _entry_ref(self, found: Raw | None) -> Ref | None:
        """What is still a draft was not finished: whoever pushes goes on with it."""
        if found is None or found.get("state") != "posted":
            return None
        return Ref(str(found["id"]), entries.move_readback(found, self._api.currency))

    @property
    def _company(self) -> int:
        return int(self._api.company["id"])

    @property
    def _sold(self) -> list[Any]:
        return [["type", "=", "out"], ["company", "=", self._company]]


def _invoice_ref(theirs: Raw) -> Ref:
    return Ref(str(theirs["id"]), invoicing.readback(theirs))
