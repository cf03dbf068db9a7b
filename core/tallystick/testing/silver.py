"""Silver: a connector that reads what changed, and writes once whatever is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry
from tallystick.testing import drift, faults
from tallystick.testing.faults import Faulty
from tallystick.testing.reach import NOW, Reach, error_of, rule
from tallystick.testing.spoilt import Spoilt

FAST = timedelta(hours=2)


class Silver(Reach):
    @rule("silver")
    def test_since_narrows(self) -> None:
        for kind in sorted(self.connector.reads):
            vendor = self.vendor()
            first = self.items(vendor, kind, None)
            tokens = [item.token for item in first if isinstance(item, Cursor)]
            assert tokens, f"{kind} ends without a cursor"
            rows = len([item for item in first if isinstance(item, Pulled)])
            again = self.items(vendor, kind, tokens[-1])
            assert len([item for item in again if isinstance(item, Pulled)]) < rows, (
                f"{kind} since the last cursor is as much as everything"
            )

    @rule("silver")
    def test_a_field_that_drifts_is_never_a_silent_zero(self) -> None:
        for kind in sorted(self.connector.reads):
            reader = self.reader(kind)
            for row in self.pulled(self.vendor(), kind):
                good = self.record(kind, row.raw)
                for how, changed in drift.drifted(row.raw):
                    record = self.read(kind, reader, changed)
                    worse = drift.silently_wrong(good, record)
                    assert not worse, f"{kind} {how}: {worse}"

    @rule("silver")
    def test_a_wrong_clock_of_ours_misses_nothing(self) -> None:
        """Where a list goes on the next time is said by the vendor: by its rows, or the clock of
        its answers. By our clock, if that is fast, what changes meanwhile would never be read."""
        for kind in sorted(self.connector.reads):
            told = []
            for self.clock in (NOW, NOW + FAST):
                found = self.items(Faulty(self.vendor(), faults.dated), kind, None)
                told.append([one.token for one in found if isinstance(one, Cursor)])
            assert told[0] == told[1], f"the cursor of {kind} goes by our clock"

    @rule("silver")
    def test_an_item_that_is_none_is_told(self) -> None:
        """Of every list the last of several items is a word in the place of an object: it is set
        aside and the others come, or the pull is a `Retry` and nothing says that it was all."""
        for kind in sorted(self.connector.reads):
            whole = {row.place for row in self.pulled(self.vendor(), kind)}
            found, error = self.until_it_breaks(kind, Spoilt(self.vendor()))
            rows = {one.place for one in found if isinstance(one, Pulled)}
            broken = [one for one in found if isinstance(one, Broken)]
            assert rows <= whole, f"{kind}: an item that is none became a record"
            assert error is None or isinstance(error, Retry), f"{kind}: {error!r}"
            marks = [one for one in found if not isinstance(one, Pulled | Broken)]
            assert error is None or not marks, f"{kind}: {error!r}, and it counts as read"
            assert error or broken or rows == whole, f"{kind}: an item is dropped in silence"
            assert error or rows, f"{kind}: the others are lost with it"

    @rule("silver")
    def test_the_same_key_twice_has_one_effect(self) -> None:
        for kind in sorted(self.connector.writes & self.pushes.keys()):
            vendor = self.vendor()
            with self.sink(vendor) as sink:
                sink.push(kind, self.pushes[kind], "key-1")
                found = sink.find(kind, "key-1")
                assert found is not None, f"{kind} is pushed and not found by its key"
                assert sink.find(kind, "key-2") is None, f"a {kind} nobody pushed is found"
            assert self.taken(vendor, kind) == 1

    @rule("silver")
    def test_an_answer_that_was_lost_doubles_nothing(self) -> None:
        """The answer of each request of a push is lost once; whoever pushed asks, and pushes again
        only what is not there."""
        for kind in sorted(self.connector.writes & self.pushes.keys()):
            for nth in range(self.requests_of_push(kind)):
                vendor = self.vendor()
                with self.sink(Faulty(vendor, faults.lost_after, nth, 1)) as sink:
                    error = error_of(partial(sink.push, kind, self.pushes[kind], "key-1"))
                assert error is None or isinstance(error, Retry), f"{kind}: {error!r}"
                with self.sink(vendor) as sink:
                    if sink.find(kind, "key-1") is None:
                        sink.push(kind, self.pushes[kind], "key-1")
                assert self.taken(vendor, kind) == 1, f"{kind}, answer {nth} lost"

    @rule("silver")
    def test_everything_it_writes_is_tried(self) -> None:
        left = self.connector.writes - self.pushes.keys()
        assert not left, f"`pushes` has no {', '.join(sorted(left))}"
