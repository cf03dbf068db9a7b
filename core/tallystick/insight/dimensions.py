"""What profit can be told by, and by what it is shared out: words the command line offers too."""

from __future__ import annotations

from typing import Literal

By = Literal[
    "contract",
    "client",
    "line",
    "ticket",
    "ticket-type",
    "technician",
    "asset",
    "work-type",
    "month",
    "quarter",
    "year",
]
Driver = Literal["hours", "cost"]
