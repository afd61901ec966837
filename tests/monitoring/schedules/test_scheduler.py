"""Each run that is due is made once, as of its own day, whatever goes wrong in between."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from scheduled_world import World, two_at_once

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.trail.runs import runs
from phasegate.engine.scope import UnknownIdError
from phasegate.monitoring.schedules import scheduler as service
from phasegate.monitoring.schedules.lock import one_at_a_time
from phasegate.monitoring.schedules.scheduler import NoSchedulesError
from phasegate.rules.errors import PhasegateError
from phasegate.runs.attempt import Attempt


def test_a_run_is_made_once(world: World) -> None:
    assert world.at("2026-03-01T06:00").scheduler().run_due() != []
    assert world.at("2026-03-01T06:01").scheduler().run_due() == []
    assert world.kept() == [("2026-03-01", "open", "schedule daily due 2026-03-01T06:00Z")]


def test_a_schedule_begins_with_the_day_before_and_no_sooner(world: World) -> None:
    world.write('  monthly: {every: month}\n  daily: {cron: "0 6 * * *"}')
    world.at("2026-03-15T05:00").scheduler().run_due()
    assert world.days() == ["2026-03-14"]


@pytest.mark.parametrize(
    ("missed", "due"),
    [("all", ["2026-03-02", "2026-03-03", "2026-03-04"]), ("last", ["2026-03-04"]), ("none", [])],
)
def test_missed_runs_are_made_up_for_each_as_of_its_own_day(
    missed: str, due: list[str], world: World
) -> None:
    world.write(f'  daily: {{cron: "0 6 * * *", missed: {missed}}}')
    world.at("2026-03-01T06:00").scheduler().run_due()
    world.at("2026-03-04T18:00").scheduler().run_due()
    assert world.days()[1:] == due


def test_a_run_that_is_on_time_was_not_missed(world: World) -> None:
    world.write('  daily: {cron: "0 6 * * *", missed: none}')
    world.at("2026-03-01T06:00").scheduler().run_due()
    world.at("2026-03-02T06:01").scheduler().run_due()
    assert world.days() == ["2026-03-01", "2026-03-02"]


def test_a_clock_that_is_set_back_makes_no_run_twice(world: World) -> None:
    world.at("2026-03-02T06:00").scheduler().run_due()
    world.at("2026-03-01T07:00").scheduler().run_due()
    world.at("2026-03-02T06:30").scheduler().run_due()
    assert world.days() == ["2026-03-02", "2026-03-01"]  # which nobody had made


@pytest.mark.parametrize("back", [1, 90, 60 * 24 * 3])
@pytest.mark.parametrize(
    "schedule", ['cron: "0 6 * * *"', "every: month", "cron: '0 6 * * *', gate: programme"]
)
def test_a_clock_that_is_set_back_while_a_run_is_made_makes_it_once(
    schedule: str, back: int, world: World
) -> None:
    """As an hour's error that is found while the scheduler waits for a table."""
    world.write(f"  daily: {{{schedule}}}")
    (world.folder / "invoices.csv").unlink()

    def set_back(seconds: float) -> None:
        if seconds == 10:
            world.invoices()
            world.now -= dt.timedelta(minutes=back)

    world.on_wait = set_back
    world.at("2026-03-01T06:00").scheduler().run_due()
    for minute in (0, 1, 60):
        world.now = dt.datetime(2026, 3, 1, 6, minute % 60, tzinfo=dt.UTC)
        world.scheduler().run_due()
    assert world.kept() == [("2026-03-01", "open", "schedule daily due 2026-03-01T06:00Z")]


def test_a_gate_is_decided_on_its_day_and_checked_as_of_it_afterwards(world: World) -> None:
    world.write('  gate: {cron: "0 6 * * *", gate: programme}')
    world.at("2026-03-01T06:00").scheduler().run_due()
    world.at("2026-03-03T06:00").scheduler().run_due()
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        found = [(each.entry["kind"], each.entry["as_of"]) for each in runs(ledger)]
    assert found == [("gate", "2026-03-01"), ("check", "2026-03-02"), ("gate", "2026-03-03")]


def test_a_source_that_comes_back_while_it_is_waited_for(world: World) -> None:
    (world.folder / "invoices.csv").unlink()
    world.on_wait = lambda seconds: world.invoices() if seconds == 60 else None
    world.at("2026-03-01T06:00").scheduler().run_due()
    assert world.waited[:2] == [10, 60]
    assert [outcome for _, outcome, _ in world.kept()] == ["open"]


def test_a_source_that_stays_away_for_three_runs_is_recorded_each_time(world: World) -> None:
    (world.folder / "invoices.csv").unlink()
    for day in (1, 2, 3):
        world.at(f"2026-03-0{day}T06:00").scheduler().run_due()
    assert [outcome for _, outcome, _ in world.kept()] == ["undecided"] * 3
    world.invoices()
    world.at("2026-03-04T06:00").scheduler().run_due()
    assert world.kept()[-1][:2] == ("2026-03-04", "open")


def test_a_ledger_that_is_away_is_tried_again_and_then_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = service.Attempt.decide
    tries: list[int] = []

    def fails(self: Any, *args: Any, **more: Any) -> Any:
        tries.append(1)
        if len(tries) <= 3:
            raise LedgerError("the server went away")
        return decide(self, *args, **more)

    monkeypatch.setattr(service.Attempt, "decide", fails)
    (ran,) = world.at("2026-03-01T06:00").scheduler().run_due() or []
    assert (ran.outcome, len(tries)) == (None, 3)
    assert "the server went away" in str(ran.error)
    (ran,) = world.scheduler().run_due() or []  # and the next time it is there
    assert (ran.outcome, ran.run) == ("open", 1)


def test_after_one_that_came_to_nothing_later_ones_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.at("2026-03-01T06:00").scheduler().run_due()

    def fails(*_: Any, **__: Any) -> Any:
        raise PhasegateError("no")

    with monkeypatch.context() as patched:
        patched.setattr(service.Attempt, "decide", fails)
        assert len(world.at("2026-03-03T06:00").scheduler().run_due() or []) == 1
    world.scheduler().run_due()
    assert world.days() == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_while_one_scheduler_is_at_it_another_leaves_it(world: World) -> None:
    with one_at_a_time(world.folder / "phasegate.db") as free:
        assert free
        assert world.at("2026-03-01T06:00").scheduler().run_due() is None
    assert len(world.scheduler().run_due() or []) == 1


def test_a_run_that_takes_longer_than_its_interval_is_followed_by_those_it_held_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write('  often: {cron: "*/10 * * * *"}')
    decide = service.Attempt.decide

    def slow(self: Any, *args: Any, **more: Any) -> Any:
        world.now += dt.timedelta(minutes=25)
        return decide(self, *args, **more)

    world.at("2026-03-01T06:00").scheduler().run_due()
    monkeypatch.setattr(service.Attempt, "decide", slow)
    world.at("2026-03-01T06:10").scheduler().run_due()
    monkeypatch.undo()
    world.scheduler().run_due()
    assert [reference[-6:] for _, _, reference in world.kept()] == ["06:00Z", "06:10Z", "06:20Z", "06:30Z"]


@pytest.mark.parametrize("begin", ["2026-03-26", pytest.param("2026-03-02", marks=pytest.mark.slow)])
def test_serving_a_month_makes_each_run_on_time_and_looks_at_least_every_minute(
    begin: str, world: World
) -> None:
    world.write('  weekdays: {cron: "0 6 * * mon-fri", zone: Europe/Berlin}')
    world.until = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)
    beats: list[dt.datetime] = []
    world.at(f"{begin}T05:00")

    def quickly(seconds: float) -> None:  # nothing is due for hours: let them pass at once
        if seconds == service.LONGEST_WAIT:
            hours = dt.timedelta(hours=1) - dt.timedelta(minutes=world.now.minute, seconds=world.now.second)
            world.now += max(dt.timedelta(0), hours - dt.timedelta(minutes=2))

    world.on_wait = quickly
    world.scheduler().serve(lambda: beats.append(world.now))
    # Mondays to Fridays from then to the 1st of April; summer time began on the 29th.
    days = [dt.date(2026, 3, 2) + dt.timedelta(days=number) for number in range(31)]
    due = [
        (day.isoformat(), "05:00Z" if day < dt.date(2026, 3, 29) else "04:00Z")
        for day in days
        if day.weekday() < 5 and day >= dt.date.fromisoformat(begin)
    ]
    assert [(day, reference[-6:]) for day, _, reference in world.kept()] == due
    assert max(world.waited) <= service.LONGEST_WAIT
    assert len(beats) > len(due)


def test_what_is_broken_while_it_serves_is_told_and_mended(world: World) -> None:
    world.at("2026-03-01T06:00")
    world.until = dt.datetime(2026, 3, 1, 6, 3, 30, tzinfo=dt.UTC)
    file = world.folder / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text("phasegate: 2\n", encoding="utf-8")
    world.on_wait = lambda _: file.write_text(text, encoding="utf-8")
    world.scheduler().serve(lambda: None)
    assert [(each.due is None, each.outcome) for each in world.told] == [(True, None), (False, "open")]


def test_stopped_while_it_waits_for_a_source_it_leaves_the_run_for_later(world: World) -> None:
    (world.folder / "invoices.csv").unlink()
    world.until = world.at("2026-03-01T06:00").now
    assert world.scheduler().run_due() == []
    world.until = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    world.invoices()
    world.at("2026-03-01T08:00").scheduler().run_due()
    assert world.days() == ["2026-03-01"]


@pytest.mark.parametrize(
    ("schedules", "error"),
    [("  {}", NoSchedulesError), ('  daily: {cron: "0 6 * * *", decide: [nobody]}', UnknownIdError)],
)
def test_what_can_not_be_scheduled(schedules: str, error: type[Exception], world: World) -> None:
    world.write(schedules)
    with pytest.raises(error):
        world.scheduler().run_due()


def test_two_schedulers_of_one_ledger_make_each_run_once_for_a_month(world: World) -> None:
    for _ in two_at_once(world, 31):
        pass
    assert world.days() == [f"2026-03-{day:02}" for day in range(1, 32)]


MINUTELY = '  often: {{cron: "* * * * *", missed: {missed}}}'


@pytest.mark.parametrize(("missed", "due"), [("last", ["12:00Z"]), ("none", ["12:00Z"])])
def test_however_many_were_missed_the_last_one_is_the_last(missed: str, due: list[str], world: World) -> None:
    world.write(MINUTELY.format(missed=missed))
    world.at("2026-03-01T12:00").scheduler().run_due()
    world.at("2026-03-05T12:00").scheduler().run_due()
    assert [reference[-6:] for _, _, reference in world.kept()[1:]] == due


def test_in_an_hour_that_comes_twice_a_run_is_made_once_and_nobody_hurries(world: World) -> None:
    world.write('  night: {cron: "30 2 * * *", zone: Europe/Berlin}')
    world.at("2026-10-25T00:30").scheduler().run_due()
    world.until = dt.datetime(2026, 10, 25, 1, 40, tzinfo=dt.UTC)
    world.at("2026-10-25T01:05").scheduler().serve(lambda: None)
    assert world.days() == ["2026-10-25"]
    assert min(world.waited[-30:]) == service.LONGEST_WAIT


def test_an_edited_schedule_makes_up_for_nothing_that_it_was_not_due_for(world: World) -> None:
    world.write('  w: {cron: "0 6 * * mon"}')
    world.at("2026-03-02T06:00").scheduler().run_due()
    world.write('  w: {cron: "0 */6 * * *"}')
    world.at("2026-03-04T13:00").scheduler().run_due()
    assert [reference for _, _, reference in world.kept()] == [
        "schedule w due 2026-03-02T06:00Z",
        "schedule w due 2026-03-04T12:00Z",
    ]


@pytest.mark.parametrize("due", ["2036-01-01T00:00Z", "2026-03-01T06:01Z"])
def test_a_run_that_says_it_was_due_later_than_it_was_recorded_silences_nothing(
    due: str, world: World
) -> None:
    world.at("2026-03-01T06:00").scheduler().run_due()
    reference = world.kept_references()[0].replace("2026-03-01T06:00Z", due)
    Attempt(("check",), world.folder, world.now, {"PHASEGATE_REFERENCE": reference}).decide(world.now.date())
    world.at("2026-03-02T06:00").scheduler().run_due()
    assert world.days() == ["2026-03-01", "2026-03-01", "2026-03-02"]


def test_two_projects_that_share_a_ledger_each_make_their_runs(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other", ledger="env:LEDGER", environ={"LEDGER": str(tmp_path / "phasegate.db")})
    other.folder.mkdir()
    other.write()
    file = other.folder / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "title: Another\n", encoding="utf-8")
    world.at("2026-03-01T06:00").scheduler().run_due()
    assert len(other.at("2026-03-01T06:00").scheduler().run_due() or []) == 1
    assert other.scheduler().run_due() == []


def test_a_source_that_is_away_is_waited_for_once_however_many_runs_are_due(world: World) -> None:
    world.at("2026-03-01T06:00").scheduler().run_due()
    (world.folder / "invoices.csv").unlink()
    world.waited.clear()
    world.at("2026-03-05T06:00").scheduler().run_due()
    assert sum(world.waited) == 70
    assert len(world.days()) == 5


@pytest.mark.parametrize(
    "written", ["*.csv", "{folder}/*.csv", "{elsewhere}/*.csv", "{folder}/../{folder.name}/else*/*.csv"]
)
def test_a_glob_is_waited_for_as_it_is_read(world: World, tmp_path: Path, written: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = written.format(folder=world.folder, elsewhere=elsewhere)
    project = (world.folder / "phasegate.yaml").read_text(encoding="utf-8")
    source = f"{{path: '{path}', outside: true}}"
    project = project.replace("{path: invoices.csv}", source)
    (world.folder / "phasegate.yaml").write_text(project, encoding="utf-8")
    if "else" in path:
        (world.folder / "invoices.csv").rename(elsewhere / "invoices.csv")
    (ran,) = world.at("2026-03-01T06:00").scheduler().run_due() or []
    assert (ran.outcome, ran.error, world.waited) == ("open", None, [0])
    for file in (world.folder, elsewhere):
        (file / "invoices.csv").unlink(missing_ok=True)
    world.waited.clear()
    (ran,) = world.at("2026-03-02T06:00").scheduler().run_due() or []
    assert (ran.outcome, sum(world.waited)) == ("undecided", 70)


def test_a_source_that_leads_out_of_the_project_is_not_waited_for(world: World) -> None:
    project = (world.folder / "phasegate.yaml").read_text(encoding="utf-8")
    (world.folder / "phasegate.yaml").write_text(project.replace("invoices.csv", "in*.csv"), encoding="utf-8")
    (world.folder / "invoices.csv").unlink()
    (world.folder / "invoices.csv").symlink_to("/etc/hostname")
    (ran,) = world.at("2026-03-01T06:00").scheduler().run_due() or []
    assert (ran.outcome, sum(world.waited)) == ("undecided", 0)
