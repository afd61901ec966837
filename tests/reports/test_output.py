"""Reports go where they were asked for, as a whole or not at all."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from phasegate.reports.output import AlreadyThereError, OutputError, put, screen_of, start, watched
from phasegate.reports.terminal.progress import ReadingLine


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")
    put(target, "new ✓\n")
    assert target.read_bytes() == "new ✓\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    put(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(tmp_path / "report.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o444, 0o664])
def test_a_file_keeps_the_rights_of_the_one_that_it_replaces(rights: int, tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(rights)
    put(target, "new")
    assert target.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(target.stat().st_mode) == rights


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_pipe_is_written_to_by_the_name_of_its_descriptor(name: str) -> None:
    """As ``-o >(head -1)`` and ``-o /dev/stderr | head`` name it."""
    if not Path(name).parent.exists():
        pytest.skip("the system has no such names")
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as end:
        put(Path(name.format(writer)), "a report\n")
        os.close(writer)
        assert end.read() == b"a report\n"


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "link to {}"])
def test_a_log_that_is_open_already_gets_a_report_behind_what_it_has(name: str, tmp_path: Path) -> None:
    """As ``-o /dev/stdout >> log`` names it."""
    if not Path("/dev/fd").exists():
        pytest.skip("the system has no such names")
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as file:
        path = Path(name.format(file.fileno()))
        if name.startswith("link"):
            path = tmp_path / "link"
            path.symlink_to("other")
            (tmp_path / "other").symlink_to(f"/dev/fd/{file.fileno()}")
        put(path, "a report\n")
        print("after", file=file, flush=True)
    assert log.read_text() == "before\na report\nafter\n"


def test_a_named_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(reader, "rb") as end:
        put(tmp_path / "pipe", "a report\n")
        assert end.read() == b"a report\n"
    assert (tmp_path / "pipe").is_fifo()


def test_a_pipe_that_nobody_reads_any_more_is_told() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(OutputError, match="can not be written: Broken pipe") as raised:
            put(Path(f"/dev/fd/{writer}"), "a report\n")
    finally:
        os.close(writer)
    assert raised.value.hint == "whatever reads there got a part of it, or nothing"


def test_links_that_lead_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="can not be written: Too many levels of symbolic links"):
        put(tmp_path / "a", "x")


def test_a_device_stays_a_device() -> None:
    put(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("where", ["none/report.txt", "."])
def test_what_can_not_be_written_leaves_nothing_behind(where: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can not be written"):
        put(tmp_path / where, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        put(target, "new")
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_starting_overwrites_nothing(tmp_path: Path) -> None:
    files = {"phasegate.yaml": "new", "invoices.csv": "new"}
    (tmp_path / "invoices.csv").write_text("mine", encoding="utf-8")
    assert start(tmp_path, files) == [tmp_path / "phasegate.yaml"]
    assert (tmp_path / "invoices.csv").read_text(encoding="utf-8") == "mine"
    (tmp_path / "invoices.csv").unlink()
    with pytest.raises(AlreadyThereError):
        start(tmp_path, files)
    assert not (tmp_path / "invoices.csv").exists()


@pytest.mark.parametrize(
    ("stream", "environ", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1", "CI": "true"}, True),
        (io.StringIO(), {"FORCE_COLOR": "0"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours(stream: io.StringIO, environ: dict[str, str], colour: bool) -> None:
    assert screen_of(stream, environ).colour is colour
    assert screen_of(stream, environ, Path("report.txt")).colour is False


@pytest.mark.parametrize(
    ("columns", "width"), [("72", 72), ("", 100), ("0", 100), ("-3", 100), ("9" * 40, 100)]
)
def test_width(columns: str, width: int) -> None:
    assert screen_of(io.StringIO(), {"COLUMNS": columns}).width == width


def test_progress_is_shown_only_where_somebody_watches() -> None:
    assert watched(Terminal(), {})
    assert not watched(Terminal(), {"CI": "true"})
    assert not watched(Terminal(), {"TERM": "dumb"})
    assert not watched(io.StringIO(), {})
    assert not watched(None, {})


def test_the_reading_line_goes_away_again() -> None:
    stream = Terminal()
    line = ReadingLine(stream)
    line.started("costs")
    line.started("te\nams\x1b[2J")
    line.finished("costs")
    line.finished("te\nams\x1b[2J")
    shown = stream.getvalue().split("\r\x1b[K")
    assert shown == [
        "",
        "reading costs (0 sources read)",
        "reading te ams�[2J (0 sources read)",
        "reading te ams�[2J (1 source read)",
        "",
    ]
