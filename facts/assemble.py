"""The fact set of a run: every measure of a pack, over all open sources, in one pass.

`assemble` compiles each measure to frames, collects all of them together with the checks of the
sources, and makes facts of the results. Nothing is dropped: a measure that can not be computed still
yields its facts, with the reason. Where the pass fails, the sources are diagnosed first, and the
measures are then tried in halves, so that only the guilty ones carry the error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from phasegate.facts.expressions.engine_dates import clock
from phasegate.facts.expressions.expression import ExpressionError, Scope, UnboundParameterError
from phasegate.facts.expressions.scopes import barred_in, parameter_kinds
from phasegate.facts.measures.kinds.attested import Attestations, attested_facts_of
from phasegate.facts.model.fact import Fact, FactSet, SourceState, Status, UnknownPoints
from phasegate.facts.sources.passes import Begun, Reading, Source, cause, collect, read_errors
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.measures.base import Kind
    from phasegate.facts.measures.batch import Batch, Table
    from phasegate.facts.measures.kinds.change import Baseline

ParameterValue = dt.date | Quantity | Fraction | int | None


def assemble(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue] | None = None,
    measures: set[str] | None = None,
    begun: Begun | None = None,
    attestations: Attestations | None = None,
) -> FactSet:
    """Computes the facts of a run.

    Args:
        pack: the pack; its measures, points, parameters and baseline are read.
        opened: the open sources by name; one that is missing counts as absent.
        as_of: the date for which the facts hold.
        parameters: the values of parameters, over the pack's own; ``cycle_start`` among them where
            there is a cycle.
        measures: the measures that are asked for; None for all. What they rest on comes with them.
        begun: the checks of the sources that are being computed already.
        attestations: what people have attested; without it, nobody could have.

    Returns:
        One fact for each measure (or field of one) and slice, whatever went wrong.
    """
    values = parameter_values(pack, as_of, parameters or {})
    asked = _asked(pack, measures)
    of_rows = [id_ for id_ in asked if pack.measures[id_].attested is None]
    found = _Run(pack, opened, as_of, values, of_rows, begun).facts()
    attested = attested_facts_of(pack, asked, as_of, attestations or Attestations())
    return replace(found, facts=found.facts | attested)


def parameter_values(
    pack: Pack, as_of: dt.date, given: Mapping[str, ParameterValue]
) -> dict[str, ParameterValue]:
    """The values of all parameters: the pack's own, what is given, and the engine's dates."""
    own: dict[str, ParameterValue] = {
        name: parameter.value if isinstance(parameter.value, int) else Quantity.parse(parameter.value)
        for name, parameter in pack.parameters.items()
    }
    start = given.get("cycle_start")
    return own | dict(given) | dict(clock(as_of, start if isinstance(start, dt.date) else None))


def sources_read(pack: Pack, measures: set[str] | None = None) -> frozenset[str]:
    """The sources that some measures rest on, the baseline's included; None for all measures."""
    from phasegate.facts.measures.dependencies import sources_behind

    asked = [pack.measures[id_] for id_ in _asked(pack, measures)]
    read = {name for measure in asked for name in sources_behind(measure, pack.sources)}
    if pack.baseline is not None and any(measure.change is not None for measure in asked):
        read.add(pack.baseline.source)
    return frozenset(read)


def _asked(pack: Pack, measures: set[str] | None) -> list[str]:
    """The ids of the measures to compute, in the pack's order, with those that changes rest on."""
    if measures is None:
        return list(pack.measures)
    wanted, todo = set(), sorted(measures & set(pack.measures))
    while todo:
        id_ = todo.pop()
        if id_ in wanted:
            continue
        wanted.add(id_)
        change = pack.measures[id_].change
        if change is not None and (base := measure_of(pack, change.of)) is not None:
            todo.append(base)
    return [id_ for id_ in pack.measures if id_ in wanted]


class _Run:
    """One run, from open sources to facts."""

    def __init__(
        self,
        pack: Pack,
        opened: Mapping[str, Source],
        as_of: dt.date,
        values: Mapping[str, ParameterValue],
        asked: list[str],
        begun: Begun | None = None,
    ) -> None:
        self.pack, self.opened, self.as_of, self.values, self.asked = pack, opened, as_of, values, asked
        needed = sources_read(pack, set(asked))
        self.reading = Reading([name for name in pack.sources if name in needed], opened, begun)
        self.found: dict[str, list[Fact]] = {}
        self.baseline: list[dict[str, Any]] | None = None
        self.unknown_points: dict[str, UnknownPoints] = {}
        contracts = {**pack.sources, **{name: source.contract for name, source in opened.items()}}
        self.scopes = {
            name: Scope(
                name,
                source.kinds,
                parameter_kinds(pack),
                source.contract.texts,
                barred_in(name, contracts) | dict(source.left_out),
            )
            for name, source in opened.items()
        }

    def facts(self) -> FactSet:
        """All facts and source states."""
        self.reading.read_small()
        self._measure(self._readable())
        self.reading.recheck()
        for id_ in self.asked:
            self._spoil(id_)
        self._place()
        for id_ in self.asked:
            if self.pack.measures[id_].change is not None:
                self._change(id_, ())
        facts = {(fact.measure, fact.slice): fact for id_ in self.asked for fact in self.found[id_]}
        from phasegate.facts.measures.unknown_points import told

        return FactSet(self.as_of, facts, told(self.reading.states, self.unknown_points))

    def _readable(self) -> list[str]:
        """The measures all of whose sources have frames; changes are made of facts, not of rows."""
        return [
            id_
            for id_ in self.asked
            if self.pack.measures[id_].change is None and self.reading.readable.issuperset(self._behind(id_))
        ]

    # The pass

    def _measure(self, ids: list[str]) -> None:
        """Computes measures together with the checks of the sources that were not read yet."""
        kinds, batch = self._compiled(ids)
        frames, checks = batch.frames(), self.reading.checks()
        baseline = self._baseline_frames()
        try:
            results = collect([*frames, *baseline, *checks], batch.small()) + self.reading.begun()
        except read_errors():
            self.reading.diagnose()
            baseline = self._baseline_frames()
            if baseline:
                self.baseline = collect(baseline)[0].rows(named=True)
            readable = set(self._readable())
            self._try([id_ for id_ in ids if id_ in readable])
            return
        self.reading.settle(results[len(frames) + len(baseline) :])
        if baseline:
            self.baseline = results[len(frames)].rows(named=True)
        try:
            self._settle(kinds, batch, results[: len(frames)])
        except read_errors():
            self._try(ids)

    def _try(self, ids: list[str]) -> None:
        """Computes measures; where that fails, each half of them, down to the guilty ones."""
        kinds, batch = self._compiled(ids)
        try:
            self._settle(kinds, batch, collect(batch.frames(), batch.small()))
        except read_errors() as error:
            if len(ids) == 1:
                self._missing(ids[0], "error", f"it can not be computed: {cause(error)}")
                return
            half = len(ids) // 2
            self._try(ids[:half])
            self._try(ids[half:])

    def _compiled(self, ids: Iterable[str]) -> tuple[list[Kind], Batch]:
        """The measures compiled; one that can not be gets its facts at once."""
        from phasegate.facts.measures.base import Context, MeasureError
        from phasegate.facts.measures.batch import Batch
        from phasegate.facts.measures.kinds.registry import KINDS

        batch = Batch({name: self._table(name) for name in self.reading.readable})
        context = Context(self.as_of, tuple(self.pack.points), batch)
        compiled: list[Kind] = []
        for id_ in ids:
            measure = self.pack.measures[id_]
            try:
                compiled.append(KINDS[measure.kind](context, id_, measure))
            except UnboundParameterError as error:
                self._missing(id_, "unknown", _unbound(error))
            except (ExpressionError, MeasureError) as error:
                self._missing(id_, "error", str(error))
        return compiled, batch

    def _table(self, name: str) -> Table:
        from phasegate.facts.measures.batch import Table

        source, held = self.opened[name], name in self.reading.held
        scope, frame = self.scopes[name], self.reading.frames.get(name)
        there = source.there if frame is None else None
        return Table(name, source.contract, scope, frame, self.values, held, source.exchange, there)

    def _settle(self, kinds: Iterable[Kind], batch: Batch, results: list[pl.DataFrame]) -> None:
        """Makes facts of what the pass counted; a second pass looks closer at undetermined rows."""
        from phasegate.facts.measures.batch import Batch
        from phasegate.facts.measures.unknown_points import unknown_points

        batch.take(results)
        second = Batch(batch.tables)
        for kind in kinds:
            kind.look_again(second)
        frames = second.frames()
        second.take(collect(frames, second.small()) if frames else [])
        self.unknown_points |= dict(unknown_points(batch, self.pack.points))
        for kind in kinds:
            self.found[kind.id] = list(kind.facts(self.reading.states))

    def _baseline_frames(self) -> list[pl.LazyFrame]:
        """The baseline's rows, where a change asks for them and they can be read."""
        changes = any(self.pack.measures[id_].change is not None for id_ in self.asked)
        if not changes or self.pack.baseline is None:
            return []
        from phasegate.facts.measures.kinds.change import COLUMNS, MAX_ROWS

        name = self.pack.baseline.source
        frame = self.reading.frames.get(name)
        if frame is None or not set(COLUMNS) <= set(self.opened[name].kinds):
            return []
        currency = self.opened[name].contract.currency_column
        columns = dict.fromkeys((*COLUMNS, *([currency] if currency in self.opened[name].kinds else [])))
        return [frame.select(columns.keys()).head(MAX_ROWS)]

    # Afterwards

    def _spoil(self, id_: str) -> None:
        """Gives a measure whose source is absent or broken facts that say so."""
        measure = self.pack.measures[id_]
        if measure.change is not None:
            return
        states = [self._state(name) for name in self._behind(id_)]
        for status in ("error", "absent"):
            for state in states:
                if state.status == status:
                    said: Status = "error" if status == "error" else "unknown"
                    self._missing(id_, said, f"{state.name}: {state.reason}")
                    return

    def _place(self) -> None:
        """Has the rows looked for that keep facts from having a value, where there are such facts."""
        if any(fact.flaw for facts in self.found.values() for fact in facts):
            from phasegate.facts.null_operands import with_places

            self.found |= with_places(self.pack, self.opened, self.as_of, self.values, self.found)

    def _behind(self, id_: str) -> tuple[str, ...]:
        """The sources that a measure rests on."""
        from phasegate.facts.measures.dependencies import sources_behind

        return sources_behind(self.pack.measures[id_], self.pack.sources)

    def _state(self, name: str) -> SourceState:
        return self.reading.states.get(name) or SourceState(name, "error", "the pack declares no such source")

    def _missing(self, id_: str, status: Status, reason: str) -> None:
        """Facts without a value for all slices of a measure that are known without data."""
        from phasegate.facts.measures.to_fact import Frame

        measure = self.pack.measures[id_]
        frame = Frame(id_, measure, self.as_of, self._behind(id_))
        slices = tuple(self.pack.points) if measure.by == "point" else ("",)
        fields = tuple(measure.latest or ("",))
        self.found[id_] = [
            frame.missing(status, reason, slice_, field) for slice_ in slices for field in fields
        ]

    def _change(self, id_: str, above: tuple[str, ...]) -> None:
        """The facts of a change, after those of what it rests on."""
        from phasegate.facts.measures.kinds.change import changes

        if id_ in self.found:
            return
        measure: Measure = self.pack.measures[id_]
        assert measure.change is not None
        base = measure_of(self.pack, measure.change.of)
        if base is None or base in above or base == id_:
            what = "goes round in a circle" if base is not None else "is no measure of the pack"
            self._missing(id_, "error", f"{measure.change.of}, which it is the change of, {what}")
            return
        if self.pack.measures[base].change is not None:
            self._change(base, (*above, id_))
        now = [fact for fact in self.found[base] if fact.measure == measure.change.of]
        self.found[id_] = list(changes(id_, measure, self.as_of, now, self._baseline()))

    def _baseline(self) -> Baseline:
        from phasegate.facts.measures.kinds.change import Baseline, baseline_rows

        start = self.values.get("cycle_start")
        cycle_start = start if isinstance(start, dt.date) else None
        if self.pack.baseline is None:
            return Baseline(cycle_start=cycle_start)
        name = self.pack.baseline.source
        if self.baseline is None:
            return Baseline(name, self._state(name), None, cycle_start)
        contract = self.opened[name].contract
        column = contract.currency_column if contract.currency_column in self.opened[name].kinds else None
        rows = baseline_rows(self.baseline, column)
        return Baseline(name, self._state(name), rows, cycle_start, contract.fixed_currency)


def _unbound(error: UnboundParameterError) -> str:
    return "no cycle has begun" if error.name == "cycle_start" else str(error)
