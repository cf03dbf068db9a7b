"""The cycle's steps, each with what the installation brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from tallystick.cash.telling import post_status
from tallystick.cash.telling.post_payments import post_payments
from tallystick.connector import Sink
from tallystick.cycle import documents, recognise
from tallystick.cycle import issue as issuing
from tallystick.cycle import post as posting
from tallystick.cycle import propose as proposing
from tallystick.cycle.outcomes import ProposeReport, Seen, unseen
from tallystick.engine.documents import renderers
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Progress
from tallystick.engine.terms import chart_of
from tallystick.money import Money
from tallystick.period import Period

INVOICES = "invoices"
"""The folder beside `tallystick.toml` that invoice documents are written to."""


@dataclass(slots=True)
class PostReport:
    """What reached accounting now, and what is held with the sentence why."""

    invoices: int = 0
    entries: int = 0
    payments: int = 0
    statuses: int = 0
    problems: list[str] = field(default_factory=list)


def propose(
    installation: Installation,
    period: Period,
    prepared_by: str,
    progress: Progress,
    seen: Seen = unseen,
) -> ProposeReport:
    """Propose what is left to bill; `seen` is told of every client."""
    with progress.step(f"propose {period}") as more:
        return proposing.propose(
            installation.database,
            installation.terms,
            period,
            prepared_by,
            installation.now,
            more,
            seen,
            installation.opens,
        )


def issue(
    installation: Installation, period: Period, issued_on: date, progress: Progress
) -> issuing.IssueReport:
    """Issue what is approved, write the documents, and recognise what prepaid hours earned.

    Raises `Stop` before anything is issued when its documents could not be written.
    """
    renderers(installation.config, installation.root)

    def tell(number: str, client: str, gross: Money) -> None:
        installation.plugins.tell(
            "tallystick_invoice_issued",
            number=number,
            client=client,
            gross=str(gross.amount),
            currency=gross.currency,
        )

    with progress.step(f"issue {period}") as more:
        report = issuing.issue(
            installation.database,
            installation.terms,
            period,
            issued_on,
            installation.now,
            more,
            tell,
        )
    recognise.recognise(
        installation.database, installation.terms, period, issued_on, installation.now
    )
    report.unwritten += write_documents(installation, progress).refused
    return report


def write_documents(installation: Installation, progress: Progress) -> documents.DocumentReport:
    """Write every invoice document that is missing."""
    with progress.step("invoice documents") as more:
        return documents.write_missing(
            installation.database,
            installation.root / INVOICES,
            renderers(installation.config, installation.root),
            more,
            annexed=installation.config.documents.detailed,
        )


def post(installation: Installation, progress: Progress) -> PostReport:
    """Post what waits to every connection that accounts."""
    report = PostReport()
    chart = chart_of(installation.config)
    for name, sink in accounting(installation):
        with progress.step(f"post to {name}") as more:
            given = (installation.database, name, sink, installation.now, more)
            done = posting.post_invoices(*given, chart)
            report.invoices += done.posted
            report.problems += done.problems
            done = posting.post_entries(*given, chart)
            report.entries += done.posted
            report.problems += done.problems
            paid = post_payments(installation.database, sink, name, installation.now, more, chart)
            report.payments += paid.confirmed
            report.problems += [str(problem) for problem in paid.problems]
    _post_statuses(installation, progress, report)
    return report


def _post_statuses(installation: Installation, progress: Progress, report: PostReport) -> None:
    """Tell every connection that takes it how far invoices are paid."""
    for name in installation.told_statuses():
        sink = installation.session(name)
        if not isinstance(sink, Sink):
            continue
        with progress.step(f"status to {name}") as more:
            given = (installation.database, sink, name, installation.now, more)
            told = post_status.post_status(*given)
        report.statuses += told.told
        report.problems += [str(problem) for problem in told.problems]


def accounting(installation: Installation) -> Iterator[tuple[str, Sink]]:
    """The connections that take invoices."""
    for name, session in installation.sessions_of(Sink):
        if "invoice" in installation.connector(name).writes:
            yield name, session
