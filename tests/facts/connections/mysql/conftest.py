"""A database for the tests of connections that need a real MariaDB."""

from erp_database import maria_erp
from mariadb_server import maria
from postgres_server import server

__all__ = ["maria", "maria_erp", "server"]
