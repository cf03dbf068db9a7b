"""localstripe on 127.0.0.1, with what it lacks of Stripe: `python localstripe_app.py PORT`.

It refuses parameters and filters that Stripe takes, and forgets some of what Stripe keeps. Here it
leaves out what it does not know, filters intents by customer, knows its own account, and gives a
charge the metadata of its intent.
"""

from __future__ import annotations

import sys
from typing import Any

from aiohttp import web
from localstripe.resources import BalanceTransaction, Charge, Event, List, PaymentIntent
from localstripe.server import app

_make_intent = PaymentIntent.__init__
_make_charge = PaymentIntent._create_charge


def _intent(
    self: Any, description: Any = None, allowed_payment_method_types: Any = None, **known: Any
) -> None:
    _make_intent(self, **known)


def _charge(self: Any, on_failure_now: Any) -> None:
    """The charge with its intent's metadata, whether or not it comes through."""
    make = Charge.__init__

    def with_metadata(charge: Any, **given: Any) -> None:
        make(charge, metadata=dict(self.metadata), **given)

    Charge.__init__ = with_metadata
    try:
        _make_charge(self, on_failure_now)
    finally:
        Charge.__init__ = make


def _intents(
    cls: Any, url: str, customer: Any = None, limit: Any = None, created: Any = None, **known: Any
) -> Any:
    found = List(url, limit=limit, **known)
    since = int((created or {}).get("gte", 0))
    intents = [one for one in _all("payment_intent:") if one.created >= since]
    found._list = [one for one in intents if customer in (None, one.customer)]
    return found


def _moves(cls: Any, url: str, limit: Any = None, created: Any = None, **known: Any) -> Any:
    found = List(url, limit=limit, **known)
    since = int((created or {}).get("gte", 0))
    found._list = [one for one in _all("balance_transaction:") if one.created >= since]
    return found


def _events(
    cls: Any, url: str, types: Any = None, limit: Any = None, created: Any = None, **known: Any
) -> Any:
    found = List(url, limit=limit, **known)
    since = int((created or {}).get("gte", 0))
    kinds = types or []
    found._list = [one for one in _all("event:") if one.created >= since and one.type in kinds]
    return found


def _all(prefix: str) -> list[Any]:
    from localstripe.resources import store

    return [one for key, one in reversed(list(store.items())) if key.startswith(prefix)]


async def _account(_: web.Request) -> web.Response:
    return web.json_response({"id": "acct_localstripe", "object": "account"})


async def _methods(request: web.Request) -> web.Response:
    owner = request.match_info["id"]
    found = [one._export() for one in _all("payment_method:") if one.customer == owner]
    return web.json_response({"object": "list", "data": found, "has_more": False, "url": ""})


async def _none(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [], "has_more": False, "url": ""})


PaymentIntent.__init__ = _intent
PaymentIntent._create_charge = _charge
PaymentIntent._api_list_all = classmethod(_intents)
Event._api_list_all = classmethod(_events)
BalanceTransaction._api_list_all = classmethod(_moves)

if __name__ == "__main__":
    app.router.add_get("/v1/account", _account)
    app.router.add_get("/v1/customers/{id}/payment_methods", _methods)
    app.router.add_get("/v1/disputes", _none)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
