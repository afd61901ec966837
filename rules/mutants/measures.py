"""What measures could compute in the place of what they compute, and derived columns too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.model.measure import Elsewhere, Measure
from phasegate.rules.model.measure_kinds import EACH, ITSELF
from phasegate.rules.model.pack import Pack
from phasegate.rules.mutants.bounds import other_figures
from phasegate.rules.mutants.change import GONE, Change
from phasegate.rules.mutants.rewording import Reword, arrow, dropped, short
from phasegate.rules.yaml.parser import Path

_AS = {"difference": "rise", "rise": "difference", "fall": "rise", "gap_closed": "rise"}
_SIDES = {"actual": "forecast", "forecast": "actual"}


def measure_changes(pack: Pack, reword: Reword) -> Iterator[Change]:
    """The changes of a pack's measures."""
    for id_, measure in pack.measures.items():
        yield from _Measured(pack, ("measures", id_), measure, reword).changes()


def source_changes(pack: Pack, reword: Reword) -> Iterator[Change]:
    """The changes of derived columns, and of what must hold in a row."""
    for name, contract in pack.sources.items():
        texts = _texts(contract)
        for column, how in contract.derive.items():
            path: Path = ("sources", name, "derive", column)
            if isinstance(how, BusinessDaysAfter):
                yield from _figures((*path, "days"), how.days)
            elif not isinstance(how, BusinessDaysSince):
                yield from _reworded(path, how, texts, reword)
        for place, condition in enumerate(contract.holds):
            path = ("sources", name, "holds", place)
            yield Change(path, GONE, dropped(condition))
            yield from _reworded(path, condition, texts, reword)


class _Measured:
    """The changes of one measure."""

    def __init__(self, pack: Pack, path: Path, measure: Measure, reword: Reword) -> None:
        self.pack, self.path, self.measure, self.reword = pack, path, measure, reword

    def changes(self) -> Iterator[Change]:
        measure, path = self.measure, self.path
        if measure.where is not None:
            yield from self._filter((*path, "where"), measure.where, measure.source)
        yield from self._kind()
        if measure.max_age is not None:
            yield from _figures((*path, "max_age"), measure.max_age)
            yield Change((*path, "max_age"), GONE, dropped(f"max_age {measure.max_age}"))
        if "min_rows" in measure.model_fields_set:
            yield from _figures((*path, "min_rows"), measure.min_rows)
        if measure.valid is not None:
            for place, end in enumerate(measure.valid):
                yield from _figures((*path, "valid", place), end)
            yield Change((*path, "valid"), GONE, dropped(f"valid {' to '.join(measure.valid)}"))
        empty = "unknown" if measure.when_empty == "not_applicable" else "not_applicable"
        if "when_empty" in measure.model_fields_set:
            yield Change((*path, "when_empty"), empty, arrow(measure.when_empty, empty))
        for place, column in enumerate(measure.grain_columns if len(measure.grain_columns) > 1 else ()):
            yield Change((*path, "grain", place), GONE, dropped(f"grain {column}"))

    def _kind(self) -> Iterator[Change]:
        measure, kind = self.measure, self.measure.kind
        path, clause = (*self.path, kind), getattr(measure, kind)
        if measure.sql is not None:
            texts: dict[str, tuple[str, ...]] = {}
            for name in (measure.source, *measure.sources):
                texts |= _texts(self.pack.sources.get(name or ""))
            yield from _reworded(path, measure.sql, texts, self.reword)
        for reads in measure.about.reads:
            if reads.part == ITSELF:
                yield from self._expression(path, clause, reads.wanted, measure.source)
            elif reads.part == EACH:
                for name, sql in clause.items():
                    yield from self._expression((*path, name), sql, reads.wanted, measure.source)
            elif reads.part == "over":
                if clause.over is not None:
                    yield from self._filter((*path, "over"), clause.over, measure.source)
            else:
                yield from self._side((*path, reads.part), getattr(clause, reads.part), reads.wanted)
        if measure.quantile is not None:
            yield from _figures((*path, "at"), measure.quantile.at)
        if measure.accuracy is not None:
            over = measure.accuracy.over
            yield Change((*path, "over"), _SIDES[over], arrow(f"over {over}", f"over {_SIDES[over]}"))
        if measure.change is not None:
            other = _AS[measure.change.as_]
            yield Change((*path, "as"), other, arrow(measure.change.as_, other))

    def _side(self, path: Path, side: Any, wanted: str) -> Iterator[Change]:
        if isinstance(side, Elsewhere):
            yield from self._expression((*path, "value"), side.value, "number", side.source)
            if side.where is not None:
                yield from self._filter((*path, "where"), side.where, side.source)
        else:
            yield from self._expression(path, side, wanted, self.measure.source)

    def _filter(self, path: Path, sql: str, source: str | None) -> Iterator[Change]:
        """A condition that some rows do not meet: left out, turned around, and said otherwise."""
        yield Change(path, GONE, dropped(f"{path[-1]} {short(sql)}"))
        yield Change(path, f"NOT ({sql})", arrow(sql, f"NOT ({sql})"), sql)
        yield from _reworded(path, sql, _texts(self.pack.sources.get(source or "")), self.reword)

    def _expression(self, path: Path, sql: str, wanted: str, source: str | None) -> Iterator[Change]:
        found = list(_reworded(path, sql, _texts(self.pack.sources.get(source or "")), self.reword))
        if not found and wanted == "condition":  # a column alone
            found = [Change(path, f"NOT ({sql})", arrow(sql, f"NOT ({sql})"), sql)]
        yield from found


def _reworded(path: Path, sql: str, texts: Mapping[str, tuple[str, ...]], reword: Reword) -> Iterator[Change]:
    for each in reword(sql, texts):
        yield Change(path, each.text, each.told, sql, each.at)


def _figures(path: Path, written: str | int) -> Iterator[Change]:
    for other in other_figures(str(written)):
        yield Change(path, int(other) if isinstance(written, int) else other, arrow(str(written), other))


def _texts(contract: Contract | None) -> Mapping[str, tuple[str, ...]]:
    return contract.texts if contract is not None else {}
