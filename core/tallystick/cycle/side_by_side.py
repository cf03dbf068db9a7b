"""Side by side: clients prepared in several processes, each its own share of them, while this one
stores what they came to. Every process opens the installation for itself: nothing is shared but
the database, which each of them reads as it was when it began.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe

from sqlalchemy import Connection

from tallystick.cycle.prepare import Chunks, PreparedClient, prepare
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.facts.strays import home_clients
from tallystick.store.streams import Share

Open = Callable[[], AbstractContextManager[tuple[Database, BillingTerms]]]
"""Opens database and terms once more, in another process: it is sent there by pickle."""
MANY = 10_000
"""Fewer clients than this are priced sooner than another process has started."""
AT_MOST = 8


def shares_of(connection: Connection, terms: BillingTerms) -> list[Share]:
    """The home clients in as many shares as there are processors; in one where they are few."""
    clients = sorted(home_clients(connection, terms.homes))
    count = min(_processors(), AT_MOST) if len(clients) >= MANY else 1
    bounds = [clients[len(clients) * n // count] for n in range(1, count)]
    return [Share(*pair) for pair in zip([None, *bounds], [*bounds, None], strict=True)]


def _processors() -> int:
    """How many this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def side_by_side(opens: Open, period: Period, shares: Sequence[Share]) -> Iterator[Chunks]:
    """As `prepare` for all the shares, at work from the start: a chunk of each in turn, so that
    the order is always the same. Reading on raises what a process raised, and `Stop` where one
    ended before it was done."""
    context = get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for share in shares:
            receiving, sending = context.Pipe(duplex=False)
            stack.callback(receiving.close)
            process = context.Process(target=_send, args=(sending, opens, period, share))
            process.start()
            stack.callback(process.join)
            stack.callback(process.terminate)
            sending.close()
            pipes.append(receiving)
        yield _in_turn(pipes)


def _in_turn(pipes: Sequence[Pipe]) -> Chunks:
    left = list(pipes)
    while left:
        for pipe in list(left):
            chunk = _receive(pipe)
            if chunk is None:
                left.remove(pipe)
            else:
                yield chunk


def _receive(pipe: Pipe) -> list[PreparedClient] | None:
    try:
        found: list[PreparedClient] | BaseException | None = pipe.recv()
    except EOFError:
        raise Stop(
            "A process that priced clients ended before it was done.",
            do="What was proposed stays. Look whether the machine ran out of memory, and propose "
            "again.",
        ) from None
    if isinstance(found, BaseException):
        raise found
    return found


def _send(pipe: Pipe, opens: Open, period: Period, share: Share) -> None:
    """Prepare `share` in a process of its own: chunk by chunk, at last None, or what was raised.
    Ctrl-C is for the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with opens() as (database, terms), database.read() as connection:
            for chunk in prepare(connection, terms, period, share):
                pipe.send(chunk)
        pipe.send(None)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the other process tells it
        pipe.send(error)
