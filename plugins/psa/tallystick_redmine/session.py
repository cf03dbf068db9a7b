"""The conversation with Redmine: projects are clients, issues tickets, time entries bookings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tallystick.connector import Broken, Context, Cursor, Pulled, Raw, Ref, Whole, row_of
from tallystick.connector.invoice_status import RECORD
from tallystick_redmine.issues import Issues
from tallystick_redmine.settings import LOOKBACK, RedmineSettings
from tallystick_redmine.statuses import Statuses
from tallystick_redmine.wire import Api

Items = Iterator[Pulled | Broken | Cursor | Whole]


class RedmineSession:
    """Plays `Source` and `Sink`."""

    def __init__(self, settings: RedmineSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._api = Api(settings, context)
        self._issues = Issues(self._api, settings)
        self._statuses = Statuses(self._api, settings)

    def whoami(self) -> str:
        """Asked of the user itself: lists answer with nothing where the key is no good."""
        user = self._api.get("/users/current.json")["user"]
        return f"{user['login']} at Redmine, {self._api.host}"

    def pull(self, record: str, since: str | None) -> Items:
        match record:
            case "client":
                yield from self._whole("projects", record)
            case "technician":
                yield from self._whole("users", record)
            case "booking":
                yield from self._bookings(since)
            case "asset" if self._settings.asset_tracker is not None:
                yield from self._changed(record, f"{self._settings.asset_tracker}", since)
            case "ticket":
                own = (self._settings.asset_tracker, self._settings.invoice_tracker)
                not_these = "|".join(str(one) for one in own if one is not None)
                yield from self._changed(record, f"!{not_these}" if not_these else None, since)

    def _whole(self, name: str, record: str) -> Items:
        for raw in self._api.rows(name, {}):
            yield row_of(raw, record)
        yield Whole()

    def _changed(self, record: str, tracker: str | None, since: str | None) -> Items:
        """Issues whatever their status, changed since then."""
        began, self._api.told_at = self._context.now(), None
        query = {"status_id": "*"}
        if tracker:
            query["tracker_id"] = tracker
        if since:
            query["updated_on"] = f">={since}"
        for raw in self._api.rows("issues", query):
            yield row_of(raw, record)
        yield Cursor(f"{(self._api.told_at or began) - LOOKBACK:%Y-%m-%dT%H:%M:%SZ}")

    def _bookings(self, since: str | None) -> Items:
        """All time entries at first, then those of the window: Redmine ignores every filter by
        change, and a deleted entry just is not there any more."""
        today = self._context.now().date()
        first = None if since is None else today - timedelta(days=self._settings.window_days)
        query = {"from": first.isoformat()} if first else {}
        for raw in self._api.rows("time_entries", query):
            yield row_of(raw, "booking")
        yield Whole("work_date", first, date.max) if first else Whole()
        yield Cursor(today.isoformat())

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if record == RECORD:
            return self._statuses.push(raw, key)
        return self._issues.push(record, raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        return self._statuses.find(key) if record == RECORD else self._issues.find(key)
