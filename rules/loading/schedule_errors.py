"""What is wrong with a project's schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.project import Project
from phasegate.rules.model.schedule import Schedule
from phasegate.rules.values.time_zones import zone_fault

_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_VALUE = r"([0-9]{1,2}|[a-z]{3})"
_PART = re.compile(rf"(\*|{_VALUE}(-{_VALUE})?)(/[0-9]{{1,2}})?")  # what every cron reads alike
_EXAMPLE = (
    'write five fields, as in "0 6 * * mon-fri": minute, hour, day of the month, month, day of the week'
)


def schedule_faults(project: Project, pack: Pack | None, origin: Origin) -> Iterator[Diagnostic]:
    """Everything that is wrong with ``schedules`` and that no part of them shows alone.

    Args:
        project: the project file's content.
        pack: its pack; None where it could not be read.
        origin: the project file.
    """
    for name, schedule in project.schedules.items():
        at = ("schedules", name)
        if schedule.cron is not None and (fault := cron_fault(schedule.cron)) is not None:
            yield origin.diagnose("bad-cron", fault, (*at, "cron"), _EXAMPLE, "value")
        if (wrong := zone_fault(schedule.zone)) is not None:
            yield origin.diagnose("bad-zone", wrong[0], (*at, "zone"), wrong[1], "value")
        if pack is not None:
            yield from _beside_the_pack(schedule, name, project, pack, origin)


def cron_fault(line: str) -> str | None:
    """What is wrong with a line of crontab, and in which of its fields; None if nothing is."""
    if (fields := len(line.split())) != len(_FIELDS):
        return f"{line!r} has {fields} field{'s' * (fields != 1)}, and a line of crontab has five"
    for place, written in enumerate(line.split()):
        if not all(_PART.fullmatch(part) for part in written.lower().split(",")):
            return _wrong(line, place)
    try:
        next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return _wrong(line, _FIELDS.index(str(error).removeprefix("Bad ")))
    except StopIteration:
        return f"{line!r} names a day that never comes"
    return None


def _wrong(line: str, place: int) -> str:
    name, written = _FIELDS[place].replace("-", " "), line.split()[place]
    return f"{line!r} has a wrong {name}, {written!r} in field {place + 1}"


def _beside_the_pack(
    schedule: Schedule, name: str, project: Project, pack: Pack, origin: Origin
) -> Iterator[Diagnostic]:
    at = ("schedules", name)
    if schedule.gate is not None and schedule.gate not in (*pack.phases, PROGRAMME):
        message = f"the pack has no phase {schedule.gate!r}"
        hint = suggest(schedule.gate, [*pack.phases, PROGRAMME], of="phases")
        yield origin.diagnose("unknown-phase", message, (*at, "gate"), hint, "value")
    if schedule.every == "cycle":
        if project.cycle is None:
            hint = "add 'cycle: {id: ..., start: ...}' to the project"
            yield origin.diagnose(
                "no-cycle", "nobody knows when a cycle begins", (*at, "every"), hint, "value"
            )
        if pack.cycle is None:
            hint = "add 'cycle: {weeks: 8}' to the pack"
            yield origin.diagnose(
                "no-cycle", "nobody knows how long a cycle is", (*at, "every"), hint, "value"
            )
