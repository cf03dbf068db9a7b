"""Proposals as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.cli.documents import fields_of
from tallystick.cli.wording import counted
from tallystick.money import Money

if TYPE_CHECKING:
    from decimal import Decimal

    from tallystick.billing.charges import Placement
    from tallystick.billing.invoice.lines import InvoiceLine
    from tallystick.billing.invoice.proposal import Objection, Proposal
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.cycle.outcomes import Outcome, ProposeReport
    from tallystick.period import Period
    from tallystick.store.billing.prepared import Prepared
    from tallystick.store.billing.proposals import Summary

SHOWN_HELD = 5
SHOWN_PROPOSED = 500


class Row(NamedTuple):
    """What the screen shows of a proposal just made; `back` is the month it makes up for from."""

    new: bool
    client: str
    group: str
    kind: str
    period: Period
    lines: int
    net: Money
    tax: Money
    gross: Money
    objections: tuple[Objection, ...]
    back: str


@dataclass
class Proposed:
    """Collects what proposing tells of every client, without the lines."""

    rows: list[Row] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    held: list[Placement] = field(default_factory=list)

    def __call__(self, outcome: Outcome) -> None:
        self.rows += [_row(True, one) for one in outcome.proposed]
        self.rows += [_row(False, one) for one in outcome.unchanged]
        self.held += outcome.held
        if outcome.nothing:
            self.nothing.append(outcome.client)


def _row(new: bool, one: Prepared) -> Row:
    first = one.served_from
    back = f"{first:%Y-%m}" if first and first < one.period.start else ""
    return Row(
        new,
        one.client,
        one.group,
        one.kind,
        one.period,
        one.lines,
        one.net,
        one.tax,
        one.gross,
        one.objections,
        back,
    )


def proposed_document(report: ProposeReport, made: Proposed, names: ClientNames) -> dict[str, Any]:
    """What `bill propose --json` prints: each proposal's totals and objections."""
    return {
        "period": report.period,
        "proposed": [summary(one, names) for one in made.rows if one.new],
        "unchanged": [summary(one, names) for one in made.rows if not one.new],
        "nothing": made.nothing,
        "quiet": report.quiet,
        "failed": failures(report),
        "held": made.held,
        "skipped": report.skipped,
        "notes": report.notes,
    }


def failures(report: ProposeReport) -> list[dict[str, object]]:
    """Who could not be priced, and why."""
    return [{"client": client, "why": error} for client, error in report.failed.items()]


def summary(one: Proposal | Summary | Row, names: ClientNames) -> dict[str, Any]:
    """A proposal without its lines."""
    return {
        "client": one.client,
        "client_name": names(one.client),
        "group": one.group,
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


def show_proposed(
    screen: Screen, report: ProposeReport, made: Proposed, names: ClientNames
) -> None:
    """The clients with a proposal, what is in the way, then the count of the rest."""
    every = sorted(made.rows, key=lambda one: (one.client, one.group))
    if every:
        shown = f" (the first {SHOWN_PROPOSED:,})" if len(every) > SHOWN_PROPOSED else ""
        screen.table(
            f"Proposed for {report.period}{shown}",
            ("client", "lines", "net", "gross", ""),
            [
                (
                    _of_group(names(one.client), one.group),
                    one.lines,
                    one.net,
                    one.gross,
                    f"{'new' if one.new else 'as before'}{_marks(one)}",
                )
                for one in every[:SHOWN_PROPOSED]
            ],
        )
        show_objections(screen, every[:SHOWN_PROPOSED], names)
    for client, error in report.failed.items():
        screen.line(f"{names(client)}: not proposed. {error}", "red")
    _show_held(screen, made.held)
    for note in report.notes:
        screen.line(note, "yellow")
    for client, why in report.quiet.items():
        screen.line(f"{names(client)}: {why}", "yellow")
    if report.skipped:
        gap = f"No run was made for {report.skipped}; what was due then is in this one."
        screen.line(gap, "yellow")
    counts = (
        f"{report.proposed} new",
        f"{report.unchanged} as before",
        f"{len(report.failed)} failed",
        f"{counted(report.nothing, 'client')} with nothing to bill",
    )
    screen.line(f"{', '.join(one for one in counts if one[:2] != '0 ') or 'Nothing to bill'}.")


def _of_group(name: str, group: str) -> str:
    return f"{name}, {group}" if group else name


def _marks(one: Row) -> str:
    """What to look at before approving: a credit, months made up for, a hold."""
    kind = ", credit note" if one.kind == "credit_note" else ""
    back = f", back to {one.back}" if one.back else ""
    held = any(objection.severity == "hold" for objection in one.objections)
    return f"{kind}{back}{', held' if held else ''}"


def show_objections(
    screen: Screen, proposals: Iterable[Proposal | Row], names: ClientNames
) -> None:
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


def show_proposal(screen: Screen, one: Proposal, number: int, names: ClientNames) -> None:
    """One proposal line by line, with its number and its objections."""
    kind = one.kind.replace("_", " ")
    whose = _of_group(f"{names(one.client)} ({one.client})", one.group)
    screen.table(
        f"{whose}, {kind} for {one.period}, proposal {number}",
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


def total_of(proposals: Iterable[Proposal | Summary]) -> str:
    """The gross sums per currency, as text."""
    sums: dict[str, Money] = {}
    for one in proposals:
        sums[one.currency] = sums.get(one.currency, Money.zero(one.currency)) + one.gross
    return " and ".join(map(str, sums.values()))
