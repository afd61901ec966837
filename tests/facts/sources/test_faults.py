"""Sources that can not be used: each fault is an error of its own source, and says where and why."""

from __future__ import annotations

import datetime as dt
import io
import os
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.sources.formats import parquet as sources_tables
from phasegate.facts.sources.formats.parquet_footer import footer_of
from phasegate.facts.sources.formats.registry import format_named
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import Control, SourceFile

AS_OF = dt.date(2026, 3, 31)
CONTRACT = Contract(
    title="a charge",
    event="day",
    columns={
        "day": Column(type="date"),
        "amount": Column(type="decimal", scale=2),
        "team": Column(type="string", nullable=True),
    },
)
HEAD = "team,day,amount\n"
LINE = "a,2026-01-31,1.50\n"
FRAME = pl.DataFrame({"team": ["a"], "day": [dt.date(2026, 1, 31)], "amount": [Decimal("1.50")]})


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


CASES: dict[str, tuple[str, str | bytes, dict[str, Any], str]] = {
    "empty": ("f.csv", "", {}, "f.csv is empty"),
    "only_a_line_end": ("f.csv", "\n", {}, "f.csv:1 is empty where the header should be"),
    "empty_parquet": ("f.parquet", b"", {}, "f.parquet is empty"),
    "cut_off_parquet": ("f.parquet", parquet(FRAME)[:-9], {}, "f.parquet is no whole Parquet file"),
    "cut_off_in_a_quote": (
        "f.csv",
        HEAD + LINE * 3 + '"a,2026-01-31,1.50\n' + LINE,
        {},
        "f.csv ends inside a quoted text that begins in line 5; is it cut off?",
    ),
    "cut_off_in_a_line": ("f.csv", HEAD + LINE * 3 + "a,2026", {}, "f.csv:5 has 2 fields, the header has 3"),
    "a_short_line": ("f.csv", HEAD + LINE * 3 + "a,2026-01-31\n" + LINE, {}, "f.csv:5 has 2 fields"),
    "a_long_line": ("f.csv", HEAD + LINE + "a,2026-01-31,1,50\n" + LINE, {}, "f.csv:3 has 4 fields"),
    "a_short_line_after_a_break": (
        "f.csv",
        HEAD + '"a\n""b""",2026-01-31,1.50\na,2026-01-31\n' + LINE,
        {},
        "f.csv:4 has 2 fields",
    ),
    "an_empty_line": ("f.csv", HEAD + LINE + "\n" + LINE, {}, "f.csv:3 is an empty line"),
    "latin1_for_utf8": (
        "f.csv",
        (HEAD + LINE + "é,2026-01-31,1\n").encode("latin1"),
        {},
        "f.csv:3 is not UTF-8 at byte 34 (0xe9); set encoding, such as latin1 or cp1252",
    ),
    "latin1_header": ("f.csv", ("é," + HEAD).encode("latin1"), {}, "f.csv:1 is not UTF-8 at byte 0 (0xe9)"),
    "utf16_for_utf8": (
        "f.csv",
        (HEAD + LINE).encode("utf-16"),
        {},
        "it begins like UTF-16; set encoding: utf-16",
    ),
    "zero_bytes_in_a_line": (
        "f.csv",
        (HEAD + LINE * 500 + "\0" * 8 + LINE).encode(),
        {},
        "f.csv:502 is not text",
    ),
    "zero_bytes_in_quotes": ("f.csv", (HEAD + LINE * 500).encode() + b'"\0', {}, "f.csv:502 is not text"),
    "utf16_without_mark": ("f.csv", (HEAD + LINE).encode("utf-16-le"), {}, "holds zero bytes"),
    "utf8_for_cp1252": (
        "f.csv",
        (HEAD + "\u0441,2026-01-31,1\n").encode(),
        {"encoding": "cp1252"},
        "f.csv is not cp1252",
    ),
    "unknown_encoding": ("f.csv", HEAD, {"encoding": "utf-9"}, "encoding 'utf-9' is not known"),
    "binary_encoding": ("f.csv", HEAD, {"encoding": "base64"}, "encoding 'base64' is not known"),
    "wide_separator": ("f.csv", HEAD, {"separator": "§"}, "separator '§' can not be used"),
    "separator_is_quote": ("f.csv", HEAD, {"separator": '"'}, "separator and quote are both '\"'"),
    "old_mac_line_ends": ("f.csv", HEAD.replace("\n", "\r") + LINE.strip(), {}, "lone carriage return"),
    "gzip": ("f.csv", b"\x1f\x8b" + zlib.compress(b"x"), {}, "f.csv is compressed (gzip); unpack it first"),
    "missing_column": (
        "f.csv",
        "team,day,amout\n",
        {},
        "f.csv has no column 'amount'; did you mean 'amout'?",
    ),
    "missing_column_of_parquet": (
        "f.parquet",
        parquet(FRAME.rename({"amount": "Amount"})),
        {},
        "f.parquet has no column 'amount'; did you mean 'Amount'?",
    ),
    "wrong_separator": ("f.csv", HEAD.replace(",", ";"), {}, "f.csv has no column 'day'"),
    "column_twice": ("f.csv", "team,day,amount,day\n", {}, "f.csv:1 has the column 'day' more than once"),
    "renamed_to_nothing": (
        "f.csv",
        HEAD,
        {"rename": {"amount": "amont"}},
        "rename names 'amont', which is no column of the contract; did you mean 'amount'?",
    ),
    "retyped_to_float": (
        "f.parquet",
        parquet(FRAME.with_columns(team=pl.lit(1.5))),
        {},
        "f.parquet: column 'team' is retyped: the file has it as float, the contract says string",
    ),
    "retyped_to_number": (
        "f.parquet",
        parquet(FRAME.with_columns(day=pl.lit(20260131))),
        {},
        "column 'day' is retyped: the file has it as integer, the contract says date",
    ),
    "retyped_to_list": (
        "f.parquet",
        parquet(FRAME.with_columns(team=pl.concat_list("team"))),
        {},
        "column 'team' is retyped",
    ),
    "no_json": ("f.ndjson", "team\n", {}, "f.ndjson:1 is no JSON"),
    "json_list": ("f.ndjson", "[1]\n", {}, "f.ndjson:1 is no JSON object"),
    "cut_off_ndjson": (
        "f.ndjson",
        '{"team":"a","day":"2026-01-31","amount":1}\n{"team":"a","da',
        {},
        "f.ndjson:2 is no JSON",
    ),
    "not_a_number_in_json": (
        "f.ndjson",
        (
            '{"team": "a", "day": "2026-01-31", "amount": 1}\n'
            '{"team": "a", "day": "2026-01-31", "amount": NaN}\n'
        ),
        {},
        "f.ndjson:2 is no JSON: NaN is no number",
    ),
    "deep_json": ("f.ndjson", "[" * 100_000 + "\n", {}, "f.ndjson:1 is no JSON"),
    "unknown_format": ("f.dat", HEAD, {}, "f.dat: its extension tells no format; set format"),
    "no_parquet": ("f.parquet", HEAD + LINE, {}, "f.parquet is no whole Parquet file"),
    "null_everywhere": (
        "f.csv",
        HEAD + ",,\n" * 3,
        {},
        "rows break the contract: day: not null (3 rows), amount: not null (3 rows); f.csv:2 has no day",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", CASES)
def test_a_faulty_file_is_an_error_that_says_why(
    tmp_path: Path, settle: Callable[..., Any], case: str
) -> None:
    name, content, options, reason = CASES[case]
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    state, _ = settle(CONTRACT, path=name, **options)
    assert state.status == "error"
    assert reason in state.reason
    assert "\n" not in state.reason
    assert str(tmp_path) not in state.reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("cost.csv", "cost.csv does not exist; did you mean 'costs.csv'?"),
        ("*.parquet", "no file matches *.parquet"),
        ("folder", "folder is a folder; name its files, such as folder/*.csv"),
        ("pipe", "pipe is not a regular file"),
        ("../outside.csv", "leads out of the project's folder"),
        ("link.csv", "leads out of the project's folder"),
        ("li*.csv", "leads out of the project's folder"),
        ("round.csv", "round.csv"),
        ("costs.csv\x00", "is not a path"),
    ],
)
def test_a_path_that_leads_nowhere_good_is_an_error(
    tmp_path: Path, settle: Callable[..., Any], path: str, reason: str
) -> None:
    root = tmp_path / "project"
    (root / "folder").mkdir(parents=True)
    (root / "costs.csv").write_text(HEAD + LINE)
    (tmp_path / "outside.csv").write_text(HEAD + LINE)
    (root / "link.csv").symlink_to(tmp_path / "outside.csv")
    (root / "round.csv").symlink_to(root / "round.csv")
    os.mkfifo(root / "pipe")
    state, rows = settle(CONTRACT, root, path=path, format="csv")
    assert (state.status, rows) == ("error", None)
    assert reason in state.reason


def test_a_path_may_leave_the_project_where_the_project_says_so(
    tmp_path: Path, settle: Callable[..., Any]
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.csv").write_text(HEAD + LINE)
    state, _ = settle(CONTRACT, tmp_path / "project", path="../outside.csv", outside=True)
    assert state.status == "ok"


def test_a_locked_file_is_an_error(
    tmp_path: Path, settle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f.csv").write_text(HEAD + LINE)
    opened = os.open

    def locked(path: Any, *args: Any, **options: Any) -> int:
        if str(path).endswith("f.csv"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)

    monkeypatch.setattr(os, "open", locked)
    state, _ = settle(CONTRACT, path="f.csv")
    assert (state.status, state.reason) == ("error", "f.csv can not be read: permission denied")


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_file_in_whose_midst_polars_breaks_off_is_told(
    tmp_path: Path, settle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Not in the words of its panic, which are others each time."""

    def panics(*_: object) -> None:
        raise pl.exceptions.PanicException("JoinError::Panic(Id(7), personal)")

    (tmp_path / "costs.csv").write_text("a\n1\n")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "costs.parquet")
    monkeypatch.setattr(type(format_named(ending)), "open", panics)
    state, _ = settle(None, path=f"costs.{ending}")
    said = "can not be read: polars broke off in the midst of it, as it does where data are damaged"
    assert (state.status, state.reason) == ("error", f"costs.{ending} {said}")


def test_files_with_different_columns_are_an_error(tmp_path: Path, settle: Callable[..., Any]) -> None:
    (tmp_path / "a.csv").write_text(HEAD + LINE)
    (tmp_path / "b.csv").write_text("team,day\na,2026-01-31\n")
    state, _ = settle(CONTRACT, path="*.csv")
    assert state.reason.startswith("b.csv has no column 'amount', a.csv has one")
    FRAME.write_parquet(tmp_path / "a.parquet")
    FRAME.with_columns(pl.col("amount").cast(pl.String)).write_parquet(tmp_path / "b.parquet")
    state, _ = settle(CONTRACT, path="*.parquet")
    assert "b.parquet has 'amount' as String, a.parquet as Decimal" in state.reason


@pytest.mark.parametrize("change", ["grow", "rewrite", "vanish"])
def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path, change: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(HEAD + LINE)
    source = open_source("costs", CONTRACT, SourceFile(path="f.csv"), tmp_path, AS_OF)
    values = numbers(pl.collect_all(list(source.checks)))
    if change == "grow":
        path.write_text(HEAD + LINE * 2)
    elif change == "rewrite":
        path.write_text(HEAD + LINE.replace("1.50", "9.50"))
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    state = source.settle(values)
    assert (state.status, state.reason) == (
        "error",
        "f.csv changed while it was read; run again once it is written",
    )


def test_one_broken_source_does_not_break_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(HEAD + LINE)
    lines = 100_000
    (tmp_path / "bad.csv").write_bytes((HEAD + LINE * lines + "é,2026-01-31,1\n").encode("latin1"))
    sources = {
        name: open_source(name, CONTRACT, SourceFile(path=f"{name}.csv"), tmp_path, AS_OF)
        for name in ("good", "bad")
    }
    with pytest.raises(pl.exceptions.PolarsError):
        pl.collect_all([source.frame.select(pl.col("team").n_unique()) for source in sources.values()])
    faults = {name: source.diagnose() for name, source in sources.items()}
    assert faults["good"] is None
    assert faults["bad"] is not None
    assert f"bad.csv:{lines + 2} is not UTF-8" in faults["bad"].reason
    assert sources["good"].settle(numbers(pl.collect_all(list(sources["good"].checks)))).status == "ok"


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        (3_000_000_000, "claims 3,000,000,000 rows; more than 2,000,000,000 are not read"),
        (1_500_000_000, "no table packs that densely"),
    ],
)
def test_parquet_that_claims_absurd_numbers_is_refused(
    tmp_path: Path,
    settle: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    claimed: int,
    reason: str,
) -> None:
    FRAME.write_parquet(tmp_path / "f.parquet")
    monkeypatch.setattr(sources_tables, "rows_of", lambda _: claimed)
    state, _ = settle(CONTRACT, path="f.parquet")
    assert reason in state.reason


@pytest.mark.parametrize(
    ("control", "complete", "reason"),
    [
        ({"rows": 2, "sums": {"amount": "3.00", "count": "18446744073709551614"}}, True, ""),
        ({"rows": 2, "sums": {"amount": "3"}}, True, ""),
        ({"rows": 3}, False, "not the whole extract: rows 2, where its control total says 3"),
        (
            {"sums": {"amount": "3.000001"}},
            False,
            "not the whole extract: amount 3, where its control total says 3.000001",
        ),
        (
            {"sums": {"team": "3"}},
            None,
            "control.sums: 'team' is no integer or decimal column of the contract",
        ),
        ({"sums": {"amount": "3 USD"}}, None, "control.sums: 'amount' has '3 USD', which is no number"),
    ],
)
def test_control_totals_must_be_met_exactly(
    tmp_path: Path, settle: Callable[..., Any], control: Any, complete: bool | None, reason: str
) -> None:
    columns = {**CONTRACT.columns, "count": Column(type="integer")}
    (tmp_path / "f.csv").write_text("team,day,amount,count\n" + "a,2026-01-31,1.50,9223372036854775807\n" * 2)
    contract = CONTRACT.model_copy(update={"columns": columns})
    state, _ = settle(contract, path="f.csv", control=Control(**control))
    assert (state.status, state.complete) == ("error" if reason else "ok", complete)
    assert reason in state.reason


def test_too_few_rows_are_no_extract(tmp_path: Path, settle: Callable[..., Any]) -> None:
    (tmp_path / "f.csv").write_text(HEAD + LINE)
    state, _ = settle(CONTRACT.model_copy(update={"min_rows": 2}), path="f.csv")
    assert (state.status, state.rows) == ("error", 1)
    assert "1 row is too few" in state.reason


@pytest.mark.slow
def test_parquet_that_unpacks_to_a_bomb_is_refused(tmp_path: Path, settle: Callable[..., Any]) -> None:
    # 200 MB of one letter: not repeated values, which would be stored once anyway.
    cells = ["a" * 1_000_000 + str(n) for n in range(200)]
    noise = [os.urandom(200).hex() for _ in range(200)]
    pl.DataFrame({"team": cells, "noise": noise}).write_parquet(
        tmp_path / "f.parquet", compression="zstd", compression_level=1
    )
    state, _ = settle(CONTRACT, path="f.parquet")
    assert "no table packs that densely" in state.reason


@pytest.mark.parametrize("compression", ["zstd", "snappy", "uncompressed"])
def test_the_footer_tells_how_much_a_parquet_file_unpacks_to(tmp_path: Path, compression: Any) -> None:
    frame = pl.DataFrame({"id": range(50_000), "text": [f"{n:040}" for n in range(50_000)]})
    frame.write_parquet(
        tmp_path / "f.parquet", compression=compression, row_group_size=7_000, use_pyarrow=False
    )
    with (tmp_path / "f.parquet").open("rb") as file:
        unpacked = footer_of(file).unpacked
    assert 50_000 * 44 < unpacked < 50_000 * 80


def test_ndjson_with_a_byte_order_mark_says_so(tmp_path: Path, settle: Callable[..., Any]) -> None:
    (tmp_path / "t.ndjson").write_bytes(b'\xef\xbb\xbf{"a": 1}\n')
    state, _ = settle(None, path="t.ndjson")
    assert state.reason == "t.ndjson begins with a byte order mark; save it as UTF-8 without one"
