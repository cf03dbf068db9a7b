"""`books trial-balance | ageing | deferred | export`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tallystick.cli.options import COMMON, Common, PeriodText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tallystick.books.roll_forward import RollForward
    from tallystick.cli.names import ClientNames
    from tallystick.cli.screen import Screen
    from tallystick.money import Money
    from tallystick.views.books import Ageing, DeferredRevenue, TrialBalance


def trial_balance(
    *,
    until: Annotated[date | None, Parameter(help="Up to the end of this day.")] = None,
    common: Common = COMMON,
) -> None:
    """Show what stands on every account.

    Debits are positive; each currency sums to zero.
    """
    from tallystick.engine.terms import chart_of
    from tallystick.views.books import trial_balance as read

    screen = common.screen
    with common.installation() as installation:
        found = read(installation.database, until)
        named = chart_of(installation.config)
    screen.result(found, lambda: _show_balances(screen, found, named.names))


def _show_balances(screen: Screen, found: TrialBalance, names: Mapping[str, str]) -> None:
    if not found.balances:
        screen.line("Nothing is booked yet.")
        return
    for currency, total in found.sums.items():
        rows = [one for one in found.balances if one.balance.currency == currency]
        screen.table(
            f"Trial balance in {currency}" + (f" on {found.on}" if found.on else ""),
            ("account", "balance"),
            [
                *((names.get(one.account, one.account), one.balance) for one in rows),
                ("sum", total),
            ],
        )


def ageing(
    *,
    on: Annotated[date | None, Parameter(help="At the end of this day; today if left out.")] = None,
    common: Common = COMMON,
) -> int:
    """Show what clients owe, by how long it has been due."""
    from tallystick.cli.names import client_names
    from tallystick.views.books import ageing as read

    screen = common.screen
    with common.installation() as installation:
        found = read(installation.database, on or installation.today)
        with installation.database.read() as connection:
            names = client_names(connection, installation.homes)
    screen.result(
        {
            "on": found.on,
            "clients": _aged(found),
            "booked": found.booked,
            "books_agree": found.ties,
        },
        lambda: _show_ageing(screen, found, names),
    )
    return 0 if found.ties else 1


def _aged(found: Ageing) -> list[dict[str, object]]:
    from tallystick.books.ageing import BUCKETS

    return [
        {"client": row.client, **dict(zip(BUCKETS, row.buckets, strict=True)), "total": row.total}
        for row in found.rows
    ]


def _show_ageing(screen: Screen, found: Ageing, names: ClientNames) -> None:
    from tallystick.books.ageing import BUCKETS
    from tallystick.cli.screen import SHOWN

    if not found.rows:
        screen.line(f"Nobody owes anything on {found.on}.")
    for total in found.totals:
        own = [row for row in found.rows if row.total.currency == total.total.currency]
        screen.table(
            f"Receivables on {found.on} in {total.total.currency}",
            ("client", *BUCKETS, "total"),
            [
                *((names(row.client), *row.buckets, row.total) for row in own[:SHOWN]),
                ("all", *total.buckets, total.total),
            ],
        )
        screen.rest(own)
    _tied(screen, found.ties, "receivable", found.booked)


def deferred(period: PeriodText, /, *, common: Common = COMMON) -> int:
    """Show how deferred revenue moved in PERIOD, per contract.

    Opening + billed - credited - recognised = closing.
    """
    from tallystick.period import parse_period
    from tallystick.views.books import deferred as read

    screen = common.screen
    with common.installation() as installation:
        found = read(installation.database, parse_period(period))
    document = {
        "period": found.period,
        "contracts": [_rolled(row) for row in found.rows],
        "all": [_rolled(row) for row in found.totals],
        "booked": found.booked,
        "books_agree": found.ties,
    }
    screen.result(document, lambda: _show_deferred(screen, found))
    return 0 if found.ties else 1


def _rolled(row: RollForward) -> dict[str, object]:
    from tallystick.cli.documents import fields_of

    return {**fields_of(row), "closing": row.closing}


def _show_deferred(screen: Screen, found: DeferredRevenue) -> None:
    from tallystick.cli.screen import SHOWN

    if not found.rows:
        screen.line(f"Nothing was deferred in {found.period}.")
    for total in found.totals:
        currency = total.opening.currency
        rows = [row for row in found.rows if row.opening.currency == currency]
        columns = ("opening", "billed", "credited", "recognised", "closing")
        screen.table(
            f"Deferred revenue {found.period} in {currency}",
            ("contract", *columns),
            [
                (row.contract or "all", *(getattr(row, name) for name in columns))
                for row in (*rows[:SHOWN], total)
            ],
        )
        screen.rest(rows)
    _tied(screen, found.ties, "deferred", found.booked)


def _tied(screen: Screen, ties: bool, what: str, booked: Mapping[str, Money]) -> None:
    if not ties:
        said = ", ".join(map(str, booked.values())) or "nothing"
        screen.line(f"The books do not agree: they have {said} {what}.", "red")


def export(
    file: Annotated[Path | None, Parameter(help="Where to write it; shown if left out.")] = None,
    /,
    *,
    format: Literal["beancount", "hledger", "csv"] = "beancount",  # noqa: A002 - the option's name
    until: Annotated[date | None, Parameter(help="Up to the end of this day.")] = None,
    common: Common = COMMON,
) -> None:
    """Export the journal, with the account names of [accounts].

    Parameters
    ----------
    format
        For bean-check, for hledger, or a row per posting for import.
    """
    import sys

    from tallystick.engine.terms import chart_of
    from tallystick.views.books import exported

    with common.installation() as installation:
        text = exported(installation.database, format, chart_of(installation.config), until)
        if file is None:
            sys.stdout.writelines(text)
            return
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(text)
    common.screen.say(f"The journal is in {file}.")
