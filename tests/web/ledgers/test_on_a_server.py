"""A ledger on PostgreSQL is served as one in a file is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from kept_runs import DAYS, write_project
from postgres_server import database, server  # noqa: F401 - fixtures
from served_world import KEY, NOW, PROJECT, asking, viewer

from phasegate.runs.attempt import Attempt

LEDGER = "PHASEGATE_LEDGER"


def kept(folder: Path, address: str, day: dt.date) -> None:
    Attempt(("check",), folder, dt.datetime.combine(day, dt.time(9), dt.UTC), {LEDGER: address}).decide(day)


def test_it_is_shown_as_it_stands(tmp_path: Path, database: str) -> None:  # noqa: F811 - the fixture
    write_project(tmp_path, id_=KEY)
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write(f"ledger: env:{LEDGER}\n")
    kept(tmp_path, database, DAYS[1])
    with asking(tmp_path, by=viewer(), environ={LEDGER: database}) as client:
        first = client.get(PROJECT)
        assert first.status_code == 200
        assert client.get(PROJECT, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        proof = client.get(f"{PROJECT}proof?id=1.1")
        assert proof.status_code == 200
        kept(tmp_path, database, DAYS[2])
        again = client.get(PROJECT, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 200
        assert "run 2" in client.get(f"{PROJECT}runs").text
        for path in (PROJECT, f"{PROJECT}people", "/"):
            assert "password" not in client.get(path).text


def test_a_server_that_is_away(tmp_path: Path) -> None:
    write_project(tmp_path, id_=KEY)
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write(f"ledger: env:{LEDGER}\n")
    away = "postgresql://phasegate:secret@127.0.0.1:1/phasegate?connect_timeout=2"
    pytest.importorskip("psycopg")
    with asking(tmp_path, by=viewer(), environ={LEDGER: away}, now=NOW) as client:
        answer = client.get(PROJECT)
        assert answer.status_code == 503
        assert "secret" not in answer.text
        assert client.get("/").status_code == 200
