"""What is shown is so now: a ledger that grew is seen at once, and one that is not good is not shown."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import DAYS, keep, write_project
from served_world import KEY, NOW, PROJECT, Read, asking, viewer, world
from sizes import some

from phasegate.audit.ledger import integrity
from phasegate.audit.ledger.integrity import hashed_entries
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.keys import new_key
from phasegate.audit.trail.held import held_on
from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.runs.attempt import Attempt
from phasegate.web.config import Config
from phasegate.web.errors import NotGoodError
from phasegate.web.ledgers import served
from phasegate.web.ledgers.served import ServedProject
from phasegate.web.routes import PAGES
from phasegate.web.verifier import Verifier

MOST = 2_000
"""So many times is asked for what comes by itself."""
PATHS = (PROJECT, f"{PROJECT}gate?id=1", f"{PROJECT}runs", f"{PROJECT}feed.atom", f"/api/v1/projects/{KEY}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("made"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "served"))


def test_a_run_is_seen_at_the_next_request(folder: Path) -> None:
    with asking(folder, by=viewer()) as client:
        before = {path: client.get(path) for path in PATHS}
        keep(folder, DAYS[2])
        for path in PATHS:
            answer = client.get(path, headers={"If-None-Match": before[path].headers["etag"]})
            assert answer.status_code == 200
        assert "run 5" in client.get(f"{PROJECT}runs").text
        assert client.get(f"/api/v1/projects/{KEY}").json()["newest"]["run"] == 5


def test_it_is_not_opened_where_its_files_are_as_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "APART", 0.0)
    opened = []
    plain = ServedProject.opened
    monkeypatch.setattr(ServedProject, "opened", lambda self, **how: opened.append(how) or plain(self, **how))
    with asking(folder, by=viewer()) as client:
        for _ in range(2):
            before = client.get(f"{PROJECT}runs")
        opened.clear()
        assert client.get(f"{PROJECT}runs").content == before.content
        assert opened == []
        keep(folder, DAYS[2])
        assert "run 5" in client.get(f"{PROJECT}runs").text
        assert len(opened) == 1
        (folder / "phasegate.yaml").unlink()
        assert client.get(f"{PROJECT}runs").status_code == 503


def changed(statement: str) -> Callable[[Path], None]:
    """Changes the tables as whoever can write the file may."""

    def change(folder: Path) -> None:
        with sqlite3.connect(folder / "phasegate.db") as connection:
            triggers = [
                name
                for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            ]
            kept = [
                sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
            ]
            for name in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)
            for sql in kept:
                connection.execute(sql)
        connection.close()

    return change


def gone(folder: Path) -> None:
    for each in folder.glob("phasegate.db*"):
        each.unlink()


def another(folder: Path) -> None:
    gone(folder)
    keep(folder, DAYS[2])


def overwritten(folder: Path) -> None:
    file = folder / "phasegate.db"
    data = bytearray(file.read_bytes())
    for place in range(4_096, len(data), 512):
        data[place] ^= 0xFF
    file.write_bytes(bytes(data))


BODY = "body = CAST(replace(CAST(body AS TEXT), '\"closed\"', '\"open\"') AS BLOB)"
WAYS: dict[str, Callable[[Path], None]] = {
    "away": gone,
    "another ledger in its place": another,
    "no file of SQLite": lambda folder: (folder / "phasegate.db").write_text("x" * 5_000) and None,
    "empty": lambda folder: (folder / "phasegate.db").write_bytes(b"") and None,
    "overwritten": overwritten,
    "a run says something else": changed(f"UPDATE entry SET {BODY} WHERE kind = 'run'"),
    "a run is taken out": changed("DELETE FROM entry WHERE kind = 'run' AND run = 4"),
    "its end is taken off": changed("DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)"),
    "a list of signers is taken out": changed("DELETE FROM entry WHERE kind = 'key'"),
    "a kept hash is another": changed("UPDATE entry SET leaf = zeroblob(32) WHERE kind = 'run'"),
    "its records are taken out": changed("DELETE FROM content"),
    "the project file is away": lambda folder: (folder / "phasegate.yaml").unlink(),
    "the project file is broken": lambda folder: (
        (folder / "phasegate.yaml").write_text("phasegate: [") and None
    ),
}


@pytest.mark.sampled
@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_good_is_not_shown(folder: Path, way: str) -> None:
    """In the fast tests each way is tried with some of the pages, each at other ones."""
    kept = Path(shutil.copytree(folder, folder.with_name("kept")))
    with asking(folder, by=viewer()) as client:
        assert client.get(PROJECT).status_code == 200
        WAYS[way](folder)
        seen = 0
        pages = some((page for page in PAGES if "{project}" in page.path), [*WAYS].index(way), 3)
        for page in pages:
            answer = client.get(page.path.replace("{project}", KEY), params={"id": "1"})
            if way == "its records are taken out" and answer.status_code != 503:
                continue  # it does not rest on a record
            assert answer.status_code in (503, 400), page.path
            seen += answer.status_code == 503
            for word in ("OPEN", "CLOSED", "opened", "Berth"):
                assert word not in answer.text
            if "html" in answer.headers["content-type"]:
                Read(answer.text)
        assert seen > len(pages) / 4
        first = client.get("/")
        assert first.status_code == 200
        if way != "its records are taken out":
            assert "CLOSED" not in first.text, "the first page shows its state all the same"
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
        for _ in range(MOST):  # where a verification has found it, another one must find it good
            if (answer := client.get(PROJECT)).status_code == 200:
                break
            time.sleep(0.01)
        assert answer.status_code == 200, "what was put right is not shown again"


def served_once(folder: Path) -> Callable[[dt.datetime], PortfolioRow]:
    """Tells how the project stands at a moment, all of it by one server."""
    config = Config.of([folder], lambda: NOW, {}, verifies=False)
    (project,) = config.projects.values()

    def row(now: dt.datetime) -> PortfolioRow:
        with project.opened() as opened:
            return config.today.of(project, opened, now)

    return row


def size_of(folder: Path) -> int:
    with Ledger.open(folder / "phasegate.db") as ledger:
        return ledger.size()


def test_of_a_ledger_that_grew_only_what_is_new_is_hashed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[bytes] = []
    plain = integrity.leaf_hashes
    monkeypatch.setattr(integrity, "leaf_hashes", lambda found: plain(hashed.append(b) or b for b in found))
    row, before = served_once(folder), 0
    for run in (4, 5, 6):
        hashed.clear()
        told = row(NOW)
        assert told.last_run is not None
        assert told.verified is not None
        assert (told.last_run.number, told.verified.size) == (run, size_of(folder))
        assert len(hashed) == size_of(folder) - before, "what was hashed before is hashed again"
        before = size_of(folder)
        row(NOW + dt.timedelta(minutes=20))
        assert len(hashed) <= before, "nothing has changed, and it is hashed again"
        keep(folder, DAYS[2])


OLD_ENTRY = f"UPDATE entry SET {BODY} WHERE kind = 'gate' AND run = 3"


@pytest.mark.parametrize(
    ("later", "grown", "why"),
    [
        (0, False, "damaged"),
        (1, True, ""),
        (60, True, "damaged"),
    ],
)
def test_an_old_entry_that_is_changed(folder: Path, later: int, grown: bool, why: str) -> None:
    """Beside a ledger that grows rightly it is noticed within the hour, and shown at no time."""
    row = served_once(folder)
    before = row(NOW)
    changed(OLD_ENTRY)(folder)
    if grown:
        keep(folder, DAYS[2])
    found = row(NOW + dt.timedelta(minutes=later))
    if why:
        assert (found.standing, why in found.why[0]) == (Standing.ERROR, True)
    else:
        assert found.gates[0].standing == before.gates[0].standing
        assert found.verified is not None
        assert found.verified.at == NOW, "all of it was not read at a later time"


def test_a_ledger_that_does_not_go_on_from_what_was_read_is_read_anew(folder: Path) -> None:
    """Another server would show it; this one knows better, and `served` refuses it before."""
    kept = Path(shutil.copytree(folder, folder.with_name("kept")))
    with Ledger.open(folder / "phasegate.db") as ledger:
        _, read = held_on(ledger)
    for way in (1, 2):
        keep(kept if way == 1 else folder, DAYS[way])
    with Ledger.open(kept / "phasegate.db") as other:
        _, again = held_on(other, read)
        assert again is read, "it goes on from what was read"
    with Ledger.open(folder / "phasegate.db") as ledger:
        at, found = held_on(ledger, again)
        assert found is not again
        assert at.find(("run",)) == hashed_entries(ledger.position()).find(("run",))


def test_a_row_is_of_the_head_under_which_it_is_held(folder: Path) -> None:
    """A run that is kept while a page is made stands on the next page."""
    config = Config.of([folder], lambda: NOW, {}, verifies=False)
    (project,) = config.projects.values()
    for run in (4, 5):
        with project.opened() as opened:
            if run == 4:
                keep(folder, DAYS[2])
            row = config.today.of(project, opened, NOW)
        assert row.last_run is not None
        assert row.last_run.number == run


def test_an_older_copy_is_not_shown(folder: Path) -> None:
    """It verifies by itself: only who has seen a later one can tell."""
    older = Path(shutil.copytree(folder, folder.with_name("older")))
    keep(folder, DAYS[2])
    with asking(folder, by=viewer()) as client:
        assert client.get(PROJECT).status_code == 200
        shutil.copy(older / "phasegate.db", folder / "phasegate.db")
        answer = client.get(PROJECT)
        assert answer.status_code == 503
        assert "is not the ledger that was shown before" in answer.text


def test_a_ledger_that_was_signed_by_a_stranger_is_not_shown(tmp_path: Path) -> None:
    """The project lists signers, and none of them has signed what its ledger holds."""
    folder, keys = tmp_path / "served", tmp_path / "keys"
    folder.mkdir()
    keys.mkdir()
    write_project(folder, id_=KEY)
    unsigned = (folder / "phasegate.yaml").read_text(encoding="utf-8")

    def listed(name: str) -> Path:
        public = new_key(keys / name, name).public
        line = f"signers: [{{name: {name}, roles: [evaluator], key: '{public.openssh}'}}]\n"
        (folder / "phasegate.yaml").write_text(unsigned + line, encoding="utf-8")
        return keys / name

    key = listed("ours")
    Attempt(("check",), folder, NOW, {}, key).decide(DAYS[2])
    with asking(folder, by=viewer()) as client:
        assert client.get(PROJECT).status_code == 200
        listed("theirs")
        answer = client.get(PROJECT)
    assert answer.status_code == 503
    assert "by a key that the project does not list" in answer.text


def test_a_ledger_without_runs(tmp_path: Path) -> None:
    write_project(tmp_path, id_=KEY)
    with asking(tmp_path, by=viewer()) as client:
        assert client.get(PROJECT).status_code == 503, "there is none yet"
        keep(tmp_path, DAYS[0])
        assert client.get(PROJECT).status_code == 200


def test_what_a_verification_finds_shuts_the_pages(folder: Path) -> None:
    """What no digest at hand covers, reading everything finds: an entry of a point."""
    body = "CAST(replace(CAST(body AS TEXT), 'pass', 'fail') AS BLOB)"
    changed(f"UPDATE entry SET body = {body} WHERE kind = 'point'")(folder)
    project = ServedProject(folder, {})
    verifier = Verifier()
    with project.opened() as opened:
        verifier.ask(project, opened.head)
    verifier.wait()
    told = verifier.told(project)
    assert told is not None
    assert told.found is not None
    assert not told.found.good
    with pytest.raises(NotGoodError, match="is not what was kept"), project.opened():
        pass


def test_the_page_of_a_verification_asks_again_until_it_is_over(folder: Path) -> None:
    with asking(folder, by=viewer()) as client:
        pages = [Read(client.get(f"{PROJECT}verification").text) for _ in range(2)]
        for _ in range(MOST):
            if (page := Read(client.get(f"{PROJECT}verification").text)).refresh is None:
                break
            pages.append(page)
        assert "The ledger holds what was kept" in page.text
        told = client.get(f"/api/v1/projects/{KEY}/verification").json()
        assert told["found"]["good"]


BADGE, GATE = f"{PROJECT}badge.svg?id=1", f"{PROJECT}gate?id=1"
CYCLE = "cycle: {id: c-1, start: 2026-01-05}"


def passing(folder: Path, *changes: tuple[str, str]) -> Path:
    """A project of which gate 1 is open, with some lines of its file put otherwise."""
    folder.mkdir(exist_ok=True)
    write_project(folder, open_invoices=(), id_=KEY)
    for line, other in changes:
        put(folder, line, other)
    return folder


def put(folder: Path, line: str, other: str) -> None:
    file = folder / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    assert line in text
    file.write_text(text.replace(line, other), encoding="utf-8")


def test_today_is_the_day_of_the_projects_own_time_zone(tmp_path: Path) -> None:
    """What is held of one day is shown on no other, wherever that day begins."""
    folder = passing(tmp_path, (CYCLE, f"{CYCLE}\ntime_zone: Pacific/Auckland"))
    keep(folder, DAYS[0], gate="1")
    moments = [dt.datetime(2026, 3, 8, 10, 59, tzinfo=dt.UTC)]  # a run opens a gate for seven days
    with asking(folder, by=viewer(), clock=lambda: moments[-1]) as client:
        assert "open" in client.get(BADGE).text
        assert "Today it stands" not in client.get(GATE).text
        moments.append(dt.datetime(2026, 3, 8, 11, 0, tzinfo=dt.UTC))
        assert "open" not in client.get(BADGE).text
        assert "Today it stands" in client.get(GATE).text


def test_a_cycle_that_its_own_file_ends_is_seen_at_once(tmp_path: Path) -> None:
    folder = passing(tmp_path, (CYCLE, "cycle_file: cycle.yaml"))
    (folder / "cycle.yaml").write_text(f"{CYCLE}\n", encoding="utf-8")
    keep(folder, DAYS[2], gate="1")
    with asking(folder, by=viewer()) as client:
        assert "open" in client.get(BADGE).text
        (folder / "cycle.yaml").write_text("cycle: {id: c-2, start: 2026-03-02}\n", encoding="utf-8")
        assert "open" not in client.get(BADGE).text
        assert "Today it stands" in client.get(GATE).text
        (folder / "cycle.yaml").unlink()
        assert "open" not in client.get(BADGE).text


def test_a_gate_stands_as_in_the_cycle_of_the_project(tmp_path: Path) -> None:
    """A newer run of another cycle opens nothing in this one."""
    folder = passing(tmp_path)
    write_project(folder, open_invoices=(1, 2, 3, 4, 7, 16), id_=KEY)
    keep(folder, DAYS[1], gate="1")
    passing(folder, ("c-1", "c-2"))
    keep(folder, DAYS[2], gate="1")
    with asking(folder, by=viewer()) as client:
        assert "open" in client.get(BADGE).text
        put(folder, "c-2", "c-1")
        assert "closed" in client.get(BADGE).text
        assert "what counts is run 1" in client.get(GATE).text


def test_a_file_that_becomes_another_projects_is_not_shown(tmp_path: Path) -> None:
    """Who may see what goes by the id under which it was first served."""
    folder = passing(tmp_path)
    keep(folder, DAYS[2])
    with asking(folder, by=viewer(KEY)) as client:
        assert client.get(PROJECT).status_code == 200
        put(folder, f"id: {KEY}", "id: another-programme")
        answer = client.get(PROJECT)
        assert answer.status_code == 503
        assert "Berth" not in answer.text
