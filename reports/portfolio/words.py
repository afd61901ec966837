"""What every format tells of a row, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.terminal.gates import OVERDUE
from phasegate.reports.text.labels import Sign, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, listed, moment, visible
from phasegate.reports.text.sentences import gate_label, passing
from phasegate.reports.views.due import when_said
from phasegate.rules.model.verdict import HOLDING, SETTLED

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import EndsNext, GateRow, Portfolio, PortfolioRow
    from phasegate.monitoring.portfolio.standing import Standing

NOTHING = "nothing that is known of"
LEDGER, NOT_PINNED = "ledger", "its signers are not pinned"


def sign_of(standing: Standing) -> Sign:
    """The sign of how something stands."""
    return state_sign(standing.word)


def asked_said(found: Portfolio) -> str:
    """What is asked of each project, as a sentence."""
    what = f"{gate_label(found.gate)} of each project" if found.gate is not None else "all that was decided"
    return f"What counts is {what}."


def verdict_said(found: Portfolio) -> str:
    """What the rows come to, with the rule."""
    rolled = found.rolled_up
    return f"{sign_of(rolled.standing).word}: {rolled.why}; it takes {rolled.rule}."


def verdict_line(found: Portfolio) -> str:
    """The same with its sign, and how the command ends."""
    standing = found.rolled_up.standing
    return f"{sign_of(standing).mark} {verdict_said(found)} Exit code {standing.exit_code}."


def gates_said(row: PortfolioRow) -> str:
    """The gates, each with its sign: ``1 ✓  2 ✗``."""
    return "  ".join(f"{visible(each.id)} {sign_of(each.standing).mark}" for each in row.gates) or "none"


def score_said(row: PortfolioRow) -> str:
    """How many criteria pass; empty where nothing is known."""
    return passing(row.score) if row.score is not None else ""


def counts_said(row: PortfolioRow) -> str:
    """How many criteria have which verdict: ``2 fail, 1 stale, 9 pass``."""
    return ", ".join(f"{number:,} {verdict_sign(word).word.lower()}" for word, number in row.counts.items())


def lacking_said(row: PortfolioRow) -> str:
    """What keeps a project from being open, shortly: how many criteria stand how, or the first reason."""
    found = {
        word: number for word, number in row.counts.items() if word not in SETTLED and word not in HOLDING
    }
    told = ", ".join(f"{number:,} {verdict_sign(word).word.lower()}" for word, number in found.items())
    late = f"overdue {counted(row.overdue_days, 'day')}" if row.overdue_days else ""
    return " · ".join(each for each in (told or (row.why[0] if row.why else ""), late) if each)


def last_run_said(row: PortfolioRow) -> str:
    """The day of the newest run, and how old it is."""
    run = row.last_run
    return f"{run.as_of}, {when_said(-run.age_days)}" if run is not None else "none"


def run_said(row: PortfolioRow) -> str:
    """The newest run whole: its number, its kind, and who recorded it when; empty where there is none."""
    run = row.last_run
    if run is None:
        return ""
    when = visible(moment(run.recorded_at))
    return f"run {run.number:,} ({visible(run.kind)}), recorded {when} by {visible(run.evaluator)}"


def overdue_said(gate: GateRow) -> str:
    """For how long a gate is overdue."""
    label = gate_label(gate.id)
    return f"{OVERDUE} {label} by {counted(gate.overdue_days, 'day')}"


def overdue_lines(row: PortfolioRow) -> list[str]:
    """The gates that are overdue, the longest first."""
    late = sorted((each for each in row.gates if each.overdue_days), key=lambda each: -each.overdue_days)
    return [overdue_said(each) for each in late]


def ends_said(row: PortfolioRow) -> str:
    """What ends next, on which day, and which gates rest on it."""
    ends = row.ends_next
    if ends is None:
        return NOTHING
    gates = f", under {listed([gate_label(each) for each in ends.gates])}" if ends.gates else ""
    return f"{ends.day}: {what_ends(ends)}{gates if ends.kind != 'phase' else ''}"


def ends_shortly(row: PortfolioRow) -> str:
    """What ends next and on which day; empty where nothing is known of."""
    return f"{row.ends_next.day}: {what_ends(row.ends_next)}" if row.ends_next is not None else ""


def what_ends(ends: EndsNext) -> str:
    """What it is that ends, as a clause."""
    title = visible(ends.title)
    match ends.kind:
        case "evidence":
            return f"{title} goes stale"
        case "phase":
            return f"{gate_label(ends.id)}, {title}, becomes overdue"
    return f"{ends.kind} {visible(ends.id)} ends"


def verified_said(row: PortfolioRow) -> str:
    """Which checkpoint the ledger was held against, and when."""
    found = row.verified
    if found is None:
        return "not verified"
    by = listed([visible(each) for each in found.signed_by])
    told = f"{counted(found.size, 'entry', 'entries')} signed by {by}, hashed {moment(found.at)}"
    return f"{told}; {NOT_PINNED}" if row.listed_by == LEDGER else told


def verified_shortly(row: PortfolioRow) -> list[str]:
    """When the ledger was hashed, and that nothing but itself says who may sign in it, where that is so."""
    if row.verified is None:
        return ["not verified"]
    return [moment(row.verified.at), *([NOT_PINNED] if row.listed_by == LEDGER else [])]
