"""`demo`."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from tallystick.cli.billing import show_invoices
from tallystick.cli.cashing import show_cash
from tallystick.cli.options import COMMON, Common
from tallystick.cli.screen import Screen
from tallystick.cli.seeing import show_profit
from tallystick.demo.quarter import QUARTER, play
from tallystick.engine.cash import overview
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.terms import exchange_rates
from tallystick.period import Period
from tallystick.views.invoices import list_all
from tallystick.views.profit import profit


def demo(folder: Path = Path("tallystick-demo"), /, *, common: Common = COMMON) -> None:
    """Set up a sample MSP in FOLDER and run its quarter from exports to reconciled cash.

    14 clients, 7 technicians, three months; every charge model and the awkward cases on
    purpose. Run it again in the same folder and nothing changes.
    """
    screen = common.screen
    started = monotonic()
    played = play(folder, screen, screen.say)
    with open_installation(played.config) as installation:
        whole = Period(QUARTER[0].start, QUARTER[-1].end)
        invoices = list_all(installation.database)
        earned = profit(
            installation.database,
            installation.terms,
            whole,
            "contract",
            exchange_rates(installation.config),
        )
        document = {"folder": folder, "changes": played.changes, "invoices": invoices}

        def show() -> None:
            show_invoices(screen, invoices)
            show_cash(screen, overview(installation))
            show_profit(screen, earned)
            _show_files(screen, installation)
            _show_end(screen, folder, played.changes, monotonic() - started)

        screen.result(document, show)


def _show_files(screen: Screen, installation: Installation) -> None:
    root = installation.root
    files = (
        ("tallystick.toml", "the config: connections, prices, tax; every line explained"),
        ("mappings", "which column of an export is what"),
        ("exports", "what the PSA, the RMM and the bank exported"),
        ("tallystick.db", "the database"),
        ("invoices", "the invoices, as HTML and text"),
        ("books/books.beancount", "the accounts, for bean-check"),
        ("books/books.journal", "the same for hledger"),
        ("debit", "the direct debits for the bank, pain.008"),
    )
    screen.table(
        "Written", ("file", "what it is"), [(str(root / name), what) for name, what in files]
    )


def _show_end(screen: Screen, folder: Path, changes: int, seconds: float) -> None:
    if changes:
        screen.line(f"Done in {seconds:.1f} s.", "green")
    else:
        screen.line("The quarter was complete already: nothing changed.", "green")
    config = folder / "tallystick.toml"
    screen.line("Try next:", "bold")
    for command in (
        f"tallystick explain booking TE-90001 --config {config}    # entered two months late",
        f"tallystick explain booking TE-90003 --config {config}    # over a clock change",
        f"tallystick profit 2026-Q3 --by client --config {config}",
        f"tallystick status --config {config}",
        f"Change a price in {config}, then: tallystick bill propose 2026-09 --config {config}",
    ):
        screen.line(f"  {command}")
