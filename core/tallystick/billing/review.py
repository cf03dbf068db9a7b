"""Review: the objections every proposal is held against before it may go out unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tallystick.billing.charges import Placement
from tallystick.billing.proposal import Objection, Proposal
from tallystick.billing.rates import clock


def review(
    proposal: Proposal, held: Sequence[Placement], uncounted: Mapping[str, str], quarantined: int
) -> list[Objection]:
    """Objections to `proposal`, given its client's held bookings, the incidents that count under
    no contract with the reason, and the number of its quarantined records."""
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
    if uncounted:
        reasons = "; ".join(sorted(set(uncounted.values())))
        objections.append(
            Objection(
                "uncounted_incidents",
                "note",
                f"{len(uncounted)} incidents count under no contract: {reasons}.",
                "They are billed by a later run once that is clear.",
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
