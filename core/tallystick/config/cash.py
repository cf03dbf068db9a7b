"""`[cash]`: when money is applied without a person, and what is too little to ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from tallystick.config.table import Table
from tallystick.config.values import Amount, Whole

Score = Annotated[Whole, Field(ge=1, le=100)]


class Cash(Table):
    apply_score: Score = Field(
        default=85, description="Money no exact rule places is applied from this score on."
    )
    review_score: Score = Field(
        default=40, description="From this score on a person is shown what it may pay."
    )
    bank_charges: Amount = Field(
        default=Decimal(0),
        examples=["5.00"],
        description="How much a bank may have kept of a payment, per invoice.",
    )
    small_difference: Amount = Field(
        default=Decimal(0),
        examples=["1.00"],
        description="What is left of a part-paid invoice up to this is written off unasked.",
    )
