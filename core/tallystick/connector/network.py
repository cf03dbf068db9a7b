"""What a vendor bears of us, and the way to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tallystick.errors import Stop

if TYPE_CHECKING:
    import httpx


class Quota(NamedTuple):
    """The vendor answers at most `requests` in any `seconds`, counted over all who ask for this
    tenant."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a vendor bears, and what we take of it.

    `share` of every quota is ours, the rest is left to the tenant's other tools; `concurrency`
    requests are under way at once, from all our threads and processes together. A body longer
    than `body_bytes_max` once unpacked is refused.
    """

    quotas: tuple[Quota, ...] = ()
    share: Decimal = Decimal("0.5")
    concurrency: int = 4
    timeout_s: int = 30
    body_bytes_max: int = 64 << 20


Http = Callable[[str, Limits], "httpx.Client"]
"""A client for the base URL: paced, retried where that is safe, guarded and scrubbed. It answers
with what the vendor says about a request, and raises `Retry` and `Stop` where it says nothing
about it (tallystick.transport)."""


def no_network(base_url: str, _limits: Limits) -> httpx.Client:
    raise Stop(
        f"There is no way to {base_url} from here.",
        do="Open the connection through an installation.",
    )


STATE_FOLDER = ".tallystick"
"""Beside tallystick.toml: what the processes of one machine share about their connections."""
