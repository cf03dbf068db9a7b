"""`[accounts]`: what the MSP's books call our accounts."""

from __future__ import annotations

from pydantic import Field

from tallystick.books.accounts import ROLES
from tallystick.config.table import Table
from tallystick.config.values import ConnectionName, CurrencyPair, Text


class Accounts(Table):
    """A name per role; several roles may share one."""

    receivable: Text = Field(default=ROLES["receivable"], description="What clients owe.")
    deferred: Text = Field(
        default=ROLES["deferred"], description="What is billed ahead and not earned yet."
    )
    suspense: Text = Field(
        default=ROLES["suspense"], description="Money received that nobody could place yet."
    )
    set_off: Text = Field(
        default=ROLES["set_off"],
        description="Where a credit note pays an invoice; it stands at zero.",
    )
    fees: Text = Field(default=ROLES["fees"], description="What banks and payment services keep.")
    exchange_differences: Text = Field(
        default=ROLES["exchange_differences"],
        description="Gained or lost where a payment came in another currency.",
    )
    write_downs: Text = Field(
        default=ROLES["write_downs"], description="What was earned and given up."
    )
    bad_debt: Text = Field(
        default=ROLES["bad_debt"], description="What was written off as nobody will pay it."
    )
    small_differences: Text = Field(
        default=ROLES["small_differences"],
        description="What payments left of invoices and nobody asks for.",
    )
    fixed: Text = Field(default=ROLES["fixed"], description="Income of fixed fees.")
    per_unit: Text = Field(
        default=ROLES["per_unit"], description="Income of prices per device, user or licence."
    )
    time: Text = Field(default=ROLES["time"], description="Income of work billed by the hour.")
    incident: Text = Field(default=ROLES["incident"], description="Income of prices per ticket.")
    prepaid: Text = Field(
        default=ROLES["prepaid"], description="Income of prepaid balances, used or expired."
    )
    retainer: Text = Field(default=ROLES["retainer"], description="Income of retainers.")
    usage: Text = Field(default=ROLES["usage"], description="Income of metered usage.")
    one_off: Text = Field(
        default=ROLES["one_off"], description="Income of one-off amounts and milestones."
    )
    commitment: Text = Field(
        default=ROLES["commitment"], description="What is billed to reach a minimum, or over a cap."
    )
    percentage: Text = Field(
        default=ROLES["percentage"], description="Income of percentages of other lines."
    )
    discount: Text = Field(default=ROLES["discount"], description="Discounts, which lower income.")
    tax: dict[Text, Text] = Field(
        default={}, description="By tax category; without it Liabilities:Tax:Standard and so on."
    )
    bank: dict[ConnectionName, Text] = Field(
        default={},
        description="By connection of a bank or payment provider; without it Assets:Bank:Bank and "
        "so on.",
    )
    transfer: dict[ConnectionName, Text] = Field(
        default={},
        description="By connection of a provider: what it paid out and no bank shows yet, or the "
        "other way round; without it Assets:Transfer:Stripe and so on.",
    )
    conversions: dict[CurrencyPair, Text] = Field(
        default={},
        description="By pair of currencies; without it Equity:Conversions:CHF-EUR and so on.",
    )
