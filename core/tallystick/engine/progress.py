"""Who is told how far long work has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """Shows one long step: a context whose value is called with how many more are done."""

    def step(self, what: str) -> AbstractContextManager[Callable[[int], None]]: ...


class Quiet:
    """Nobody watches."""

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[int], None]]:
        yield lambda _: None
