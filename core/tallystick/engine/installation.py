"""One MSP's installation: config, plugins, database and clock, put together at the edge.

Every dependency is passed in here once; the rooms below take plain values and protocols.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tallystick.config.connections import context_of, database_url, open_settings
from tallystick.config.load import load_config
from tallystick.config.model import Config
from tallystick.errors import Stop
from tallystick.period import local_date
from tallystick.plugins import Plugins
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import ready

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tallystick.connector import Connector, Context, Session
    from tallystick.cycle.side_by_side import Open
    from tallystick.cycle.terms import BillingTerms
    from tallystick.store.profit.cell_terms import CellTerms

Clock = Callable[[], datetime]
IN_FLIGHT: Final = 16
"""So many payments are seen to at once, as far as their provider lets us: some are with it, the
others about to be noted."""
T = TypeVar("T")
R = TypeVar("R")


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Installation:
    """Everything one command works with. `root` is the folder of `tallystick.toml`."""

    root: Path
    path: Path
    config: Config
    plugins: Plugins
    database: Database
    now: Clock
    environ: Mapping[str, str]
    trace: Path | None = None
    """Where every request to a vendor is noted, if anywhere."""
    opens: Open | None = None
    """Opens database and terms in another process, which finds the same plugins."""
    at_once: int = 1
    """So many things are done at a time where each waits for a vendor."""

    @property
    def today(self) -> date:
        """The day it is in the billing time zone."""
        return local_date(self.now(), self.config.msp.zone)

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The home connection of each record kind that has one."""
        return self.config.homes

    @cached_property
    def terms(self) -> BillingTerms:
        """What billing works with. Made when first asked for: it takes all of billing and every
        plugin, and most commands only read."""
        from tallystick.engine.terms import billing_terms

        return billing_terms(self.config, self.plugins)

    @cached_property
    def cells(self) -> CellTerms:
        """What effort and profit are reckoned by."""
        from tallystick.engine.terms import cell_terms

        return cell_terms(self.config, self.terms)

    def connector(self, name: str) -> Connector[Any]:
        return self.plugins.connector(self.config.connection[name].connector)

    def takers_of(self, record: str) -> list[str]:
        """The connections that `record` is sent to, by name."""
        names = sorted(self.config.connection)
        return [name for name in names if record in self.connector(name).writes]

    def tells_of_money(self) -> bool:
        """Whether a bank or a payment provider is connected."""
        connectors = map(self.connector, self.config.connection)
        paying = any(
            one.shelf == "payments" and "bank_transaction" in one.reads for one in connectors
        )
        return paying or "bank_transaction" in self.config.homes

    def told_statuses(self) -> list[str]:
        """The connections that are told how far invoices are paid; raises `Stop` for one that
        cannot be."""
        asked = [name for name, one in self.config.connection.items() if one.invoice_status]
        takers = self.takers_of("invoice_status")
        for name in asked:
            if name not in takers:
                raise Stop(
                    f"Connection {name} cannot be told how far invoices are paid.",
                    do=f"Remove `invoice_status` from [connection.{name}].",
                )
        return sorted(asked)

    def session(self, name: str) -> Session:
        """Open the connection `name`; raises `Stop` when its settings or login are no good."""
        connector = self.connector(name)
        settings, secrets = open_settings(self.config, name, connector, self.path, self.environ)
        return connector.open(settings, self._context(name, secrets))

    def _context(self, name: str, secrets: Iterable[SecretStr]) -> Context:
        return context_of(self.config, name, self.root, self.now, secrets, self.trace)

    def kept_session(self, name: str) -> Session:
        """The session of connection `name` that this thread works with for as long as it lives."""
        kept: dict[str, Session] = self._kept.__dict__
        if name not in kept:
            kept[name] = self.session(name)
        return kept[name]

    @cached_property
    def _kept(self) -> local:
        return local()

    def several(self, act: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
        """`act` on each, `at_once` of them at a time and in threads that stay; what came of each,
        in the same order."""
        if self.at_once == 1:
            return map(act, things)
        return self._threads.map(act, things)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.at_once, "in-flight")

    def close(self) -> None:
        """End what goes on beside; what was not begun is not."""
        if "_threads" in self.__dict__:
            self._threads.shutdown(cancel_futures=True)

    def sessions_of(self, role: type) -> Iterator[tuple[str, Any]]:
        """The connections whose session plays `role`, by name."""
        for name in sorted(self.config.connection):
            session = self.session(name)
            if isinstance(session, role):
                yield name, session


@contextmanager
def open_installation(
    path: Path,
    now: Clock = wall_clock,
    plugins: Plugins | None = None,
    environ: Mapping[str, str] | None = None,
    trace: Path | None = None,
) -> Iterator[Installation]:
    """Open the installation of the config at `path`, its database ready for use."""
    given = os.environ if environ is None else environ
    config = load_config(path, given)
    loaded = plugins or Plugins()
    root = path.resolve().parent
    url = database_url(config, path, given)
    database = open_database(url.get_secret_value(), root)
    try:
        ready(database)
        opens = partial(_opened, path, environ) if plugins is None else None
        brought = (root, path, config, loaded, database, now, given, trace, opens)
        installation = Installation(*brought, at_once=IN_FLIGHT)
        try:
            yield installation
        finally:
            installation.close()
    finally:
        database.close()


@contextmanager
def _opened(
    path: Path, environ: Mapping[str, str] | None
) -> Iterator[tuple[Database, BillingTerms]]:
    with open_installation(path, environ=environ) as one:
        yield one.database, one.terms
