"""A database that a project reads: on a server of the tests, by a role that may only read."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mariadb_server import MariaServer, maria  # noqa: F401 - a fixture
from postgres_server import Server, server  # noqa: F401 - a fixture

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

SECRET = "r3ader/s3cret"
_COUNT = itertools.count(1)


@dataclass
class Erp:
    """A database with a role that may read, and how a project reads it."""

    server: Server | MariaServer
    name: str
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    given: dict[str, object] = field(default_factory=dict)
    kind: str = "postgres"

    def run(self, *statements: str) -> None:
        """Statements of the database's owner."""
        self.server.execute(self.name, *statements)

    def as_role(self, role: str, password: str = SECRET, **given: object) -> None:
        """From now on the project reads as a role."""
        self.given = given
        self.monkeypatch.setenv("ERP_URL", self.server.url(self.name, role, password))

    def states(self, contract: Contract | None = None, **sources: str) -> dict[str, SourceState]:
        """The states of sources, by the tables that they are in."""
        return self.read(contract, **sources).states

    def read(self, contract: Contract | None = None, **sources: str) -> Reading:
        """Opens sources and reads them."""
        if isinstance(self.server, MariaServer):
            self.server.settle()
        connections = {"erp": Connection.model_validate({self.kind: "env:ERP_URL", **self.given})}
        files = {
            name: SourceFile.model_validate({"from": "erp", "table": table})
            for name, table in sources.items()
        }
        contracts = {name: contract or Contract(title=name, infer=True) for name in sources}
        opened = open_sources(contracts, files, self.folder, dt.date(2026, 6, 1), connections=connections)
        reading = Reading(opened, opened)
        reading.read_small()
        reading.diagnose()
        return reading

    def state(self, table: str, contract: Contract | None = None) -> SourceState:
        """The state of one source."""
        return self.states(contract, one=table)["one"]


@pytest.fixture
def erp(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Erp:  # noqa: F811
    number = next(_COUNT)
    made = Erp(server, f"erp_{number}", monkeypatch, tmp_path)
    server.execute("postgres", f"CREATE DATABASE erp_{number}")
    made.run(
        "CREATE SCHEMA finance",
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN "
        f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'; END IF; END $$",
        "GRANT USAGE ON SCHEMA finance TO reader",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA finance GRANT SELECT ON TABLES TO reader",
    )
    made.as_role("reader")
    return made


@pytest.fixture
def maria_erp(maria: MariaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Erp:  # noqa: F811
    name = f"erp_{next(_COUNT)}"
    made = Erp(maria, name, monkeypatch, tmp_path, kind="mysql")
    maria.execute(
        None,
        f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
        f"CREATE USER reader_{name} IDENTIFIED BY '{SECRET}'",
        f"GRANT SELECT ON {name}.* TO reader_{name}",
    )
    made.as_role(f"reader_{name}")
    return made
