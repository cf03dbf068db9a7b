"""Ways to collect, and which of them takes an invoice. Pure.

A collector whose connection delivers mandates collects under those and no others. One that reads
none, such as a SEPA file, collects under the mandates of their home, unless the home is another
collector's own.

Of all usable authorities of a client the newest mandate is used; of two signed on one day that
with the last reference; of one mandate that two connections could use the connection whose name
comes first. So a client who gives a new card is collected by card from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tallystick.billing.invoice.debit import newness, usable
from tallystick.connector import Collector, Collects
from tallystick.records import Mandate


@dataclass(frozen=True, slots=True)
class Channel:
    """A connection that collects: its open session, how it asks for money, and whether the
    mandates it delivers are its own."""

    session: Collector
    collects: Collects
    keeps_mandates: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """A mandate, and the connection that would collect under it."""

    connection: str
    collects: Collects
    mandate: Mandate


def mandates_from(channels: Mapping[str, Channel], home: str | None) -> dict[str, str]:
    """The connection whose mandates each channel uses, by the channel's connection; a channel
    that has none is left out."""
    kept = {name for name, channel in channels.items() if channel.keeps_mandates}
    found: dict[str, str] = {}
    for name in sorted(channels):
        if name in kept:
            found[name] = name
        elif home is not None and home not in kept:
            found[name] = home
    return found


def authorities(
    connection: str, collects: Collects, mandates: Mapping[str, Sequence[Mandate]]
) -> dict[str, list[Authority]]:
    """What `connection` may collect under by client, of the `mandates` it uses."""
    return {
        client: [
            Authority(connection, collects, mandate)
            for mandate in signed
            if mandate.scheme in collects.schemes
        ]
        for client, signed in mandates.items()
    }


def authority_for(
    candidates: Iterable[Authority], currency: str, due_on: date, today: date
) -> Authority | None:
    """The authority under which an invoice in `currency` is collected, None when there is none."""
    fitting = [
        one
        for one in candidates
        if (one.collects.currencies is None or currency in one.collects.currencies)
        and usable(one.mandate, currency, due_on, today)
    ]
    by_name = sorted(fitting, key=lambda one: one.connection)
    return max(by_name, key=lambda one: newness(one.mandate), default=None)
