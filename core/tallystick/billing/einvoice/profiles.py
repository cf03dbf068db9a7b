"""Which rules beyond EN 16931 an e-invoice states that it follows.

Identifiers: EN 16931-1 (BT-24), KoSIT XRechnung 3.0, OpenPeppol BIS Billing 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass

PEPPOL_BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


@dataclass(frozen=True, slots=True)
class Profile:
    """`identifier` is BT-24, `process` BT-23; what the profile asks for stands in `demands`."""

    name: str
    identifier: str
    process: str = ""


EN16931 = Profile("en16931", "urn:cen.eu:en16931:2017")
XRECHNUNG = Profile(
    "xrechnung",
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
    PEPPOL_BILLING,
)
PEPPOL = Profile(
    "peppol",
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    PEPPOL_BILLING,
)
PROFILES = {one.name: one for one in (EN16931, XRECHNUNG, PEPPOL)}
