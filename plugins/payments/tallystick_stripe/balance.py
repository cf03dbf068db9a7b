"""What moved the balance of our account at Stripe, since the last time it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from msgspec.structs import asdict
from stripe import StripeClient

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import SkipRecord
from tallystick_stripe.collecting import Intents
from tallystick_stripe.intents import Intent
from tallystick_stripe.movements import Move, movement
from tallystick_stripe.paging import broken, each, pages
from tallystick_stripe.recovery import About

LOOKBACK_SECONDS: Final = 3600
"""How much of what was read is read again, for transactions that show late."""


@dataclass(slots=True)
class Balance:
    client: StripeClient
    connection: str
    account: str
    intents: Intents
    _known: dict[str, Intent] = field(default_factory=dict)

    def pull(self, since: str | None, start_on: date | None) -> Iterator[Pulled | Broken | Cursor]:
        """Movements, newest first. The token is the second from which to read: the newest one
        seen, but no later than a payment nobody knows the end of yet."""
        mark = json.loads(since)["created"] if since else 0
        newest, waiting = mark, []
        first = int(datetime.combine(start_on, time(), UTC).timestamp()) if start_on else 0
        begin = max(first, mark - LOOKBACK_SECONDS)
        bound = {"created": {"gte": begin}} if begin > 0 else {}
        listed = self.client.v1.balance_transactions.list
        found = pages(listed, self._about(), expand=["data.source"], **bound)
        for move in each(found, Move, "balance transaction"):
            if isinstance(move, Broken):
                yield move
                continue
            newest = max(newest, move.created)
            if move.undecided:
                waiting.append(move.created)
                continue
            try:
                told_as = movement(move, self.account, self._intent)
            except SkipRecord as error:
                yield broken("balance transaction", move.id, error)
            else:
                yield Pulled(asdict(told_as), f"balance transaction {move.id}")
        if newest:
            yield Cursor(json.dumps({"created": min([newest, *waiting])}))

    def _intent(self, id_: str) -> Intent:
        if id_ not in self._known:
            self._known[id_] = self.intents.retrieve(id_)
        return self._known[id_]

    def _about(self) -> About:
        return About(self.connection, "bank_transaction")
