"""Who collects, and in which form the bank wants its files."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from tallystick_sepa.characters import sepa_text
from tallystick_sepa.identifiers import compact, is_bic, is_creditor_id, is_iban

NAME_LENGTH_MAX = 70


class SepaSettings(BaseModel):
    """`folder` takes the files, `status_folder` has what the bank says of them (pain.002), both
    from the folder of tallystick.toml; `creditor_id` is the creditor identifier the national bank
    gave; `scheme` and `version` are what the collecting bank agreed to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    status_folder: str | None = None
    creditor_name: str
    creditor_iban: str
    creditor_bic: str | None = None
    creditor_id: str
    scheme: Literal["CORE", "B2B"] = "CORE"
    version: Literal["pain.008.001.08", "pain.008.001.02", "pain.008.001.09", "pain.008.001.10"] = (
        "pain.008.001.08"
    )

    @field_validator("creditor_name")
    @classmethod
    def _name(cls, name: str) -> str:
        spelled = sepa_text(name, NAME_LENGTH_MAX)
        if not any(char.isalnum() for char in spelled):
            raise ValueError("It has no letter a SEPA file can carry. Write the account's holder.")
        return spelled

    @field_validator("creditor_iban")
    @classmethod
    def _iban(cls, iban: str) -> str:
        if not is_iban(compact(iban)):
            raise ValueError(
                "It is not an IBAN: its check digits do not fit. Copy it from a bank statement."
            )
        return compact(iban)

    @field_validator("creditor_bic")
    @classmethod
    def _bic(cls, bic: str | None) -> str | None:
        if bic is not None and not is_bic(compact(bic)):
            raise ValueError("It is not a BIC of 8 or 11 characters. Correct it or leave it out.")
        return None if bic is None else compact(bic)

    @field_validator("creditor_id")
    @classmethod
    def _creditor_id(cls, creditor_id: str) -> str:
        if not is_creditor_id(compact(creditor_id)):
            raise ValueError(
                "It is not a SEPA creditor identifier: its check digits do not fit. "
                "Copy it from the letter that assigned it, such as DE98ZZZ09999999999."
            )
        return compact(creditor_id)
