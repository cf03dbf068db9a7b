"""Reconciling devices: what contracts count against what other tools know, with the money at stake.

unbilled      there, and no line counts it
unknown       another tool knows it, the home of devices does not, so nothing can count it
over_billed   counted, and gone from every other tool that knows this client's devices
wrong_type    counted as one type, known elsewhere as another that costs something else
stale         counted, and not heard of for `STALE_DAYS`
duplicate     counted, with the serial number or address of another one that is
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from msgspec.structs import replace

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel
from tallystick.billing.devices.agreed import Agreed, is_there
from tallystick.billing.price_book import PriceBook
from tallystick.money import Money
from tallystick.records import Asset
from tallystick.records.keys import mac_key, serial_key

STALE_DAYS: Final = 30


class Known(NamedTuple):
    """A device as connection `connection` knows it; `home` is the ref of the same one at home."""

    connection: str
    asset: Asset
    home: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One device that does not fit: `monthly` is what is lost by it, or asked for too much."""

    code: str
    device: str
    ref: str
    monthly: Money
    what: str
    do: str


def reconcile(
    facts: ClientFacts,
    elsewhere: Sequence[Known],
    models: Mapping[str, ChargeModel],
    book: PriceBook,
    today: date,
) -> list[Finding]:
    """What does not fit of one client's devices, most money first; nothing where the client pays
    for none by the piece. `elsewhere` is what other connections know of the client."""
    agreed = Agreed(facts, models, book, today)
    if not agreed.counting:
        return []
    there = [one for one in facts.assets if is_there(one, today)]
    twins: dict[str, list[Known]] = defaultdict(list)
    for known in elsewhere:
        if known.home is not None:
            twins[known.home].append(known)
    tools = sorted({one.connection for one in elsewhere if one.home is not None})
    found = [
        *_uncounted(there, agreed),
        *_unknown(elsewhere, agreed, today),
        *(
            one
            for asset in there
            if agreed.counted(asset)
            for one in _counted(asset, twins[asset.id], tools, agreed, today)
        ),
        *_duplicates([one for one in there if agreed.counted(one)], agreed),
    ]
    return sorted(found, key=lambda one: (-one.monthly.minor, one.device, one.code))


def _uncounted(there: Iterable[Asset], agreed: Agreed) -> Iterator[Finding]:
    for asset in there:
        if not agreed.counted(asset):
            kind = f"of type {asset.type}" if asset.type else "without a type"
            yield Finding(
                "unbilled",
                asset.name,
                asset.id,
                agreed.with_(asset),
                f"It is {kind}, which no line counts.",
                "Let a line count it (types, groups, tags), or retire it.",
            )


def _unknown(elsewhere: Iterable[Known], agreed: Agreed, today: date) -> Iterator[Finding]:
    for known in elsewhere:
        if known.home is None and is_there(known.asset, today):
            yield Finding(
                "unknown",
                known.asset.name,
                f"{known.connection}:{known.asset.id}",
                agreed.with_(known.asset),
                f"{known.connection} knows it; where devices are counted nobody does.",
                "Add it there, or join it: `tallystick links same COPY HOME --kind asset`.",
            )


def _counted(
    asset: Asset, twins: Sequence[Known], tools: Sequence[str], agreed: Agreed, today: date
) -> Iterator[Finding]:
    """What other tools say against a device that is counted."""
    everywhere = (asset, *(one.asset for one in twins))
    heard = max(filter(None, (one.last_seen_at for one in everywhere)), default=None)
    living = [one for one in twins if is_there(one.asset, today)]
    if tools and not living:
        gone = "has retired it" if twins else "does not know it"
        yield Finding(
            "over_billed",
            asset.name,
            asset.id,
            agreed.without(asset),
            f"It is counted, and {' and '.join(tools)} {gone}.",
            "Retire it where devices are counted, or find out why it is not monitored.",
        )
    elif heard is not None and (today - heard.date()).days > STALE_DAYS:
        yield Finding(
            "stale",
            asset.name,
            asset.id,
            agreed.without(asset),
            f"It is counted, and was last heard of on {heard.date()}.",
            "Ask the client whether it is still in use; retire it if not.",
        )
    for one in living:
        if one.asset.type and asset.type and one.asset.type != asset.type:
            dearer = agreed.instead(asset, replace(asset, type=one.asset.type))
            off = dearer if dearer.minor > 0 else -dearer
            if off:
                yield Finding(
                    "wrong_type",
                    asset.name,
                    asset.id,
                    off,
                    f"It is counted as {asset.type}; {one.connection} says {one.asset.type}, "
                    f"which is {off} a month {'more' if dearer.minor > 0 else 'less'}.",
                    "Correct its type where it is wrong.",
                )


def _duplicates(counted: Sequence[Asset], agreed: Agreed) -> Iterator[Finding]:
    keys: Sequence[tuple[str, Callable[[Asset], str | None]]] = (
        ("serial number", lambda one: serial_key(one.serial)),
        ("MAC address", lambda one: mac_key(one.mac)),
    )
    told: set[str] = set()
    for said, key in keys:
        first: dict[str, Asset] = {}
        for asset in sorted(counted, key=lambda one: one.id):
            value = key(asset)
            if value is None or asset.id in told:
                continue
            if value in first:
                told.add(asset.id)
                yield Finding(
                    "duplicate",
                    asset.name,
                    asset.id,
                    agreed.without(asset),
                    f"It is counted, and so is {first[value].name} of the same {said}.",
                    "Retire one of the two.",
                )
            first.setdefault(value, asset)
