"""A host somebody configured is no door into the own network."""

from __future__ import annotations

from pathlib import Path

import httpcore
import pytest
from tests.transport.vendor import Answer, serving

from tallystick.connector import Limits
from tallystick.errors import Retry, Stop
from tallystick.transport.client import Way
from tallystick.transport.guard import GuardedBackend, is_public

INWARD = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "::127.0.0.1",
    "no address",
]


@pytest.mark.parametrize("address", INWARD)
def test_an_address_that_leads_inward_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_one_address_inward_among_others_is_enough_to_refuse() -> None:
    guard = GuardedBackend("psa", False, lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Stop, match=r"\[connection\.psa\]"):
        guard.connect_tcp("vendor.example", 443, timeout=0.01)


def test_the_address_judged_is_the_one_connected_to() -> None:
    """A second look-up would lead elsewhere: it is never made."""
    looked_up: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    with serving(lambda asked: Answer()) as vendor:
        port = int(vendor.url.rpartition(":")[2])
        guard = GuardedBackend("psa", True, rebinding)
        guard.connect_tcp("name.invalid", port, timeout=5).close()
    assert looked_up == ["name.invalid"]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with serving(lambda asked: Answer()) as vendor:
        port = int(vendor.url.rpartition(":")[2])
        guard = GuardedBackend("psa", True, lambda host, port: ["::1", "127.0.0.1"])
        guard.connect_tcp("name.invalid", port, timeout=5).close()


def test_a_name_that_leads_nowhere_is_no_connection() -> None:
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend("psa", False, lambda host, port: []).connect_tcp("name.invalid", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_the_own_machine_is_reached_only_where_the_connection_allows_it(
    tmp_path: Path, host: str
) -> None:
    with serving(lambda asked: Answer(body=b'{"ok": true}')) as vendor:
        url = vendor.url.replace("127.0.0.1", host)
        with pytest.raises(Stop, match=r"no address on the public internet.*allow_private"):
            Way("psa", tmp_path).open(url.replace("http:", "https:"), Limits()).get("x")
        assert not vendor.asked
        allowed = Way("psa", tmp_path, allow_private=True)
        assert allowed.open(url, Limits()).get("x").json() == {"ok": True}


def test_a_host_without_an_address_is_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    with pytest.raises(Retry, match="could not be reached: its name leads to no address"):
        Way("psa", tmp_path).open("https://name.invalid", Limits()).get("x")


def test_why_nobody_was_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: None)
    way = Way("psa", tmp_path, allow_private=True)
    with serving(lambda asked: Answer()) as vendor:
        plain = vendor.url.replace("http:", "https:")
        with pytest.raises(Retry, match=r"it does not speak https there.*Nothing was sent"):
            way.open(plain, Limits()).get("x")
    with pytest.raises(Retry, match="nothing takes connections there"):
        way.open(vendor.url, Limits()).get("x")
