"""The conversation with ConnectWise: what is read by change, what whole, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tallystick.connector import Broken, Context, Cursor, Mark, Pulled, Raw, Ref, Whole
from tallystick.connector.invoice_status import RECORD
from tallystick_connectwise.agreements import contract_lines
from tallystick_connectwise.outgoing import Outgoing
from tallystick_connectwise.settings import LOOKBACK, WHOLE_EVERY, ConnectWiseSettings
from tallystick_connectwise.statuses import Statuses
from tallystick_connectwise.wire import Api

Items = Iterator[Pulled | Broken | Cursor | Whole]
LISTS: Final = {
    "client": "/company/companies",
    "contact": "/company/contacts",
    "technician": "/system/members",
    "ticket": "/service/tickets",
    "booking": "/time/entries",
    "asset": "/company/configurations",
    "contract": "/finance/agreements",
}


class ConnectWiseSession:
    """Plays `Source` and `Sink`."""

    def __init__(self, settings: ConnectWiseSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._api = Api(settings, context)
        self._outgoing = Outgoing(self._api, settings)
        self._statuses = Statuses(self._api, settings)

    def whoami(self) -> str:
        info = self._api.get("/system/info")
        version = info.get("version") if isinstance(info, dict) else None
        return f"{self._settings.company} at ConnectWise PSA {version or ''}, {self._api.host}"

    def pull(self, record: str, since: str | None) -> Items:
        if record in ("technician", "contract_line"):
            rows = (
                self._api.rows(LISTS["technician"], {}, record)
                if record == "technician"
                else contract_lines(self._api)
            )
            yield from rows
            yield Whole()
            return
        now = self._context.now()
        mark = Mark.still_good(since, now, WHOLE_EVERY)
        if mark is None:
            yield from self._list(record, {})
            yield Whole()
            whole_on = now.date()
        else:
            yield from self._changed(record, mark.changed_at)
            whole_on = mark.whole_on
        began = (self._api.told_at or now) - LOOKBACK
        yield Cursor(Mark(began, whole_on).token)

    def _changed(self, record: str, changed_at: datetime) -> Items:
        """What was changed since then; of time, also everything of the window, a day wider than it
        is told, as a day begins elsewhere at another hour."""
        changed = f"lastUpdated>{_instant(changed_at)}"
        if record != "booking":
            yield from self._list(record, {"conditions": changed})
            return
        first = self._context.now().date() - timedelta(days=self._settings.window_days)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
        either = f"{changed} or timeStart>={_instant(start)}"
        yield from self._list(record, {"conditions": either})
        yield Whole("work_date", first, date.max)

    def _list(self, record: str, query: dict[str, str]) -> Iterator[Pulled | Broken]:
        for row in self._api.rows(LISTS[record], query, record):
            if record == "ticket" and self._is_status(row):
                continue
            yield _named(row) if record == "contact" and isinstance(row, Pulled) else row

    def _is_status(self, row: Pulled | Broken) -> bool:
        board = row.raw.get("board")
        name = board.get("name") if isinstance(board, Mapping) else None
        return name is not None and name == self._settings.invoice_board

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if record == RECORD:
            return self._statuses.push(raw, key)
        return self._outgoing.push(record, raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        if record == RECORD:
            return self._statuses.find(key)
        return self._outgoing.find(record, key)


def _instant(moment: datetime) -> str:
    return f"[{moment:%Y-%m-%dT%H:%M:%SZ}]"


def _named(row: Pulled) -> Pulled:
    """A contact with the name that ConnectWise keeps in two halves."""
    halves = (row.raw.get("firstName"), row.raw.get("lastName"))
    name = " ".join(half for half in halves if isinstance(half, str) and half)
    return Pulled({**row.raw, "name": name}, row.place)
