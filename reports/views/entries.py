"""Runs, and what else stands in a ledger, one a line in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, digest_start, listed, moment, visible
from phasegate.reports.views.runs import run_item

if TYPE_CHECKING:
    from phasegate.audit.statements.listing import Act
    from phasegate.audit.trail.runs import KeptRun

    Told = Mapping[str, Any]


def all_text(
    runs: Sequence[KeptRun], acts: Sequence[Act], all_projects: bool = False, *, width: int, colour: bool
) -> str:
    """The runs of a ledger and everything that somebody else put there, the oldest first."""
    page = Page(width, colour)
    lines: dict[int, Callable[[Page], None]] = {
        run.seq: partial(run_item, run, whose=all_projects) for run in runs
    }
    lines |= {act.seq: partial(_item, act) for act in acts}
    for seq in sorted(lines):
        lines[seq](page)
    if not runs and not acts:
        page.line("The ledger has no runs yet: phasegate check makes the first one.")
    return page.text()


def all_document(runs: Sequence[KeptRun], acts: Sequence[Act]) -> list[dict[str, Any]]:
    """The same as plain JSON: of each entry its number, its kind, and what it says."""
    found: list[dict[str, Any]] = [{"seq": run.seq, **run.entry} for run in runs]
    for act in acts:
        document = {"seq": act.seq, "entry": act.kind, "at": act.at, "by": act.who}
        found.append({**document, "counts": act.refused is None, "refused": act.refused, "says": act.said})
    return sorted(found, key=lambda each: int(each["seq"]))


def _item(act: Act, page: Page) -> None:
    who = visible(act.who or "somebody")
    told = f"{who} {visible(said_of(act))} (entry {act.seq})"
    if act.refused is not None:
        told = f"in the name of {told}: it does not count, {visible(act.refused)}"
    page.item([f"      {visible(act.at or 'at no moment')}  "], [told])


def said_of(act: Act) -> str:
    """What an entry says, as a clause; what nobody vouches for may say anything."""
    try:
        return _WORDS[act.kind](act.said)
    except (KeyError, TypeError, ValueError):
        return f"says what can not be read as {act.kind}"


def _approval(said: Told) -> str:
    digests = ", ".join(digest_start(each) for each in said["about"].values())
    return f"approves the rules {digests} for {said['function']}"


def _waiver(said: Told) -> str:
    floor = f" down to {said['floor']}" if said.get("floor") else ""
    end = until(said["end"])
    return f"grants waiver {said['id']} for {said['requirement']}{floor} until {end}: {said['reason']}"


def until(end: object) -> str:
    """The moment at which something ends: a day where it is the beginning of one, as it is typed."""
    return moment(str(end)).removesuffix(" 00:00 UTC")


def _revocation(said: Told) -> str:
    what = "waiver" if "waiver" in said else "attestation"
    return f"ends {what} {said[what]}: {said['reason']}"


def _attestation(said: Told) -> str:
    points = [said["slice"]] if said.get("slice") else said.get("slices", ())
    of = f" of {listed(points)}" if points else ""
    value = said["value"]
    told = str(value).lower() if isinstance(value, bool) else value  # as rules and commands write it
    return f"attests {said['fact']}{of} = {told} until {until(said['end'])}"


def _advance(said: Told) -> str:
    comment = f": {said['comment']}" if said.get("comment") else ""
    state = str(said["state"]).replace("_", " ")
    return (
        f"lets the programme go through gate {said['gate']}, which run {said['run']} found {state}{comment}"
    )


def _adoption(said: Told) -> str:
    return f"takes on what was nobody's among the first {counted(said['size'], 'entry', 'entries')}"


def _refused(said: Told) -> str:
    return f"tried '{' '.join(map(str, said['command']))}', which came to nothing: {said['error']}"


def _key(said: Told) -> str:
    return f"brought the list of signers {', '.join(each['name'] for each in said['signers'])}"


def _notified(said: Told) -> str:
    to, run = said["to"], said["about"]
    if said["outcome"] == "failed":
        tried = f", tried {counted(said['tries'], 'time')}" if said["tries"] else ""
        return f"could not tell {to} of run {run}{tried}: {said['reason']}"
    return {
        "began": f"begins to tell {to} of what changes after run {run}",
        "given up": f"gave up to tell {to} of run {run}, which its service does not take: {said['reason']}",
        "nothing": f"had nothing to tell {to} up to run {run}",
        "sent": f"told {to} of run {run}",
    }[said["outcome"]]


_WORDS: Mapping[str, Callable[[Told], str]] = {
    "approval": _approval,
    "waiver": _waiver,
    "revocation": _revocation,
    "attestation": _attestation,
    "advance": _advance,
    "adoption": _adoption,
    "refused": _refused,
    "key": _key,
    "notified": _notified,
}
