"""A PostgreSQL server for the ledgers that stand on one."""

from postgres_server import database, server

__all__ = ["database", "server"]
