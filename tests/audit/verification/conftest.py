"""A PostgreSQL server for the ledgers that stand on one."""

from lying_evaluator import honest
from postgres_server import database, server

__all__ = ["database", "honest", "server"]
