"""Proposals as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tallystick.cli.documents import fields_of
from tallystick.cli.wording import counted
from tallystick.money import Money

if TYPE_CHECKING:
    from decimal import Decimal

    from tallystick.billing.charges import Placement
    from tallystick.billing.proposal import InvoiceLine, Proposal
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.cycle.propose import ProposeReport

SHOWN_HELD = 5


def proposed_document(report: ProposeReport, names: ClientNames) -> dict[str, Any]:
    """What `bill propose --json` prints: each proposal's totals and objections."""
    return {
        "period": report.period,
        "proposed": [summary(one, names) for one in report.proposed],
        "unchanged": [summary(one, names) for one in report.unchanged],
        "nothing": report.nothing,
        "failed": failures(report),
        "held": report.held,
    }


def failures(report: ProposeReport) -> list[dict[str, object]]:
    """Who could not be priced, and why."""
    return [{"client": client, "why": error} for client, error in report.failed.items()]


def summary(one: Proposal, names: ClientNames) -> dict[str, Any]:
    """A proposal without its lines."""
    return {
        "client": one.client,
        "client_name": names(one.client),
        "kind": one.kind,
        "period": one.period,
        "net": one.net,
        "tax": one.tax,
        "gross": one.gross,
        "objections": one.objections,
    }


def full(one: Proposal, names: ClientNames) -> dict[str, Any]:
    """A proposal with its lines and the charges behind each."""
    lines = [
        {
            **with_money(line, line.unit_price, line.net.currency),
            "charges": [
                with_money(one.dues[index].charge, one.dues[index].charge.unit_price, one.currency)
                for index in line.charges
            ],
        }
        for line in one.lines
    ]
    return {**summary(one, names), "lines": lines, "taxes": one.taxes}


def with_money(priced: Any, unit_price: Decimal, currency: str) -> dict[str, Any]:
    """The fields of something priced, its unit price an amount of `currency` with all digits."""
    price = {"amount": str(unit_price), "currency": currency}
    return {**fields_of(priced), "unit_price": price}


def show_proposed(screen: Screen, report: ProposeReport, names: ClientNames) -> None:
    """The clients with a proposal, what is in the way, then the count of the rest."""
    new = {id(one) for one in report.proposed}
    every = sorted([*report.proposed, *report.unchanged], key=lambda one: one.client)
    if every:
        screen.table(
            f"Proposed for {report.period}",
            ("client", "lines", "net", "gross", ""),
            [
                (
                    names(one.client),
                    len(one.lines),
                    one.net,
                    one.gross,
                    f"{'new' if id(one) in new else 'as before'}{_marks(one)}",
                )
                for one in every
            ],
        )
        show_objections(screen, every, names)
    for client, error in report.failed.items():
        screen.line(f"{names(client)}: not proposed. {error}", "red")
    _show_held(screen, report.held)
    counts = (
        f"{len(report.proposed)} new",
        f"{len(report.unchanged)} as before",
        f"{len(report.failed)} failed",
        f"{counted(len(report.nothing), 'client')} with nothing to bill",
    )
    screen.line(f"{', '.join(one for one in counts if one[:2] != '0 ') or 'Nothing to bill'}.")


def _marks(one: Proposal) -> str:
    """What to look at before approving: a credit, months made up for, a hold."""
    kind = ", credit note" if one.kind == "credit_note" else ""
    first = min((line.service.start for line in one.lines if not line.corrects), default=None)
    back = f", back to {first:%Y-%m}" if first and first < one.period.start else ""
    return f"{kind}{back}{', held' if one.holds else ''}"


def show_objections(screen: Screen, proposals: Iterable[Proposal], names: ClientNames) -> None:
    for one in proposals:
        for objection in one.objections:
            style = "red" if objection.severity == "hold" else "yellow"
            said = f"{objection.severity}: {objection.what} {objection.do}"
            screen.line(f"{names(one.client)}, {said}", style)


def _show_held(screen: Screen, held: Sequence[Placement]) -> None:
    """Bookings that could not be placed: how many, and the first of them with the reason."""
    if not held:
        return
    more = f" (the first {SHOWN_HELD}; --json lists all)" if len(held) > SHOWN_HELD else ""
    screen.table(
        f"{counted(len(held), 'booking')} cannot be billed{more}",
        ("booking", "because"),
        [(one.booking, "; ".join(one.reason)) for one in held[:SHOWN_HELD]],
    )


def show_proposal(screen: Screen, one: Proposal, names: ClientNames) -> None:
    """One proposal line by line, with its objections."""
    kind = one.kind.replace("_", " ")
    screen.table(
        f"{names(one.client)} ({one.client}), {kind} for {one.period}",
        ("text", "quantity", "price", "net"),
        [
            *(_line(line) for line in one.lines),
            ("Tax", "", "", one.tax),
            ("Gross", "", "", one.gross),
        ],
    )
    show_objections(screen, [one], names)


def _line(line: InvoiceLine) -> tuple[object, ...]:
    from tallystick.billing.documents.speech import speech

    if line.corrects:
        facts = counted(len(line.charges), "charge")
        text = [line.text, f"  {facts} on {', '.join(line.corrects)}"]
        return (text, "", "", line.net)
    english = speech("en")
    return (
        [line.text, f"  {english.service(line.service)}"],
        english.quantity(line.quantity, line.unit),
        english.price(line.unit_price, line.net.currency),
        line.net,
    )


def total_of(proposals: Iterable[Proposal]) -> str:
    """The gross sums per currency, as text."""
    sums: dict[str, Money] = {}
    for one in proposals:
        sums[one.currency] = sums.get(one.currency, Money.zero(one.currency)) + one.gross
    return " and ".join(map(str, sums.values()))
