"""`[[tax]]` and `[[exchange_rate]]`: the rates of states and markets, each from a day on."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from tallystick.billing.tax.rates import TaxCode
from tallystick.config.table import Table
from tallystick.config.values import Amount, Country, Currency, Day, Percent, Text


class Tax(Table):
    category: Text = Field(description="What clients and contract lines call it.")
    percent: Percent = Field(description="Tax on the net amount, 0 to 100.")
    valid_from: Day = Field(
        default=date.min,
        examples=[date(2026, 1, 1)],
        description="First day of this rate; always without it.",
    )
    country: Country | None = Field(
        default=None, examples=["AT"], description="Only for clients in this country."
    )
    region: Text | None = Field(
        default=None, examples=["CA-QC"], description="Only for clients in this region of it."
    )
    code: TaxCode | None = Field(
        default=None,
        examples=["AE"],
        description="Its kind in EN 16931: S Z E AE K G O; without it S, or Z for 0 %.",
    )
    exemption: Text | None = Field(
        default=None, examples=["Article 44"], description="Why no tax is charged, on invoices."
    )
    included: bool = Field(default=False, description="Whether prices contain the tax.")
    needs_vat_id: bool | None = Field(
        default=None,
        examples=[True],
        description="Only for clients with a VAT id; without it so for AE and K.",
    )

    @property
    def kind(self) -> TaxCode:
        return self.code or ("S" if self.percent else "Z")

    @property
    def asks_vat_id(self) -> bool:
        return self.kind in ("AE", "K") if self.needs_vat_id is None else self.needs_vat_id


class ExchangeRate(Table):
    """What profit compares currencies by, and exchange differences are told by: the books stay in
    the currency of each document."""

    source: Currency = Field(alias="from", description="One unit of this currency ...")
    target: Currency = Field(alias="to", description="... is worth `rate` units of this one.")
    rate: Amount = Field(description="How many units.")
    valid_from: Day = Field(
        default=date.min,
        examples=[date(2026, 1, 1)],
        description="First day of this rate; always without it.",
    )
