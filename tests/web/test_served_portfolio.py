"""Pages of a portfolio file come to what `phasegate portfolio` does, and hold ledgers to what it pins."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import DAYS, keep, write_project
from served_world import NOBODY, NOW, Read, viewer
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from phasegate import cli
from phasegate.audit.ledger.checkpoint import in_a_line, read_checkpoint
from phasegate.audit.ledger.ledger import Ledger
from phasegate.reports.text.labels import state_sign
from phasegate.rules.portfolio.load import load_portfolio
from phasegate.web.access.viewer import VIEWER, Viewer
from phasegate.web.app import make_app
from phasegate.web.config import Config, LedgerAloneError

FILE = """\
phasegate: 1
title: The ports
{more}projects:
  - {{name: North, path: north, weight: 3{pinned}}}
  - {{path: south}}
"""
WHOLE = viewer()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that its newest run found open and the one before it closed, and one that is closed."""
    folder = tmp_path_factory.mktemp("ports")
    for name, found in {"north": ((7, 16), ()), "south": ((7, 16),)}.items():
        (folder / name).mkdir()
        for day, open_invoices in zip(DAYS[-len(found) :], found, strict=True):
            write_project(folder / name, open_invoices=open_invoices, id_=f"{name}.0001")
            keep(folder / name, day)
    return folder


@pytest.fixture
def ports(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "ports"))


def write(folder: Path, more: str = "", pinned: str = "") -> Path:
    file = folder / "phasegate.portfolio.yaml"
    file.write_text(FILE.format(more=more, pinned=pinned), encoding="utf-8")
    return file


@contextmanager
def pages(file: Path, by: Viewer = WHOLE) -> Iterator[TestClient]:
    """A client of the pages of a portfolio."""
    app = make_app(Config.of_portfolio(load_portfolio(file), lambda: NOW, verifies=False))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, VIEWER: by} if scope["type"] == "http" else scope, receive, send)

    with TestClient(guarded, base_url="http://127.0.0.1:8000") as client:
        yield client


RULES = {
    "all of them": "",
    "one of them": "rollup: {at_least: 1}\n",
    "both of them": "rollup: {at_least: 2}\n",
    "three quarters of the weight": "rollup: {weighted: 75 %}\n",
    "more than that": "rollup: {weighted: 76 %}\n",
    "a gate": 'gate: "2"\n',
    "a gate that nobody decided": 'gate: "9"\nrollup: {at_least: 1}\n',
    "runs of the same day": "max_age: 0 days\nrollup: {at_least: 1}\n",
}


@pytest.mark.parametrize("name", RULES)
def test_the_first_page_comes_to_what_the_command_does(
    name: str, ports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(ports, RULES[name])
    monkeypatch.setattr(cli, "now", lambda: NOW)
    done = CliRunner().invoke(cli.main, ["portfolio", "--file", str(file), "--format", "json"])
    told = json.loads(done.stdout)
    with pages(file) as client:
        page = Read(client.get("/").text)
    sign = state_sign(told["standing"])
    why = f"{told['why'][:1].upper()}{told['why'][1:]}; it takes {told['rule']}."
    assert f"{sign.mark} {sign.word}May we advance?{why}" in page.text
    rows = re.findall(r"(North|The harbour)([^\w ] [A-Z ]+)", page.text.partition("Why")[2])
    assert [(who, said.strip()) for who, said in rows] == [
        (each["name"], f"{state_sign(each['standing']).mark} {state_sign(each['standing']).word}")
        for each in told["projects"]
    ]


def test_a_copy_of_a_project_without_an_id_does_not_count_twice(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    write_project(tmp_path / "one", open_invoices=())
    keep(tmp_path / "one", DAYS[2])
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    file = tmp_path / "phasegate.portfolio.yaml"
    said = "phasegate: 1\ntitle: Ports\nrollup: {at_least: 2}\nprojects: [{path: one}, {path: two}]\n"
    file.write_text(said, encoding="utf-8")
    with pages(file) as client:
        page = Read(client.get("/").text)
    assert "! ERRORMay we advance?1 of 2 projects is an error" in page.text
    assert "this is the project of The harbour again" in page.text
    assert "2 of 2 projects are open" not in page.text


def test_three_questions_are_answered_before_the_table(ports: Path) -> None:
    with pages(write(ports)) as client:
        page = Read(client.get("/").text)
    first = page.text.partition("None stands better")[0]
    assert "What changed?1 project decided otherwise than by the run before.North ✗ CLOSED → ✓ OPEN" in first
    assert "What will it take?1 project to open, the worst first.✗The harbour 1 fail" in first
    assert "/p/north.0001/compare?before=1&after=2" in page.links


def test_who_may_not_read_all_is_told_nothing_of_what_all_come_to(ports: Path) -> None:
    file = write(ports)
    with pages(file, viewer("north.0001")) as client:
        page = Read(client.get("/").text)
    assert "May we advance?" not in page.text
    assert "You may read some of the projects" in page.text
    assert "South" not in page.text
    with pages(file, NOBODY) as client:
        assert "no project that you may read" in Read(client.get("/").text).text


def checkpoint(path: Path) -> str:
    with Ledger.open(path) as ledger:
        found = read_checkpoint(ledger.newest_checkpoint() or "")[0]
    return in_a_line(found.size, found.root)


@pytest.mark.parametrize("page", ["", "gate?id=1", "runs", "verification", "feed.atom", "badge.svg?id=1"])
def test_no_page_shows_a_ledger_that_is_not_the_one_that_is_pinned(page: str, ports: Path) -> None:
    path = ports / "north" / "phasegate.db"
    file = write(ports, pinned=f", checkpoint: '{checkpoint(path)}'")
    with pages(file) as client:
        assert client.get(f"/p/north.0001/{page}").status_code == 200
    newer = Path(shutil.copytree(ports / "north", ports / "newer"))
    keep(newer, DAYS[2], now=dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC))
    file = write(ports, pinned=f", checkpoint: '{checkpoint(newer / 'phasegate.db')}'")
    with pages(file) as client:
        answer = client.get(f"/p/north.0001/{page}")
        first = Read(client.get("/").text).text
    assert (answer.status_code, "as if an older copy" in answer.text) == (503, "svg" not in page)
    assert "! ERRORMay we advance?1 of 2 projects is an error" in first


def test_signers_that_are_pinned_and_not_listed_shut_all_pages(ports: Path) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2pOOV4yOKnHGVNF6G5yTA6JVAlh8z1J6Y6HQDXvKV3"
    file = write(ports, pinned=f", signers: [{{name: ci, roles: [evaluator], key: {key}}}]")
    with pages(file) as client:
        answer = client.get("/p/north.0001/")
    assert (answer.status_code, "does not list ci, whom a line pins" in answer.text) == (503, True)


def test_a_project_that_is_known_by_its_ledger_alone_is_refused(ports: Path) -> None:
    file = ports / "phasegate.portfolio.yaml"
    file.write_text("phasegate: 1\ntitle: x\nprojects: [{ledger: x.db, project: north.0001}]\n")
    with pytest.raises(LedgerAloneError, match=r"north\.0001 is named by its ledger alone"):
        Config.of_portfolio(load_portfolio(file), lambda: NOW)
