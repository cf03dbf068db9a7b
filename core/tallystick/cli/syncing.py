"""`sync`, `status`, `quarantine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.flowing import flow_document, show_flow
from tallystick.cli.options import COMMON, Common
from tallystick.cli.wording import counted

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.engine.inbound import SyncReport
    from tallystick.views.status import Status


def sync(
    connection: Annotated[
        str | None, Parameter(help="Only this connection, by its name in the config.")
    ] = None,
    /,
    *,
    accept_deletes: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    accept_flows: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    common: Common = COMMON,
) -> int:
    """Bring records in from every connection, link them, and let flows bring them on.

    Rows that cannot be used are quarantined with their reason; everything else goes through. A
    connection that fails keeps no other from syncing; the exit code is then 1.
    Running it again with nothing new writes nothing.

    Parameters
    ----------
    accept_deletes
        Take away what the connection does not list any more, however much it is.
    accept_flows
        Let flows write to other tools, however much it is.
    dry_run
        Show what flows would write, and send nothing to anybody.
    """
    from tallystick.engine.inbound import sync as sync_all
    from tallystick.errors import Stop

    screen = common.screen
    if accept_deletes and connection is None:
        raise Stop(
            "Deletes are accepted of one connection at a time.",
            do="Name it: `tallystick sync CONNECTION --accept-deletes`.",
        )
    with common.installation() as installation:
        report = sync_all(
            installation,
            screen,
            connection,
            accept_gone=accept_deletes,
            accept_flows=accept_flows,
            dry_run=dry_run,
        )
    document = {
        "pulls": report.pulls,
        "links": report.links,
        "written": report.written,
        "failed": [str(error) for error in report.failed],
        "flows": [flow_document(one) for one in report.flows],
    }

    def show() -> None:
        show_sync(screen, report)
        for one in report.flows:
            show_flow(screen, one, dry_run=dry_run)

    screen.result(document, show)
    for error in dict.fromkeys(map(str, report.failed)):
        screen.say(error)
    return 1 if report.failed else 0


def show_sync(screen: Screen, report: SyncReport) -> None:
    """What each connection gave, then what does not fit together."""
    read = [one for one in report.pulls if one.read]
    if read:
        screen.table(
            "Synced",
            ("from", "record", "read", "new", "changed", "same", "older", "gone", "quarantined"),
            [
                (
                    one.connection,
                    one.kind,
                    one.read,
                    one.stored.new,
                    one.stored.changed,
                    one.stored.unchanged,
                    one.stored.older,
                    one.gone,
                    one.quarantined,
                )
                for one in read
            ],
        )
    for one in report.pulls:
        if one.held:
            left_out = f"{counted(one.held, one.kind)} that it had before"
            screen.line(f"{one.connection} lists nothing of {left_out}; they are kept.", "red")
            again = f"tallystick sync {one.connection} --accept-deletes"
            screen.line(f"If they were deleted there: `{again}`.", "red")
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
    if asked := sum(link.questions for link in report.links):
        pairs = counted(asked, "pair")
        screen.line(f"{pairs} could be the same: `tallystick links` shows them.", "yellow")
    if any(one.quarantined for one in report.pulls):
        screen.line("Some rows are quarantined: `tallystick quarantine` says why.", "yellow")
    if not report.pulls:
        screen.line("No connection gives records yet: set one up in tallystick.toml.", "yellow")
        return
    screen.line(f"{report.written:,} rows written." if report.written else "Nothing new.")


def status(*, common: Common = COMMON) -> None:
    """Show what is here, what waits, and what to do next."""
    from tallystick.period import add_months
    from tallystick.views.status import status as read_status

    screen = common.screen
    with common.installation() as installation:
        found = read_status(installation.database, installation.homes)
        last_month = add_months(installation.today, -1, 1)
    screen.result(found, lambda: show_status(screen, found, f"{last_month:%Y-%m}"))


def show_status(screen: Screen, found: Status, last_month: str) -> None:
    if found.stocks:
        screen.table(
            "Records",
            ("from", "record", "stored", "quarantined"),
            [(one.connection, one.kind, one.records, one.quarantined) for one in found.stocks],
        )
    if found.invoices:
        screen.table(
            "Invoices",
            ("state", "count", "gross", "settled"),
            [
                (one.state.replace("_", " "), one.count, one.gross, one.settled)
                for one in found.invoices
            ],
        )
    for ref in found.unlinked:
        screen.line(f"unlinked: {ref}", "yellow")
    if found.open_proposals:
        screen.line(f"{counted(found.open_proposals, 'proposal')} open.")
    screen.line("What to do next:", "bold")
    for step in found.next_steps:
        screen.line(f"  {step}")
    if found.stocks:
        screen.line(f"  Bill the last month: `tallystick bill propose {last_month}`.")


def quarantine(*, common: Common = COMMON) -> None:
    """List the records set aside, why, and what to do.

    They are tried again by themselves when their source or their mapping changes.
    """
    from tallystick.store.facts.quarantine import waiting

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
    document.sort(key=_natural)
    screen.result(document, lambda: _show_quarantine(screen, document))


def _natural(entry: dict[str, str]) -> list[tuple[str, int]]:
    """Row 7 before row 10, file by file."""
    place, _, file = entry["place"].partition(" of ")
    words = f"{entry['connection']} {entry['record']} {file} {place}".split()
    return [("", int(word)) if word.isdecimal() else (word, 0) for word in words]


def _show_quarantine(screen: Screen, document: list[dict[str, str]]) -> None:
    if not document:
        screen.line("Nothing is quarantined.")
        return
    columns = ("place", "record", "what", "do")
    screen.table("Quarantine", columns, [[row[name] for name in columns] for row in document])
    screen.line(f"{counted(len(document), 'record')} set aside.")
    screen.next("sync", "once they or the mapping are corrected")
