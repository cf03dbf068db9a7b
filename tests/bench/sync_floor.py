"""The least that could do the same: fetch, decode, hash, upsert by (connection, external id).

Written by hand for these two lists and each database: SQLite by executemany, PostgreSQL by COPY
into a staging table and a merge. It checks nothing, keeps no quarantine and converts no unit but
the hours.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

import httpx
import msgspec
import psycopg
from sync_clock import answer

COLUMNS: Final = {
    "tickets": "id summary companyId agreementId type priority status entered resolved updated"
    " score",
    "bookings": "id memberId companyId ticketId agreementId workType billableOption timeStart"
    " timeEnd actualHours notes updated",
}
INSTANTS: Final = {"entered", "resolved", "updated", "timeStart", "timeEnd"}
NUMBERS: Final = {"score", "actualHours"}
KEYS: Final = {
    "tickets": ("companyId", "agreementId"),
    "bookings": ("companyId", "ticketId", "agreementId"),
}
Row = tuple[Any, ...]
_ENCODE: Final = msgspec.json.Encoder().encode


def pages(client: httpx.Client, name: str, since: str | None) -> Iterator[tuple[list[Row], str]]:
    """The rows of each page with their hash at the end, and what to ask `since` the next time."""
    fields = COLUMNS[name].split()
    hours = fields.index("actualHours") if "actualHours" in fields else None
    query = {"updated_after": since} if since else {}
    seen = 0
    for number in count(1):
        body = client.get(f"/{name}", params={**query, "page": number}).content
        found = msgspec.json.decode(body)
        rows = []
        for item in found["items"]:
            row = ["psa", str(item["id"]), *[item[field] for field in fields[1:]]]
            if hours is not None:
                row[hours + 1] = int(row[hours + 1] * 3600)
            row.append(hashlib.blake2b(_ENCODE(row), digest_size=16).hexdigest())
            rows.append(tuple(row))
        yield rows, found["as_of"]
        seen += len(rows)
        if seen >= found["total"]:
            return


class Sqlite:
    def __init__(self, place: str) -> None:
        self._database = sqlite3.connect(place, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        for name, columns in COLUMNS.items():
            listed = ", ".join(f"{one} TEXT" for one in columns.split())
            self._database.execute(
                f"CREATE TABLE {name} (connection TEXT, {listed}, hash TEXT,"
                " PRIMARY KEY (connection, id))"
            )

    def index(self, name: str, column: str) -> None:
        self._database.execute(f"CREATE INDEX {name}_{column} ON {name} ({column}, connection)")

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        marks = ",".join("?" * len(ids))
        found = self._database.execute(
            f"SELECT id, hash FROM {name} WHERE connection = 'psa' AND id IN ({marks})",
            ids,
        )
        return dict(found)

    def upsert(self, name: str, rows: Sequence[Row]) -> None:
        fields = COLUMNS[name].split()[1:]
        marks = ",".join("?" * (len(fields) + 3))
        updates = ", ".join(f"{one} = excluded.{one}" for one in (*fields, "hash"))
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(
            f"INSERT INTO {name} VALUES ({marks}) ON CONFLICT (connection, id) DO UPDATE"
            f" SET {updates} WHERE hash <> excluded.hash",
            rows,
        )
        self._database.execute("COMMIT")


class Postgres:
    def __init__(self, place: str) -> None:
        self._database = psycopg.connect(place)
        for name, columns in COLUMNS.items():
            listed = ", ".join(f'"{one}" {_kind(one)}' for one in columns.split())
            self._execute(
                f"CREATE TABLE {name} (connection TEXT, {listed}, hash TEXT,"
                " PRIMARY KEY (connection, id))"
            )
            self._execute(f"CREATE TEMP TABLE new_{name} (LIKE {name}) ON COMMIT DELETE ROWS")
        self._database.commit()

    def _execute(self, text: str) -> None:
        self._database.execute(text.encode())

    def index(self, name: str, column: str) -> None:
        self._execute(f'CREATE INDEX {name}_{column} ON {name} ("{column}", connection)')
        self._database.commit()

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        found = self._database.execute(
            f"SELECT id, hash FROM {name} WHERE connection = 'psa' AND id = ANY(%s)".encode(),
            [list(ids)],
        )
        return dict(found.fetchall())

    def upsert(self, name: str, rows: Sequence[Row]) -> None:
        fields = COLUMNS[name].split()[1:]
        updates = ", ".join(f'"{one}" = excluded."{one}"' for one in (*fields, "hash"))
        with self._database.cursor() as cursor:
            with cursor.copy(f"COPY new_{name} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                f"INSERT INTO {name} SELECT * FROM new_{name}"
                f" ON CONFLICT (connection, id) DO UPDATE SET {updates}"
                f" WHERE {name}.hash <> excluded.hash".encode()
            )
        self._database.commit()


def _kind(column: str) -> str:
    if column in INSTANTS:
        return "TIMESTAMPTZ"
    return "BIGINT" if column in NUMBERS else "TEXT"


class Floor:
    """Both lists into one database."""

    def __init__(self, url: str, place: str, *, keyed: bool = False) -> None:
        self._client = httpx.Client(base_url=url)
        self._store = Postgres(place) if "://" in place else Sqlite(place)
        for name, columns in KEYS.items() if keyed else ():
            for column in columns:
                self._store.index(name, column)
        self._since: dict[str, str] = {}

    def first(self) -> None:
        for name in COLUMNS:
            for rows, as_of in pages(self._client, name, None):
                self._store.upsert(name, rows)
                self._since[name] = as_of

    def reread(self) -> None:
        self._changed(lambda _: None)

    def news(self) -> None:
        self._changed(self._since.get)

    def _changed(self, since_of: Any) -> None:
        for name in COLUMNS:
            for rows, as_of in pages(self._client, name, since_of(name)):
                known = self._store.hashes(name, [row[1] for row in rows])
                changed = [row for row in rows if known.get(row[1]) != row[-1]]
                if changed:
                    self._store.upsert(name, changed)
                self._since[name] = as_of


if __name__ == "__main__":
    url, place, _ = sys.argv[1:]
    answer(Floor(url, place), place)
