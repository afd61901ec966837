"""What replays found, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phasegate.runs.remeasure import Remeasured
    from phasegate.runs.replay import Difference, Replayed
    from phasegate.runs.replay_all import Replays, RunReplay

_GOOD, _BAD = ("✓ ", "bold green"), ("✗ ", "bold red")
MOST = 20
"""So many changed facts, and so many differences, are told one by one."""
_NAMED = 3
"""So many are named of what only the run or only the other rules decide."""


def replays_text(found: Replays, *, width: int, colour: bool) -> str:
    """What was found of each run, and of all of them.

    Args:
        found: the replays.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    for run in found.runs:
        _run(run, found, page)
    if not found.runs:
        page.line("The ledger has no runs yet: phasegate check makes the first one.")
    elif len(found.runs) > 1 and found.good:
        runs = "Both runs" if len(found.runs) == 2 else f"All {len(found.runs):,} runs"
        page.line(_GOOD, (f"{runs} come out as they were recorded.", "bold"))
    elif len(found.runs) > 1:
        others = sum(not found.good_one(each) for each in found.runs)
        do = "does" if others == 1 else "do"
        told = f"{others:,} of {len(found.runs):,} runs {do} not come out as recorded."
        page.line(_BAD, (told, "bold"))
    return page.text()


def _run(run: RunReplay, all_: Replays, page: Page) -> None:
    rules = f"other rules, {visible(all_.other)}" if all_.other else "the rules that it was decided by"
    again = f"Run {run.number}, decided again from its recorded facts under {rules}"
    if run.found is None:
        page.line(_BAD, (f"Run {run.number} can not be decided again: {visible(run.failed or '')}", "bold"))
        return
    if run.found.differences:
        _differences(again, run.found, all_, page)
    elif run.found.unspoken:
        page.line(_BAD, (f"{again}: no verdict that they decide differs.", "bold"))
    else:
        _same(again, run, all_, page)
    _unspoken(run.found, page)
    for each in run.plugins:
        page.line(f"{visible(each[0].upper() + each[1:])}.", indent=2)
    if run.remeasured is not None:
        _remeasured(run.remeasured, page)


def _same(again: str, run: RunReplay, all_: Replays, page: Page) -> None:
    assert run.found is not None
    record = run.found.record
    size = ", ".join(
        [
            counted(len(record["requirements"]), "requirement"),
            counted(len(record["criteria"]), "criterion", "criteria"),
        ]
    )
    if run.found.same_bytes:
        page.line(_GOOD, (f"{again}: the same record, byte for byte ({size}).", "bold"))
        _entries(run, page)
        return
    older = run.found.older
    fine = all_.other is not None or run.recorded_by != all_.version or older is not None
    page.line(_GOOD if fine else _BAD, (f"{again}: the same verdicts ({size}).", "bold"))
    if all_.other is None:
        places = f"{counted(len(run.found.wording), 'place')}, first in {visible(run.found.wording[0])}"
        told = (
            f"Its words differ in {places}: phasegate {visible(run.recorded_by)} recorded it, and this is "
            f"{all_.version}."
            if fine
            else f"Yet the record differs in {places}, although this very version recorded it."
        )
        page.line(told, indent=2)
    _older(run.found, page)


def _older(found: Replayed, page: Page) -> None:
    """By which rules of old it was decided, if by any."""
    if found.older is not None:
        told = f"What is decided otherwise since is decided here as {found.older} has it."
        page.line(told, indent=2)


def _entries(run: RunReplay, page: Page) -> None:
    if run.entries is None:
        return
    total, same = run.entries
    if same == total:
        page.line(f"From it follow the same {counted(total, 'entry', 'entries')} of the ledger.", indent=2)
    else:
        told = f"{same:,} of the {total:,} entries that the ledger has, or must have, follow from it."
        page.line(_BAD, f"Only {told}", indent=2)


def _differences(again: str, found: Replayed, all_: Replays, page: Page) -> None:
    count, differ = counted(len(found.differences), "verdict"), "would differ" if all_.other else "differ"
    page.line(_BAD, (f"{again}: {count} {differ}.", "bold"))
    both = list(found.differences)
    if all_.other:
        both = [each for each in both if "none" not in (each.recorded, each.replayed)]
        _absent("The other rules do", [each for each in found.differences if each.replayed == "none"], page)
        _absent("The run did", [each for each in found.differences if each.recorded == "none"], page)
    for each in _telling(both):
        why = f". {visible(each.why)}" if each.why else ""
        page.item(
            [f"{each.what} {visible(each.id)}: "], [f"{each.recorded} → {each.replayed}{why}"], indent=2
        )
    if len(both) > MOST:
        page.line(f"and {len(both) - MOST:,} more; --format json has all of them", indent=2)
    _older(found, page)


def _unspoken(found: Replayed, page: Page) -> None:
    """The measures of which the recorded facts say nothing: only the tables of then would tell."""
    if found.unspoken:
        count = counted(len(found.unspoken), "measure")
        page.line(f"The recorded facts do not speak of {count}, which {_be(found)} an error here:", indent=2)
    for name, why in found.unspoken:
        page.item([f"{visible(name)}: "], [visible(why)], indent=4)


def _be(found: Replayed) -> str:
    return "is" if len(found.unspoken) == 1 else "are"


def _absent(who: str, found: Sequence[Difference], page: Page) -> None:
    """One line about verdicts that only one of the two rules has."""
    if found:
        named = [f"{each.what} {visible(each.id)}" for each in found[:_NAMED]]
        many = f" {len(found):,} of them" if len(found) > _NAMED else ""
        more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        page.line(f"{who} not decide{many}: {', '.join(named)}{more}.", indent=2)


def _telling(found: Sequence[Difference]) -> list[Difference]:
    """The differences that are told one by one, some of each kind and the outcome in any case."""
    if len(found) <= MOST:
        return list(found)
    gates = [each for each in found if each.what == "gate"][: MOST // 2]
    outcome = [each for each in found if each.what == "outcome"]
    others = [each for each in found if each.what not in ("gate", "outcome")]
    return [*others[: MOST - len(gates) - len(outcome)], *gates, *outcome]


def _remeasured(found: Remeasured, page: Page) -> None:
    if found.failed is not None:
        page.line(_BAD, f"It can not be measured again from its sources: {visible(found.failed)}", indent=2)
        return
    if found.same:
        page.line("Measured again from its sources: every source and every fact is as it was.", indent=2)
        return
    page.line(_BAD, "Measured again from its sources, not everything is as it was:", indent=2)
    for name, why in found.changed:
        page.item([f"source {visible(name)}: "], [visible(why)], indent=4)
    for fact, then, now in found.facts[:MOST]:
        page.item([f"fact {visible(fact)}: "], [f"{visible(then)} → {visible(now)}"], indent=4)
    if len(found.facts) > MOST:
        page.line(f"and {counted(len(found.facts) - MOST, 'more fact')}", indent=4)


def replays_document(found: Replays) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "good": found.good,
        "rules": found.other,
        "version": found.version,
        "runs": [_document(each) for each in found.runs],
    }


def _document(run: RunReplay) -> dict[str, Any]:
    again = run.found
    return {
        "run": run.number,
        "recorded_by": run.recorded_by,
        "failed": run.failed,
        "same_bytes": again.same_bytes if again else False,
        "older_schema": again.older if again else None,
        "entries": dict(zip(("kept", "same"), run.entries, strict=True)) if run.entries else None,
        "differences": [
            {"what": each.what, "id": each.id, "recorded": each.recorded, "replayed": each.replayed}
            for each in (again.differences if again else ())
        ],
        "unspoken": [{"measure": name, "why": why} for name, why in (again.unspoken if again else ())],
        "wording": list(again.wording) if again else [],
        "plugins": list(run.plugins),
        "sources": [{"source": name, "why": why} for name, why in run.remeasured.changed]
        if run.remeasured
        else None,
        "facts": [
            {"fact": fact, "recorded": then, "measured": now} for fact, then, now in run.remeasured.facts
        ]
        if run.remeasured
        else None,
        "not_measured": run.remeasured.failed if run.remeasured else None,
    }
