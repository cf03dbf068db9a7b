"""Identity: which records of different connections are the same thing, by exact keys.

A key value that two records of one side share proves nothing, so it joins nobody; values
that vendors leave behind on thousands of machines are no keys at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tallystick.records import Asset, Client, Record

BOGUS_SERIALS = frozenset(
    {
        "tobefilledbyoem",
        "systemserialnumber",
        "defaultstring",
        "notspecified",
        "notapplicable",
        "0123456789",
        "123456789",
        "1234567890",
        "123456",
        "invalid",
        "unknown",
        "ostring",
        "chassisserialnumber",
    }
)
BOGUS_MACS = frozenset({"000000000000", "ffffffffffff", "505054503030", "335053503030"})
"""All zeros, broadcast, and the pseudo-addresses Windows gives its PPTP and RAS adapters."""


@dataclass(frozen=True, slots=True)
class Key:
    """One rule: its name, shown beside every link it makes, and the value it compares. What has
    `other` values that are real and differ is not the same all the same."""

    name: str
    of: Callable[[Record], str | None]
    other: Callable[[Record], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Link:
    """`copy` is the home record `home`, as `rule` says; both are external ids."""

    copy: str
    home: str
    rule: str


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A key value several records of one side share, so that it could join nobody."""

    rule: str
    value: str
    ids: tuple[str, ...]


def serial_key(serial: str | None) -> str | None:
    """A serial number to compare, None for one that identifies no machine."""
    plain = re.sub(r"[^0-9a-z]", "", (serial or "").casefold())
    if len(plain) < 4 or plain in BOGUS_SERIALS or len(set(plain)) == 1:
        return None
    return plain


def mac_key(mac: str | None) -> str | None:
    """A hardware address as twelve hex digits, None for a pseudo-address or a wrong one."""
    plain = re.sub(r"[^0-9a-f]", "", (mac or "").casefold())
    return plain if len(plain) == 12 and plain not in BOGUS_MACS else None


def name_key(name: str | None) -> str | None:
    """A name with case and blanks evened out: still exact, never similar."""
    return " ".join((name or "").casefold().split()) or None


def _client(value: Callable[[Client], str | None]) -> Callable[[Record], str | None]:
    return lambda record: value(record) if isinstance(record, Client) else None


def _asset(value: Callable[[Asset], str | None]) -> Callable[[Record], str | None]:
    return lambda record: value(record) if isinstance(record, Asset) else None


KEYS: Mapping[str, Sequence[Key]] = {
    "client": (
        Key("same customer number", _client(lambda one: name_key(one.customer_number))),
        Key("same VAT id", _client(lambda one: name_key(one.vat_id))),
        Key("same e-mail domain", _client(lambda one: name_key(one.domain))),
        Key("same name", _client(lambda one: name_key(one.name))),
    ),
    "asset": (
        Key("same serial number", _asset(lambda one: serial_key(one.serial))),
        Key("same MAC address", _asset(lambda one: mac_key(one.mac))),
        Key(
            "same name at the same client",
            _asset(lambda one: f"{one.client}: {name_key(one.name)}" if one.client else None),
            _asset(lambda one: serial_key(one.serial)),
        ),
    ),
}
"""Per kind the exact keys, strongest first."""


def match(
    copies: Iterable[Record],
    homes: Iterable[Record],
    keys: Sequence[Key],
    apart: Collection[tuple[str, str]] = frozenset(),
) -> tuple[list[Link], list[Ambiguity]]:
    """Link each copy to the home record its strongest unshared key names, unless somebody said
    that the two are `apart`."""
    open_copies = {copy.id: copy for copy in copies}
    known = {home.id: home for home in homes}
    links: list[Link] = []
    ambiguities: list[Ambiguity] = []
    for key in keys:
        at_home = _unshared(key, known.values(), ambiguities)
        for value, copy in _unshared(key, open_copies.values(), ambiguities).items():
            home = at_home.get(value)
            if home is None or (copy, home) in apart:
                continue
            if not _differ(key.other(open_copies[copy]), key.other(known[home])):
                links.append(Link(copy, home, key.name))
                del open_copies[copy]
    return links, ambiguities


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _unshared(key: Key, records: Iterable[Record], ambiguities: list[Ambiguity]) -> dict[str, str]:
    """Key value -> the one record that has it; shared values are reported and left out."""
    having: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if value := key.of(record):
            having[value].append(record.id)
    for value, ids in having.items():
        if len(ids) > 1:
            ambiguities.append(Ambiguity(key.name, value, tuple(sorted(ids))))
    return {value: ids[0] for value, ids in having.items() if len(ids) == 1}
