"""What will be decided on the days to come, in sentences."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import state_sign, verdict_sign
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.sentences import gate_label
from phasegate.reports.views.diff import turn
from phasegate.reports.views.due import phase_name, weeks_said, when_said

if TYPE_CHECKING:
    from phasegate.monitoring.history.diff import Difference
    from phasegate.monitoring.history.forecast import Forecast


def ahead_text(found: Forecast, *, width: int, colour: bool) -> str:
    """The days on which something is decided otherwise or a phase is overdue, each with what changes."""
    page = Page(width, colour)
    days = counted((found.until - found.today).days, "day")
    page.line((f"Decided for each day up to {found.until} ({days}), as everything is now.", "bold"))
    if not found.days:
        page.blank()
        page.line("Nothing will be decided otherwise than today.")
    changes = dict(found.days)
    for day in sorted({*changes, *(day for day, _ in found.phases)}):
        page.blank()
        page.line((f"{day}", "bold"), f"  {when_said((day - found.today).days)}")
        for end in (end for since, end in found.phases if since == day):
            page.item(
                [("overdue", "bold yellow"), "  "], [f"{phase_name(end)}: {weeks_said(end, day)}"], indent=2
            )
        if day in changes:
            _changed(changes[day], page)
    return page.text()


def _changed(changed: Difference, page: Page) -> None:
    for gate in changed.gates:
        page.item(
            [*turn(gate.before, gate.after, state_sign), "  "],
            [f"{gate_label(gate.id)}, {visible(gate.title)}"],
            indent=2,
        )
    for criterion in changed.criteria:
        page.item(
            [*turn(criterion.before, criterion.after, verdict_sign), "  "],
            [(visible(criterion.id), "bold"), f"  {visible(criterion.text)}"],
            indent=2,
        )


def ahead_document(found: Forecast) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "today": found.today.isoformat(),
        "until": found.until.isoformat(),
        "days": [
            {
                "day": day.isoformat(),
                "gates": [asdict(each) for each in changed.gates],
                "criteria": [
                    {"id": each.id, "text": each.text, "before": each.before, "after": each.after}
                    for each in changed.criteria
                ],
            }
            for day, changed in found.days
        ],
        "overdue": [
            {"day": day.isoformat(), "gate": end.gate, "weeks_end": end.last.isoformat()}
            for day, end in found.phases
        ],
    }
