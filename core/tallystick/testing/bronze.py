"""Bronze: a connector that reads, ends, fails as it should and keeps its secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO

import httpx

from tallystick.billing.models import SHIPPED
from tallystick.errors import Retry, Stop, TallystickError
from tallystick.records import ContractLine
from tallystick.testing import faults
from tallystick.testing.faults import Faulty
from tallystick.testing.reach import Reach, error_of, rule

ENDLESS = 200
"""A pull that makes so many requests of a vendor that repeats itself will not end."""
MIDWAY_MAX = 4
"""Of a pull, this many requests are broken off at, one after the other."""


class Bronze(Reach):
    @rule("bronze")
    def test_says_who_it_is(self) -> None:
        with self.session(self.vendor()) as session:
            said = session.whoami()
        assert said.strip(), "whoami says nothing"
        assert "\n" not in said, "whoami says more than one line"

    @rule("bronze")
    def test_everything_it_reads_maps(self) -> None:
        for kind in sorted(self.connector.reads):
            rows = self.pulled(self.vendor(), kind)
            assert rows, f"no {kind} came from the vendor of this test"
            for row in rows:
                record = self.record(kind, row.raw)
                if isinstance(record, ContractLine) and record.model in SHIPPED:
                    SHIPPED[record.model].read_terms(record)
            misread = self.misread({kind: [row.raw for row in rows]})
            assert not misread, "; ".join(map(str, misread))

    @rule("bronze")
    def test_no_float_comes_near_a_record(self) -> None:
        for kind in sorted(self.connector.reads):
            for row in self.pulled(self.vendor(), kind):
                assert not list(floats(row.raw)), f"{row.place} holds a float"

    @rule("bronze")
    def test_what_may_pass_is_a_retry(self) -> None:
        for name, fault in faults.TRANSIENT.items():
            self.fails_with(Retry, name, fault)

    @rule("bronze")
    def test_a_refused_login_stops(self) -> None:
        for name, fault in faults.REFUSED.items():
            self.fails_with(Stop, name, fault)
            with self.session(Faulty(self.vendor(), fault)) as session:
                assert isinstance(error_of(session.whoami), Stop), f"whoami got by with {name}"

    @rule("bronze")
    def test_a_pull_that_breaks_off_marks_nothing(self) -> None:
        """Whatever happens, and keeps happening, from whichever request of a pull on: what came
        before is as it would have come, and nothing of it says that this was all."""
        for kind in sorted(self.connector.reads):
            whole, asked = self.counted(kind)
            for nth in range(1, min(asked, MIDWAY_MAX)):
                for name, fault in faults.MIDWAY.items():
                    recovery = Stop if name in faults.REFUSED else Retry
                    seen, error = self.until_it_breaks(kind, Faulty(self.vendor(), fault, nth))
                    where = f"{kind}, {name} at request {nth}"
                    assert type(error) is recovery, f"{where}: {error!r} is no {recovery.__name__}"
                    assert seen == whole[: len(seen)], f"{where}: other rows than without it"
                    assert len(seen) < len(whole), f"{where}: it counts as read"

    @rule("bronze")
    def test_secrets_are_never_shown(self) -> None:
        secrets = [one.get_secret_value() for one in self.secrets()]
        printed = StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            shown = self._shown()
        shown.append(printed.getvalue())
        for secret in secrets:
            assert not [text for text in shown if secret in text], "a secret is shown"

    def _shown(self) -> list[str]:
        """Every repr and sentence of it, in good times and bad."""
        with self.session(self.vendor()) as session:
            shown = [repr(session), str(session), session.whoami()]
        shown += [repr(self.opened_settings()), repr(self.connector)]
        for fault in (*faults.TRANSIENT.values(), *faults.REFUSED.values()):
            for kind in sorted(self.connector.reads):
                error = self.error(kind, fault)
                shown += [str(error), repr(error), *map(str, getattr(error, "__notes__", ()))]
        return shown

    @rule("bronze")
    def test_a_vendor_that_repeats_itself_is_left(self) -> None:
        """Every request is answered as the first was: a page token that comes again and again must
        end the pull, with a sentence or for good."""
        for kind in sorted(self.connector.reads):
            stuck = _Stuck(self.vendor())
            error = error_of(partial(self.items, stuck, kind, None))
            assert stuck.asked < ENDLESS, f"{kind} is read for ever"
            assert error is None or isinstance(error, TallystickError), f"{kind}: {error!r}"


class _Stuck(httpx.BaseTransport):
    """Answers every request as the first one to the same path."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._first: dict[str, tuple[int, httpx.Headers, bytes]] = {}
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked += 1
        if self.asked > ENDLESS:
            raise AssertionError("it is asked again and again")
        path = request.url.path
        if path not in self._first:
            answer = self._inner.handle_request(request)
            self._first[path] = (answer.status_code, answer.headers, answer.read())
        code, headers, body = self._first[path]
        return httpx.Response(code, headers=headers, content=body, request=request)


def floats(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from floats(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from floats(one)
