"""Review: the objections every proposal is held against before it may go out unseen."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.billing.charges import Placement
from tallystick.billing.proposal import Objection, Proposal
from tallystick.billing.rates import clock


def review(proposal: Proposal, held: Sequence[Placement], quarantined: int) -> list[Objection]:
    """Objections to `proposal`, given its client's held bookings and open quarantine."""
    objections = []
    if quarantined:
        objections.append(
            Objection(
                "open_quarantine",
                "hold",
                f"{quarantined} records of this client are quarantined and not priced.",
                "Correct them (`tallystick quarantine`), sync and propose again.",
            )
        )
    if held:
        seconds = sum(placement.seconds for placement in held)
        reasons = "; ".join(sorted({placement.reason[-1] for placement in held}))
        objections.append(
            Objection(
                "held_work",
                "note",
                f"{len(held)} bookings ({clock(seconds)} h) are held: {reasons}.",
                "They are billed by a later run once their reason is gone.",
            )
        )
    if proposal.gross.minor < 0:
        objections.append(
            Objection(
                "credit",
                "note",
                f"Corrections outweigh new charges: this is a credit note of {-proposal.gross}.",
                "Check the lines marked Correction.",
            )
        )
    return objections
