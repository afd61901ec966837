"""A database for the tests of connections that need a real one."""

from erp_database import erp
from postgres_server import server

__all__ = ["erp", "server"]
