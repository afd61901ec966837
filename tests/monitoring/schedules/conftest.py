"""A PostgreSQL server for the ledgers that stand on one."""

from postgres_server import database, server
from scheduled_world import world

__all__ = ["database", "server", "world"]
