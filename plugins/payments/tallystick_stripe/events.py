"""One delivery of a webhook, and whether Stripe and our account sent it.

Source of the signature: docs.stripe.com/webhooks/signature, "Verify manually". Stripe's own check
takes time stamps of the future; here they may differ from our clock by as much either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import stripe
from msgspec import Struct

from tallystick.connector import Event
from tallystick.errors import SkipRecord, Stop
from tallystick_stripe.settings import StripeSettings

AGE_MAX: Final = timedelta(minutes=5)
_NOT_OURS: Final = "Take no notice of it; if Stripe sent it, correct the endpoint's settings."
_KEYS: Final = {
    "refund": ("tallystick_refund", "tallystick_attempt"),
    "checkout.session": ("tallystick_page",),
}


class _Told(Struct):
    object: dict[str, Any]


class _Body(Struct):
    id: str
    type: str
    created: int
    livemode: bool
    data: _Told
    account: str | None = None


def read_event(
    settings: StripeSettings, headers: Mapping[str, str], body: bytes, now: datetime
) -> Event:
    """The event in `body`; raises `SkipRecord` for one that is not surely ours and of now, and
    `Stop` where there is no secret to tell."""
    _verify(settings, headers.get("stripe-signature", ""), body, now)
    try:
        told = msgspec.json.decode(body, type=_Body)
    except msgspec.MsgspecError as error:
        raise _refused(f"It is no event of Stripe's: {error}.") from None
    if told.livemode != settings.key_is_live:
        theirs, ours = ("live", "test") if told.livemode else ("test", "live")
        raise _refused(f"It is a {theirs} event, and the connection's key is a {ours} key.")
    if told.account is not None and told.account != settings.account:
        raise _refused(f"It is about account {told.account}, which is not ours.")
    return _event(told)


def _verify(settings: StripeSettings, signature: str, body: bytes, now: datetime) -> None:
    secret = settings.webhook_secret and settings.webhook_secret.get_secret_value().strip()
    if not secret:
        raise Stop(
            "No event of Stripe's is taken without a secret to check it by.",
            do="Set `webhook_secret` to that of the endpoint in Stripe's dashboard.",
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("It is not UTF-8.") from None
    try:
        stripe.WebhookSignature.verify_header(text, signature, secret)
        signed_at = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    except (stripe.SignatureVerificationError, ValueError, StopIteration, TypeError):
        raise _refused("It is not signed with the secret of our endpoint.") from None
    if abs(signed_at - now.timestamp()) > AGE_MAX.total_seconds():
        raise _refused("It was signed more than 5 minutes from now.")


def _event(told: _Body) -> Event:
    about = told.data.object
    kind = str(about.get("object"))
    metadata = about.get("metadata")
    keys = metadata if isinstance(metadata, dict) else {}
    names = _KEYS.get(kind, ("tallystick_attempt",))
    intent = about.get("payment_intent")
    ref = about.get("id") if kind in ("refund", "checkout.session") or not intent else intent
    return Event(
        id=told.id,
        kind=told.type,
        occurred_at=datetime.fromtimestamp(told.created, UTC),
        key=next((str(keys[name]) for name in names if name in keys), None),
        vendor_ref=ref if isinstance(ref, str) else None,
    )


def _refused(what: str) -> SkipRecord:
    return SkipRecord(f"The event is refused. {what}", do=_NOT_OURS, record="event")
