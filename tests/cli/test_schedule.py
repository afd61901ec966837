"""The commands of schedules, also as processes that are stopped and killed."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import Result
from metrics_page import of, read, states

from phasegate import cli
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import runs
from phasegate.monitoring.schedules.lock import one_at_a_time

Run = Callable[..., Result]
SHIM = """\
import datetime as dt, sys
from phasegate import cli
moment = dt.datetime.fromisoformat(sys.argv.pop(1))
cli.now = lambda: moment
cli.main()
"""


@pytest.fixture
def scheduled(tmp_path: Path, run: Run) -> Path:
    run("init", "--minimal")
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write('schedules:\n  daily: {cron: "0 6 * * *", zone: Europe/Berlin}\n')
        file.write("  gates: {every: month, gate: programme}\n")
    return tmp_path


@pytest.mark.usefixtures("scheduled")
def test_list_and_next(run: Run) -> None:
    assert run("schedule", "list").stdout.splitlines() == [
        "daily  decides everything, cron '0 6 * * *' in Europe/Berlin",
        "  next 2026-03-02 06:00 in Europe/Berlin, 2026-03-02T05:00Z",
        "  never made yet",
        "gates  decides the programme gate, every month at 06:00 in UTC",
        "  next 2026-04-01 06:00 in UTC, 2026-04-01T06:00Z",
        "  never made yet",
    ]
    assert run("schedule", "next", "--count", "2").stdout.splitlines() == [
        "2026-03-02T05:00Z  daily  everything",
        "2026-03-03T05:00Z  daily  everything",
    ]


@pytest.mark.usefixtures("scheduled")
def test_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("schedule", "run", "--once", "--heartbeat", "beat", "--metrics", "phasegate.prom")
    assert result.exit_code == 0
    metrics = read(Path("phasegate.prom").read_text())
    assert of(metrics, "phasegate_schedule_failed", "schedule") == {("daily",): 0, ("gates",): 0}
    assert states(metrics, "gate") == {("programme",): "closed"}
    assert result.stdout.splitlines() == [
        "✗ CLOSED  daily due 2026-03-01T05:00Z, kept as run 1",
        "✗ CLOSED  gates due 2026-03-01T06:00Z, kept as run 2",
    ]
    assert Path("beat").read_text() == "2026-03-01T12:00:00Z\n"
    later = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(cli, "now", lambda: later)
    assert len(run("schedule", "run", "--once").stdout.splitlines()) == 2
    assert run("schedule", "run", "--once").stdout == "Nothing is due.\n"
    (daily, gates) = json.loads(run("schedule", "list", "--format", "json").stdout)
    assert (daily["last"], daily["next"]) == ("2026-03-03T05:00Z", "2026-03-04T05:00Z")
    assert (gates["last"], gates["gate"]) == ("2026-03-01T06:00Z", "programme")


def test_a_run_that_came_to_no_verdict_is_2_and_beats_not(
    scheduled: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("schedule", "run", "--once")
    key = scheduled / ".phasegate" / "evaluator"
    key.chmod(0o644)  # a key that anybody can read signs nothing
    monkeypatch.setattr(cli, "now", lambda: dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    result = run("schedule", "run", "--once", "--heartbeat", "beat")
    assert result.exit_code == 2
    assert "! daily due 2026-03-02T05:00Z:" in result.stdout
    assert not Path("beat").exists()


@pytest.mark.sampled(every=3)
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("option", ["--heartbeat", "--metrics"])
@pytest.mark.parametrize("name", ["phasegate.yaml", "invoices.csv", "phasegate.db", "phasegate.db-schedule"])
def test_nothing_that_is_read_is_written_over(option: str, name: str, run: Run) -> None:
    run("schedule", "run", "--once")
    before = Path(name).read_bytes()
    result = run("schedule", "run", "--once", option, name)
    assert result.exit_code == 2
    assert Path(name).read_bytes() == before


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--once", "--metrics-port", "0"), "--metrics-port is for a scheduler that stays"),
        (("--metrics-port", "65536"), "65536 is not in the range"),
        (("--metrics-port", "http"), "'http' is not a valid integer"),
    ],
)
def test_metrics_are_served_on_a_port_while_it_stays(args: tuple[str, ...], said: str, run: Run) -> None:
    result = run("schedule", "run", *args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not Path("phasegate.db").exists()


@pytest.mark.parametrize("command", ["list", "next", "run --once"])
def test_without_schedules(command: str, run: Run) -> None:
    run("init", "--minimal")
    result = run("schedule", *command.split())
    assert result.exit_code == 2
    assert "the project has no schedules" in result.output


def process(folder: Path, moment: str, *args: str) -> subprocess.Popen[str]:
    shim = folder / "shim.py"
    shim.write_text(SHIM, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(shim), moment, "schedule", "run", *args],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
    )  # fmt: skip


def made(folder: Path) -> list[str]:
    with Ledger.open(folder / "phasegate.db") as ledger:
        return [each.entry["as_of"] for each in runs(ledger)]


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be within half a minute")


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_stops_cleanly(number: signal.Signals, scheduled: Path) -> None:
    beat = scheduled / "beat"
    with process(scheduled, "2026-03-01T12:00:00+00:00", "--heartbeat", "beat") as service:
        until(beat.exists)
        service.send_signal(number)
        said, _ = service.communicate(timeout=30)
    assert service.returncode == 0
    assert said.count("kept as run") == 2
    assert made(scheduled) == ["2026-03-01", "2026-03-01"]


ELSEWHERE = """\
import os, signal, threading, time
def late():
    while not os.path.exists("beat"):
        time.sleep(0.05)
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Thread(target=late, daemon=True).start()
"""


@pytest.mark.slow
def test_a_signal_that_reaches_another_thread_stops_a_service_too(scheduled: Path) -> None:
    """The system gives a process's signal to any thread, and the main one sleeps for a minute."""
    shim = scheduled / "elsewhere.py"
    shim.write_text(ELSEWHERE + SHIM, encoding="utf-8")
    command = [
        sys.executable,
        str(shim),
        "2026-03-01T12:00:00+00:00",
        "schedule",
        "run",
        "--heartbeat",
        "beat",
    ]
    done = subprocess.run(command, cwd=scheduled, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert made(scheduled) == ["2026-03-01", "2026-03-01"]


COLLECTS = """\
import gc
from phasegate import cli
from phasegate.monitoring.schedules import scheduler as service
service.Scheduler.serve = service.Scheduler.run_due = lambda *_: print(gc.isenabled()) or []
cli.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("args", "collects"), [((), "True"), (("--once",), "False")])
def test_only_what_stays_collects_its_garbage(args: tuple[str, ...], collects: str, scheduled: Path) -> None:
    """A run leaves some megabytes in cycles: of a command that ends soon nobody minds (decision 11)."""
    command = [sys.executable, "-c", COLLECTS, "schedule", "run", *args]
    done = subprocess.run(command, cwd=scheduled, capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == collects, done.stderr


@pytest.mark.slow
def test_metrics_are_served_until_a_service_stops(scheduled: Path) -> None:
    with process(
        scheduled, "2026-03-01T12:00:00+00:00", "--metrics-port", "0", "--metrics", "phasegate.prom"
    ) as service:
        assert service.stdout is not None
        said, _, address = service.stdout.readline().strip().rpartition(" ")
        port = int(address.rpartition(":")[2].removesuffix("/metrics"))
        assert (said, address) == ("Metrics are at", f"http://127.0.0.1:{port}/metrics")
        until((scheduled / "phasegate.prom").exists)
        text = (scheduled / "phasegate.prom").read_text(encoding="utf-8")
        with urlopen(address, timeout=10) as answer:
            assert answer.read().decode("utf-8") == text  # one pass, told twice
        assert of(read(text), "phasegate_heartbeat_timestamp_seconds") == {(): 1_772_366_400}
        with socket.create_connection(("127.0.0.1", port), timeout=10):  # one that says nothing
            service.send_signal(signal.SIGTERM)
            service.communicate(timeout=30)
    assert service.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_before_its_first_pass_it_serves_what_is_due(scheduled: Path) -> None:
    with (
        one_at_a_time(scheduled / "phasegate.db"),  # so that there is none
        process(scheduled, "2026-03-01T12:00:00+00:00", "--metrics-port", "0") as service,
    ):
        assert service.stdout is not None
        address = service.stdout.readline().split()[-1]
        with urlopen(address, timeout=10) as answer:
            found = read(answer.read().decode("utf-8"))
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=30)
    assert service.returncode == 0
    assert of(found, "phasegate_schedule_next_timestamp_seconds", "schedule") == {
        ("daily",): 1_772_427_600,
        ("gates",): 1_775_023_200,
    }
    assert len(found) == 2


def test_with_a_port_that_somebody_has_nothing_is_begun(scheduled: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with process(scheduled, "2026-03-01T12:00:00+00:00", "--metrics-port", str(port)) as service:
            said, _ = service.communicate(timeout=30)
    assert service.returncode == 2
    assert said.splitlines() == [
        f"error: metrics can not be served on port {port}: Address already in use",
        "help: name another with --metrics-port, or 0 for any that is free",
    ]
    assert not (scheduled / "phasegate.db").exists()


@pytest.mark.slow
def test_a_scheduler_that_is_killed_leaves_its_lock_and_nothing_half_made(scheduled: Path) -> None:
    """Killed at other moments of its work, and begun again: in the end each run is there once."""
    for delay in (0.3, 0.6, 0.9, 1.2):
        with process(scheduled, "2026-03-01T12:00:00+00:00", "--once") as service:
            time.sleep(delay)
            service.kill()
    with process(scheduled, "2026-03-01T12:00:00+00:00", "--once") as service:
        service.communicate(timeout=60)
    assert service.returncode == 0
    assert made(scheduled) == ["2026-03-01", "2026-03-01"]
