"""A Singer target for SQLite over the SDK's own sink, for the sync figures.

None that merges can be installed from the package index. MeltanoLabs' is not on it, and like the
SDK's sample it is its SQL sink with a URL, which only appends and so stops at the first record that
comes again. What the index has as target-sqlite is of 2019 and does not start since Python 3.10. So
this is that sink with SQLite's own upsert in the place of its insert, the quickest there is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecReader
from singer_sdk.sql import SQLConnector, SQLSink, SQLTarget
from sqlalchemy.dialects.sqlite import insert

sqlite3.register_adapter(Decimal, str)


class FileConnector(SQLConnector):
    allow_column_alter = False

    def get_sqlalchemy_url(self, config: Mapping[str, Any]) -> str:
        return f"sqlite:///{config['path']}"


class UpsertSink(SQLSink[FileConnector]):
    connector_class = FileConnector

    def conform_name(self, name: str, object_type: str | None = None) -> str:
        return name  # as the target for PostgreSQL does

    def generate_insert_statement(self, full_table_name: Any, schema: dict[str, Any]) -> Any:
        columns = [sa.Column(name) for name in schema["properties"]]
        upsert = insert(sa.Table(str(full_table_name), sa.MetaData(), *columns))
        told = {one.name: upsert.excluded[one.name] for one in columns}
        return upsert.on_conflict_do_update(index_elements=self.key_properties, set_=told)


class SqliteTarget(SQLTarget):
    name = "target-bench"
    default_sink_class = UpsertSink
    message_reader_class = MsgSpecReader
    config_jsonschema = th.PropertiesList(th.Property("path", th.StringType)).to_dict()


if __name__ == "__main__":
    SqliteTarget.cli()
