"""When a project is decided by itself, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from phasegate.monitoring.notifications.notifier import ROUNDS
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.monitoring.notifications.notifier import Delivered
    from phasegate.monitoring.schedules.due_runs import DueRun
    from phasegate.monitoring.schedules.scheduler import Ran
    from phasegate.rules.model.schedule import Schedule


def schedules_text(
    schedules: Mapping[str, Schedule],
    made: Mapping[str, dt.datetime],
    coming: Sequence[DueRun],
    *,
    width: int,
    colour: bool,
) -> str:
    """Each schedule with when it is due next, and what its newest run was due for."""
    page = Page(width, colour)
    following = {due.name: due for due in coming}
    for name, schedule in schedules.items():
        page.line((visible(name), "bold"), f"  decides {what(schedule)}, {when(schedule)}")
        due = following.get(name)
        page.line(f"next {_local(due)}" if due is not None else "never again", indent=2)
        last = made.get(name)
        page.line(f"last made {_utc(last)}" if last is not None else "never made yet", indent=2)
    return page.text()


def what(schedule: Schedule) -> str:
    """What a schedule decides."""
    if schedule.gate is not None:
        return "the programme gate" if schedule.gate == "programme" else f"gate {visible(schedule.gate)}"
    return ", ".join(visible(each) for each in schedule.decide) or "everything"


def when(schedule: Schedule) -> str:
    """When it does."""
    if schedule.cron is not None:
        return f"cron '{visible(schedule.cron)}' in {visible(schedule.zone)}"
    return f"every {schedule.every} at {schedule.at} in {visible(schedule.zone)}"


def coming_text(coming: Sequence[DueRun], *, width: int, colour: bool) -> str:
    """What is due next, the earliest first."""
    page = Page(width, colour)
    for due in coming:
        page.item([f"{_utc(due.at)}  "], [(visible(due.name), "bold"), f"  {what(due.schedule)}"])
    return page.text()


def ran_text(ran: Ran, *, width: int, colour: bool) -> str:
    """What came of one run that was due."""
    page = Page(width, colour)
    name = f"{visible(ran.due.name)} due {_utc(ran.due.at)}" if ran.due is not None else "schedules"
    if ran.error is not None or ran.outcome is None:
        page.item([("! ", "bold red"), f"{name}: "], [visible((ran.error or "no verdict").splitlines()[0])])
    else:
        sign = state_sign(ran.outcome)
        page.item([(f"{sign.mark} {sign.word}", sign.style), "  "], [f"{name}, kept as run {ran.run}"])
    return page.text()


def delivered_text(message: Delivered, *, width: int, colour: bool) -> str:
    """What came of one message."""
    page = Page(width, colour)
    to = visible(message.to or "notifications")
    if message.reason is None:
        page.item([("> ", "dim")], [f"{to} was told of run {message.run}"])
    else:
        of = f" of run {message.run}" if message.run else ""
        told = "will never be told" if message.given_up else "was not told"
        why = visible(message.reason.splitlines()[0])
        end = f"; it is given up after {ROUNDS} rounds" if message.given_up else ""
        page.item([("! ", "bold red")], [f"{to} {told}{of}: {why}{end}"])
    return page.text()


def schedules_document(
    schedules: Mapping[str, Schedule], made: Mapping[str, dt.datetime], coming: Sequence[DueRun]
) -> list[dict[str, Any]]:
    """The schedules as plain JSON."""
    following = {due.name: due.at for due in coming}
    return [
        {
            "name": name,
            **schedule.model_dump(mode="json", exclude_defaults=True),
            "next": _utc(following[name]) if name in following else None,
            "last": _utc(made[name]) if name in made else None,
        }
        for name, schedule in schedules.items()
    ]


def _local(due: DueRun) -> str:
    local = due.at.astimezone(ZoneInfo(due.schedule.zone))
    return f"{local:%Y-%m-%d %H:%M} in {due.schedule.zone}, {_utc(due.at)}"


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"
