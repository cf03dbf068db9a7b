"""`cash review list | accept | place | reject`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tallystick.cli.options import ACTING, COMMON, Acting, Common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.cash.recognising.review import InReview
    from tallystick.cash.settling.claims import Application
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen

MovementText = Annotated[
    str, Parameter(help="Its id, as `cash review` shows it, or how that begins or ends.")
]


def show(*, common: Common = COMMON) -> None:
    """List the money in suspense, and which invoices each movement may pay.

    A score is the sum of its reasons; docs/cash_application.md says what each is worth.
    """
    from tallystick.cash.recognising.review import waiting
    from tallystick.cli.names import client_names

    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        found = waiting(connection)
        names = client_names(connection, installation.homes)
    screen.result([_document(one) for one in found], lambda: _show(screen, found, names))


def _document(one: InReview) -> dict[str, Any]:
    from tallystick.money import Money

    money = one.money
    return {
        "movement": f"{money.movement.connection}:{money.movement.id}",
        "booked_on": money.booked_on,
        "amount": Money(money.minor, money.currency),
        "counterparty": money.counterparty,
        "account": money.account,
        "remittance": money.remittance,
        "rule": money.rule,
        "candidates": [
            {
                "number": each.number,
                "client": each.client,
                "score": each.score,
                "reasons": each.reasons,
                "places": [{"invoice": n, "amount": amount} for n, amount in each.places],
            }
            for each in one.candidates
        ],
    }


def _show(screen: Screen, found: Sequence[InReview], names: ClientNames) -> None:
    from tallystick.money import Money

    if not found:
        screen.line("Nothing is in suspense: all money is placed.")
        return
    for one in found:
        money = one.money
        screen.line(
            f"{money.movement.connection}:{money.movement.id}  "
            f"{Money(money.minor, money.currency)} from {money.counterparty or 'nobody named'} "
            f"on {money.booked_on}, {money.remittance!r} ({_words(money.rule)})",
            "bold",
        )
        if one.candidates:
            screen.table(
                "",
                ("", "client", "pays", "score", "because"),
                [
                    (
                        each.number,
                        names(each.client),
                        ", ".join(f"{number} {amount}" for number, amount in each.places),
                        each.score,
                        ", ".join(map(_words, each.reasons)),
                    )
                    for each in one.candidates
                ],
            )
        elif money.minor > 0:
            back = f" to {money.account}" if money.account else ""
            screen.line(f"  Nobody known: place it, or send it back{back}.", "yellow")
    screen.next("cash review accept MOVEMENT NUMBER", "or place MOVEMENT INVOICE[=AMOUNT]")


def _words(name: str) -> str:
    return name.replace("_", " ")


def accept(
    movement: MovementText,
    number: Annotated[int, Parameter(help="Which of its candidates.")] = 1,
    /,
    *,
    acting: Acting = ACTING,
) -> None:
    """Apply a candidate: the money leaves suspense for its invoices.

    Whose account it came from is remembered: it tells the client the next time.
    """
    from tallystick.cash.recognising import review

    screen = acting.screen
    with acting.installation() as one:
        given = (movement, number, acting.who, one.today, one.now)
        done = review.accept(one.database, *given)
    screen.result(done, lambda: _placed(screen, done))


def place(
    movement: MovementText,
    invoices: Annotated[
        tuple[str, ...], Parameter(help="INVOICE or INVOICE=AMOUNT, one or several.")
    ],
    /,
    *,
    acting: Acting = ACTING,
) -> None:
    """Apply money in suspense to invoices of your choice, as much as each can take.

    What is left stays in suspense. Money that went out goes to credit notes, or is the return of
    what paid an invoice.
    """
    from tallystick.cash.recognising import review

    screen = acting.screen
    with acting.installation() as one:
        given = (movement, [_place(text) for text in invoices], acting.who, one.today, one.now)
        done = review.place(one.database, *given)
    screen.result(done, lambda: _placed(screen, done))


def reject(
    movement: MovementText,
    number: Annotated[int | None, Parameter(help="Which candidate; all without it.")] = None,
    /,
    *,
    why: Annotated[str, Parameter(help="Why; it is recorded.")],
    acting: Acting = ACTING,
) -> None:
    """Say that candidates are wrong: they are not found again. The money stays in suspense."""
    from tallystick.cash.recognising import review
    from tallystick.cli.wording import counted

    screen = acting.screen
    with acting.installation() as one:
        many = review.reject(one.database, movement, number, acting.who, why, one.now)
    screen.result(
        {"rejected": many}, lambda: screen.line(f"{counted(many, 'candidate')} rejected.")
    )


def _place(text: str) -> tuple[str, Decimal | None]:
    from tallystick.errors import Stop

    number, _, amount = text.partition("=")
    try:
        return number, Decimal(amount) if amount else None
    except InvalidOperation:
        raise Stop(f"{amount!r} is not an amount.", do="Write it like INV-1=50.00.") from None


def _placed(screen: Screen, done: Sequence[Application]) -> None:
    screen.table("Placed", ("invoice", "amount"), [(one.invoice, one.amount) for one in done])
