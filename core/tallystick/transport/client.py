"""The client a connector works with: it stays with its host and answers, or raises a recovery."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import httpx

from tallystick.connector import Limits
from tallystick.errors import Stop
from tallystick.transport.answers import SECRETS, must_be_served, silent
from tallystick.transport.guard import Guarded
from tallystick.transport.pace import Pace, ours
from tallystick.transport.paced import Paced
from tallystick.transport.repeating import Repeating
from tallystick.transport.scrub import Secrets
from tallystick.transport.seats import Seats
from tallystick.transport.trace import Traced
from tallystick.transport.whole import Whole

CONNECT_S: Final = 10

for _library in ("httpx", "httpcore"):
    # they would log URLs and headers as they are
    logging.getLogger(_library).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Way:
    """The way of one connection to the network. `folder` keeps what its processes share;
    `secrets` are those of its settings."""

    connection: str
    folder: Path
    allow_private: bool = False
    secrets: Collection[str] = field(default=(), repr=False)
    trace: Path | None = None
    """The request log, where one is wished."""
    transport: httpx.BaseTransport | None = None
    """In the place of the network."""

    def open(self, base_url: str, limits: Limits) -> httpx.Client:
        """A client for `base_url`, `http(s)://host/...`; raises `Stop` when it is none."""
        try:
            url = httpx.URL(base_url)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in ("http", "https") or not url.host or url.userinfo:
            raise Stop(
                "The address of the vendor is no http or https URL with a plain host.",
                do="Correct it in the settings; a login belongs into settings of its own.",
                connection=self.connection,
            )
        if url.scheme == "http" and not self.allow_private:
            raise Stop(
                f"The login would go to {url.host} where everybody on the way can read it.",
                do="Write the address with https://; where it is your own server, write"
                f" `allow_private = true` under [connection.{self.connection}].",
                connection=self.connection,
            )
        shared = self.folder / f"{self.connection}@{url.host}"
        known = Secrets(self.secrets)
        network = self.transport or Guarded(
            self.connection, self.allow_private, limits.concurrency, url.scheme == "https"
        )
        if self.trace is not None:
            network = Traced(network, self.trace, self.connection, known)
        paced = Paced(
            network,
            self.connection,
            Pace(shared, ours(limits), time.time_ns),
            Seats(shared, limits.concurrency),
        )
        whole = Whole(paced, self.connection, limits.body_bytes_max)
        client = Client(self.connection, url, limits, Repeating(whole), known)
        if self.trace is not None:
            client.headers["accept-encoding"] = "identity"  # so that the log can be read
        return client


class Client(httpx.Client):
    """An httpx client for one host.

    It answers with any 2xx and with 4xx that speak of the request. It raises `Retry` after
    silence, 5xx and 429, and `Stop` for 401, 403, redirects and requests to another host.
    """

    def __init__(
        self,
        connection: str,
        base_url: httpx.URL,
        limits: Limits,
        transport: httpx.BaseTransport,
        secrets: Secrets,
    ) -> None:
        super().__init__(
            base_url=base_url,
            transport=transport,
            timeout=httpx.Timeout(limits.timeout_s, connect=min(CONNECT_S, limits.timeout_s)),
            headers={"user-agent": f"tallystick/{version('tallystick')}"},
            follow_redirects=False,
            trust_env=False,
        )
        self._connection = connection
        self._origin = _origin(base_url)
        self._secrets = secrets

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        if _origin(request.url) != self._origin:
            raise Stop(
                f"A request would go to {request.url.host}, which is not the host of this"
                " connection; its login is not carried there.",
                do="Correct the host in the settings, or tell the vendor of the wrong link.",
                connection=self._connection,
            )
        request.extensions[SECRETS] = self._secrets
        try:
            answer = super().send(request, **options)
        except httpx.RequestError as error:
            # its own words may quote a header
            raise silent(error, request, self._connection) from None
        # httpx has an answer and its stream hold each other: bodies would wait for the collector
        answer.stream = httpx.ByteStream(answer.content)
        must_be_served(answer, self._connection)
        return answer


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
