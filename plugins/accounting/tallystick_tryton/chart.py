"""What Tryton calls our accounts, taxes, journals and currencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick_tryton.settings import TrytonSettings
from tallystick_tryton.wire import Api, Domain

ACCOUNT: Final = ("code", "name", "party_required", "type.receivable")
TAX: Final = ("name", "type", "rate", "invoice_account", "credit_note_account")


class Chart:
    """Each record is asked for once, when it is first needed."""

    def __init__(self, api: Api, settings: TrytonSettings) -> None:
        self._api, self._settings = api, settings
        self.account = cache(self._account)
        self.tax = cache(self._tax)
        self.journal = cache(self._journal)
        self.currency = cache(self._currency)
        self.method = cache(self._method)
        self._periods: list[Raw] = []

    def _account(self, name: str) -> Raw:
        """The open account whose code or name is `name`; raises `SkipRecord` without just one."""
        fits = [["type", "!=", None], ["closed", "!=", True], self._ours]
        for field in ("code", "name"):
            found = self._api.some("account.account", [[field, "=", name], *fits], ACCOUNT)
            if len(found) == 1:
                return found[0]
            if found:
                raise SkipRecord(
                    f"Tryton has {len(found)} accounts with the {field} {name}.",
                    do="Write the code of the one that is meant under [accounts].",
                )
        raise SkipRecord(
            f"Tryton has no open account with the code or name {name}.",
            do="Give the account of this role Tryton's code under [accounts] of tallystick.toml.",
        )

    def _tax(self, category: str, percent: Decimal) -> Raw:
        """The tax for a rate of one of our categories; raises `SkipRecord` without one, or where
        its rate is another."""
        rate = f"{category} {percent.normalize():f}"
        name = self._settings.taxes.get(rate) or self._settings.taxes.get(category)
        if name is None:
            raise SkipRecord(
                f"Nothing says which tax of Tryton is {rate} %.",
                do=f'Write it into `taxes` of the connection: "{rate}" = "19% VAT".',
            )
        found = self._only("account.tax", [["name", "=", name], self._ours], TAX, f"tax {name}")
        theirs = found.get("rate")
        if not isinstance(theirs, Decimal) or theirs * 100 != percent:
            told = f"{theirs * 100:f} %" if isinstance(theirs, Decimal) else "no percentage"
            raise SkipRecord(
                f"Tryton's tax {name} is {told}, and ours is {rate} %.",
                do="Write the tax of this rate into `taxes` of the connection.",
            )
        return found

    def _journal(self, code: str) -> int:
        found = self._only("account.journal", [["code", "=", code]], ("code",), f"journal {code}")
        return int(found["id"])

    def _currency(self, code: str) -> int:
        found = self._only(
            "currency.currency", [["code", "=", code]], ("code",), f"currency {code}"
        )
        return int(found["id"])

    def _method(self, account: int, name: str) -> int:
        """The payment method that books on an account; raises `SkipRecord` without one."""
        books = [["debit_account", "=", account], ["credit_account", "=", account], self._ours]
        found = self._api.some("account.invoice.payment.method", books, ("name",))
        if not found:
            raise SkipRecord(
                f"Tryton has no payment method that books on {name}.",
                do="Make one under Financial, Configuration, Invoice, Payment Methods, with this"
                " account on both sides.",
            )
        return int(found[0]["id"])

    def period(self, on: date) -> int:
        """The open period of a day; raises `SkipRecord` without one."""
        for known in self._periods:
            if known["start_date"] <= on <= known["end_date"]:
                return int(known["id"])
        within = [["start_date", "<=", on], ["end_date", ">=", on]]
        fits = [*within, ["state", "=", "open"], ["type", "=", "standard"], self._ours]
        found = self._api.some("account.period", fits, ("start_date", "end_date"))
        if not found:
            raise SkipRecord(
                f"Tryton has no open period for {on:%Y-%m-%d}.",
                do="Open it, or make the fiscal year there.",
            )
        self._periods.append(found[0])
        return int(found[0]["id"])

    @property
    def _ours(self) -> Domain:
        return ["company", "=", self._api.company["id"]]

    def _only(self, model: str, domain: Domain, fields: tuple[str, ...], what: str) -> Raw:
        found = self._api.some(model, domain, fields)
        if len(found) != 1:
            raise SkipRecord(
                f"Tryton has {'no' if not found else 'more than one'} {what}.",
                do="Correct the name in the connection's settings, or make it in Tryton.",
            )
        return found[0]


def id_of(row: Raw, field: str) -> int | None:
    """The id of what a field refers to, told as a number or as an object."""
    value = row.get(field)
    value = value.get("id") if isinstance(value, Mapping) else value
    return value if isinstance(value, int) else None
