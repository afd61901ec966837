"""A lake for the tests of objects: a store that they fill, and a project that reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from object_server import ObjectServer, object_server

from phasegate.facts.connections.objects import find
from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile


@dataclass
class Lake:
    """A store, and how a project reads it.

    Attributes:
        store: what answers.
        folder: that of the project.
        given: what the project says of the connection.
    """

    store: ObjectServer
    folder: Path
    given: dict[str, Any] = field(default_factory=dict)

    def read(self, contract: Contract | None = None, **sources: dict[str, Any]) -> Reading:
        """Opens sources and reads them."""
        connections = {"lake": Connection.model_validate({"s3": "env:LAKE", **self.given})}
        files = {name: SourceFile.model_validate(keys) for name, keys in sources.items()}
        contracts = {name: contract or Contract(title=name, infer=True) for name in sources}
        opened = open_sources(contracts, files, self.folder, dt.date(2026, 6, 1), connections=connections)
        reading = Reading(opened, opened)
        reading.read_small()
        reading.diagnose()
        return reading

    def state(self, key: str, **keys: Any) -> SourceState:
        """The state of one source of objects."""
        source = {"from": "lake", "path": f"s3://bucket/{key}", **keys}
        return self.read(one=source).states["one"]


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Lake]:
    monkeypatch.setattr(find, "_PAUSE", 0)
    with object_server() as store:
        for name, value in store.variables().items():
            monkeypatch.setenv(name, value)
        yield Lake(store, tmp_path)
