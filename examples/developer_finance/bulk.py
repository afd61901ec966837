"""The two large tables, costs and system runs, made in chunks of columns and written as Parquet.

Nothing here is random in the usual sense: each value follows from the row's number and the seed by
whole-number arithmetic, so that chunks can be made one by one and always come out the same.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from dates import Dates

CHUNK = 1_000_000
"""Rows of one file."""
PRIME = 2_147_483_647
MICRO = Decimal("0.000001")
PLAN_LINES = tuple(f"line-{number:02}" for number in range(1, 13))
COST_CENTRES = tuple(f"cc-{number}" for number in range(1, 7))
SERVICES = ("Compute", "Object Storage", "Managed Database", "Message Queue", "Build Runners")

Spent = dict[tuple[str, str, dt.date], Decimal]
"""EffectiveCost of usage by plan line, cost centre and last day of the month."""


class System(NamedTuple):
    """One system, registered for one point, and how its runs went.

    Attributes:
        every: it runs every so many days.
        failed: so many days ago it ran and failed.
    """

    name: str
    point: str
    cadence_days: int
    cadence_calendar: str
    every: int
    failed: tuple[int, ...] = ()


def write_costs(folder: Path, dates: Dates, size: int, seed: int) -> tuple[dict[str, Any], Spent]:
    """Writes a FOCUS 1.0 export of the last two complete months and the open one.

    Returns:
        Its control totals, and what was spent.
    """
    _empty(folder)
    spent: dict[tuple[str, str, dt.date], int] = {}
    total = 0
    for part, start in enumerate(range(0, size, CHUNK)):
        frame = _costs(start, min(start + CHUNK, size), dates, seed)
        total += int(frame["micros"].sum())
        usage = frame.filter(pl.col("ChargeCategory") == "Usage", pl.col("plan_line").is_not_null())
        sums = usage.group_by("plan_line", "cost_centre", "month_end").agg(pl.col("micros").sum())
        for line, centre, month_end, micros in sums.iter_rows():
            spent[line, centre, month_end] = spent.get((line, centre, month_end), 0) + micros
        frame = frame.drop("plan_line", "cost_centre", "month_end", "micros")
        frame.write_parquet(folder / f"costs-{part:04}.parquet", compression="zstd")
    amounts = {key: micros * MICRO for key, micros in sorted(spent.items())}
    return {"rows": size, "sums": {"EffectiveCost": total * MICRO}}, amounts


def _empty(folder: Path) -> None:
    """An empty folder, so that no file of an earlier, larger run is read with the new ones."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _costs(start: int, stop: int, dates: Dates, seed: int) -> pl.DataFrame:
    row = pl.col("row")
    first = {back: dates.month(back)[0] for back in (1, 0, -1)}
    last = {back: dates.month(back)[1] for back in (1, 0, -1)}
    last[-1] = dates.as_of  # the open month, as far as it has come
    open_days = (last[-1] - first[-1]).days + 1  # none on the last day of a month
    # Of 20 rows 9 belong to the last complete month, 2 to the open one, 9 to the month before.
    slot = row % 20
    back = pl.when(slot < 9).then(0).when(slot < 18).then(1).otherwise(-1 if open_days else 1)
    chance = (row * 48_271 + (seed * 7_919 + 12_345)) % PRIME * 16_807 % PRIME
    day = (chance // 7) % pl.col("days")
    hour = (chance // 11) % 24
    item = (row // 20) * 9 + slot % 9  # counts a month's own rows, so that its shares are the same everywhere
    line = pl.when(item % 50 == 49).then(11).otherwise(item % 11)
    provider = (
        pl.when(item % 10 < 6).then(pl.lit("AWS"))
        .when(item % 10 < 9).then(pl.lit("Google Cloud"))
        .otherwise(pl.lit("Microsoft"))
    )  # fmt: skip
    unowned = (
        pl.when(provider == "Microsoft").then(item // 10 % 5 == 0)
        .when(provider == "AWS").then(item // 10 % 53 == 0)
        .otherwise(item // 10 % 37 == 0)
    )  # fmt: skip
    frame = pl.DataFrame({"row": pl.int_range(start, stop, dtype=pl.Int64, eager=True)})
    frame = frame.with_columns(back=back.cast(pl.Int8))
    frame = frame.with_columns(
        pl.col("back").replace_strict(first, return_dtype=pl.Date).alias("month_start"),
        pl.col("back").replace_strict(last, return_dtype=pl.Date).alias("month_end"),
    ).with_columns(
        days=(pl.col("month_end") - pl.col("month_start")).dt.total_days() + 1,
        category=pl.when(item % 211 == 0).then(pl.lit("Credit")).otherwise(pl.lit("Usage")),
        provider=provider,
        tagged=item % 97 != 3,
        owned=~unowned,
        plan_line=line.replace_strict(dict(enumerate(PLAN_LINES)), return_dtype=pl.String),
        cost_centre=(line // 2).replace_strict(dict(enumerate(COST_CENTRES)), return_dtype=pl.String),
        # 20 to 140 USD with six decimals; a credit gives back a little
        micros=20_000_000 + chance % 120_000_000,
    )
    frame = frame.with_columns(
        micros=pl.when(pl.col("category") == "Credit")
        .then(-pl.col("micros") // 20)
        .otherwise(pl.col("micros")),
        plan_line=pl.when("tagged").then(pl.col("plan_line")),
        cost_centre=pl.when("tagged").then(pl.col("cost_centre")),
    )
    owner = pl.concat_str(pl.lit('"owner": "team-'), (item % 24 + 1).cast(pl.String), pl.lit('", '))
    tags = pl.concat_str(
        pl.lit("{"),
        pl.when("owned").then(owner).otherwise(pl.lit("")),
        pl.lit('"cost_centre": "'), "cost_centre", pl.lit('", "plan_line": "'), "plan_line", pl.lit('"}'),
    )  # fmt: skip
    charged = pl.col("month_start").cast(pl.Datetime("us")) + pl.duration(days=day, hours=hour)
    cost = pl.col("micros").cast(pl.Decimal(38, 0)) * pl.lit(MICRO, dtype=pl.Decimal(38, 6))
    return frame.select(
        pl.lit("USD").alias("BillingCurrency"),
        pl.col("month_start").cast(pl.Datetime("us")).alias("BillingPeriodStart"),
        pl.col("category").alias("ChargeCategory"),
        charged.alias("ChargePeriodStart"),
        (charged + pl.duration(hours=1)).alias("ChargePeriodEnd"),
        cost.alias("BilledCost"),
        cost.alias("EffectiveCost"),
        pl.col("provider").alias("ProviderName"),
        (item % 5).replace_strict(dict(enumerate(SERVICES)), return_dtype=pl.String).alias("ServiceName"),
        pl.when("tagged").then(tags).alias("Tags"),
        "plan_line",
        "cost_centre",
        "month_end",
        "micros",
    )


def write_system_runs(folder: Path, dates: Dates, size: int, systems: Sequence[System]) -> dict[str, Any]:
    """Writes the runs of all systems over 65 days; more of them a day where the costs are many.

    Returns:
        Its control totals.
    """
    _empty(folder)
    times = max(1, min(size // 100_000, 4_000))
    total = 0
    small: list[pl.DataFrame] = []
    for part, system in enumerate(systems):
        ago = [days for days in range(65) if days % system.every == 0]
        days = pl.DataFrame(
            {
                "day": range(len(ago)),
                "finished_on": [dates.ago(days) for days in ago],
                "succeeded": [days not in system.failed for days in ago],
            },
            schema={"day": pl.Int64, "finished_on": pl.Date, "succeeded": pl.Boolean},
        )
        number = pl.col("day") * times + pl.col("time")
        runs = days.join(pl.DataFrame({"time": pl.int_range(times, eager=True)}), how="cross").select(
            pl.concat_str(pl.lit(f"{system.name}-"), number.cast(pl.String)).alias("run"),
            pl.lit(system.name).alias("system"),
            "finished_on",
            "succeeded",
        )
        total += runs.height
        if times == 1:
            small.append(runs)
        else:  # a file for each system, so that they need not all be in memory
            runs.write_parquet(folder / f"runs-{part:02}.parquet", compression="zstd")
    if small:
        pl.concat(small).write_parquet(folder / "runs-00.parquet", compression="zstd")
    return {"rows": total, "sums": {}}
