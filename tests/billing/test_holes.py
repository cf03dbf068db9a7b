"""Holes: each one is found where it is, and a contract without any is left alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.coverage import ReadyLine, ready_lines
from tallystick.billing.facts import Facts, Work
from tallystick.billing.holes import Hole, counting_lines, holes, rates_for_nothing, uncounted
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import Rate, RateCard
from tallystick.period import month
from tallystick.records import Asset, Client, Contact, Contract, ContractLine, Usage

TODAY = date(2026, 9, 15)
BOOK = PriceBook(
    {
        "all": RateCard("all", "EUR", (Rate(hourly=Decimal(90)),)),
        "remote": RateCard(
            "remote",
            "EUR",
            (Rate(hourly=Decimal(90), work_type="remote"), Rate(multiplier=Decimal(2))),
        ),
    }
)
WORK_TYPES = ("onsite", "remote")
FEE = {"unit_price": "100"}
SERVERS = {**FEE, "asset_types": ["server"], "work_types": ["*"]}


def contract(ref: str, **fields: Any) -> Contract:
    since = date(2026, 1, 1)
    plain: dict[str, Any] = {"currency": "EUR", "starts_on": since}
    return Contract(id=ref, client="K", name=ref, **(plain | fields))


def line(ref: str, of: str, model: str, terms: dict[str, Any], **fields: Any) -> ContractLine:
    return ContractLine(id=ref, contract=of, description=ref, model=model, terms=terms, **fields)


def found(*agreed: tuple[Contract, list[ContractLine]], **facts: Any) -> list[Hole]:
    client = Client(id="K", name="Klinik")
    return holes(ClientFacts(client, agreed, **facts), SHIPPED, BOOK, TODAY, WORK_TYPES)


ALL = (contract("A"), [line("a", "A", "time_and_materials", {"rate_card": "all"})])
COUNTS = (contract("A"), [line("a", "A", "per_unit", SERVERS)])
ALSO_COUNTS = (contract("B"), [line("b", "B", "per_unit", SERVERS)])
USERS = {**FEE, "count_of": "users", "user_types": ["staff"], "work_types": ["*"]}
METERED = {"unit_price": "1", "meters": ["gb"], "work_types": ["*"]}


def test_a_contract_that_prices_all_has_none() -> None:
    servers = [Asset(id="1", name="srv", type="server")]
    assert found(ALL) == []
    assert found(COUNTS, assets=servers) == []


OF_THE_CLIENT = {
    *("unpriced_work", "counted_twice", "uncounted"),
    *("unpriced_usage", "priced_twice", "no_contract"),
}


@pytest.mark.parametrize(
    ("agreed", "facts", "code", "said"),
    [
        ([(contract("A"), [])], {}, "covers_nothing", "Contract A is in force and has no line"),
        (
            [(contract("A"), [line("a", "A", "fixed", FEE, ends_on=date(2026, 9, 15))])],
            {},
            "covers_nothing",
            "has no line in force",
        ),
        (
            [(contract("A"), [line("a", "A", "fixed", {**FEE, "work_types": ["remote"]})])],
            {},
            "unpriced_work",
            "No line of any contract takes onsite: such work would be held.",
        ),
        (
            [(contract("A"), [line("a", "A", "time_and_materials", {"rate_card": "remote"})])],
            {},
            "no_rate",
            "Line a takes onsite, and rate card remote has no rate for it.",
        ),
        (
            [(contract("A"), [line("a", "A", "time_and_materials", {"rate_card": "gold"})])],
            {},
            "no_rate_card",
            "rate card 'gold' in EUR, which does not exist",
        ),
        (
            [(contract("A"), [line("a", "A", "fixed", {"unit_price": "x"})])],
            {},
            "unreadable",
            "The terms of charge model fixed do not fit",
        ),
        ([(contract("A"), [line("a", "A", "magic", {})])], {}, "unreadable", "no charge model"),
        (
            [COUNTS, ALSO_COUNTS],
            {"assets": [Asset(id="1", name="srv", type="server")]},
            "counted_twice",
            "srv count under contracts A and B.",
        ),
        (
            [COUNTS],
            {"assets": [Asset(id=str(n), name=f"fw{n}", type="firewall") for n in range(7)]},
            "uncounted",
            "No line counts the devices fw0, fw1, fw2, fw3, fw4 and 2 more",
        ),
        (
            [(contract("A"), [line("a", "A", "per_unit", USERS)])],
            {"users": [Contact(id="1", client="K", name="Ada", type="guest")]},
            "uncounted",
            "No line counts the users Ada",
        ),
        (
            [ALL],
            {"usages": [Usage(id="1", client="K", meter="gb", quantity=Decimal(1), used_on=TODAY)]},
            "unpriced_usage",
            "No line prices the meters gb.",
        ),
        (
            [
                (contract("A"), [line("a", "A", "usage", METERED)]),
                (contract("B"), [line("b", "B", "usage", METERED)]),
            ],
            {"usages": [Usage(id="1", client="K", meter="gb", quantity=Decimal(1), used_on=TODAY)]},
            "priced_twice",
            "Usage of gb names no contract, and contracts A and B both price it.",
        ),
        (
            [(contract("A", ends_on=TODAY), [])],
            {"works": [Work("1", TODAY, 60)]},
            "no_contract",
            "There is work this month and no contract in force.",
        ),
    ],
)
def test_a_hole_is_found(
    agreed: list[tuple[Contract, list[ContractLine]]], facts: dict[str, Any], code: str, said: str
) -> None:
    [hole] = found(*agreed, **facts)
    assert hole.code == code
    assert said in hole.what
    assert hole.do.endswith(".")
    assert hole.where == ("K" if code in OF_THE_CLIENT else "A")


def test_every_contract_and_every_line_is_looked_at() -> None:
    """One that cannot be read or is over hides none of those after it."""
    unreadable = (contract("A"), [line("a", "A", "magic", {})])
    over = (contract("B", ends_on=TODAY), [])
    empty = (contract("C"), [])
    by_card = [
        line("d1", "D", "fixed", {**FEE, "work_types": ["*"]}),
        line("d2", "D", "time_and_materials", {"rate_card": "gold"}),
        line("d3", "D", "time_and_materials", {"rate_card": "all"}),
        line("d4", "D", "time_and_materials", {"rate_card": "remote"}),
    ]
    servers = Asset(id="1", name="fw", type="firewall")
    several = found(unreadable, over, empty, (contract("D"), by_card), COUNTS, assets=[servers])
    assert [(one.code, one.where) for one in several] == [
        ("unreadable", "A"),
        ("covers_nothing", "C"),
        ("no_rate_card", "D"),
        ("no_rate", "D"),
        ("uncounted", "K"),
    ]


def test_lines_of_all_contracts_together_take_the_work() -> None:
    remote = (contract("A"), [line("a", "A", "fixed", {**FEE, "work_types": ["remote"]})])
    onsite = (contract("B"), [line("b", "B", "fixed", {**FEE, "work_types": ["onsite"]})])
    assert found(remote, onsite) == []


def test_a_contract_is_looked_at_from_its_first_day() -> None:
    for since, codes in ((TODAY, ["covers_nothing"]), (date(2026, 9, 16), [])):
        assert [one.code for one in found((contract("A", starts_on=since), []))] == codes


def test_only_the_work_a_line_takes_needs_a_rate_of_its_card() -> None:
    def by_hour(kind: str) -> ContractLine:
        return line(kind, "A", "time_and_materials", {"rate_card": "remote", "work_types": [kind]})

    fee = line("f", "A", "fixed", {**FEE, "work_types": ["*"]})
    assert found((contract("A"), [by_hour("remote"), fee])) == []
    [hole] = found((contract("A"), [by_hour("onsite"), fee]))
    assert hole.what == "Line onsite takes onsite, and rate card remote has no rate for it."


def test_a_rate_card_in_another_currency_prices_nothing() -> None:
    by_hour = [line("a", "A", "time_and_materials", {"rate_card": "all"})]
    [hole] = found((contract("A", currency="CHF"), by_hour))
    assert hole.what == (
        "Line a bills by rate card 'all' in CHF, which does not exist: its work is held."
    )


def test_a_card_of_multipliers_alone_has_no_rate_and_the_work_is_named_in_order() -> None:
    book = PriceBook({"all": RateCard("all", "EUR", (Rate(multiplier=Decimal(2)),))})
    facts = ClientFacts(Client(id="K", name="K"), [ALL])
    [hole] = holes(facts, SHIPPED, book, TODAY, ("remote", "onsite"))
    assert hole.what == "Line a takes onsite, remote, and rate card all has no rate for it."


@pytest.mark.parametrize(("day", "told"), [(date(2026, 9, 1), True), (date(2026, 8, 31), False)])
def test_work_without_a_contract_is_told_in_the_month_it_was_done(day: date, told: bool) -> None:
    assert bool(found(works=[Work("1", day, 60)])) == told


def test_what_is_there_today_is_counted_and_what_is_not_hides_nothing() -> None:
    def of(name: str, since: date | None = None, until: date | None = None) -> Asset:
        return Asset(id=name, name=name, type="nas", active_from=since, retired_on=until)

    tomorrow = date(2026, 9, 16)
    devices = [of("gone", until=TODAY), of("later", tomorrow), of("new", TODAY, tomorrow)]
    [hole] = found(COUNTS, assets=devices)
    assert hole.what == "No line counts the devices new: they are served for nothing."


def test_five_names_are_told_and_of_more_how_many() -> None:
    six = [Asset(id=str(n), name=f"fw{n}", type="firewall") for n in range(6)]
    assert "fw0, fw1, fw2, fw3, fw4: they" in found(COUNTS, assets=six[:5])[0].what
    assert "fw0, fw1, fw2, fw3, fw4 and 1 more: they" in found(COUNTS, assets=six)[0].what


def test_usage_counts_as_loose_where_any_of_it_names_no_contract() -> None:
    def used(ref: str, of: str | None, meter: str = "gb") -> Usage:
        one = Decimal(1)
        return Usage(id=ref, client="K", contract=of, meter=meter, quantity=one, used_on=TODAY)

    any_meter = {**METERED, "meters": ["*"]}
    both = [(contract(ref), [line(ref, ref, "usage", any_meter)]) for ref in "AB"]
    usages = [used("1", "A", "cpu"), used("2", None), used("3", "A")]
    assert [one.code for one in found(*both, usages=usages)] == ["priced_twice"]
    plain = (contract("C"), [line("c", "C", "usage", METERED), *ALL[1]])
    assert [one.what for one in found(plain, usages=usages)] == ["No line prices the meters cpu."]


def test_what_is_over_or_retired_is_no_hole() -> None:
    over = (contract("B", cancelled_on=date(2026, 9, 1), notice_days=14), [])
    gone = [Asset(id="1", name="fw", type="firewall", retired_on=TODAY)]
    assert found(COUNTS, over, assets=gone) == []
    named = Usage(id="1", client="K", contract="A", meter="gb", quantity=Decimal(1), used_on=TODAY)
    both = [(contract(ref), [line(ref, ref, "usage", METERED)]) for ref in "AB"]
    assert found(*both, usages=[named]) == []


SEPTEMBER = month(2026, 9)


def ready(*lines: ContractLine) -> list[ReadyLine]:
    return ready_lines(Facts(contract("A"), lines), SHIPPED, date(2026, 12, 1))


def device(name: str, kind: str, since: date | None = None, until: date | None = None) -> Asset:
    return Asset(id=name, name=name, type=kind, active_from=since, retired_on=until)


def test_a_device_is_uncounted_where_no_line_counts_it_while_it_is_there() -> None:
    counting = line("a", "A", "per_unit", SERVERS, starts_on=date(2026, 9, 10))
    devices = [
        device("srv", "server"),
        device("nas", "nas"),
        device("gone", "nas", until=date(2026, 9, 1)),
        device("last day", "nas", until=date(2026, 9, 2)),
        device("later", "nas", since=date(2026, 10, 1)),
        device("first day", "nas", since=date(2026, 9, 30)),
        device("too early", "server", until=date(2026, 9, 10)),
        device("in time", "server", until=date(2026, 9, 11)),
    ]
    found = uncounted(devices, counting_lines(ready(counting), "assets"), SEPTEMBER)
    assert [one.name for one in found] == ["nas", "last day", "first day", "too early"]


def test_no_device_is_uncounted_where_the_client_pays_for_none_by_the_piece() -> None:
    nas = [device("nas", "nas")]
    users, fee = line("u", "A", "per_unit", USERS), line("f", "A", "fixed", FEE)
    assert uncounted(nas, counting_lines(ready(users, fee), "assets"), SEPTEMBER) == []
    for starts, told in ((date(2026, 10, 1), []), (date(2026, 9, 30), nas)):
        later = line("a", "A", "per_unit", SERVERS, starts_on=starts)
        assert uncounted(nas, counting_lines(ready(later, fee), "assets"), SEPTEMBER) == told


def test_a_rate_for_what_no_fact_has_is_named() -> None:
    rates = (
        Rate(hourly=Decimal(90)),
        Rate(hourly=Decimal(95), work_type=("onsite", "visit")),
        Rate(hourly=Decimal(99), work_type="on-site"),
        Rate(hourly=Decimal(80), client="1001"),
        Rate(hourly=Decimal(85), client="psa:7"),
        Rate(multiplier=Decimal(2), location="roof"),
    )
    known = {"work_type": {"onsite", "remote"}, "client": {"psa:1001"}}
    found = list(rates_for_nothing([RateCard("all", "EUR", rates)], known))
    assert [(one.code, one.where) for one in found] == [("rate_for_nothing", "rate card all")] * 2
    assert "is for work type on-site, which no fact has" in found[0].what
    assert "is for client psa:7" in found[1].what
