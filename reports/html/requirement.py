"""What one requirement asks, what was found, why that is its verdict, and from which rows."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.brief.targets import limit_of
from phasegate.reports.explain.attestations import ATTESTED, attestations_said
from phasegate.reports.html.markup import LONGEST, Markup, filled, joined, table, tag, verdict
from phasegate.reports.html.plots.history import history, in_words, unmoved
from phasegate.reports.text.definitions import clauses_said
from phasegate.reports.text.plain import counted, digest_start
from phasegate.reports.text.sentences import asked_title, bound_shown, risk_said
from phasegate.reports.text.undetermined import ends_told, undetermined_said
from phasegate.reports.views.evidence import left_out, rows_said
from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import FactEntry, Record, RequirementEntry, RowsEntry, WaiverEntry
    from phasegate.reports.brief.model import Axis
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report

FEW = 20
"""Where there are no more requirements than these, none is told in short."""
LONG = 400
"""A condition with more characters is left off paper."""
LEAST_ALIKE = 3
"""Of fewer rows each is shown with all its columns."""
MOST_HISTORIES = 2
"""So many of the requirements of one story have a picture of their earlier runs."""
_WHOLE = (
    '<div class="requirement"><p class="asks">{} {} {}</p>{}<details class="measured"><summary>'
    "How it was measured</summary>{}</details>{}</div>"
)
_TOLD = '<dl class="told">{}</dl>'
_BRIEF = "<p>{} <strong>{}</strong> {}: {}</p>"
_PAIR = "<div><dt>{}</dt><dd>{}</dd></div>"
_CODE = "<code>{}</code>{}"
_ASKED = (
    '<tr><td>{}</td><td>{}</td><td class="number held" data-head="bound">{}</td>'
    '<td class="number" data-head="found">{}</td><td class="number held" data-head="margin">{}</td></tr>'
)


class RequirementMarkup:
    """Tells the requirements of a report.

    Args:
        report: what is told.
        anchors: where things stand on the page.
        axis: the days of the histories.
    """

    def __init__(self, report: Report, anchors: Anchors, axis: Axis | None) -> None:
        self._report, self._anchors, self._axis = report, anchors, axis
        self._digests = {each["name"]: each["digest"] for each in report.record["sources"]}
        self._rows = {each["requirement"]: each for each in report.record.get("rows", ())}

    def story(self, own: Sequence[RequirementEntry], telling: Sequence[RequirementEntry]) -> Markup:
        """The requirements of a criterion: all in a table, what does not pass with all that the record has.

        Args:
            own: all of them, the worst first.
            telling: those that decide.
        """
        heads = ("verdict", "requirement", "bound#", "found#", "margin#")
        made = table("Requirements", heads, [self._row(each) for each in own], "plain asked stacked")
        past = [
            told for each in telling[:MOST_HISTORIES] if (told := self._past(each, many=len(telling) > 1))
        ]
        made = joined([made, *(self._unmoved(each) for each in telling[:1])])
        wanting = [each for each in own if each["verdict"] not in SETTLED]
        if self._report.verbose or not wanting or len(self._report.requirements) <= FEW:
            whole = joined([self.whole(each) for each in own])
        else:
            whole = joined([self._alike(each) for each in _by_reason(wanting)])
        if not past:
            return joined([made, whole])
        return joined(
            [filled('<div class="halves"><div>{}</div><div>{}</div></div>', made, joined(past)), whole]
        )

    def _alike(self, requirements: Sequence[RequirementEntry]) -> Markup:
        """Those that do not pass for one reason: the first as a whole, of the others where they stand."""
        first, *others = requirements
        if not others:
            return self.whole(first)
        told = [
            f"{asked_title(each, self._report.facts[each['fact']])} ({each['fact']} at {each['at']})"
            for each in others
        ]
        return joined(
            [self.whole(first), filled('<p class="quiet">The same is so of: {}.</p>', "; ".join(told))]
        )

    def _row(self, requirement: RequirementEntry) -> Markup:
        fact = self._report.facts[requirement["fact"]]
        return filled(
            _ASKED,
            verdict(requirement["verdict"]),
            asked_title(requirement, fact),
            bound_shown(requirement),
            requirement["observed"],
            requirement["margin"],
        )

    def _past(self, requirement: RequirementEntry, *, many: bool) -> Markup | None:
        past = self._report.past.get(requirement["id"], ())
        if len(past) < 2 or unmoved(past):
            return None
        fact = self._report.facts[requirement["fact"]]
        bound, limit = limit_of(requirement), requirement["limit"] or requirement["bound"]
        drawn = history(past, requirement["unit"], bound, self._axis, limit)
        name = f"From run to run: {asked_title(requirement, fact)}" if many else "From run to run"
        return filled("<h4>{}</h4>{}", name, drawn)

    def _unmoved(self, requirement: RequirementEntry) -> Markup | None:
        """What earlier runs found where a picture would show one sign over and over."""
        past = self._report.past.get(requirement["id"], ())
        if len(past) < 2 or not unmoved(past):
            return None
        return filled('<p class="quiet">Earlier runs: {}.</p>', in_words(past, requirement["unit"]))

    def whole(self, requirement: RequirementEntry) -> Markup:
        """All that the record has of a requirement."""
        fact = self._report.facts[requirement["fact"]]
        waiver = self._report.waivers.get(requirement["waiver"] or "")
        number, kept = requirement["alternative"], self._report.kept
        pairs: list[tuple[str, str | Markup | None]] = [
            ("To pass" if requirement["verdict"] != "pass" else "Holds", requirement["distance"]),
            ("Because", _because(requirement, fact)),
            ("Waiver", _waiver(waiver, self._report.record) if waiver else None),
            ("Alternative", f"number {number} of several" if number else None),
            ("Attested", self._attested(fact)),
        ]
        measured: list[tuple[str, str | Markup | None]] = [
            ("Fact", _fact(fact)),
            ("How it is counted", fact["note"]),
            ("Counted", self._counted(fact)),
            ("Sources", self._sources(fact)),
            ("Requirement", _rule(requirement)),
        ]
        rows = rows_behind(self._rows.get(requirement["id"]), fact["measure"], kept.run if kept else None)
        return filled(_WHOLE, *_asked(requirement, fact), _told(pairs), _told(measured), rows)

    def brief(self, requirement: RequirementEntry) -> Markup:
        """A requirement in a line: what was asked, what was found, and where it stands."""
        fact = self._report.facts[requirement["fact"]]
        because = _because(requirement, fact)
        missing = requirement["distance"] if requirement["verdict"] != "pass" else None
        to_pass = f"to pass: {missing}" if missing else None
        number = requirement["alternative"]
        said = [
            _found(requirement),
            to_pass,
            because,
            f"number {number} of several" if number else None,
            f"requirement at {requirement['at']}",
        ]
        told = "; ".join([each for each in said if each])
        attested = self._attested(fact)
        shown = told if attested is None else joined([told, attested], "; ")
        return filled(_BRIEF, *_asked(requirement, fact), shown)

    def _attested(self, fact: FactEntry) -> Markup | None:
        if fact["kind"] != ATTESTED:
            return None
        return joined(list(attestations_said(self._report.record, fact["id"])), "<br>")

    def _counted(self, fact: FactEntry) -> Markup | None:
        told = clauses_said(self._report.record, fact, whole=True)
        if not told:
            return None
        shown = joined([tag("code", each) for each in told], "<br>")
        long = sum(map(len, told)) > LONG
        said = "stands in the rules; it is too long for paper"
        return (
            filled('<span class="off-paper">{}</span><span class="paper">{}</span>', shown, said)
            if long
            else shown
        )

    def _sources(self, fact: FactEntry) -> Markup:
        links = [
            filled("{} {}", self._anchors.link("source", name), digest_start(self._digests.get(name)))
            for name in fact["sources"]
        ]
        return joined(links, ", ")


def _told(pairs: Sequence[tuple[str, str | Markup | None]]) -> Markup | None:
    found = [filled(_PAIR, name, said) for name, said in pairs if said]
    return filled(_TOLD, joined(found)) if found else None


def _by_reason(requirements: Sequence[RequirementEntry]) -> list[list[RequirementEntry]]:
    found: dict[tuple[str, str, str | None, str | None, str | None], list[RequirementEntry]] = {}
    for each in requirements:
        key = (each["verdict"], each["reason"], each["distance"], each["waiver"], each["alternative"])
        found.setdefault(key, []).append(each)
    return list(found.values())


def _asked(requirement: RequirementEntry, fact: FactEntry) -> tuple[Markup, str, str]:
    return verdict(requirement["verdict"]), asked_title(requirement, fact), bound_shown(requirement)


def _found(requirement: RequirementEntry) -> str:
    margin = requirement["margin"]
    return f"{requirement['observed']}{f', margin {margin}' if margin else ''}"


def _because(requirement: RequirementEntry, fact: FactEntry) -> str | None:
    """The reason; of a value that was simply compared, it says what stands beside it already."""
    compared = fact["status"] == "present" and requirement["verdict"] not in ("error", "unknown")
    return None if compared else requirement["reason"]


def _waiver(waiver: WaiverEntry, record: Record) -> str:
    return (
        f"{waiver['id']}: {risk_said(waiver, record)}; "
        f"granted by {waiver['approver']}, asked for by {waiver['requester']}. {waiver['why']}"
    )


def _fact(fact: FactEntry) -> Markup:
    parts = [
        fact["counted"] or _fraction(fact),
        counted(fact["rows"], "row"),
        undetermined_said(fact) or (f"{fact['nulls']:,} without a value" if fact["nulls"] else None),
        f"newest of {fact['newest']}" if fact["newest"] else None,
        f"may be {counted(fact['max_age_days'], 'day')} old" if fact["max_age_days"] is not None else None,
    ]
    kind = f" ({fact['kind']}) " if fact["kind"] else " "
    return filled(_CODE, fact["id"], f"{kind}{', '.join([each for each in parts if each])}")


def _fraction(fact: FactEntry) -> str | None:
    """Numerator and denominator as they were counted, where the fact does not say them in words."""
    ends = ends_told(fact)
    if not fact["numerator"] and ends is None:
        return None
    if ends is None:
        told, scaled = _pair("", fact["numerator"] or "", fact["denominator"] or ""), "both"
    else:
        told, scaled = f"{_pair('least ', *ends[0])}, {_pair('greatest ', *ends[1])}", "all"
    return f"{told}, {scaled} in units of 10^-{fact['scale']}" if fact["scale"] else told


def _pair(which: str, numerator: str, denominator: str) -> str:
    return f"{which}numerator {_grouped(numerator)}, {which}denominator {_grouped(denominator)}"


def _grouped(digits: str) -> str:
    """A whole number with a comma before each three digits; what is none stays as it is."""
    try:
        return f"{int(digits):,}"
    except ValueError:
        return digits


def _rule(requirement: RequirementEntry) -> Markup:
    bound = requirement["bound"]
    written = bound if bound in ("true", "false") else f'"{bound}"'
    measure = requirement["fact"].partition("[")[0]
    return filled(_CODE, f"{measure}: {written}", f" at {requirement['at']}")


_DEFINITION = (
    '<p class="note">How this is measured stands in the rules, under <code>{}</code>;'
    " <code>phasegate explain</code> with that name tells of it.</p>"
)


def rows_behind(rows: RowsEntry | None, measure: str, run: int | None) -> Markup | None:
    """What the rows are, the first of them, and by what all of them are known; None where there are none.

    Args:
        rows: the entry of the record.
        measure: what they were measured by; how it is defined stands in the rules alone.
        run: the number that a ledger keeps the run under; None where it is not known.
    """
    if rows is None or not rows["total"]:
        return None
    same = _same(rows)
    columns = [name for name in rows["columns"] if name not in same]
    lines = [
        filled("<tr>{}</tr>", joined([filled("<td>{}</td>", row.get(name, "")) for name in columns]))
        for row in rows["sample"]
    ]
    alike = " · ".join(f"{name} {said}" for name, said in same.items())
    label = f"Rows behind {rows['requirement']}"
    return joined(
        [
            filled("<h4>{}:</h4>", rows_said(rows)),
            filled('<p class="note">In all of them: {}</p>', alike) if alike else None,
            table(label, columns, lines, "plain rows-of", scrolls=True),
            tag("p", *_file(rows, run), class_="note"),
            filled(_DEFINITION, measure),
        ]
    )


def _same(rows: RowsEntry) -> dict[str, str]:
    """The columns with the same value in all rows that are shown; never all of them."""
    sample = rows["sample"]
    if len(sample) < LEAST_ALIKE:
        return {}
    found = {
        name: sample[0].get(name, "")
        for name in rows["columns"]
        if len({each.get(name, "") for each in sample}) == 1
    }
    return found if len(found) < len(rows["columns"]) else {}


def _file(rows: RowsEntry, run: int | None) -> list[Markup | str]:
    """How many rows are not shown, what the file of them holds, and what it is got by."""
    more = left_out(rows, len(rows["sample"]))
    file = f"{more}. The file of {_held(rows)}" if more else "The file of these rows"
    digest = f" ({digest_start(rows['digest'])})"
    if run is None:
        return [f"{file}{digest} is in no ledger that this report knows of."]
    command = command_for(rows["requirement"], run)
    if command is None:
        return [f"{file}{digest} belongs to run {run}, under a name that can not be typed."]
    return [f"{file}: ", tag("code", command), digest]


def _held(rows: RowsEntry) -> str:
    if rows["held"] >= rows["total"]:
        return "all of them"
    return f"the first {rows['held']:,}, as many as the project keeps (evidence_rows)"


def command_for(requirement: str, run: int) -> str | None:
    """What to type for the rows of a requirement; None where nobody could type its name.

    The name may hold a value of the data, so it is quoted: whoever copies the line into a shell runs this
    command and no other. A page shows no control characters, and of several spaces one.
    """
    plain = requirement.isprintable() and "  " not in requirement and len(requirement) <= LONGEST // 2
    if not plain or requirement.startswith("-"):
        return None
    return f"phasegate evidence --run {run} {shlex.quote(requirement)} -o rows.parquet"
