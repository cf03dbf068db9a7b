"""Alembic's entry: run the migrations on the connection `tallystick.store.migrate` gives."""

from alembic import context

from tallystick.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, user_module_prefix=""
)
context.run_migrations()
