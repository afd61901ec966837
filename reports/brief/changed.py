"""The second answer of a page: what changed since the last run that decided the same?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.brief.model import (
    Change,
    Changed,
    ChangedCriterion,
    GateChange,
    Listed,
    Moved,
    Why,
)
from phasegate.reports.brief.time_axis import day_of, score_of
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import asked_title, gate_label
from phasegate.reports.views.diff import cause_label, opened
from phasegate.rules.changes.changes import told_first
from phasegate.rules.model.verdict import BY_WORD

if TYPE_CHECKING:
    from phasegate.monitoring.history.diff import CriterionChange, RequirementChange
    from phasegate.monitoring.history.diff import GateChange as GateTurn
    from phasegate.monitoring.history.rests_on import Cause
    from phasegate.records.schema import Record
    from phasegate.reports.report import Report

_CAUSES = 3
"""So many causes of a gate are shown: its criteria tell theirs."""


def changed(report: Report) -> Changed | None:
    """What changed; None where no run before it decided the same, or no ledger was asked."""
    known = report.beside
    if known is None or known.compared is None or known.earlier is None:
        return None
    found, advisory = known.compared.difference, _advisory(report.record)
    told = sorted(found.criteria, key=lambda each: each.id in advisory)
    worse = _rows((each for each in told if _step(each) > 0), known.earlier, report.record)
    better = _rows((each for each in told if _step(each) < 0), known.earlier, report.record)
    other = _rows((each for each in told if _step(each) == 0), known.earlier, report.record)
    before = known.compared.before
    rules = known.compared.rules
    unknown = list(known.compared.unknown)
    if rules is None:
        unknown.append("What the rules say otherwise can not be told: those of one run can not be read.")
    return Changed(
        run=before.number,
        day=day_of(str(before.entry["as_of"])),
        sentence=_sentence(*(sum(len(row.criteria) for row in rows) for rows in (worse, better, other))),
        worse=Listed(tuple(sorted(worse, key=lambda row: -_rank(row.after)))),
        better=Listed(better),
        other=Listed(other),
        gates=tuple(sorted(map(_gate, found.gates), key=lambda each: not each.softened)),
        score=score_of(known.earlier["score"]) if known.earlier["score"]["apply"] else None,
        rules=Listed(tuple(each.said for each in told_first(rules or ()))),
        unknown=tuple(unknown),
    )


def _advisory(record: Record) -> set[str]:
    return {each["id"] for each in record["criteria"] if each["enforcement"] == "advisory"}


def _rank(verdict: str | None) -> int:
    return int(BY_WORD.get(verdict or "", BY_WORD["error"]))


def _step(change: CriterionChange) -> int:
    """Greater than 0 where a criterion is worse, less where it is better, and 0 where nobody can say."""
    if change.before is None or change.after is None:
        return 0
    return _rank(change.after) - _rank(change.before)


def _sentence(worse: int, better: int, other: int) -> str:
    told = [f"{number:,} {how}" for number, how in ((worse, "worse"), (better, "better")) if number]
    if other:
        told.append(f"{other:,} changed otherwise" if not told else f"{other:,} otherwise")
    if not told:
        return "No criterion was decided otherwise."
    first, *rest = told
    number = worse or better or other
    head = f"{counted(number, 'criterion', 'criteria')} {'is' if number == 1 else 'are'} "
    if not (worse or better):
        return f"{counted(other, 'criterion', 'criteria')} changed, neither better nor worse."
    return f"{head}{', '.join([first.partition(' ')[2], *rest])}."


def _rows(changes: Iterable[CriterionChange], before: Record, after: Record) -> tuple[Change, ...]:
    """A row for all that turned alike for the same causes, in the order of the first of each."""
    facts = [{each["id"]: each for each in record["facts"]} for record in (before, after)]
    rows: dict[object, list[CriterionChange]] = {}
    for each in changes:
        rows.setdefault((each.before, each.after, tuple(each.own_causes)), []).append(each)

    def moved(change: RequirementChange) -> Moved:
        shown = change.after or change.before
        assert shown is not None
        side = facts[1] if change.after is not None else facts[0]
        old, new = (_value(each["observed"]) if each else None for each in (change.before, change.after))
        return Moved(asked_title(shown, side[shown["fact"]]), *((None, None) if old == new else (old, new)))

    return tuple(
        Change(
            alike[0].before,
            alike[0].after,
            tuple(
                ChangedCriterion(each.id, each.text, tuple(map(moved, each.requirements))) for each in alike
            ),
            tuple(_why(alike[0].own_causes)),
        )
        for alike in rows.values()
    )


def _value(observed: str) -> str:
    return observed.rpartition(" = ")[2]


def _why(causes: Sequence[Cause], *, softened: bool = False) -> Iterator[Why]:
    for cause in causes:
        label = cause_label(cause, softened=softened, alone=len(causes) == 1)
        yield Why(cause.kind, f"perhaps {label}" if cause.one_of else label, cause.said)


def _gate(turn: GateTurn) -> GateChange:
    """A gate in another state; where it opened for its rules, that they ask for less comes first."""
    softened = opened(turn) and any(each.kind == "rule" for each in turn.causes)
    why = tuple(_why(turn.causes, softened=softened))
    return GateChange(turn.id, gate_label(turn.id), turn.before, turn.after, softened, Listed(why, _CAUSES))
