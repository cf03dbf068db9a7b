"""Lists of Stripe's, page by page, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from msgspec import Raw, Struct

from tallystick.connector import Broken
from tallystick.errors import Retry, SkipRecord
from tallystick_stripe.recovery import About, told
from tallystick_stripe.wire import read, seen

PAGE = 100
"""The most Stripe gives at once (docs.stripe.com/api/pagination)."""


T = TypeVar("T")


class _Page(Struct):
    data: list[Raw]
    has_more: bool


class _Id(Struct):
    id: str


def pages(ask: Callable[[Any], Any], about: About, **filters: Any) -> Iterator[Raw]:
    """Everything that `ask`, a `list` of Stripe's library, lists under `filters`, as it came.

    Raises `Retry` when the pages stop moving, which would never end.
    """
    wanted: dict[str, Any] = {"limit": PAGE, **filters}
    known: set[str] = set()
    while True:
        with told(about):
            page = seen(ask(wanted), _Page)
            ids = [read(one, _Id).id for one in page.data]
            if page.has_more and known.issuperset(ids):
                raise Retry(
                    "Stripe's list repeats a page and would never end.",
                    do="Try again later; what was read before stands.",
                )
        yield from (one for one, id_ in zip(page.data, ids, strict=True) if id_ not in known)
        if not page.has_more:
            return
        known = set(ids)
        wanted["starting_after"] = ids[-1]


def each(found: Iterator[Raw], of: type[T], kind: str) -> Iterator[T | Broken]:
    """What was listed as the type `of`; one that does not fit is set aside and the rest goes on."""
    for raw in found:
        try:
            yield read(raw, of)
        except Retry as error:
            yield broken(kind, read(raw, _Id).id, error)


def broken(kind: str, id_: str, error: Retry | SkipRecord) -> Broken:
    return Broken(f"{kind} {id_}", error.what, error.do, {"id": id_})
