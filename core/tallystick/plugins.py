"""Who is there: plugins found by entry point, behind a small typed wrapper.

Built per process and passed in, never a global. A broken plugin that the config names
stops the run; one that nobody named is listed with its reason and skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pluggy

from tallystick import hookspecs
from tallystick.errors import Problem, Stop

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from tallystick.billing.charges import ChargeModel
    from tallystick.billing.invoice.proposal import Objection, Proposal
    from tallystick.billing.tax.rates import TaxLine
    from tallystick.connector import Connector
    from tallystick.mapping.converters import Converter
    from tallystick.records import Client

GROUP = "tallystick"
log = logging.getLogger(__name__)
T = TypeVar("T")


class Plugins:
    """The plugins of one process, loaded when the first question is put to them: what only reads
    the store asks none."""

    def __init__(self, found: Iterable[EntryPoint] | None = None) -> None:
        self._found = found
        self._connectors: dict[str, Connector[Any]] | None = None

    @cached_property
    def _loaded(self) -> _Loaded:
        from importlib.metadata import entry_points

        return _load(entry_points(group=GROUP) if self._found is None else self._found)

    @property
    def broken(self) -> dict[str, Problem]:
        """What could not be loaded, or failed when it was asked what it brings, by plugin."""
        return self._loaded.broken

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin; pluggy raises for a hook it misspells, before any of it is in use."""
        _add(self._loaded.manager, plugin, name)
        self._connectors = None

    def connectors(self) -> Mapping[str, Connector[Any]]:
        if self._connectors is None:
            found: dict[str, Connector[Any]] = self._collect(
                "tallystick_connectors", lambda connector: connector.name
            )
            self._connectors = found
        return self._connectors

    def connector(self, name: str) -> Connector[Any]:
        """The connector the config names; raises `Stop` when it is absent or broken."""
        found = self.connectors()
        if name in found:
            return found[name]
        if name in self.broken:
            raise Stop(str(self.broken[name]), do="A connection of tallystick.toml needs it.")
        broken = f", broken are {', '.join(sorted(self.broken))}" if self.broken else ""
        raise Stop(
            f"There is no connector {name!r}; installed are {', '.join(sorted(found))}{broken}.",
            do="Correct `connector` in tallystick.toml or install the package that brings it.",
        )

    def charge_models(self) -> Mapping[str, ChargeModel]:
        return self._collect("tallystick_charge_models", lambda model: model.name)

    def converters(self) -> Mapping[str, Converter]:
        return self._collect("tallystick_converters", lambda converter: converter.name)

    def review_proposal(self, proposal: Proposal) -> list[Objection]:
        """Every plugin's objections; raises `Stop` when one fails, as silence would be consent."""
        objections: list[Objection] = []
        for listener in self._listeners("tallystick_review_proposal"):
            with _blamed_on(listener, "tallystick_review_proposal"):
                objections += _call(listener, {"proposal": proposal}) or ()
        return objections

    def match_client(self, candidate: Client, known: dict[str, Client]) -> str | None:
        """The first plugin's answer that is one; raises `Stop` when a plugin fails."""
        for listener in self._listeners("tallystick_match_client"):
            with _blamed_on(listener, "tallystick_match_client"):
                answer: str | None = _call(listener, {"candidate": candidate, "known": known})
                if answer is not None:
                    return answer
        return None

    def tax(self, proposal: Proposal) -> tuple[TaxLine, ...] | None:
        """The first plugin's tax lines, None where none has any; raises `Stop` when a plugin fails
        or its lines cannot be the tax of this proposal."""
        for listener in self._listeners("tallystick_tax"):
            with _blamed_on(listener, "tallystick_tax"):
                answer = _call(listener, {"proposal": proposal})
                if answer is None:
                    continue
                lines = tuple(answer)
            why = proposal.why_not_taxed(lines)
            if why:
                raise Stop(
                    f"Plugin {listener.plugin_name} taxed the proposal wrongly: {why}.",
                    do="Repair or remove the package that brings it.",
                    record="client",
                    ref=proposal.client,
                )
            return lines
        return None

    def tell(self, hook: str, **facts: object) -> None:
        """Tell every listener; one that fails is logged and the next one is told."""
        for listener in self._listeners(hook):
            try:
                _call(listener, facts)
            except Exception:
                log.exception("plugin %s failed in %s", listener.plugin_name, hook)

    def _listeners(self, hook: str) -> list[pluggy.HookImpl]:
        listeners: list[pluggy.HookImpl] = getattr(self._loaded.manager.hook, hook).get_hookimpls()
        return listeners

    def _collect(self, hook: str, name_of: Callable[[T], str]) -> dict[str, T]:
        """All answers by name; a name given twice is an error that names both packages."""
        named: dict[str, T] = {}
        origin: dict[str, str] = {}
        for listener in self._listeners(hook):
            plugin = listener.plugin_name
            try:
                items = [(name_of(item), item) for item in _call(listener, {}) or ()]
            except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
                self.broken[plugin] = Problem(
                    place=f"plugin {plugin}",
                    what=f"{hook} failed: {type(error).__name__}: {error}.",
                    do="Repair or remove the package that brings it.",
                )
                continue
            for name, item in items:
                if name in named:
                    raise Stop(
                        f"Plugins {origin[name]} and {plugin} both bring {name!r}.",
                        do="Remove one of the two packages.",
                    )
                named[name], origin[name] = item, plugin
        return named


class _Loaded(NamedTuple):
    manager: pluggy.PluginManager
    broken: dict[str, Problem]


def _load(points: Iterable[EntryPoint]) -> _Loaded:
    loaded = _Loaded(_empty(), {})
    for point in sorted(points, key=lambda point: point.name):
        try:
            _add(loaded.manager, point.load(), point.name)
        except Exception as error:  # noqa: BLE001 - a stranger's import may raise anything
            loaded.broken[point.name] = Problem(
                place=f"plugin {point.name} ({point.value})",
                what=f"It could not be loaded: {type(error).__name__}: {error}.",
                do="Reinstall or remove the package that brings it.",
            )
    return loaded


def _add(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    trial = _empty()
    trial.register(plugin, name=name)
    trial.check_pending()
    manager.register(plugin, name=name)


def _empty() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def _call(listener: pluggy.HookImpl, facts: Mapping[str, object]) -> Any:
    return listener.function(**{name: facts[name] for name in listener.argnames})


@contextmanager
def _blamed_on(listener: pluggy.HookImpl, hook: str) -> Iterator[None]:
    """A plugin's failure as a sentence that names the plugin."""
    try:
        yield
    except Exception as error:
        raise Stop(
            f"Plugin {listener.plugin_name} failed in {hook}: {type(error).__name__}: {error}.",
            do="Repair or remove the package that brings it.",
        ) from error
