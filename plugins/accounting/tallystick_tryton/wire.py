"""Tryton over HTTP: records by REST, wizards by JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NoReturn

import httpx

from tallystick.connector import Context, Raw
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.transport.answers import clock_of, taken
from tallystick.transport.paging import Linked, linked
from tallystick_tryton.settings import LIMITS, TrytonSettings
from tallystick_tryton.spelling import body, query, read

PAGE: Final = 500
JSON: Final = {"content-type": "application/json"}
PACKED: Final = {**JSON, "accept-encoding": "gzip"}
"""Unless packing is allowed, Tryton calls a long answer to a wizard packed and does not pack it."""
TOLD: Final = frozenset({"UserError", "UserWarning"})
"""What a wizard has against its data; everything else is Tryton's own trouble."""
Domain = Sequence[Any]


class Api:
    def __init__(self, settings: TrytonSettings, context: Context) -> None:
        self.connection = context.connection
        self._settings = settings
        self._http = context.http(settings.url, LIMITS)
        self._key = {"authorization": f"Bearer {settings.key.get_secret_value()}"}
        self.told_at: datetime | None = None
        """What Tryton's clock showed at its first answer since this was None."""

    @property
    def host(self) -> str:
        return self._http.base_url.host

    @cached_property
    def company(self) -> Raw:
        """The company the books are of; raises `Stop` where there is none or nobody says which."""
        name = self._settings.company
        domain = [] if name is None else [["party.name", "=", name]]
        fields = ("party.name", "currency.code")
        found = self._read("company.company", domain, fields, s="2")
        if len(found) != 1:
            raise Stop(
                f"Tryton has {'no' if not found else 'more than one'} company"
                f"{f' named {name}' if name else ' that this key may see'}.",
                do="Write the name of the one to post to into `company` of the connection.",
                connection=self.connection,
            )
        return found[0]

    @property
    def currency(self) -> str:
        return str(self.company["currency"]["code"])

    def some(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Raw]:
        """The few records of `model` that fit, the oldest first."""
        return self._read(model, domain, fields, o=query([["id", "ASC"]]), s=str(PAGE))

    def rows(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[Any]:
        """All that fit in the order of their ids, so that none moves while they are read."""

        def page(after: int | None) -> Linked[int]:
            beyond = [["id", ">", after or 0]]
            found = self.some(model, [*domain, *beyond], fields)
            last = found[-1].get("id") if len(found) == PAGE else None
            return Linked(found, last if isinstance(last, int) else None)

        return linked(page, self.connection)

    def create(self, model: str, record: Raw, fields: Sequence[str]) -> Raw:
        return self._one(self._rest("POST", model, record, fields), model)

    def change(self, model: str, ref: int, record: Raw, fields: Sequence[str]) -> Raw:
        return self._one(self._rest("PUT", f"{model}/{ref}", record, fields), model)

    def press(self, model: str, ref: int, button: str, fields: Sequence[str]) -> Raw:
        """Do what a button of a record does; the record as it is then. Questions that Tryton would
        put to a person, such as whether a due date in the past is meant, are taken as answered."""
        answer = self._rest("POST", f"{model}/{ref}/{button}", {}, fields, _skip_warnings=True)
        return self._one(answer, model)

    def delete(self, model: str, ref: int) -> None:
        self._rest("DELETE", f"{model}/{ref}", None, ())

    def wizard(self, name: str, about: tuple[str, int]) -> Wizard:
        return Wizard(self, name, about)

    def call(self, method: str, *parameters: Any) -> Any:
        """What a method answers by JSON-RPC; raises `Stop` without a user to log in."""
        settings = self._settings
        if not settings.user:
            raise Stop(
                "Tryton books payments by a wizard, which the key does not open.",
                do="Write `user` and `password` of a user that may pay invoices there into the"
                " connection.",
                connection=self.connection,
            )
        response = self._http.post(
            f"/{settings.database}/rpc/",
            content=body({"id": 1, "method": method, "params": list(parameters)}),
            headers=PACKED,
            auth=httpx.BasicAuth(settings.user, settings.password.get_secret_value()),
        )
        found = taken(response, self.connection)
        if not isinstance(found, Mapping) or not {"result", "error"} & found.keys():
            self._strange(method)
        if "error" in found:
            self._told(found["error"])
        return read(found["result"])

    def _told(self, error: Any) -> NoReturn:
        kind, rest = (
            (error[0], error[1]) if isinstance(error, list) and len(error) > 1 else ("", "")
        )
        if kind not in TOLD:
            raise Retry(
                f"Tryton failed: {str(kind)[:80] or 'it does not say how'}.",
                do="Nothing may be assumed done. Run this again; if it stays so, read its log.",
                connection=self.connection,
            )
        words = [rest] if isinstance(rest, str) else rest
        why = str(words[1 if kind == "UserWarning" else 0]).strip().rstrip(".")
        raise SkipRecord(
            f"Tryton refuses it: {why}.",
            do="Correct it there, or the record, and run this again.",
            connection=self.connection,
        )

    def _read(self, model: str, domain: Domain, fields: Sequence[str], **more: str) -> list[Raw]:
        asked = {"d": query(domain), "f": list(fields), **more}
        response = self._http.get(self._path(model), params=asked, headers=self._key)
        self.told_at = self.told_at or clock_of(response)
        found = self._answer(response)
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            self._strange(model)
        return found

    def _rest(
        self, method: str, path: str, record: Raw | None, fields: Sequence[str], **context: Any
    ) -> Any:
        known = query({"company": self.company["id"], **context})
        response = self._http.request(
            method,
            self._path(path),
            params={"f": list(fields)},
            content=None if record is None else body(record),
            headers={**self._key, **JSON, "x-tryton-context": known},
        )
        return self._answer(response)

    def _answer(self, response: httpx.Response) -> Any:
        if response.is_success and not response.content:
            return None
        return read(taken(response, self.connection, why=_why))

    def _path(self, rest: str) -> str:
        return f"/{self._settings.database}/rest/model/{rest}"

    def _one(self, found: Any, model: str) -> Raw:
        if not isinstance(found, Mapping) or not isinstance(found.get("id"), int):
            self._strange(model)
        return found

    def _strange(self, what: str) -> NoReturn:
        raise Retry(
            f"Tryton's answer about {what} is none we can use.",
            do="Run this again; if it stays so, Tryton has changed: tell us.",
            connection=self.connection,
        )


class Wizard:
    """One run of a wizard about a record; what it has done is committed with each step."""

    def __init__(self, api: Api, name: str, about: tuple[str, int]) -> None:
        self._api, self._name = api, name
        model, ref = about
        active = {"active_model": model, "active_id": ref, "active_ids": [ref]}
        self._context = {**active, "company": api.company["id"]}
        begun = api.call(f"wizard.{name}.create", self._context)
        self._id = begun[0] if isinstance(begun, list) and begun else None

    def step(self, data: Raw, state: str) -> Raw:
        found = self._api.call(f"wizard.{self._name}.execute", self._id, data, state, self._context)
        return found if isinstance(found, Mapping) else {}


def decimal_of(row: Raw, field: str) -> Decimal:
    """An amount Tryton must tell; raises `Retry` where it does not, as nobody can compare then."""
    value = row.get(field)
    if not isinstance(value, Decimal):
        raise Retry(
            f"Tryton tells no usable {field} of what it has: {str(value)[:40]!r}.",
            do="It is looked up again at the next run; if it stays so, Tryton changed: tell us.",
        )
    return value


def _why(found: Any) -> str:
    return str(found.get("message", "")) if isinstance(found, Mapping) else ""
