"""What is told of a table before anything is measured: how many rows it has, their digest, their digits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from phasegate.facts.connections.base import Snapshot, Table
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.plans import READ, EngineError
from phasegate.facts.engines.postgres.engine import PostgresEngine
from phasegate.facts.engines.postgres.place import PostgresTable
from phasegate.facts.engines.postgres.table import odd_ones
from phasegate.facts.expressions.polars_sql import quoted
from phasegate.facts.expressions.tree import Name
from phasegate.facts.model.fact import SourceState, TableState
from phasegate.facts.sources.files import SourceError, digest_of
from phasegate.facts.sources.source import totaled
from phasegate.rules.model.project import SourceFile


def described(
    name: str,
    source: SourceFile,
    snapshot: Snapshot,
    table: Table,
    there: PostgresTable,
    engine: PostgresEngine,
) -> SourceState:
    """Counts the rows, hashes them, and sees that each value is one."""
    columns = there.columns
    odd = list(odd_ones(columns))
    numbers = [each for each, read in columns.read.items() if read.number and each in columns.found]
    sums = totaled(columns.contract, source.control)
    originals = [quoted(Name(each.name)) for each in columns.found.values()]
    whole = f"sha256(convert_to(ROW({', '.join(originals)})::text, 'UTF8'))"
    parts = [f"('x' || encode(substr({whole}, {first}, 8), 'hex'))::bit(64)::bigint" for first in (1, 9)]
    halves = [f"coalesce(sum(({part})::numeric), 0)" for part in parts]
    asked = [
        "count(*)",
        f"count(*) FILTER (WHERE {there.in_force})",
        *halves,
        *(f"count(*) FILTER (WHERE {test})" for _, test in odd),
        *(f"coalesce(max(abs(trunc(({columns.read[each].value})::numeric))), 0)::text" for each in numbers),
        *(f"coalesce(sum({columns.read[each].value}), 0)::text" for each in sums),
    ]
    answers = engine.ask(f"SELECT {', '.join(asked)} FROM {there.named}")
    if len(answers) != 1 or len(answers[0]) != len(asked):
        raise EngineError("the server did not answer all that was asked")
    rows, in_force_, first, second, *rest = answers[0]
    for (column, _), count in zip(odd, rest[: len(odd)], strict=True):
        if count:
            what = f"column {column!r} has values that no rule can be held against: NaN or infinity"
            raise SourceError(
                f"{what}, or days before the year 1 or after 9999",
                "make them null in a view, or leave such rows out there",
            )
    widest, totals = rest[len(odd) : len(odd) + len(numbers)], rest[len(odd) + len(numbers) :]
    there.rows, there.rows_in_force = rows, in_force_
    there.widths = {each: len(text) if text != "0" else 0 for each, text in zip(numbers, widest, strict=True)}
    for each in sums:
        scale = columns.contract.columns[each].scale
        if there.widths.get(each, 0) + len(str(rows)) + scale > DECIMAL_DIGITS:
            raise SourceError(
                f"control.sums: the sum of {each!r} may need more than {DECIMAL_DIGITS} digits", READ
            )
    told_types = {each.name: each.written for each in columns.found.values()}
    digest = _digest(told_types, rows, first, second)
    shown = f"{source.connection}:{table.shown}"
    return SourceState(
        name,
        "ok",
        files={shown: digest},
        digest=digest_of({shown: digest}),
        rows=rows,
        rows_in_force=in_force_,
        columns=tuple(columns.found),
        totals={"rows": str(rows), **{each: _plain(text) for each, text in zip(sums, totals, strict=True)}},
        content=digest,
        table=TableState(snapshot.server, snapshot.moment, told_types, digest, strength="engine"),
    )


def _digest(types: Mapping[str, str], rows: int, *sums: int | Decimal) -> str:
    """A digest of sums over the hashes of rows, which the server computed: in whatever order they stand."""
    said = json.dumps([dict(sorted(types.items())), rows, *(f"{each:f}" for each in map(Decimal, sums))])
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def _plain(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
