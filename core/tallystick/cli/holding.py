"""`hold`, `cash release | escalations | log`: stopping money, letting it go on, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.cash.collecting.holds import Held
    from tallystick.cli.screen import Screen
    from tallystick.store.database import Database


def hold(
    subject: Annotated[
        str | None, Parameter(help="`payments`, an invoice or a client.", show_default=False)
    ] = None,
    /,
    *,
    why: Annotated[str | None, Parameter(metavar="TEXT")] = None,
    lift: Annotated[bool, Parameter(negative=())] = False,
    acting: Acting = ACTING,
) -> None:
    """Stop all payments, or those of one invoice or client.

    Nothing of it is collected, paid back or reminded of until a second person lifts the hold. Alone
    it lists what is held.

    Parameters
    ----------
    why
        Hold it, for this reason; it is recorded.
    lift
        Let it go on.
    """
    from tallystick.cash.collecting.holds import held_now
    from tallystick.cash.collecting.holds import hold as set_hold
    from tallystick.cash.collecting.holds import lift as lift_hold
    from tallystick.errors import Stop
    from tallystick.store.books.control import PAYMENTS

    screen = acting.screen
    if (subject is not None or lift) and (why is None) != lift:
        raise Stop(
            "A hold is set with a reason, or lifted.",
            do="`tallystick hold SUBJECT --why TEXT`, or `tallystick hold SUBJECT --lift`.",
        )
    with acting.installation() as installation:
        database, alone = installation.database, False
        found = _subject(installation.homes, database, subject or PAYMENTS)
        if why is not None:
            set_hold(database, found, acting.who, why, installation.now)
        elif lift:
            alone = lift_hold(database, found, acting.who, installation.now)
        with database.read() as connection:
            holds = held_now(connection)
    screen.result({"held": holds, "lifted_alone": alone}, lambda: _show(screen, holds, alone=alone))


def release(
    subject: Annotated[str, Parameter(help="An invoice that waits at a cap, or `caps`.")],
    /,
    *,
    why: Annotated[str, Parameter(metavar="TEXT", help="Why; it is recorded.")],
    acting: Acting = ACTING,
) -> None:
    """Let an invoice be collected beyond a cap, as a second person, or caps that were raised hold.

    A release is for what is open of the invoice now, and lives 24 hours.
    """
    from tallystick.cash.collecting.release import release as let_go
    from tallystick.engine.collection import caps_of

    screen = acting.screen
    with acting.installation() as installation:
        said = let_go(
            installation.database,
            subject,
            acting.who,
            why,
            installation.now,
            caps_of(installation.config),
            sole_operator=installation.config.approval.sole_operator,
        )
    screen.result({"released": subject, "what": said}, lambda: screen.line(said))


def _subject(homes: Mapping[str, str], database: Database, text: str) -> str:
    """`payments`, an invoice's number, or else the client that `text` means."""
    from tallystick.cash.collecting.holds import is_invoice
    from tallystick.cli.names import client_names
    from tallystick.store.books.control import PAYMENTS

    with database.read() as connection:
        if text == PAYMENTS or is_invoice(connection, text):
            return text
        return client_names(connection, homes).find(text)


def _show(screen: Screen, holds: Sequence[Held], *, alone: bool) -> None:
    from tallystick.store.books.control import PAYMENTS

    if alone:
        screen.line("Lifted alone; the log says so.", "yellow")
    for one in holds:
        what = "All payments are" if one.subject == PAYMENTS else f"{one.subject} is"
        screen.line(
            f"{what} held by {one.by} since {one.since:%Y-%m-%d %H:%M} UTC: {one.why}", "red"
        )
    if not holds:
        screen.line("Nothing is held.")


def escalations(*, common: Common = COMMON) -> None:
    """Show the open invoices that wait for a person, why, and what to do next."""
    from tallystick.cli.names import client_names
    from tallystick.engine.collection import read_escalations

    screen = common.screen
    with common.installation() as installation:
        found = read_escalations(installation)
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)

    def show() -> None:
        for one in found:
            said = f"{one.number} of {names(one.client)}, {one.open}, due {one.due_on}: {one.why}"
            screen.line(f"{said} {one.do}", "yellow")
        if not found:
            screen.line("No invoice waits for a person.")

    screen.result(found, show)


def log(*, common: Common = COMMON) -> None:
    """Show who held, released, agreed on and gave back what; `tallystick verify` checks it."""
    from tallystick.store.books.control import events

    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        found = [
            {
                "at": row.at,
                "kind": row.kind,
                "subject": row.subject,
                "by": row.by,
                "why": row.reason,
            }
            for row in events(connection)
        ]

    def show() -> None:
        if found:
            screen.table("Log", tuple(found[0]), [tuple(one.values()) for one in found])
        else:
            screen.line("Nobody held, released or agreed on anything yet.")

    screen.result(found, show)
