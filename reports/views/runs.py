"""The runs of a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.plain import counted, visible
from phasegate.rules.model.pack import PROGRAMME

if TYPE_CHECKING:
    from phasegate.audit.trail.notification_entries import Told
    from phasegate.audit.trail.runs import KeptRun

GivenUp = Mapping[int, Sequence["Told"]]
NOTHING_GIVEN_UP: GivenUp = MappingProxyType({})


def runs_text(
    runs: Sequence[KeptRun],
    shared: bool = False,
    all_projects: bool = False,
    given_up: GivenUp = NOTHING_GIVEN_UP,
    *,
    width: int,
    colour: bool,
) -> str:
    """Runs of a ledger, the oldest first, one a line.

    Args:
        runs: the runs.
        shared: whether those of other projects are left out.
        all_projects: whether they are of several projects, so that each says of which.
        given_up: the messages about them that will never be sent, by the numbers of the runs.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    if not runs:
        page.line("The ledger has no runs yet: phasegate check makes the first one.")
    elif shared and runs[0].number > 1:
        page.line(
            (f"runs before {runs[0].number} left out; --last, --all and --all-projects show more", "dim")
        )
    elif earlier := runs[0].number - 1:
        page.line((f"{counted(earlier, 'earlier run')} left out; --last and --all show more", "dim"))
    for run in runs:
        run_item(run, page, whose=all_projects)
        for each in given_up.get(run.number, ()):
            page.line(f"! {visible(each.to)} was never told of it: {visible(each.reason or '')}", indent=6)
    return page.text()


def run_item(run: KeptRun, page: Page, *, whose: bool = False) -> None:
    """One run on its line, with the project whose it is where that is asked for."""
    entry, score = run.entry, run.entry["score"]
    sign = state_sign(str(entry["outcome"]))
    scope = ", ".join(entry["scope"]) or "everything"
    what = f"gate {scope}" if entry["kind"] == "gate" else scope
    score_told = f"score {score['passing']:,} of {score['apply']:,}"
    page.item(
        [
            f"{run.number:>4}  {run.envelope['recorded_at']}  ",
            (f"{sign.mark} {sign.word}", sign.style),
            "  ",
        ],
        [f"{visible(what)} as of {entry['as_of']}, {score_told}{_gates(entry)}{_of(entry) if whose else ''}"],
    )


def _of(entry: Mapping[str, Any]) -> str:
    project = entry.get("project")
    return f", of {visible(project['title'])} ({project['id']})" if project else ", nobody's"


def _gates(entry: Mapping[str, Any]) -> str:
    """The states of the phases' gates by their signs, where there are several."""
    gates = entry.get("gates")
    if not isinstance(gates, dict) or len(gates) < 2:
        return ""
    phases = [(str(name), str(state)) for name, state in gates.items() if name != PROGRAMME]
    return f", gates {' '.join(f'{visible(name)}{state_sign(state).mark}' for name, state in phases)}"


def runs_document(runs: Sequence[KeptRun], given_up: GivenUp = NOTHING_GIVEN_UP) -> list[dict[str, Any]]:
    """The same as plain JSON; ``never_told`` is there where a message about a run was given up."""
    return [{"seq": run.seq, **run.entry, **_never_told(given_up.get(run.number, ()))} for run in runs]


def _never_told(given_up: Sequence[Told]) -> dict[str, Any]:
    told = [{"to": each.to, "at": each.at.isoformat(), "reason": each.reason} for each in given_up]
    return {"never_told": told} if told else {}


def run_head(run: KeptRun, *, width: int, colour: bool) -> str:
    """Who recorded a run, when, and what it is kept as."""
    page = Page(width, colour)
    envelope = run.envelope
    reference = f", {visible(envelope['reference'])}" if envelope["reference"] else ""
    page.line(
        f"Run {run.number}, recorded {envelope['recorded_at']} by {visible(envelope['evaluator'])} "
        f"({envelope['fingerprint']}){reference}{_of(run.entry) if 'project' in run.entry else ''}"
    )
    page.line((f"entry {run.seq}, record {run.entry['record']}, rules {run.entry['pack']}", "dim"))
    page.blank()
    return page.text()
