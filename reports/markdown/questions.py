"""The parts of the report in Markdown that answer what changed and what it takes, a row each reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.brief.model import MOST
from phasegate.reports.markdown.text import Sheet, broken, code, signed, text
from phasegate.reports.text.labels import state_sign, verdict_sign
from phasegate.reports.text.plain import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from phasegate.reports.brief.model import (
        Action,
        Brief,
        Change,
        ChangedCriterion,
        GateChange,
        GateTakes,
        Listed,
        Why,
    )
    from phasegate.reports.text.labels import Sign

_NAMED = 4
"""So many criteria are named in one row."""


def changed(brief: Brief, sheet: Sheet, mark: int) -> None:
    """What changed since the last run that decided the same: gates, then criteria, a row each cause."""
    found = brief.changed
    if found is None:
        return
    since = f"since run {found.run}{f' of {found.day}' if found.day is not None else ''}"
    if found.same and not found.rules.all:
        sheet.add("", f"Nothing was decided otherwise {since}.")
        return
    rows = [*map(_gate, found.gates)]
    for listing in (found.worse, found.better, found.other):
        rows += [*map(_change, listing.shown)]
        if listing.more:
            rows.append(["", text(listing.more_said), ""])
    rows += [["rules", text(each), ""] for each in found.rules.shown]
    if found.rules.more:
        rows.append(["rules", text(found.rules.more_said), ""])
    total = len(rows)
    heads = ["Turned", "What", "Why"]
    sheet.table(f"What changed {since}", heads, ((1, row) for row in rows), mark, total, "changes")
    sheet.add("", text(f"{found.sentence} Score {found.score.said} then." if found.score else found.sentence))
    for each in found.unknown:
        sheet.add("", text(each))


def _gate(change: GateChange) -> list[str]:
    said = f"**{text(change.label)}**"
    return [_turned(change.before, change.after, state_sign), said, broken(_causes(change.why))]


def _change(change: Change) -> list[str]:
    named = [_criterion(each) for each in change.criteria[:_NAMED]]
    more = len(change.criteria) - len(named)
    why = [_why(each) for each in change.why[:MOST]]
    left = len(change.why) - len(why)
    return [
        _turned(change.before, change.after, verdict_sign),
        broken([*named, f"and {more:,} more" if more else ""]),
        broken([*why, f"and {left:,} more" if left else ""]),
    ]


def _criterion(criterion: ChangedCriterion) -> str:
    values = [f"{each.before} → {each.after}" for each in criterion.moved if each.before and each.after]
    return f"{code(criterion.id, 100)} {text('; '.join(values[:2]), 150)}".rstrip()


def _causes(why: Listed[Why]) -> list[str]:
    return [*map(_why, why.shown), why.more_said]


def _why(why: Why) -> str:
    return text(f"{why.label}: {why.said}")


def _turned(before: str | None, after: str | None, sign_of: Callable[[str], Sign]) -> str:
    """What it was and what it is, each as sign and word."""
    was, is_ = (signed(sign_of(each)) if each is not None else "not decided" for each in (before, after))
    return f"still {is_}" if was == is_ else f"{was} → {is_}"


def takes(brief: Brief, sheet: Sheet, mark: int) -> None:
    """What it takes, gate by gate; a row for all criteria that the same settles."""
    rows = [row for gate in brief.takes.gates for row in _gate_takes(gate)]
    heads = ["For", "To do", "Settles"]
    sheet.table("What it takes", heads, ((1, row) for row in rows), mark, len(rows), "things")


def _gate_takes(gate: GateTakes) -> Iterator[list[str]]:
    late = gate.overdue_said
    due = f"due {gate.due}" if gate.due is not None and not late else ""
    head = broken([text(gate.label), f"**{late}**" if late else due])
    for each in gate.actions.all:
        yield [head, broken(map(text, each.steps)), _settled(each)]
        head = ""
    for note in gate.notes:
        yield [head, text(note), ""]
        head = ""


def _settled(action: Action) -> str:
    sign = signed(verdict_sign(action.verdict))
    names = [code(each, 100) for each in action.criteria[:_NAMED]]
    more = len(action.criteria) - len(names)
    beside = [listed(action.areas[:2]), *([f"owner {listed(action.owners[:2])}"] if action.owners else [])]
    beside.append(_waivable(action))
    return broken(
        [
            f"{sign} {', '.join(names)}{f' and {more:,} more' if more else ''}",
            text(" · ".join(each for each in beside if each)),
        ]
    )


def _waivable(action: Action) -> str:
    if action.may_be_waived:
        return "may be waived"
    named: Sequence[str] = action.waivable
    return f"{len(named):,} of them may be waived" if named else ""
