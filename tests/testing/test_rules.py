"""Every rule of the kit notices what it is for: one connector keeps them all, and for each rule one
breaks it."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from tallystick.connector import (
    Broken,
    Connector,
    Context,
    Cursor,
    Limits,
    Pulled,
    Quota,
    Raw,
    Ref,
    row_of,
)
from tallystick.errors import Retry, SkipRecord
from tallystick.mapping import MappingFile
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.desk import Desk
from tallystick.transport.answers import json_of, refused
from tallystick.transport.paging import Page, numbered
from tallystick_files.settings import FilesSettings

LIMITS = Limits(quotas=(Quota(300, seconds=60),))


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr


class Session:
    """Keeps every rule."""

    limits: ClassVar[Limits] = LIMITS

    def __init__(self, settings: Settings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._http = context.http("https://desk.example", self.limits)
        self._http.headers["authorization"] = f"Bearer {settings.token.get_secret_value()}"

    def whoami(self) -> str:
        return str(self._get("/v1/me", {})["account"])

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        asked = {"changed_since": since} if since else {}
        for raw in self.rows(asked):
            row = row_of(raw, record)
            yield row if isinstance(row, Broken) else Pulled(self.told(raw), row.place)
        yield Cursor(self.until())

    def until(self) -> str:
        return "2026-09-01T00:00:00Z"

    def rows(self, asked: dict[str, str]) -> Iterator[Raw]:
        def page(number: int) -> Page:
            found = self._get("/v1/companies", {**asked, "page": str(number)})
            return Page(found["items"], found["total"])

        return numbered(page, self._context.connection)

    def told(self, raw: Raw) -> Raw:
        return {"id": str(raw["id"]), "name": raw["name"], "payment_terms_days": 14}

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        response = self._http.post("/v1/devices", json={**raw, "external_ref": key})
        if response.is_error:
            raise refused(response, self._context.connection)
        taken = json_of(response, self._context.connection)
        return Ref(str(taken["id"]), taken)

    def find(self, record: str, key: str) -> Ref | None:
        items = self._get("/v1/devices", {"external_ref": key})["items"]
        return Ref(str(items[0]["id"]), items[0]) if items else None

    def _get(self, path: str, query: dict[str, str]) -> Any:
        response = self._http.get(path, params=query)
        if response.is_error:
            raise refused(response, self._context.connection)
        return json_of(response, self._context.connection)


CONNECTOR = Connector(
    name="desk",
    shelf="psa",
    settings=Settings,
    open=Session,
    reads=frozenset({"client"}),
    writes=frozenset({"asset"}),
    mappings=None,
    tier="silver",
)


class Kit(ConnectorContract):
    """The kit over the desk; not collected by itself, as its name does not begin with Test."""

    connector = CONNECTOR
    settings: ClassVar[dict[str, str]] = {"token": "sesame"}
    pushes: ClassVar[dict[str, Raw]] = {"asset": {"name": "PC-01"}}

    def vendor(self) -> Desk:
        return Desk()

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Desk)
        return len(vendor.devices)

    def conforms(self, request: httpx.Request) -> None:
        assert request.url.path.startswith("/v1/")


RULES = [name for name in dir(Kit) if name.startswith("test_")]


@pytest.mark.parametrize("rule", [name for name in RULES if "readme" not in name])
def test_a_connector_that_keeps_the_rules_passes(rule: str) -> None:
    class Gold(Kit):
        connector = replace(CONNECTOR, tier="gold")

    getattr(Gold(), rule)()


def test_rules_above_the_declared_tier_are_skipped() -> None:
    with pytest.raises(unittest.SkipTest, match="gold is above the declared silver"):
        Kit().test_it_keeps_to_the_vendors_quota()


def test_what_a_vendor_makes_impossible_is_skipped_with_its_reason() -> None:
    class Exempt(Kit):
        exempt: ClassVar[dict[str, str]] = {"since_narrows": "the desk tells no change dates"}

    with pytest.raises(unittest.SkipTest, match="the desk tells no change dates"):
        Exempt().test_since_narrows()


class SaysNothing(Session):
    def whoami(self) -> str:
        self._get("/v1/me", {})
        return " "


class DoesNotMap(Session):
    def told(self, raw: Raw) -> Raw:
        return {"id": str(raw["id"])}


class Floats(Session):
    def told(self, raw: Raw) -> Raw:
        return {**super().told(raw), "share": 0.5}


class TakesHtmlForNothing(Session):
    def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            return super()._get(path, query)
        except Retry:
            return {"items": [], "total": 0, "account": "?"}


class TellsItsLoginOnlyLater(Session):
    def whoami(self) -> str:
        return "the desk"


class ShowsItsToken(Session):
    def __repr__(self) -> str:
        return f"Session({self._settings.token.get_secret_value()})"


class ReadsForEver(Session):
    def rows(self, asked: dict[str, str]) -> Iterator[Raw]:
        number = 1
        while True:
            items = self._get("/v1/companies", {**asked, "page": str(number)})["items"]
            if not items:
                return
            yield from items
            number += 1


class EndsWhereItBreaks(Session):
    def rows(self, asked: dict[str, str]) -> Iterator[Raw]:
        read = 0
        try:
            for raw in super().rows(asked):
                read += 1
                yield raw
        except Retry:
            if not read:
                raise


class LeavesOutWhatIsNone(Session):
    def rows(self, asked: dict[str, str]) -> Iterator[Raw]:
        return (raw for raw in super().rows(asked) if isinstance(raw, dict))


class GoesByOurClock(Session):
    def until(self) -> str:
        return self._context.now().isoformat()


class ReadsEverythingAlways(Session):
    def rows(self, asked: dict[str, str]) -> Iterator[Raw]:
        return super().rows({})


class ForgetsItsKey(Session):
    def push(self, record: str, raw: Raw, key: str) -> Ref:
        return super().push(record, raw, f"{key}-{id(self)}")


class SendsTwice(Session):
    def push(self, record: str, raw: Raw, key: str) -> Ref:
        try:
            return super().push(record, raw, key)
        except Retry:
            return super().push(record, raw, key)


class HasNoQuota(Session):
    limits = Limits()


BROKEN: dict[str, tuple[type[Session], str]] = {
    "test_says_who_it_is": (SaysNothing, "whoami says nothing"),
    "test_everything_it_reads_maps": (DoesNotMap, "name"),
    "test_no_float_comes_near_a_record": (Floats, "holds a float"),
    "test_what_may_pass_is_a_retry": (TakesHtmlForNothing, "is no Retry"),
    "test_a_refused_login_stops": (TellsItsLoginOnlyLater, "whoami got by with 401"),
    "test_secrets_are_never_shown": (ShowsItsToken, "a secret is shown"),
    "test_a_vendor_that_repeats_itself_is_left": (ReadsForEver, "client"),
    "test_a_pull_that_breaks_off_marks_nothing": (EndsWhereItBreaks, "request 1: None is no Retry"),
    "test_an_item_that_is_none_is_told": (LeavesOutWhatIsNone, "dropped in silence"),
    "test_a_wrong_clock_of_ours_misses_nothing": (GoesByOurClock, "client goes by our clock"),
    "test_since_narrows": (ReadsEverythingAlways, "is as much as everything"),
    "test_the_same_key_twice_has_one_effect": (ForgetsItsKey, "not found by its key"),
    "test_an_answer_that_was_lost_doubles_nothing": (SendsTwice, "answer 0 lost"),
    "test_it_keeps_to_the_vendors_quota": (HasNoQuota, "a client without a quota"),
}
"""A connector that breaks the rule, and what the rule says of it."""


def broken(kind: type[Session], **changed: Any) -> Kit:
    class Breaking(Kit):
        connector = replace(CONNECTOR, tier="gold", open=kind, **changed)

    return Breaking()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_connector_that_breaks_the_rule_fails_it(rule: str) -> None:
    kind, said = BROKEN[rule]
    with pytest.raises((AssertionError, SkipRecord), match=said):
        getattr(broken(kind), rule)()


def test_a_mapping_that_makes_zero_of_what_it_cannot_read_fails() -> None:
    class Drifting(Kit):
        connector = replace(CONNECTOR, mappings=None)

        def read(self, kind: str, reader: Any, raw: Raw) -> Any:
            try:
                return super().read(kind, reader, raw) or self.record(
                    kind, {"id": "7", "name": "x", "payment_terms_days": 0}
                )
            except Exception:  # noqa: BLE001 - as the careless connector would
                return None

    with pytest.raises(AssertionError, match="payment_terms_days became 0"):
        Drifting().test_a_field_that_drifts_is_never_a_silent_zero()


def test_a_path_that_is_misspelt_fails() -> None:
    class Misspelt(Kit):
        def mapping(self) -> list[MappingFile]:
            text = '[client]\nid = "id"\nname = "name"\ncity = "payment_term_days"\n'
            return [MappingFile("mine.toml", text)]

    with pytest.raises(AssertionError, match=r"mine\.toml:4.*Did you mean 'payment_terms_days'"):
        Misspelt().test_everything_it_reads_maps()


def test_a_secret_that_is_printed_is_shown() -> None:
    class Prints(Session):
        def whoami(self) -> str:
            sys.stderr.write(f"asking with {self._settings.token.get_secret_value()}")
            return super().whoami()

    with pytest.raises(AssertionError, match="a secret is shown"):
        broken(Prints).test_secrets_are_never_shown()


def test_a_line_that_its_model_cannot_price_fails() -> None:
    class SellsOddly(Session):
        def told(self, raw: Raw) -> Raw:
            named = {"id": str(raw["id"]), "contract": "1", "description": "Seats"}
            return {**named, "model": "fixed", "terms": {"unit_prize": "5.00"}}

    odd = broken(SellsOddly, reads=frozenset({"contract_line"}))
    with pytest.raises(SkipRecord, match="unit_prize"):
        odd.test_everything_it_reads_maps()


def test_a_kind_it_writes_and_nobody_tries_fails() -> None:
    with pytest.raises(AssertionError, match="`pushes` has no ticket"):
        broken(Session, writes=frozenset({"asset", "ticket"})).test_everything_it_writes_is_tried()


def test_a_request_outside_the_specification_fails() -> None:
    class Strict(Kit):
        connector = replace(CONNECTOR, tier="gold")

        def conforms(self, request: httpx.Request) -> None:
            assert "page" not in request.url.params, "the vendor knows no page"

    with pytest.raises(AssertionError, match="the vendor knows no page"):
        Strict().test_requests_are_what_the_vendor_specifies()


def test_a_readme_that_hides_a_record_fails() -> None:
    hiding = broken(Session, settings=FilesSettings, reads=frozenset({"dispute"}))
    with pytest.raises(AssertionError, match=r"does not mention .*dispute"):
        hiding.test_its_readme_names_what_it_reads_and_writes()


def test_every_rule_has_its_connector_that_breaks_it() -> None:
    by_hand: set[str] = {
        "test_a_field_that_drifts_is_never_a_silent_zero",
        "test_everything_it_writes_is_tried",
        "test_requests_are_what_the_vendor_specifies",
        "test_its_readme_names_what_it_reads_and_writes",
    }
    assert BROKEN.keys() | by_hand == set(RULES)


def test_the_desk_refuses_what_it_should() -> None:
    ask: Callable[..., tuple[int, Any]] = Desk().answer
    assert ask("GET", "/v1/me", {}, "", b"")[0] == 401
    assert ask("POST", "/v1/devices", {}, "Bearer sesame", b"{}")[0] == 422
    assert ask("GET", "/v1/nothing", {}, "Bearer sesame", b"")[0] == 404
