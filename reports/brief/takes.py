"""The third answer of a page: what will it take?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.brief.gates import is_shut, named
from phasegate.reports.brief.imperative import steps
from phasegate.reports.brief.model import Action, Gate, GateTakes, Listed, Takes
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.sentences import binding
from phasegate.rules.model.verdict import HOLDING, UNDECIDED, WAIVABLE, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry
    from phasegate.reports.report import Report


def takes(report: Report, gates: Sequence[Gate]) -> Takes:
    """What it takes, gate by gate; a criterion that several gates ask for stands at the first of them.

    Args:
        report: what is told.
        gates: those of the page, in the order of the record.
    """
    left = {each["id"]: each for each in binding(report.record) if each["verdict"] not in HOLDING}
    points = {each["id"]: each["criteria"] for each in report.record["points"]}
    shown = {each.id: each for each in gates}
    found: list[GateTakes] = []
    for gate in report.record["gates"]:
        inside = [name for point in gate["points"] for name in points.get(point, ())]
        own = [left.pop(name) for name in (*inside, *gate["targets"]) if name in left]
        if own or is_shut(gate["state"]):
            found.append(_gate(report, gate, shown[gate["id"]], own))
    if left:
        found.append(GateTakes("", "", "", 0, None, Listed(_actions(report, left.values()))))
    number = sum(len(each.actions) for each in found)
    return Takes(_sentence(number, found), tuple(found))


def _sentence(number: int, gates: Sequence[GateTakes]) -> str:
    if number:
        order = ", in the order of the gates" if sum(bool(each.actions) for each in gates) > 1 else ""
        return f"{counted(number, 'thing')}{order}."
    if any(is_shut(each.state) for each in gates):
        return "No criterion is left: what is told of the gates is."
    return "Nothing: all that counts passes or is waived."


def _gate(report: Report, gate: GateEntry, shown: Gate, own: Sequence[CriterionEntry]) -> GateTakes:
    actions = _actions(report, own)
    alone = not gates_shown(report.record, report.overdue)
    return GateTakes(
        shown.id,
        "" if alone else shown.label,
        shown.state,
        shown.overdue,
        shown.due,
        Listed(actions),
        tuple(_notes(gate, shown, bool(actions))),
    )


def _notes(gate: GateEntry, shown: Gate, acts: bool) -> Iterator[str]:
    others = [each for each in gate["reasons"] if each["kind"] not in ("criterion", "gate")]
    for each in others:
        if each["kind"] == "approval":
            yield f"Approve these rules for {visible(each['id'])}."
        else:
            yield f"{visible(each['text'][:1].upper() + each['text'][1:])}."
    if shown.waits_for and not acts and not others:
        criteria = [each for each in gate["reasons"] if each["kind"] == "criterion"]
        before = any(each["verdict"] not in HOLDING for each in criteria)
        own = "Nothing that no gate before it needs" if before else "Nothing of its own"
        yield f"{own}: it waits for {named(shown.waits_for)}."


def _actions(report: Report, criteria: Iterable[CriterionEntry]) -> tuple[Action, ...]:
    """A row for all criteria that the same settles, the worst verdict first."""
    rows: dict[tuple[str, tuple[str, ...]], list[CriterionEntry]] = {}
    for each in criteria:
        rows.setdefault((each["verdict"], steps(report, each)), []).append(each)
    told = [_action(report, said, alike) for (_, said), alike in rows.items()]
    return tuple(sorted(told, key=lambda each: _place(each.verdict)))


def _place(verdict: str) -> int:
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else -1


def _action(report: Report, said: tuple[str, ...], alike: Sequence[CriterionEntry]) -> Action:
    areas = report.record["areas"]
    names = dict.fromkeys(area for each in alike if (area := area_of(report, each)) is not None)
    first = alike[0]
    return Action(
        verdict=first["verdict"],
        steps=said,
        criteria=tuple(each["id"] for each in alike),
        areas=tuple(areas.get(name, name) for name in names),
        owners=tuple(dict.fromkeys(owner for each in alike for owner in owners_of(report, each))),
        waivable=tuple(each["id"] for each in alike if _waivable(report, each)),
        reason="; ".join(dict.fromkeys(each["reason"] for each in report.telling(first))),
        at=tuple(dict.fromkeys(report.at(each) for each in alike)),
    )


def area_of(report: Report, criterion: CriterionEntry) -> str | None:
    """The id of the area of a criterion or target; None where it has none."""
    if criterion["point"] is not None:
        return report.points[criterion["point"]]["area"] if criterion["point"] in report.points else None
    area = criterion["id"].partition("/")[0]
    return area if area in report.record["areas"] else None


def owners_of(report: Report, criterion: CriterionEntry) -> Iterator[str]:
    """Whom it concerns: of evidence that is in want those of its sources, then the nearest of the criterion.

    Args:
        report: what is told.
        criterion: one that is not settled.
    """
    owners = report.record.get("owners", {})
    for asked in report.telling(criterion):
        if asked["verdict"] in UNDECIDED:
            yield from (owners[name] for name in report.facts[asked["fact"]]["sources"] if name in owners)
    places = (criterion["id"], criterion["point"] or "", area_of(report, criterion) or "")
    yield from [owners[name] for name in places if name in owners][:1]


def _waivable(report: Report, criterion: CriterionEntry) -> bool:
    """Whether waivers would do: it is soft, and none of what is in want is an error."""
    if criterion["enforcement"] != "soft":
        return False
    wanting = [each["verdict"] for each in report.of(criterion) if each["verdict"] not in HOLDING]
    return bool(wanting) and all(each in WAIVABLE for each in wanting)
