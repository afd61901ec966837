"""A ledger that is not there, empty, damaged, or another's makes an error, whatever the rule."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from kept_runs import keep, write_project
from postgres_server import Server, server  # noqa: F401 - a fixture
from tampering import CHANGES, copied, opened, tamper

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.sqlite_file import new_file
from phasegate.monitoring.portfolio import read
from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.places import Place, place_of_ledger, place_of_project
from phasegate.monitoring.portfolio.portfolio import portfolio
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.rollup import Rule
from phasegate.monitoring.portfolio.row import Asked
from phasegate.monitoring.portfolio.standing import Standing

DAY = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
OPEN, ERROR = Standing.OPEN, Standing.ERROR


def one(place: Place, now: dt.datetime = NOON) -> PortfolioRow:
    (found,) = read_rows([place], now, Asked())
    return found


def newer_run_hidden(path: Path) -> None:
    """The newest run, which shut the gates, in no index: as if it had never been."""
    with opened(path) as connection:
        (newest,) = connection.execute("SELECT max(run) FROM entry").fetchone()
        connection.execute("UPDATE entry SET run = NULL, kind = 'x' WHERE run = ?", (newest,))


def newer_run_gone(path: Path) -> None:
    """The newest run and all that came with it cut off, the older checkpoint being the newest again."""
    with opened(path) as connection:
        (newest,) = connection.execute("SELECT max(size) FROM checkpoint").fetchone()
        connection.execute("DELETE FROM checkpoint WHERE size = ?", (newest,))


def document_changed(path: Path) -> None:
    tamper(path, "UPDATE {p}content SET packed = {junk}")


def nothing(_: Path) -> None:
    """Nothing is done to it."""


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "there is no ledger at"),
    "empty file": (lambda path: path.write_bytes(b""), "it is empty"),
    "of another kind": (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(200)), "is not a ledger"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "it is a folder"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:9_000]), ""),
    "an older copy's end": (newer_run_gone, "are not those of its newest checkpoint"),
    "a run that the index hides": (newer_run_hidden, "is damaged"),
    "documents": (document_changed, "can not be unpacked"),
    "a view in place of a table": (
        lambda path: tamper(path, "DROP TABLE node", "CREATE VIEW node AS SELECT 1", triggers=False),
        "is damaged",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", SPOILT)
def test_what_can_not_be_read_is_an_error_whatever_the_rule(name: str, folder: Path, tmp_path: Path) -> None:
    other = write_project(_made(tmp_path / "other"), open_invoices=(), id_="harbour.0002")
    keep(other, DAY)
    keep(folder, DAY)
    write_project(folder, open_invoices=(7, 16), id_="harbour.0001")
    keep(folder, DAY)
    spoil, says = SPOILT[name]
    spoil(folder / "phasegate.db")
    places = [place_of_project(each, {}) for each in (other, folder)]
    found = portfolio("Ports", places, NOON, Asked(), Rule(at_least=1))
    assert [each.standing for each in found.rows] == [ERROR, OPEN]
    assert says in found.rows[0].why[0]
    assert (found.rows[0].gates, found.rows[0].verified, found.rows[0].score) == ((), None, None)
    assert (found.rolled_up.standing, found.rolled_up.standing.exit_code) == (ERROR, 3)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.sampled(every=8)
@pytest.mark.parametrize("change", CHANGES)
def test_no_change_behind_its_back_makes_a_row_better(change: str, folder: Path) -> None:
    """Each way to change a ledger that verification is held to: the row is as before, or an error."""
    keep(folder, DAY)
    write_project(folder, open_invoices=(7, 16), id_="harbour.0001")
    keep(folder, DAY)
    keep(folder, DAY, gate="1")
    path, before = folder / "phasegate.db", one(place_of_project(folder, {}))
    with Ledger.open(path) as ledger:
        assert (ledger.size(), before.standing) == (22, Standing.CLOSED)
    tamper(path, *CHANGES[change][0])
    assert one(place_of_project(folder, {})).standing >= before.standing


def test_a_ledger_without_an_entry_is_an_error(folder: Path) -> None:
    new_file(folder / "phasegate.db")
    found = one(place_of_project(folder, {}))
    assert (found.standing, found.why) == (ERROR, (f"{folder / 'phasegate.db'} holds no entry yet",))


def test_a_ledger_of_another_project_is_an_error_that_says_whose_it_is(folder: Path, tmp_path: Path) -> None:
    other = write_project(_made(tmp_path / "other"), open_invoices=(), id_="harbour.0002")
    keep(other, DAY)
    shutil.copy(other / "phasegate.db", folder / "phasegate.db")
    found = one(place_of_project(folder, {}))
    assert found.standing is ERROR
    assert "holds no run of project harbour.0001" in found.why[0]
    assert "it holds entries of The harbour (harbour.0002)" in found.why[0]


def test_projects_that_share_a_ledger_have_a_row_each(folder: Path, tmp_path: Path) -> None:
    other = write_project(_made(tmp_path / "other"), open_invoices=(7, 16), id_="harbour.0002")
    (folder / "phasegate.db").unlink(missing_ok=True)
    keep(folder, DAY)
    shutil.copy(folder / "phasegate.db", other / "phasegate.db")
    shutil.copytree(folder / ".phasegate", other / ".phasegate", dirs_exist_ok=True)
    keep(other, DAY)
    ledger = str(other / "phasegate.db")
    places = [place_of_ledger(ledger, f"harbour.000{n}", tmp_path, {}) for n in (1, 2, 3)]
    found = read_rows(places, NOON, Asked())
    assert [each.standing for each in found] == [OPEN, Standing.CLOSED, ERROR]
    assert found[0].verified == found[1].verified


@pytest.mark.parametrize("copy", [False, True])
def test_a_project_counts_once_whatever_it_is_called(copy: bool, folder: Path, tmp_path: Path) -> None:
    keep(folder, DAY)
    again = tmp_path / "again"
    if copy:
        shutil.copytree(folder, again)
    places = [place_of_project(folder, {}, "One"), place_of_project(again if copy else folder, {}, "Two")]
    found = portfolio("Ports", places, NOON, Asked(), Rule(at_least=2))
    assert [(each.name, each.standing) for each in found.rows] == [("Two", ERROR), ("One", OPEN)]
    assert "this is the project of One again" in found.rows[0].why[0]
    assert found.rolled_up.standing is ERROR


def test_a_ledger_that_is_replaced_while_it_is_read_is_one_of_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was opened is read to its end: entries of the one never go with documents of the other."""
    keep(folder, DAY)
    path, new = folder / "phasegate.db", tmp_path / "new.db"
    shutil.copy(path, new)
    write_project(folder, open_invoices=(7, 16), id_="harbour.0001")
    kept = shutil.copy(path, tmp_path / "kept.db")
    keep(folder, DAY)
    path.replace(new)
    shutil.copy(kept, path)
    held = read.held

    def replaced(ledger: Ledger) -> object:
        found = held(ledger)
        new.replace(path)
        return found

    place = place_of_project(folder, {})
    monkeypatch.setattr(read, "held", replaced)
    first = one(place)
    monkeypatch.undo()
    assert (first.standing, first.last_run and first.last_run.number) == (OPEN, 1)
    assert one(place).standing is Standing.CLOSED


def test_a_clock_that_is_behind_the_ledger_decides_nothing(folder: Path) -> None:
    keep(folder, DAY)
    found = one(place_of_project(folder, {}), NOON - dt.timedelta(days=2))
    assert found.standing is ERROR
    assert "nothing is decided by a clock that is behind the ledger" in found.why[0]


def test_nothing_is_written(folder: Path) -> None:
    keep(folder, DAY)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    one(place_of_project(folder, {}))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_ledger_that_may_not_be_read_is_an_error(folder: Path) -> None:
    keep(folder, DAY)
    with closing(sqlite3.connect(folder / "phasegate.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    found = one(place_of_project(folder, {}))
    assert (found.standing, found.hints) == (ERROR, ("install the version of phasegate that wrote it",))


PLACES = {
    "no folder": ("nowhere", "there is no project file"),
    "no project": (".", "there is no phasegate.yaml in"),
    "a file that is none": ("harbour/invoices.csv", ""),
    "a null byte": ("har\0bour", "there is no project file"),
    "a long name": ("x" * 5_000, "there is no project file"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_path_without_a_project_is_an_error_and_none_above_it_is_taken(
    name: str, folder: Path, tmp_path: Path
) -> None:
    inner = _made(folder / "inner")
    written, says = PLACES[name]
    found = one(place_of_project(tmp_path / written, {}))
    assert (found.standing, bool(found.why)) == (ERROR, True)
    assert says in found.why[0]
    assert one(place_of_project(inner, {})).standing is ERROR


def test_a_variable_that_is_not_set_is_an_error_of_its_row(folder: Path) -> None:
    keep(folder, DAY)
    found = one(place_of_ledger("env:HARBOUR", "harbour.0001", folder, {}))
    assert (found.standing, found.project) == (ERROR, "harbour.0001")
    assert (
        one(place_of_ledger("env:HARBOUR", "harbour.0001", folder, {"HARBOUR": "phasegate.db"})).standing
        is OPEN
    )


@pytest.mark.slow
def test_on_a_server_it_is_the_same(folder: Path, server: Server) -> None:  # noqa: F811 - the fixture
    keep(folder, DAY)
    file = one(place_of_project(folder, {}))
    address = server.database()
    copied(folder / "phasegate.db", address)
    found = one(place_of_ledger(address, "harbour.0001", folder, {}))
    assert (found.standing, found.gates, found.verified) == (OPEN, file.gates, file.verified)
    gone = one(place_of_ledger(address.rpartition("/")[0] + "/nothing_here", "harbour.0001", folder, {}))
    assert gone.standing is ERROR
