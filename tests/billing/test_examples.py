"""Every example of docs/billing/ is run: its TOML block priced, its text block the outcome."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tallystick.billing.assemble import ClientFacts, assemble
from tallystick.billing.charges import Charge, Earning, Placement
from tallystick.billing.facts import Incident, Work
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.invoice.proposal import compose
from tallystick.billing.models import SHIPPED
from tallystick.billing.objections.case import Case
from tallystick.billing.objections.taxes import tax
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.billing.rates.cards import clock
from tallystick.billing.tax.rates import Taxing, TaxRate
from tallystick.billing.tax.taxation import settled
from tallystick.config.indices import Index
from tallystick.config.rate_cards import rate_card
from tallystick.config.rate_tables import RateCard
from tallystick.money import Money
from tallystick.period import Period, parse_period
from tallystick.records import Asset, Client, Contact, Contract, ContractLine, Licence, Usage

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {
    page.stem: page.read_text(encoding="utf-8")
    for page in [DOCS / "billing.md", *sorted((DOCS / "billing").glob("*.md"))]
}
EXAMPLE = re.compile(r"^```toml\n(.*?)^```\n\n^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOUND = [
    pytest.param(*example, id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, example in enumerate(EXAMPLE.findall(text), 1)
]


def rows(kind: type, found: dict[str, Any], table: str, **defaults: object) -> list[Any]:
    return [
        msgspec.convert({**defaults, **row}, kind, strict=False) for row in found.get(table, [])
    ]


def book(found: dict[str, Any]) -> PriceBook:
    cards = [RateCard(**table) for table in found.get("rate_card", [])]
    indices = [Index(**table) for table in found.get("index", [])]
    return PriceBook(
        {card.name: rate_card(card) for card in cards},
        {index.name: index.values for index in indices},
        ZoneInfo(found.get("zone", "UTC")),
    )


def client_facts(found: dict[str, Any]) -> ClientFacts:
    lines = [
        ContractLine(**{"contract": "C", "description": row["id"], **row})
        for row in found.get("line", [])
    ]
    contracts = [
        (contract, [line for line in lines if line.contract == contract.id])
        for contract in rows(Contract, found, "contract", id="C", client="K", name="C")
    ]
    works = []
    for row in found.get("booking", []):
        hours, minutes = row.pop("time").split(":")
        works.append(Work(client="K", seconds=int(hours) * 3600 + int(minutes) * 60, **row))
    return ClientFacts(
        Client(id="K", name="Harbour Clinic"),
        contracts,
        works=works,
        incidents=rows(Incident, found, "ticket"),
        assets=rows(Asset, found, "device", id="-"),
        users=rows(Contact, found, "user", id="-", client="K"),
        licences=rows(Licence, found, "licence", id="-", client="K"),
        usages=rows(Usage, found, "usage", client="K"),
        completed={row["ref"]: row["closed_on"] for row in found.get("ticket", [])},
    )


def billed(found: dict[str, Any]) -> list[Billed]:
    return [
        Billed(
            "C",
            row["line"],
            row["basis"],
            service=parse_period(row["service"]),
            group=row["line"],
            amount=Money.exact(row["amount"], "EUR"),
            account="Income",
            tax_category=row.get("tax_category"),
            tax_percent=Decimal(row["tax_percent"]) if "tax_percent" in row else None,
            deferred=False,
            invoices=(row["invoice"],),
        )
        for row in found.get("billed", [])
    ]


def outcome(found: dict[str, Any]) -> Iterator[str]:
    """What billing says about an example, in the words of the page."""
    assembled = assemble(client_facts(found), SHIPPED)
    until: date = found["until"]
    pricings = [price(facts, until, SHIPPED, book(found)) for facts in assembled.contracts]
    charges = [charge for pricing in pricings for charge in pricing.charges]
    if "billed" not in found and "tax" not in found:
        yield from map(charged, charges)
    if len(found["contract"]) > 1:
        yield from (f"booking {ref}: {why}" for ref, why in assembled.routes.items())
    for pricing in pricings:
        yield from map(placed, pricing.placements)
        yield from map(earned, pricing.earnings)
    if "billed" in found and "tax" not in found:
        later = {
            f"booking:{one['ref']}" for one in found.get("booking", []) if one["work_date"] >= until
        }
        for due in difference(charges, billed(found), until, later):
            what = f", corrects {', '.join(due.corrects)}" if due.corrects else ", new"
            yield f"{due.charge.line}  {due.charge.basis}: {due.charge.amount}{what}"
    if "tax" in found:
        yield from taxed(found, charges, until)


def taxed(found: dict[str, Any], charges: list[Charge], until: date) -> Iterator[str]:
    """The client's document: its lines, its tax and what holds it."""
    rates = msgspec.convert(found["tax"], list[TaxRate], strict=False)
    taxing = Taxing(rates, **found.get("client", {}))
    dues = difference([settled(one, taxing) for one in charges], billed(found), until)
    period = Period(until.replace(day=1), until)
    draft = compose("K", charges[0].amount.currency, period, dues, taxing)
    for line in draft.lines:
        what = f", corrects {', '.join(line.corrects)}" if line.corrects else ""
        yield f"{line.text}: {line.quantity} {line.unit} x {line.unit_price} = {line.net}{what}"
    for one in draft.taxes:
        why = f" ({one.code}: {one.exemption})" if one.exemption else ""
        yield f"{one.category} {one.percent} % on {one.net} = {one.amount}{why}"
    yield f"gross {draft.gross}"
    for objection in tax(Case(draft, taxing)):
        yield f"{objection.severity}: {objection.what}"


def charged(one: Charge) -> str:
    price = f"{one.quantity} {one.unit} x {one.unit_price} = {one.amount}"
    return f"{one.line}  {one.basis}: {price}  ({one.service})"


def placed(one: Placement) -> str:
    counts = f"{clock(one.seconds)} worked, {clock(one.counted_seconds)} counted"
    return "\n".join(
        [f"booking {one.booking}: {one.bucket}, {counts}", *map("  {}".format, one.reason)]
    )


def earned(one: Earning) -> str:
    return f"earned in {one.month}: {one.amount} of {one.basis} ({one.reason})"


@pytest.mark.parametrize(("given", "said"), FOUND)
def test_the_example_comes_out_as_written(given: str, said: str) -> None:
    found = tomllib.loads(given, parse_float=Decimal)
    assert "\n".join(outcome(found)) == said.strip()


def test_every_model_term_and_convention_is_on_the_page() -> None:
    page = "\n".join(PAGES.values())
    assert len(FOUND) == page.count("```toml")
    for model in SHIPPED.values():
        assert f'\nmodel = "{model.name}"' in page, model.name
        for term in model.terms.__struct_fields__:
            assert f"`{term}`" in page, (model.name, term)
    for convention in ("actual_days", "thirty_day_month", "none", "full"):
        assert f"`{convention}`" in page
