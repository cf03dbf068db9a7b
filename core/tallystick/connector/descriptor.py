"""The descriptor a plugin hands over, and what the shell lends a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from tallystick.connector.network import Http, no_network
from tallystick.connector.payments import Collects
from tallystick.connector.roles import Session

if TYPE_CHECKING:
    from pydantic import BaseModel

Shelf = Literal["psa", "rmm", "accounting", "payments"]
Tier = Literal["bronze", "silver", "gold"]
S = TypeVar("S", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Context:
    """What the shell lends a connector: the connection's name, the folder relative paths
    start from, the clock, and the way to the network."""

    connection: str
    root: Path
    now: Callable[[], datetime]
    http: Http = no_network


@dataclass(frozen=True, slots=True)
class Connector(Generic[S]):
    """The descriptor a plugin hands to `tallystick_connectors()`.

    `mappings` is the shipped mapping file, an import-resource path such as
    `tallystick_mappings/redmine.toml`, or None when the records are canonical already.
    """

    name: str
    shelf: Shelf
    settings: type[S]
    open: Callable[[S, Context], Session]
    reads: frozenset[str]
    writes: frozenset[str]
    mappings: str | None
    tier: Tier
    collects: Collects | None = None


def session_at(place: str) -> Callable[[Any, Context], Session]:
    """Opens the session class at `package.module:Class`, which is imported only then: most commands
    talk to no vendor."""

    def opened(settings: Any, context: Context) -> Session:
        session: Session = resolve_name(place)(settings, context)
        return session

    return opened
