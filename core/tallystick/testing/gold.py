"""Gold: a connector that is a good guest at the vendor's, and well described."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tallystick.connector.page import page_of
from tallystick.testing.reach import Reach, rule


class Gold(Reach):
    @rule("gold")
    def test_requests_are_what_the_vendor_specifies(self) -> None:
        heard = _Heard(self.vendor(), self.conforms)
        for kind in sorted(self.connector.reads):
            self.items(heard, kind, None)
        for kind in sorted(self.connector.writes & self.pushes.keys()):
            with self.sink(heard) as sink:
                sink.push(kind, self.pushes[kind], "key-1")
                sink.find(kind, "key-1")
        assert heard.asked, "nothing was asked"

    @rule("gold")
    def test_it_keeps_to_the_vendors_quota(self) -> None:
        with self.session(self.vendor()) as session:
            session.whoami()
        assert self.limits, "no client was asked for"
        assert all(one.quotas for one in self.limits), "a client without a quota"

    @rule("gold")
    def test_its_readme_names_what_it_reads_and_writes(self) -> None:
        readme = page_of(self.connector)
        left = [kind for kind in self.connector.reads | self.connector.writes if kind not in readme]
        assert not left, f"README.md does not mention {', '.join(sorted(left))}"


class _Heard(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, heard: Callable[[httpx.Request], None]) -> None:
        self._inner, self._heard = inner, heard
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked += 1
        self._heard(request)
        return self._inner.handle_request(request)
