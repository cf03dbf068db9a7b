"""A Tryton of ours: it remembers, over the accounts, taxes and journals the real one told."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import httpx

from tallystick_tryton.spelling import read, spelled

from .scenario import KEY, PASSWORD, USER

REST, RPC = "/tryton/rest/model/", "/tryton/rpc/"
KNOWN = Path(__file__).with_name("known.json")
CENT = Decimal("0.01")
Row = dict[str, Any]


class Refused(Exception):
    """What Tryton has against a record."""


class Tryton(httpx.BaseTransport):
    """`parties` are there before; `page` is how many rows it gives at most, whatever is asked."""

    def __init__(self, parties: int = 0) -> None:
        self.tables: dict[str, list[Row]] = read(json.loads(KNOWN.read_text(encoding="utf-8")))
        for name in ("account.invoice", "account.move"):
            self.tables[name] = []
        for number in range(1, parties + 1):
            self.party({"name": f"Client {number:03}", "code": str(number)})
        self._wizards = 0
        self.now = datetime.fromisoformat("2026-09-01T12:00:00+00:00")
        self.asked: list[httpx.Request] = []

    def party(self, given: Row) -> Row:
        table = self.tables["party.party"]
        made = {"id": len(table) + 1, "code": str(len(table) + 1), **given}
        made |= {name: _created(given.get(name)) for name in NESTED}
        made["create_date"] = made["write_date"] = datetime.fromisoformat("2026-08-01T00:00:00Z")
        table.append(made)
        return made

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        told = json.loads(request.content, parse_float=Decimal) if request.content else {}
        told = read(told)
        basic = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        rpc = request.url.path == RPC
        if request.headers.get("authorization") != (f"Basic {basic}" if rpc else f"Bearer {KEY}"):
            return httpx.Response(401, request=request)
        try:
            answer = self._rpc(told) if rpc else self._rest(request, told)
        except Refused as error:
            if rpc:
                answer = {"id": 1, "error": ["UserError", [str(error), "", None]]}
                return httpx.Response(200, json=answer, request=request)
            answer = {"status": 400, "message": str(error), "description": ""}
            return httpx.Response(400, json=answer, request=request)
        if answer is None:
            return httpx.Response(204, request=request)
        return httpx.Response(200, json=spelled(answer), request=request)

    def _rest(self, request: httpx.Request, told: Row) -> Any:
        model, *rest = request.url.path.removeprefix(REST).split("/")
        fields = request.url.params.get_list("f")
        if request.method == "GET":
            domain = read(json.loads(urlsafe_b64decode(request.url.params["d"])))
            found = [one for one in self.tables.get(model, []) if _fits(one, domain)]
            limit = int(request.url.params.get("s", len(found)))
            return [_shown(model, one, fields) for one in found[:limit]]
        if not rest:
            return _shown(model, self._create(model, told), fields)
        [row] = [one for one in self.tables[model] if one["id"] == int(rest[0])]
        if request.method == "DELETE":
            self.tables[model].remove(row)
            return None
        if rest[1:] == ["post"]:
            self._post(model, row)
        else:
            for name, commands in told.items():
                row[name] += _created(commands, len(row[name]))
        return _shown(model, row, fields)

    def _create(self, model: str, told: Row) -> Row:
        if model == "party.party":
            return self.party(told)
        table = self.tables[model]
        row = {"id": len(table) + 1, "number": None, "state": "draft", **told}
        if model == "account.invoice":
            row |= self._reckoned(told)
        else:
            lines = _created(told["lines"])
            for leg in lines:
                leg["account"] = self._account(leg["account"])
                leg |= {"amount_second_currency": None, "second_currency": None}
            row["lines"] = lines
        table.append(row)
        return row

    def _reckoned(self, told: Row) -> Row:
        """An amount of a line is rounded to the even cent; tax is kept as it was given, as long as
        its base is that of the lines."""
        net = Decimal(0)
        for one in _created(told["lines"]):
            if -one["unit_price"].as_tuple().exponent > 4:
                raise Refused("The number of digits in the value exceeds the limit.")
            whole = Decimal(one["quantity"]) * one["unit_price"]
            net += whole.quantize(CENT, ROUND_HALF_EVEN)
        taxes = _created(told["taxes"])
        assert sum(one["base"] for one in taxes) == net, "Tryton would reckon the tax anew"
        tax = sum(one["amount"] for one in taxes)
        [currency] = [c for c in self.tables["currency.currency"] if c["id"] == told["currency"]]
        amounts = {"tax_amount": tax, "total_amount": net + tax, "amount_to_pay": Decimal(0)}
        return {**amounts, "taxes": taxes, "currency": currency}

    def _post(self, model: str, row: Row) -> None:
        posted = [one for one in self.tables[model] if one["state"] != "draft"]
        row |= {"state": "posted", "number": str(len(posted) + 1)}
        if model == "account.invoice":
            row["amount_to_pay"] = row["total_amount"]
            self.tables["account.move"].append({"id": len(self.tables["account.move"]) + 1, **MOVE})

    def _rpc(self, told: Row) -> Any:
        method, parameters = told["method"], told["params"]
        if method.endswith(".create"):
            self._wizards += 1
            return {"id": 1, "result": [self._wizards, "start", "end"]}
        _, page, state, context = parameters
        [row] = [r for r in self.tables["account.invoice"] if r["id"] == context["active_id"]]
        amount, left = page["start"]["amount"], row["amount_to_pay"]
        if state == "choice" and amount != left:
            return {"id": 1, "result": {"view": {"state": "ask"}}}
        if abs(amount) > abs(left):
            invoice = f"{row['number']} [{row['reference']}]"
            raise Refused(
                f'You cannot add a partial payment on invoice "{invoice}"'
                f' with an amount greater than the amount to pay "€{left}".'
            )
        self._pay(row, page["start"])
        return {"id": 1, "result": {}}

    def _pay(self, row: Row, start: Row) -> None:
        amount = start["amount"]
        row["amount_to_pay"] -= amount
        row["state"] = "posted" if row["amount_to_pay"] else "paid"
        methods = self.tables["account.invoice.payment.method"]
        [method] = [one for one in methods if one["id"] == start["payment_method"]]
        legs = ((row["account"], -amount), (method["debit_account"], amount))
        self.tables["account.move"].append(
            {
                "id": len(self.tables["account.move"]) + 1,
                "state": "posted",
                "number": "9",
                "company": 1,
                "description": start["description"],
                "lines": [
                    {
                        "id": at,
                        "account": self._account(account),
                        "debit": max(moved, Decimal(0)),
                        "credit": max(-moved, Decimal(0)),
                        "amount_second_currency": None,
                        "second_currency": None,
                    }
                    for at, (account, moved) in enumerate(legs, 1)
                ],
            }
        )

    def _account(self, ref: int) -> Row:
        [found] = [one for one in self.tables["account.account"] if one["id"] == ref]
        return deepcopy(found)


NESTED = ("identifiers", "addresses", "contact_mechanisms")
MOVE = {"state": "posted", "number": "1", "company": 1, "description": None, "lines": []}


def _created(commands: Any, before: int = 0) -> list[Row]:
    made: list[Row] = []
    for command, rows in commands or ():
        assert command == "create", command
        made += [{"id": before + at, **row} for at, row in enumerate(rows, 1)]
    return made


def _shown(model: str, row: Row, fields: list[str]) -> Row:
    """The fields asked for; what is referred to as its id, or with fields of its own."""
    shown: Row = {"id": row["id"], "__name__": model}
    for field in fields:
        name, _, rest = field.partition(".")
        value = row.get(name)
        if isinstance(value, list):
            before = shown.get(name) or [{} for _ in value]
            pairs = zip(value, before, strict=True)
            shown[name] = [old | _shown(name, one, [rest] if rest else []) for one, old in pairs]
        elif isinstance(value, Mapping):
            more = _shown(name, dict(value), [rest] if rest else [])
            shown[name] = {**shown.get(name, {}), **more} if rest else value["id"]
        else:
            shown[name] = value
    return shown


def _fits(row: Row, domain: list[Any]) -> bool:
    if domain and domain[0] == "OR":
        return any(_fits(row, [one]) for one in domain[1:])
    return all(
        _fits(row, one) if one[0] == "OR" else any(_holds(v, *one[1:]) for v in _at(row, one[0]))
        for one in domain
    )


def _at(value: Any, path: str) -> list[Any]:
    name, _, rest = path.partition(".")
    found = value.get(name) if isinstance(value, Mapping) else None
    if rest:
        rows = found if isinstance(found, list) else [found]
        return [one for row in rows for one in _at(row, rest)]
    return [found["id"] if isinstance(found, Mapping) and "id" in found else found]


def _holds(value: Any, operator: str, other: Any) -> bool:
    match operator:
        case "=":
            return bool(value == other)
        case "!=":
            return bool(value != other)
        case "<=":
            return value is not None and value <= other
        case ">=":
            return value is not None and value >= other
        case ">":
            return value is not None and value > other
    raise AssertionError(operator)
