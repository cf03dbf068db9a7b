"""One QuickBooks company: customers come in, documents go out, what is open is told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tallystick.connector import Broken, Context, Cursor, OpenItem, Pulled, Raw, Ref
from tallystick.errors import SkipRecord, Stop, about
from tallystick.money import Money
from tallystick_quickbooks import entries, invoicing
from tallystick_quickbooks.chart import Chart
from tallystick_quickbooks.customers import Customers
from tallystick_quickbooks.settings import QuickBooksSettings
from tallystick_quickbooks.wire import (
    DUPLICATE_NUMBER,
    Api,
    Refusal,
    decimal_of,
    quoted,
    value_of,
)


class QuickBooksSession:
    """A Source of clients, a Sink of customers, invoices, payments and entries, and the Ledger."""

    def __init__(self, settings: QuickBooksSettings, context: Context) -> None:
        self._connection = context.connection
        self._api = Api(settings, context)
        self._chart = Chart(self._api, settings)
        self._customers = Customers(self._api)

    def whoami(self) -> str:
        company = self._api.info("CompanyInfo")
        return f"{company.get('CompanyName')} at QuickBooks Online ({company.get('Country')})"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        assert record == "client", record  # noqa: S101 - the one kind that is declared
        return self._customers.pull(since)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        with about(self._connection, record, key):
            match record:
                case "customer":
                    return self._customers.push(raw, key)
                case "invoice":
                    return self._push_invoice(raw, key)
                case "payment":
                    return self._push_payment(raw, key)
                case _:
                    return self._push_entry(raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        match record:
            case "customer":
                return self._customers.find(key)
            case "invoice":
                return self._find_invoice(key)
            case "payment":
                return self._find_payment(key)
            case _:
                found = self._entry(key)
                return None if found is None else _ref(found, entries.entry_readback(found))

    def open_items(self) -> Iterator[OpenItem]:
        for kind, sign in (("Invoice", 1), ("CreditMemo", -1)):
            for row in self._api.rows(kind, "where Balance > '0'"):
                currency = str(value_of(row, "CurrencyRef"))
                amount = Money.exact(sign * decimal_of(row, "Balance"), currency)
                yield OpenItem(str(row.get("DocNumber")), amount)

    def _push_invoice(self, raw: Raw, key: str) -> Ref:
        self._must_take_our_numbers()
        credit = invoicing.is_credit(raw)
        document = invoicing.document(raw, self._customers.id_of(raw["client"]), self._chart)
        try:
            made = self._api.create("CreditMemo" if credit else "Invoice", document, key)
        except Refusal as error:
            found = self._find_invoice(key) if error.code == DUPLICATE_NUMBER else None
            if found is None:
                raise
            return found
        return _ref(made, invoicing.readback(made, credit))

    def _push_payment(self, raw: Raw, key: str) -> Ref:
        if (known := self._find_payment(key)) is not None:
            return known
        invoice = self._numbered("Invoice", raw["invoice"])
        if invoice is not None and raw["amount"] > 0:
            paid = entries.payment(raw, invoice, self._chart, key)
            made = self._api.create("Payment", paid, key)
            return _ref(made, entries.payment_readback(made))
        of = invoice or self._numbered("CreditMemo", raw["invoice"])
        if of is None:
            raise SkipRecord(
                f"QuickBooks has no invoice or credit memo {raw['invoice']}.", do="Post it first."
            )
        undoing = entries.undoing(raw, str(value_of(of, "CustomerRef")), self._chart, key)
        made = self._api.create("JournalEntry", undoing, key)
        return _ref(made, entries.undoing_readback(made))

    def _push_entry(self, raw: Raw, key: str) -> Ref:
        found = self._entry(key)
        if found is None:
            entry = entries.entry(raw, self._chart, key)
            found = self._api.create("JournalEntry", entry, key)
        return _ref(found, entries.entry_readback(found))

    def _find_invoice(self, number: str) -> Ref | None:
        for kind in ("Invoice", "CreditMemo"):
            if (found := self._numbered(kind, number)) is not None:
                return _ref(found, invoicing.readback(found, kind == "CreditMemo"))
        return None

    def _find_payment(self, key: str) -> Ref | None:
        wanted = f"PaymentRefNum = {quoted(entries.number_of(key))}"
        for found in self._api.some("Payment", wanted):
            return _ref(found, entries.payment_readback(found))
        entry = self._entry(entries.undoing_key(key))
        return None if entry is None else _ref(entry, entries.undoing_readback(entry))

    def _entry(self, key: str) -> Raw | None:
        return self._numbered("JournalEntry", entries.number_of(key))

    def _numbered(self, kind: str, number: str) -> Raw | None:
        found = self._api.some(kind, f"DocNumber = {quoted(number)}")
        return found[0] if found else None

    def _must_take_our_numbers(self) -> None:
        if not self._takes_our_numbers:
            raise Stop(
                "QuickBooks gives invoices numbers of its own.",
                do="Tick Custom transaction numbers under Account and settings, Sales, so that"
                " they are there under ours.",
            )

    @cached_property
    def _takes_our_numbers(self) -> bool:
        sales = self._api.info("Preferences").get("SalesFormsPrefs") or {}
        return sales.get("CustomTxnNumbers") is True


def _ref(theirs: Raw, readback: Raw) -> Ref:
    return Ref(str(theirs.get("Id")), readback)
