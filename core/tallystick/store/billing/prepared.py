"""A proposal made ready to store: its columns, and what a screen shows of it, without its lines."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from tallystick.billing.invoice.proposal import Objection, Proposal
from tallystick.money import Money
from tallystick.period import Period


class Prepared(Struct, frozen=True, gc=False):
    """`body` is the whole proposal as JSON, `lines` how many it has, `served_from` the first day
    of what is new on it, None where all of it corrects; `asked_by` is who asked for it where that
    is not who runs the billing."""

    client: str
    currency: str
    group: str
    period: Period
    kind: Literal["invoice", "credit_note"]
    net: Money
    tax: Money
    gross: Money
    objections: tuple[Objection, ...]
    content_hash: str
    body: str
    lines: int
    served_from: date | None
    asked_by: str | None = None


def prepared(one: Proposal, asked_by: str | None = None) -> Prepared:
    starts = (line.service.start for line in one.lines if not line.corrects)
    return Prepared(
        client=one.client,
        currency=one.currency,
        group=one.group,
        period=one.period,
        kind=one.kind,
        net=one.net,
        tax=one.tax,
        gross=one.gross,
        objections=one.objections,
        content_hash=one.content_hash,
        body=one.body,
        lines=len(one.lines),
        served_from=min(starts, default=None),
        asked_by=asked_by,
    )
