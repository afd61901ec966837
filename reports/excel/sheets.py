"""What stands on each sheet of the workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from phasegate.reports.excel.workbook import MOST_DIGITS, Cell, is_number
from phasegate.reports.terminal.gates import OVERDUE, gates_shown, overdue_said, reasons
from phasegate.reports.text.labels import STATES, VERDICTS, known_verdict, state_sign, verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.provenance import approval_line, kind_line, run_line, source_remarks
from phasegate.reports.text.sentences import criterion_counts, outcome_line, own_rules
from phasegate.reports.text.verdict_rows import COLUMNS, rows, told_id
from phasegate.reports.text.violations import broken_clauses
from phasegate.rules.values.units import PERCENT

if TYPE_CHECKING:
    from phasegate.records.overdue import Overdue
    from phasegate.records.schema import (
        AttestationEntry,
        GateEntry,
        PointEntry,
        Record,
        SourceEntry,
        WaiverEntry,
    )
    from phasegate.reports.excel.workbook import Sheets
    from phasegate.reports.report import Report

_MOST_KINDS = 40
"""With more kinds of criteria than this, a matrix is no longer read at a glance: a list it is then."""
_NONE = Cell("")
_SUMMARY = ("What", "State", "Says", "Pass", "Pass with waivers", "Apply")
_WAIVERS = (
    "Waiver", "Standing", "Requirement", "Reason", "Why", "Risk owner", "Requester", "Approver", "Signer",
    "Covers", "Floor", "Start", "End", "Granted", "Revoked", "Pack digest",
)  # fmt: skip
_ATTESTATIONS = (
    "Attestation", "Standing", "Fact", "Statement", "Value", "Signer", "Role", "Signed", "Start", "End",
    "Revoked", "Evidence", "Evidence digests", "Reason", "Comment",
)  # fmt: skip
_COMPARED = ("value", "value_low", "value_high", "limit_value", "limit_low", "limit_high")
_MARGINS = ("margin_value", "margin_low", "margin_high")
_SHORT = Context(prec=MOST_DIGITS, rounding=ROUND_HALF_UP)
_DATES = frozenset({"Start", "End", "Granted", "Revoked", "Signed"})
_SOURCES = (
    "Source", "Status", "Reason", "Rows", "Rows in force", "Complete", "Breaches", "Read from", "Digest",
)  # fmt: skip


def summary(report: Report, sheets: Sheets) -> None:
    """The outcome, the gates, how many criteria have which verdict, and what the report rests on."""
    sheets.table("Summary", _SUMMARY, _summary(report))


def _summary(report: Report) -> Iterator[list[Cell]]:
    record = report.record
    yield _line("Outcome", _state(record["outcome"]), outcome_line(record, report.ended_with, report.strict))
    for gate in gates_shown(record, report.overdue):
        yield [*_line(*_gate(gate, report.overdue.get(gate["id"])))[:3], *_numbers(*_score(gate))]
    yield from _counts(record)
    yield _line("Counts", _NONE, criterion_counts(record))
    yield _line("Title", _NONE, record["title"])
    yield _line("Kind", _NONE, kind_line(record))
    yield [Cell("As of"), _NONE, Cell(record["as_of"], kind="date"), _NONE, _NONE, _NONE]
    yield _line("Run", _NONE, run_line(record, report.kept))
    yield _line("Rules", _NONE, f"{record['pack']['title']}, version {record['pack']['version']}")
    yield _line("Approval", _NONE, approval_line(record))
    for each in record["disagreements"]:
        says = f"{each.get('id')}: inferred {each.get('inferred')}, evaluated {each.get('evaluated')}"
        yield _line("The engines disagree", _verdict("error"), says)
    yield _line("Pack digest", _NONE, record["pack"]["digest"])
    yield _line("Record digest", _NONE, report.digest or "none")
    if report.kept is not None:
        yield _line("Kept as run", _NONE, f"{report.kept.run} in {report.kept.name}")
        yield _line("Checkpoint", _NONE, report.kept.checkpoint)


def _counts(record: Record) -> Iterator[list[Cell]]:
    """How many criteria have which verdict; of a project's own rules, how many requirements."""
    if own_rules(record):
        told = Counter(each["verdict"] for each in record["requirements"])
        for word in dict.fromkeys([*VERDICTS, *told]):
            yield _line("Requirements", _verdict(word), counted(told[word], "requirement"))
        return
    for word in dict.fromkeys([*VERDICTS, *(each["verdict"] for each in record["criteria"])]):
        found = [each for each in record["criteria"] if each["verdict"] == word]
        advisory = sum(each["enforcement"] == "advisory" for each in found)
        says = counted(len(found), "criterion", "criteria")
        yield _line("Criteria", _verdict(word), f"{says}, {advisory:,} advisory" if advisory else says)


def _line(what: str, state: Cell, says: str) -> list[Cell]:
    return [Cell(what), state, Cell(says), _NONE, _NONE, _NONE]


def _gate(gate: GateEntry, late: Overdue | None) -> tuple[str, Cell, str]:
    name = "Programme gate" if gate["id"] == "programme" else f"Gate {gate['id']}"
    told = [] if late is None else [f"{OVERDUE} {overdue_said(late)}"]
    says = "; ".join([*told, *(text for _, text in reasons(gate))])
    return name, _state(gate["state"]), f"{gate['title']}: {says}" if says else gate["title"]


def _score(gate: GateEntry) -> tuple[int, int, int]:
    score = gate["score"]
    return score["passing"], score["passing_with_waivers"], score["apply"]


def _numbers(*numbers: int) -> list[Cell]:
    return [Cell(str(each), kind="number") for each in numbers]


def _verdict(word: str) -> Cell:
    sign = verdict_sign(word)
    return Cell(f"{sign.mark} {sign.word}", known_verdict(word))


def _state(word: str) -> Cell:
    sign = state_sign(word)
    return Cell(f"{sign.mark} {sign.word}", word if word in STATES else "unknown")


def criteria(report: Report, sheets: Sheets) -> None:
    """Points by kinds of criteria, each cell a colour and a word; targets below the points."""
    kinds = list(
        dict.fromkeys(_kind(each) for point in report.record["points"] for each in point["criteria"])
    )
    if len(kinds) > _MOST_KINDS:
        heads = ["Area", "Point", "Title", "Gates", "Criterion", "Verdict"]
        sheets.table("Criteria", heads, _criteria_listed(report))
    else:
        heads = ["Area", "Point", "Title", "Gates", "Verdict", *kinds, "target"]
        sheets.table("Criteria", heads, _matrix(report, kinds))


def _matrix(report: Report, kinds: list[str]) -> Iterator[list[Cell]]:
    for point in report.record["points"]:
        own = {_kind(each): _verdict(report.criteria[each]["verdict"]) for each in point["criteria"]}
        cells = [own.get(kind, _NONE) for kind in kinds]
        yield [*_point(report, point), _verdict(point["verdict"]), *cells, _NONE]
    for target in _targets(report):
        blank = [_NONE] * (len(kinds) + 1)
        yield [Cell("targets"), *map(Cell, target[:2]), _NONE, *blank, _verdict(target[2])]


def _criteria_listed(report: Report) -> Iterator[list[Cell]]:
    for point in report.record["points"]:
        for each in point["criteria"]:
            yield [*_point(report, point), Cell(each), _verdict(report.criteria[each]["verdict"])]
    for name, text, verdict in _targets(report):
        yield [Cell("targets"), _NONE, Cell(text), _NONE, Cell(name), _verdict(verdict)]


def _targets(report: Report) -> Iterator[tuple[str, str, str]]:
    for each in report.record["criteria"]:
        if each["point"] is None:
            beside = " (advisory)" if each["enforcement"] == "advisory" else ""
            yield each["id"], f"{each['text']}{beside}", each["verdict"]


def _point(report: Report, point: PointEntry) -> list[Cell]:
    area = point["area"] or ""
    name = f"{area}  {report.record['areas'].get(area, '')}".strip()
    gates = ", ".join(told_id("phase", each) for each in point["phases"])
    return [Cell(name), Cell(told_id("point", point["id"])), Cell(point["title"]), Cell(gates)]


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]


def requirements(report: Report, sheets: Sheets) -> None:
    """The table of the CSV; numbers and dates are such, and verdicts are coloured."""
    lines = ([_requirement(name, row) for name in COLUMNS] for row in map(_with_short_numbers, rows(report)))
    sheets.table("Requirements", tuple(COLUMNS), lines)


def _with_short_numbers(row: dict[str, str]) -> dict[str, str]:
    """A row of which rounded numbers have no more digits than Excel keeps, where they stay apart so."""
    if row["rounded"] != "true":
        return row
    found = dict(row)
    for names in (_COMPARED, _MARGINS):
        told = {name: Decimal(row[name]) for name in names if is_number(row[name])}
        short = {name: _SHORT.plus(number) for name, number in told.items()}
        by_size = sorted({(told[name], short[name]) for name in told})
        if all(less < more for (_, less), (_, more) in pairwise(by_size)):
            found |= {name: f"{number:f}" for name, number in short.items()}
    return found


def _requirement(name: str, row: Mapping[str, str]) -> Cell:
    text, kind = row[name], COLUMNS[name]
    if not text:
        return _NONE
    if name in ("verdict", "criterion_verdict"):
        return Cell(text, text)
    if kind == "decimal":
        return Cell(text, kind="percent" if row["unit"] == PERCENT else "number")
    if kind in ("whole", "date"):
        return Cell(text, kind="date" if kind == "date" else "number")
    return Cell(text)


def waivers(report: Report, sheets: Sheets) -> None:
    """Every waiver that was given in, used or not, and what became of it."""
    sheets.table("Waivers", _WAIVERS, (_waiver(each) for each in report.record["waivers"]))


def _waiver(waiver: WaiverEntry) -> list[Cell]:
    texts = (
        waiver["requirement"], waiver["reason"], waiver["why"], waiver["risk_owner"], waiver["requester"],
        waiver["approver"], waiver["signer"], ", ".join(waiver["covers"]), waiver["floor"],
        waiver["start"], waiver["end"], waiver["granted"], waiver["revoked"], waiver["pack_digest"],
    )  # fmt: skip
    return _statement(told_id("waiver", waiver["id"]), waiver["standing"], "waived", texts, _WAIVERS)


def attestations(report: Report, sheets: Sheets) -> None:
    """Every attestation that was given in, whether it answers its fact or not, with its evidence."""
    lines = (_attestation(each) for each in report.record["attestations"])
    sheets.table("Attestations", _ATTESTATIONS, lines)


def _attestation(word: AttestationEntry) -> list[Cell]:
    texts = (
        word["fact"], word["statement"], word["value"], word["signer"], word["role"], word["signed"],
        word["start"], word["end"], word["revoked"], ", ".join(word["evidence"]),
        ", ".join(word["evidence"].values()), word["reason"], word["comment"],
    )  # fmt: skip
    return _statement(told_id("attestation", word["id"]), word["standing"], "pass", texts, _ATTESTATIONS)


def _statement(
    name: str, standing: str, used: str, texts: Sequence[str | None], heads: Sequence[str]
) -> list[Cell]:
    """The cells of what people have signed; ``used`` is the colour of what counts."""
    state = Cell(standing.replace("_", " "), used if standing == "used" else "")
    told = (
        Cell(text or "", kind="date" if head in _DATES else "text")
        for head, text in zip(heads[2:], texts, strict=True)
    )
    return [Cell(name), state, *told]


def sources(report: Report, sheets: Sheets) -> None:
    """Every source with its files, its digest, and the clauses that its rows break."""
    sheets.table("Sources", _SOURCES, (_source(each) for each in report.record["sources"]))


def _source(source: SourceEntry) -> list[Cell]:
    status = source["status"]
    colour = {"ok": "pass", "absent": "unknown"}.get(status, "error")
    breaches = "; ".join(": ".join([each.clause, *each.cells[:1]]) for each in broken_clauses(source))
    complete = {True: "yes", False: "NO", None: "not declared"}[source["complete"]]
    return [
        Cell(source["name"]),
        Cell(status, colour),
        Cell(source["reason"]),
        *_numbers(source["rows"], source["rows_in_force"]),
        Cell(complete),
        Cell(breaches),
        Cell("; ".join([", ".join(source["files"]), *source_remarks(source)])),
        Cell(source["digest"] or ""),
    ]
