"""What Xero calls our accounts, and what it calls our taxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord

BANK: Final = "BANK"
DEBTORS: Final = "DEBTORS"


class Accounts:
    """The organisation's accounts, read once when the first of them is asked for."""

    def __init__(self, read: Callable[[], Sequence[Raw]]) -> None:
        self._read = read

    def __call__(self, name: str) -> Raw:
        """The active account whose code or name is `name`; raises `SkipRecord` without one."""
        found = self._by_code.get(name) or self._by_name.get(name)
        if found is None:
            raise SkipRecord(
                f"Xero has no active account with the code or name {name}.",
                do="Give the account of this role Xero's code under [accounts] of tallystick.toml.",
            )
        return found

    def code(self, name: str) -> str:
        """Its code, by which lines name an account; bank accounts may have none."""
        found = self(name).get("Code")
        if not found:
            raise SkipRecord(
                f"Xero's account {name} has no code, and cannot be posted to by line.",
                do="Give it a code in Xero's chart of accounts.",
            )
        return str(found)

    @cached_property
    def _active(self) -> list[Raw]:
        return [one for one in self._read() if one.get("Status") == "ACTIVE"]

    @cached_property
    def _by_code(self) -> Mapping[str, Raw]:
        return {str(one["Code"]): one for one in self._active if one.get("Code")}

    @cached_property
    def _by_name(self) -> Mapping[str, Raw]:
        return {str(one.get("Name")): one for one in self._active}


def tax_type(types: Mapping[str, str], category: str, percent: Decimal) -> str:
    """Xero's tax type for a rate of one of our categories; raises `SkipRecord` without one."""
    rate = f"{category} {percent.normalize():f}"
    found = types.get(rate) or types.get(category)
    if found is None:
        raise SkipRecord(
            f"Nothing says which tax type of Xero is {rate} %.",
            do=f'Write it into `tax_types` of the connection: "{rate}" = "OUTPUT2".',
        )
    return found
