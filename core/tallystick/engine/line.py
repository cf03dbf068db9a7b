"""The whole line for one period, each step as far as policy and the facts let it go.

Every step finds its own unfinished work in the store, so a run that was cut short at any
moment is finished by running it again, and a run with nothing left to do changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tallystick.cycle.outcomes import Seen, unseen
from tallystick.engine import cash
from tallystick.engine.bill_run import BillReport, bill_run
from tallystick.engine.inbound import SyncReport, sync
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Progress
from tallystick.errors import Stop
from tallystick.period import Period


@dataclass(frozen=True, slots=True)
class RunReport:
    """What each step of one run did; nobody is left out: who was not billed is in a reason."""

    synced: SyncReport
    billed: BillReport
    collected: cash.CollectReport
    settled: cash.SettleReport

    def counts(self) -> dict[str, int]:
        """What each step changed, what waits, and the sum of all changes: 0 when there was
        nothing left to do."""
        settled = self.settled
        done = {
            "rows_synced": self.synced.written,
            "settled": len(settled.settled) + len(settled.returned),
            "suspense_moves": settled.suspended + settled.placed,
            **self.billed.done(),
            "credit_spent": len(self.collected.set_off) + len(self.collected.overpaid),
            "collected": len(self.collected.collected),
        }
        return {**done, **self.billed.waiting(), "changes": sum(done.values())}

    @property
    def changes(self) -> int:
        return self.counts()["changes"]


def run_line(
    installation: Installation,
    period: Period,
    user: str,
    issued_on: date,
    progress: Progress,
    seen: Seen = unseen,
) -> RunReport:
    """Sync, settle what came in, then bill the period and collect it.

    Raises `Stop` when a connection could not be read: what is missing would not be billed.
    """
    synced = sync(installation, progress)
    if synced.failed:
        listed = "".join(f"\n  {error}" for error in synced.failed)
        raise Stop(
            f"Not every connection could be read, so nothing was billed:{listed}\n",
            do="What did come in is stored. Mend that and run it again.",
        )
    settled = cash.settle(installation, progress)
    billed = bill_run(installation, period, user, issued_on, progress, seen)
    collected = cash.collect(installation, progress)
    report = RunReport(synced, billed, collected, settled)
    installation.plugins.tell(
        "tallystick_run_finished", command=f"run {period}", report=report.counts()
    )
    return report
