"""Which rows behind a verdict are others than in an earlier run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.facts.contracts.personal import MASK
from phasegate.facts.model.lacking import MAY_COUNT
from phasegate.records.schema import Record, RowsEntry
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    import polars as pl

SHOWN = 3
"""So many rows of either side are shown."""


@dataclass(frozen=True, slots=True)
class RowsApart:
    """The rows that stand behind a verdict in one run alone.

    Attributes:
        known: whether the earlier run has rows behind it too; one that passed has none, so that all rows
            of the later one are here.
        came: how many of them are there now and were not.
        went: how many are no longer.
        columns: those of the rows.
        first_came, first_went: the first ones of each, as texts.
    """

    known: bool
    came: int
    went: int
    columns: list[str]
    first_came: list[dict[str, str]]
    first_went: list[dict[str, str]]


class Rows:
    """The rows behind the verdicts of two runs.

    Args:
        ledger: where they are kept.
        before, after: the runs.
        records: their records.
    """

    def __init__(self, ledger: Ledger, before: KeptRun, after: KeptRun, *records: Record) -> None:
        self._ledger = ledger
        self._kept = [set(run.entry.get("rows", ())) for run in (before, after)]
        self._told: list[Mapping[str, RowsEntry]] = [
            {each["requirement"]: each for each in record.get("rows", ())} for record in records
        ]

    def apart(self, requirement: str) -> RowsApart | None:
        """What became of the rows behind a requirement; None where that can not be told.

        It can where the later run has rows behind it, and each that has some has kept all of them.
        """
        sides = [told.get(requirement) for told in self._told]
        if sides[0] == sides[1] or sides[1] is None:
            return None
        files: list[bytes | None] = []
        for rows, kept in zip(sides, self._kept, strict=True):
            if rows is not None and (rows["held"] != rows["total"] or rows["digest"] not in kept):
                return None
            try:
                files.append(content_of(self._ledger, rows["digest"]) if rows is not None else None)
            except PhasegateError:
                return None
        before, after = files
        return _apart(before, after) if after is not None else None


def _masked_alike(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Masks in both what either run has masked: what is personal now was so before, whoever knew it."""
    import polars as pl

    hidden = [
        name
        for name, type_ in new.schema.items()
        if type_ == pl.String and any(_all_masks(frame[name]) for frame in (old, new))
    ]
    masks = [pl.when(pl.col(name).is_not_null()).then(pl.lit(MASK)).alias(name) for name in hidden]
    return old.with_columns(masks), new.with_columns(masks)


def _all_masks(column: pl.Series) -> bool:
    told = column.drop_nulls()
    return told.len() > 0 and bool(told.str.contains(rf"^{re.escape(MASK)}( [A-Z])?$").all())


def _with(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows with a column of texts, which is empty where they have none of that name."""
    import polars as pl

    return rows if name in rows.columns else rows.with_columns(pl.lit(None, dtype=pl.String).alias(name))


def _apart(before: bytes | None, after: bytes) -> RowsApart | None:
    import polars as pl

    from phasegate.facts.evidence_rows import texts
    from phasegate.facts.sources.passes import read_errors

    try:
        new = pl.read_parquet(BytesIO(after))
        old = pl.read_parquet(BytesIO(before)) if before is not None else new.clear()
        if MAY_COUNT in {*old.columns} ^ {*new.columns}:  # in one of them it is known of each row
            old, new = (_with(each, MAY_COUNT) for each in (old, new))
        if old.schema != new.schema:
            return None
        names = old.columns
        old, new = _masked_alike(old, new)
        # Rows that are alike stand as often as they are there.
        old, new = (
            each.with_columns(pl.int_range(pl.len()).over(names).alias("of these ")) for each in (old, new)
        )
        on = [*names, "of these "]
        came = new.join(old, on=on, how="anti", nulls_equal=True).select(names).sort(names, nulls_last=True)
        went = old.join(new, on=on, how="anti", nulls_equal=True).select(names).sort(names, nulls_last=True)
    except read_errors():
        return None
    return RowsApart(
        before is not None, came.height, went.height, names, texts(came, SHOWN), texts(went, SHOWN)
    )
