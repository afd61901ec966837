"""JUnit XML, as pytest's own schema (junit-10.xsd, ``xunit2``) has it: a criterion is a test.

Where all rules stand in the project file, and one criterion holds them all, each requirement is a test: who
asks for ten things sees ten. A point is a suite; targets and gates are one each, and gates come first, for
some readers cut what is long. Only a pass is a plain test case: whatever else there is carries a
``failure``, an ``error`` or a ``skipped``. ``group`` tells how a criterion is enforced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from phasegate.reports.terminal.gates import OVERDUE, overdue_said
from phasegate.reports.text.dates import day
from phasegate.reports.text.labels import known_verdict
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.sentences import own_rules, without_pack
from phasegate.reports.text.summaries import (
    criterion_account,
    criterion_lines,
    gate_account,
    gate_lines,
    requirement_account,
    requirement_lines,
    unexplained,
    waived_because,
    waiver_account,
    waivers_counted,
)
from phasegate.reports.text.vouched import attestation_account

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry, RequirementEntry
    from phasegate.reports.report import Report

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no document of XML 1.0 may hold, not even as a reference."""


class Case(NamedTuple):
    """A test case; ``mark`` is None where it passed, or else the element that says what it did.

    ``of`` is its class, where that is not its suite.
    """

    name: str
    group: str
    mark: str | None = None
    kind: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()
    of: str | None = None


def render(report: Report) -> str:
    """The record as test suites."""
    record = report.record
    as_of = record["as_of"]
    suites: list[ET.Element] = []
    why = unexplained(report)
    if why is not None:
        suites.append(suite("run", [Case("outcome", "run", "error", record["outcome"], why)], as_of))
    gates = [_gate(report, each) for each in record["gates"]]
    suites.append(suite("gates", gates, as_of, _provenance(report)))
    of_point: dict[str | None, list[CriterionEntry]] = {each["id"]: [] for each in record["points"]}
    for criterion in record["criteria"]:
        of_point.setdefault(criterion["point"], []).append(criterion)
    targets = of_point.pop(None, [])
    tests = _requirements if without_pack(record) and own_rules(record) else _criterion
    for point in record["points"]:
        told = {"title": point["title"], "area": point["area"], "section": point["section"]}
        cases = [case for each in of_point[point["id"]] for case in tests(report, each)]
        suites.append(suite(point["id"], cases, as_of, told))
    cases = [case for each in targets for case in _criterion(report, each)]
    suites.append(suite("targets", cases, as_of))
    return document(record["title"], suites)


def document(title: str, suites: Iterable[ET.Element]) -> str:
    """A whole document of suites."""
    whole = ET.Element("testsuites", name=_xml(title))
    whole.extend(suites)
    for count in ("tests", "failures", "errors"):
        whole.set(count, str(sum(int(each.get(count, "0")) for each in whole)))
    ET.indent(whole)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(whole, encoding="unicode") + "\n"


def _criterion(report: Report, criterion: CriterionEntry) -> list[Case]:
    case = Case(criterion["id"], criterion["enforcement"])
    if criterion["verdict"] == "pass":
        return [case]
    lines = tuple(criterion_lines(report, criterion))
    why = waived_because(report, criterion) if criterion["verdict"] == "waived" else ""
    return [_marked(case, criterion["verdict"], criterion_account(report, criterion), why, lines)]


def _requirements(report: Report, criterion: CriterionEntry) -> list[Case]:
    """Each requirement of a criterion as a test of its own, whose class is the criterion."""
    return [_requirement(report, criterion, each) for each in report.of(criterion)]


def _requirement(report: Report, criterion: CriterionEntry, requirement: RequirementEntry) -> Case:
    case = Case(requirement["id"], criterion["enforcement"], of=criterion["id"])
    if requirement["verdict"] == "pass":
        return case
    waiver = report.waivers.get(requirement["waiver"] or "")
    why = waiver_account(report, waiver) if waiver is not None else requirement["reason"]
    lines = tuple(requirement_lines(report, requirement))
    return _marked(case, requirement["verdict"], requirement_account(report, requirement), why, lines)


def _marked(plain: Case, verdict: str, said: str, waived: str, lines: tuple[str, ...]) -> Case:
    """A test that did not simply pass."""
    if plain.group == "advisory":
        return plain._replace(mark="skipped", kind="advisory", message=f"advisory: {verdict}", lines=lines)
    if verdict == "fail":
        return plain._replace(mark="failure", kind=verdict, message=said, lines=lines)
    if verdict == "waived":
        return plain._replace(mark="skipped", kind=verdict, message=f"waived: {waived}", lines=lines)
    if verdict == "not_applicable":
        return plain._replace(mark="skipped", kind=verdict, message=f"does not apply: {said}", lines=lines)
    return plain._replace(mark="error", kind=known_verdict(verdict), message=said, lines=lines)


def _gate(report: Report, gate: GateEntry) -> Case:
    state, plain = gate["state"], Case(gate["id"], "gate")
    late = report.overdue.get(gate["id"])
    told = (*gate_lines(gate), *((f"{OVERDUE} {overdue_said(late)}",) if late is not None else ()))
    if state == "open":
        return plain
    if state == "open_with_waivers":
        said = f"open with {waivers_counted(gate)}"
        return plain._replace(mark="skipped", kind=state, message=said, lines=told)
    mark = "failure" if state == "closed" else "error"
    return plain._replace(mark=mark, kind=state, message=gate_account(gate), lines=told)


def _provenance(report: Report) -> dict[str, str | None]:
    record, pack = report.record, report.record["pack"]
    return {
        "run": run_line(record, report.kept),
        "outcome": record["outcome"],
        "as_of": record["as_of"],
        "pack": f"{pack['id']} {pack['version']}",
        "pack_digest": pack["digest"],
        "record_digest": report.digest,
        **_vouched(report),
    }


def _vouched(report: Report) -> dict[str, str | None]:
    """Who vouches for what passes or is excused, which a test that passed has no place for."""
    used = [each for each in report.record["waivers"] if each["standing"] == "used"]
    return {
        **{f"waiver of {each['requirement']}": waiver_account(report, each) for each in used},
        **{
            f"attestation of {fact}": attestation_account(each, report.record)
            for fact, each in report.attestations.items()
        },
    }


def suite(
    name: str, cases: Iterable[Case], as_of: str | None = None, told: Mapping[str, str | None] | None = None
) -> ET.Element:
    """A suite of test cases.

    Args:
        name: its name.
        cases: the cases.
        as_of: the day for which they hold.
        told: what else is told of it.
    """
    found = list(cases)
    marks = [each.mark for each in found]
    made = ET.Element(
        "testsuite",
        name=_xml(name),
        tests=str(len(found)),
        failures=str(marks.count("failure")),
        errors=str(marks.count("error")),
        skipped=str(marks.count("skipped")),
        time="0",
    )
    date = day(as_of) if as_of is not None else None
    if date:
        made.set("timestamp", f"{date}T00:00:00")
    properties = [(key, value) for key, value in (told or {}).items() if value]
    if properties:
        inner = ET.SubElement(made, "properties")
        for key, value in properties:
            ET.SubElement(inner, "property", name=_xml(key), value=_xml(value))
    for case in found:
        made.append(_case(name, case))
    return made


def _case(suite: str, case: Case) -> ET.Element:
    element = ET.Element(
        "testcase", classname=_xml(case.of or suite), name=_xml(case.name), time="0", group=_xml(case.group)
    )
    if case.mark is not None:
        mark = ET.SubElement(element, case.mark, type=_xml(case.kind), message=_xml(case.message))
        mark.text = _xml("\n".join(case.lines)) or None
    return element


def _xml(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
