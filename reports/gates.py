"""The gates on the terminal: the state of each, with its own reasons apart from inherited ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.page import Page, Span
from phasegate.reports.plain import some, tally
from phasegate.reports.sentences import asked_gate
from phasegate.reports.signs import VERDICTS, WORST_FIRST, state_sign

if TYPE_CHECKING:
    from phasegate.audit.record.document import GateEntry, Record

LABEL = 20
"""Columns that a state takes: its sign and its longest word."""
SHOWN_IDS = 4


def gates(record: Record, page: Page, verbose: bool) -> None:
    """All gates in their order; nothing where the rules stand in the project file alone."""
    shown = [gate for gate in record["gates"] if len(record["gates"]) > 1 or asked_gate(record) is gate]
    if not shown:
        return
    page.heading("Gates")
    for gate in shown:
        _gate(gate, page, verbose)


def _gate(gate: GateEntry, page: Page, verbose: bool) -> None:
    sign = state_sign(gate["state"])
    name = gate["title"] if gate["id"] == "programme" else f"{gate['id']}  {gate['title']}"
    score = gate["score"]
    waived = score["passing_with_waivers"] - score["passing"]
    beside = f"  {score['passing']} of {score['apply']} criteria pass{f', {waived} waived' if waived else ''}"
    state: list[Span] = [(f"{sign.mark} {sign.word}", sign.style)]
    page.item(state, [(name, "bold"), (beside, "dim")], indent=2, label_width=LABEL)
    for label, text in _reasons(gate, verbose):
        page.item([(label, "dim")], [text], indent=2 + LABEL, label_width=11)


def _reasons(gate: GateEntry, verbose: bool) -> list[tuple[str, str]]:
    own = [reason for reason in gate["reasons"] if reason["kind"] == "criterion"]
    most = len(own) if verbose else SHOWN_IDS
    reasons = [
        ("own", f"{number} {VERDICTS[word].verb[number != 1]}: {some(_ids(gate, word), most)}")
        for word, number in tally((reason["verdict"] for reason in own), WORST_FIRST)
    ]
    reasons += [("own", each["text"]) for each in gate["reasons"] if each["kind"] == "empty"]
    reasons += [("inherited", each["text"]) for each in gate["reasons"] if each["kind"] == "gate"]
    reasons += [
        (kind, each["text"])
        for kind in ("waivers", "approval")
        for each in gate["reasons"]
        if each["kind"] == kind
    ]
    return [
        (label if place == 0 or reasons[place - 1][0] != label else "", text)
        for place, (label, text) in enumerate(reasons)
    ]


def _ids(gate: GateEntry, verdict: str) -> list[str]:
    return [
        each["id"] for each in gate["reasons"] if each["kind"] == "criterion" and each["verdict"] == verdict
    ]
