"""The rows that break a contract: looked for only where the counts say that there are some.

dataframely judges the offending rows once more, by a schema that is generated from the same
contract; it is imported here and nowhere else, and this module only where it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from phasegate.facts.contracts import HIDDEN, Clause, Distinct
from phasegate.facts.fact import Breach
from phasegate.rules.contract import Contract

SAMPLE = 5
MASK = "***"


def find_breaches(
    frame: pl.LazyFrame, contract: Contract, broken: Sequence[Clause], alike: Sequence[Distinct]
) -> tuple[Breach, ...]:
    """Counts and samples the rows that break each clause.

    Args:
        frame: the rows in force, hidden columns included.
        contract: the contract.
        broken: the clauses that some row breaks.
        alike: the demands on which hashes were alike; where the rows prove different after all,
            there is no breach.
    """
    found = []
    for clause in broken:
        rows = frame.filter(clause.broken)
        found.append(_breach(clause.name, rows, contract, (clause.column,)))
    for distinct in alike:
        repeated = pl.struct(*distinct.columns).is_duplicated()
        kept = frame if distinct.nulls_count else frame.filter(pl.col(*distinct.columns).is_not_null())
        breach = _breach(distinct.name, kept.filter(repeated), contract, distinct.columns)
        if breach.rows:
            found.append(breach)
    return tuple(found)


def _breach(name: str, rows: pl.LazyFrame, contract: Contract, about: Sequence[str]) -> Breach:
    shown = tuple(dict.fromkeys((*about, *contract.key, *((contract.event,) if contract.event else ()))))
    count, sample = pl.collect_all([rows.select(pl.len()), rows.head(SAMPLE)], engine="streaming")
    texts = tuple({column: _shown(row, column, contract) for column in shown} for row in sample.to_dicts())
    return Breach(name, int(count.item()), texts)


def _shown(row: dict[str, object], column: str, contract: Contract) -> str:
    value = row.get(HIDDEN + column, row[column])
    if value is None:
        return ""
    return MASK if contract.columns[column].personal else str(value)
