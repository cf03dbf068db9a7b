"""Payments that somebody wants back, and who is to have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import asdict
from stripe import StripeClient

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import SkipRecord
from tallystick.records import Dispute
from tallystick_stripe.amounts import amount
from tallystick_stripe.changes import Clock, changes, covered, start
from tallystick_stripe.collecting import Intents
from tallystick_stripe.intents import ATTEMPT
from tallystick_stripe.paging import broken, each, pages
from tallystick_stripe.recovery import About, told
from tallystick_stripe.wire import seen

_ENDED: Final[dict[str, Literal["won", "lost"]]] = {
    "won": "won",
    "lost": "lost",
    "warning_closed": "won",  # an inquiry that became no dispute
}
_TELLING: Final = tuple(
    f"charge.dispute.{kind}"
    for kind in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)


class Evidence(Struct):
    due_by: int | None = None


class Disputed(Struct):
    id: str
    amount: int
    currency: str
    status: str
    created: int
    reason: str = ""
    payment_intent: str | None = None
    evidence_details: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Disputes:
    client: StripeClient
    connection: str
    intents: Intents

    def pull(self, since: str | None, begun: Clock) -> Iterator[Pulled | Broken | Cursor]:
        """Disputes as they stand: all of them, then those that an event names."""
        begin = start(since, begun)
        for one in self._all() if begin is None else self._changed(begin):
            if isinstance(one, Broken):
                yield one
                continue
            try:
                dispute = self._told(one)
            except SkipRecord as error:
                yield broken("dispute", one.id, error)
            else:
                yield Pulled(asdict(dispute), f"dispute {one.id}")
        yield covered(begun)

    def _all(self) -> Iterator[Disputed | Broken]:
        found = pages(self.client.v1.disputes.list, About(self.connection, "dispute"))
        return each(found, Disputed, "dispute")

    def _changed(self, since: int) -> Iterator[Disputed]:
        for change in changes(self.client, self.connection, _TELLING, since):
            id_ = change.data.object.id
            with told(About(self.connection, "dispute", id_)):
                answer: Any = self.client.v1.disputes.retrieve(id_)
                yield seen(answer, Disputed)

    def _told(self, one: Disputed) -> Dispute:
        intent = self.intents.retrieve(one.payment_intent) if one.payment_intent else None
        due_by = one.evidence_details and one.evidence_details.due_by
        currency = one.currency.upper()
        return Dispute(
            id=one.id,
            attempt=intent.metadata.get(ATTEMPT) if intent else None,
            amount=amount(one.amount, currency),
            currency=currency,
            state=_ENDED.get(one.status, "open"),
            reason=one.reason,
            opened_on=_day(one.created),
            evidence_due_on=_day(due_by) if due_by else None,
        )


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
