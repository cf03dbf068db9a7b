"""The stage of a process: one configuration and one prepared database, set anew for each seed.

Reading the configuration and making the schema cost more than a whole schedule; both are done
once, and a seed begins with a copy of the rows.
"""

from __future__ import annotations

import gc
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel

from tallystick.config.load import load_config
from tallystick.connector import Collects, Connector, Context, Session
from tallystick.engine.installation import Installation
from tallystick.errors import Stop
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins
from tallystick.records import KINDS
from tallystick.store.database import Database
from tallystick.testing.simulate.ground import EMPTY, Ground

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it, as in any other
CONFIG = """
[msp]
name = "Nordlicht IT GmbH"
country = "DE"
zone = "Europe/Berlin"

[billing]
payment_terms_days = 7

[documents]
formats = ["txt"]

[approval]
standing_limit = "100000"
first_run_hold = false
credit_notes = true

[collection]
plan_grace_days = 9
letters_since = "00:00"
letters_until = "24:00"

[[dunning]]
after_days = 4

[[dunning]]
after_days = 11
fee = { EUR = "5.00", CHF = "5.00" }

[[tax]]
category = "standard"
percent = "19"

[[rate_card]]
name = "hours"
currency = "EUR"
rate = [{ hourly = "100" }]

[[rate_card]]
name = "hours abroad"
currency = "CHF"
rate = [{ hourly = "100" }]

[[exchange_rate]]
from = "CHF"
to = "EUR"
rate = "0.945"

[connection.psa]
connector = "simulated_psa"
home = ["client", "contract", "contract_line", "booking", "mandate"]

[connection.books]
connector = "simulated_books"

[connection.bank]
connector = "simulated_bank"
home = ["bank_transaction"]

[connection.debits]
connector = "simulated_debits"

[connection.cards]
connector = "simulated_cards"
"""


CARDS = Collects(frozenset({"card"}), key_lifetime=timedelta(hours=20))
DEBITS = Collects(frozenset({"sepa_debit"}), frozenset({"EUR"}), batched=True)


class NoSettings(BaseModel):
    """What a simulated vendor needs to be told."""


def _not_opened(_settings: NoSettings, context: Context) -> Session:
    raise Stop(f"{context.connection} is simulated.", do="Open it through its world.")


def _connector(name: str, **more: Any) -> Connector[NoSettings]:
    given: dict[str, Any] = {"shelf": "psa", "reads": frozenset(), "writes": frozenset()}
    plain = {"settings": NoSettings, "open": _not_opened, "mappings": None, "tier": "gold"}
    return Connector(name=f"simulated_{name}", **(given | plain | more))


class _Vendors:
    """The plugin that brings the simulated connectors."""

    @hookimpl
    def tallystick_connectors(self) -> list[Connector[NoSettings]]:
        kinds = frozenset({"client", "contract", "contract_line", "booking", "mandate"})
        told = frozenset({"client", "mandate", "dispute", "bank_transaction"}) & KINDS.keys()
        taken = frozenset({"customer", "invoice", "entry", "payment"})
        return [
            _connector("psa", reads=kinds),
            _connector("books", shelf="accounting", writes=taken),
            _connector("bank", shelf="payments", reads=frozenset({"bank_transaction"})),
            _connector("debits", shelf="payments", collects=DEBITS),
            _connector("cards", shelf="payments", reads=told, collects=CARDS),
        ]


@dataclass(frozen=True)
class Staged(Installation):
    """An installation whose connections lead to the vendors of one world."""

    vendors: dict[str, Session] | None = None

    def session(self, name: str) -> Session:
        return (self.vendors or {})[name]


class Stage:
    """One per process."""

    def __init__(self) -> None:
        home = MEMORY if MEMORY.is_dir() else None
        self._folder = TemporaryDirectory(prefix="tallystick-simulate-", dir=home)
        self.root = Path(self._folder.name)
        self.path = self.root / "tallystick.toml"
        self.path.write_text(CONFIG, encoding="utf-8")
        self.config = load_config(self.path, {})
        logging.getLogger("tallystick").addHandler(logging.NullHandler())
        self.plugins = Plugins(found=())
        self.plugins.register(_Vendors(), "simulated")
        self._ground = Ground(self.root)
        # what is loaded by now stays: looking through it for garbage takes a sixth of the time
        gc.collect()
        gc.freeze()

    @contextmanager
    def fresh(self, laid: str = EMPTY) -> Iterator[Database]:
        """The database, empty or as it was `laid`. One engine serves all seeds, so what it has
        compiled of our statements is not compiled again."""
        shutil.rmtree(self.root / "invoices", ignore_errors=True)
        self._ground.begin_with(laid)
        yield self._ground.database

    def lay(self, name: str) -> str:
        """Keep the database as it is now, to begin with again."""
        return self._ground.lay(name)


@lru_cache(maxsize=1)
def stage() -> Stage:
    """The stage of this process."""
    return Stage()
