"""Stripe's library over our HTTP client: the one place that knows how requests leave.

The library builds and signs requests and knows every parameter; it neither retries nor sends
anything about this machine. What comes back is read as we declare it, exactly, from the bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import httpx
import msgspec
import stripe
from stripe import StripeClient

from tallystick.connector import Context, Limits, Quota
from tallystick.errors import Retry
from tallystick.transport.answers import clock_of
from tallystick_stripe.settings import API_VERSION, StripeSettings

T = TypeVar("T")


class HttpxClient(stripe.HTTPClient):
    """Sends what the library asks for through an `httpx.Client` that was lent to it, which raises
    `Retry` and `Stop` by itself where an answer says nothing about the request."""

    name = "httpx"

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client
        self.told_at: datetime | None = None
        """What Stripe's clock showed at its first answer since this was None."""

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_: Any,
    ) -> tuple[str, int, Mapping[str, str]]:
        answer = self._client.request(method, url, headers=headers, content=post_data or None)
        self.told_at = self.told_at or clock_of(answer)
        return answer.text, answer.status_code, answer.headers


def stripe_client(settings: StripeSettings, context: Context) -> tuple[StripeClient, HttpxClient]:
    """Stripe's library, and what it sends through."""
    stripe.enable_telemetry = False
    logging.getLogger("stripe").disabled = True  # it quotes whatever Stripe says
    base_url = settings.base_url or stripe.DEFAULT_API_BASE
    http = HttpxClient(context.http(base_url, limits(settings)))
    client = StripeClient(
        settings.key.get_secret_value(),
        stripe_version=API_VERSION,
        base_addresses={"api": base_url},
        max_network_retries=0,
        http_client=http,
    )
    return client, http


def limits(settings: StripeSettings) -> Limits:
    """All of what Stripe lets an account ask but a rest: its payments are asked for from here.

    Source: docs.stripe.com/rate-limits, "Global rate limits".
    """
    quota = Quota(100 if settings.key_is_live else 25, 1)
    return Limits((quota,), share=Decimal("0.96"), concurrency=12)


def seen(answer: Any, as_: type[T]) -> T:
    """What `answer` of the library holds of the type `as_`; raises like `read`."""
    return read(answer.last_response.body, as_)


def read(body: str | msgspec.Raw, as_: type[T]) -> T:
    """`body` as the type `as_`; raises `Retry` where it does not fit.

    Whatever was asked for may have been done: an answer nobody can read is as good as none.
    """
    try:
        return msgspec.json.decode(body, type=as_)
    except msgspec.MsgspecError as error:
        raise Retry(
            f"Stripe's answer cannot be read: {error}.",
            do="Try again; if it stays, Stripe has changed its answers and Tallystick must follow.",
        ) from None
