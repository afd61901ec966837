"""The story of each criterion: what it asks, what was found, why that is its verdict, and from which data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.markup import Markup, anchor, joined, tag
from phasegate.reports.hypertext.plots import sparkline
from phasegate.reports.hypertext.signed import verdict
from phasegate.reports.plain import counted, digest_start
from phasegate.reports.sentences import asked_title, bound_shown
from phasegate.reports.signs import UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.audit.record.document import CriterionEntry, FactEntry, RequirementEntry, WaiverEntry
    from phasegate.reports.report import Report

_GROUPS: tuple[tuple[str, str, Callable[[CriterionEntry], bool]], ...] = (
    ("failed", "Failed", lambda each: _binds(each) and each["verdict"] == "fail"),
    ("undecided", "Undecided", lambda each: _binds(each) and each["verdict"] in UNDECIDED),
    ("waived", "Waived", lambda each: _binds(each) and each["verdict"] == "waived"),
    ("advisory", "Advisory, closing no gate", lambda each: not _binds(each)),
    ("passed", "Passed", lambda each: _binds(each) and each["verdict"] == "pass"),
    ("does-not-apply", "Does not apply", lambda each: _binds(each) and each["verdict"] == "not_applicable"),
)


def stories(report: Report) -> Iterator[Markup]:
    """A section for each group of verdicts: what fails lies open, the rest is folded."""
    told: set[str] = set()
    for name, title, belongs in _GROUPS:
        members = [each for each in report.record["criteria"] if belongs(each)]
        told.update(each["id"] for each in members)
        if members:
            yield _group(report, name, title, members)
    # A word that is no verdict is never left out.
    if others := [each for each in report.record["criteria"] if each["id"] not in told]:
        yield _group(report, "others", "Others", others)


def _group(report: Report, name: str, title: str, members: list[CriterionEntry]) -> Markup:
    return tag(
        "section",
        tag("h2", f"{title} ({counted(len(members), 'criterion', 'criteria')})", id=name),
        *(_story(report, each, lies_open=name == "failed") for each in members),
        aria_labelledby=name,
    )


def _binds(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] != "advisory"


def _rank(requirement: RequirementEntry) -> int:
    """The worst first, each kind in the order of the pack."""
    verdict = requirement["verdict"]
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else -1


def _story(report: Report, criterion: CriterionEntry, *, lies_open: bool) -> Markup:
    point = criterion["point"]
    summary = tag(
        "summary",
        verdict(criterion["verdict"]),
        " ",
        tag("h3", f"{criterion['id']}  {criterion['text']}"),
        tag("span", f" {criterion['enforcement']}", class_="soft"),
    )
    about = [
        f"Of point {point}." if point else None,
        criterion["note"],
        f"The rule stands at {criterion['at']}.",
    ]
    return tag(
        "details",
        summary,
        tag("p", " ".join(each for each in about if each), class_="soft"),
        *(_requirement(report, each) for each in sorted(report.of(criterion), key=_rank)),
        id=anchor(criterion["id"]),
        open=lies_open,
    )


def _requirement(report: Report, requirement: RequirementEntry) -> Markup:
    fact = report.facts[requirement["fact"]]
    waiver = report.waivers.get(requirement["waiver"] or "")
    pairs = [
        ("Found", _found(requirement)),
        ("To pass" if requirement["verdict"] != "pass" else "Holds", requirement["distance"]),
        # Of a value that was compared, the reason says what stands here already.
        ("Because", None if fact["status"] == "present" else requirement["reason"]),
        ("Waiver", _waiver(waiver) if waiver else None),
        (
            "Alternative",
            f"number {requirement['alternative']} of several" if requirement["alternative"] else None,
        ),
        ("Fact", _fact(fact)),
        ("Sources", _sources(report, fact)),
        ("Earlier runs", sparkline(report.past.get(requirement["id"], ()))),
        ("Rule", _rule(requirement)),
    ]
    return tag(
        "div",
        tag("p", verdict(requirement["verdict"]), " ", tag("strong", asked_title(requirement, fact)),
            f" {bound_shown(requirement)}"),
        tag("dl", *(joined([tag("dt", name), tag("dd", said)]) for name, said in pairs if said)),
        class_="requirement",
    )  # fmt: skip


def _found(requirement: RequirementEntry) -> str:
    margin = requirement["margin"]
    return f"{requirement['observed']}{f', margin {margin}' if margin else ''}"


def _waiver(waiver: WaiverEntry) -> str:
    floor = f", not below {waiver['floor']}" if waiver["floor"] else ""
    return (
        f"{waiver['id']}: {waiver['risk_owner']} carries the risk until {waiver['end'][:10]}{floor}; "
        f"granted by {waiver['approver']}, asked for by {waiver['requester']}. {waiver['why']}"
    )


def _fact(fact: FactEntry) -> Markup:
    parts = [
        f"numerator {fact['numerator']}, denominator {fact['denominator']}" if fact["numerator"] else None,
        counted(fact["rows"], "row"),
        f"{fact['nulls']:,} without a value" if fact["nulls"] else None,
        f"newest of {fact['newest']}" if fact["newest"] else None,
        f"may be {counted(fact['max_age_days'], 'day')} old" if fact["max_age_days"] is not None else None,
    ]
    kind = f" ({fact['kind']}) " if fact["kind"] else " "
    return joined([tag("code", fact["id"]), kind, ", ".join(each for each in parts if each)])


def _sources(report: Report, fact: FactEntry) -> Markup | None:
    digests = {each["name"]: each["digest"] for each in report.record["sources"]}
    links = [
        joined([tag("a", name, href=f"#source-{anchor(name)}"), f" {digest_start(digests.get(name))}"])
        for name in fact["sources"]
    ]
    return joined(links, ", ") if links else None


def _rule(requirement: RequirementEntry) -> Markup:
    bound = requirement["bound"]
    written = bound if bound in ("true", "false") else f'"{bound}"'
    measure = requirement["fact"].partition("[")[0]
    return joined([tag("code", f"{measure}: {written}"), f" at {requirement['at']}"])
