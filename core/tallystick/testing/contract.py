"""The conformance kit: what every connector must do, as tests a vendor subclasses.

    class TestAcme(ConnectorContract):
        connector = ACME
        settings = {"url": "https://acme.example", "token": "sesame"}

        def vendor(self):
            return Tape(read_tape(Path(__file__).with_name("tape.json")))

pytest runs one test per rule. A rule above the connector's declared tier is skipped; one that the
vendor makes impossible is listed in `exempt` with the reason. So a connector that passes has earned
its tier.
"""

from __future__ import annotations

from tallystick.testing.bronze import Bronze
from tallystick.testing.gold import Gold
from tallystick.testing.silver import Silver


class ConnectorContract(Bronze, Silver, Gold):
    """Give `connector`, `settings` (as a config would) and `vendor()`; for a connector that writes
    also `pushes`, a record per kind, and `taken()`; for gold `conforms()`."""
