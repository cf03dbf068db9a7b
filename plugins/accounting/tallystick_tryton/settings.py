"""Which Tryton, who asks there, and what it calls our taxes and journals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(1200, 60),), concurrency=4)
"""Tryton limits nobody: these are for the sake of the people who use it meanwhile."""


class TrytonSettings(BaseModel):
    """`key` is that of a user application `rest`. Payments are booked by a wizard, which Tryton
    opens only to a user with a password: `user` and `password`; without them none is posted.

    `company` is its name, where there are several. `taxes` has the name of Tryton's tax for each
    of our tax categories, or for one rate of it: `{ standard = "19% VAT", "standard 7" = "7%" }`.
    Invoices go into the journal with the code `invoice_journal`, entries into `entry_journal`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,63}$")]
    key: SecretStr
    user: str = ""
    password: SecretStr = SecretStr("")
    company: str | None = None
    taxes: Mapping[str, str]
    invoice_journal: str = "REV"
    entry_journal: str = "MISC"
