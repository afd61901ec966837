"""Sentences that more than one report says: of bounds, facts, sources, counts and outcomes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phasegate.records.time_zone import zone_of
from phasegate.reports.text.dates import up_to
from phasegate.reports.text.labels import NOT_KEPT, STARTS, VERDICTS, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, listed, tally, visible
from phasegate.reports.text.vouched import signed_by
from phasegate.rules.model.verdict import NOT_PASSED, WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phasegate.records.schema import (
        CriterionEntry,
        FactEntry,
        GateEntry,
        Record,
        RequirementEntry,
        Score,
        WaiverEntry,
    )

_OPERATORS = {
    ">=": "at least",
    "<=": "at most",
    "==": "exactly",
    "!=": "anything but",
    ">": "more than",
    "<": "less than",
}
_NAMES = {"success": "the area's success target", "kpi": "the area's KPI"}


def bound_shown(requirement: RequirementEntry) -> str:
    """The bound as it was written, with the figure that a name in it stands for."""
    bound = visible(requirement["bound"])
    if bound in ("true", "false"):
        return f"must be {bound}"
    name = _name_in(bound)
    return f"{bound} ({visible(requirement['limit'])})" if name and requirement["limit"] else bound


def bound_said(requirement: RequirementEntry) -> str:
    """The bound in words: ``at least 95 %, the area's success target``."""
    bound = visible(requirement["bound"])
    if bound in ("true", "false"):
        return "yes" if bound == "true" else "no"
    for sign, words in _OPERATORS.items():
        if bound.startswith(sign):
            name = _name_in(bound)
            if name and requirement["limit"]:
                return f"{words} {visible(requirement['limit'])}, {_NAMES.get(name, f'the parameter {name}')}"
            return f"{words} {bound[len(sign) :].strip()}"
    return f"one of {bound[2:].strip(' []')}" if bound.startswith("in") else bound


def _name_in(bound: str) -> str | None:
    last = bound.rpartition(" ")[2].lstrip("<>=!")
    return last if last in _NAMES or last.startswith(":") else None


def fact_title(fact: FactEntry) -> str:
    """What was measured; of a ``latest`` measure also which field."""
    title = visible(fact["title"])
    if fact["kind"] != "latest":
        return title
    return f"{title}: {visible(fact['measure'].rpartition('.')[2].replace('_', ' '))}"


def asked_title(requirement: RequirementEntry, fact: FactEntry) -> str:
    """What a requirement asks of; where the data brought the slice, of which slice."""
    return f"{fact_title(fact)}{slice_asked(requirement, fact)}"


def slice_asked(requirement: RequirementEntry, fact: FactEntry) -> str:
    """`` (Microsoft)`` where the data brought the slice that a requirement asks of; empty otherwise."""
    sliced = fact["slice"] and f"[{fact['slice']}]" in requirement["id"]
    return f" ({visible(fact['slice'])})" if sliced else ""


def own_rules(record: Record) -> bool:
    """Whether requirements alone tell the story: one criterion, and none of them is an alternative."""
    if len(record["criteria"]) != 1 or len(record["gates"]) > 1:
        return False
    worst = tally((each["verdict"] for each in record["requirements"]), WORST_FIRST)[:1]
    return [word for word, _ in worst] == [record["criteria"][0]["verdict"]]


def without_pack(record: Record) -> bool:
    """Whether all rules stand in the project file: its one point is then nobody's word but ours."""
    own = "project"  # how a project's own rules are named, as a pack and as a point
    return record["pack"]["id"] == own and [each["id"] for each in record["points"]] == [own]


def counts_told(record: Record) -> tuple[str, dict[str, int]]:
    """What the counts of a report are of, and how many of these have which verdict, the worst first.

    Of a project's own rules they are requirements, as in the outcome; else criteria that count in gates.
    """
    if own_rules(record):
        told = [each["verdict"] for each in record["requirements"]]
        noun = counted(len(told), "requirement")
    else:
        told = [each["verdict"] for each in binding(record)]
        noun = counted(len(told), "criterion", "criteria")
    return noun, dict(tally(told, WORST_FIRST))


def binding(record: Record) -> list[CriterionEntry]:
    """The criteria and targets that count in gates."""
    return [criterion for criterion in record["criteria"] if criterion["enforcement"] != "advisory"]


def how_many(verdicts: Iterable[str], noun: str = "criterion", nouns: str = "criteria") -> str:
    """``2 criteria fail, 1 is unknown``, worst first, of verdicts that keep a gate shut.

    Args:
        verdicts: the verdicts of all that is counted.
        noun: what they are verdicts of; empty where the sentence has said it.
        nouns: its plural.
    """
    parts: list[str] = []
    for verdict, number in tally(verdicts, NOT_PASSED):
        subject = counted(number, noun, nouns) if noun and not parts else f"{number:,}"
        parts.append(f"{subject} {VERDICTS[verdict].verb[number != 1]}")
    return ", ".join(parts)


def cycle_line(record: Record) -> str | None:
    """The cycle that was decided, and in which of its weeks; None where there is none."""
    cycle = record["cycle"]
    if not cycle:
        return None
    name, start = cycle.get("id"), str(cycle.get("start"))
    try:
        days = (dt.date.fromisoformat(record["as_of"]) - dt.date.fromisoformat(start)).days
    except ValueError:
        return f"cycle {name}, begun {start}"
    return (
        f"cycle {name}, week {days // 7 + 1}, begun {start}" if days >= 0 else f"cycle {name}, begins {start}"
    )


def outcome_line(record: Record, code: int | None, strict: bool = False) -> str:
    """The last line: the gate's or the check's verdict, and why.

    Args:
        record: what is told.
        code: the exit code that the command ends with; None where it ends with none of a verdict.
        strict: whether open with waivers was taken for closed.
    """
    ended = "" if code is None else f" Exit code {code}."
    told = f"{_subject(record)} {_outcome(record, strict)}"
    return f"{STARTS}: {told} {NOT_KEPT}{ended}" if "what_if" in record else f"{told}{ended}"


def supposed_line(record: Record) -> str | None:
    """What a what-if supposes, in a sentence; None of what was decided.

    ``What if close_days were 7 and not 5 and no waiver counted? Nothing is decided by this.``
    """
    if "what_if" not in record:
        return None
    entry = record["what_if"]
    told = [
        f"{visible(each['id'])} were {visible(each['now'])} and not {visible(each['was'])}"
        for each in entry["rules"]
    ]
    told += ["no waiver counted"] if entry["without_waivers"] else []
    return f"{STARTS} {listed(told)}? Nothing is decided by this."


def _subject(record: Record) -> str:
    if record["kind"] == "check":
        return state_sign(record["outcome"]).word + ":"
    asked = record["scope"][0] if record["scope"] else "?"
    name = "The programme gate" if asked == "programme" else f"Gate {visible(asked)}"
    return f"{name} is {state_sign(record['outcome']).word}:"


def _outcome(record: Record, strict: bool) -> str:
    outcome = record["outcome"]
    if outcome == "open":
        return f"{_all_pass(record)}."
    if outcome == "open_with_waivers":
        used = sum(requirement["verdict"] == "waived" for requirement in record["requirements"])
        says = f"everything that applies passes or is waived ({counted(used, 'waiver')})."
        return f"{says} --strict takes no waivers." if strict else says
    if outcome == "nothing":
        return "the scope holds no criterion that counts."
    gate = asked_gate(record)
    if gate is not None:
        return f"{gate_reason(gate)}."
    found = _verdicts(record)
    if found:
        return f"{found}{'; nothing fails' if outcome == 'undecided' else ''}."
    gates = [gate_label(each["id"]) for each in record["gates"] if each["state"] == outcome]
    return f"{listed(gates) or 'nothing'} could not be opened."


def _verdicts(record: Record) -> str:
    if own_rules(record):
        verdicts = [requirement["verdict"] for requirement in record["requirements"]]
        return how_many(verdicts, "requirement", "requirements")
    return how_many(criterion["verdict"] for criterion in binding(record))


def _all_pass(record: Record) -> str:
    if own_rules(record):
        number = len(record["requirements"])
        return "the requirement holds" if number == 1 else f"all {number:,} requirements hold"
    apply = record["score"]["apply"]
    return "the criterion passes" if apply == 1 else f"all {apply:,} criteria that apply pass"


def asked_gate(record: Record) -> GateEntry | None:
    """The gate that a run was asked for; None for a check."""
    if record["kind"] != "gate" or not record["scope"]:
        return None
    return next((gate for gate in record["gates"] if gate["id"] == record["scope"][0]), None)


def risk_said(waiver: WaiverEntry, record: Record) -> str:
    """Who carries the risk of a waiver of a record, until when, down to what value, and who signed it."""
    floor = f", not below {visible(waiver['floor'])}" if waiver["floor"] else ""
    until = f"{up_to(waiver['end'], zone_of(record))}{floor}{signed_by(waiver)}"
    return f"{visible(waiver['risk_owner'])} carries the risk {until}"


def gate_name(gate: GateEntry, gap: str = "  ") -> str:
    """``1  Launch``, or the title alone of the programme's gate."""
    return gate["title"] if gate["id"] == "programme" else f"{gate['id']}{gap}{gate['title']}"


def passing(score: Score, what: str = "") -> str:
    """``1,847 of 2,000, 3 waived``; ``what`` is said of those that pass, such as `` criteria pass``."""
    waived = score["passing_with_waivers"] - score["passing"]
    beside = f", {waived:,} waived" if waived else ""
    return f"{score['passing']:,} of {score['apply']:,}{what}{beside}"


def gate_label(gate_id: str) -> str:
    """``gate 2`` or ``the programme gate``."""
    return "the programme gate" if gate_id == "programme" else f"gate {visible(gate_id)}"


def gate_reason(gate: GateEntry) -> str:
    """Why a gate is not open, own reasons before inherited ones, without names of criteria."""
    own = how_many(reason["verdict"] for reason in gate["reasons"] if reason["kind"] == "criterion")
    others = [visible(reason["text"]) for reason in gate["reasons"] if reason["kind"] != "criterion"]
    return "; ".join([*([own] if own else []), *others]) or "nothing in it is left to decide"


def criterion_counts(record: Record) -> str:
    """One line: criteria by verdict, and the score before and after waivers."""
    score = record["score"]
    noun, found = counts_told(record)
    said = ", ".join(f"{number:,} {verdict_sign(word).word.lower()}" for word, number in found.items())
    if own_rules(record):
        return f"{noun}: {said}"
    advisory = len(record["criteria"]) - len(binding(record))
    beside = f", and {advisory:,} advisory" if advisory else ""
    return (
        f"{noun}: {said}{beside}. "
        f"Score {score['passing']:,} of {score['apply']:,} before waivers, "
        f"{score['passing_with_waivers']:,} of {score['apply']:,} after."
    )
