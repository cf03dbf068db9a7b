"""`sync`, `status`, `quarantine`."""

from __future__ import annotations

from tallystick.cli.options import COMMON, Common
from tallystick.cli.screen import Screen
from tallystick.engine.inbound import SyncReport
from tallystick.engine.inbound import sync as sync_all
from tallystick.store.quarantine import waiting
from tallystick.views.status import Status
from tallystick.views.status import status as read_status


def sync(connection: str | None = None, /, *, common: Common = COMMON) -> None:
    """Bring records in from every connection, or from CONNECTION alone, then link them.

    Rows that cannot be used are quarantined with their reason; everything else goes through.
    Running it again with nothing new writes nothing.
    """
    screen = common.screen
    with common.installation() as installation:
        report = sync_all(installation, screen, connection)
    document = {"pulls": report.pulls, "links": report.links, "written": report.written}
    screen.result(document, lambda: show_sync(screen, report))


def show_sync(screen: Screen, report: SyncReport) -> None:
    screen.table(
        "Synced",
        ("connection", "record", "read", "new", "changed", "unchanged", "older", "quarantined"),
        [
            (
                one.connection,
                one.kind,
                one.read,
                one.stored.new,
                one.stored.changed,
                one.stored.unchanged,
                one.stored.older,
                one.quarantined,
            )
            for one in report.pulls
            if one.read
        ],
    )
    for link in report.links:
        if link.unlinked:
            names = ", ".join(link.unlinked)
            screen.line(f"{link.connection}: no {link.kind} at home for {names}", "yellow")
        for shared in link.ambiguities:
            screen.line(
                f"{link.connection}: {shared.rule} {shared.value!r} is shared by "
                f"{', '.join(shared.ids)}, so it joins nobody",
                "yellow",
            )
    if any(one.quarantined for one in report.pulls):
        screen.line("Some rows are quarantined: `tallystick quarantine` says why.", "yellow")
    screen.line(f"{report.written:,} rows written.")


def status(*, common: Common = COMMON) -> None:
    """Show what is stored, what waits for somebody, and what to do next."""
    screen = common.screen
    with common.installation() as installation:
        found = read_status(installation.database, installation.terms.homes)
    screen.result(found, lambda: show_status(screen, found))


def show_status(screen: Screen, found: Status) -> None:
    screen.table(
        "Records",
        ("connection", "record", "stored", "quarantined"),
        [(one.connection, one.kind, one.records, one.quarantined) for one in found.stocks],
    )
    if found.invoices:
        screen.table(
            "Invoices",
            ("state", "count", "gross", "settled"),
            [(one.state, one.count, one.gross, one.settled) for one in found.invoices],
        )
    for ref in found.unlinked:
        screen.line(f"unlinked: {ref}", "yellow")
    if found.open_proposals:
        screen.line(f"{found.open_proposals} proposals wait.")
    screen.line("What to do next:", "bold")
    for step in found.next_steps or ("Nothing waits.",):
        screen.line(f"  {step}")


def quarantine(*, common: Common = COMMON) -> None:
    """List the records set aside: where each came from, what is wrong, what to do.

    They are retried by themselves when their source or their mapping changes.
    """
    screen = common.screen
    with common.installation() as installation, installation.database.read() as connection:
        rows = waiting(connection)
    document = [
        {
            "connection": row.connection,
            "record": row.kind,
            "id": row.id,
            "place": row.place,
            "what": row.what,
            "do": row.do,
        }
        for row in rows
    ]
    screen.result(document, lambda: _show_quarantine(screen, document))


def _show_quarantine(screen: Screen, document: list[dict[str, str]]) -> None:
    if not document:
        screen.line("Nothing is quarantined.")
        return
    columns = ("connection", "record", "place", "what", "do")
    screen.table("Quarantine", columns, [[row[name] for name in columns] for row in document])
