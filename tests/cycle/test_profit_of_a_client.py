"""The tables of every client by itself are together the tables of all; what nobody counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import get_args

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from tallystick.insight.quality import sentences
from tallystick.period import Period, month
from tallystick.records import Asset, ContractLine
from tallystick.views.profit import By, profit

from .msp import SEPTEMBER, Msp
from .test_profit_tables import CLIENTS, YEAR, world
from .told import asset, booking, client, contract, cost_rate, devices

FIGURES = ("revenue", "labour", "overhead", "direct_cost")


@pytest.mark.parametrize("by", get_args(By))
def test_the_tables_of_all_clients_are_the_table(fresh: Callable[[], Msp], by: By) -> None:
    msp = world(fresh(), 400)
    msp.tell(booking("nobody's", None, ticket="T5", seconds=700))
    period = Period(date(2026, 5, 1), date(2026, 9, 1))

    def sums(of: str | None) -> Counter[tuple[str, str]]:
        found = profit(msp.database, msp.cells, period, by, msp.terms, client=of)
        told: Counter[tuple[str, str]] = Counter()
        for row in found.rows:
            told[row.ref, "seconds"] += row.seconds
            for name in FIGURES:
                told[row.ref, name] += getattr(row, name).minor
        return told

    together: Counter[tuple[str, str]] = Counter()
    for number in range(CLIENTS):
        together.update(sums(f"psa:K{number}"))
    assert {key: value for key, value in together.items() if value} == {
        key: value for key, value in sums(None).items() if value
    }


def test_what_the_figures_of_a_client_rest_on_is_its_own(office: Msp) -> None:
    office.tell(client("K2", name="Hansa"), contract("C2", "K2"), cost_rate("R1"))
    office.tell(booking("1", technician="T9"), booking("2", "K2"))
    office.set_aside("booking", "77", client="K2")
    office.set_aside("booking", "78", client="K1")
    office.set_aside("ticket", "79", client="K2")
    found = profit(office.database, office.cells, SEPTEMBER, "contract", client="psa:K2")
    assert found.title == "Profit 2026-09 of Hansa by contract"
    assert [row.ref for row in found.rows] == ["psa:C2"]
    quality = found.quality
    assert (quality.seconds, quality.without_cost_rate_s) == (3600, 0)
    assert quality.quarantined_bookings == 1
    whole = profit(office.database, office.cells, SEPTEMBER, "contract").quality
    assert (whole.seconds, whole.technicians_without_cost_rate) == (7200, 1)
    assert whole.quarantined_bookings == 2


UNCOUNTED = """
WITH line AS (
    SELECT l.terms, c.client AS client, max(c.starts_on, coalesce(l.starts_on, '0')) AS since,
        min(coalesce(c.ends_on, '9'), coalesce(l.ends_on, '9'), :end) AS until
    FROM contract_line l JOIN contract c ON c.id = l.contract WHERE l.model = 'per_unit'
), thing AS (
    SELECT a.id, a.type, k.home_id AS client,
        max(coalesce(a.active_from, '0'), :start) AS since,
        min(coalesce(a.retired_on, '9'), :end) AS until
    FROM asset a JOIN link k ON k.kind = 'client' AND k.connection = 'rmm' AND k.id = a.client
    WHERE a.connection = 'rmm'
)
SELECT count(*) FROM thing a WHERE a.since < a.until AND EXISTS (
    SELECT 1 FROM line l WHERE l.client = a.client AND max(l.since, :start) < l.until
) AND NOT EXISTS (
    SELECT 1 FROM line l, json_each(l.terms, '$.asset_types') t
    WHERE l.client = a.client AND max(l.since, a.since) < min(l.until, a.until)
    AND t.value IN ('*', a.type)
)
"""


def test_assets_no_line_counts_are_those_sql_alone_finds(fresh: Callable[[], Msp]) -> None:
    msp = _served(fresh(), Random(5))
    counts = []
    for period in (*YEAR.months(), YEAR):
        with msp.database.read() as connection:
            asked = {"start": period.start.isoformat(), "end": period.end.isoformat()}
            [expected] = connection.execute(text(UNCOUNTED), asked).scalars()
        found = profit(msp.database, msp.cells, period, "contract").quality
        assert found.assets_without_line == expected
        counts.append(expected)
        each = [
            profit(msp.database, msp.cells, period, "contract", client=f"psa:K{n}").quality
            for n in range(8)
        ]
        assert sum(one.assets_without_line for one in each) == expected
    assert len(set(counts)) > 4


def _served(msp: Msp, chance: Random) -> Msp:
    """Eight clients, two of which pay nothing by the piece, and assets of three types."""

    def days() -> dict[str, date | None]:
        since = YEAR.start + timedelta(days=chance.randrange(300))
        until = since + timedelta(days=chance.randrange(1, 120))
        return {"since": chance.choice([None, since]), "until": chance.choice([None, until])}

    for n in range(8):
        msp.tell(client(f"K{n}"), contract(f"C{n}", f"K{n}", starts_on=YEAR.start))
        msp.link(f"S{n}", f"K{n}")
        for line in range(2 if n < 6 else 0):
            span = days()
            msp.tell(
                ContractLine(
                    id=f"L{n}-{line}",
                    contract=f"C{n}",
                    description="Devices",
                    model="per_unit",
                    terms={"unit_price": "1", "asset_types": [chance.choice(["server", "pc"])]},
                    starts_on=span["since"],
                    ends_on=span["until"],
                )
            )
        for number in range(9):
            span = days()
            kind = chance.choice(["server", "pc", "phone"])
            msp.tell(
                Asset(
                    id=f"{n}-{number}",
                    name="device",
                    client=f"S{n}",
                    type=kind,
                    active_from=span["since"],
                    retired_on=span["until"],
                ),
                source="rmm",
            )
    return msp


def test_an_asset_nobody_counts_is_told_beside_the_figures(office: Msp) -> None:
    office.link("S1", "K1")
    office.tell(asset("A1"), asset("A2", retired_on=date(2026, 8, 31)), source="rmm")
    without = profit(office.database, office.cells, SEPTEMBER, "contract").quality
    assert without.assets_without_line == 0, "who pays a flat fee pays for no device by itself"
    office.tell(devices())
    office.tell(asset("A3"), source="rmm")
    found = profit(office.database, office.cells, SEPTEMBER, "contract").quality
    assert found.assets_without_line == 0, "the line counts any"
    office.tell(replace(devices(), terms={"unit_price": "1", "asset_types": ["pc"]}))
    found = profit(office.database, office.cells, SEPTEMBER, "contract").quality
    assert found.assets_without_line == 2
    said = "2 assets of clients that pay by the piece count on no contract line."
    assert said in list(sentences(found))
    in_august = profit(office.database, office.cells, month(2026, 8), "contract").quality
    assert in_august.assets_without_line == 3
