"""One delivery of a webhook: which events it holds, and whether GoCardless sent it for us.

The body is signed with HMAC-SHA256 under the endpoint's secret, as hex in `Webhook-Signature`.
The signature holds no time: an event's own may lie some days back, as deliveries are repeated, but
hardly ahead of our clock.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tallystick.connector import Event
from tallystick.errors import SkipRecord, Stop
from tallystick_gocardless import objects
from tallystick_gocardless.objects import told
from tallystick_gocardless.settings import GoCardlessSettings

AGE_MAX: Final = timedelta(days=3)
AHEAD_MAX: Final = timedelta(minutes=5)
_OBJECTS: Final = {
    "payments": ("payment", objects.ATTEMPT),
    "refunds": ("refund", objects.REFUND),
    "billing_requests": ("billing_request", objects.PAGE),
    "mandates": ("mandate", ""),
    "payouts": ("payout", ""),
}
_NOT_OURS: Final = "Take no notice of it; if GoCardless sent it, correct the endpoint's settings."


class _Body(msgspec.Struct):
    events: list[dict[str, Any]]


def read_events(
    settings: GoCardlessSettings, headers: Mapping[str, str], body: bytes, now: datetime
) -> Sequence[Event]:
    """The events in `body`; raises `SkipRecord` for a delivery that is not surely ours and of now,
    `Stop` where that cannot be told."""
    secret = settings.webhook_secret and settings.webhook_secret.get_secret_value().strip()
    if not secret:
        raise Stop("No event is taken without `webhook_secret`.", do="Set it.")
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    signature = headers.get("webhook-signature", "").encode()
    if not hmac.compare_digest(signed.encode(), signature):
        raise _refused("It is not signed with the secret of our endpoint.")
    try:
        body.decode("utf-8")
        events = msgspec.json.decode(body, type=_Body).events
        found = [_event(told(one, objects.Event)) for one in events]
    except (msgspec.MsgspecError, ValueError) as error:
        raise _refused(f"It holds no events of GoCardless': {error}.") from None
    for event in found:
        if not now - AGE_MAX <= event.occurred_at <= now + AHEAD_MAX:
            raise _refused(f"Event {event.id} is of {event.occurred_at:%Y-%m-%d %H:%M %Z}.")
    return found


def _event(one: objects.Event) -> Event:
    link, ours = _OBJECTS.get(one.resource_type, ("", ""))
    metadata = {**one.metadata, **one.resource_metadata}
    occurred_at = datetime.fromisoformat(one.created_at)
    if occurred_at.tzinfo is None:
        raise ValueError(f"the time of {one.id} has no zone")
    return Event(
        id=one.id,
        kind=f"{one.resource_type}.{one.action}",
        occurred_at=occurred_at,
        key=metadata.get(ours) if ours else None,
        vendor_ref=one.links.get(link) if link else None,
    )


def _refused(what: str) -> SkipRecord:
    return SkipRecord(f"The delivery is refused. {what}", do=_NOT_OURS, record="event")
