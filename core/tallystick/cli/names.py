"""Clients and connections by the names people know them by."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tallystick.errors import Stop

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ClientNames:
    """Names by reference (`psa:1002`)."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def __call__(self, ref: str) -> str:
        """The client's name, its reference when nobody knows it."""
        return self._names.get(ref, ref)

    def find(self, text: str) -> str:
        """The reference of the client `text` means: a reference, an id or a name.

        Raises `Stop` when it is none of them, or the name of several.
        """
        wanted = text.casefold()
        for meant in (
            [ref for ref in self._names if text in (ref, ref.partition(":")[2])],
            [ref for ref, name in self._names.items() if name.casefold() == wanted],
            [ref for ref, name in self._names.items() if wanted in name.casefold()],
        ):
            if len(meant) == 1:
                return meant[0]
            if meant:
                several = ", ".join(f"{self(ref)} ({ref})" for ref in meant)
                raise Stop(f"{text!r} could be {several}.", do="Name one of them by its id.")
        known = [*self._names, *self._names.values()]
        near = difflib.get_close_matches(text, known, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise Stop(
            f"There is no client {text!r}.{guess}",
            do="Write a client's id, such as psa:1002, or its name.",
        )


def client_names(connection: Connection, homes: Mapping[str, str]) -> ClientNames:
    """The names of all clients at home."""
    from sqlalchemy import select

    from tallystick.store.facts.schema import FACTS

    home = homes.get("client", "")
    client = FACTS["client"].c
    named = select(client.id, client.name).where(client.connection == home).order_by(client.id)
    return ClientNames({f"{home}:{ref}": name for ref, name in connection.execute(named)})
