"""Where claims and collections stand: read from the rows, and written back as states.

What is settled of an invoice is never counted up; it is the sum of its settlements, so a row
and its invoice cannot come to disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, select, true, update

from tallystick.cash.collecting.attempts import (
    NEVER_SENT,
    OPEN,
    InvoiceState,
    invoice_state,
    state_shown,
)
from tallystick.cash.settling.claims import BACK, NO_PAYMENT, Claim, Debit, Repaid, Standing
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.binding import many
from tallystick.store.cash import refunds
from tallystick.store.cash.attempts import another_is_open
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.cash.disputes import disputes
from tallystick.store.cash.settlements import Part, parts_of_attempts

POSTED: frozenset[InvoiceState] = frozenset(
    {"posted", "collecting", "part_paid", "paid", "reopened", "written_off"}
)
"""States of an invoice that the accounting system has; any other is not for cash to change."""


def read_standing(
    connection: Connection,
    named: Collection[str],
    keys: Collection[str],
    batches: Collection[str],
) -> Standing:
    """The invoices `named`, the collections with one of `keys` or in one of `batches`, and the
    invoices of those."""
    prefixes = {batch.rpartition("-")[0] for batch in batches} - {""}
    wanted = {"keys": list(keys), "batches": [*{*batches, *prefixes}]}
    rows = connection.execute(_OF, wanted).all() if keys or batches else []
    shown: dict[str, list[Part]] = {}
    for part in parts_of_attempts(connection, [row.key for row in rows]):
        shown.setdefault(str(part.attempt), []).append(part)
    debits = {row.key: _debit(row, shown.get(row.key, [])) for row in rows}
    repaid = _repaid(connection, set(keys) - debits.keys())
    settles = {one.invoice for one in repaid.values()}
    numbers = {*named, *(row.invoice for row in rows), *settles}
    return Standing(read_claims(connection, numbers), debits, repaid)


def _repaid(connection: Connection, keys: Collection[str]) -> dict[str, Repaid]:
    rows = refunds.of_keys(connection, keys)
    seen = refunds.shown(connection, [row.key for row in rows])
    return {
        row.key: Repaid(
            row.key, row.settles, Money(row.amount_minor, row.currency), bool(seen.get(row.key))
        )
        for row in rows
    }


def read_claims(connection: Connection, numbers: Collection[str]) -> dict[str, Claim]:
    rows = connection.execute(_CLAIMS, {"numbers": list(numbers)}) if numbers else ()
    return {
        row.number: Claim(
            row.number,
            row.client,
            Money(row.gross_minor, row.currency),
            Money(row.settled_minor, row.currency),
            row.due_on,
        )
        for row in rows
    }


def state_of(connection: Connection, number: str) -> str:
    return str(
        connection.execute(select(invoice.c.state).where(invoice.c.number == number)).scalar_one()
    )


def untouched(
    connection: Connection, standing: Standing, client: str | None, amount: Money
) -> list[str]:
    """The invoices of `client`, or of anybody, over just this amount that nobody has begun to pay
    or to collect, and that none of `standing` says is by now."""
    rows = connection.execute(
        select(invoice.c.number).where(
            invoice.c.client == client if client is not None else true(),
            invoice.c.currency == amount.currency,
            invoice.c.gross_minor == amount.minor,
            invoice.c.settled_minor == 0,
            invoice.c.state.in_(("issued", "posted")),
        )
    )
    known = standing.claims
    return [one for one in rows.scalars() if one not in known or not known[one].settled]


def _debit(row: Row[Any], parts: Collection[Part]) -> Debit:
    """The collection of a row, with what its parts show. A collector that sends a batch in
    blocks says in `vendor_ref` (`batch-2/key`) in which one this collection went."""

    def minor(kind: str) -> int:
        """What is in suspense in another currency is taken to be all that settled nothing."""
        own = [p for p in parts if p.kind == kind and p.rule not in NO_PAYMENT]
        if sum(p.amount_minor for p in own if p.currency != row.currency):
            return int(row.amount_minor) - minor("payment")
        return sum(p.amount_minor for p in own)

    block = (row.vendor_ref or "").rpartition("/")[0]
    return Debit(
        key=row.key,
        invoice=row.invoice,
        amount=Money(row.amount_minor, row.currency),
        batch=row.batch if row.state not in (*NEVER_SENT, "declined") else "",
        block=block if block.startswith(f"{row.batch}-") else "",
        settled=Money(minor("payment"), row.currency),
        suspended=Money(minor("suspense"), row.currency),
        back=Money(sum(p.amount_minor for p in parts if p.rule in BACK), row.currency),
    )


def refresh_attempts(
    connection: Connection, keys: Collection[str], reasons: Mapping[str, str], now: datetime
) -> set[str]:
    """Bring the state of collections level with what the bank has shown of them; `reasons` are
    those of returns told just now. Returns the invoices they collect."""
    if not keys:
        return set()
    standing = read_standing(connection, (), keys, ())
    contested = {one.attempt: one for one in disputes(connection, keys) if one.state != "lost"}
    for row in connection.execute(_OF, {"keys": list(keys), "batches": []}).all():
        debit = standing.debits[row.key]
        dispute = contested.get(row.key)
        state = state_shown(
            row.state,
            paid=debit.paid,
            returned=debit.returned,
            disputed=dispute is not None and (dispute.state == "open" or debit.returned),
        )
        kept = row.reason if state == row.state else ""
        reason = reasons.get(row.key, kept) if state == "failed_late" else kept
        if state == "disputed" and dispute is not None:
            reason = dispute.reason
        if (state, reason) == (row.state, row.reason) or _in_the_way(connection, row, state):
            continue
        became = {"state": state, "reason": reason, "ask_at": None, "changed_at": now}
        connection.execute(_ATTEMPT, {"of_key": row.key, **became})
    return {debit.invoice for debit in standing.debits.values()}


def _in_the_way(connection: Connection, row: Row[Any], state: str) -> bool:
    """Whether reopening this collection would make a second open one of its invoice."""
    if state not in OPEN or row.state in OPEN:
        return False
    return another_is_open(connection, row.invoice, row.key, OPEN)


def refresh_refunds(connection: Connection, keys: Collection[str], now: datetime) -> None:
    """Bring the state of refunds level with what movements have shown of them: money that went,
    or that came back because it could not be paid out."""
    for key, minor in refunds.shown(connection, keys).items():
        state = "succeeded" if minor else "failed"
        live = ("approved", "unknown", "pending", "lost", "succeeded", "failed")
        refunds.change(connection, key, live, now, state=state, ask_at=None)


def refresh_invoices(connection: Connection, numbers: Collection[str]) -> None:
    """Bring settled amount and state of invoices level with their settlements and attempts.

    The invoices are locked before they are summed up: who reads first and writes after somebody
    else did would take that one's money back. Rows that refer to them may be added meanwhile.
    """
    if not numbers:
        return
    of = {"numbers": list(numbers)}
    connection.execute(_MINE_ALONE, of).all()
    changed = []
    for row in connection.execute(_LEVELS, {**of, "open_states": list(OPEN)}).all():
        minor = int(row.settled)
        state = row.state
        if state in POSTED:
            state = invoice_state(
                row.gross_minor,
                minor,
                posted=True,
                attempt_open=bool(row.collecting),
                came_back=int(row.returned) < 0,
                given_up=int(row.given_up) > 0,
            )
        if (minor, state) != (row.settled_minor, row.state):
            changed.append({"of": row.number, "settled_minor": minor, "state": state})
    if changed:
        connection.execute(_INVOICE, changed)


def paid_before_posting(connection: Connection) -> list[str]:
    """Invoices that were posted after money for them came: their state is still to follow."""
    return list(connection.execute(_PAID_BEFORE_POSTING).scalars())


def _levels() -> Select[Any]:
    mine = settlement.c.invoice == invoice.c.number
    settled = select(func.coalesce(func.sum(settlement.c.amount_minor), 0)).where(mine)
    returned = settled.where(settlement.c.kind == "return")
    given_up = settled.where(settlement.c.rule == "bad_debt")
    collecting = exists().where(
        attempt.c.invoice == invoice.c.number, attempt.c.state.in_(many("open_states"))
    )
    return select(
        invoice.c.number,
        invoice.c.gross_minor,
        invoice.c.settled_minor,
        invoice.c.state,
        settled.correlate(invoice).scalar_subquery().label("settled"),
        returned.correlate(invoice).scalar_subquery().label("returned"),
        given_up.correlate(invoice).scalar_subquery().label("given_up"),
        collecting.correlate(invoice).label("collecting"),
    ).where(invoice.c.number.in_(many("numbers")))


_OF = select(attempt).where(attempt.c.key.in_(many("keys")) | attempt.c.batch.in_(many("batches")))
_CLAIMS = select(invoice).where(invoice.c.number.in_(many("numbers")))
_MINE_ALONE = (
    select(invoice.c.number)
    .where(invoice.c.number.in_(many("numbers")))
    .order_by(invoice.c.number)
    .with_for_update(key_share=True)
)
_LEVELS = _levels()
_ATTEMPT = update(attempt).where(attempt.c.key == bindparam("of_key"))
_INVOICE = update(invoice).where(invoice.c.number == bindparam("of"))
_PAID_BEFORE_POSTING = select(invoice.c.number).where(
    invoice.c.state == "posted", invoice.c.settled_minor != 0
)
