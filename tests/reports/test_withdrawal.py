"""A refused run leaves no earlier report where its own were to go, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.records.schema import Record
from phasegate.reports.explain.explain import explain_text
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.reports.withdrawal import is_report, withdraw

Saved = Callable[[str], Record]
NAMES = sorted(path.stem for path in (Path(__file__).parent / "records").glob("*.json"))
FOREIGN = {
    "empty archive": b"PK\x05\x06" + bytes(18),
    "broken archive": b"PK\x03\x04 and no more",
    "table": b"invoice,status\nF-001,open\n",
    "table of requirements": b"requirement,status\n1.1,open\n",
    "notes": b"# Harbour\n\nAs of 2026-03-01, under review.\n- berths: n/a\n",
    "notes that quote a report": "Then:\n✗ The programme gate is CLOSED: 1 criterion fails.\nOh.\n".encode(),
    "page": b"<!DOCTYPE html>\n<html><body><footer>phasegate</footer></body></html>\n",
    "tests of another": b'<testsuites name="pytest"><property name="outcome" value="open"/></testsuites>',
    "sarif of another": b'{"$schema": "sarif", "runs": [{"tool": {"driver": {"name": "ruff"}}}]}',
    "project": b"phasegate: 1\ntitle: phasegate/record/2\n",
    "not UTF-8": b"\xff\xfe\x00phasegate",
}


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_known_in_every_format(name: str, form: str, saved: Saved, tmp_path: Path) -> None:
    for past_run in (False, True):
        content = FORMATS[form].render(Report(saved(name), 0, past_run=past_run))
        file = written(tmp_path / "report", content)
        assert withdraw([file]) == ((file,) if content else (), (), ())
        assert file.exists() == (not content)


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_a_report(name: str, saved: Saved, tmp_path: Path) -> None:
    record = saved(name)
    told = [record["criteria"][0]["id"], record["requirements"][0]["id"]]
    told += [each["id"] if each["id"] == "programme" else f"phase:{each['id']}" for each in record["gates"]]
    for width in (24, 92):
        for each in told:
            assert is_report(written(tmp_path / "story", explain_text(record, each, width)))


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_report_is_left(content: bytes, tmp_path: Path) -> None:
    file = written(tmp_path / "gate.html", content)
    assert withdraw([file]) == ((), (file,), ())
    assert file.read_bytes() == content


def test_what_is_no_file_is_not_asked(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # whoever opened it would wait for ever
    (tmp_path / "folder").mkdir()
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "empty").touch()
    before = set(tmp_path.iterdir())
    assert withdraw([*before, tmp_path / "none"]) == ((), (), ())
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_log_to_which_a_report_goes_is_no_report(name: str, tmp_path: Path) -> None:
    if not Path(name).parent.exists():
        pytest.skip("the system has no such names")
    log = written(tmp_path / "log", "## ✓ OPEN: the requirement holds. Exit code 0.\n")
    with log.open("a") as file:
        assert withdraw([Path(name.format(file.fileno()))]) == ((), (), ())
    assert log.exists()


def test_a_link_stays_and_leads_to_nothing(tmp_path: Path) -> None:
    report = written(tmp_path / "gate.md", "## ✓ OPEN: the requirement holds. Exit code 0.\n")
    link = tmp_path / "latest.md"
    link.symlink_to(report)
    assert withdraw([link, link]).removed == (link,)
    assert (report.exists(), link.is_symlink()) == (False, True)


def test_a_report_that_stays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = written(tmp_path / "gate.md", "## ✓ OPEN: the requirement holds. Exit code 0.\n")

    def unlink(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", unlink)
    assert withdraw([report]).stuck == ((report, "Permission denied"),)
