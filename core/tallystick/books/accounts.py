"""The chart of accounts: what each account of ours is called in the MSP's own books.

Inside, an account is named by its role (`Income:PerUnit`). The names the MSP's accounting knows
(`Income:8400-Managed`) take their place where entries leave: in exports and in what is posted.
Several roles may share a name; their balances then come together there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tallystick.books.entries import (
    BAD_DEBT,
    DEFERRED,
    EXCHANGE,
    FEES,
    RECEIVABLE,
    SET_OFF,
    SMALL_DIFFERENCES,
    SUSPENSE,
    WRITE_DOWNS,
    bank_account,
    conversions_account,
    tax_account,
    transfer_account,
)

ROLES: Final = {
    "receivable": RECEIVABLE,
    "deferred": DEFERRED,
    "suspense": SUSPENSE,
    "set_off": SET_OFF,
    "fees": FEES,
    "exchange_differences": EXCHANGE,
    "write_downs": WRITE_DOWNS,
    "bad_debt": BAD_DEBT,
    "small_differences": SMALL_DIFFERENCES,
    "fixed": "Income:Fixed",
    "per_unit": "Income:PerUnit",
    "time": "Income:Time",
    "incident": "Income:Incident",
    "prepaid": "Income:Prepaid",
    "retainer": "Income:Retainer",
    "usage": "Income:Usage",
    "one_off": "Income:OneOff",
    "commitment": "Income:Commitment",
    "percentage": "Income:Percentage",
    "discount": "Income:Discount",
}
"""Our account of each role that there is one of."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`names` by our account; an account without one keeps ours."""

    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, account: str) -> str:
        return self.names.get(account, account)


OURS: Final = Chart()


def chart(
    roles: Mapping[str, str],
    taxes: Mapping[str, str],
    banks: Mapping[str, str],
    conversions: Mapping[str, str],
    transfers: Mapping[str, str],
) -> Chart:
    """The chart of names given by role, tax category, bank connection, pair of currencies
    (`CHF-EUR`, in either order) and provider connection for its transfers."""
    names: Iterable[tuple[str, str]] = (
        *((ROLES[role], name) for role, name in roles.items()),
        *((tax_account(category), name) for category, name in taxes.items()),
        *((bank_account(connection), name) for connection, name in banks.items()),
        *((conversions_account(*pair.split("-")), name) for pair, name in conversions.items()),
        *((transfer_account(connection), name) for connection, name in transfers.items()),
    )
    return Chart(dict(names))
