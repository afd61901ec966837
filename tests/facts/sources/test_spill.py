"""Large files of text are parsed once, and give what they would give if they were parsed each time."""

from __future__ import annotations

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import passes, rewritten, spill
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import Control, SourceFile

AS_OF = dt.date(2026, 3, 31)
CHARGES = Contract(
    title="a charge",
    event="day",
    key=("day", "team"),
    columns={
        "day": Column(type="date"),
        "amount": Column(type="decimal", scale=2, min=-100),
        "team": Column(type="string", nullable=True),
        "lead": Column(type="string", nullable=True, personal=True),
        "cost_centre": Column(type="integer", nullable=True, optional=True),
    },
)
CSV = "team,day,amount,lead,note\nZoë,2026-01-31,1.50,l-1 ,x\n,2026-02-28,-0.25,,y\nb,2026-04-01,7,l-2,z\n"
NDJSON = """\
{"team": "Zoë", "day": "2026-01-31", "amount": 1.50, "lead": " "}
{"amount": "-0.25", "day": "2026-02-28", "other": [1]}
"""
Settle = Callable[..., tuple[SourceState, pl.DataFrame | None]]


def no_place(dir: str | None = None) -> None:  # noqa: A002 - what it stands for calls it so
    raise FileNotFoundError(2, "No such file or directory", dir)


def opened(root: Path, **options: Any) -> OpenSource:
    return open_source("costs", CHARGES, SourceFile(**options), root, AS_OF)


def status(source: OpenSource) -> str:
    return source.settle(numbers(pl.collect_all(source.checks, engine="streaming"))).status


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as large."""
    monkeypatch.setattr(passes, "SMALL", 0)


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("contract", [CHARGES, None], ids=["contract", "inferred"])
@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("plain.csv", CSV, {}),
        ("bom.csv", "\ufeff" + CSV, {}),
        ("latin1.csv", CSV.encode("latin1"), {"encoding": "latin1"}),
        ("semi.csv", CSV.replace(",", ";").replace(".", ","), {"separator": ";", "decimal_comma": True}),
        ("null.csv", CSV.replace("\n,", "\nNULL,"), {"null_values": ("NULL", "")}),
        ("german.csv", CSV.replace("2026-01-31", "31.01.2026"), {"date_format": "%d.%m.%Y"}),
        ("named.csv", CSV.replace("amount", "Cost"), {"rename": {"Cost": "amount"}}),
        ("control.csv", CSV, {"control": Control(rows=4)}),
        ("sums.csv", CSV, {"control": Control(rows=3, sums={"amount": "8.25"})}),
        ("lines.ndjson", NDJSON, {}),
        ("unreadable.csv", CSV.replace("1.50", "1,50").replace("Zoë,", ""), {}),
        ("scale.csv", CSV.replace("1.50", "1.505"), {}),
        ("least.csv", CSV.replace("-0.25", "-100.01"), {}),
        ("alike.csv", CSV + "Zoë,2026-01-31,2,,\nZoë,2026-01-31,2,l-9,\n", {}),
        ("short.csv", CSV + "Zoë,2026-01-31\n", {}),
        ("unclosed.csv", CSV + 'Zoë,2026-01-31,2,"l-1,\n', {}),
        ("not_utf8.csv", CSV.encode("latin1"), {}),
        ("broken.ndjson", NDJSON + '{"team": \n', {}),
    ],
)
def test_a_stored_file_gives_what_it_gives_unstored(
    tmp_path: Path,
    settle: Settle,
    monkeypatch: pytest.MonkeyPatch,
    large: None,
    name: str,
    content: str | bytes,
    options: dict[str, object],
    contract: Contract | None,
) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    state, rows = settle(contract, path=name, **options)
    monkeypatch.setattr(spill, "unnamed_file", no_place)
    same_state, same_rows = settle(contract, path=name, **options)
    assert state == same_state
    assert (rows is None) == (same_rows is None)
    assert rows is None or rows.equals(same_rows)
    assert rows is None or rows.schema == same_rows.schema


@pytest.mark.parametrize(("name", "content"), [("plain.csv", CSV), ("lines.ndjson", NDJSON)])
def test_whatever_is_computed_of_a_large_text_parses_it_no_more(
    tmp_path: Path, large: None, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    source = opened(tmp_path, path=name)
    assert source.frame is not None
    for frame in (source.frame, *source.checks):
        plan = frame.explain().lower()
        assert "parquet scan" in plan
        assert "csv scan" not in plan
        assert "ndjson scan" not in plan


@pytest.mark.parametrize("name", ["small.csv", "typed.parquet"])
def test_small_files_and_files_with_types_are_not_stored(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "small.csv").write_text(CSV, encoding="utf-8")
    pl.DataFrame(
        {"day": [AS_OF], "amount": [1], "team": ["a"], "lead": ["b"], "cost_centre": [1]}
    ).write_parquet(tmp_path / "typed.parquet")
    if name == "typed.parquet":
        monkeypatch.setattr(passes, "SMALL", 0)
    monkeypatch.setattr(spill, "unnamed_file", lambda: pytest.fail("it was stored"))
    state, _ = settle(CHARGES, path=name)
    assert state.status == "ok"


def test_what_is_stored_has_no_name_and_ends_with_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: None
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "plain.csv").write_bytes(CSV.encode("latin1"))

    def held() -> int:
        found = 0
        for number in range(3, 1024):
            with suppress(OSError):
                target = os.fstat(number)
                found += target.st_nlink == 0 and target.st_size > 0
        return found

    before = held()
    source = opened(tmp_path, path="plain.csv", encoding="latin1")
    assert list(place.iterdir()) == []
    assert held() > before
    assert status(source) == "ok"
    del source
    assert held() == before


def test_too_little_room_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: None) -> None:
    (tmp_path / "plain.csv").write_text(CSV, encoding="utf-8")
    monkeypatch.setattr(os, "fstatvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=len(CSV)))
    source = opened(tmp_path, path="plain.csv")
    assert "csv scan" in source.checks[0].explain().lower()
    assert status(source) == "ok"


LIMITED = """
import datetime as dt, resource, sys
from pathlib import Path
from phasegate.facts.sources import passes
from phasegate.facts.sources.source import numbers
from phasegate.facts.sources.open import open_source
from phasegate.rules.model.project import SourceFile
import polars as pl
passes.SMALL = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
source = open_source("costs", None, SourceFile(path="t.csv"), Path(sys.argv[1]), dt.date(2026, 3, 31))
print("parquet scan" in source.checks[0].explain().lower())
state = source.settle(numbers(pl.collect_all(source.checks, engine="streaming")))
print(state.status, state.rows)
"""


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(("most", "stored"), [(1 << 30, True), (4096, False)])
def test_a_disk_that_fills_up_leaves_the_file_to_be_parsed_each_time(
    tmp_path: Path, most: int, stored: bool
) -> None:
    rows = "".join(f"{row},{row * 7919 % 10007}\n" for row in range(20_000))
    (tmp_path / "t.csv").write_text("a,b\n" + rows, encoding="utf-8")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), str(most)], capture_output=True, text=True
    )
    assert done.stdout.split() == [str(stored), "ok", "20000"], done.stderr


def test_a_text_that_can_not_be_rewritten_in_utf8_says_why(
    tmp_path: Path, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain.csv").write_bytes(CSV.encode("latin1"))
    monkeypatch.setattr(rewritten, "unnamed_file", no_place)
    state, _ = settle(CHARGES, path="plain.csv", encoding="latin1")
    assert state.reason == (
        "plain.csv can not be rewritten as UTF-8 in a temporary file: no such file or directory; "
        "it is in TMPDIR, else in /var/tmp or /tmp; files in UTF-8 need none"
    )


@pytest.mark.parametrize(
    ("told", "writable", "place"), [(True, True, None), (False, True, "/var/tmp"), (False, False, None)]
)
def test_a_temporary_file_is_where_the_user_says_else_on_a_disk(
    monkeypatch: pytest.MonkeyPatch, told: bool, writable: bool, place: str | None
) -> None:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    if told:
        monkeypatch.setenv("TMPDIR", "/somewhere")
    monkeypatch.setattr(os, "access", lambda *_: writable)
    monkeypatch.setattr(rewritten, "TemporaryFile", lambda dir: dir)  # noqa: A006
    assert rewritten.unnamed_file() == place
