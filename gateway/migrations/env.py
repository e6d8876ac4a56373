"""Alembic's entry: runs the steps on the connection that `gateway.migrations` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()
