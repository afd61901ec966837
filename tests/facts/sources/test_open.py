"""Sources that can be read: what the frame holds and what the state says."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.progress import Come
from phasegate.facts.sources.open import open_source
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import Calendar, SourceFile

AS_OF = dt.date(2026, 3, 31)
CHARGES = Contract(
    title="a charge",
    event="day",
    columns={
        "day": Column(type="date"),
        "amount": Column(type="decimal", scale=2),
        "team": Column(type="string", nullable=True),
    },
)
ROWS = [(dt.date(2026, 1, 31), Decimal("1.50"), "Zoë"), (dt.date(2026, 2, 28), Decimal("-0.25"), None)]
CSV = "team,day,amount,note\nZoë,2026-01-31,1.50,x\n,2026-02-28,-0.25,y\n"
NDJSON = """\
{"team": "Zoë", "day": "2026-01-31", "amount": 1.50}
{"amount": "-0.25", "day": "2026-02-28", "other": [1]}
"""
FRAME = pl.DataFrame({"team": ["Zoë", None], "day": [ROWS[0][0], ROWS[1][0]], "amount": [r[1] for r in ROWS]})


def put(path: Path, content: str | bytes | pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, pl.DataFrame):
        content.write_parquet(path)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("plain.csv", CSV, {}),
        ("bom.csv", "\ufeff" + CSV, {}),
        ("crlf.csv", CSV.replace("\n", "\r\n"), {}),
        ("no_end.csv", CSV.rstrip("\n"), {}),
        ("latin1.csv", CSV.encode("latin1"), {"encoding": "latin1"}),
        ("cp1252.csv", CSV.encode("cp1252"), {"encoding": "cp1252"}),
        ("utf16.csv", CSV.encode("utf-16"), {"encoding": "utf-16"}),
        ("tab.tsv", CSV.replace(",", "\t"), {"separator": "\t"}),
        ("semi.csv", CSV.replace(",", ";").replace(".", ","), {"separator": ";", "decimal_comma": True}),
        ("comma.csv", CSV.replace("1.50", '"1,50"').replace("-0.25", '"-0,25"'), {"decimal_comma": True}),
        ("null.csv", CSV.replace("\n,", "\nNULL,"), {"null_values": ("NULL",)}),
        ("quote.csv", CSV.replace("Zoë", "'Zoë'"), {"quote": "'"}),
        ("breaks.csv", CSV.replace(",x", ',"one\ntwo, ""three"""'), {}),
        (
            "german.csv",
            CSV.replace("2026-01-31", "31.01.2026").replace("2026-02-28", "28.02.2026"),
            {"date_format": "%d.%m.%Y"},
        ),
        ("focus.csv", CSV.replace("-31,", "-31 00:00:00,").replace("-28,", "-28T00:00:00Z,"), {}),
        ("order.csv", "day,note,team,amount\n2026-01-31,x,Zoë,1.5\n2026-02-28,y,,-0.250\n", {}),
        ("exponent.csv", CSV.replace("-0.25", "-2.5E-1"), {}),
        ("named.csv", CSV.replace("amount", "Effective Cost"), {"rename": {"Effective Cost": "amount"}}),
        ("typed.parquet", FRAME, {}),
        ("texts.parquet", FRAME.with_columns(pl.col("day", "amount").cast(pl.String)), {}),
        ("timed.parquet", FRAME.with_columns(pl.col("day").cast(pl.Datetime("ns"))), {}),
        ("zoned.parquet", FRAME.with_columns(pl.col("day").cast(pl.Datetime("us", "UTC"))), {}),
        ("coded.parquet", FRAME.with_columns(pl.col("team").cast(pl.Categorical)), {}),
        ("narrow.parquet", FRAME.with_columns(pl.col("amount").cast(pl.Decimal(10, 4))), {}),
        ("lines.ndjson", NDJSON, {}),
        ("unnamed.data", CSV, {"format": "csv"}),
    ],
)
def test_a_file_becomes_the_contract_s_rows(
    tmp_path: Path, settle: Callable[..., Any], name: str, content: Any, options: dict[str, Any]
) -> None:
    put(tmp_path / name, content)
    state, rows = settle(CHARGES, path=name, **options)
    assert (state.status, state.reason) == ("ok", "")
    assert rows.rows() == ROWS
    assert rows.schema["amount"] == pl.Decimal(38, 2)
    digest = f"sha256:{sha256((tmp_path / name).read_bytes()).hexdigest()}"
    assert state.files == {name: digest}
    assert (state.rows, state.rows_in_force, state.columns) == (2, 2, ("day", "amount", "team"))


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_a_glob_reads_its_files_as_one_table(tmp_path: Path, settle: Callable[..., Any], ending: str) -> None:
    lines = '{"team": "a", "day": "2026-01-31", "amount": 2}\n'
    content: dict[str, Any] = {"csv": CSV, "parquet": FRAME, "ndjson": lines}
    for name in ("2026-02", "2026-01", "sub/2026-03"):
        put(tmp_path / "data" / f"{name}.{ending}", content[ending])
    state, rows = settle(CHARGES, path=f"data/**/*.{ending}")
    assert state.status == "ok", state.reason
    assert list(state.files) == [f"data/{n}.{ending}" for n in ("2026-01", "2026-02", "sub/2026-03")]
    assert state.rows == rows.height == 3 * (1 if ending == "ndjson" else 2)


def test_files_of_a_glob_may_order_their_columns_differently(
    tmp_path: Path, settle: Callable[..., Any]
) -> None:
    put(tmp_path / "a.csv", "day,amount,team\n2026-01-31,1.50,Zoë\n")
    put(tmp_path / "b.csv", "team,day,amount\n,2026-02-28,-0.25\n")
    state, rows = settle(CHARGES, path="*.csv")
    assert (state.status, rows.rows()) == ("ok", ROWS)


def test_one_digest_stands_for_all_files_and_their_names(tmp_path: Path, settle: Callable[..., Any]) -> None:
    digests = set()
    for names in (("a", "b"), ("a", "c")):
        folder = tmp_path / "".join(names)
        for name in names:
            put(folder / f"{name}.csv", CSV)
        state, _ = settle(CHARGES, folder, path="*.csv")
        digests.add(state.digest)
    assert len(digests) == 2


def test_rows_after_as_of_are_not_there_yet(tmp_path: Path, settle: Callable[..., Any]) -> None:
    contract = Contract(
        title="a figure",
        event="day",
        recorded="seen",
        period_end="closed",
        columns={
            "id": Column(type="integer"),
            "day": Column(type="date"),
            "seen": Column(type="datetime"),
            "closed": Column(type="date"),
            "amount": Column(type="decimal", scale=0, max="9"),
        },
    )
    put(
        tmp_path / "f.csv",
        "id,day,seen,closed,amount\n"
        "1,2026-03-31,2026-03-31 23:59:59,2026-03-30,1\n"
        "2,2026-04-01,2026-03-31,2026-03-31,1\n"
        "3,2026-03-31,2026-04-01,2026-03-31,1\n"
        "4,2026-03-31,2026-03-31,2026-03-31,1\n"
        "5,2026-03-31,2026-03-31,2026-03-30,1\n"
        "6,2026-04-01,,2026-03-31,10\n",
    )
    state, rows = settle(contract, path="f.csv")
    assert (state.status, state.rows, state.rows_in_force) == ("ok", 6, 2)
    assert rows["id"].to_list() == [1, 5]


def test_a_row_whose_period_never_ends_breaks_the_contract(
    tmp_path: Path, settle: Callable[..., Any]
) -> None:
    columns = {"day": Column(type="date"), "closed": Column(type="date", nullable=True)}
    contract = Contract(title="a figure", event="day", period_end="closed", columns=columns)
    put(tmp_path / "f.csv", "day,closed\n2026-01-01,2026-01-31\n2026-02-01,\n")
    state, _ = settle(contract, path="f.csv")
    assert state.status == "error"
    assert state.reason.startswith("1 row breaks the contract: closed: not null; ")


LATE = dt.datetime(2026, 2, 1, 23, 30)


@pytest.mark.parametrize(
    ("type_", "value", "stored", "expected"),
    [
        ("decimal", Decimal("1.2500"), pl.Decimal(38, 4), Decimal("1.25")),
        ("decimal", Decimal("1.2505"), pl.Decimal(38, 4), None),
        ("decimal", Decimal("1.2549"), pl.Decimal(38, 4), None),
        ("datetime", LATE, pl.Datetime("us", "UTC"), LATE),
        ("datetime", LATE, pl.Datetime("us", "America/New_York"), dt.datetime(2026, 2, 2, 4, 30)),
        ("date", LATE, pl.Datetime("us", "America/New_York"), dt.date(2026, 2, 2)),
        ("date", LATE, pl.Datetime("ms", "Asia/Tokyo"), dt.date(2026, 2, 1)),
    ],
)
def test_what_parquet_has_in_a_finer_type(
    tmp_path: Path,
    settle: Callable[..., Any],
    type_: str,
    value: Any,
    stored: pl.DataType,
    expected: object,
) -> None:
    values = pl.Series([value], dtype=stored) if type_ == "decimal" else pl.Series([value])
    if isinstance(stored, pl.Datetime):  # as the clocks of the zone show it
        values = values.dt.replace_time_zone(stored.time_zone).dt.cast_time_unit(stored.time_unit)
    put(tmp_path / "f.parquet", pl.DataFrame({"x": values}))
    scale = {"scale": 2} if type_ == "decimal" else {}
    contract = Contract(title="a value", columns={"x": Column.model_validate({"type": type_, **scale})})
    state, rows = settle(contract, path="f.parquet")
    if expected is None:  # nothing is rounded
        assert state.reason.startswith("1 row breaks the contract: x: at most 2 digits after the point; ")
    else:
        assert (state.status, rows["x"].to_list()) == ("ok", [expected])


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, settle: Callable[..., Any]) -> None:
    for text in ("team,day,amount", "team,day,amount\n"):
        put(tmp_path / "f.csv", text)
        state, rows = settle(CHARGES, path="f.csv")
        assert (state.status, state.rows, rows.height) == ("ok", 0, 0)


def test_an_optional_column_may_be_absent_and_then_is_empty(
    tmp_path: Path, settle: Callable[..., Any]
) -> None:
    columns = {**CHARGES.columns, "owner": Column(type="decimal", optional=True, min="0", unique=True)}
    put(tmp_path / "f.csv", CSV)
    state, rows = settle(CHARGES.model_copy(update={"columns": columns}), path="f.csv")
    assert (state.status, rows["owner"].to_list()) == ("ok", [None, None])


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_without_a_contract_columns_are_as_the_file_has_them(
    tmp_path: Path, settle: Callable[..., Any], ending: str
) -> None:
    frame = pl.DataFrame(
        {
            "id": ["007", "008"],
            "count": [1, None],
            "amount": [Decimal("0.10"), Decimal("12.345")],
            "day": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
            "done": [True, False],
            "empty": pl.Series([None, None], dtype=pl.String),
        }
    )
    if ending == "parquet":
        put(tmp_path / "f.parquet", frame)
    elif ending == "csv":
        put(tmp_path / "f.csv", frame.write_csv())
    else:
        put(
            tmp_path / "f.ndjson",
            '{"id":"007","count":1,"amount":0.10,"day":"2026-01-01","done":true,"empty":null}\n'
            '{"id":"008","amount":12.345,"day":"2026-01-02","done":false}\n',
        )
    state, rows = settle(None, path=f"f.{ending}")
    assert state.status == "ok", state.reason
    assert rows.rows() == frame.rows()
    assert rows.schema["amount"] == pl.Decimal(38, 3)


def test_derived_columns_know_the_calendar(tmp_path: Path, settle: Callable[..., Any]) -> None:
    contract = CHARGES.model_copy(
        update={
            "derive": {
                "double": "amount * 2",
                "close_on": Contract.model_validate(
                    {
                        "title": "x",
                        "columns": {"day": {"type": "date"}},
                        "derive": {"close_on": {"business_days_after": "day", "days": ":close_days"}},
                    }
                ).derive["close_on"],
                "ago": Contract.model_validate(
                    {
                        "title": "x",
                        "columns": {"day": {"type": "date"}},
                        "derive": {"ago": {"business_days_since": "day"}},
                    }
                ).derive["ago"],
            }
        }
    )
    # 31 January and 28 February 2026 are Saturdays; 6 February is made a holiday.
    put(tmp_path / "f.csv", CSV)
    calendar = Calendar(holidays=(dt.date(2026, 2, 6),))
    values = {"close_days": 5, "as_of": dt.date(2026, 3, 6)}
    state, rows = settle(contract, path="f.csv", as_of=dt.date(2026, 3, 6), calendar=calendar, values=values)
    assert state.status == "ok", state.reason
    assert rows["double"].to_list() == [Decimal("3.00"), Decimal("-0.50")]
    assert rows["close_on"].to_list() == [dt.date(2026, 2, 9), dt.date(2026, 3, 6)]
    assert rows["ago"].to_list() == [24, 5]


def test_focus_exports_are_read_as_they_are(settle: Callable[..., Any]) -> None:
    root = Path(os.environ.get("PHASEGATE_SHARED", "../shared")) / "data" / "focus"
    if not (root / "focus_sample.csv").exists():
        pytest.skip("the FOCUS sample is not here")
    contract = Contract(
        title="a charge",
        event="ChargePeriodStart",
        columns={
            "ChargePeriodStart": Column(type="datetime"),
            "EffectiveCost": Column(type="decimal", scale=15),
            "Tags": Column(type="string", nullable=True),
        },
    )
    options = {"path": "focus_sample.csv", "null_values": ("", "NULL"), "as_of": dt.date(2024, 9, 30)}
    state, rows = settle(contract, root.resolve(), **options)
    assert (state.status, state.rows, state.rows_in_force) == ("ok", 1000, 1000)
    assert rows["Tags"].null_count() > 0
    assert "NULL" not in rows["Tags"].to_list()
    state, rows = settle(None, root.resolve(), **options)
    assert state.status == "ok"
    assert rows.schema["EffectiveCost"].is_decimal()
    assert len(rows.columns) == 44


def test_an_absent_source_is_absent(tmp_path: Path) -> None:
    source = open_source("costs", CHARGES, None, tmp_path, AS_OF)
    assert (source.frame, source.checks) == (None, ())
    assert source.settle({}).status == "absent"


def test_progress_hears_each_source_begin_and_end(tmp_path: Path) -> None:
    heard: list[str] = []
    come: list[Come] = []

    class Listener:
        def started(self, name: str) -> None:
            heard.append(f"+{name}")

        def came(self, so_far: Come) -> None:
            come.append(so_far)

        def finished(self, name: str) -> None:
            heard.append(f"-{name}")

    open_source("lost", CHARGES, SourceFile(path="lost.csv"), tmp_path, AS_OF, progress=Listener())
    put(tmp_path / "f.csv", CSV)
    source = open_source("f", CHARGES, SourceFile(path="f.csv"), tmp_path, AS_OF, progress=Listener())
    assert heard == ["+lost", "-lost", "+f"]
    values = {}
    for result in pl.collect_all(list(source.checks)):
        values |= result.row(0, named=True)
    source.settle(values)
    assert heard[-1] == "-f"
    assert come == [Come("f", len(CSV.encode()), len(CSV.encode()), "bytes")]


PEOPLE = Contract(
    title="a review",
    columns={
        "tester": Column(type="string", personal=True),
        "reviewer": Column(type="string", nullable=True, personal=True),
        "note": Column(type="string", nullable=True),
    },
)
REVIEWS = [("t-1", "t-1 ", " x"), ("t-2", "", ""), ("t-3", "  ", "NULL")]


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_nobody_is_a_person_and_nobody_is_two(
    tmp_path: Path, settle: Callable[..., Any], ending: str
) -> None:
    frame = pl.DataFrame(REVIEWS, schema=list(PEOPLE.columns), orient="row")
    write = {"csv": frame.write_csv, "ndjson": frame.write_ndjson, "parquet": frame.write_parquet}
    write[ending](tmp_path / f"r.{ending}")
    state, rows = settle(PEOPLE, path=f"r.{ending}", null_values=("", "NULL"))
    assert state.status == "ok"
    assert rows.rows() == [("t-1", "t-1", " x"), ("t-2", None, None), ("t-3", None, None)]


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_an_empty_text_is_a_breach_where_one_must_be(
    tmp_path: Path, settle: Callable[..., Any], ending: str
) -> None:
    frame = pl.DataFrame([("", "r", "x"), ("t", "r", "x")], schema=list(PEOPLE.columns), orient="row")
    write = {"csv": frame.write_csv, "ndjson": frame.write_ndjson, "parquet": frame.write_parquet}
    write[ending](tmp_path / f"r.{ending}")
    state, _ = settle(PEOPLE, path=f"r.{ending}")
    first, place, _ = state.reason.split("; ")
    assert first == "1 row breaks the contract: tester: not null"
    where = {"csv": "r.csv:2", "ndjson": "r.ndjson:1", "parquet": "r.parquet row 1"}[ending]
    assert place == f"{where} has no tester"


@pytest.mark.parametrize(
    ("texts", "total"),
    [
        (["100000000000000000000", "100000000000000000000", "3"], Decimal("200000000000000000003")),
        (["100000000000000000000", "-100000000000000000000.000000001", "0"], Decimal("-0.000000001")),
        (["1" + "0" * 36 + ".25", "1"], None),  # too many digits to keep: a text, no rounded number
    ],
)
def test_large_numbers_keep_all_digits_without_a_contract(
    tmp_path: Path, settle: Callable[..., Any], texts: list[str], total: Decimal | None
) -> None:
    put(tmp_path / "n.csv", "\n".join(["n", *texts]) + "\n")
    _, rows = settle(None, path="n.csv")
    assert (rows["n"].sum() if rows["n"].dtype != pl.String else None) == total
