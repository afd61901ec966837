"""Metrics as the text collector of a host reads them: several projects, and passes that make nothing."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from click.testing import Result
from metrics_page import Series, of, read, states

from phasegate import cli

Run = Callable[..., Result]
Clock = Callable[[str], None]
TOOLS = Path(__file__).parents[2] / ".tmp" / "prometheus" / "usr" / "bin"
BOTH = "schedules:\n  first: {every: day, gate: '1'}\n  second: {every: week, gate: '2'}\n"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def to(day: str) -> None:
        moment = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        monkeypatch.setattr(cli, "now", lambda: moment)

    return to


@pytest.fixture
def pack(tmp_path: Path, programme: Callable[[bool], None]) -> Path:
    """Two gates, each with a schedule: 1 wants 95 % and finds 90 %, 2 wants 80 % and waits for no other."""
    programme(False)
    file = tmp_path / "pack" / "pack.yaml"
    text = file.read_text(encoding="utf-8").replace('after: ["1"]', "after: none")
    file.write_text(text.replace("points:", "cycle: {weeks: 8}\npoints:", 1), encoding="utf-8")
    write(tmp_path, f"{BOTH}cycle: {{id: c-1, start: 2026-02-02}}\n")
    return file


def write(folder: Path, more: str) -> None:
    text = "phasegate: 1\nid: p-harbour\npack: pack\nsources: {invoices: {path: invoices.csv}}\n"
    (folder / "phasegate.yaml").write_text(text + more, encoding="utf-8")


def metrics(run: Run, code: int = 0) -> dict[Series, float]:
    result = run("schedule", "run", "--once", "--metrics", "phasegate.prom")
    assert result.exit_code == code, result.output
    return read(Path("phasegate.prom").read_text(encoding="utf-8"))


def shown(found: dict[Series, float]) -> dict[str, str]:
    return {gate: state for (gate,), state in states(found, "gate").items()}


@pytest.mark.usefixtures("pack")
def test_a_pass_that_makes_nothing_shows_what_the_last_one_did(run: Run, clock: Clock) -> None:
    clock("2026-03-02")
    before = metrics(run)
    assert shown(before) == {"1": "closed", "2": "open"}
    assert metrics(run) == before  # each call is a process of its own, as of cron


@pytest.mark.usefixtures("pack")
def test_a_schedule_of_one_gate_leaves_the_others_as_they_were(
    run: Run, clock: Clock, tmp_path: Path
) -> None:
    clock("2026-03-02")
    metrics(run)
    invoices = tmp_path / "invoices.csv"
    invoices.write_text(invoices.read_text(encoding="utf-8").replace("open", "reconciled"), encoding="utf-8")
    clock("2026-03-03")
    found = metrics(run)
    assert shown(found) == {"1": "open", "2": "open"}
    days = {
        gate: dt.datetime.fromtimestamp(value, dt.UTC).date().isoformat()
        for (gate,), value in of(found, "phasegate_gate_as_of_timestamp_seconds", "gate").items()
    }
    assert days == {"1": "2026-03-03", "2": "2026-03-02"}
    assert of(found, "phasegate_score", "of") == {
        ("apply",): 2,
        ("passing",): 2,
        ("passing_with_waivers",): 2,
    }


@pytest.mark.usefixtures("pack")
def test_a_run_that_comes_to_no_verdict_says_so_beside_the_last_state(
    run: Run, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.monitoring.schedules.scheduler import Scheduler
    from phasegate.rules.errors import PhasegateError

    clock("2026-03-02")
    metrics(run)
    clock("2026-03-03")
    with monkeypatch.context() as patched:

        def fails(*_: object) -> None:
            raise PhasegateError("the disk is full")

        patched.setattr(Scheduler, "_decide", fails)
        failed = metrics(run, 2)
    assert of(failed, "phasegate_schedule_failed", "schedule") == {("first",): 1, ("second",): 0}
    assert shown(failed) == {"1": "closed", "2": "open"}
    mended = metrics(run)
    assert of(mended, "phasegate_schedule_failed", "schedule") == {("first",): 0, ("second",): 0}


@pytest.mark.parametrize(
    ("more", "pack_said", "left"),
    [
        pytest.param(f"{BOTH}cycle: {{id: c-2, start: 2026-03-02}}\n", ("", ""), {"1": "closed"}, id="cycle"),
        pytest.param(
            "schedules:\n  first: {every: day, gate: '1'}\ncycle: {id: c-1, start: 2026-02-02}\n",
            ("", ""),
            {"1": "closed"},
            id="schedule is gone",
        ),
        pytest.param(
            f"{BOTH.replace(chr(39) + '2' + chr(39), 'programme')}cycle: {{id: c-1, start: 2026-02-02}}\n",
            ('  "2": {title: Cranes, points: ["1.2"], after: none}\n', ""),
            {"1": "closed"},
            id="gate is gone",
        ),
    ],
)
def test_what_is_decided_no_more_is_not_shown(
    more: str, pack_said: tuple[str, str], left: dict[str, str], run: Run, clock: Clock, pack: Path
) -> None:
    clock("2026-03-03")
    metrics(run)
    write(pack.parents[1], more)
    text = pack.read_text(encoding="utf-8")
    assert pack_said[0] in text
    pack.write_text(text.replace(*pack_said), encoding="utf-8")
    clock("2026-03-04")
    assert shown(metrics(run)) == left


def test_a_test_run_of_another_day_is_no_state(run: Run, clock: Clock, pack: Path) -> None:
    clock("2026-03-03")
    before = metrics(run)
    text = pack.read_text(encoding="utf-8")
    pack.write_text(text.replace(">= 95 %", ">= 5 %"), encoding="utf-8")
    assert run("gate", "1").exit_code == 0
    assert run("check", "--as-of", "2026-05-01").exit_code == 0
    pack.write_text(text, encoding="utf-8")
    assert metrics(run) == before


def two_projects(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two projects of one pack on one host: what one has closed, the other has open."""
    collected = folder / "collected"
    collected.mkdir()
    for name, bound in (("shut", ">= 95 %"), ("open", ">= 5 %")):
        monkeypatch.chdir(folder)
        (folder / name).mkdir()
        monkeypatch.chdir(folder / name)
        run("init", "--minimal")
        text = Path("phasegate.yaml").read_text(encoding="utf-8").replace(">= 95 %", bound)
        Path("phasegate.yaml").write_text(f"{text}schedules: {{daily: {{every: day}}}}\n", encoding="utf-8")
        result = run("schedule", "run", "--once", "--metrics", collected / f"{name}.prom")
        assert result.exit_code == 0, result.output
    return collected


def test_two_projects_on_one_host_are_both_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected = two_projects(run, tmp_path, monkeypatch)
    found = read(*(each.read_text(encoding="utf-8") for each in sorted(collected.iterdir())))
    assert sorted(states(found, "project", "gate").values()) == ["closed", "open"]
    ids = {dict(labels)["project"] for _, labels in found}
    assert len(ids) == 2
    assert all(each.startswith("p-") for each in ids)


def program(name: str) -> str:
    found = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


@pytest.mark.slow
def test_promtool_finds_nothing_to_say(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(text: str) -> tuple[int, str]:
        done = subprocess.run(
            [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    for page in two_projects(run, tmp_path, monkeypatch).iterdir():
        text = page.read_text(encoding="utf-8")
        assert said(text) == (0, "")
        assert "use base unit" in said(text.replace("made_timestamp_seconds", "made_days"))[1]


@pytest.mark.slow
def test_the_collector_of_a_host_shows_both(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected = two_projects(run, tmp_path, monkeypatch)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    arguments = [
        f"--web.listen-address={address}",
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={collected}",
    ]
    with subprocess.Popen(
        [program("prometheus-node-exporter"), *arguments], stderr=subprocess.DEVNULL
    ) as exporter:
        try:
            page = asked(f"http://{address}/metrics")
        finally:
            exporter.terminate()
    assert "\nnode_textfile_scrape_error 0\n" in page
    on = [
        line for line in page.splitlines() if line.startswith("phasegate_gate_state") and line.endswith(" 1")
    ]
    assert [line.partition("state=")[2] for line in sorted(on)] in (
        ['"closed"} 1', '"open"} 1'],
        ['"open"} 1', '"closed"} 1'],
    )


def asked(address: str) -> str:
    for _ in range(200):
        try:
            with urlopen(address, timeout=10) as answer:
                return str(answer.read().decode("utf-8"))
        except URLError:
            time.sleep(0.05)
    raise AssertionError("it did not answer within ten seconds")
