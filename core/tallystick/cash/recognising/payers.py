"""Whose money it is: what is known of payers, told by account, name and customer number. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from tallystick.cash.recognising.evidence import Reason
from tallystick.cash.settling.numbers import Numbers

_LEGAL_FORMS: Final = frozenset(
    {
        *("GMBH", "MBH", "AG", "KG", "KGAA", "OHG", "UG", "GBR", "EK", "EV", "EG", "SE"),
        *("CO", "COMP", "COMPANY", "LTD", "LIMITED", "LLC", "LLP", "INC", "CORP", "PLC"),
        *("BV", "NV", "SARL", "SAS", "SA", "SRL", "SPA", "OY", "AB", "AS", "APS", "SRO"),
        *("UND", "AND"),
    }
)
_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})
ALIKE: Final = 88.0
"""From this percentage of common letters on, two names may be one spelled in two ways."""


def bare_name(name: str) -> str:
    """The words of a name that tell it from others, in one spelling and order: `Müller & Söhne
    GmbH` is `MUELLER SOEHNE`; only what has no other word keeps its legal form."""
    spelled = unicodedata.normalize("NFC", name.casefold()).translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", spelled)
    letters = "".join(char for char in plain if not unicodedata.combining(char)).upper()
    words = re.findall(r"[^\W_]+", letters.replace(".", ""))
    return " ".join(sorted([one for one in words if one not in _LEGAL_FORMS] or words))


@dataclass(frozen=True)
class Payers:
    """The clients known by each account, bare name and customer number, as refs."""

    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    customer_numbers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_word: dict[str, set[str]] = {}
        for name in self.names:
            for word in name.split():
                by_word.setdefault(word, set()).add(name)
        object.__setattr__(self, "_by_word", by_word)
        object.__setattr__(self, "_numbers", Numbers(self.customer_numbers))

    def told_by(self, account: str | None, name: str, text: str) -> dict[str, list[Reason]]:
        """Each client the payer may be, with what says so."""
        found: dict[str, list[Reason]] = {}
        _note(found, self.accounts.get(account or "", ()), "payer_account", "account_of_several")
        same, alike = self.by_name(name)
        _note(found, same, "payer_name", "name_of_several")
        _note(found, alike - same, "name_alike", "name_of_several")
        stated = {self.customer_numbers[one] for one in self._named(text)}
        _note(found, stated, "customer_number", "customer_number")
        return found

    def by_name(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """The clients of this name, and those of one spelled much like it."""
        bare = bare_name(name)
        if not bare:
            return frozenset(), frozenset()
        by_word: Mapping[str, set[str]] = object.__getattribute__(self, "_by_word")
        near = {one for word in bare.split() for one in by_word.get(word, ())}
        alike = [one for one in near if fuzz.ratio(bare, one) >= ALIKE]
        clients = [client for one in alike for client in self.names[one]]
        return self.names.get(bare, frozenset()), frozenset(clients)

    def names_of(self, clients: Collection[str]) -> bool:
        """Whether a name of any of `clients` is known."""
        return any(not known.isdisjoint(clients) for known in self.names.values())

    def _named(self, text: str) -> list[str]:
        numbers: Numbers = object.__getattribute__(self, "_numbers")
        return numbers.named_in(text)


def _note(
    found: dict[str, list[Reason]], clients: Collection[str], one: Reason, several: Reason
) -> None:
    for client in clients:
        found.setdefault(client, []).append(one if len(clients) == 1 else several)
