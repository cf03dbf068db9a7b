"""Which addresses a connection may reach: a configurable host is no door into the own network.

The name is looked up here, every address is judged, and the one judged is the one connected to,
so a name that leads elsewhere a second later gains nothing. TLS still proves the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final

import httpcore
import httpx

from tallystick.errors import Stop

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[[str, int], Sequence[str]]

KEPT_OPEN_S: Final = 30.0
NO_ADDRESS: Final = "has no address"
NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""IPv6 spellings of IPv4 addresses at a translator (RFC 6052, RFC 8215)."""


def look_up(host: str, port: int) -> list[str]:
    """The addresses of `host`, in the order to try them; none where the name is unknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether `address` is somebody's on the internet: neither this machine's, a private
    network's, a carrier's (100.64.0.0/10), nor another spelling of one of these."""
    try:
        one: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour
        if inner is not None:
            return is_public(str(inner))
        if one.teredo is not None or any(one in network for network in NAT64):
            return False
    return one.is_global and not one.is_multicast and not one.is_reserved


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, unless `allow_private`."""

    def __init__(self, connection: str, allow_private: bool, look_up: LookUp = look_up) -> None:
        self._connection = connection
        self._allow_private = allow_private
        self._look_up = look_up
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._look_up(host, port)
        if not addresses:
            raise httpcore.ConnectError(f"{host} {NO_ADDRESS}")
        private = [one for one in addresses if not is_public(one)]
        if private and not self._allow_private:
            raise Stop(
                f"{host} leads to {private[0]}, which is no address on the public internet.",
                do="Correct the host in the connection's settings; where it is your own server,"
                f" write `allow_private = true` under [connection.{self._connection}].",
                connection=self._connection,
            )
        *others, last = addresses
        for address in others:
            try:
                return self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._inner.connect_tcp(last, port, timeout, local_address, socket_options)


class Guarded(httpx.HTTPTransport):
    """httpx's transport, connecting through a `GuardedBackend`. Own certificates are those that
    SSL_CERT_FILE or SSL_CERT_DIR name; proxies are not used."""

    def __init__(self, connection: str, allow_private: bool, concurrency: int, tls: bool) -> None:
        # httpx's own would read all certificates anew, which takes longer than most requests
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates() if tls else None,
            max_connections=concurrency,
            max_keepalive_connections=concurrency,
            keepalive_expiry=KEPT_OPEN_S,
            network_backend=GuardedBackend(connection, allow_private),
        )


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
