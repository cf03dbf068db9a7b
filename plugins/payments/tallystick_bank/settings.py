"""What tallystick.toml says about one bank connection."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class CsvLayout(BaseModel):
    """How this bank writes its CSV exports; nothing about them is guessed.

    The lines above the row that holds all the named columns are skipped. Amounts are
    signed, money in is positive. The currency is a column or one fixed code. `charges` is what the
    bank kept of the amount, `paid_amount` what its payer paid in `paid_currency`, of either sign.
    """

    model_config = ConfigDict(extra="forbid")

    decimal_mark: Literal[",", "."]
    date_format: str
    booked_on: str
    amount: str
    delimiter: Literal[";", ",", "\t", "|"] = ";"
    encoding: Literal["utf-8", "cp1252", "iso-8859-15"] = "utf-8"
    currency: str | None = None
    currency_code: str | None = None
    charges: str | None = None
    paid_amount: str | None = None
    paid_currency: str | None = None
    account: str | None = None
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    counterparty: str | None = None
    counterparty_iban: str | None = None
    remittance: str | None = None

    @field_validator("date_format")
    @classmethod
    def _names_a_whole_day(cls, value: str) -> str:
        if not ("%d" in value and "%m" in value and ("%Y" in value or "%y" in value)):
            raise ValueError('a date format needs %d, %m and %Y, such as "%d.%m.%Y"')
        return value

    @model_validator(mode="after")
    def _knows_the_currency(self) -> Self:
        if (self.currency is None) == (self.currency_code is None):
            raise ValueError("give either currency (a column) or currency_code (such as EUR)")
        return self

    @model_validator(mode="after")
    def _knows_what_was_paid(self) -> Self:
        if (self.paid_amount is None) != (self.paid_currency is None):
            raise ValueError("paid_amount and paid_currency are columns of one export: give both")
        return self

    def columns(self) -> dict[str, str]:
        """Record field -> column heading, for the columns this bank has."""
        named = {
            "booked_on": self.booked_on,
            "amount": self.amount,
            "currency": self.currency,
            "charges": self.charges,
            "paid_amount": self.paid_amount,
            "paid_currency": self.paid_currency,
            "account": self.account,
            "bank_reference": self.bank_reference,
            "end_to_end_id": self.end_to_end_id,
            "counterparty": self.counterparty,
            "counterparty_iban": self.counterparty_iban,
            "remittance": self.remittance,
        }
        return {field: heading for field, heading in named.items() if heading is not None}


class BankSettings(BaseModel):
    """`folder` is where the statements lie, from the folder of tallystick.toml.

    `account` is the own IBAN; statements of any other account are then set aside.
    `reversals` says what camt's reversal indicator means at this bank: `direction` (ISO 20022:
    CdtDbtInd is the way this money went) or `original` (CdtDbtInd is that of the booking
    undone, so the sign flips). Left out, the statement's own balances must prove which.
    """

    model_config = ConfigDict(extra="forbid")

    folder: str
    account: str | None = None
    reversals: Literal["direction", "original"] | None = None
    csv: CsvLayout | None = None

    @field_validator("folder")
    @classmethod
    def _stays_below(cls, value: str) -> str:
        if ".." in value.replace("\\", "/").split("/"):
            raise ValueError("a folder may not contain ..")
        return value

    @field_validator("account")
    @classmethod
    def _without_spaces(cls, value: str | None) -> str | None:
        return value and "".join(value.split()).upper()
