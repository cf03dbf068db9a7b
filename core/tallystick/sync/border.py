"""The border: where a vendor's row becomes a typed record, or is refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick.period import local_date
from tallystick.records import Booking, Record


class Reader(Protocol):
    """What a compiled mapping offers to read one kind of record."""

    def read(self, raw: Raw) -> dict[str, Any]:
        """The record's fields; raises `SkipRecord` for the first that does not fit."""

    def read_columns(self, raws: Sequence[Raw]) -> dict[str, list[Any]] | None:
        """Every field of all records, in the order of the kind's and validated; None when they
        must be read one by one."""

    def read_what_fits(self, raw: Raw) -> dict[str, Any]:
        """The fields that can be read, without those that cannot."""


def admit(kind: str, record: type[Record], values: Mapping[str, Any], zone: ZoneInfo) -> Record:
    """A validated record; raises `SkipRecord` naming the field that does not fit."""
    try:
        admitted = msgspec.convert(values, record, strict=False)
    except msgspec.ValidationError as error:
        raise SkipRecord(
            f"{_sentence(str(error))}",
            do="Correct it at its source, or map the field.",
            record=kind,
            ref=str(values.get("id") or "without id"),
        ) from None
    if isinstance(admitted, Booking):
        return _settle(admitted, zone)
    return admitted


def admit_many(
    kind: str, reader: Reader, raws: Sequence[Raw], zone: ZoneInfo
) -> list[list[Any]] | None:
    """The columns of the records that `read` and `admit` make of `raws`; None when these must look
    at each, as one may be refused."""
    columns = reader.read_columns(raws)
    if columns is not None and kind == "booking":
        columns = _settle_many(columns, zone)
    return None if columns is None else [*columns.values()]


def _settle_many(columns: dict[str, list[Any]], zone: ZoneInfo) -> dict[str, list[Any]] | None:
    """As `_settle`."""
    starts, seconds, days = columns["started_at"], columns["seconds"], columns["work_date"]
    if None in seconds:
        spans = zip(seconds, starts, columns["ended_at"], strict=True)
        if any(told is None and None in span for told, *span in spans):
            return None
        spans = zip(seconds, starts, columns["ended_at"], strict=True)
        seconds = [_elapsed_s(start, end) if told is None else told for told, start, end in spans]
    if None in days:
        if any(day is None and start is None for day, start in zip(days, starts, strict=True)):
            return None
        days = [
            start.astimezone(zone).date() if day is None else day
            for day, start in zip(days, starts, strict=True)
        ]
    if min(seconds) < 0:
        return None
    return columns | {"seconds": seconds, "work_date": days}


def _elapsed_s(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds())


def _sentence(error: str) -> str:
    """msgspec's message with the field up front: `hourly: Expected ...`."""
    what, at, path = error.partition(" - at `$.")
    field = path.rstrip("`") if at else ""
    return f"{field}: {what}." if field else f"{what}."


def _settle(booking: Booking, zone: ZoneInfo) -> Booking:
    """Fill in the local work date and the true elapsed seconds, once, here."""
    seconds, work_date = booking.seconds, booking.work_date
    if seconds is None:
        if booking.started_at is None or booking.ended_at is None:
            raise SkipRecord(
                "It has neither a duration nor both a start and an end.",
                do="Map `seconds`, or `started_at` and `ended_at`.",
                record="booking",
                ref=booking.id,
            )
        seconds = _elapsed_s(booking.started_at, booking.ended_at)
    if work_date is None:
        if booking.started_at is None:
            raise SkipRecord(
                "It has neither a work date nor a start.",
                do="Map `work_date` or `started_at`.",
                record="booking",
                ref=booking.id,
            )
        work_date = local_date(booking.started_at, zone)
    if seconds < 0:
        raise SkipRecord(
            f"It lasts {seconds} seconds, which is less than nothing.",
            do="Correct its duration, or its start and end, at the source.",
            record="booking",
            ref=booking.id,
        )
    return msgspec.structs.replace(booking, seconds=seconds, work_date=work_date)
