"""`cash write-off` and `cash write-offs list | approve | refuse`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.store.cash.write_offs import WriteOff

Number = Annotated[str, Parameter(help="The invoice's number.")]


def ask(
    invoice: Number,
    amount: Annotated[
        Decimal | None, Parameter(help="Such as 50.00; all that is open without it.")
    ] = None,
    /,
    *,
    why: Annotated[str, Parameter(help="Why; it is recorded.")],
    take_back: Annotated[
        bool, Parameter(negative=(), help="Owed after all: undo what was written off of it.")
    ] = False,
    acting: Acting = ACTING,
) -> None:
    """Ask for an invoice that nobody will pay to be written off as bad debt.

    A second person approves it. It is no credit note: the invoice and its tax stay as they were
    booked, and what tax can be had back is for your accountant to declare.
    """
    from tallystick.cash.repaying import write_off

    screen = acting.screen
    with acting.installation() as at:
        if take_back:
            one = write_off.ask_back(at.database, invoice, why, acting.who, at.now)
        else:
            one = write_off.ask(at.database, invoice, amount, why, acting.who, at.now)

    def shown() -> None:
        screen.line(f"{one.amount} of {one.invoice} is asked to be written off: {one.why}")
        screen.next(f"cash write-offs approve {one.invoice} --as NAME", "as a second person")

    screen.result(one, shown)


def show(*, common: Common = COMMON) -> None:
    """List what is asked to be written off, and what was decided."""
    from tallystick.cli.names import client_names
    from tallystick.store.cash import write_offs

    screen = common.screen
    with common.installation() as at, at.database.read() as connection:
        found = write_offs.listed(connection)
        names = client_names(connection, at.homes)
    screen.result(found, lambda: _show(screen, found, names))


def _show(screen: Screen, found: Sequence[WriteOff], names: ClientNames) -> None:
    if not found:
        screen.line("Nothing is written off, and nothing is asked to be.")
        return
    screen.table(
        "Write-offs",
        ("invoice", "client", "amount", "kind", "why", "asked by", "state", "decided by"),
        [
            (
                *(one.invoice, names(one.client), one.amount, one.kind.replace("_", " "), one.why),
                *(one.asked_by, one.state, one.decided_by),
            )
            for one in found
        ],
    )


def approve(invoice: Number, /, *, acting: Acting = ACTING) -> None:
    """Approve what somebody else asked to be written off of an invoice, and book it."""
    from tallystick.cash.repaying import write_off

    screen = acting.screen
    with acting.installation() as at:
        alone = at.terms.policy.sole_operator
        given = (at.database, invoice, acting.who, at.today, at.now)
        one = write_off.approve(*given, sole_operator=alone)
    screen.result(one, lambda: screen.line(f"{one.amount} of {one.invoice} is written off."))


def refuse(invoice: Number, /, *, acting: Acting = ACTING) -> None:
    """Refuse what is asked to be written off of an invoice; it stays owed."""
    from tallystick.cash.repaying import write_off

    screen = acting.screen
    with acting.installation() as at:
        one = write_off.refuse(at.database, invoice, acting.who, at.now)
    screen.result(one, lambda: screen.line(f"{one.invoice} stays as it is."))
