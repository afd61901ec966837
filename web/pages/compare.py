"""Any two runs beside each other: what the later one decided otherwise, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.errors import UnknownRunError
from phasegate.monitoring.history.load import compare
from phasegate.reports.html.markup import Markup, joined, parted, section, state, tag, verdict, void
from phasegate.reports.text.plain import counted
from phasegate.reports.views.diff import KINDS
from phasegate.rules.changes.changes import RuleChange, told_first
from phasegate.web.cache import Answer
from phasegate.web.errors import NotThereError
from phasegate.web.links import api, link
from phasegate.web.links import page as address
from phasegate.web.pages.runs import number
from phasegate.web.shell import Cells, bullets, document, first_of, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from phasegate.audit.trail.runs import KeptRun
    from phasegate.monitoring.history.diff import CriterionChange, GateChange, RequirementChange
    from phasegate.monitoring.history.load import Compared
    from phasegate.monitoring.history.rests_on import Cause
    from phasegate.web.asked import Asked

GATES = ("Gate", "From → to", "Why")
MOST_CAUSES = 5
"""So many causes of one turn are told; those of a gate stand with its criteria below."""
CRITERIA = ("Criterion", "From → to", "What was found", "Why")


def page(asked: Asked) -> Answer:
    """The page of what changed."""
    found = compared(asked)
    if found is None:
        none = [tag("h1", "Compare two runs"), _form("", ""), tag("p", "No run is kept yet.")]
        return Answer(document("Compare two runs", *none, asked=asked, here="compare"))
    one, other = found.before, found.after
    same = found.difference.same
    parts: list[Markup | None] = [
        tag("h1", f"What changed from run {one.number} to run {other.number}"),
        _form(str(one.number), str(other.number)),
        tag("p", "From ", _run(asked, one), " to ", _run(asked, other), "."),
        tag("p", "One of them decided a part alone: what both decided is compared.")
        if found.difference.narrower
        else None,
        tag("p", tag("strong", "No verdict and no gate changed.")) if same else None,
        _gates(asked, found.difference.gates),
        _criteria(asked, found),
        _rules(found.rules),
        section("unknown", "What is not known", bullets(*found.unknown)) if found.unknown else None,
        tag(
            "p",
            link(
                api(asked.key, "changes", before=one.number, after=other.number),
                "The same for programs (JSON)",
            ),
        ),
    ]
    title = f"Run {one.number} and run {other.number}"
    return Answer(document(title, *parts, asked=asked, here="compare"))


def compared(asked: Asked) -> Compared | None:
    """The two runs that are asked for, or the newest and the one before it; None where there is none."""
    before, after = number(asked, "before"), number(asked, "after")
    try:
        return compare(
            asked.ledger.log,
            None if before is None else str(before),
            None if after is None else str(after),
            told=asked.told,
        )
    except UnknownRunError as error:
        if before is None and after is None:
            return None
        raise NotThereError(error.message, error.hint) from error


def _form(before: str, after: str) -> Markup:
    fields = [
        tag(
            "p",
            tag(
                "label",
                f"{label} ",
                void("input", type="text", name=name, value=value, inputmode="numeric", size="6"),
            ),
        )
        for name, label, value in (("before", "From run", before), ("after", "to run", after))
    ]
    return tag(
        "form",
        *fields,
        tag("p", tag("button", "Compare", type="submit")),
        method="get",
        class_="choose",
        aria_label="Runs",
    )


def _run(asked: Asked, run: KeptRun) -> Markup:
    told = f"run {run.number}, as of {run.entry['as_of']}"
    return link(address(asked.key, "run", run=run.number), told)


def _turn(before: str | None, after: str | None, shown: Callable[[str], Markup]) -> Markup:
    words = [shown(each) if each is not None else tag("span", "not decided") for each in (before, after)]
    return joined(["still ", words[1]]) if before == after else joined(words, " → ")


def _causes(causes: Iterable[Cause]) -> Markup:
    told = [
        f"{'one or more of these, ' if each.one_of else ''}{KINDS.get(each.kind, each.kind)}: {each.said}"
        for each in causes
    ]
    if not told:
        return joined([""])
    return bullets(*first_of(told, MOST_CAUSES, "#criteria"))


def _gates(asked: Asked, gates: tuple[GateChange, ...]) -> Markup | None:
    if not gates:
        return None
    rows = [
        (
            link(address(asked.key, "gate", id=each.id), f"{each.id} {each.title}"),
            _turn(each.before, each.after, state),
            _causes(each.causes),
        )
        for each in gates
    ]
    caption = f"{counted(len(rows), 'gate')} in another state."
    return section("gates", "Gates", table("Gates", caption, GATES, rows))


def _criteria(asked: Asked, found: Compared) -> Markup | None:
    changes = found.difference.criteria
    if not changes:
        return None
    alike: dict[Cells, list[Markup]] = {}
    for each in changes:
        alike.setdefault(_turned(each, found), []).append(_named(asked, each, found))
    rows = [(joined(names), *cells) for cells, names in alike.items()]
    caption = f"{counted(len(changes), 'criterion', 'criteria')} decided otherwise; one reason is one row."
    return section("criteria", "Criteria", table("Criteria", caption, CRITERIA, rows))


def _named(asked: Asked, change: CriterionChange, found: Compared) -> Markup:
    name = link(address(asked.key, "criterion", id=change.id, run=found.after.number), parted(change.id))
    return tag("p", name, " ", tag("span", change.text, class_="soft"))


def _turned(change: CriterionChange, found: Compared) -> Cells:
    """From what to what a criterion turned, what was found, and why."""
    return (
        _turn(change.before, change.after, verdict),
        bullets(*(_requirement(each, found) for each in change.requirements)),
        _causes(_all_causes(change)),
    )


def _all_causes(change: CriterionChange) -> list[Cause]:
    own = [*change.causes, *(cause for each in change.requirements for cause in each.causes)]
    return list(dict.fromkeys(own))


def _requirement(change: RequirementChange, found: Compared) -> str:
    old, new = change.before, change.after
    shown = new or old
    name = change.id.removeprefix(f"{shown['criterion']}/") if shown is not None else change.id
    values = [each["observed"] if each is not None else "not decided" for each in (old, new)]
    told = f"{name}: {values[0]} → {values[1]}" if values[0] != values[1] else f"{name}: {values[1]}"
    apart = found.rows.get(change.id)
    if apart is None:
        return told
    return f"{told}; of the rows behind it {apart.came:,} came and {apart.went:,} went"


def _rules(rules: tuple[RuleChange, ...] | None) -> Markup | None:
    if rules is None:
        return section("rules", "Rules", tag("p", "They are others, and can not be read any more."))
    if not rules:
        return None
    told = [f"{each.kind}: {each.said}." for each in told_first(rules)]
    return section("rules", "What the rules say otherwise", bullets(*told))
