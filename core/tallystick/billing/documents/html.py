"""A document as HTML: one file, printable on A4, that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tallystick.billing.documents.annex import Annex
from tallystick.billing.documents.style import STYLE
from tallystick.billing.documents.wording import Pairs, Row, Wording, wording
from tallystick.billing.invoice.document import InvoiceDocument

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_html(document: InvoiceDocument) -> str:
    """The document as one HTML page. Every foreign text is escaped and isolated (`bdi`)."""
    words = wording(document)
    title = escape(f"{words.title} {words.number}")
    taxed = bool(words.heads.tax)
    return f"""<!DOCTYPE html>
<html lang="{escape(words.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<address class="seller">{_paragraphs(words.seller)}{_labelled(words.identity)}</address>
<h1>{escape(words.title)}<span>{_foreign(words.number)}</span></h1>
</header>
<div class="parties">
<address class="buyer">{_paragraphs(words.buyer)}</address>
{_list(words.facts)}
</div>
<table>
<thead><tr>{_heads(words)}</tr></thead>
<tbody>
{_joined(_row(row, taxed) for row in words.rows)}
</tbody>
</table>
<table class="totals">
{_joined(_total(label, value) for label, value in [*words.totals, words.due])}
</table>
<div class="notes">{_paragraphs(words.notes)}</div>
<div class="payment">{_paragraphs(words.payment)}{_list(words.account)}</div>
{_annex(words)}</body>
</html>
"""


def _heads(words: Wording) -> str:
    heads = words.heads
    figures = filter(None, (heads.quantity, heads.unit_price, heads.tax, heads.net))
    return f'<th class="p"></th><th>{escape(heads.description)}</th>' + "".join(
        f'<th class="n">{escape(one)}</th>' for one in figures
    )


def _row(row: Row, taxed: bool) -> str:
    shown = (row.quantity, row.unit_price, *([row.tax] if taxed else ()), row.net)
    figures = "".join(f'<td class="n">{_foreign(one)}</td>' for one in shown)
    text = f'<td class="t">{_foreign(row.text)}<small>{_foreign(row.detail)}</small></td>'
    return f'<tr><td class="p">{row.position}</td>{text}{figures}</tr>'


def _annex(words: Wording) -> str:
    if not words.annex:
        return ""
    day, ref, what, quantity, amount = map(escape, words.annex_heads)
    return f"""<h2>{escape(words.annex_title)}</h2>
<table class="annex">
<thead><tr><th>{day}</th><th>{ref}</th><th>{what}</th>\
<th class="n">{quantity}</th><th class="n">{amount}</th></tr></thead>
{_joined(map(_annexed, words.annex))}
</table>
"""


def _annexed(annex: Annex) -> str:
    rows = [
        f'<tr><td class="d">{escape(day)}</td><td class="r">{_foreign(ref)}</td>'
        f'<td class="t">{_foreign(what)}</td><td class="n">{_foreign(quantity)}</td>'
        f'<td class="n">{escape(amount)}</td></tr>'
        for day, ref, what, quantity, amount in annex.rows
    ]
    head = f'<tr><th colspan="5">{_foreign(annex.title)}</th></tr>'
    return f"<tbody>\n{_joined([head, *rows])}\n</tbody>"


def _list(pairs: Pairs) -> str:
    if not pairs:
        return ""
    listed = (f"<dt>{escape(name)}</dt><dd>{_foreign(value)}</dd>" for name, value in pairs)
    return f"<dl>{''.join(listed)}</dl>"


def _labelled(pairs: Pairs) -> str:
    return _paragraphs([f"{label} {value}" for label, value in pairs])


def _total(label: str, value: str) -> str:
    return f'<tr><td class="t">{_foreign(label)}</td><td class="n">{escape(value)}</td></tr>'


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{_foreign(line)}</p>" for line in lines)


def _foreign(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>" if text else ""


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)
