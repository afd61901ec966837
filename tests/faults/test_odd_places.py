"""Odd files, odd texts and odd ends of the wire."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from broken import INSPECTIONS, INVOICES, PROJECT, Harbour

SHARE = "share: {of: status = 'paid', value: amount}"
HEADER = "invoice,day,amount,currency,status\n"
PHASEGATE = Path(sys.executable).with_name("phasegate")


def system(command: str, harbour: Harbour, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs phasegate from a shell, where it stands for ``$P``."""
    return subprocess.run(
        ["bash", "-c", command.replace("$P", '"$P"')],  # the checkout's path may have spaces
        cwd=harbour.root,
        env={**os.environ, "P": str(PHASEGATE), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def spread(harbour: Harbour) -> None:
    """Delivers the invoices in two files, by a glob."""
    lines = INVOICES.splitlines(keepends=True)
    (harbour.root / "invoices.csv").unlink()
    harbour.write("parts/a.csv", "".join(lines[:11]))
    harbour.write("parts/b.csv", "".join([lines[0], *lines[11:]]))
    harbour.edit("phasegate.yaml", "path: invoices.csv", "path: parts/**/*.csv")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("invoice,day", '"invoice","day"').replace("paid", '"paid"'),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(",status\n", ",status,note\n").replace("paid\n", 'paid,"a, ""b""\nc"\n')
        .replace("open\n", "open,\n"),
        lambda text: text.replace("100.00", "1e2"),
        lambda text: text.replace("100.00", "+100"),
    ],
    ids=["CRLF", "byte order mark", "quotes", "no last line end", "texts over lines", "exponents", "signs"],
)  # fmt: skip
def test_the_same_table_written_otherwise(harbour: Harbour, change: Callable[[str], str]) -> None:
    harbour.write("invoices.csv", change(INVOICES))
    result = harbour.run("gate", "1")
    assert result.exit_code == 0, result.output
    (fact,) = (fact for fact in harbour.record()["facts"] if fact["measure"] == "invoices.paid")
    assert (fact["rows"], fact["shown"]) == (20, "95 %")


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_yaml_from_other_systems(harbour: Harbour, line_end: str) -> None:
    harbour.write("phasegate.yaml", PROJECT.replace("\n", line_end))
    assert harbour.run("gate", "1").exit_code == 0


def test_files_of_a_glob_are_one_table(harbour: Harbour) -> None:
    spread(harbour)
    assert harbour.run("gate", "1").exit_code == 0
    harbour.write("parts/c/d.csv", HEADER + "F-99,2026-03-01,1000.00,EUR,open\n")
    assert harbour.run("gate", "1").exit_code == 1


@pytest.mark.parametrize("how", ["symlink", "hard link", "folder in itself"])
def test_a_file_is_not_counted_twice(harbour: Harbour, how: str) -> None:
    spread(harbour)
    harbour.edit("pack/pack.yaml", "    key: [invoice]\n", "")
    first = harbour.root / "parts/a.csv"
    if how == "symlink":
        (harbour.root / "parts/c.csv").symlink_to("a.csv")
    elif how == "hard link":
        os.link(first, harbour.root / "parts/c.csv")
    else:
        (harbour.root / "parts/c").symlink_to("../parts")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3
    assert "is the same file as parts/a.csv: its rows would count twice" in " ".join(result.stdout.split())


NO_UTF8 = os.fsdecode(b"n\xffu")


@pytest.fixture
def odd_folder(tmp_path: Path) -> Path:
    """A folder whose name is no UTF-8, where the system has such names."""
    folder = tmp_path / NO_UTF8
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has names in UTF-8 alone")
    return folder


@pytest.mark.parametrize(
    "command",
    [("check",), ("check", "--no-ledger"), ("gate", "1"), ("facts",), ("lint",), ("explain", "crane")],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_project_whose_path_is_no_utf8_is_refused(
    command: tuple[str, ...], named: bool, harbour: Harbour, odd_folder: Path
) -> None:
    place = Path(shutil.move(harbour.root, odd_folder))
    if named:
        harbour.root = odd_folder.parent
        result = harbour.run(*command, "--project", place)
    else:
        harbour.root = place
        result = harbour.run(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: the path of the project is not written in UTF-8: " in result.stderr
    assert "n\\xffu/" in result.stderr
    assert "help: rename the folder, or copy the project elsewhere" in result.stderr


@pytest.mark.parametrize("how", ["file", "folder", "link"])
def test_a_file_of_a_source_whose_path_is_no_utf8_is_an_error(
    how: str, harbour: Harbour, odd_folder: Path
) -> None:
    spread(harbour)
    first = harbour.root / "parts/a.csv"
    if how == "file":
        first.rename(harbour.root / "parts" / f"{NO_UTF8}.csv")
    else:
        folder = odd_folder if how == "link" else harbour.root / "parts" / NO_UTF8
        folder.mkdir(exist_ok=True)
        moved = Path(shutil.move(first, folder))
        if how == "link":
            first.symlink_to(moved)
            harbour.edit("phasegate.yaml", "parts/**/*.csv", "parts/**/*.csv, outside: true")
    shown = {"file": "parts/n\\xffu.csv", "folder": "parts/n\\xffu/a.csv", "link": "parts/a.csv"}[how]
    assert harbour.run("gate", "1").exit_code == 3
    (reason,) = {each["reason"] for each in harbour.record()["sources"] if each["status"] == "error"}
    assert reason == f"the path of {shown} is not written in UTF-8; rename the file or its folder"


def test_a_path_with_wildcards_in_its_name(harbour: Harbour) -> None:
    (harbour.root / "invoices.csv").rename(harbour.root / "in[v]*.csv")
    harbour.edit("phasegate.yaml", "path: invoices.csv", "path: 'in[v]*.csv'")
    assert harbour.run("gate", "1").exit_code == 0


@pytest.mark.parametrize(
    "url", ["https://example.com/invoices.csv", "gs://bucket/*.csv", "file:///etc/passwd"]
)
def test_nothing_is_fetched(harbour: Harbour, url: str) -> None:
    harbour.edit("phasegate.yaml", "path: invoices.csv", f"path: '{url}'")
    result = harbour.run("gate", "1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is an address, not a file" in result.stderr


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/mem"])
def test_devices_are_not_read(harbour: Harbour, path: str) -> None:
    harbour.edit("phasegate.yaml", "{path: invoices.csv}", f"{{path: {path}, outside: true, format: csv}}")
    assert harbour.run("gate", "1").exit_code == 3


def test_a_pipe_is_not_waited_for(harbour: Harbour) -> None:
    (harbour.root / "invoices.csv").unlink()
    os.mkfifo(harbour.root / "invoices.csv")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3
    assert "is not a regular file but a pipe" in " ".join(result.stdout.split())


HOSTILE = [
    "\x1b[31mred", "a]b[c", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "x\ny", "\u202eback", "a/b",
    "#2", " lead", "caf\u00e9", "cafe\u0301", "(none)", "[red]x[/red]", "%s%n", "${HOME}", "' OR 1=1 --",
    "x" * 2_000, "\U0001f6a2", "a\u200bb",
]  # fmt: skip


def test_hostile_texts_in_data_stay_texts(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f"by: invoice\n    {SHARE}")
    lines = [f'"{text}",2026-03-01,1.00,EUR,{"paid" if n else "open"}\n' for n, text in enumerate(HOSTILE)]
    harbour.write("invoices.csv", HEADER + "".join(lines))
    result = harbour.run("check", "-v")
    assert result.exit_code == 1, result.output
    for sign in ("\x1b", "\u202e", "\u200b"):
        assert sign not in result.stdout
    record = json.loads(harbour.run("check", "--format", "json").stdout)
    found = {fact["slice"] for fact in record["facts"] if fact["measure"] == "invoices.paid"}
    assert found == set(HOSTILE)
    failed = [each["id"] for each in record["requirements"] if each["verdict"] == "fail"]
    assert failed == ["quay/paid/invoices.paid[\x1b[31mred]"]


def test_hostile_ids_are_refused_in_one_line(harbour: Harbour) -> None:
    for text in ("\x1b[31m", "quay\n", "x" * 5_000, "\u202e", "../pack", "%n", "{0}", "", " "):
        result = harbour.run("check", text)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "\x1b" not in result.stderr
        assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("amount", "code"),
    [("1" + "0" * 30, 0), ("9" * 35, 3), ("9" * 36, 3), ("1" + "0" * 36, 3), ("-1" + "0" * 30, 3)],
)
def test_huge_amounts_are_exact_or_an_error(harbour: Harbour, amount: str, code: int) -> None:
    lines = [f"F-{n},2026-03-01,{amount}.00,EUR,{'paid' if n else 'open'}\n" for n in range(20)]
    harbour.write("invoices.csv", HEADER + "".join(lines))
    assert harbour.run("gate", "1").exit_code == code
    harbour.write("invoices.csv", HEADER + "".join(lines).replace("paid", "open", 1))
    assert harbour.run("gate", "1").exit_code == (1 if code == 0 else code)


def test_a_column_that_nobody_asked_for_is_no_fault(harbour: Harbour) -> None:
    lines = [f"{line},\ud7ff,1\n" for line in INSPECTIONS.splitlines()]
    harbour.write("inspections.csv", "".join(lines))
    assert harbour.run("check", "crane").exit_code == 0


@pytest.mark.parametrize(
    ("output", "code"),
    [("pack", 2), ("none/report.txt", 2), ("/dev/full", 2), ("/dev/null", 0), ("report.txt", 0), ("-", 0)],
)
def test_where_a_report_goes(harbour: Harbour, output: str, code: int) -> None:
    before = set(harbour.files())
    result = harbour.run("gate", "1", "-o", output)
    assert result.exit_code == code, result.output
    assert set(harbour.files()) - before == ({"report.txt"} if output == "report.txt" else set())
    if code:
        assert result.stdout == ""
        assert f"{output} can not be written" in result.stderr


def test_a_report_that_could_not_be_written_leaves_the_old_one(harbour: Harbour) -> None:
    old = harbour.write("report.json", "old")
    done = system("ulimit -f 1; $P check --no-ledger --format json -o report.json", harbour)
    assert done.returncode == 2
    assert "can not be written" in done.stderr
    assert old.read_text() == "old"
    assert not list(harbour.root.glob(".phasegate-*"))


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("$P check --as-of 2026-03-31 >&-", 0),
        ("$P check --as-of 2026-03-31 >&- 2>&- <&-", 0),
        ("$P check --as-of 2026-03-31 -v | true; exit ${PIPESTATUS[0]}", None),
        ("$P check --as-of 2026-03-31 --format json >/dev/full", 2),
        ("mkdir gone; cd gone; rmdir ../gone; $P check", 2),
        ("$P nothing 2>/dev/full", 2),
        ("LC_ALL=C PYTHONIOENCODING=ascii $P check --as-of 2026-03-31", 0),
        ("COLUMNS=1 HOME=/none TMPDIR=/none $P check --as-of 2026-03-31", 0),
    ],
)
def test_odd_ends_of_the_wire(harbour: Harbour, command: str, code: int | None) -> None:
    done = system(command, harbour)
    assert done.returncode in ((code,) if code is not None else (0, 2)), done.stderr
    for word in ("Traceback", "unexpected", "Exception"):
        assert word not in done.stderr


@pytest.mark.parametrize("closed", ["0, 3", "1, 2", "2, 3"])
def test_no_file_is_opened_in_the_place_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    lines = [
        "import os, tempfile",
        f"os.closerange({closed})",
        "from phasegate.commands.process import run",
        "def command():",
        "    aside = tempfile.TemporaryFile()",
        "    os._exit(aside.fileno())",
        "run(lambda: command, None)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=tmp_path, check=False)
    assert done.returncode > 2


@pytest.mark.slow
def test_runs_beside_each_other_in_one_folder(harbour: Harbour) -> None:
    command = "$P check --as-of 2026-03-31 --format json -o record.json"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: system(command, harbour), range(4)))
    assert [each.returncode for each in done] == [0] * 4
    assert json.loads((harbour.root / "record.json").read_text())["outcome"] == "open"
    assert not list(harbour.root.glob(".phasegate-*"))
