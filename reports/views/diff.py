"""What two runs decided otherwise, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import Sign, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.sentences import gate_label
from phasegate.reports.text.undetermined import row_said
from phasegate.reports.views.rule_changes import rules_changed, rules_document
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import KeptRun
    from phasegate.monitoring.history.diff import CriterionChange, GateChange, RequirementChange
    from phasegate.monitoring.history.load import Compared
    from phasegate.monitoring.history.rests_on import Cause
    from phasegate.monitoring.history.row_diff import RowsApart

KINDS = {
    "data": "the data changed",
    "rule": "the rule changed",
    "waiver": "a waiver",
    "attestation": "an attestation",
    "approval": "an approval",
    "time": "only time passed",
    "cycle": "the cycle changed",
    "software": "other versions",
    "unexplained": "not explained",
}
"""How a cause is called."""
_MOST_OF_GATE = 10
"""So many causes of a gate are told."""
_WAYS = {"came": ("was not", "were not"), "went": ("no longer is", "no longer are")}
_NOT_THERE = Sign("·", "not decided", "dim", ("was not decided", "were not decided"))


def compared_text(found: Compared, *, width: int, colour: bool) -> str:
    """The gates and criteria that were decided otherwise, each with its causes."""
    page = Page(width, colour)
    changed = found.difference
    page.line(f"From {_run(found.before)} to {_run(found.after)}.")
    if changed.narrower:
        page.line(("One of them decided a part alone: what both decided is compared.", "dim"))
    if changed.same:
        page.blank()
        page.line(("No verdict and no gate changed.", "bold"))
    gates_changed(changed.gates, page)
    criteria_changed(changed.criteria, found.rows, page)
    rules_changed(found.rules, page)
    for line in found.unknown:
        page.blank()
        page.line((visible(line), "dim"))
    return page.text()


def gates_changed(gates: Sequence[GateChange], page: Page) -> None:
    """The gates that are in another state; nothing where there are none."""
    if gates:
        page.heading("Gates", f"{len(gates):,} changed")
    told: dict[tuple[Cause, ...], str] = {}
    for gate in gates:
        page.item([*turn(gate.before, gate.after, state_sign), "  "], [f"{gate.id}  {visible(gate.title)}"])
        if gate.causes and gate.causes in told:
            page.line((f"as {visible(gate_label(told[gate.causes]))}", "dim"), indent=2)
            continue
        told[gate.causes] = gate.id
        _causes(gate.causes[:_MOST_OF_GATE], page, indent=2, softened=opened(gate))
        if len(gate.causes) > _MOST_OF_GATE:
            page.line((f"and {len(gate.causes) - _MOST_OF_GATE:,} more", "dim"), indent=2)


def opened(gate: GateChange) -> bool:
    """Whether a gate was shut and is open now."""
    return gate.after in OPEN_STATES and gate.before not in (None, *OPEN_STATES)


def criteria_changed(
    criteria: Sequence[CriterionChange], rows: Mapping[str, RowsApart], page: Page, most: int | None = None
) -> None:
    """The criteria that are decided otherwise, each with its causes; nothing where there are none.

    Args:
        criteria: what changed.
        rows: of requirements by id, which rows behind their verdict are others.
        page: where it is told.
        most: so many are named; None for all.
    """
    if criteria:
        page.heading("Criteria", f"{len(criteria):,} changed")
    for criterion in criteria[:most]:
        _criterion(criterion, rows, page)
    if most is not None and len(criteria) > most:
        page.blank()
        page.line(f"and {len(criteria) - most:,} more")


def _run(run: KeptRun) -> str:
    kind = f"gate {visible(run.entry['scope'][0])}, " if run.entry["kind"] == "gate" else ""
    return f"run {run.number} ({kind}as of {run.entry['as_of']})"


def turn(before: str | None, after: str | None, sign_of: Callable[[str], Sign]) -> list[Span]:
    """What a verdict or state was, and what it became; None where it was not decided."""
    signs = [_NOT_THERE if each is None else sign_of(each) for each in (before, after)]
    if before == after:
        return ["still ", (f"{signs[1].mark} {signs[1].word}", signs[1].style)]
    spans: list[Span] = [(f"{signs[0].mark} {signs[0].word}", signs[0].style), " → "]
    return [*spans, (f"{signs[1].mark} {signs[1].word}", signs[1].style)]


def _criterion(criterion: CriterionChange, rows: Mapping[str, RowsApart], page: Page) -> None:
    page.blank()
    page.item(
        [*turn(criterion.before, criterion.after, verdict_sign), "  "],
        [(visible(criterion.id), "bold"), f"  {visible(criterion.text)}"],
    )
    _causes(criterion.causes, page)
    for alike in _alike(criterion.requirements, rows):
        _requirements(alike, rows, page)


def _alike(
    changes: Iterable[RequirementChange], rows: Mapping[str, RowsApart]
) -> list[list[RequirementChange]]:
    """Requirements that say the same, such as the fields of one row, together."""
    groups: dict[object, list[RequirementChange]] = {}
    for each in changes:
        old, new = each.before, each.after
        same: object = (old and old["verdict"], new and new["verdict"], each.causes)
        alone = each.id in rows or _found(each) is not None
        groups.setdefault(each.id if alone else same, []).append(each)
    return list(groups.values())


def _found(change: RequirementChange) -> str | None:
    old, new = change.before, change.after
    if old is None or new is None or old["observed"] == new["observed"]:
        return None
    return f"{visible(old['observed'])} → {visible(new['observed'])}"


def _requirements(alike: list[RequirementChange], rows: Mapping[str, RowsApart], page: Page) -> None:
    first = alike[0]
    old, new = first.before, first.after
    names = [visible(_name(each)) for each in alike]
    turned = turn(old and old["verdict"], new and new["verdict"], verdict_sign)
    page.item([*turned, "  "], [", ".join(names)], indent=2)
    _causes(first.causes, page)
    if (found := _found(first)) is not None:
        page.item([("found ", "dim")], [found], indent=4)
    if new is not None and new["verdict"] in ("error", "unknown") and new["reason"]:
        page.item([("says ", "dim")], [visible(new["reason"])], indent=4)
    if (apart := rows.get(first.id)) is not None:
        _rows("came", apart.came, apart.first_came, apart, page)
        _rows("went", apart.went, apart.first_went, apart, page)


def _name(change: RequirementChange) -> str:
    shown = change.after or change.before
    return change.id.removeprefix(f"{shown['criterion']}/") if shown is not None else change.id


def _causes(causes: Iterable[Cause], page: Page, indent: int = 4, softened: bool = False) -> None:
    told, several = list(causes), False
    for cause in told:
        if cause.one_of and not several:
            page.line(("one or more of these:", "bold"), indent=indent)
        several = cause.one_of
        inner = indent + 2 if several else indent
        label = cause_label(cause, softened=softened, alone=len(told) == 1)
        page.item([(f"{label}: ", "bold")], [visible(cause.said)], indent=inner)


def cause_label(cause: Cause, *, softened: bool, alone: bool) -> str:
    """What kind of cause it is, in words.

    Args:
        cause: the cause.
        softened: whether it is one of a gate that opened.
        alone: whether there is no other one.
    """
    if cause.kind == "rule" and softened:
        return "its rules ask for less"
    return "another day" if cause.kind == "time" and not alone else KINDS[cause.kind]


def _rows(way: str, total: int, first: list[dict[str, str]], rows: RowsApart, page: Page) -> None:
    if not total:
        return
    one, several = _WAYS[way] if rows.known else ("is there now", "are there now")
    page.line(f"{counted(total, 'row')} behind it that {one if total == 1 else several}:", indent=4)
    for row in first:
        page.item([("+ " if way == "came" else "- ")], [row_said(rows.columns, row)], indent=6)
    if total > len(first):
        page.line((f"and {total - len(first):,} more", "dim"), indent=6)


def compared_document(found: Compared) -> dict[str, Any]:
    """The same as plain JSON."""
    changed = found.difference
    return {
        "before": {"run": found.before.number, "as_of": found.before.entry["as_of"]},
        "after": {"run": found.after.number, "as_of": found.after.entry["as_of"]},
        "narrower": changed.narrower,
        "rules": rules_document(found.rules),
        "unknown": list(found.unknown),
        "gates": [
            {**asdict(each), "causes": [cause._asdict() for cause in each.causes]} for each in changed.gates
        ],
        "criteria": [
            {
                "id": each.id,
                "text": each.text,
                "before": each.before,
                "after": each.after,
                "causes": [cause._asdict() for cause in each.causes],
                "requirements": [
                    _requirement_document(one, found.rows.get(one.id)) for one in each.requirements
                ],
            }
            for each in changed.criteria
        ],
    }


def _requirement_document(change: RequirementChange, rows: RowsApart | None) -> dict[str, Any]:
    old, new = change.before, change.after
    return {
        "id": change.id,
        "before": old and {"verdict": old["verdict"], "observed": old["observed"], "bound": old["bound"]},
        "after": new and {"verdict": new["verdict"], "observed": new["observed"], "bound": new["bound"]},
        "causes": [cause._asdict() for cause in change.causes],
        "rows": None if rows is None else asdict(rows),
    }
