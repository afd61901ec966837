"""The paragraphs that stories are made of, as plain text: no colour, nothing to import."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.records.time_zone import first_day_shown, zone_of
from phasegate.reports.explain.attestations import ATTESTED, attestations_said, attested_from
from phasegate.reports.text.dates import up_to
from phasegate.reports.text.definitions import clauses_said
from phasegate.reports.text.labels import Sign, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, digest_start, held, listed, released, visible
from phasegate.reports.text.provenance import kind_line, source_remarks
from phasegate.reports.text.sentences import asked_title, bound_said, bound_shown, fact_title, gate_label
from phasegate.reports.text.undetermined import cause_told
from phasegate.rules.model.verdict import WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import (
        CriterionEntry,
        FactEntry,
        GateEntry,
        Record,
        RequirementEntry,
        SourceEntry,
    )

INDENT = "  "
_TOTALS = {True: ", control totals met", False: ", control totals missed", None: ""}
_HELD = {"pass": "It passes", "fail": "It fails", "waived": "It is waived"}


class Story:
    """Collects paragraphs about a record.

    Args:
        record: what is told of.
        width: columns of the page.
    """

    def __init__(self, record: Record, width: int) -> None:
        self.record = record
        self.criteria = {criterion["id"]: criterion for criterion in record["criteria"]}
        self.requirements = {requirement["id"]: requirement for requirement in record["requirements"]}
        self._facts = {fact["id"]: fact for fact in record["facts"]}
        self._sources = {source["name"]: source for source in record["sources"]}
        self._waivers = {waiver["id"]: waiver for waiver in record["waivers"]}
        self._width = width
        self._told: set[str] = set()
        self._lines: list[str] = []

    def text(self) -> str:
        """Everything that was told."""
        return "\n".join(self._lines).strip("\n") + "\n"

    def title(self, name: str, sign: Sign) -> None:
        """The first line: what is told of, and its verdict."""
        self._lines.append(visible(f"{sign.mark} {name}: {sign.word}"))

    def gate_title(self, gate: GateEntry) -> None:
        """The first line of a gate's story."""
        label = gate_label(gate["id"])
        self.title(f"{label[:1].upper()}{label[1:]}, {gate['title']}", state_sign(gate["state"]))

    def heading(self, text: str) -> None:
        """A first line without a verdict."""
        self._lines.append(visible(text))

    def paragraph(self, text: str, indent: str = "") -> None:
        """A paragraph with a blank line before it, unless it is a part of an indented block."""
        if not indent:
            self.gap()
        self._wrapped(text, indent, indent)

    def item(self, mark: str, text: str) -> None:
        """A paragraph that hangs on a mark."""
        self._wrapped(text, f"{mark} ", INDENT)

    def gap(self) -> None:
        """A blank line."""
        self._lines.append("")

    def _wrapped(self, text: str, first: str, then: str) -> None:
        lines = textwrap.wrap(
            held(visible(text)),
            self._width,
            initial_indent=first,
            subsequent_indent=then,
            break_on_hyphens=False,
        )
        self._lines += [released(line) for line in lines]

    def rank(self, requirement: RequirementEntry) -> int:
        """Where a requirement stands among its siblings, the worst first."""
        verdict = requirement["verdict"]
        return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else 0

    def requirement(self, requirement: RequirementEntry, whole: bool) -> None:
        """What is required, what was found, and from what; in one line where there is little to say."""
        if not whole:
            self._briefly(requirement)
            return
        self.gap()
        fact = self._facts[requirement["fact"]]
        sign = verdict_sign(requirement["verdict"])
        required = f"Required: {bound_said(requirement)}."
        self.item(sign.mark, f"{asked_title(requirement, fact)}. {required} {_found(requirement)}")
        self._outcome(requirement)
        how = "Attested" if fact["kind"] == ATTESTED else "Measured"
        self.paragraph(f"{how} as {fact['id']} from {_rows(fact)}.", INDENT)
        self._origin(fact)
        self._attested(fact)
        self.paragraph(f"The rule stands at {requirement['at']}.", INDENT)

    def _briefly(self, requirement: RequirementEntry) -> None:
        fact = self._facts[requirement["fact"]]
        self.item(
            verdict_sign(requirement["verdict"]).mark,
            f"{asked_title(requirement, fact)} {bound_shown(requirement)}: {requirement['observed']}, "
            f"from {_rows(fact)}; {requirement['at']}.",
        )

    def origins(self, requirements: Sequence[RequirementEntry]) -> None:
        """Where the facts of requirements come from and how they are counted, each told once."""
        for requirement in requirements:
            fact = self._facts[requirement["fact"]]
            self._origin(fact, f"{fact['title']}, how it is counted")
            self._attested(fact)

    def _outcome(self, requirement: RequirementEntry) -> None:
        verdict, margin, distance = requirement["verdict"], requirement["margin"], requirement["distance"]
        if verdict in _HELD:
            by = f", {_margin(margin)}" if margin else ""
            says = f"{_HELD[verdict]}{by}."
        else:
            says = f"The verdict is {verdict_sign(verdict).word.lower()}: {requirement['reason']}."
        to = f" {_distance(distance, verdict)}" if distance else ""
        self.paragraph(f"{says}{to}", INDENT)
        waiver = self._waivers.get(requirement["waiver"] or "")
        if waiver is not None:
            floor = f" It covers nothing worse than {waiver['floor']}." if waiver["floor"] else ""
            start = first_day_shown(waiver, self.record)
            last = up_to(waiver["end"], zone_of(self.record))
            self.paragraph(
                f"Waiver {waiver['id']}, asked for by {waiver['requester']} and granted by "
                f"{waiver['approver']}, covers {listed(waiver['covers'])} from {start} "
                f"{last}; {waiver['risk_owner']} carries the risk.{floor} "
                f"Its reason: {waiver['why']}",
                INDENT,
            )

    def requirement_line(self, requirement: RequirementEntry) -> None:
        """A requirement in one line."""
        fact = self._facts[requirement["fact"]]
        sign = verdict_sign(requirement["verdict"])
        self.item(
            sign.mark,
            f"{requirement['id']}: {fact_title(fact)} {bound_shown(requirement)}, "
            f"found {requirement['observed']} ({requirement['at']})",
        )

    def facts(self, facts: Sequence[FactEntry]) -> None:
        """Facts of one measure by themselves: their values, and where they come from."""
        self.gap()
        for fact in facts:
            present = fact["status"] == "present"
            state = "" if present else f"; {fact['status'].replace('_', ' ')}: {fact['reason']}"
            mark = "·" if present else verdict_sign(fact["status"]).mark
            self.item(mark, f"{fact['id']} is {_value(fact)}, from {_rows(fact)}{state}.")
            if present and (cause := cause_told(fact)) is not None:
                self.paragraph(f"{cause}.", INDENT)
        for fact in facts:
            self._origin(fact)
            self._attested(fact)

    def _origin(self, fact: FactEntry, lead: str = "How it is counted") -> None:
        """The sources of a fact and its measure's note, each of them only the first time."""
        for name in fact["sources"]:
            if name in self._sources and name not in self._told:
                self._told.add(name)
                self.paragraph(_source(self._sources[name]), INDENT)
        if fact["note"] and fact["note"] not in self._told:
            self._told.add(fact["note"])
            self.paragraph(f"{lead}: {fact['note']}", INDENT)
        clauses = clauses_said(self.record, fact)
        if clauses and (told := f"It counts {'; '.join(clauses)}.") not in self._told:
            self._told.add(told)
            self.paragraph(told, INDENT)

    def _attested(self, fact: FactEntry) -> None:
        for said in attestations_said(self.record, fact["id"]):
            self.paragraph(said, INDENT)

    def criterion_line(self, criterion: CriterionEntry) -> None:
        """A criterion in one line, with what is wrong."""
        sign = verdict_sign(criterion["verdict"])
        own = [self.requirements[each] for each in criterion["requirements"]]
        wrong: dict[str, list[str]] = {}
        for each in own:
            if each["verdict"] == criterion["verdict"] != "pass":
                title = asked_title(each, self._facts[each["fact"]])
                wrong.setdefault(each["reason"], []).append(title)
        level = "" if criterion["enforcement"] == "hard" else f" ({criterion['enforcement']})"
        self._lines.append("")
        self.item(sign.mark, f"{criterion['id']}{level}, {sign.word}: {criterion['text']}.")
        for reason, titles in wrong.items():
            more = f" and {counted(len(titles) - 1, 'other')}" if len(titles) > 1 else ""
            self.paragraph(f"{titles[0]}{more}: {reason}.", INDENT)

    def gate_reasons(self, gate: GateEntry) -> None:
        """Own reasons, then what the gates before it hand down, then what it rests on."""
        own = [reason for reason in gate["reasons"] if reason["kind"] in ("criterion", "empty")]
        inherited = [reason for reason in gate["reasons"] if reason["kind"] == "gate"]
        if not gate["reasons"]:
            self.paragraph("Everything that it needs passes.")
        if own:
            self.paragraph(f"By itself it {state_sign(gate['own']).verb[0]}:")
        for reason in own:
            sign = verdict_sign(reason["verdict"])
            self.item(sign.mark, f"{reason['id']}, {sign.word}: {reason['text']}.")
        if inherited:
            by_itself = "" if own else "By itself it would be open. "
            self.paragraph(f"{by_itself}From the gates before it, it inherits:")
        for reason in inherited:
            self.item(state_sign(reason["verdict"]).mark, f"{reason['text']}.")
        if gate["waivers"]:
            rests = counted(len(gate["waivers"]), "waiver")
            self.paragraph(f"It rests on {rests}, for {listed(gate['waivers'])}.")
        for reason in gate["reasons"]:
            if reason["kind"] == "waivers":
                self.paragraph(f"That is too many: {reason['text']}.")

    def footer(self, *, saved: bool) -> None:
        """Which run this is told of, and under which rules it was decided.

        Args:
            saved: whether it was decided by an earlier command; its record has no number, only a ledger has.
        """
        record, pack = self.record, self.record["pack"]
        of = "told from a saved record" if saved else "decided just now and not kept"
        self.paragraph(f"{kind_line(record)}, as of {record['as_of']}: {of}.")
        under = f"pack {pack['id']} version {pack['version']} ({digest_start(pack['digest'])})"
        self._wrapped(f"Under {under}.", "", "")


def _found(requirement: RequirementEntry) -> str:
    observed = requirement["observed"]
    return "Nothing could be found." if observed == "no value" else f"Found: {observed}."


def _value(fact: FactEntry) -> str:
    return f"{fact['counted']} = {fact['shown']}" if fact["counted"] else fact["shown"]


def _rows(fact: FactEntry) -> str:
    if fact["kind"] == ATTESTED:
        return attested_from(fact)
    told = "undetermined" in fact  # beside the value it stands which cells are empty in how many rows
    nulls = f", {fact['nulls']:,} with a missing operand" if fact["nulls"] and not told else ""
    newest = f", the newest of {fact['newest']}" if fact["newest"] else ""
    age = f" (at most {counted(fact['max_age_days'], 'day')} old)" if fact["max_age_days"] else ""
    sources = listed(fact["sources"]) or "other facts"
    return f"{counted(fact['rows'], 'row')} of {sources}{nulls}{newest}{age}"


def _source(source: SourceEntry) -> str:
    if source["status"] != "ok":
        return f"Source {source['name']} can not be used: {source['reason']}."
    files = list(source["files"])
    shown = listed(files) if len(files) < 3 else f"{files[0]} and {len(files) - 1:,} more files"
    total = _TOTALS[source["complete"]]
    rows = counted(source["rows"], "row")
    there = "".join(f" It was {each}." for each in source_remarks(source))
    return f"Source {source['name']}: {shown}, {rows}, {digest_start(source['digest'])}{total}.{there}"


def _margin(margin: str) -> str:
    if " to " in margin:
        return f"with a margin of {margin}"
    if margin.startswith("-"):
        return f"{margin[1:]} short" if "point" in margin else f"{margin[1:]} on the wrong side"
    return (
        "exactly at the limit" if margin.lstrip("+").split(" ")[0] == "0" else f"with {margin[1:]} to spare"
    )


def _distance(distance: str, verdict: str) -> str:
    return f"It has {distance}." if verdict == "pass" else f"To pass, {distance}."
