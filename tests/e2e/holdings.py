"""What each of the four systems holds, asked of its own API and told without its ids, so that two
installations that did the same hold the same; and the report of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .quartet import Quartet

Holding = Mapping[str, Sequence[str]]
PLACE = Path(__file__).parents[2] / "build" / "e2e"


def held(msp: Quartet) -> dict[str, Holding]:
    """By system and kind: a sorted line for each thing it has."""
    told = {
        "Redmine": _redmine(msp),
        "Zabbix": _zabbix(msp),
        "Tryton": _tryton(msp),
        "Stripe": _stripe(msp),
    }
    return {
        system: {kind: sorted(lines) for kind, lines in kinds.items()}
        for system, kinds in told.items()
    }


def _redmine(msp: Quartet) -> dict[str, list[str]]:
    projects = msp.redmine.ask("GET", "/projects.json?limit=100")["projects"]
    issues = msp.redmine.ask("GET", "/issues.json?status_id=*&limit=100")["issues"]
    entries = msp.redmine.ask("GET", "/time_entries.json?limit=100")["time_entries"]
    devices, tickets, invoices = [], [], []
    for one in issues:
        fields = {field["id"]: field["value"] for field in one.get("custom_fields", ())}
        name = f"{one['project']['name']}: {one['subject']}"
        if one["tracker"]["id"] != msp.redmine.device:
            told = one["tracker"]["id"] == msp.redmine.invoices
            (invoices if told else tickets).append(name)
            continue
        ours = fields[msp.redmine.key_field].partition(":")[0]
        devices.append(f"{name} {fields[msp.redmine.serial]} from {ours}")
    hours = [f"{one['project']['name']}: {one['hours']} h" for one in entries]
    return {
        "projects": [one["name"] for one in projects],
        "tickets": tickets,
        "devices": devices,
        "invoices": invoices,
        "time entries": hours,
    }


def _zabbix(msp: Quartet) -> dict[str, list[str]]:
    hosts = msp.zabbix.call(
        "host.get", output=["name"], selectInventory=["serialno_a"], selectGroups=["name"]
    )
    ours = [one for one in hosts if one["groups"][0]["name"].startswith("Clients/")]
    lines = [f"{h['groups'][0]['name']}: {h['name']} {h['inventory']['serialno_a']}" for h in ours]
    return {"hosts": lines}


def _tryton(msp: Quartet) -> dict[str, list[str]]:
    ask = msp.tryton.ask
    parties = ask("party.party", [], "name", "identifiers.code")
    fields = ("reference", "state", "total_amount", "tax_amount", "amount_to_pay", "party.name")
    invoices = ask("account.invoice", [], *fields)
    moves = ask("account.move", [["description", "!=", None]], "description", "state")
    legs = ask("account.move.line", [], "debit", "credit", "account.code")
    balances: dict[str, Decimal] = {}
    for leg in legs:
        code = leg["account"]["code"]
        balances[code] = (
            balances.get(code, Decimal(0)) + _money(leg["debit"]) - _money(leg["credit"])
        )
    return {
        "parties": [
            f"{one['name']} {'ours' if one['identifiers'] else 'not ours'}" for one in parties
        ],
        "invoices": [
            f"{one['party']['name']}: {_money(one['total_amount'])} with"
            f" {_money(one['tax_amount'])} tax, {one['state']},"
            f" {_money(one['amount_to_pay'])} open, {one['reference']}"
            for one in invoices
        ],
        "payments and entries": [one["state"] for one in moves],
        "balances": [f"{code} {amount}" for code, amount in balances.items() if amount],
    }


def _stripe(msp: Quartet) -> dict[str, list[str]]:
    names = {one["id"]: one["name"] for one in msp.stripe_list("customers")}

    def line(one: Any, said: str) -> str:
        return f"{names[one['customer']]}: {Decimal(one['amount']).scaleb(-2)} {said}"

    intents = msp.stripe_list("payment_intents")
    charges = msp.stripe_list("charges")
    return {
        "customers": list(names.values()),
        "payment intents": [line(one, one["status"]) for one in intents],
        "charges": [line(one, one["status"]) for one in charges],
    }


def _money(told: Mapping[str, Any]) -> Decimal:
    return Decimal(told["decimal"])


def report(
    name: str, when: Mapping[str, Mapping[str, Holding]], seconds: Mapping[str, float]
) -> str:
    """A table of what each system held at each moment: printed, and kept in build/e2e."""
    table = Table(title=name, show_lines=True)
    for column in ("system", "kind", *when):
        table.add_column(column, overflow="fold")
    [first, *_] = when.values()
    for system, kinds in first.items():
        for kind in kinds:
            cells = ["\n".join(moment[system][kind]) or "-" for moment in when.values()]
            table.add_row(system, kind, *_only_changes(cells))
    PLACE.mkdir(parents=True, exist_ok=True)
    took = ", ".join(f"{what} {spent:.0f} s" for what, spent in seconds.items())
    with (PLACE / f"report-{name.replace(' ', '-')}.txt").open("w", encoding="utf-8") as file:
        for console in (Console(file=file, width=150), Console(width=150)):
            console.print(table)
            console.print(took)


def _only_changes(cells: Sequence[str]) -> list[str]:
    shown = list(cells[:1])
    for before, cell in pairwise(cells):
        shown.append("the same" if cell == before and cell != "-" else cell)
    return shown
