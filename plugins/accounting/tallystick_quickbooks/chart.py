"""What QuickBooks calls our accounts, services and taxes: its lists, each read once when asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick_quickbooks.settings import QuickBooksSettings
from tallystick_quickbooks.wire import Api, value_of

RECEIVABLE: Final = "Accounts Receivable"
RECKONED_THERE: Final = frozenset({"TAX", "NON"})
"""Tax codes of companies whose sales tax QuickBooks reckons itself."""


class Chart:
    def __init__(self, api: Api, settings: QuickBooksSettings) -> None:
        self._api = api
        self._items_of = settings.items
        self._tax_codes_of = settings.tax_codes

    def account(self, name: str) -> Raw:
        """The account with this number or name; raises `SkipRecord` without one."""
        for field in ("AcctNum", "FullyQualifiedName", "Name"):
            for one in self._accounts:
                if one.get(field) == name:
                    return one
        raise SkipRecord(
            f"QuickBooks has no active account with the number or name {name}.",
            do="Give the account of this role QuickBooks' number or name under [accounts] of"
            " tallystick.toml.",
        )

    def item(self, account: str) -> str:
        """QuickBooks' id of the service that earns on an account of ours: sales are of services
        there, never of accounts."""
        if (name := self._items_of.get(account)) is not None:
            found = [one for one in self._items if one.get("Name") == name]
            wanted = f"named {name}"
        else:
            earns_on = self.account(account).get("Id")
            found = [one for one in self._items if value_of(one, "IncomeAccountRef") == earns_on]
            wanted = f"earning on {account}"
        if len(found) != 1:
            raise SkipRecord(
                f"QuickBooks has {len(found)} services {wanted}, and it takes one.",
                do=f'Write its name into `items` of the connection: "{account}" = "Services".',
            )
        return str(found[0]["Id"])

    def tax_code(self, category: str, percent: Decimal) -> tuple[str, str | None]:
        """QuickBooks' ids of the tax code for a rate of one of our categories, and of its tax rate
        on sales where it has just one."""
        rate = f"{category} {percent.normalize():f}"
        name = self._tax_codes_of.get(rate) or self._tax_codes_of.get(category)
        if name is None:
            raise SkipRecord(
                f"Nothing says which tax code of QuickBooks is {rate} %.",
                do=f'Write it into `tax_codes` of the connection: "{rate}" = "20.0% S".',
            )
        if name in RECKONED_THERE:
            return name, None
        for one in self._tax_codes:
            if one.get("Name") == name:
                return str(one["Id"]), _only_rate(one)
        raise SkipRecord(
            f"QuickBooks has no active tax code named {name}.",
            do="Correct it in `tax_codes` of the connection.",
        )

    @cached_property
    def _accounts(self) -> list[Raw]:
        return list(self._api.rows("Account"))

    @cached_property
    def _items(self) -> list[Raw]:
        return list(self._api.rows("Item"))

    @cached_property
    def _tax_codes(self) -> list[Raw]:
        return list(self._api.rows("TaxCode"))


def _only_rate(code: Mapping[str, Any]) -> str | None:
    rates = (code.get("SalesTaxRateList") or {}).get("TaxRateDetail") or ()
    found = [value_of(one, "TaxRateRef") for one in rates]
    return found[0] if len(found) == 1 else None
