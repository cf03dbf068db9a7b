"""The invoice run: propose, review, approve under the policy, issue and post, in one go.

Every client ends in one place: billed, nothing due, held with a reason, or failed. Who is in
none of them is missing, and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tallystick.cycle.approve import ApproveReport
from tallystick.cycle.issue import IssueReport
from tallystick.cycle.outcomes import Outcome, ProposeReport, Seen, unseen
from tallystick.cycle.standing import approve_standing
from tallystick.engine import billing
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Progress
from tallystick.period import Period
from tallystick.store.facts.strays import home_clients


@dataclass(frozen=True, slots=True)
class BillReport:
    """What one invoice run did; `missing` are clients no step has spoken of, since they came in
    while it was going on."""

    proposed: ProposeReport
    approved: ApproveReport
    issued: IssueReport
    posted: billing.PostReport
    missing: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether somebody must look: a client failed or is missing, an approval lapsed between
        approving and issuing, or accounting does not agree."""
        return bool(
            self.proposed.failed or self.missing or self.issued.lapsed or self.posted.problems
        )

    @property
    def problems(self) -> list[str]:
        """A sentence for each document that could not be written, invoice or payment not posted."""
        return [*self.issued.unwritten, *self.posted.problems]

    def done(self) -> dict[str, int]:
        """What the run changed."""
        return {
            "proposed": self.proposed.proposed,
            "approved": len(self.approved.approved),
            "issued": len(self.issued.issued),
            "posted": self.posted.invoices
            + self.posted.entries
            + self.posted.payments
            + self.posted.statuses,
        }

    def waiting(self) -> dict[str, int]:
        """What it left to somebody."""
        return {
            "waiting_for_a_person": len(self.approved.left),
            "approvals_lapsed": len(self.issued.lapsed),
            "clients_failed": len(self.proposed.failed),
            "clients_missing": len(self.missing),
            "documents_refused": len(self.issued.unwritten),
            "not_posted": len(self.posted.problems),
        }

    def clients(self) -> dict[str, int]:
        """How many clients there were, and how many had something due or nothing."""
        return {
            "clients": self.proposed.clients,
            "clients_due": self.proposed.due,
            "clients_nothing_due": self.proposed.nothing,
        }

    def counts(self) -> dict[str, int]:
        return {**self.clients(), **self.done(), **self.waiting()}


def bill_run(
    installation: Installation,
    period: Period,
    user: str,
    issued_on: date,
    progress: Progress,
    seen: Seen = unseen,
) -> BillReport:
    """Bill the period as far as policy and the facts let it go. Cut short at any moment, it is
    finished by running it again."""
    spoken_of: set[str] = set()

    def note(outcome: Outcome) -> None:
        spoken_of.add(outcome.client)
        seen(outcome)

    proposed = billing.propose(installation, period, user, progress, note)
    approved = approve_standing(installation.database, period, installation.terms, installation.now)
    issued = billing.issue(installation, period, issued_on, progress)
    posted = billing.post(installation, progress)
    with installation.database.read() as connection:
        known = home_clients(connection, installation.homes)
        missing = tuple(ref for ref in known if ref not in spoken_of)
    return BillReport(proposed, approved, issued, posted, missing)
