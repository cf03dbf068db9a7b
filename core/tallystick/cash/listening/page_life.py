"""The life of a hosted page, and of the attempt that a payment page is.

    intended -> unknown -> open -> done | expired        (asked first, then opened under one key)
                   |
                   +--> parked | lost

The page says only whether it is open; what was paid on it is asked for by the same key, like any
attempt.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row

from tallystick.cash.collecting.answers import note
from tallystick.cash.collecting.attempts import OPEN, when_absent
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import LOST, TWO_PEOPLE
from tallystick.cash.settling.standing import read_claims, refresh_invoices
from tallystick.connector import Attempt, Page, PageHost
from tallystick.errors import Problem, Retry, SkipRecord
from tallystick.store.cash import attempts, events, pages
from tallystick.store.database import Database

ASK_AGAIN: Final = timedelta(minutes=15)
LONGEST: Final = 6
"""The wait is doubled so often at most: 16 hours."""
WITHDRAWN: Final = "Nobody can pay on its page any more."


def refresh_page(asking: Round, key: str) -> bool:
    """Ask what became of the page `key`, open it where it never was, and note both that and what
    was paid on it. Whether the provider answered."""
    return _asked(asking, key, close=False)


def close_page(asking: Round, key: str) -> bool:
    """See to it that nothing can be paid on a page any more; whether the provider says so. What
    was paid on it before stands."""
    return _asked(asking, key, close=True)


def close_settled(asking: Round) -> int:
    """Close the payment pages of invoices that were settled in another way; how many."""
    with asking.database.read() as connection:
        keys = [row.key for row in pages.settled(connection)]
    for key in keys:
        close_page(asking, key)
    return len(keys)


def _asked(asking: Round, key: str, *, close: bool) -> bool:
    with asking.database.read() as connection:
        row = pages.by_key(connection, key)
    if row is None:
        return True
    place = f"page {key} of connection {row.connection}"
    channel = asking.channels.get(row.connection)
    if channel is None or not isinstance(channel.session, PageHost):
        do = f"Put connection {row.connection} back into tallystick.toml."
        asking.outcome.unanswered.append(
            Problem(place, "The connection has no pages any more.", do)
        )
        return False
    host = channel.session
    try:
        found = host.close_page(key) if close else host.find_page(key)
        if found is None and row.state in ("intended", "unknown"):
            found = _opened(asking, channel, host, row, close=close)
        paid = _paid(asking.database, channel, row)
    except Retry as error:
        asking.outcome.unanswered.append(error.as_problem(place))
        state = "unknown" if row.state == "intended" else row.state
        _note(asking, row, state=state, reason=str(error))
        return False
    except SkipRecord as error:
        asking.outcome.parked.append(error.as_problem(place))
        _ended(asking, row, "parked", str(error))
        return True
    _note_found(asking, row, found, paid, close=close)
    return True


def _opened(
    asking: Round, channel: Channel, host: PageHost, row: Row[Any], *, close: bool
) -> Page | None:
    """Have a page opened that never was, while its key surely stands and its amount is still
    open; None when not. One that nobody is to act on is opened and closed: whoever intended it may
    be about to open it, and gets under the same key the page that is over."""
    request = pages.request_of(row)
    unpaid = True
    if request.amount is not None:
        with asking.database.read() as connection:
            claim = read_claims(connection, [str(request.invoice)])[str(request.invoice)]
        unpaid = claim.open.minor >= request.amount.minor
    lifetime = channel.collects.key_lifetime
    then = when_absent(row.intended_at, lifetime, asking.now(), unpaid=unpaid)
    if then != "lose":
        page = host.open_page(request)
        return page if then == "send" and not close else host.close_page(row.key)
    if row.invoice is None or close:
        _ended(asking, row, "expired", WITHDRAWN)
        return None
    asking.outcome.lost.append(Problem(f"page {row.key}", LOST, TWO_PEOPLE))
    _ended(asking, row, "lost", LOST)
    return None


def _paid(database: Database, channel: Channel, row: Row[Any]) -> Attempt | None:
    """What the provider says of the payment on a page, None where there is none."""
    if row.invoice is None:
        return None
    with database.read() as connection:
        mine = attempts.by_key(connection, row.key)
    return channel.session.find_attempt(row.key, attempts.trail_of(mine)) if mine else None


def _note_found(
    asking: Round, row: Row[Any], found: Page | None, paid: Attempt | None, *, close: bool
) -> None:
    if paid is not None:
        with asking.database.write() as connection:
            noted = note(connection, paid, asking.now(), asks=True)
        if noted is not None and noted.moved:
            asking.outcome.add(noted, paid, f"page {row.key}")
    if found is None:
        if close:
            _ended(asking, row, "expired", WITHDRAWN)
        return
    if found.state == "expired":
        _ended(asking, row, "expired", WITHDRAWN)
        return
    values: dict[str, Any] = {
        "state": found.state,
        "reason": "",
        "url": found.url,
        "vendor_ref": found.vendor_ref,
        "expires_at": found.expires_at,
    }
    if found.state == "done":
        values["ask_at"] = None
    _note(asking, row, **values)


def _note(asking: Round, row: Row[Any], **values: Any) -> None:
    """Note what a page is now; a payment page's link is its attempt's."""
    now = asking.now()
    wait = ASK_AGAIN * 2 ** min(row.asks, LONGEST)
    known: dict[str, Any] = {"ask_at": now + wait, "asks": row.asks + 1}
    with asking.database.write() as connection:
        pages.change(connection, row.key, pages.LIVE, now, **(known | values))
        if values["state"] == "done":
            events.want_pull(connection, row.connection, now)
        if row.invoice is not None and "url" in values:
            link = values["url"] if values["state"] == "open" else None
            attempts.change(connection, row.key, {"requires_customer"}, now, link=link)


def _ended(asking: Round, row: Row[Any], state: str, reason: str) -> None:
    """Note that a page is over. Its attempt is too, unless something was paid on it."""
    now = asking.now()
    with asking.database.write() as connection:
        pages.change(connection, row.key, pages.LIVE, now, state=state, reason=reason, ask_at=None)
        if row.invoice is None:
            return
        over = {"state": "lost" if state == "lost" else "cancelled", "reason": reason}
        waiting = OPEN - {"processing"}
        attempts.change(connection, row.key, waiting, now, **over, link=None, ask_at=None)
        refresh_invoices(connection, {row.invoice})
