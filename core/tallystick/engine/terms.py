"""From config to the plain values billing works with.

What makes e-invoices and what tells whose money came in is loaded where it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.tax.rates import TaxRate
from tallystick.books.accounts import Chart, chart
from tallystick.books.exchange import ExchangeRate
from tallystick.config.effort import overheads
from tallystick.config.model import Config
from tallystick.config.rate_cards import rate_card
from tallystick.config.rate_tables import RateCard
from tallystick.config.taxes import Tax
from tallystick.cycle.terms import BillingTerms, Policy
from tallystick.errors import Stop
from tallystick.insight.prices import AdviceTerms
from tallystick.plugins import Plugins
from tallystick.store.profit.cell_terms import CellTerms

if TYPE_CHECKING:
    from tallystick.billing.einvoice import Profile
    from tallystick.cash.recognising.candidates import Bars

PRINTED = (
    *("name", "street", "postcode", "city", "country", "vat_id", "tax_number", "registration"),
    *("contact", "email", "phone", "electronic_address"),
    *("iban", "bic", "account_holder", "creditor_id"),
)


def billing_terms(config: Config, plugins: Plugins) -> BillingTerms:
    """The terms of the config, with the charge models of every plugin."""
    further = plugins.charge_models()
    if twice := sorted(SHIPPED.keys() & further.keys()):
        raise Stop(
            f"A plugin brings charge model {twice[0]!r}, which ships with Tallystick.",
            do="Remove that plugin, or have its author choose another name.",
        )
    return BillingTerms(
        homes=config.homes,
        zone=config.msp.zone,
        models={**SHIPPED, **further},
        book=PriceBook(
            cards={card.name: card for card in map(rate_card, config.rate_card)},
            indices={one.name: one.values for one in config.index},
            zone=config.msp.zone,
        ),
        taxes=[_tax(one) for one in config.tax],
        tax_category=config.billing.tax_category,
        tax_rounding=config.billing.tax_rounding,
        bill_from=config.billing.bill_from,
        payment_terms_days=config.billing.payment_terms_days,
        number_format=config.billing.number_format,
        seller=seller(config),
        review=plugins.review_proposal,
        language=config.documents.language,
        policy=Policy(**config.approval.model_dump()),
        tax=plugins.tax,
        einvoices=einvoices(config),
        detailed=config.documents.detailed,
    )


def einvoices(config: Config) -> list[Profile]:
    """The profiles of the e-invoices that [documents] asks for."""
    wanted = [name for name in config.documents.formats if name in ("ubl", "cii", "facturx")]
    if not wanted:
        return []
    from tallystick.billing.einvoice import EN16931, PROFILES

    own = PROFILES[config.documents.einvoice_profile]
    return list(dict.fromkeys(EN16931 if name == "facturx" else own for name in wanted))


def exchange_rates(config: Config) -> list[ExchangeRate]:
    return [
        ExchangeRate(one.source, one.target, one.rate, one.valid_from)
        for one in config.exchange_rate
    ]


def cell_terms(config: Config, terms: BillingTerms) -> CellTerms:
    """What effort and profit are reckoned by."""
    currencies = (card.currency for card in config.rate_card)
    return CellTerms(
        homes=terms.homes,
        models=terms.models,
        exchange=exchange_rates(config),
        overheads=overheads(config.effort),
        currency=next(currencies, "EUR"),
        internal=frozenset(config.effort.internal),
    )


def advice_terms(config: Config) -> AdviceTerms:
    return AdviceTerms(**config.advice.model_dump())


def bars(config: Config) -> Bars:
    """From which score on money is applied, or shown to a person."""
    from tallystick.cash.recognising.candidates import Bars

    own = config.cash
    return Bars(own.apply_score, own.review_score, charges=own.bank_charges)


def chart_of(config: Config) -> Chart:
    """What the MSP's books call our accounts."""
    own = config.accounts
    mapped = {"tax", "bank", "conversions", "transfer"}
    given = own.model_dump(exclude=mapped, exclude_none=True)
    return chart(given, own.tax, own.bank, own.conversions, own.transfer)


def seller(config: Config) -> dict[str, str]:
    """The MSP as printed on its invoices, and the account they are paid to."""
    return {name: value for name in PRINTED if (value := getattr(config.msp, name))}


def with_cards(terms: BillingTerms, cards: Iterable[RateCard]) -> BillingTerms:
    """The same terms with `cards` in place of those of the same name."""
    changed = {card.name: rate_card(card) for card in cards}
    return replace(terms, book=replace(terms.book, cards={**terms.book.cards, **changed}))


def _tax(one: Tax) -> TaxRate:
    return TaxRate(
        category=one.category,
        percent=one.percent,
        valid_from=one.valid_from,
        country=one.country,
        region=one.region,
        code=one.kind,
        exemption=one.exemption or "",
        included=one.included,
        needs_vat_id=one.asks_vat_id,
    )
