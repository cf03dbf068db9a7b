"""What goes on with payment providers besides collecting, each with what the installation brings:
refunds and hosted pages."""

from __future__ import annotations

from decimal import Decimal

from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import Outcome
from tallystick.cash.listening import pages as paging
from tallystick.cash.listening.page_life import close_page as close
from tallystick.cash.listening.page_life import refresh_page
from tallystick.cash.repaying import refunds as refunding
from tallystick.cash.repaying.repaying import refresh_refund
from tallystick.connector import PageHost, Refunder
from tallystick.engine.cash import kept_channel
from tallystick.engine.installation import Installation
from tallystick.errors import Stop
from tallystick.records import Client
from tallystick.store.billing import invoices
from tallystick.store.cash import pages, refunds
from tallystick.store.cash.mandates import mandates_of
from tallystick.store.facts.clients import clients_of


def ask_refund(
    installation: Installation,
    number: str,
    amount: Decimal,
    why: str,
    by: str,
    credit_note: str | None,
) -> refunding.Asked:
    """Ask for money to be given back through whichever connection collected it."""
    givers = set(_names(installation, Refunder))
    told = (installation.database, number, amount, why, by, givers, installation.now)
    return refunding.ask(*told, credit_note)


def approve_refund(installation: Installation, key: str, by: str) -> Outcome:
    """Let a refund go as a second person, and send it."""
    refunding.approve(installation.database, key, by, installation.now)
    return advance_refund(installation, key)


def advance_refund(installation: Installation, key: str) -> Outcome:
    """Send a refund that was let go, or ask what became of it."""
    with installation.database.read() as connection:
        row = refunds.by_key(connection, key)
    if row is None:
        return Outcome()
    asking = _round(installation, row.connection)
    refresh_refund(asking, key)
    return asking.outcome


def open_page(
    installation: Installation,
    client: str | None,
    number: str | None,
    through: str | None,
    currency: str | None,
    by: str,
) -> str:
    """Note a hosted page on which invoice `number` is paid, or `client` gives a mandate for debits
    in `currency`, by default that of their last invoice; its key. `advance_page` opens it."""
    source = _host(installation, through)
    collects = kept_channel(installation, source).collects
    with installation.database.read() as connection:
        row = invoices.find(connection, number) if number is not None else None
        if number is not None and row is None:
            raise Stop(f"There is no invoice {number!r}.", do="`tallystick bill list` names them.")
        ref = str(row.client) if row is not None else str(client)
        known = clients_of(connection, [ref]).get(ref) or Client(id=ref, name=ref)
        kept = mandates_of(connection, source, {ref}).get(ref, [])
        used = currency or invoices.last_currency(connection, ref)
    payer_id = next((one.payer for one in kept if one.payer), None)
    head = (installation.database, source, collects)
    if number is not None:
        return paging.intend_payment(*head, number, known, payer_id, by, installation.now)
    if used is None:
        raise Stop(f"{ref} has no invoice yet.", do="Say in which currency: --currency EUR.")
    return paging.intend_set_up(*head, ref, known, used, payer_id, by, installation.now)


def advance_page(installation: Installation, key: str) -> Outcome:
    """Open a page that was intended, or ask what became of it."""
    return _with_page(installation, key, closing=False)


def close_page(installation: Installation, key: str) -> Outcome:
    """See to it that nothing can be paid on a page any more."""
    return _with_page(installation, key, closing=True)


def _with_page(installation: Installation, key: str, *, closing: bool) -> Outcome:
    with installation.database.read() as connection:
        row = pages.by_key(connection, key)
    if row is None:
        raise Stop(f"There is no page {key!r}.", do="`tallystick cash` lists what is open.")
    asking = _round(installation, row.connection)
    if closing:
        close(asking, key)
    else:
        refresh_page(asking, key)
    return asking.outcome


def _round(installation: Installation, source: str) -> Round:
    channels = {source: kept_channel(installation, source)}
    return Round(installation.database, channels, installation.now)


def _host(installation: Installation, through: str | None) -> str:
    """The connection that hosts pages: the one named, or the only one."""
    hosts = _names(installation, PageHost)
    if through in hosts or (through is None and len(hosts) == 1):
        return through or hosts[0]
    if not hosts:
        raise Stop("No connection hosts pages.", do="Add one that does, such as Stripe.")
    raise Stop(
        f"{through or 'None'} of the connections that host pages is meant.",
        do=f"Name one with --through: {', '.join(hosts)}.",
    )


def _names(installation: Installation, role: type) -> list[str]:
    """The connections that collect and whose session plays `role`."""
    return [
        name
        for name in sorted(installation.config.connection)
        if installation.connector(name).collects is not None
        and isinstance(installation.kept_session(name), role)
    ]
