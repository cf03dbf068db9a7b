"""`bill write-down | void`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, Token

from tallystick.cli.options import ACTING, Acting

if TYPE_CHECKING:
    from collections.abc import Sequence

Reason = Annotated[str, Parameter(name="--reason", help="Why; it is recorded.")]


def _amount(_: Any, tokens: Sequence[Token]) -> Decimal:
    text = tokens[0].value
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII):
        raise ValueError(f"{text!r} is not an amount. Write it like 50.00.")
    return Decimal(text)


def write_down(
    invoice: Annotated[str, Parameter(help="Its number.")],
    amount: Annotated[Decimal, Parameter(converter=_amount, help="Net, such as 50.00.")],
    /,
    *,
    reason: Reason,
    line: Annotated[int | None, Parameter(help="Only of this line; of all without it.")] = None,
    acting: Acting = ACTING,
) -> None:
    """Give up a part of an issued invoice, by a credit note.

    The credit note has the tax of the invoice and needs a second person's approval. No later run
    takes it back or bills it again.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import show_objections, summary
    from tallystick.cycle.write_down import write_down as give_up

    screen = acting.screen
    with acting.installation() as installation:
        one = give_up(
            installation.database,
            installation.terms,
            invoice,
            amount,
            line,
            reason,
            acting.who,
            installation.now,
        )
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)

    def show() -> None:
        screen.line(f"A credit note of {-one.gross} gross to {names(one.client)} is proposed.")
        show_objections(screen, [one], names)
        screen.next(f"bill approve {one.period} {one.client} --as NAME", "as a second person")

    screen.result(summary(one, names), show)


def void(
    client: Annotated[str | None, Parameter(help="A client's id or name: all of its.")] = None,
    /,
    *,
    reason: Reason,
    proposal: Annotated[int | None, Parameter(help="Only this one, by its number.")] = None,
    acting: Acting = ACTING,
) -> None:
    """Make open proposals void.

    What the facts still say is proposed again by the next run; a write-down is dropped for good.
    What is issued stays: correct it with a write-down, or at its source.
    """
    from tallystick.cli.names import client_names
    from tallystick.cli.proposals import summary, total_of
    from tallystick.cli.wording import counted
    from tallystick.cycle.write_down import void as make_void

    screen = acting.screen
    with acting.installation() as installation:
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
        owner = names.find(client) if client else None
        done = make_void(installation.database, owner, proposal, reason, acting.who)
    screen.result(
        [summary(one, names) for one in done],
        lambda: screen.line(f"{counted(len(done), 'proposal')} void, {total_of(done)} gross."),
    )
