"""Pages of a vendor's list as one lazy row of rows, in order, fetched ahead while rows are used.

A list is believed only when it ends as it should: with its last token, an empty page, or the total
that was told. A list that goes in circles stops; one that gives less than it has is a `Retry`, as
half of it would look like the whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Generic, NamedTuple, NoReturn, TypeVar

from tallystick.connector import Raw
from tallystick.errors import Retry, Stop

T = TypeVar("T", bound=Hashable)

AHEAD: Final = 4
"""So many pages are under way or waiting at most."""


class Page(NamedTuple):
    """Rows; and how many the whole list has, where the vendor tells."""

    rows: Sequence[Raw]
    total: int | None = None


class Linked(NamedTuple, Generic[T]):
    """Rows; and what leads to the page after them, None on the last: a cursor, a link, an id."""

    rows: Sequence[Raw]
    next: T | None


def numbered(
    fetch: Callable[[int], Page], connection: str, *, first: int = 1, ahead: int = AHEAD
) -> Iterator[Raw]:
    """Rows of pages `first`, `first` + 1, ... up to an empty one or the told total."""
    return _counted(lambda number, _: fetch(first + number), connection, ahead)


def offset(fetch: Callable[[int], Page], connection: str, *, ahead: int = AHEAD) -> Iterator[Raw]:
    """Rows of pages that start at row 0, n, 2n, ...: n is as many as the first page has, whatever
    was asked for."""
    return _counted(lambda number, size: fetch(number * size), connection, ahead)


def linked(
    fetch: Callable[[T | None], Linked[T]], connection: str, start: T | None = None
) -> Iterator[Raw]:
    """Rows of the page at `start` and of those it leads to. Raises `Stop` when a page leads to one
    that was there before."""
    seen = {start}
    with _workers(1) as workers:
        page = workers.submit(fetch, start).result()
        while True:
            following: Future[Linked[T]] | None = None
            if page.next is not None:
                if page.next in seen:
                    _circle(connection)
                seen.add(page.next)
                following = workers.submit(fetch, page.next)
            yield from page.rows
            if following is None:
                return
            page = following.result()


def _counted(fetch: Callable[[int, int], Page], connection: str, ahead: int) -> Iterator[Raw]:
    """Pages 0, 1, ... of the size of the first. Where no total tells how many there are, one is
    fetched ahead at first, then more."""
    with _workers(ahead) as workers:
        page = fetch(0, 0)
        size, seen, number = len(page.rows), 0, 0
        under_way: deque[Future[Page]] = deque()
        while page.rows:
            seen += len(page.rows)
            rest = None if page.total is None else page.total - seen
            if rest is not None and rest <= 0:
                yield from page.rows
                return
            wanted = min(ahead, number + 1 if rest is None else -(-rest // size))
            while len(under_way) < wanted:
                under_way.append(workers.submit(fetch, number + 1 + len(under_way), size))
            yield from page.rows
            before, page = page, under_way.popleft().result()
            number += 1
            if page.rows and page.rows == before.rows:
                _circle(connection)
            if page.rows and len(before.rows) < size:
                _cut_off(f"{len(before.rows)} rows of {size} in the middle", connection)
        if page.total is not None and seen < page.total:
            _cut_off(f"{seen:,} of {page.total:,} rows", connection)


def _circle(connection: str) -> NoReturn:
    raise Stop(
        "The vendor's list goes in circles: a page leads to one that was there before.",
        do="Nothing of it counts as read. Tell the vendor; try a smaller page if the connector"
        " has a setting for it.",
        connection=connection,
    )


def _cut_off(what: str, connection: str) -> NoReturn:
    raise Retry(
        f"The vendor gave {what}, and then no more.",
        do="It is read again at the next run; if it stays so, ask the vendor.",
        connection=connection,
    )


@contextmanager
def _workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that fetch; what nobody waits for any more is not begun."""
    workers = ThreadPoolExecutor(count, thread_name_prefix="pages")
    try:
        yield workers
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
