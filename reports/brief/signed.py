"""Who approved the rules and advanced through gates, and the lines that are still to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.brief.gates import advanced, is_shut, named
from phasegate.reports.brief.model import Gate, Signature, SignLine, SignOff
from phasegate.reports.brief.time_axis import day_of
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.records.schema import ApprovalEntry
    from phasegate.reports.report import Report

_NO_KEYS: Mapping[str, str] = {}


def sign_off(report: Report, gates: Sequence[Gate]) -> SignOff:
    """Who signed what, as far as it is known.

    Args:
        report: what is told.
        gates: those of the page.
    """
    approval = report.record["approval"]
    keys = (report.beside.keys if report.beside is not None else None) or _NO_KEYS
    through = advanced(report)
    return SignOff(
        approved=tuple(
            Signature(each["function"], each["signer"], keys.get(each["signer"]), day_of(each["signed"][:10]))
            for each in approval["given"]
        ),
        advanced=tuple(through[gate.id] for gate in gates if gate.id in through),
        lines=tuple(_lines(report, approval, gates)),
        known=report.beside is not None,
    )


def _lines(report: Report, approval: ApprovalEntry, gates: Sequence[Gate]) -> Iterator[SignLine]:
    for function in approval["missing"]:
        yield SignLine("approve these rules", function)
    if "what_if" in report.record:
        return
    for gate in gates:
        if gate.advanced is None:
            yield SignLine(f"advance through {gate.label}", "", _why_not(gate))


def _why_not(gate: Gate) -> str:
    if not is_shut(gate.state):
        return ""
    if gate.own in OPEN_STATES and gate.waits_for:
        return f"it waits for {named(gate.waits_for)}"
    return f"it is {gate.state.replace('_', ' ')}"
