"""Batches: a source's rows as the columns of one transaction, and what of them cannot be used.

Whatever a source gives is admitted by the thousand, and only where one of these does not fit each
is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from tallystick.connector import Broken, Cursor, Pulled, Raw, Whole
from tallystick.errors import SkipRecord, TallystickError
from tallystick.records import KINDS
from tallystick.store.facts.set_aside import SetAside
from tallystick.sync.border import admit, admit_many

if TYPE_CHECKING:
    from tallystick.sync.pull import Feed

BATCH = 10_000
"""So many rows a transaction: with fewer, the indexes of bookings cost twice as much, as most of
their pages change in every one."""
TOGETHER = 1000
"""So many are held as the vendor gave them, which may be ten times what is stored of them."""
FEW = 20
REFS = ("client", "contract", "ticket", "technician")


@dataclass(slots=True)
class Batch:
    """Good records as the columns of their fields, the first their ids, with their places, and rows
    set aside; then the token or the mark that came after them."""

    columns: list[list[Any]]
    places: list[str] = field(default_factory=list)
    broken: list[SetAside] = field(default_factory=list)
    token: str | None = None
    whole: Whole | None = None

    @property
    def count(self) -> int:
        return len(self.places) + len(self.broken)

    def add(self, columns: Iterable[list[Any]], places: Iterable[str]) -> None:
        for mine, more in zip(self.columns, columns, strict=True):
            mine += more
        self.places += places


def batches(feed: Feed, since: str | None, zone: ZoneInfo) -> Iterator[Batch]:
    """What came before a source breaks off is given before its error."""
    batch, raws, places = _empty(feed), list[Raw](), list[str]()
    broke_off: TallystickError | None = None
    try:
        for item in feed.source.pull(feed.kind, since):
            if type(item) is Pulled:  # what most are
                raws.append(item.raw)
                places.append(item.place)
                if len(raws) < TOGETHER:
                    continue
            _admit(feed, raws, places, zone, batch)
            raws, places = [], []
            _mark(batch, item)
            if batch.token is not None or batch.whole is not None or batch.count >= BATCH:
                yield batch
                batch = _empty(feed)
    except TallystickError as error:
        broke_off = error
    _admit(feed, raws, places, zone, batch)
    yield batch
    if broke_off is not None:
        raise broke_off


def _mark(batch: Batch, item: Pulled | Broken | Cursor | Whole) -> None:
    match item:
        case Broken(place, what, do, raw):
            batch.broken.append(_kept(SetAside(place, 0, place, what, do, dict(raw), {})))
        case Cursor(token):
            batch.token = token
        case Whole():
            batch.whole = item
        case Pulled():
            pass


def _empty(feed: Feed) -> Batch:
    return Batch([[] for _ in KINDS[feed.kind].__struct_fields__])


def _admit(
    feed: Feed, raws: Sequence[Raw], places: Sequence[str], zone: ZoneInfo, batch: Batch
) -> None:
    """All at once, or where one of them does not fit the halves, until few are left for a look at
    each."""
    if not raws:
        return
    columns = admit_many(feed.kind, feed.reader, raws, zone)
    if columns is not None:
        batch.add(columns, places)
    elif len(raws) > FEW:
        half = len(raws) // 2
        _admit(feed, raws[:half], places[:half], zone, batch)
        _admit(feed, raws[half:], places[half:], zone, batch)
    else:
        for raw, place in zip(raws, places, strict=True):
            _admit_one(feed, raw, place, zone, batch)


def _admit_one(feed: Feed, raw: Raw, place: str, zone: ZoneInfo, batch: Batch) -> None:
    try:
        record = admit(feed.kind, KINDS[feed.kind], feed.reader.read(raw), zone)
    except SkipRecord as error:
        batch.broken.append(_aside(feed, raw, place, error))
    else:
        batch.add([[value] for value in msgspec.structs.astuple(record)], [place])


def _aside(feed: Feed, raw: Raw, place: str, error: SkipRecord) -> SetAside:
    """The quarantine row, with as much of its identity as can still be read."""
    known: dict[str, Any] = feed.reader.read_what_fits(raw)
    version = known.get("version", 0)
    return _kept(
        SetAside(
            id=str(known.get("id") or place),
            version=version if isinstance(version, int) else 0,
            place=place,
            what=error.what,
            do=error.do,
            raw={str(name): value for name, value in raw.items()},
            refs={name: str(known[name]) for name in REFS if known.get(name)},
        )
    )


def _kept(row: SetAside) -> SetAside:
    return SetAside(*map(_legible, row))


def _legible(value: Any) -> Any:
    """A value whose texts can be stored: half a surrogate pair, which is no character, as `?`."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case Mapping():
            return {_legible(name): _legible(one) for name, one in value.items()}
        case list() | tuple():
            return [_legible(one) for one in value]
        case _:
            return value
