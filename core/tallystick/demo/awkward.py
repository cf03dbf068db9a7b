"""Written by hand: the time entries that go wrong elsewhere, under ids one can look up."""

from __future__ import annotations

from datetime import datetime

from tallystick.demo.people import AUCKLAND, BERLIN
from tallystick.demo.work import Ticket, TimeEntry

LATE = "TE-90001"
OVER_MIDNIGHT = "TE-90002"
OVER_DST = "TE-90003"
ACROSS_CLOSING = "TE-90004"
ON_A_HOLIDAY = "TE-90005"

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
    Ticket("TK-90004", "1008", "AG-1008", "Caisse du restaurant en panne", "Incident",
           "P1 - Critical",
           datetime(2026, 9, 17, 16, 20, tzinfo=BERLIN),
           resolved=datetime(2026, 9, 17, 19, 15, tzinfo=BERLIN),
           closed=datetime(2026, 9, 18, 9, 0, tzinfo=BERLIN)),
    Ticket("TK-90005", "1008", "AG-1008", "Wi-Fi de l'hôtel coupé", "Incident", "P1 - Critical",
           datetime(2026, 8, 15, 8, 40, tzinfo=BERLIN),
           resolved=datetime(2026, 8, 15, 11, 0, tzinfo=BERLIN),
           closed=datetime(2026, 8, 17, 9, 0, tzinfo=BERLIN)),
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
    # Half of it after six, where the hotel's hour costs more.
    TimeEntry(ACROSS_CLOSING, "T03", "1008", "TK-90004", "AG-1008", "On-Site Visit", "Billable",
              datetime(2026, 9, 17, 16, 45, tzinfo=BERLIN),
              datetime(2026, 9, 17, 19, 15, tzinfo=BERLIN),
              datetime(2026, 9, 17, 19, 30, tzinfo=BERLIN),
              "Caisse remplacée"),
    # Assumption Day, a Saturday: a call-out at the holiday's price.
    TimeEntry(ON_A_HOLIDAY, "T04", "1008", "TK-90005", "AG-1008", "On-Site Visit", "Billable",
              datetime(2026, 8, 15, 9, 30, tzinfo=BERLIN),
              datetime(2026, 8, 15, 11, 0, tzinfo=BERLIN),
              datetime(2026, 8, 15, 11, 10, tzinfo=BERLIN),
              "Contrôleur Wi-Fi redémarré"),
)  # fmt: skip
