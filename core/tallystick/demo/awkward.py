"""Written by hand: the time entries that go wrong elsewhere, under ids one can look up."""

from __future__ import annotations

from datetime import datetime

from tallystick.demo.people import AUCKLAND, BERLIN
from tallystick.demo.work import Ticket, TimeEntry

LATE = "TE-90001"
OVER_MIDNIGHT = "TE-90002"
OVER_DST = "TE-90003"

TICKETS = (
    Ticket("TK-90001", "1002", "AG-1002", "Switch in Halle 3 getauscht", "Incident", "P2 - High",
           datetime(2026, 7, 22, 8, 10, tzinfo=BERLIN),
           resolved=datetime(2026, 7, 22, 11, 30, tzinfo=BERLIN),
           closed=datetime(2026, 7, 23, 9, 0, tzinfo=BERLIN)),
    Ticket("TK-90002", "1002", "AG-1002", "Server antwortet nicht", "Alert", "P1 - Critical",
           datetime(2026, 8, 13, 22, 5, tzinfo=BERLIN),
           resolved=datetime(2026, 8, 14, 1, 15, tzinfo=BERLIN),
           closed=datetime(2026, 8, 14, 9, 0, tzinfo=BERLIN)),
    Ticket("TK-90003", "1011", "AG-1011", "Update of the packing line's server", "Service Request",
           "P3 - Normal",
           datetime(2026, 9, 25, 10, 0, tzinfo=AUCKLAND),
           resolved=datetime(2026, 9, 27, 4, 30, tzinfo=AUCKLAND),
           closed=datetime(2026, 9, 28, 9, 0, tzinfo=AUCKLAND)),
)  # fmt: skip

ENTRIES = (
    # July's work that nobody entered before September: July is billed by then.
    TimeEntry(LATE, "T01", "1002", "TK-90001", "AG-1002", "On-Site Visit", "Billable",
              datetime(2026, 7, 22, 9, 0, tzinfo=BERLIN),
              datetime(2026, 7, 22, 11, 30, tzinfo=BERLIN),
              datetime(2026, 9, 4, 17, 20, tzinfo=BERLIN),
              "Nachgetragen: Switch in Halle 3 getauscht"),
    # Two days, one piece of work of 2 h 45 min.
    TimeEntry(OVER_MIDNIGHT, "T02", "1002", "TK-90002", "AG-1002", "After Hours", "Billable",
              datetime(2026, 8, 13, 22, 30, tzinfo=BERLIN),
              datetime(2026, 8, 14, 1, 15, tzinfo=BERLIN),
              datetime(2026, 8, 14, 1, 20, tzinfo=BERLIN),
              "RAID-Controller getauscht"),
    # New Zealand's clocks go from 02:00 to 03:00 that night: 01:30 to 04:30 is two hours.
    TimeEntry(OVER_DST, "T07", "1011", "TK-90003", "AG-1011", "After Hours", "Billable",
              datetime(2026, 9, 27, 1, 30, tzinfo=AUCKLAND),
              datetime(2026, 9, 27, 4, 30, tzinfo=AUCKLAND),
              datetime(2026, 9, 27, 4, 40, tzinfo=AUCKLAND),
              "Operating system update in the maintenance window"),
)  # fmt: skip
