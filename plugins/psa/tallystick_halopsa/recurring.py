"""What is agreed: contracts and recurring invoices, and the lines these have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tallystick.connector import Broken, Pulled, Raw
from tallystick_halopsa.wire import Api

NONE: Final = (None, 0, -1)
"""How HaloPSA says that there is no contract."""
WITH_LINES: Final = {"includelines": "true", "rinvoice_type": "both"}


def contracts(api: Api, currency: str) -> Iterator[Pulled | Broken]:
    """Contracts; and recurring invoices of none, as what is billed needs one."""
    for row in api.rows("/ClientContract", "contract", {"includeinactive": "true"}):
        if isinstance(row, Pulled):
            raw = row.raw
            named = {"name": raw.get("refextra") or raw.get("ref"), "currency": currency}
            row = Pulled({**raw, **named}, row.place)
        yield row
    for row in api.rows("/RecurringInvoice", "recurring invoice", WITH_LINES):
        if isinstance(row, Broken):
            yield row
        elif row.raw.get("contract_id") in NONE:
            yield _own_contract(row, currency)


def _own_contract(row: Pulled, currency: str) -> Pulled:
    raw = row.raw
    told = {
        "id": own_contract(raw),
        "client_id": raw.get("client_id"),
        "name": raw.get("reference") or f"Recurring invoice {raw['id']}",
        "currency": currency,
        "start_date": raw.get("startdate"),
        "end_date": raw.get("enddate"),
    }
    return Pulled(told, row.place)


def own_contract(invoice: Raw) -> str:
    return f"recurring-{invoice['id']}"


def contract_lines(api: Api) -> Iterator[Pulled | Broken]:
    """The lines of every recurring invoice, each with its `invoice`, which says how often."""
    for row in api.rows("/RecurringInvoice", "recurring invoice", WITH_LINES):
        if isinstance(row, Broken):
            yield row
            continue
        lines = row.raw.get("lines")
        if not isinstance(lines, list) or not row.raw.get("periodname"):
            what = "Its lines, or how often it is billed, are not told."
            yield Broken(row.place, what, "See the invoice in HaloPSA.", row.raw)
            continue
        invoice = {name: one for name, one in row.raw.items() if name != "lines"}
        yield from (_line(line, invoice, row.place) for line in lines)


def _line(line: Any, invoice: Mapping[str, Any], place: str) -> Pulled | Broken:
    if not isinstance(line, Mapping) or line.get("id") is None:
        raw = line if isinstance(line, Mapping) else {"item": line}
        return Broken(f"line of {place}", "It has no id.", "Tell Halo of it.", raw)
    given = (line.get("contract_id"), invoice.get("contract_id"))
    contract = next((one for one in given if one not in NONE), own_contract(invoice))
    ref = f"{invoice['id']}-{line['id']}"
    told = {**line, "id": ref, "contract": contract, "invoice": invoice}
    return Pulled(told, f"line {ref}")
