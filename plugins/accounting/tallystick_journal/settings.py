"""Settings of the `journal` connector."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class JournalSettings(BaseModel):
    """`folder` holds `books.beancount` and `books.journal`; it is made when absent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
