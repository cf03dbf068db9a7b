"""Plugins come and fail alone: what is broken is named, and the others work on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import BaseModel

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.proposal import Objection, Proposal, compose
from tallystick.billing.tax.rates import Taxing, TaxLine, TaxRate
from tallystick.connector import Connector, Context, Session
from tallystick.errors import Stop
from tallystick.hookspecs import hookimpl
from tallystick.money import Money
from tallystick.period import month
from tallystick.plugins import GROUP, Plugins
from tallystick.records import Client


class NoSettings(BaseModel):
    pass


def never_opened(settings: NoSettings, context: Context) -> Session:
    raise AssertionError("no test opens a session")


def connector(name: str) -> Connector[NoSettings]:
    return Connector(
        name=name,
        shelf="psa",
        settings=NoSettings,
        open=never_opened,
        reads=frozenset({"ticket"}),
        writes=frozenset(),
        mappings=None,
        tier="bronze",
    )


def bringing(*names: str) -> object:
    """A plugin with connectors of these names."""

    class Bringing:
        @hookimpl
        def tallystick_connectors(self) -> Iterable[Connector[Any]]:
            return [connector(name) for name in names]

    return Bringing()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], EntryPoint]:
    """Write a module that can be imported, and give the entry point that names it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, source: str) -> EntryPoint:
        module = f"tallystick_test_{tmp_path.name}_{name}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        return EntryPoint(name, module, GROUP)

    return write


GOOD = """
from tallystick.hookspecs import hookimpl
from types import SimpleNamespace

@hookimpl
def tallystick_converters():
    return [SimpleNamespace(name="good")]
"""
BROKEN = {
    "raises": ("raise RuntimeError('no licence key')", "RuntimeError: no licence key"),
    "lacks": ("import no_such_module_anywhere", "ModuleNotFoundError: No module named"),
    "garbled": ("def (:", "SyntaxError"),
    "misspells": (GOOD.replace("_converters", "_convertors"), "unknown hook"),
    "mistakes": (
        GOOD + "@hookimpl\ndef tallystick_invoice_issued(invoice_no): pass",
        "invoice_no",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_nobody_named_is_listed_and_skipped(
    install: Callable[[str, str], EntryPoint], name: str
) -> None:
    source, reason = BROKEN[name]
    broken = install(name, source)
    plugins = Plugins([broken, install("zgood", GOOD)])
    assert list(plugins.converters()) == ["good"]
    assert list(plugins.broken) == [name]
    problem = plugins.broken[name]
    assert problem.place == f"plugin {name} ({broken.value})"
    assert reason in problem.what
    assert problem.do == "Reinstall or remove the package that brings it."


@pytest.mark.parametrize("name", BROKEN)
def test_a_plugin_that_is_half_right_is_not_used_at_all(
    install: Callable[[str, str], EntryPoint], name: str
) -> None:
    assert Plugins([install(name, BROKEN[name][0])]).converters() == {}


def test_a_broken_plugin_the_config_names_stops_the_run(
    install: Callable[[str, str], EntryPoint],
) -> None:
    plugins = Plugins([install("acme", "raise RuntimeError('no licence key')")])
    with pytest.raises(Stop, match=r"plugin acme .*RuntimeError: no licence key.*tallystick\.toml"):
        plugins.connector("acme")


def test_a_connector_that_fails_when_asked_for_stops_only_those_who_named_it() -> None:
    class Failing:
        @hookimpl
        def tallystick_connectors(self) -> Iterable[Connector[Any]]:
            yield connector("early")
            raise OSError("disk on fire")

    plugins = Plugins([])
    plugins.register(Failing(), "acme")
    plugins.register(bringing("files"), "files")
    assert list(plugins.connectors()) == ["files"]
    with pytest.raises(Stop, match=r"plugin acme: tallystick_connectors failed: OSError: disk on"):
        plugins.connector("acme")
    with pytest.raises(Stop, match=r"no connector 'early'; installed are files, broken are acme"):
        plugins.connector("early")


def test_a_connector_is_found_by_name() -> None:
    plugins = Plugins([])
    plugins.register(bringing("redmine", "jira"), "desks")
    plugins.register(bringing("files"), "files")
    assert set(plugins.connectors()) == {"redmine", "jira", "files"}
    assert plugins.connector("jira").name == "jira"


def test_a_connector_nobody_brings_is_answered_with_those_there_are() -> None:
    plugins = Plugins([])
    plugins.register(bringing("redmine", "jira"), "desks")
    with pytest.raises(Stop, match=r"no connector 'halo'; installed are jira, redmine\. Correct"):
        plugins.connector("halo")


def test_two_plugins_with_one_name_are_both_named() -> None:
    plugins = Plugins([])
    plugins.register(bringing("jira"), "acme")
    plugins.register(bringing("jira"), "zenith")
    with pytest.raises(Stop, match=r"Plugins acme and zenith both bring 'jira'\. Remove one"):
        plugins.connectors()


@pytest.mark.parametrize("hook", ["charge_models", "converters"])
def test_charge_models_and_converters_are_collected_by_name(hook: str) -> None:
    brought = SimpleNamespace(name="acme")
    plugin = SimpleNamespace(**{f"tallystick_{hook}": hookimpl(lambda: [brought])})
    plugins = Plugins([])
    plugins.register(plugin, "acme")
    assert getattr(plugins, hook)() == {"acme": brought}


PROPOSAL = cast(Proposal, SimpleNamespace(client="1001"))
ACME = Client(id="7", name="ACME GmbH")


class Reviewer:
    """Objects, matches and listens as a test tells it to."""

    def __init__(self, *codes: str, match: str | None = None, fails: bool = False) -> None:
        self.codes, self.match, self.fails = codes, match, fails
        self.heard: list[tuple[str, str]] = []

    def _may_fail(self) -> None:
        if self.fails:
            raise ValueError("out of order")

    @hookimpl
    def tallystick_review_proposal(self, proposal: Proposal) -> Iterable[Objection]:
        self._may_fail()
        for code in self.codes:
            yield Objection(code, "hold", f"About {proposal.client}.", "Look at it.")

    @hookimpl
    def tallystick_match_client(self, candidate: Client, known: dict[str, Client]) -> str | None:
        self._may_fail()
        return self.match if self.match in known else None

    @hookimpl
    def tallystick_invoice_issued(self, number: str, client: str) -> None:
        self._may_fail()
        self.heard.append((number, client))


def with_reviewers(**reviewers: Reviewer) -> Plugins:
    plugins = Plugins([])
    for name, reviewer in reviewers.items():
        plugins.register(reviewer, name)
    return plugins


def test_every_reviewer_is_heard() -> None:
    plugins = with_reviewers(one=Reviewer("a", "b"), none=Reviewer(), other=Reviewer("c"))
    found = plugins.review_proposal(PROPOSAL)
    assert sorted(objection.code for objection in found) == ["a", "b", "c"]
    assert {objection.what for objection in found} == {"About 1001."}


def test_a_reviewer_that_fails_stops_the_review_in_its_name() -> None:
    plugins = with_reviewers(one=Reviewer("a"), acme=Reviewer(fails=True))
    with pytest.raises(Stop, match=r"Plugin acme failed in tallystick_review_proposal: ValueError"):
        plugins.review_proposal(PROPOSAL)


def test_the_first_plugin_that_knows_a_client_decides() -> None:
    known = {"1001": ACME, "1002": ACME}
    passing, sure = Reviewer(), Reviewer(match="1002")
    assert with_reviewers(a=passing, b=sure).match_client(ACME, known) == "1002"
    assert with_reviewers(a=sure, b=passing).match_client(ACME, known) == "1002"
    assert with_reviewers(a=passing).match_client(ACME, known) is None
    assert Plugins([]).match_client(ACME, known) is None
    with pytest.raises(Stop, match="Plugin c failed in tallystick_match_client"):
        with_reviewers(c=Reviewer(fails=True)).match_client(ACME, known)


@pytest.mark.parametrize("order", [("before", "acme", "after"), ("acme", "before", "after")])
def test_a_listener_that_fails_is_logged_and_the_others_are_told(
    order: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    listeners = {name: Reviewer(fails=name == "acme") for name in order}
    plugins = with_reviewers(**listeners)
    with caplog.at_level(logging.ERROR):
        plugins.tell(
            "tallystick_invoice_issued",
            number="INV-2026-0001",
            client="1001",
            gross="119.00",
            currency="EUR",
        )
    heard = {name: listener.heard for name, listener in listeners.items()}
    told = [("INV-2026-0001", "1001")]
    assert heard == {"before": told, "acme": [], "after": told}
    assert [record.getMessage() for record in caplog.records] == [
        "plugin acme failed in tallystick_invoice_issued"
    ]


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


SERVICE = Charge(
    contract="C",
    line="L",
    basis="fee",
    service=month(2026, 7),
    group="Care",
    quantity=Decimal(1),
    unit="month",
    unit_price=Decimal(10),
    amount=eur(1000),
    account="Income:Fixed",
    reason=("agreed",),
)
SALES_TAX = (
    TaxLine("standard", Decimal("6.25"), eur(1000), eur(63)),
    TaxLine("standard", Decimal("1.5"), eur(0), eur(15)),
)


class Taxer:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    @hookimpl
    def tallystick_tax(self, proposal: Proposal) -> Any:
        return self.answer


def taxed_by(*answers: object, included: bool = False) -> Proposal:
    plugins = Plugins([])
    for name, answer in zip("abc", answers, strict=False):
        plugins.register(Taxer(answer), name)
    taxing = Taxing([TaxRate("standard", Decimal(25), included=included)])
    return compose("K", "EUR", month(2026, 7), [Due(SERVICE)], taxing, plugins.tax)


def test_the_first_plugin_with_an_answer_taxes_the_proposal() -> None:
    assert taxed_by().gross == taxed_by(None).gross == eur(1250)
    answers = [SALES_TAX, None]
    for draft in (taxed_by(*answers), taxed_by(*reversed(answers)), taxed_by(list(SALES_TAX))):
        assert (draft.taxes, draft.gross) == (SALES_TAX, eur(1078))


WRONG_TAX = [
    ([], "category 'standard' is taxed on 0.00 EUR and comes to 10.00 EUR"),
    (SALES_TAX[1:], "category 'standard' is taxed on 0.00 EUR and comes to 10.00 EUR"),
    (["6.25"], "the answer is no sequence of TaxLine"),
    ([SALES_TAX[0], SALES_TAX[0]], "category 'standard' has one percentage twice"),
    (
        [*SALES_TAX, TaxLine("city", Decimal(1), eur(0), eur(1))],
        "the proposal has nothing in category 'city'",
    ),
    (
        [TaxLine("standard", Decimal(1), Money(1000, "USD"), Money(1, "USD"))],
        "category 'standard' is taxed in another currency than EUR",
    ),
]


@pytest.mark.parametrize(("answer", "why"), WRONG_TAX)
def test_tax_that_is_not_this_proposals_names_the_plugin(answer: object, why: str) -> None:
    with pytest.raises(Stop) as stopped:
        taxed_by(answer)
    assert str(stopped.value) == (
        f"Plugin a taxed the proposal wrongly: {why}. (client K) "
        "Repair or remove the package that brings it."
    )


def test_tax_that_prices_contain_is_not_a_plugins_to_change() -> None:
    agreed = [TaxLine("standard", Decimal(25), eur(800), eur(200))]
    assert taxed_by(agreed, included=True).gross == eur(1000)
    with pytest.raises(Stop, match=r"category 'standard' contain 2\.00 EUR, not 1\.00 EUR"):
        taxed_by([TaxLine("standard", Decimal(25), eur(800), eur(100))], included=True)


def test_a_plugin_that_fails_to_tax_is_named() -> None:
    with pytest.raises(Stop, match="Plugin a failed in tallystick_tax: TypeError"):
        taxed_by(7)
