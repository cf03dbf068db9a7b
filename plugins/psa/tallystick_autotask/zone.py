"""Which of Autotask's zones a login lives in, and the login itself."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import httpx

from tallystick.connector import Context
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.transport.answers import json_of, taken
from tallystick_autotask.settings import LIMITS, AutotaskSettings

ROOT = "/ATServicesRest"


class AnsweredError(Exception):
    """An answer to be read before it becomes a recovery: a refused login may only have moved to
    another zone, and a 500 may say what is wrong with a record."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Login(httpx.Auth):
    """The three headers of every request."""

    requires_response_body = True

    def __init__(self, settings: AutotaskSettings) -> None:
        self._settings = settings

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ApiIntegrationCode": self._settings.integration_code.get_secret_value(),
            "UserName": self._settings.user,
            "Secret": self._settings.secret.get_secret_value(),
        }

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.update(self.headers)
        response = yield request
        refused = response.status_code == httpx.codes.UNAUTHORIZED
        if refused or (_is_write(request) and is_about_the_record(response)):
            raise AnsweredError(response)


class Zones:
    def __init__(self, settings: AutotaskSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._login = Login(settings)
        self._http = context.http(settings.url, LIMITS)

    def find(self) -> httpx.Client:
        """A client for the zone the user lives in now."""
        response = self._http.get(
            f"{ROOT}/V1.0/ZoneInformation",
            params={"user": self._settings.user},
            headers=self._login.headers,
            auth=None,
        )
        found = taken(response, self._context.connection)
        told = found.get("url") if isinstance(found, Mapping) else None
        client = self._context.http(self._own(told), LIMITS)
        client.auth = self._login
        return client

    def _own(self, told: object) -> str:
        """The address of a zone, which lies beside the one that was asked: the login goes nowhere
        else."""
        try:
            zone = httpx.URL(told if isinstance(told, str) else "")
        except httpx.InvalidURL:
            zone = httpx.URL("")
        if not zone.host:
            raise Retry(
                f"{self._http.base_url.host} does not say in which zone this user lives.",
                do="Run this again; if it stays so, check `user`.",
                connection=self._context.connection,
            )
        asked = self._http.base_url
        if zone.scheme != asked.scheme or _domain(zone) != _domain(asked):
            raise Stop(
                f"{asked.host} sends this user to {zone.host}, which is not Autotask's.",
                do="Nothing of the login went there. Check `url` of the connection, and tell"
                " Autotask.",
                connection=self._context.connection,
            )
        return str(zone).rstrip("/")


def _domain(url: httpx.URL) -> str:
    return url.host.partition(".")[2]


def _is_write(request: httpx.Request) -> bool:
    return request.method != "GET" and "/query" not in request.url.path


def is_about_the_record(response: httpx.Response) -> bool:
    """Whether a 500 is Autotask's way of refusing a record: it then lists what is wrong with it."""
    if response.status_code != httpx.codes.INTERNAL_SERVER_ERROR:
        return False
    try:
        return bool(why(json_of(response, "")))
    except (SkipRecord, Retry):
        return False


def why(said: Any) -> str:
    """`{"errors": ["...", ...]}` as words."""
    errors = said.get("errors") if isinstance(said, Mapping) else None
    return "; ".join(map(str, errors)) if isinstance(errors, list) else ""
