"""The client a connector works with: it stays with its host and answers, or raises a recovery."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import httpx

from tallystick.connector import Limits
from tallystick.errors import Retry, Stop
from tallystick.transport.answers import must_be_served, silent
from tallystick.transport.guard import Guarded
from tallystick.transport.pace import Pace, ours
from tallystick.transport.paced import Paced
from tallystick.transport.repeating import Repeating
from tallystick.transport.seats import Seats

CONNECT_S: Final = 10


@dataclass(frozen=True)
class Way:
    """The way of one connection to the network. `folder` keeps what its processes share;
    `secrets` are those of its settings."""

    connection: str
    folder: Path
    allow_private: bool = False
    secrets: Collection[str] = ()
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
        shared = self.folder / f"{self.connection}@{url.host}"
        network = self.transport or Guarded(self.connection, self.allow_private, limits.concurrency)
        paced = Paced(
            network,
            self.connection,
            Pace(shared, ours(limits), time.time_ns),
            Seats(shared, limits.concurrency),
        )
        return Client(self.connection, url, limits, Repeating(paced))


class Client(httpx.Client):
    """An httpx client for one host.

    It answers with any 2xx and with 4xx that speak of the request. It raises `Retry` after
    silence, 5xx and 429, and `Stop` for 401, 403, redirects and requests to another host.
    """

    def __init__(
        self, connection: str, base_url: httpx.URL, limits: Limits, transport: httpx.BaseTransport
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
        self._body_bytes_max = limits.body_bytes_max

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        if _origin(request.url) != self._origin:
            raise Stop(
                f"A request would go to {request.url.host}, which is not the host of this"
                " connection; its login is not carried there.",
                do="Correct the host in the settings, or tell the vendor of the wrong link.",
                connection=self._connection,
            )
        options["stream"] = True
        try:
            response = super().send(request, **options)
            answer = self._whole(response)
        except httpx.RequestError as error:
            # its own words may quote a header
            raise silent(error, request, self._connection) from None
        must_be_served(answer, self._connection)
        return answer

    def _whole(self, response: httpx.Response) -> httpx.Response:
        """The same answer with its body read; raises `Retry` when that is too long."""
        body = bytearray()
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._body_bytes_max:
                    raise Retry(
                        f"{response.request.url.host} answered with more than"
                        f" {self._body_bytes_max:,} bytes.",
                        do="Try again; if it stays so, ask the vendor what it sends.",
                        connection=self._connection,
                    )
        finally:
            response.close()
        packing = ("content-encoding", "content-length", "transfer-encoding")
        answer = httpx.Response(
            response.status_code,
            headers=[one for one in response.headers.multi_items() if one[0] not in packing],
            content=bytes(body),
            request=response.request,
            extensions={
                key: value for key, value in response.extensions.items() if key != "network_stream"
            },
        )
        answer.elapsed = response.elapsed
        return answer


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
