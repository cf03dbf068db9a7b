"""The store: SQLAlchemy Core on SQLite and PostgreSQL, one code path."""
