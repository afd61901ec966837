"""The fact set of a run: every measure of a pack, over all open sources, in one pass.

`assemble` compiles each measure to frames, collects all of them together with the checks of the
sources, and makes facts of the results. Nothing is dropped: a measure that can not be computed still
yields its facts, with the reason. Where the one pass fails, the sources are diagnosed first, and the
measures are then tried in halves, so that only the guilty ones carry the error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from phasegate.facts.expressions import ExpressionError, Scope, UnboundParameterError
from phasegate.facts.expressions import Kind as ColumnKind
from phasegate.facts.fact import Fact, FactSet, SourceState, Status
from phasegate.facts.scopes import clock, parameter_kinds
from phasegate.rules.contract import Contract
from phasegate.rules.pack import Pack
from phasegate.rules.units import Quantity

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.measures.kind import Kind

ParameterValue = dt.date | Quantity | Fraction | int | None


class Source(Protocol):
    """An open source, as `facts.sources` makes it."""

    name: str
    contract: Contract
    frame: pl.LazyFrame | None
    kinds: dict[str, ColumnKind]
    checks: tuple[pl.LazyFrame, ...]

    def settle(self, values: Mapping[str, Any]) -> SourceState:
        """What was found, once the checks were computed."""

    def diagnose(self) -> SourceState | None:
        """Reads this source alone after the common pass failed."""


def assemble(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue] | None = None,
    measures: set[str] | None = None,
) -> FactSet:
    """Computes the facts of a run.

    Args:
        pack: the pack; its measures, points, parameters and baseline are read.
        opened: the open sources by name; one that is missing counts as absent.
        as_of: the date for which the facts hold.
        parameters: the values of parameters, over the pack's own; ``cycle_start`` among them where
            there is a cycle.
        measures: the measures that are asked for; None for all. What they rest on comes with them.

    Returns:
        One fact for each measure (or field of one) and slice, whatever went wrong.
    """
    values = parameter_values(pack, as_of, parameters or {})
    return _Run(pack, opened, as_of, values, _asked(pack, measures)).facts()


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


def measure_of(pack: Pack, fact: str) -> str | None:
    """The measure that a fact id belongs to: itself, or the ``latest`` that it is a field of."""
    if fact in pack.measures:
        return fact
    base, _, field_ = fact.rpartition(".")
    found = pack.measures.get(base)
    return base if found is not None and field_ in (found.latest or {}) else None


@dataclass
class _Run:
    """One run, from open sources to facts."""

    pack: Pack
    opened: Mapping[str, Source]
    as_of: dt.date
    values: Mapping[str, ParameterValue]
    asked: list[str]
    states: dict[str, SourceState] = field(default_factory=dict)
    baseline: list[dict[str, Any]] | None = None
    found: dict[str, list[Fact]] = field(default_factory=dict)

    def facts(self) -> FactSet:
        """All facts and source states."""
        self._absent()
        readable = [id_ for id_ in self.asked if self._readable(id_)]
        self._pass(readable, with_checks=True)
        for id_ in self.asked:
            self._spoil(id_)
        for id_ in self.asked:
            if self.pack.measures[id_].change is not None:
                self._change(id_, ())
        facts = {(fact.measure, fact.slice): fact for id_ in self.asked for fact in self.found[id_]}
        return FactSet(self.as_of, facts, {name: self.states[name] for name in self.pack.sources})

    def _absent(self) -> None:
        for name in self.pack.sources:
            source = self.opened.get(name)
            if source is None:
                self.states[name] = SourceState(name, "absent", "the project names no file for it")
            elif source.frame is None:
                self.states[name] = source.settle({})

    def _readable(self, id_: str) -> bool:
        """Whether a measure is to be computed: all of its sources have frames."""
        from phasegate.facts.measures.kind import sources_of

        measure = self.pack.measures[id_]
        if measure.change is not None:
            return False
        names = sources_of(measure)
        return all(
            (source := self.opened.get(name)) is not None and source.frame is not None for name in names
        )

    def _pass(self, ids: list[str], with_checks: bool) -> None:
        """Collects the frames of some measures, and of the sources' checks, at once."""
        import polars as pl

        kinds, batch = self._compiled(ids)
        checked = self._open_sources() if with_checks else []
        checks = [frame for source in checked for frame in source.checks]
        baseline = self._baseline_frame() if with_checks else None
        frames = [*batch.frames(), *([baseline] if baseline is not None else []), *checks]
        try:
            results = pl.collect_all(frames, engine="streaming") if frames else []
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
            self._isolate(ids, checked, with_checks, error)
            return
        measured = len(results) - len(checks) - (baseline is not None)
        batch.take(results[:measured])
        if baseline is not None:
            self.baseline = results[measured].rows(named=True)
        if with_checks:
            values = _numbers(results[len(results) - len(checks) :])
            for source in checked:
                self.states[source.name] = source.settle(values)
        self._settle(kinds)

    def _compiled(self, ids: Iterable[str]) -> tuple[list[Kind], Any]:
        """The measures compiled; one that can not be gets its facts at once."""
        from phasegate.facts.measures import kinds as registry
        from phasegate.facts.measures.frames import Batch, Table
        from phasegate.facts.measures.kind import Context, MeasureError

        tables = {}
        for source in self.opened.values():
            if source.frame is not None:
                tables[source.name] = Table(
                    source.name, source.contract, self._scope(source), source.frame, self.values
                )
        batch = Batch(tables)
        context = Context(self.as_of, tuple(self.pack.points), batch)
        compiled: list[Kind] = []
        for id_ in ids:
            measure = self.pack.measures[id_]
            try:
                compiled.append(registry.KINDS[measure.kind](context, id_, measure))
            except UnboundParameterError as error:
                self._missing(id_, "unknown", _unbound(error))
            except (ExpressionError, MeasureError) as error:
                self._missing(id_, "error", str(error))
        return compiled, batch

    def _scope(self, source: Source) -> Scope:
        kept = self._scopes.get(source.name)
        if kept is None:
            kept = self._scopes[source.name] = Scope(source.name, source.kinds, parameter_kinds(self.pack))
        return kept

    _scopes: dict[str, Scope] = field(default_factory=dict)

    def _settle(self, kinds: Iterable[Kind]) -> None:
        for kind in kinds:
            self.found[kind.id] = list(kind.facts(self.states))

    def _open_sources(self) -> list[Source]:
        return [
            source
            for name in self.pack.sources
            if name not in self.states and (source := self.opened.get(name)) is not None
        ]

    def _baseline_frame(self) -> pl.LazyFrame | None:
        from phasegate.facts.measures.change import COLUMNS, MAX_ROWS

        changes = any(self.pack.measures[id_].change is not None for id_ in self.asked)
        if not changes or self.pack.baseline is None:
            return None
        source = self.opened.get(self.pack.baseline.source)
        if source is None or source.frame is None or not set(COLUMNS) <= set(source.kinds):
            return None
        return source.frame.select(COLUMNS).head(MAX_ROWS)

    def _isolate(self, ids: list[str], checked: list[Source], with_checks: bool, error: Exception) -> None:
        """Finds who made the pass fail, and computes the others without them."""
        if with_checks:
            self._diagnose(checked)
            self._pass_baseline()
            self._pass([id_ for id_ in ids if self._sound(id_)], with_checks=False)
            for id_ in ids:
                if id_ not in self.found:
                    self._missing(id_, "error", "its source could not be read")
            return
        if len(ids) == 1:
            self._missing(ids[0], "error", f"it can not be computed: {_first_line(error)}")
            return
        half = len(ids) // 2
        self._pass(ids[:half], with_checks=False)
        self._pass(ids[half:], with_checks=False)

    def _diagnose(self, checked: list[Source]) -> None:
        import polars as pl

        for source in checked:
            state = source.diagnose()
            if state is None:
                try:
                    values = _numbers(pl.collect_all(source.checks, engine="streaming"))
                    state = source.settle(values)
                except (pl.exceptions.PolarsError, OSError) as own:
                    state = SourceState(source.name, "error", f"it can not be read: {_first_line(own)}")
            self.states[source.name] = state

    def _pass_baseline(self) -> None:
        import polars as pl

        frame = self._baseline_frame()
        if frame is None or self.pack.baseline is None:
            return
        if self.states[self.pack.baseline.source].status == "ok":
            try:
                self.baseline = frame.collect(engine="streaming").rows(named=True)
            except (pl.exceptions.PolarsError, OSError):
                self.baseline = None

    def _sound(self, id_: str) -> bool:
        from phasegate.facts.measures.kind import sources_of

        return all(self.states[name].status == "ok" for name in sources_of(self.pack.measures[id_]))

    def _spoil(self, id_: str) -> None:
        """Gives a measure whose source is absent or broken facts that say so."""
        from phasegate.facts.measures.kind import sources_of

        measure = self.pack.measures[id_]
        if measure.change is not None:
            return
        worst: SourceState | None = None
        for name in sources_of(measure):
            state = self.states.get(name) or SourceState(name, "error", "the pack declares no such source")
            if state.status == "error" or (state.status == "absent" and worst is None):
                worst = state if worst is None or worst.status != "error" else worst
        if worst is not None:
            status: Status = "error" if worst.status == "error" else "unknown"
            self._missing(id_, status, f"{worst.name}: {worst.reason}")

    def _missing(self, id_: str, status: Status, reason: str) -> None:
        """Facts without a value for all slices of a measure that are known without data."""
        from phasegate.facts.measures.kind import sources_of
        from phasegate.facts.measures.settle import Frame

        measure = self.pack.measures[id_]
        frame = Frame(id_, measure, self.as_of, sources_of(measure))
        slices = tuple(self.pack.points) if measure.by == "point" else ("",)
        fields = tuple(measure.latest or ("",))
        self.found[id_] = [
            frame.missing(status, reason, slice_, field_) for slice_ in slices for field_ in fields
        ]

    def _change(self, id_: str, above: tuple[str, ...]) -> None:
        """The facts of a change, after those of what it rests on."""
        from phasegate.facts.measures.change import changes

        if id_ in self.found:
            return
        measure = self.pack.measures[id_]
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

    def _baseline(self) -> Any:
        from phasegate.facts.measures.change import Baseline, baseline_rows

        start = self.values.get("cycle_start")
        cycle_start = start if isinstance(start, dt.date) else None
        if self.pack.baseline is None:
            return Baseline(cycle_start=cycle_start)
        name = self.pack.baseline.source
        state = self.states.get(name) or SourceState(name, "error", "the pack declares no such source")
        rows = None if self.baseline is None else baseline_rows(self.baseline)
        return Baseline(name, state, rows, cycle_start)


def _numbers(results: Iterable[pl.DataFrame]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for result in results:
        found.update(result.row(0, named=True))
    return found


def _unbound(error: UnboundParameterError) -> str:
    return "there is no cycle" if error.name == "cycle_start" else str(error)


def _first_line(error: Exception) -> str:
    """What polars says, without the values that it quotes: they may be personal."""
    first = str(error).strip().split("\n", 1)[0] or type(error).__name__
    return first.partition(": [")[0]
