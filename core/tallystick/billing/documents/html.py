"""A document as HTML: one file, printable on A4, that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tallystick.billing.document import InvoiceDocument
from tallystick.billing.documents.style import STYLE
from tallystick.billing.documents.wording import Row, wording

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HEADS = '<th class="p"></th><th>Description</th><th class="n">Quantity</th>'


def render_html(document: InvoiceDocument) -> str:
    """The document as one HTML page. Every foreign text is escaped and isolated (`bdi`)."""
    words = wording(document)
    title = escape(f"{words.title} {words.number}")
    dates = "".join(f"<dt>{escape(name)}</dt><dd>{escape(day)}</dd>" for name, day in words.dates)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<address class="seller">{_paragraphs(words.seller)}</address>
<h1>{escape(words.title)}<span>{_foreign(words.number)}</span></h1>
</header>
<div class="parties">
<address class="buyer">{_paragraphs(words.buyer)}</address>
<dl>{dates}</dl>
</div>
<table>
<thead><tr>{HEADS}<th class="n">Unit price</th><th class="n">Net</th></tr></thead>
<tbody>
{_joined(map(_row, words.rows))}
</tbody>
</table>
<table class="totals">
{_joined(_total(label, value) for label, value in [*words.totals, words.due])}
</table>
<div class="notes">{_paragraphs(words.notes)}</div>
<div class="payment">{_paragraphs(words.payment)}</div>
</body>
</html>
"""


def _row(row: Row) -> str:
    figures = "".join(
        f'<td class="n">{_foreign(one)}</td>' for one in (row.quantity, row.unit_price, row.net)
    )
    text = f'<td class="t">{_foreign(row.text)}<small>{_foreign(row.detail)}</small></td>'
    return f'<tr><td class="p">{row.position}</td>{text}{figures}</tr>'


def _total(label: str, value: str) -> str:
    return f'<tr><td class="t">{_foreign(label)}</td><td class="n">{escape(value)}</td></tr>'


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{_foreign(line)}</p>" for line in lines)


def _foreign(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>" if text else ""


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)
