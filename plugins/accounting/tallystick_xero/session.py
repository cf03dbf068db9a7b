"""One Xero organisation: contacts come in, documents go out, what is open is told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tallystick.connector import Broken, Context, Cursor, OpenItem, Pulled, Raw, Ref
from tallystick.errors import SkipRecord, about
from tallystick.money import Money
from tallystick_xero import entries, invoicing
from tallystick_xero.chart import Accounts
from tallystick_xero.contacts import Contacts
from tallystick_xero.settings import XeroSettings
from tallystick_xero.wire import FOUR_PLACES, Api, decimal_of, equals, quoted

LISTS = (
    ("Invoices", "InvoiceNumber", "ACCREC"),
    ("CreditNotes", "CreditNoteNumber", "ACCRECCREDIT"),
)


class XeroSession:
    """A Source of clients, a Sink of customers, invoices, payments and entries, and the Ledger."""

    def __init__(self, settings: XeroSettings, context: Context) -> None:
        self._connection = context.connection
        self._tax_types = settings.tax_types
        self._api = Api(settings, context)
        self._contacts = Contacts(self._api)
        self._accounts = Accounts(lambda: self._api.some("Accounts"))

    def whoami(self) -> str:
        return f"{self._organisation.get('Name')} at Xero, books in {self._base}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        assert record == "client", record  # noqa: S101 - the one kind that is declared
        return self._contacts.pull(since)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        with about(self._connection, record, key):
            match record:
                case "customer":
                    return self._contacts.push(raw, key)
                case "invoice":
                    return self._push_invoice(raw, key)
                case "payment":
                    return self._push_payment(raw, key)
                case _:
                    return self._push_entry(raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        match record:
            case "customer":
                return self._contacts.find(key)
            case "invoice":
                found = self._document(key)
                return None if found is None else _invoice(found)
            case "payment":
                return self._find_payment(key)
            case _:
                return self._find_entry(key)

    def open_items(self) -> Iterator[OpenItem]:
        for name, number, kind in LISTS:
            where = f'Type=="{kind}"&&Status=="AUTHORISED"'
            for row in self._api.rows(name, {"where": where}):
                field, sign = ("AmountDue", 1) if kind == "ACCREC" else ("RemainingCredit", -1)
                amount = sign * decimal_of(row, field)
                currency = str(row.get("CurrencyCode"))
                yield OpenItem(str(row.get(number)), Money.exact(amount, currency))

    def _push_invoice(self, raw: Raw, key: str) -> Ref:
        """Created, never changed: a number that is taken is refused by Xero, and then what has it
        is ours."""
        contact = self._contacts.id_of(raw["client"])
        document = invoicing.document(raw, contact, self._accounts.code, self._tax_types)
        name = "CreditNotes" if invoicing.is_credit(raw) else "Invoices"
        try:
            return _invoice(self._api.put(name, document, key))
        except SkipRecord:
            found = self._document(key)
            if found is None:
                raise
            return _invoice(found)

    def _push_payment(self, raw: Raw, key: str) -> Ref:
        if (known := self._find_payment(key)) is not None:
            return known
        document = self._document(raw["invoice"])
        if document is None:
            raise SkipRecord(
                f"Xero has no invoice or credit note {raw['invoice']}, or a voided one.",
                do="Post it first, or correct it there.",
            )
        paid = entries.payment(raw, document, self._accounts(raw["account"]), key)
        return _payment(self._api.put("Payments", paid, key), document.get("CurrencyCode"))

    def _push_entry(self, raw: Raw, key: str) -> Ref:
        if (known := self._find_entry(key)) is not None:
            return known
        legs = entries.legs_of(raw, self._accounts, self._base)
        if entries.banks(legs):
            own = str(self._organisation.get("Name"))
            moved = entries.bank_transaction(raw, legs, own, self._base, key)
            return self._moved(self._api.put("BankTransactions", moved, key))
        return self._journalled(
            self._api.put("ManualJournals", entries.journal(raw, legs, key), key)
        )

    def _document(self, number: str) -> Raw | None:
        """The invoice or credit note of ours with this number that stands."""
        for name, field, kind in LISTS:
            where = f'Type=="{kind}"&&{equals(field, number)}'
            for row in self._api.some(name, {"where": where, "page": "1", **FOUR_PLACES}):
                if row.get("Status") not in invoicing.GONE:
                    return row
        return None

    def _find_payment(self, key: str) -> Ref | None:
        where = equals("Reference", key)
        for row in self._api.some("Payments", {"where": where, "page": "1"}):
            if row.get("Status") not in invoicing.GONE:
                paid = row.get("Invoice") or row.get("CreditNote") or {}
                currency = paid.get("CurrencyCode") or self._currency_of(paid)
                return _payment(row, currency)
        return None

    def _currency_of(self, paid: Raw) -> str | None:
        number = paid.get("InvoiceNumber") or paid.get("CreditNoteNumber")
        found = self._document(str(number)) if number else None
        return None if found is None else found.get("CurrencyCode")

    def _find_entry(self, key: str) -> Ref | None:
        where = f"Narration.EndsWith({quoted(entries.mark(key))})"
        for row in self._api.some("ManualJournals", {"where": where, "page": "1"}):
            if row.get("Status") not in invoicing.GONE:
                return self._journalled(row)
        where = equals("Reference", key)
        for row in self._api.some("BankTransactions", {"where": where, "page": "1"}):
            if row.get("Status") not in invoicing.GONE:
                return self._moved(row)
        return None

    def _journalled(self, theirs: Raw) -> Ref:
        return Ref(str(theirs.get("ManualJournalID")), entries.journal_readback(theirs, self._base))

    def _moved(self, theirs: Raw) -> Ref:
        return Ref(str(theirs.get("BankTransactionID")), entries.bank_readback(theirs, self._base))

    @cached_property
    def _organisation(self) -> Raw:
        return self._api.organisation()

    @property
    def _base(self) -> str:
        return str(self._organisation.get("BaseCurrency"))


def _invoice(theirs: Raw) -> Ref:
    vendor_id = theirs.get("InvoiceID") or theirs.get("CreditNoteID")
    return Ref(str(vendor_id), invoicing.readback(theirs))


def _payment(theirs: Raw, currency: str | None) -> Ref:
    return Ref(str(theirs.get("PaymentID")), entries.payment_readback(theirs, currency))
