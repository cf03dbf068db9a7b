"""`cash refund`, `cash page`, `cash resolve`: what people do with payment providers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tallystick.cli.options import ACTING, Acting

if TYPE_CHECKING:
    from sqlalchemy import Row

    from tallystick.cash.collecting.sending import Outcome
    from tallystick.engine.installation import Installation


def refund(
    invoice: Annotated[str | None, Parameter(help="The invoice.", show_default=False)] = None,
    amount: Annotated[Decimal | None, Parameter(help="Such as 50.00.", show_default=False)] = None,
    /,
    *,
    why: Annotated[str, Parameter(metavar="TEXT", help="Why; it is recorded.")] = "",
    credit_note: Annotated[
        str | None, Parameter(metavar="NUMBER", help="The credit note it pays out.")
    ] = None,
    approve: Annotated[str | None, Parameter(metavar="KEY", help="Let one go.")] = None,
    refuse: Annotated[str | None, Parameter(metavar="KEY", help="Drop one.")] = None,
    acting: Acting = ACTING,
) -> None:
    """Ask for money that was collected to be given back; alone it lists refunds.

    A second person lets it go with --approve. Never more is given back than came, and nothing
    while a dispute is open; what was given back of an invoice is not collected again.
    """
    from tallystick.cash.repaying import refunds as refunding
    from tallystick.engine import provider
    from tallystick.errors import Stop
    from tallystick.store.cash import refunds

    screen = acting.screen
    problems: list[str] = []
    with acting.installation() as at:
        if approve is not None:
            problems = _problems(provider.approve_refund(at, approve, acting.who))
        elif refuse is not None:
            refunding.refuse(at.database, refuse, acting.who, at.now)
        elif invoice is not None and amount is not None:
            provider.ask_refund(at, invoice, amount, why, acting.who, credit_note)
        elif invoice is not None:
            raise Stop(f"How much of {invoice}?", do="`cash refund INVOICE AMOUNT --why TEXT`.")
        with at.database.read() as connection:
            found = [_refund(row) for row in refunds.listed(connection)]

    def shown() -> None:
        if not found:
            screen.line("Nothing was given back, and nothing is asked to be.")
        else:
            screen.table("Refunds", tuple(found[0]), [tuple(one.values()) for one in found])
        for problem in problems:
            screen.line(problem, "red")
        waiting = [str(one["key"]) for one in found if one["state"] == "requested"]
        if waiting:
            screen.next(f"cash refund --approve {waiting[-1]} --as NAME", "as a second person")

    screen.result({"refunds": found, "problems": problems}, shown)


def page(
    client: Annotated[str | None, Parameter(help="A client's id or name.")] = None,
    /,
    *,
    invoice: Annotated[str | None, Parameter(metavar="NUMBER", help="To pay this one.")] = None,
    close: Annotated[str | None, Parameter(metavar="KEY", help="Close a page.")] = None,
    through: Annotated[str | None, Parameter(metavar="CONNECTION")] = None,
    currency: Annotated[str | None, Parameter(help="Of the debits to come.")] = None,
    acting: Acting = ACTING,
) -> None:
    """A provider's page on which a client gives a mandate, or pays one invoice by hand.

    While an invoice can be paid on a page it is collected in no other way, and none is opened
    while it is being collected.

    Parameters
    ----------
    through
        Which connection hosts it, where several could.
    """
    from tallystick.engine import provider
    from tallystick.errors import Stop
    from tallystick.store.cash import pages

    screen = acting.screen
    if sum(one is not None for one in (client, invoice, close)) != 1:
        raise Stop(
            "A page is for a client, or for an invoice.",
            do="`cash page CLIENT`, `cash page --invoice NUMBER`, or `cash page --close KEY`.",
        )
    with acting.installation() as at:
        if close is not None:
            key, outcome = close, provider.close_page(at, close)
        else:
            ref = _client(at, client) if client is not None else None
            key = provider.open_page(at, ref, invoice, through, currency, acting.who)
            outcome = provider.advance_page(at, key)
        with at.database.read() as connection:
            row = pages.by_key(connection, key)
    found = {name: getattr(row, name) for name in ("key", "state", "url", "expires_at", "reason")}
    problems = _problems(outcome)

    def shown() -> None:
        screen.line(f"{found['key']} is {found['state']}. {found['reason']}".rstrip())
        if found["url"] and found["state"] == "open":
            screen.line(str(found["url"]))
        for problem in problems:
            screen.line(problem, "red")

    screen.result({**found, "problems": problems}, shown)


def resolve(
    key: Annotated[str, Parameter(help="The attempt or refund, as `tallystick cash` lists it.")],
    verdict: Annotated[
        Literal["never-sent", "went-through", "failed"], Parameter(help="What became of it.")
    ],
    /,
    *,
    why: Annotated[str, Parameter(metavar="TEXT", help="How you know; it is recorded.")],
    acting: Acting = ACTING,
) -> None:
    """Say what became of a collection or refund that nobody can be asked about any more.

    It holds once a second person says the same within a day; until then its invoice is not
    collected again. What went through waits for its money.
    """
    from tallystick.cash.listening import verdicts

    screen = acting.screen
    with acting.installation() as at:
        told = verdicts.resolve(at.database, key, verdict, acting.who, why, at.now)

    def shown() -> None:
        if told.waits:
            screen.line(f"{acting.who} says {verdict} of {key}; it waits for a second person.")
            screen.next(f"cash resolve {key} {verdict} --why TEXT --as NAME", "as a second person")
        else:
            screen.line(f"{key}: {verdict}, as two people say.")

    screen.result(told._asdict(), shown)


def _client(at: Installation, text: str) -> str:
    from tallystick.cli.names import client_names

    with at.database.read() as connection:
        return client_names(connection, at.homes).find(text)


def _problems(outcome: Outcome) -> list[str]:
    return [str(one) for one in (*outcome.parked, *outcome.lost, *outcome.unanswered)]


def _refund(row: Row[Any]) -> dict[str, object]:
    from tallystick.money import Money

    return {
        "key": row.key,
        "invoice": row.invoice,
        "settles": row.settles,
        "amount": Money(row.amount_minor, row.currency),
        "why": row.why,
        "asked_by": row.asked_by,
        "decided_by": row.decided_by or "",
        "state": row.state,
    }
