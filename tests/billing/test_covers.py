"""What a line covers, against an oracle that asks every line about every five minutes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.records import Contract, ContractLine

BERLIN = ZoneInfo("Europe/Berlin")
BOOK = PriceBook({"card": RateCard("card", "EUR", (Rate(Decimal(60)),))}, zone=BERLIN)
CONTRACT = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 1, 1))
SLOT_S = 300

covers = st.fixed_dictionaries(
    {},
    optional={
        "ticket_types": st.sampled_from([["incident"], ["request", "incident"]]),
        "assets": st.sampled_from([["psa:a1"], ["a2"]]),
        "asset_types": st.sampled_from([["server"], ["*"]]),
        "locations": st.just(["here"]),
        "priorities": st.just(["P1"]),
        "allowance_hours": st.sampled_from(["0", "0.5", "3"]),
        "hours": st.sampled_from(
            [{"since": "08:00", "until": "17:30"}, {"since": "22:00", "until": "24:00"}]
        ),
    },
)


@st.composite
def lines(draw: st.DrawFn) -> tuple[ContractLine, ...]:
    count = draw(st.integers(0, 4))
    return tuple(
        ContractLine(
            id=f"L{i}",
            contract="C",
            description=f"L{i}",
            model=(model := draw(st.sampled_from(["fixed", "time_and_materials"]))),
            terms={
                "work_types": draw(st.sampled_from([["*"], ["remote"]])),
                "covers": draw(covers),
                **({"unit_price": "1"} if model == "fixed" else {"rate_card": "card"}),
            },
        )
        for i in range(count)
    )


@st.composite
def works(draw: st.DrawFn, ref: str) -> Work:
    minutes = draw(st.integers(0, 30 * 24 * 12)) * 5
    begun = datetime(2026, 3, 15, tzinfo=UTC) + timedelta(minutes=minutes)
    return Work(
        ref=ref,
        work_date=begun.astimezone(BERLIN).date(),
        seconds=draw(st.integers(0, 60)) * SLOT_S,
        started_at=draw(st.sampled_from([begun, begun, begun, None])),
        work_type=draw(st.sampled_from(["remote", "onsite"])),
        ticket_type=draw(st.sampled_from([None, "incident", "request"])),
        priority=draw(st.sampled_from([None, "P1"])),
        asset=draw(st.sampled_from([None, "psa:a1", "psa:a2"])),
        asset_type=draw(st.sampled_from([None, "server"])),
        location=draw(st.sampled_from([None, "here"])),
    )


def wanted(line: ContractLine, work: Work) -> bool:
    asked = line.terms["covers"]
    plain = (work.asset or "").removeprefix("psa:")
    return (
        ("*" in line.terms["work_types"] or work.work_type in line.terms["work_types"])
        and work.ticket_type in asked.get("ticket_types", [work.ticket_type])
        and work.priority in asked.get("priorities", [work.priority])
        and work.location in asked.get("locations", [work.location])
        and ("*" in (kinds := asked.get("asset_types", ["*"])) or work.asset_type in kinds)
        and ("assets" not in asked or {work.asset, plain} & set(asked["assets"]))
        and not ("hours" in asked and work.started_at is None)
    )


def within(hours: dict[str, str] | None, slot: datetime | None) -> bool:
    if hours is None or slot is None:
        return hours is None
    return hours["since"] <= f"{slot.astimezone(BERLIN):%H:%M}" < hours["until"]


def oracle(of: Facts) -> dict[str, Counter[tuple[str, str | None]]]:
    """Seconds of each booking by (bucket, line)."""
    asked = sorted(of.lines, key=lambda line: (line.model != "fixed", line.id))
    used: dict[tuple[str, int, int], int] = defaultdict(int)
    found: dict[str, Counter[tuple[str, str | None]]] = {}
    for work in sorted(of.works, key=lambda one: (one.work_date, one.ref)):
        found[work.ref] = Counter()
        month = (work.work_date.year, work.work_date.month)
        for first in range(0, work.seconds, SLOT_S):
            begun = work.started_at
            slot = begun and begun + timedelta(seconds=first)
            for line in asked:
                terms: dict[str, Any] = line.terms["covers"]
                if not wanted(line, work) or not within(terms.get("hours"), slot):
                    continue
                limit = Decimal(terms.get("allowance_hours", 10**6)) * 3600
                if used[line.id, *month] >= limit:
                    continue
                used[line.id, *month] += SLOT_S
                bucket = "covered" if line.model == "fixed" else "billed"
                found[work.ref][bucket, line.id] += SLOT_S
                break
            else:
                found[work.ref]["held", None] += SLOT_S
    return found


@given(lines(), st.integers(0, 6).flatmap(lambda n: st.tuples(*(works(f"w{i}") for i in range(n)))))
def test_every_minute_goes_where_the_oracle_sends_it(
    some: tuple[ContractLine, ...], work: tuple[Work, ...]
) -> None:
    facts = Facts(CONTRACT, some, work)
    placed: dict[str, Counter[tuple[str, str | None]]] = defaultdict(Counter)
    pricing = price(facts, date(2026, 6, 1), SHIPPED, BOOK)
    for one in pricing.placements:
        placed[one.booking][one.bucket, one.line] += one.seconds
    expected = oracle(facts)
    assert {ref: +parts for ref, parts in placed.items()} == expected
    assert placed.keys() == {one.ref for one in work}
    billed = sum(one.amount.minor for one in pricing.charges if one.basis.startswith("booking:"))
    seconds = sum(parts["billed", line.id] for parts in expected.values() for line in some)
    assert billed == seconds * 6000 // 3600
