"""How the rules of the conformance kit reach a connector: its session, with a vendor of ours."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr

from tallystick.connector import (
    Connector,
    Context,
    Limits,
    Pulled,
    Raw,
    Session,
    Sink,
    Source,
    Tier,
)
from tallystick.errors import Problem, SkipRecord, TallystickError
from tallystick.mapping import MappingFile, check_mapping, load_mapping
from tallystick.records import KINDS, Record
from tallystick.sync.border import Reader, admit
from tallystick.testing.faults import Answer, Faulty, lost_before
from tallystick.transport.client import Client
from tallystick.transport.scrub import Secrets
from tallystick.transport.whole import Whole

TIERS: tuple[Tier, ...] = ("bronze", "silver", "gold")
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
READ_BY = "; `taken` of tallystick.transport.answers reads an answer and raises what it says"
ZONE = ZoneInfo("Europe/Berlin")
Test = TypeVar("Test", bound=Callable[[Any], None])


def rule(tier: Tier) -> Callable[[Test], Test]:
    """Marks a test as a rule of `tier`."""

    def marked(test: Test) -> Test:
        def checked(self: Reach) -> None:
            __tracebackhide__ = True
            name = test.__name__.removeprefix("test_")
            if why := self.exempt.get(name):
                raise unittest.SkipTest(f"exempt: {why}")
            if TIERS.index(tier) > TIERS.index(self.connector.tier):
                raise unittest.SkipTest(f"{tier} is above the declared {self.connector.tier}")
            test(self)

        checked.__name__, checked.__doc__ = test.__name__, test.__doc__
        return checked  # type: ignore[return-value]  # the same call, checked before

    return marked


class Reach:
    """What a vendor's test gives, and the tests use."""

    connector: ClassVar[Connector[Any]]
    settings: ClassVar[Mapping[str, Any]]
    exempt: ClassVar[Mapping[str, str]] = {}
    clock: datetime = NOW
    """What our clock shows."""
    pushes: ClassVar[Mapping[str, Raw]] = {}

    def vendor(self) -> httpx.BaseTransport:
        """What answers in place of the vendor, fresh for every test: a `Tape`, or a service that
        remembers."""
        raise NotImplementedError

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        """How many records of a kind the vendor has taken from us."""
        raise NotImplementedError

    def conforms(self, request: httpx.Request) -> None:
        """Raises when a request is not what the vendor's own specification allows."""
        raise NotImplementedError

    def opened_settings(self) -> Any:
        return self.connector.settings.model_validate(dict(self.settings))

    def secrets(self) -> list[SecretStr]:
        values = vars(self.opened_settings()).values()
        return [one for one in values if isinstance(one, SecretStr) and one.get_secret_value()]

    @contextmanager
    def session(self, vendor: httpx.BaseTransport) -> Iterator[Session]:
        self.limits: list[Limits] = []

        def http(base_url: str, limits: Limits) -> httpx.Client:
            self.limits.append(limits)
            whole = Whole(vendor, self.connector.name, limits.body_bytes_max)
            known = Secrets(one.get_secret_value() for one in self.secrets())
            return Client(self.connector.name, httpx.URL(base_url), limits, whole, known)

        with TemporaryDirectory() as folder:
            context = Context(self.connector.name, Path(folder), lambda: self.clock, http)
            yield self.connector.open(self.opened_settings(), context)

    @contextmanager
    def sink(self, vendor: httpx.BaseTransport) -> Iterator[Sink]:
        with self.session(vendor) as session:
            assert isinstance(session, Sink), "`writes` is declared and nothing is written"
            yield session

    def items(self, vendor: httpx.BaseTransport, kind: str, since: str | None) -> Sequence[Any]:
        with self.session(vendor) as session:
            assert isinstance(session, Source), f"{kind} is declared and nothing is read"
            return list(session.pull(kind, since))

    def pulled(self, vendor: httpx.BaseTransport, kind: str) -> list[Pulled]:
        return [item for item in self.items(vendor, kind, None) if isinstance(item, Pulled)]

    def counted(self, kind: str) -> tuple[Sequence[Any], int]:
        """What a pull yields, and how many requests it takes."""
        counting = Faulty(self.vendor(), lost_before, first=1_000_000)
        return self.items(counting, kind, None), counting.asked

    def until_it_breaks(
        self, kind: str, vendor: httpx.BaseTransport
    ) -> tuple[Sequence[Any], Exception | None]:
        """What a pull yields until its error, and that."""
        seen: list[Any] = []
        with self.session(vendor) as session:
            assert isinstance(session, Source), f"{kind} is declared and nothing is read"
            return seen, error_of(lambda: seen.extend(session.pull(kind, None)))

    def error(self, kind: str, fault: Answer) -> Exception | None:
        return error_of(lambda: self.items(Faulty(self.vendor(), fault), kind, None))

    def fails_with(self, recovery: type[TallystickError], name: str, fault: Answer) -> None:
        for kind in sorted(self.connector.reads):
            error = self.error(kind, fault)
            wrong = f"{kind}, {name}: {error!r} is no {recovery.__name__}{READ_BY}"
            assert isinstance(error, TallystickError), wrong
            assert type(error) is recovery, wrong
            assert error.do, f"{kind}, {name}: the error says nothing to do"

    def requests_of_push(self, kind: str) -> int:
        counted = Faulty(self.vendor(), lost_before, first=1_000_000)
        with self.sink(counted) as sink:
            sink.push(kind, self.pushes[kind], "key-1")
        return counted.asked

    def reader(self, kind: str) -> Reader | None:
        mapping = self.mapping()
        return load_mapping(mapping, {})[kind] if mapping else None

    def misread(self, samples: Mapping[str, Sequence[Raw]]) -> list[Problem]:
        """Paths of the mapping that none of the rows has, where one of them is spelled nearly so:
        a field that may be empty would be so for ever."""
        found = check_mapping(self.mapping(), samples)
        return [one for one in found if "Did you mean" in one.what]

    def mapping(self) -> list[MappingFile]:
        if self.connector.mappings is None:
            return []
        package, _, name = self.connector.mappings.partition("/")
        text = files(package).joinpath(name).read_text(encoding="utf-8")
        return [MappingFile(self.connector.mappings, text)]

    def record(self, kind: str, raw: Raw) -> Record:
        reader = self.reader(kind)
        return admit(kind, KINDS[kind], reader.read(raw) if reader else raw, ZONE)

    def read(self, kind: str, reader: Reader | None, raw: Raw) -> Record | None:
        """The record of `raw`, None where it is set aside."""
        try:
            return admit(kind, KINDS[kind], reader.read(raw) if reader else raw, ZONE)
        except SkipRecord:
            return None


def error_of(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is, the rule judges it
        return error
    return None
