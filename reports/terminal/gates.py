"""The gates on the terminal: the state of each, with its own reasons apart from inherited ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from phasegate.reports.report import NONE_OVERDUE
from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import VERDICTS, state_sign
from phasegate.reports.text.plain import counted, some, tally
from phasegate.reports.text.sentences import asked_gate, gate_name, passing
from phasegate.rules.model.verdict import WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.overdue import Overdue
    from phasegate.records.schema import GateEntry, Record

LABEL = 20
"""Columns that a state takes: its sign and its longest word."""
SHOWN_IDS = 4
OVERDUE = "overdue"


def gates(record: Record, page: Page, verbose: bool, overdue: Mapping[str, Overdue] = NONE_OVERDUE) -> None:
    """All gates in their order; nothing where the rules stand in the project file alone."""
    shown = gates_shown(record, overdue)
    if not shown:
        return
    page.heading("Gates")
    for gate in shown:
        _gate(gate, page, verbose, overdue.get(gate["id"]))


def gates_shown(record: Record, overdue: Collection[str] = ()) -> list[GateEntry]:
    """The gates that tell more than the outcome does; the only one of a check seldom does.

    Args:
        record: what was decided.
        overdue: the gates whose phases are overdue.
    """
    found = record["gates"]
    if len(found) > 1:
        return found
    return [gate for gate in found if asked_gate(record) is gate or _told_nowhere_else(gate, overdue)]


def _told_nowhere_else(gate: GateEntry, overdue: Collection[str]) -> bool:
    return gate["id"] in overdue or any(each["kind"] in ("waivers", "approval") for each in gate["reasons"])


def overdue_said(late: Overdue) -> str:
    """For how long a phase is overdue, and since when: ``by 12 days: its weeks ended on 2026-03-01``."""
    return f"by {counted(late.days, 'day')}: its weeks ended on {late.last}"


def _gate(gate: GateEntry, page: Page, verbose: bool, late: Overdue | None) -> None:
    sign = state_sign(gate["state"])
    beside = f"  {passing(gate['score'], ' criteria pass')}"
    state: list[Span] = [(f"{sign.mark} {sign.word}", sign.style)]
    page.item(state, [(gate_name(gate), "bold"), (beside, "dim")], indent=2, label_width=LABEL)
    if late is not None:
        page.item([(OVERDUE, "bold yellow")], [overdue_said(late)], indent=2 + LABEL, label_width=11)
    for label, text in reasons(gate, None if verbose else SHOWN_IDS):
        page.item([(label, "dim")], [text], indent=2 + LABEL, label_width=11)


def reasons(gate: GateEntry, most: int | None = SHOWN_IDS) -> list[tuple[str, str]]:
    """Why a gate is not simply open: its own reasons, inherited ones, too many waivers, no approval.

    Args:
        gate: the gate.
        most: how many criteria are named for one reason; None for all.

    Returns:
        Kind and sentence; the kind is empty where it is that of the reason before.
    """
    own = [reason for reason in gate["reasons"] if reason["kind"] == "criterion"]
    shown = len(own) if most is None else most
    found = [
        ("own", f"{number:,} {VERDICTS[word].verb[number != 1]}: {some(_ids(gate, word), shown)}")
        for word, number in tally((reason["verdict"] for reason in own), WORST_FIRST)
    ]
    found += [("own", each["text"]) for each in gate["reasons"] if each["kind"] == "empty"]
    found += [("inherited", each["text"]) for each in gate["reasons"] if each["kind"] == "gate"]
    found += [
        (kind, each["text"])
        for kind in ("waivers", "approval")
        for each in gate["reasons"]
        if each["kind"] == kind
    ]
    return [
        (label if place == 0 or found[place - 1][0] != label else "", text)
        for place, (label, text) in enumerate(found)
    ]


def _ids(gate: GateEntry, verdict: str) -> list[str]:
    return [
        each["id"] for each in gate["reasons"] if each["kind"] == "criterion" and each["verdict"] == verdict
    ]
