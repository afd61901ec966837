"""31 plain checks on one table, as each tool writes them, whole process against whole process.

Every peer has an environment of its own, made by `make bench-peers`, with its telemetry off, and
phasegate has one too, where it is installed as its users have it. The checks are the same for all
and all of them hold; each script fails if its tool sees fewer than 31 checks pass. phasegate keeps
no record of them in a ledger: none of the others keeps any.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from yardstick import Measured, Row, in_turn, run_process, seconds, time_ratio

PEERS = ("great_expectations", "soda", "pointblank", "pandera", "dataframely")
HERE = Path(__file__).parent
COUNTRIES = ["AT", "BE", "CH", "DE", "ES", "FR", "IT", "NL", "PL", "SE"]
STATUSES = ["open", "paid", "shipped", "returned"]
CHANNELS = ["web", "shop", "phone"]
CURRENCIES = ["EUR", "USD", "CHF"]
CHECKS: list[dict[str, object]] = [
    *(
        {"kind": "not_null", "column": column}
        for column in (
            "id", "customer", "country", "status", "channel", "currency", "sku", "quantity", "price",
            "discount", "tax", "created_on",
        )
    ),
    {"kind": "unique", "column": "id"},
    {"kind": "min", "column": "quantity", "value": 1},
    {"kind": "max", "column": "quantity", "value": 99},
    {"kind": "min", "column": "price", "value": 0},
    {"kind": "max", "column": "price", "value": 100000},
    {"kind": "min", "column": "discount", "value": 0},
    {"kind": "max", "column": "discount", "value": 50},
    {"kind": "min", "column": "tax", "value": 0},
    {"kind": "max", "column": "tax", "value": 25},
    {"kind": "min", "column": "id", "value": 1},
    {"kind": "min", "column": "weight", "value": 0},
    {"kind": "max", "column": "weight", "value": 1000},
    {"kind": "allowed", "column": "country", "value": COUNTRIES},
    {"kind": "allowed", "column": "status", "value": STATUSES},
    {"kind": "allowed", "column": "channel", "value": CHANNELS},
    {"kind": "allowed", "column": "currency", "value": CURRENCIES},
    {"kind": "pattern", "column": "customer", "value": "C[0-9]{6}"},
    {"kind": "pattern", "column": "sku", "value": "[A-Z]{2}-[0-9]{4}"},
    {"kind": "rows", "value": 1},
]  # fmt: skip
TYPES = {"id": "integer", "quantity": "integer", "created_on": "date"}
FLOATS = {"price", "discount", "tax", "weight"}


def make_table(path: Path, rows: int) -> None:
    """A table of orders for which every check holds."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = random.Random(11)
    block = 1000

    def some(values: list[object]) -> pl.Series:
        picked = pl.Series([draw.choice(values) for _ in range(block)])
        return pl.concat([picked.shuffle(seed) for seed in range(-(-rows // block))]).head(rows)

    pl.DataFrame(
        {
            "id": pl.int_range(1, rows + 1, eager=True),
            "customer": some([f"C{n:06d}" for n in range(5000)]),
            "country": some(list(COUNTRIES)),
            "status": some(list(STATUSES)),
            "channel": some(list(CHANNELS)),
            "currency": some(list(CURRENCIES)),
            "sku": some([f"{a}{b}-{n:04d}" for a in "ABC" for b in "XYZ" for n in range(100)]),
            "quantity": some(list(range(1, 100))),
            "price": some([n / 4 for n in range(1, 40000)]),
            "discount": some([n / 2 for n in range(100)]),
            "tax": some([0.0, 5.5, 7.0, 19.0, 25.0]),
            "weight": some([None, *(n / 8 for n in range(1, 7000))]),
            "created_on": _days(rows),
        }
    ).write_parquet(path)


def _days(rows: int) -> pl.Series:
    start = pl.Series([20089], dtype=pl.Int32)  # 2025-01-01
    return (pl.int_range(0, rows, eager=True, dtype=pl.Int32) % 365 + start).cast(pl.Date)


def project(folder: Path, table: Path) -> Path:
    """The same checks as a contract in a project file of our own."""
    columns: dict[str, dict[str, object]] = {}
    for check in CHECKS:
        if check["kind"] == "rows":
            continue
        name = str(check["column"])
        kind = TYPES.get(name, "float" if name in FLOATS else "string")
        column = columns.setdefault(name, {"type": kind, "nullable": True})
        match check["kind"]:
            case "not_null":
                column["nullable"] = False
            case "unique":
                column["unique"] = True
            case other:
                column[str(other)] = check["value"]
    document = {
        "phasegate": 1,
        "title": "31 plain checks",
        "sources": {
            "orders": {
                "path": str(table),
                "outside": True,
                "contract": {"title": "Orders", "columns": columns, "min_rows": 1},
            }
        },
        "measures": {"orders.rows": {"title": "Orders", "from": "orders", "count": "id >= 1"}},
        "require": {"orders.rows": ">= 1"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "phasegate.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return file


def quietly(command: Sequence[Path | str]) -> Measured:
    """Runs a command with all telemetry off."""
    return run_process(command, env=QUIET)


def rows(sizes: tuple[int, ...], rounds: int, scratch: Path, environments: Path) -> Iterator[Row]:
    """One row for each peer whose environment is there, at each size.

    Args:
        sizes: numbers of rows of the table.
        rounds: how often each pair is run.
        scratch: where tables are made.
        environments: the folder with an environment for each peer.
    """
    checks = scratch / "checks.json"
    for size in sizes:
        table = scratch / f"orders-{size}.parquet"
        make_table(table, size)
        checks.write_text(json.dumps(CHECKS), encoding="utf-8")
        file = project(scratch / f"project-{size}", table)
        installed = environments / "phasegate" / "bin"
        command = (installed if installed.is_dir() else Path(sys.executable).parent) / "phasegate"
        ours = [command, "check", "--no-ledger", "--project", file]
        for peer in PEERS:
            interpreter = environments / peer / "bin" / "python"
            if not interpreter.exists():
                continue
            theirs = [interpreter, HERE / "peers" / f"with_{peer}.py", table, checks]
            slow = peer == "great_expectations" and size > 1_000_000

            mine, others = in_turn(partial(quietly, ours), partial(quietly, theirs), 1 if slow else rounds)
            yield Row(
                f"31 plain checks, {size // 1_000_000} M rows",
                peer.replace("_", "-"),
                1.1 if size <= 1_000_000 else 1.0,
                time_ratio(mine, others),
                f"{seconds(mine)} against {seconds(others)}",
            )


QUIET = {
    "GX_ANALYTICS_ENABLED": "false",
    "SODA_CORE_TELEMETRY_ENABLED": "false",
    "POINTBLANK_TELEMETRY": "0",
    "DO_NOT_TRACK": "1",
}
"""Telemetry off, for peers that have any."""
