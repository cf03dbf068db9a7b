"""The shape of `tallystick.toml`: one model per table, one field per key.

A field's description is what `tallystick init` writes beside the key and what
docs/configuration.md says about it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tallystick.billing.tax.rates import Rounding
from tallystick.config.accounts import Accounts
from tallystick.config.cash import Cash
from tallystick.config.collection import Collection, Dunning
from tallystick.config.device_counts import DeviceCount
from tallystick.config.effort import Effort
from tallystick.config.email import Email
from tallystick.config.flows import Flow
from tallystick.config.indices import Index
from tallystick.config.printed import Documents, Msp
from tallystick.config.rate_tables import RateCard
from tallystick.config.schedules import Schedule, Serve
from tallystick.config.table import Table
from tallystick.config.taxes import ExchangeRate, Tax
from tallystick.config.values import (
    Amount,
    ConnectionName,
    Day,
    Kind,
    NumberFormat,
    Percent,
    Ref,
    RelativePath,
    StoreUrl,
    Text,
    Whole,
)


class Store(Table):
    url: StoreUrl = Field(
        default=SecretStr("sqlite:///tallystick.db"),
        description="The database: sqlite:///file, or env:NAME for a URL with a password.",
    )


class Connection(Table):
    connector: Text = Field(description="Which connector; `tallystick plugin list` names them.")
    home: tuple[Kind, ...] = Field(
        default=(), description="Record kinds whose truth is here; every kind has one home."
    )
    mapping: RelativePath | None = Field(
        default=None,
        examples=["mappings/psa.toml"],
        description="Your own mapping file, laid over the connector's.",
    )
    allow_private: bool = Field(
        default=False,
        description="The vendor may be at an address of your own network, or on this machine.",
    )
    invoice_status: bool = Field(
        default=False, description="It is told how far each invoice is paid, where it can be."
    )
    settings: dict[str, Any] = Field(
        default={},
        repr=False,
        description="The connector's own settings; secrets as env:NAME or file:path.",
    )


class Billing(Table):
    number_format: NumberFormat = Field(
        default="INV-{year}-{number:04}",
        description="Invoice numbers: {number}, {year} and your text.",
    )
    payment_terms_days: Annotated[Whole, Field(ge=0, le=365)] = Field(
        default=14, description="Days until an invoice is due, where the client has no own terms."
    )
    bill_from: Day = Field(
        default=date.min,
        examples=[date(2026, 1, 1)],
        description="Service before this day was billed elsewhere and is not billed here.",
    )
    tax_category: Text = Field(
        default="standard", description="Tax category of clients and lines that name none."
    )
    tax_rounding: Rounding = Field(
        default="document",
        description="Tax is rounded once per category of a `document`, or on each `line`.",
    )


class Approval(Table):
    standing_limit: Amount | None = Field(
        default=None,
        examples=["5000.00"],
        description="Proposals up to this gross, without a hold, need no person.",
    )
    run_limit: Amount | None = Field(
        default=None,
        examples=["100000.00"],
        description="Gross per period and currency up to which no person is needed at all.",
    )
    deviation_percent: Amount = Field(
        default=Decimal(50),
        description="A net further than this from the client's median is held.",
    )
    first_run_hold: bool = Field(
        default=True, description="A client's first invoice needs a person."
    )
    credit_notes: bool = Field(
        default=False, description="Credit notes up to the limits need no person either."
    )
    sole_operator: bool = Field(
        default=False,
        description="Nobody else is there: own proposals may be approved after 24 hours.",
    )


class Advice(Table):
    target_margin_percent: Annotated[Percent, Field(lt=100)] = Field(
        default=Decimal(40), description="What of a contract's revenue is to remain after its cost."
    )
    probability: Annotated[Amount, Field(ge=Decimal("0.5"), le=Decimal("0.99"))] = Field(
        default=Decimal("0.8"), description="How sure an advised price reaches it, 0.5 to 0.99."
    )
    horizon_months: Annotated[Whole, Field(ge=1, le=60)] = Field(
        default=12, description="Over so many months ahead together."
    )
    minimum_months: Annotated[Whole, Field(ge=6, le=60)] = Field(
        default=6, description="With fewer months of history there is no advice."
    )


class Link(Table):
    record: Kind = Field(description="The record kind.")
    from_: Ref = Field(alias="from", description="connection:id of the copy.")
    to: Ref = Field(description="connection:id of the same thing in its home connection.")

    @property
    def copy_ref(self) -> tuple[str, str]:
        """Connection and id of the copy."""
        return _parted(self.from_)

    @property
    def home_ref(self) -> tuple[str, str]:
        """Connection and id of the home record."""
        return _parted(self.to)


def _parted(ref: str) -> tuple[str, str]:
    connection, _, external_id = ref.partition(":")
    return connection, external_id


class Config(BaseSettings):
    """All of `tallystick.toml`. Made directly it is what it is given, whatever the environment;
    `tallystick.config.load` lays the environment over the file."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, defer_build=True)

    msp: Msp
    store: Store = Store()
    connection: dict[ConnectionName, Connection] = {}
    rate_card: tuple[RateCard, ...] = ()
    tax: tuple[Tax, ...] = ()
    exchange_rate: tuple[ExchangeRate, ...] = ()
    index: tuple[Index, ...] = ()
    billing: Billing = Billing()
    approval: Approval = Approval()
    collection: Collection = Collection()
    dunning: tuple[Dunning, ...] = ()
    effort: Effort = Effort()
    advice: Advice = Advice()
    accounts: Accounts = Accounts()
    cash: Cash = Cash()
    email: Email | None = None
    documents: Documents = Documents()
    schedule: tuple[Schedule, ...] = ()
    serve: Serve = Serve()
    link: tuple[Link, ...] = ()
    flow: tuple[Flow, ...] = ()
    device_count: tuple[DeviceCount, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes it to everyone
        init_settings: PydanticBaseSettingsSource,
        *_sources: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @property
    def homes(self) -> dict[str, str]:
        """The home connection of each record kind that has one."""
        return {kind: name for name, one in self.connection.items() for kind in one.home}
