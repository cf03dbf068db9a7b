"""What proposing came to: one outcome per client, told and forgotten, and the counts of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from tallystick.billing.charges import Placement
from tallystick.errors import TallystickError
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.prepared import Prepared


class Outcome(Struct, frozen=True):
    """What became of one client: proposals, or an error, or nothing due. `quiet` says why nothing
    due is worth a look, `held` are its bookings that cannot be billed."""

    client: str
    proposed: list[Prepared] = []
    unchanged: list[Prepared] = []
    held: list[Placement] = []
    quiet: str = ""
    error: TallystickError | None = None

    @property
    def nothing(self) -> bool:
        return not (self.proposed or self.unchanged or self.error)


Seen = Callable[[Outcome], None]


def unseen(_: Outcome) -> None:
    return None


@dataclass(slots=True)
class ProposeReport:
    """Every client is due, has nothing due, or failed; a few are both due and failed, for another
    part of what they have. `failed` also names the strays: what belongs to a client or contract
    nobody knows. `quiet` are clients with a contract in force and nothing charged; `skipped` is
    the time before the period that no run was made for. `gross` sums what is proposed.

    Only exceptions are kept by name, so memory does not grow with the number of clients.
    """

    period: Period
    clients: int = 0
    due: int = 0
    nothing: int = 0
    proposed: int = 0
    unchanged: int = 0
    held: int = 0
    gross: dict[str, Money] = field(default_factory=dict)
    failed: dict[str, TallystickError] = field(default_factory=dict)
    quiet: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    skipped: Period | None = None

    def count(self, outcome: Outcome) -> None:
        """Add one client."""
        self.clients += 1
        self.nothing += outcome.nothing
        self.proposed += len(outcome.proposed)
        self.unchanged += len(outcome.unchanged)
        self.held += len(outcome.held)
        self.due += bool(outcome.proposed or outcome.unchanged)
        for one in (*outcome.proposed, *outcome.unchanged):
            before = self.gross.get(one.currency, Money.zero(one.currency))
            self.gross[one.currency] = before + one.gross
        if outcome.error is not None:
            self.failed[outcome.client] = outcome.error
        if outcome.quiet:
            self.quiet[outcome.client] = outcome.quiet
