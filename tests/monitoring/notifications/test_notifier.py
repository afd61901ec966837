"""Everybody is told each thing once, whoever tells it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import posting
import pytest
from posting import World

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.notification_entries import told
from phasegate.monitoring.notifications.notifier import MARKED, Delivered, Notifier
from phasegate.monitoring.notifications.run_history import RunHistory
from phasegate.monitoring.notifications.transport import HUNG, MISSING
from phasegate.monitoring.schedules.scheduler import Scheduler
from phasegate.rules.loading.project import load_project
from phasegate.runs.attempt import Attempt


def test_nothing_is_told_while_nothing_changes(world: World, post: Notifier | None) -> None:
    assert [world.day(f"2026-03-0{day}", post) for day in range(1, 6)] == [[]] * 5
    assert world.outcomes() == [("began", 1)]


def test_a_change_is_told_once(world: World, post: Notifier | None) -> None:
    world.day("2026-03-01", post)
    world.invoices("open")
    assert world.day("2026-03-02", post) == [("all", "gate 1 and the programme gate are closed")]
    assert world.day("2026-03-03", post) == []
    world.invoices("reconciled")
    assert world.day("2026-03-04", post) == [("all", "gate 1 and the programme gate are open")]
    assert world.day("2026-03-05", post) == []


def test_a_verdict_is_told_where_no_gate_changes(world: World, post: Notifier | None) -> None:
    world.invoices("open")
    world.review("2026-03-01", "false")
    world.day("2026-03-01", post)
    world.invoices("reconciled")
    world.write("  all: {to: env:ALL, about: [verdicts, due]}")
    assert world.day("2026-03-02", post) == [("all", "1 criterion changed")]


@pytest.mark.slow
def test_what_comes_to_be_due_is_told_before_it_happens_and_then_that_it_did(
    world: World, post: Notifier | None
) -> None:
    told = {}
    for number in range(19):
        day = (dt.date(2026, 3, 16) + dt.timedelta(days=number)).isoformat()
        if found := world.day(day, post):
            told[day] = [title for _, title in found]
    assert told == {
        "2026-03-18": [
            "The latest review goes stale on 2026-04-01"
        ],  # 14 days before the first day on which it is stale
        "2026-04-01": ["gate 2 and the programme gate are undecided"],
    }
    assert "2026-04-01  in 14 days: The latest review: passed goes stale" in world.texts[0].body


@pytest.mark.slow
def test_what_is_renewed_is_told_again_when_it_is_due_again(world: World, post: Notifier | None) -> None:
    told = []
    for number in range(28):
        day = dt.date(2026, 3, 16) + dt.timedelta(days=number)
        if day == dt.date(2026, 3, 25):
            world.review("2026-03-25")
        if world.day(day.isoformat(), post):
            told.append(day.isoformat())
    assert told == ["2026-03-18", "2026-04-11"]  # 14 days before 1 April, and before 25 April


def test_evidence_that_is_always_about_to_end_is_told_of_once(world: World, post: Notifier | None) -> None:
    told = []
    for number in range(8):
        day = dt.date(2026, 3, 1) + dt.timedelta(days=number)
        world.review((day - dt.timedelta(days=25)).isoformat())
        told += world.day(day.isoformat(), post)
    assert len(told) == 1


@pytest.mark.slow
def test_a_phase_whose_weeks_end_while_its_gate_is_shut_is_told_once(
    world: World, post: Notifier | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks = posting.PACK.replace("points: [a.1]}", "points: [a.1], weeks: [1, 4]}").replace(
        "title: Map\n", "title: Map\ncycle: {weeks: 8}\n"
    )
    monkeypatch.setattr(posting, "PACK", weeks)
    monkeypatch.setattr(posting, "PROJECT", posting.PROJECT + "cycle: {{id: c1, start: 2026-03-01}}\n")
    world.write("  all: {to: env:ALL, about: [due]}\n  b: {to: env:B, areas: [b], about: [due]}")
    world.invoices("open")
    told = {}
    for number in range(22):
        day = (dt.date(2026, 3, 13) + dt.timedelta(days=number)).isoformat()
        world.review(day)
        if found := world.day(day, post):
            told[day] = found
    assert told == {"2026-03-15": [("all", "gate 1: its weeks end on 2026-03-28")]}
    said = " ".join(world.texts[0].body.split())
    assert "gate 1, First, becomes overdue: its weeks end on 2026-03-28" in said


def test_whoever_is_told_for_the_first_time_hears_what_is_due_and_no_verdict_of_then(world: World) -> None:
    world.invoices("open")
    world.review("2026-02-10")
    assert world.day("2026-03-01") == [("all", "The latest review goes stale on 2026-03-13")]


def test_everybody_is_told_what_concerns_them(world: World) -> None:
    world.write(
        "  a: {to: env:A, areas: [a]}\n"
        "  b: {to: env:B, areas: [b]}\n"
        '  finance: {to: env:ALL, roles: ["approver:finance"]}\n'
        "  auditor: {to: env:ALL, roles: [auditor], about: [verdicts]}"
    )
    world.day("2026-03-01")
    world.invoices("open")
    assert world.day("2026-03-02") == [
        ("a", "gate 1 and the programme gate are closed"),
        ("b", "the programme gate is closed"),
        ("all", "gate 1 and the programme gate are closed"),
    ]
    world.review("2026-03-02", "false")
    assert world.day("2026-03-03") == [("b", "gate 2 is closed")]


@pytest.mark.parametrize(
    ("about", "titles"),
    [
        ("[gates]", ["gate 1 and the programme gate are closed"]),
        ("[verdicts]", ["1 criterion changed"]),
        ("[due]", []),
    ],
)
def test_everybody_is_told_what_they_asked_for(about: str, titles: list[str], world: World) -> None:
    world.write(f"  all: {{to: env:ALL, about: {about}}}")
    world.day("2026-03-01")
    world.invoices("open")
    assert [title for _, title in world.day("2026-03-02")] == titles


def test_runs_that_were_missed_are_told_each_by_itself(world: World) -> None:
    world.review("2026-01-31")  # stale from 3 March on
    world.day("2026-03-01")
    world.took.clear()
    assert world.day("2026-03-06") == [("all", "gate 2 and the programme gate are undecided")]
    assert world.outcomes()[-1] == ("sent", 3)  # the run as of 3 March, of five that were made up for


def test_a_scheduler_that_died_before_it_told_is_made_up_for(world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.now += dt.timedelta(days=1)
    Scheduler(world.folder, world.environ, lambda: world.now, world.wait, world.ran.append).run_due()
    assert world.took == []
    world.scheduler().run_due()
    assert world.took == [("all", "gate 1 and the programme gate are closed")]


def test_a_message_that_fails_is_tried_again_and_then_left_for_later(
    world: World, post: Notifier | None
) -> None:
    world.day("2026-03-01", post)
    world.invoices("open")
    world.answer = lambda _: HUNG
    assert world.day("2026-03-02", post) == []
    assert world.tried == 3
    assert world.waited == [5, 30]
    failed = world.entries()[-1]
    assert (failed.outcome, failed.run, failed.tries, failed.reason) == ("failed", 2, 3, HUNG)
    assert world.told[-1] == Delivered("all", 2, HUNG)
    assert world.ran[-1].outcome == "closed"  # the run has not failed


def test_a_service_that_fails_is_left_alone_for_longer_and_longer(
    world: World, post: Notifier | None
) -> None:
    world.day("2026-03-01", post)
    world.invoices("open")
    world.answer = lambda _: HUNG
    world.day("2026-03-02", post)
    begun, rounds = world.now, []
    # Every ten minutes while it is tried; by the hour where it is not, for two days.
    for minutes in [10] * 8 * 6 + [60] * 22 + [10] * 2 * 6 + [60] * 16:
        world.now += dt.timedelta(minutes=minutes)
        before = world.tried
        world.scheduler(post).run_due()
        if world.tried > before:
            rounds.append(round((world.now - begun).total_seconds() / 3600, 1))
    assert rounds == [0.2, 1.2, 7.2, 31.2]
    world.answer = lambda _: None
    world.now += dt.timedelta(days=1)
    world.scheduler(post).run_due()
    assert world.took == [("all", "gate 1 and the programme gate are closed")]


def test_what_failed_is_told_in_its_order_once_the_service_is_back(world: World) -> None:
    world.day("2026-03-01")
    world.answer = lambda _: HUNG
    world.invoices("open")
    world.day("2026-03-02")
    world.invoices("reconciled")
    world.day("2026-03-03")
    world.answer = lambda _: None
    assert [title for _, title in world.day("2026-03-05")] == [
        "gate 1 and the programme gate are closed",
        "gate 1 and the programme gate are open",
    ]


def test_a_service_that_fails_keeps_nobody_else_waiting(world: World) -> None:
    world.write("  a: {to: env:A}\n  b: {to: env:B}")
    world.day("2026-03-01")
    world.invoices("open")
    world.answer = lambda address: HUNG if address == "a" else None
    assert [to for to, _ in world.day("2026-03-02")] == ["b"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("env:NOBODY", "the variable NOBODY is not set"),
        ("file:none", "file:none can not be read: No such file or directory"),
        ("file:empty", "file:empty is empty"),
        ("file:bytes", "file:bytes can not be read: it is no text"),
        ("file:.", "file:. is no ordinary file"),
    ],
)
def test_an_address_that_is_not_there_is_told_and_not_tried(to: str, reason: str, world: World) -> None:
    (world.folder / "empty").write_text("\n", encoding="utf-8")
    (world.folder / "bytes").write_bytes(b"\xff\xfe")
    world.write(f'  all: {{to: "{to}"}}')
    world.day("2026-03-01")
    world.invoices("open")
    world.day("2026-03-02")
    assert (world.tried, world.waited) == (0, [])
    assert (world.entries()[-1].tries, world.entries()[-1].reason) == (0, reason)


def test_an_address_may_stand_in_a_file(world: World) -> None:
    (world.folder / "address").write_text("  json://x/y\n", encoding="utf-8")
    world.write("  all: {to: file:address}")
    world.day("2026-03-01")
    world.invoices("open")
    assert [to for to, _ in world.day("2026-03-02")] == ["json://x/y"]


def test_what_waiting_does_not_mend_is_tried_once(world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.answer = lambda _: MISSING
    world.day("2026-03-02")
    assert (world.tried, world.waited) == (1, [])


def test_who_is_stopped_while_waiting_notes_nothing_and_is_made_up_for(world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.answer, world.stop = (lambda _: HUNG), True
    world.day("2026-03-02")
    assert world.outcomes() == [("began", 1)]
    world.answer, world.stop = (lambda _: None), False
    world.scheduler().run_due()
    assert len(world.took) == 1


def test_runs_that_try_out_another_day_are_news_to_nobody(world: World) -> None:
    world.day("2026-03-01")
    later = dt.date(2027, 1, 1)
    Attempt(("check",), world.folder, world.now, world.environ).decide(later)
    assert world.day("2026-03-02") == []


def test_runs_of_a_part_are_told_and_told_once(world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.now += dt.timedelta(hours=1)
    Attempt(("gate", "1"), world.folder, world.now, world.environ).decide(world.now.date(), gate="1")
    world.scheduler().run_due()
    assert [title for _, title in world.took] == ["gate 1 is closed"]
    assert world.day("2026-03-02") == [("all", "the programme gate is closed")]


@pytest.mark.slow
def test_after_many_runs_without_news_it_is_noted_how_far_was_looked(world: World) -> None:
    world.write("  all: {to: env:ALL, about: [gates]}")
    post = world.post()
    world.review("2026-03-01")
    day = dt.date(2026, 3, 1)
    for number in range(MARKED + 2):
        world.review((day + dt.timedelta(days=number)).isoformat())
        world.day((day + dt.timedelta(days=number)).isoformat(), post)
    assert world.outcomes() == [("began", 1), ("nothing", MARKED + 1)]


def test_two_projects_in_one_ledger_are_told_apart(world: World, tmp_path: Path) -> None:
    world.day("2026-03-01")
    other = (world.folder / "phasegate.yaml").read_text(encoding="utf-8").replace("Programme", "Other")
    world.invoices("open")
    (world.folder / "other.yaml").write_text(other, encoding="utf-8")
    loaded = load_project(world.folder / "other.yaml")
    Attempt(("check",), world.folder / "other.yaml", world.now, world.environ).decide(world.now.date())
    world.post().deliver(loaded)
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        assert RunHistory(ledger, "Other").newest() == 2
        assert [each.run for each in told(ledger, "Other", "all")] == [2]
    assert world.took == []


def test_a_ledger_that_is_not_there_is_nothing_to_tell_of(world: World) -> None:
    world.post().deliver(load_project(world.folder / "phasegate.yaml"))
    assert (world.told, world.took) == ([], [])
    assert not (world.folder / "phasegate.db").exists()


def test_no_row_and_no_address_is_told(world: World) -> None:
    world.environ["ALL"] = "json://host/CANARY"
    world.day("2026-03-01")
    (world.folder / "invoices.csv").write_text("status\nSECRET-ROW\n", encoding="utf-8")
    world.day("2026-03-02")
    text = "".join(map(str, world.texts))
    assert "SECRET-ROW" not in text
    assert "CANARY" not in text
    assert b"CANARY" not in (world.folder / "phasegate.db").read_bytes()
