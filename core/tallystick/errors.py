"""What can go wrong, in three recoveries.

Every error says what happened, which record of which connection it happened to,
and what to do next. The class says how the caller recovers: `Retry` (the world
may answer differently later), `SkipRecord` (set this one record aside and go on),
`Stop` (nothing sensible can follow until a person acts).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check that reports everything it finds: an error as a value.

    `place` is where to look (`tallystick.toml:12`, `row 17 of bookings.csv`),
    `what` the sentence, `do` the fix.
    """

    place: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.do}"


class TallystickError(Exception):
    """The one root. `str()` of it is the sentence a user reads."""

    def __init__(
        self,
        what: str,
        *,
        do: str,
        connection: str | None = None,
        record: str | None = None,
        ref: str | None = None,
        place: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.do = do
        self.connection = connection
        self.record = record
        self.ref = ref
        self.place = place

    def __str__(self) -> str:
        subject = " ".join(part for part in (self.record, self.ref) if part)
        source = f"connection {self.connection}" if self.connection else ""
        where = ", ".join(part for part in (subject, source, self.place) if part)
        if self.what.endswith("\n"):  # a list, each with its own place
            return f"{self.what}{self.do}"
        return f"{self.what}{f' ({where})' if where else ''} {self.do}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent from one process to another without asking for what its class is made of."""
        return _again, (type(self), self.what), self.__dict__

    def as_problem(self, place: str) -> Problem:
        """The same finding as a value, for a check that goes on."""
        return Problem(self.place or place, self.what, self.do)


def _again(kind: type[TallystickError], what: str) -> TallystickError:
    return kind.__new__(kind, what)


class Retry(TallystickError):
    """The same call may succeed later; nothing was lost and nothing may be assumed done."""


class SkipRecord(TallystickError):
    """This record is set aside (quarantined) with its reason; the rest goes on."""


class Stop(TallystickError):
    """The whole command ends here; what is already stored stays valid."""


def of_machine(error: OSError) -> Stop:
    """A file, folder or the like of this machine that cannot be used as it is."""
    place = f": {error.filename}" if error.filename else ""
    return Stop(f"{error.strerror or error}{place}.", do="Mend that and run it again.")


@contextmanager
def about(connection: str, record: str, ref: str) -> Iterator[None]:
    """Every error within is of this record of this connection."""
    try:
        yield
    except TallystickError as error:
        error.connection, error.record, error.ref = connection, record, ref
        raise
