"""The other tables of the report in Markdown: points, targets, counts, and what needs looking after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.records.time_zone import zone_of
from phasegate.reports.markdown.text import Sheet, broken, code, row, signed, text
from phasegate.reports.terminal.matrix import MOST_COLUMNS
from phasegate.reports.text.dates import last_day
from phasegate.reports.text.labels import VERDICTS, known_verdict, verdict_sign
from phasegate.reports.text.plain import digest_start
from phasegate.reports.text.violations import BrokenClause, broken_clauses
from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import AttestationEntry, CriterionEntry, Record, SourceEntry
    from phasegate.reports.report import Report

_SHOWN = 4
"""How many broken clauses of one source are listed."""


def advisory(report: Report, sheet: Sheet, mark: int) -> None:
    """Advisory criteria of points that do not pass."""
    found = [
        each
        for each in report.record["criteria"]
        if each["enforcement"] == "advisory" and each["point"] and each["verdict"] not in SETTLED
    ]
    lines = (
        (1, [signed(verdict_sign(each["verdict"])), code(each["id"]), text(each["text"])]) for each in found
    )
    heads = ["Advisory", "Criterion", "Text"]
    sheet.table("Advisory, closing no gate", heads, lines, mark, len(found), "advisory criteria")


def sources(report: Report, sheet: Sheet, mark: int) -> None:
    """Sources that are absent or broken, with the clauses that rows break."""
    found = [each for each in report.record["sources"] if each["status"] != "ok" or each["breaches"]]
    heads = ["State", "Source", "Why"]
    lines = ((1, _source(each)) for each in found)
    sheet.table("Sources in trouble", heads, lines, mark, len(found), "sources")


def _source(source: SourceEntry) -> list[str]:
    state = "! absent" if source["status"] == "absent" else "! ERROR"
    clauses = broken_clauses(source)
    more = [f"and {len(clauses) - _SHOWN:,} more"] if len(clauses) > _SHOWN else []
    told = [line for clause in clauses[:_SHOWN] for line in _clause(clause)]
    why = broken([text(source["reason"]), *told, *more])
    return [state, code(source["name"]), why]


def _clause(each: BrokenClause) -> list[str]:
    help_ = f"help: {each.hint}" if each.hint else ""
    return [*map(text, (each.clause, *each.cells)), each.more or "", text(help_)]


def idle_waivers(report: Report, sheet: Sheet, mark: int) -> None:
    """Waivers that cover nothing: expired, revoked, unused."""
    found = [each for each in report.record["waivers"] if each["standing"] not in ("used", "out_of_scope")]
    lines = (
        (
            1,
            [
                code(each["id"]),
                text(each["standing"].replace("_", " ")),
                code(each["requirement"]),
                text(each["reason"]),
            ],
        )
        for each in found
    )
    heads = ["Waiver", "Standing", "Requirement", "Why"]
    sheet.table("Waivers that cover nothing", heads, lines, mark, len(found), "waivers")


def attested(report: Report, sheet: Sheet, mark: int) -> None:
    """Attestations that answer a fact: who signed them, on what evidence, and their last day."""
    found, zone = list(report.attestations.values()), zone_of(report.record)
    lines = (
        (
            1,
            [
                code(each["id"], 100),
                broken([code(each["fact"], 100), text(each["value"], 100)]),
                text(f"{each['signer'] or 'nobody who may'} as {each['role']}"),
                _evidence(each),
                text(last_day(each["end"], zone) or each["end"][:10]),
            ],
        )
        for each in found
    )
    heads = ["Attestation", "States", "Signed by", "Evidence", "Last day"]
    sheet.table("Attested", heads, lines, mark, len(found), "attestations")


def _evidence(attestation: AttestationEntry) -> str:
    files = attestation["evidence"].items()
    return broken([f"{text(name, 100)} {code(digest_start(digest))}" for name, digest in files])


def points(report: Report, sheet: Sheet, mark: int) -> None:
    """Points by kinds of criteria as signs; with too many kinds, the verdict of each point alone."""
    found = report.record["points"]
    kinds = list(dict.fromkeys(_kind(each) for point in found for each in point["criteria"]))
    if len(found) < 2:
        return
    shown = kinds if len(kinds) <= MOST_COLUMNS else []
    heads = ["Point", "Title", *(text(kind, 60) for kind in shown), "all", "Gates"]
    sheet.table("Points", heads, _points(report, shown), mark, len(found), "points")
    sheet.add("", "  ".join(f"{text(sign.mark)} {sign.word}" for sign in VERDICTS.values()))


def _points(report: Report, kinds: list[str]) -> Iterator[tuple[int, list[str]]]:
    for point in report.record["points"]:
        own = {
            _kind(each): text(verdict_sign(report.criteria[each]["verdict"]).mark)
            for each in point["criteria"]
        }
        mark = text(verdict_sign(point["verdict"]).mark)
        cells = [own.get(kind, "") for kind in kinds]
        yield (
            1,
            [
                code(point["id"], 100),
                text(point["title"], 100),
                *cells,
                mark,
                text(", ".join(point["phases"]) or "programme", 60),
            ],
        )


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]


def targets(report: Report, sheet: Sheet, mark: int) -> None:
    """Success targets, KPIs and values; advisory ones say so."""
    found = [each for each in report.record["criteria"] if each["point"] is None]
    heads = ["Verdict", "Target", "Text", "Found", "Margin"]
    lines = ((1, _target(report, each)) for each in found)
    sheet.table("Targets", heads, lines, mark, len(found), "targets")


def _target(report: Report, target: CriterionEntry) -> list[str]:
    own = report.of(target)
    beside = " (advisory)" if target["enforcement"] == "advisory" else ""
    found = "; ".join(each["observed"].rpartition(" = ")[2] for each in own)
    margin = "; ".join(each["margin"] or "" for each in own)
    sign = signed(verdict_sign(target["verdict"]))
    return [sign, code(target["id"]), f"{text(target['text'])}{beside}", text(found), text(margin)]


def counts(record: Record) -> list[str]:
    """The lines of a table: how many criteria and requirements have which verdict, worst first."""
    told = [
        row(["Verdict", "Criteria", "of these advisory", "Requirements"]),
        row(["---", "---:", "---:", "---:"]),
    ]
    asked = Counter(known_verdict(each["verdict"]) for each in record["requirements"])
    all_, advisory = Counter[str](), Counter[str]()
    for each in record["criteria"]:
        all_[known_verdict(each["verdict"])] += 1
        advisory[known_verdict(each["verdict"])] += each["enforcement"] == "advisory"
    for word, sign in VERDICTS.items():
        if all_[word] or asked[word]:
            told.append(row([signed(sign), f"{all_[word]:,}", f"{advisory[word]:,}", f"{asked[word]:,}"]))
    return told
