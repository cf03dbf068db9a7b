"""Identity: which records of different connections are the same thing, by exact keys.

A key value that two records of one side share proves nothing, so it joins nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tallystick.records import Asset, Client, Record
from tallystick.records.keys import mac_key, name_key, serial_key


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
