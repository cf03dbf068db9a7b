"""Alembic's entry: run the migrations on the connection `tallystick.store.migrate` gives."""

from alembic import context

from tallystick.store import ledger_schema  # noqa: F401 - its tables join the metadata
from tallystick.store.facts_schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, user_module_prefix=""
)
context.run_migrations()
