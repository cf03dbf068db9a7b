"""The profit report: one HTML page that needs nothing else, to read, print and send on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tallystick.insight.allowances import DEFINITION, AllowanceUnit, Units, in_order
from tallystick.insight.charts import Bar, Column, bars, columns, safe
from tallystick.insight.measures import Value
from tallystick.insight.profit import ProfitRow, RowKey
from tallystick.insight.trend import sparkline

CHARTED = 25
"""So many rows are drawn, those with the most at stake; the table has all."""
DEFINITIONS = {
    "effort": "hours at the technicians' cost rates, with overhead",
    "direct": "licences, parts, travel and what usage cost",
    "margin": "revenue - effort - direct, told where all of it is known",
    "per hour": "revenue / hours",
}
STYLE = """
:root { color-scheme: light; --ink: #1d2730; --soft: #64717d; --line: #dfe4e8; --earned: #2b6f8f;
  --spent: #d9a15b; --loss: #b3413a; }
body { margin: 0; background: #f6f7f8; color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 32px; background: #fff; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 17px; margin: 36px 0 12px; }
.about { color: var(--soft); margin: 2px 0 24px; }
.tiles { display: flex; gap: 14px; flex-wrap: wrap; }
.tile { flex: 1 1 150px; border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
.tile b { display: block; font-size: 18px; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 13px; fill: var(--ink); } .name, .figure { text-anchor: end; }
.figure { font-variant-numeric: tabular-nums; } .month { text-anchor: middle; }
.axis { stroke: var(--soft); stroke-width: 1; }
.gain, .earned { fill: var(--earned); } .spent { fill: var(--spent); } .loss { fill: var(--loss); }
.key { color: var(--soft); font-size: 13px; margin: 0 0 8px; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 2px;
  margin: 0 5px 0 12px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
tr.total td { font-weight: 700; border-top: 2px solid var(--ink); }
td.minus { color: var(--loss); } td small { color: var(--soft); display: block; }
.notes li { margin: 2px 0; } dl { display: grid; grid-template-columns: max-content 1fr;
  gap: 2px 16px; font-size: 13.5px; } dt { font-weight: 600; } dd { margin: 0; }
@media print { body { background: #fff; } main { padding: 0; } }
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What the page says. `months` is one column per month for the total's currency."""

    msp: str
    title: str
    rows: Sequence[ProfitRow]
    totals: Sequence[ProfitRow]
    months: Mapping[str, Sequence[Column]]
    trends: Mapping[RowKey, Sequence[int | None]]
    measures: Mapping[RowKey, Sequence[Value]]
    definitions: Mapping[str, str]
    sentences: Sequence[str]
    driver: str
    allowances: Mapping[RowKey, Units] = field(default_factory=dict)


def page(report: Report) -> str:
    """The page as text; every name in it is escaped."""
    sections = "".join(_section(report, total) for total in report.totals)
    notes = "".join(f"<li>{safe(one)}</li>" for one in report.sentences)
    quality = f'<h2>What the figures rest on</h2><ul class="notes">{notes}</ul>' if notes else ""
    told = DEFINITIONS | dict(report.definitions)
    if report.allowances:
        told["used"] = DEFINITION
    if report.driver:
        told["shared out"] = report.driver
    meant = "".join(f"<dt>{safe(k)}</dt><dd>{safe(v)}</dd>" for k, v in told.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{safe(report.title)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{safe(report.title)}</h1><p class="about">{safe(report.msp)}</p>'
        f"{sections}{quality}<h2>What the figures mean</h2><dl>{meant}</dl></main></body></html>\n"
    )


def _section(report: Report, total: ProfitRow) -> str:
    currency = total.currency
    own = [row for row in report.rows if row.currency == currency]
    months = report.months.get(currency, ())
    over_time = ""
    if len(months) > 1:
        over_time = (
            "<h2>Month by month</h2>"
            '<p class="key"><i class="earned" style="background: var(--earned)"></i>revenue'
            '<i class="spent" style="background: var(--spent)"></i>cost</p>'
            + columns(months, f"Revenue and cost by month in {currency}")
        )
    drawn = sorted(own, key=lambda row: -abs((row.margin or row.revenue).minor))[:CHARTED]
    kept = {id(row) for row in drawn}
    drawing = [
        Bar(row.name, row.margin.minor if row.margin else None, _written(row.margin))
        for row in own
        if id(row) in kept
    ]
    charted = f"<h2>Margin in {currency}</h2>{bars(drawing, f'Margin in {currency}')}"
    heading = f"<h2>In {currency}</h2>" if len(report.totals) > 1 else ""
    return heading + _tiles(total) + over_time + charted + _table(report, own, total)


def _tiles(total: ProfitRow) -> str:
    percent = "" if total.margin_percent is None else f" ({total.margin_percent} %)"
    tiles = {
        "revenue": str(total.revenue),
        "effort": str(total.effort_cost),
        "direct cost": str(total.direct_cost),
        "margin" + percent: _written(total.margin),
        "hours": f"{total.seconds / 3600:,.1f}",
    }
    shown = "".join(
        f'<div class="tile"><b>{safe(value)}</b><span>{safe(name)}</span></div>'
        for name, value in tiles.items()
    )
    return f'<div class="tiles">{shown}</div>'


def _table(report: Report, own: Sequence[ProfitRow], total: ProfitRow) -> str:
    heads = ["", "revenue", "hours", "effort", "direct", "margin", "%", "per hour"]
    heads += report.definitions
    units = in_order(report.allowances.get(RowKey("total", total.currency), {}))
    heads += [f"{unit} used" for unit in units]
    if report.trends:
        heads.append("trend")
    head = "".join(f"<th>{safe(one)}</th>" for one in heads)
    body = "".join(_row(report, row, units) for row in own)
    whole = _row(report, total, units).replace("<tr>", '<tr class="total">', 1)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}{whole}</tbody></table>"
    return f'<h2>All rows</h2><div class="wide">{table}</div>'


def _row(report: Report, row: ProfitRow, units: Sequence[AllowanceUnit]) -> str:
    key = row.key
    notes = f"<small>{safe('; '.join(row.notes))}</small>" if row.notes else ""
    minus = ' class="minus"' if row.margin and row.margin.minor < 0 else ""
    cells = [
        f"<td>{safe(row.name)}{notes}</td>",
        f"<td>{row.revenue.amount:,}</td>",
        f"<td>{row.seconds / 3600:,.1f}</td>",
        f"<td>{row.effort_cost.amount:,}</td>",
        f"<td>{row.direct_cost.amount:,}</td>",
        f"<td{minus}>{_written(row.margin)}</td>",
        f"<td>{'' if row.margin_percent is None else row.margin_percent}</td>",
        f"<td>{_written(row.effective_hourly_rate)}</td>",
    ]
    measured = report.measures.get(key, [None] * len(report.definitions))
    cells += (f"<td>{_written(value)}</td>" for value in measured)
    own = report.allowances.get(key, {})
    cells += (f"<td>{own.get(unit, '')}</td>" for unit in units)
    if report.trends:
        cells.append(f"<td>{sparkline(report.trends.get(key, ()))}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _written(value: Value) -> str:
    if value is None:
        return "not known"
    return f"{value:,}" if not hasattr(value, "amount") else f"{value.amount:,}"
