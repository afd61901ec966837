"""What is odd in a project's data, as far as the beginning of each table shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from phasegate.engine.scope import NOTHING
from phasegate.facts.evidence_rows import context_of
from phasegate.facts.expressions.expression import ExpressionError, parse
from phasegate.facts.expressions.tree import Name, Op, Text, Tree
from phasegate.facts.measures.kinds.uses import uses
from phasegate.facts.measures.kinds.validate import faults_of
from phasegate.facts.model.fact import SourceState
from phasegate.facts.sample import Sample, sample
from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.loading.pack import PackReading
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.values.folding import folded
from phasegate.runs.open import Opened, open_run
from phasegate.runs.preflight import from_here

if TYPE_CHECKING:
    from phasegate.facts.measures.batch import Table

MOST_VALUES = 1_000
"""A column of more different texts has no words that one could misspell."""
_MEANT = (
    "name both with IN, or compare lower(trim(...)), or have the contract say which texts are allowed; "
    "trim: true at the source drops the blanks around what a CSV file has"
)
_SHOWN = 6
_LONGEST = 40


def data_faults(loaded: LoadedProject, as_of: dt.date) -> list[Diagnostic]:
    """Looks at the header and the beginning of each table that the pack reads.

    What only a whole table can show is left to a run: whether it is complete, and whether each row is
    found in another source.

    Args:
        loaded: the project with its pack, free of lint errors.
        as_of: the day for which the data are judged.
    """
    with TemporaryDirectory(prefix="phasegate-") as folder:
        return from_here(_faults(loaded, as_of, Path(folder).resolve()), loaded.root)


def _faults(loaded: LoadedProject, as_of: dt.date, folder: Path) -> list[Diagnostic]:
    pack, project = loaded.pack.pack, loaded.project
    samples = {
        name: sample(loaded.root, source, folder, name)
        for name, source in project.sources.items()
        if name in pack.sources
    }
    contracts = {
        name: contract.model_copy(update={"belongs_to": {}, "min_rows": 0, "control": False})
        for name, contract in pack.sources.items()
    }
    files = {
        name: each.file.model_copy(update={"control": None})
        for name, each in samples.items()
        if each.file is not None
    }
    apart = replace(
        loaded,
        project=project.model_copy(update={"sources": files}),
        pack=replace(loaded.pack, pack=pack.model_copy(update={"sources": contracts})),
        root=folder,
    )
    opened = open_run(apart, as_of, NOTHING, pack.measures)
    states = opened.facts().sources
    found = [*_of_sources(loaded, samples, states)]
    reading = PackReading.of(loaded.pack)
    found += [reading.diagnose(each) for each in _of_measures(opened, samples, states)]
    return found


def _of_sources(
    loaded: LoadedProject, samples: Mapping[str, Sample], states: Mapping[str, SourceState]
) -> Iterator[Diagnostic]:
    for name, each in samples.items():
        at = loaded.where(("sources", name))
        state = states.get(name)
        if each.why is not None:
            yield Diagnostic("not-sampled", f"{name} was not looked at: {each.why}", at, severity="warning")
        elif state is not None and state.status == "error":
            yield Diagnostic("unfit-data", f"{name}: {state.reason}", at)


def _of_measures(
    opened: Opened, samples: Mapping[str, Sample], states: Mapping[str, SourceState]
) -> Iterator[Problem]:
    """Columns that no file has, and literals that no row has."""
    context = context_of(opened.pack, opened.sources, opened.as_of, opened.parameters)
    scopes = {name: table.scope for name, table in context.tables.items()}
    seen: dict[tuple[str, str], list[str] | None] = {}
    for id_, measure in opened.pack.measures.items():
        if measure.sql is not None or measure.attested is not None:
            continue
        for fault in faults_of(id_, measure, scopes):
            yield Problem("bad-sql", fault.message, fault.path, fault.hint, "value")
        for use in uses(id_, measure):
            table, state = context.tables.get(use.source), states.get(use.source)
            if table is None or state is None or state.status != "ok" or not state.rows:
                continue
            try:
                tree = parse(use.sql, table.scope).meaning
            except ExpressionError:
                continue
            for column, literal in dict.fromkeys(_compared(tree)):
                key = use.source, column
                if key not in seen:
                    seen[key] = _values(table, column)
                values = seen[key]
                if values is None:
                    continue
                if alike := [each for each in values if each != literal and folded(each) == folded(literal)]:
                    message = f"rows of {use.source} have {column} = {_told(alike)}, which is not {literal!r}"
                    yield Problem("near-value", message, use.path, _MEANT, "value", "warning")
                    continue
                if literal in values:
                    continue
                of = "no row" if samples[use.source].whole else "none of the first rows"
                message = f"{of} of {use.source} has {column} = {literal!r}"
                hint = f"seen: {_told(values) or 'nothing'}"
                yield Problem("unseen-value", message, use.path, hint, "value", "warning")


def _told(values: list[str]) -> str:
    """Texts of a column, each as a literal where one would not see where it begins and ends."""
    shown = ", ".join(
        each[:_LONGEST] if each == " ".join(each.split()) and each.isprintable() else repr(each[:_LONGEST])
        for each in values[:_SHOWN]
    )
    return f"{shown}, and {len(values) - _SHOWN} more" if len(values) > _SHOWN else shown


def _compared(tree: Tree) -> Iterator[tuple[str, str]]:
    """The columns of an expression, each with a text that it is compared with."""
    if not isinstance(tree, Op):
        return
    if tree.name in ("=", "<>", "in"):
        names = [each.text for each in tree.of if isinstance(each, Name)]
        texts = [each.text for each in tree.of if isinstance(each, Text)]
        if len(names) == 1:
            yield from ((names[0], text) for text in texts)
    for part in tree.of:
        yield from _compared(part)


def _values(table: Table, column: str) -> list[str] | None:
    """The texts of a column, the most frequent first; None where its values are not to be told."""
    import polars as pl

    from phasegate.facts.contracts.personal import personal_columns

    described = table.contract.columns.get(column)
    kind = table.scope.columns.get(column)
    if table.frame is None or kind is None or kind.type != "string" or column in table.contract.derive:
        return None
    if column in personal_columns(table.contract, table.scope) or (described and described.allowed):
        return None
    counts = table.frame.select(pl.col(column).drop_nulls().value_counts()).unnest(column)
    rows = counts.sort("count", column, descending=[True, False]).head(MOST_VALUES + 1).collect()
    return None if rows.height > MOST_VALUES else rows[column].to_list()
