"""Databases whose tables are computed over where they are."""

from pathlib import Path

import pytest
from erp_database import Erp, erp
from postgres_server import server
from pushed_down import InLake, InPostgres
from spark_servers import Lake, sail, spark

__all__ = ["erp", "sail", "server", "spark"]


@pytest.fixture
def three(erp: Erp) -> InPostgres:
    """The same rows thrice."""
    return InPostgres(erp)


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InLake:
    """The same rows thrice, in Sail or in Spark."""
    server: Lake = request.getfixturevalue(getattr(request, "param", "sail"))
    monkeypatch.setenv("SPARK_REMOTE", server.url)
    return InLake(server, tmp_path)
