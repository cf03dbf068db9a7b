"""What moved our balance at GoCardless, payout by payout, since the last time it was asked.

GoCardless shows money only once it is on its way to the bank: a payout, and the items it is made
of. Items are told for half a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import asdict

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import SkipRecord
from tallystick_gocardless.objects import Event, Payment, Payout, PayoutItem, Refund
from tallystick_gocardless.payouts import Known, movements
from tallystick_gocardless.wire import Api

TOLD_FOR: Final = timedelta(days=179)


@dataclass(slots=True)
class Balance:
    """The money of one creditor; `account` is what its movements call it."""

    api: Api
    account: str
    now: datetime
    _payments: dict[str, Payment] = field(default_factory=dict)

    def pull(self, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Movements of every payout made after `since`, an instant. The token is the newest's, but
        no later than one that could not be read: that is read again."""
        after = max(since or "", (self.now - TOLD_FOR).isoformat())
        known = Known(self._payment, self._refund, self._cause)
        read: list[str] = []
        unread: list[str] = []
        filters = {"created_at[gt]": after, "creditor": self.account}
        for payout in self.api.list("payouts", Payout, **filters):
            items = self.api.list("payout_items", PayoutItem, payout=payout.id)
            try:
                for one in movements(payout, list(items), self.account, known):
                    yield Pulled(asdict(one), f"movement {one.id}")
                read.append(payout.created_at)
            except SkipRecord as error:
                unread.append(payout.created_at)
                yield Broken(f"payout {payout.id}", error.what, error.do, asdict(payout))
        passed = [at for at in read if not unread or at < min(unread)]
        if passed:
            yield Cursor(max(passed))

    def _payment(self, id_: str) -> Payment:
        if id_ not in self._payments:
            found = self.api.get("payments", id_, Payment)
            if found is None:
                raise SkipRecord(
                    f"Payment {id_} is in a payout and nowhere else.",
                    do="Ask GoCardless; its payout counts once it is found.",
                )
            self._payments[id_] = found
        return self._payments[id_]

    def _refund(self, id_: str) -> Refund:
        found = self.api.get("refunds", id_, Refund)
        if found is None:
            raise SkipRecord(
                f"Refund {id_} is in a payout and nowhere else.",
                do="Ask GoCardless; its payout counts once it is found.",
            )
        return found

    def _cause(self, payment: str) -> str:
        for action in ("charged_back", "failed"):
            events = self.api.list(
                "events", Event, payment=payment, resource_type="payments", action=action
            )
            if cause := next((event.cause for event in events if event.cause), ""):
                return cause
        return ""
