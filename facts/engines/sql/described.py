"""What is told of a table before anything is measured: how many rows it has, their digest, their digits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from phasegate.facts.connections.base import Table
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.plans import READ, EngineError
from phasegate.facts.engines.sql.engine import SqlEngine
from phasegate.facts.engines.sql.place import SqlTable
from phasegate.facts.engines.sql.table import Columns, odd_ones
from phasegate.facts.engines.sql.written import having
from phasegate.facts.model.fact import SourceState, TableState
from phasegate.facts.sources.files import SourceError, digest_of
from phasegate.facts.sources.source import totaled
from phasegate.rules.model.project import SourceFile


def described(
    name: str,
    source: SourceFile,
    table: Table,
    there: SqlTable,
    engine: SqlEngine,
) -> SourceState:
    """Counts the rows, hashes them, and sees that each value is one."""
    columns = there.columns
    language, read = columns.language, columns.read
    odd = list(odd_ones(columns))
    numbers = [each for each, own in read.items() if own.number and each in columns.found]
    sums = totaled(columns.contract, source.control)
    hashed = language.hashed(language.name(each.name) for each in columns.found.values())
    added = dict.fromkeys((*numbers, *sums))
    exact = {each: language.number(f"v{place}", _scale(columns, each)) for place, each in enumerate(added)}
    rows_read = ", ".join(
        [
            f"{hashed.row} AS h",
            f"{having(there.in_force)} AS f",
            *(f"{having(own.odd)} AS o{place}" for place, (_, own) in enumerate(odd)),
            *(f"{read[each].value} AS v{place}" for place, each in enumerate(added)),
        ]
    )
    asked = [
        "count(*)",
        "count(h)",
        "count(f)",
        *(language.plain(each) for each in hashed.sums),
        *(f"count(o{place})" for place in range(len(odd))),
        *(language.plain(f"coalesce(max(abs({exact[each]})), 0)") for each in numbers),
        *(language.plain(f"coalesce(sum({exact[each]}), 0)") for each in sums),
    ]
    # Each row is read and hashed once, whatever is asked of it.
    source_rows = f"SELECT {rows_read} FROM {there.named}{language.fence}"
    there.known_by = f"SELECT {', '.join(asked)} FROM ({source_rows}) AS d"
    answers = engine.know(there.known_by)
    if len(answers) != 1 or len(answers[0]) != len(asked) or answers[0][0] != answers[0][1]:
        raise EngineError("the server did not answer all that was asked")
    rows, _, in_force_, *rest = answers[0]
    halves, rest = rest[: len(hashed.sums)], rest[len(hashed.sums) :]
    for (column, own), count in zip(odd, rest[: len(odd)], strict=True):
        if count:
            raise SourceError(
                f"column {column!r} has values that no rule can be held against: {own.why}",
                "make them null in a view, or leave such rows out there",
            )
    widest, totals = rest[len(odd) : len(odd) + len(numbers)], rest[len(odd) + len(numbers) :]
    there.rows, there.rows_in_force, there.sure = rows, in_force_, engine.snapshot.sure(table)
    there.widths = {each: _whole_digits(text) for each, text in zip(numbers, widest, strict=True)}
    for each in sums:
        scale = columns.contract.columns[each].scale
        if there.widths.get(each, 0) + len(str(rows)) + scale > DECIMAL_DIGITS:
            raise SourceError(
                f"control.sums: the sum of {each!r} may need more than {DECIMAL_DIGITS} digits", READ
            )
    told_types = {each.name: each.written for each in columns.found.values()}
    digest = _digest(told_types, rows, *halves)
    shown, at = f"{source.connection}:{table.shown}", engine.snapshot
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
        table=TableState(at.server, at.moment_of(table), told_types, digest, strength="engine"),
    )


def _scale(columns: Columns, name: str) -> int:
    column = columns.contract.columns[name]
    return column.scale if column.type == "decimal" else 0


def _whole_digits(text: str) -> int:
    """How many digits before the point a number has."""
    return max(Decimal(text).adjusted() + 1, 0) if Decimal(text) else 0


def _digest(types: Mapping[str, str], rows: int, *sums: str) -> str:
    """A digest of sums over the hashes of rows, which the server computed: in whatever order they stand."""
    said = json.dumps([dict(sorted(types.items())), rows, *(f"{Decimal(each):f}" for each in sums)])
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def _plain(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
