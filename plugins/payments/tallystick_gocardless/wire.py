"""How requests leave for GoCardless, and what its answers and refusals are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import msgspec

from tallystick.connector import Context, Raw
from tallystick.errors import Retry, SkipRecord
from tallystick.transport.answers import json_of, refused
from tallystick.transport.paging import Linked, linked
from tallystick_gocardless.objects import told
from tallystick_gocardless.settings import API_VERSION, LIMITS, GoCardlessSettings

T = TypeVar("T")
PAGE = 500
"""The most GoCardless lists at once."""


class Conflict(Exception):
    """Something was made under this idempotency key before: `made` is its id."""

    def __init__(self, made: str) -> None:
        super().__init__(made)
        self.made = made

    def unlike(self, connection: str, record: str, key: str) -> Retry:
        """What to say where what was made is not what `key` is for."""
        return Retry(
            f"GoCardless holds another request under this key: {self.made}.",
            do="It is asked about at the next run; look at it in GoCardless' dashboard.",
            connection=connection,
            record=record,
            ref=key,
        )


class Refused(SkipRecord):
    """GoCardless does not take a request as it is; `reasons` are its words for why."""

    reasons: frozenset[str] = frozenset()


class Api:
    """Requests of one account. `envelope` is the plural by which GoCardless wraps an object."""

    def __init__(self, settings: GoCardlessSettings, context: Context) -> None:
        self.connection = context.connection
        self._http = context.http(settings.url, LIMITS)
        token = settings.access_token.get_secret_value()
        self._http.headers["authorization"] = f"Bearer {token}"
        self._http.headers["gocardless-version"] = API_VERSION

    def get(self, envelope: str, id_: str, as_: type[T]) -> T | None:
        """The object `id_`; None where there is none."""
        response = self._http.get(f"{envelope}/{id_}")
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        return self._read(self._part(self._taken(response), envelope), as_)

    def create(self, envelope: str, body: Mapping[str, Any], as_: type[T], *, key: str | None) -> T:
        """Make one under `key`; raises `Conflict` where the key has made one before, `Refused`
        where it cannot be made. Without a key it does no harm to make it twice."""
        response = self._http.post(
            envelope,
            json={envelope: body},
            headers={"idempotency-key": key} if key else {},
            extensions={"repeatable": True},
        )
        return self._read(self._part(self._taken(response), envelope), as_)

    def update(self, envelope: str, id_: str, body: Mapping[str, Any], as_: type[T]) -> T:
        """Have these fields of `id_` as in `body`."""
        response = self._http.put(
            f"{envelope}/{id_}", json={envelope: body}, extensions={"repeatable": True}
        )
        return self._read(self._part(self._taken(response), envelope), as_)

    def act(self, envelope: str, id_: str, action: str, as_: type[T]) -> T:
        """An action that has its effect once however often it is asked for."""
        response = self._http.post(
            f"{envelope}/{id_}/actions/{action}", json={}, extensions={"repeatable": True}
        )
        return self._read(self._part(self._taken(response), envelope), as_)

    def list(self, envelope: str, as_: type[T], **filters: str) -> Iterator[T]:
        """Everything that fits, newest first."""
        return (self._read(row, as_) for row in self.rows(envelope, **filters))

    def rows(self, envelope: str, **filters: str) -> Iterator[Raw]:
        def page(after: str | None) -> Linked[str]:
            asked = {**filters, "limit": str(PAGE), **({"after": after} if after else {})}
            answer = self._taken(self._http.get(envelope, params=asked))
            cursors = (answer.get("meta") or {}).get("cursors") or {}
            return Linked(self._part(answer, envelope), cursors.get("after"))

        return linked(page, self.connection)

    def _taken(self, response: httpx.Response) -> dict[str, Any]:
        """The body of a 2xx."""
        answer = json_of(response, self.connection)
        if not isinstance(answer, dict):
            raise self._unreadable("it is no object")
        if not response.is_success:
            raise self._refusal(response, answer)
        return answer

    def _part(self, answer: Mapping[str, Any], envelope: str) -> Any:
        if envelope not in answer:
            raise self._unreadable(f"it has no `{envelope}`")
        return answer[envelope]

    def _refusal(self, response: httpx.Response, answer: Mapping[str, Any]) -> Exception:
        problem = answer.get("error")
        errors = problem.get("errors") if isinstance(problem, dict) else None
        listed = [one for one in errors or [] if isinstance(one, dict)]
        reasons = frozenset(str(one["reason"]) for one in listed if one.get("reason"))
        if "idempotent_creation_conflict" in reasons:
            made = [one["links"]["conflicting_resource_id"] for one in listed if one.get("links")]
            return Conflict(str(made[0])) if made else self._unreadable("it names no conflict")
        fields = [f"{one['field']} {one.get('message')}" for one in listed if one.get("field")]
        why = ", ".join(fields) or str(problem.get("message") if isinstance(problem, dict) else "")
        said = refused(response, self.connection, why=why)
        error = Refused(said.what, do=said.do, connection=self.connection)
        error.reasons = reasons
        return error

    def _read(self, value: Any, as_: type[T]) -> T:
        try:
            return told(value, as_)
        except msgspec.ValidationError as error:
            raise self._unreadable(str(error)) from None

    def _unreadable(self, why: str) -> Retry:
        return Retry(
            f"GoCardless' answer cannot be read: {why}.",
            do="Try again; if it stays, GoCardless has changed its answers and Tallystick must"
            " follow.",
            connection=self.connection,
        )
