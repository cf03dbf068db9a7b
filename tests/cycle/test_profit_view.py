"""The profit table over the store: every hour once, whatever else shares its ids."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tallystick.books.exchange import ExchangeRate
from tallystick.cli.profiting import SHOWN, show_profit
from tallystick.cli.screen import Screen
from tallystick.errors import Stop
from tallystick.period import parse_period
from tallystick.records import Technician
from tallystick.views.profit import By, ProfitView, profit
from tallystick.views.status import status

from .msp import SEPTEMBER, Msp
from .told import booking, client, contract, cost_rate, fixed, prepaid, ticket

Row = tuple[str, str, float, str, str | None]


def view(msp: Msp, by: By = "contract") -> ProfitView:
    return profit(msp.database, msp.cells, SEPTEMBER, by)


def table(found: ProfitView) -> list[Row]:
    """Ref, revenue, hours, effort cost and margin."""
    return [
        (
            row.ref,
            str(row.revenue),
            row.seconds / 3600,
            str(row.effort_cost),
            str(row.margin) if row.margin else None,
        )
        for row in found.rows
    ]


def worked(msp: Msp) -> Msp:
    msp.tell(cost_rate("R1"), ticket("7"), booking("1", ticket="7"), booking("2", seconds=1800))
    msp.bill()
    return msp


WORKED: list[Row] = [("psa:C1", "242.50 EUR", 1.5, "60.00 EUR", "182.50 EUR")]


def test_revenue_of_the_month_against_its_effort(office: Msp) -> None:
    found = view(worked(office))
    assert table(found) == WORKED
    [row] = found.rows
    assert (str(row.margin_percent), str(row.effective_hourly_rate)) == ("75.3", "161.67 EUR")
    assert [(one.ref, *of[1:]) for one, of in zip(found.totals, WORKED, strict=True)] == [
        ("total", *WORKED[0][1:])
    ]
    assert table(view(office, "client")) == [("psa:K1", *WORKED[0][1:])]


def test_rows_that_share_an_id_multiply_nothing(office: Msp) -> None:
    """Ten times the cost once came from one join too many."""
    worked(office)
    for n in range(5):
        office.tell(
            cost_rate(f"R1 again {n}"), cost_rate(f"old {n}", valid_from=date(2025, n + 1, 1))
        )
        twins = (ticket("7"), Technician(id="T1", name="Twin"), client(), contract(), fixed())
        office.tell(*twins, booking("1"), cost_rate("R9", "999"), source=f"twin{n}")
        office.link("K1", "K1", source=f"twin{n}")
        for kind in ("ticket", "technician", "booking", "contract"):
            office.link("K1", "K1", source="psa", kind=f"{kind}{n}")
    assert table(view(office)) == WORKED


def test_hours_without_a_rate_leave_the_margin_out_and_say_so(office: Msp) -> None:
    worked(office)
    office.tell(booking("3", technician="T9"))
    found = view(office)
    assert table(found) == [("psa:C1", "242.50 EUR", 2.5, "60.00 EUR", None)]
    assert found.rows[0].notes == ("1.0 h without a cost rate",)
    assert [(str(one.effort_cost), one.margin) for one in found.totals] == [("60.00 EUR", None)]


def test_cost_in_another_currency_is_exchanged_or_told(office: Msp) -> None:
    worked(office)
    office.tell(cost_rate("R1", "40.00", currency="CHF"))
    assert view(office).rows[0].notes == ("1.5 h without an exchange rate",)
    office.exchange = (ExchangeRate("EUR", "CHF", Decimal("0.80")),)
    assert table(view(office)) == [("psa:C1", "242.50 EUR", 1.5, "75.00 EUR", "167.50 EUR")]


def test_work_without_a_contract_has_a_row_of_its_own(office: Msp) -> None:
    office.tell(client("K2"), booking("1", "K2"), cost_rate("R1"))
    assert table(view(office)) == [
        ("no contract (psa:K2)", "0.00 EUR", 1.0, "40.00 EUR", "-40.00 EUR")
    ]


def test_work_with_neither_contract_nor_cost_is_still_shown(msp: Msp) -> None:
    msp.tell(client("K2"), booking("1", "K2"))
    assert table(view(msp)) == [("no contract (psa:K2)", "0.00 EUR", 1.0, "0.00 EUR", None)]


def test_one_client_that_cannot_be_priced_hides_nobody(office: Msp) -> None:
    worked(office)
    office.tell(client("K2"), contract("C2", "K2"), prepaid("L9", "C2", "many"), booking("9", "K2"))
    assert ("psa:C1", *WORKED[0][1:]) in table(view(office))


def test_a_cut_month_cannot_be_told(office: Msp) -> None:
    with pytest.raises(Stop, match="Revenue is kept by month"):
        profit(office.database, office.cells, parse_period("2026-09-15"), "client")


def test_status_counts_what_waits(office: Msp) -> None:
    worked(office)
    office.set_aside("booking", "odd", client="K1")
    found = status(office.database, office.terms.homes)
    assert [(one.state, one.count, str(one.gross)) for one in found.invoices] == [
        ("issued", 1, "526.58 EUR")
    ]
    assert [(one.kind, one.records, one.quarantined) for one in found.stocks][:2] == [
        ("booking", 2, 1),
        ("client", 1, 0),
    ]
    assert (found.open_proposals, found.suspense) == (0, 0)
    assert "Invoices are issued but not posted: `tallystick bill post`." in found.next_steps


def test_a_screen_shows_the_worst_of_many_and_a_total_of_all(
    msp: Msp, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(SHOWN + 3):
        msp.tell(client(f"K{number:03}"), booking(str(number), f"K{number:03}", seconds=3600))
    msp.tell(cost_rate("R1", "40.00"))
    show_profit(Screen(as_json=False), view(msp, "client"))
    told = capsys.readouterr().out
    assert "K099" in told and "K100" not in told
    assert "The first 100 rows are shown, 3 more in --csv and --json." in told
    assert "-4,120.00" in told
