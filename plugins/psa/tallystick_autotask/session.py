"""The conversation with Autotask: what is read by change, what whole, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from tallystick.connector import Broken, Context, Cursor, Mark, Pulled, Raw, Ref, Whole
from tallystick.connector.invoice_status import RECORD
from tallystick_autotask.contracts import contract_lines, contracts
from tallystick_autotask.invoiced import with_invoices
from tallystick_autotask.labels import Labels
from tallystick_autotask.outgoing import Outgoing
from tallystick_autotask.settings import LOOKBACK, WHOLE_EVERY, AutotaskSettings
from tallystick_autotask.statuses import Statuses
from tallystick_autotask.wire import EVERYTHING, Api, Filter

Items = Iterator[Pulled | Broken | Cursor | Whole]


class List(NamedTuple):
    """Entities with the fields that tell of a change, which differ from entity to entity; and the
    field of a day, here and in our record, by which a window of them is read whole."""

    entities: tuple[str, ...]
    changed: tuple[str, ...]
    day: str | None = None
    our_day: str | None = None


LISTS: Final = {
    "client": List(("Companies",), ("lastActivityDate", "lastTrackedModifiedDateTime")),
    "contact": List(("Contacts",), ("lastActivityDate", "lastModifiedDate")),
    "ticket": List(("Tickets",), ("lastActivityDate", "lastTrackedModificationDateTime")),
    "asset": List(("ConfigurationItems",), ("lastModifiedTime",)),
    "booking": List(("TimeEntries",), ("lastModifiedDateTime",), "dateWorked", "work_date"),
    "cost": List(
        ("TicketCharges", "ContractCharges"),
        ("createDate", "statusLastModifiedDate"),
        "datePurchased",
        "spent_on",
    ),
}


class AutotaskSession:
    """Plays `Source` and `Sink`."""

    def __init__(self, settings: AutotaskSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._api = Api(settings, context)
        self._labels = Labels(self._api)
        self._outgoing = Outgoing(self._api, self._labels, settings)
        self._statuses = Statuses(self._outgoing, settings, context.connection)

    def whoami(self) -> str:
        used = self._api.used()
        told = "" if used is None else f", {used[0]:,} of {used[1]:,} requests of the hour used"
        return f"{self._settings.user} at Autotask, {self._api.host}{told}"

    def pull(self, record: str, since: str | None) -> Items:
        self._api.begin()
        if record not in LISTS:
            yield from self._whole(record)
            yield Whole()
            return
        now = self._context.now()
        mark = Mark.still_good(since, now, WHOLE_EVERY)
        if mark is None:
            yield from self._list(record, EVERYTHING)
            yield Whole()
            whole_on = now.date()
        else:
            yield from self._changed(record, mark.changed_at)
            whole_on = mark.whole_on
        yield Cursor(Mark((self._api.told_at or now) - LOOKBACK, whole_on).token)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if record == RECORD:
            return self._statuses.push(raw, key)
        return self._outgoing.push(record, raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        if record == RECORD:
            return self._statuses.find(key)
        return self._outgoing.find(record, key)

    def _whole(self, record: str) -> Iterator[Pulled | Broken]:
        """What has no field that tells of a change."""
        if record == "contract":
            return contracts(self._api, self._labels, self._settings.currency)
        if record == "contract_line":
            return contract_lines(self._api, self._labels)
        rows = self._api.rows("Resources", record)
        return (_named(row, record) if isinstance(row, Pulled) else row for row in rows)

    def _changed(self, record: str, changed_at: datetime) -> Items:
        """What was changed since then; of time and charges also everything of the window, a day
        wider than it is told, as a day begins elsewhere at another hour."""
        given = LISTS[record]
        later: list[dict[str, Any]] = [_from(field, changed_at) for field in given.changed]
        first = self._context.now().date() - timedelta(days=self._settings.window_days)
        if given.day:
            later.append(_from(given.day, first - timedelta(days=1)))
        yield from self._list(record, [{"op": "or", "items": later}])
        if given.our_day:
            yield Whole(given.our_day, first, date.max)

    def _list(self, record: str, conditions: Filter) -> Iterator[Pulled | Broken]:
        given = LISTS[record]
        for entity in given.entities:
            rows = self._api.rows(entity, record, conditions)
            for row in with_invoices(self._api, rows) if record == "booking" else rows:
                if isinstance(row, Broken):
                    yield row
                    continue
                found = _stamped(row, given.changed)
                if record == "cost":
                    yield _cost(found, entity, self._settings.currency)
                    continue
                told = self._labels.beside(_named(found, record), entity)
                if record != "ticket" or not self._is_status(told):
                    yield told

    def _is_status(self, ticket: Pulled) -> bool:
        queue = ticket.raw["labels"].get("queueID")
        return queue is not None and queue == self._settings.invoice_queue


def _from(field: str, moment: date) -> dict[str, Any]:
    value = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {"op": "gte", "field": field, "value": value}


def _stamped(row: Pulled, fields: tuple[str, ...]) -> Pulled:
    """A row with the latest of what tells of a change."""
    told = [one for field in fields if isinstance(one := row.raw.get(field), str)]
    return Pulled({**row.raw, "changedAt": max(told)}, row.place) if told else row


def _named(row: Pulled, record: str) -> Pulled:
    """A person with the name that Autotask keeps in two halves; a device without a title by the
    name of its host, or its serial number."""
    if record in ("contact", "technician"):
        halves = (row.raw.get("firstName"), row.raw.get("lastName"))
        name = " ".join(half for half in halves if isinstance(half, str) and half)
        return Pulled({**row.raw, "name": name}, row.place)
    if record == "asset" and not row.raw.get("referenceTitle"):
        named = ("rMMDeviceAuditHostname", "serialNumber")
        title = next((one for field in named if (one := row.raw.get(field))), None)
        return Pulled({**row.raw, "referenceTitle": title}, row.place)
    return row


def _cost(row: Pulled, entity: str, currency: str) -> Pulled:
    """A charge as a cost: what it cost the MSP, in the internal currency."""
    kind = entity.removesuffix("Charges").lower()
    return Pulled({**row.raw, "id": f"{kind}-{row.raw['id']}", "currency": currency}, row.place)
