"""Whatever goes wrong between a change and its message, nothing is lost, doubled or blocked by it."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import posting
import pytest
from posting import QUIET, World, forged, verified

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.statements.listing import acts
from phasegate.audit.trail.notification_entries import Told
from phasegate.monitoring.notifications.delivery import AGAIN, Delivery
from phasegate.monitoring.notifications.journal import Journal
from phasegate.monitoring.notifications.notifier import ROUNDS, Notifier
from phasegate.monitoring.notifications.run_history import RunHistory
from phasegate.monitoring.notifications.transport import HUNG, REFUSED
from phasegate.reports.views.entries import all_text
from phasegate.reports.views.notification import notice
from phasegate.rules.loading.project import load_project
from phasegate.runs.attempt import Attempt

ENVELOPE = {
    "recorded_at": "2026-03-01T06:00:00Z",
    "evaluator": "evaluator",
    "fingerprint": "f",
    "reference": None,
}


def test_a_first_look_before_any_run_tells_from_the_first_run_on(world: World, post: Notifier | None) -> None:
    world.now = dt.datetime(2026, 2, 28, 6, tzinfo=dt.UTC)
    Attempt(("check",), world.folder, world.now, world.environ).decide(dt.date(2026, 1, 1))
    world.now += dt.timedelta(minutes=1)
    (post or world.post()).deliver(load_project(world.folder / "phasegate.yaml"))
    assert world.outcomes() == [("began", 0)]
    world.day("2026-03-01", post)
    world.invoices("open")
    assert len(world.day("2026-03-02", post)) == 1


def test_what_can_not_be_noted_is_not_sent(world: World, post: Notifier | None) -> None:
    world.day("2026-03-01", post)
    world.invoices("open")
    own = world.folder / ".phasegate" / "evaluator"
    key = own.read_bytes()
    world.day("2026-03-02", post=QUIET)  # the run is made, and nobody is told
    own.write_bytes(b"no key")
    post = post or world.post()
    for _ in range(3):
        post.deliver(load_project(world.folder / "phasegate.yaml"))
    assert world.took == []
    assert world.told[-1].reason is not None
    own.write_bytes(key)
    for _ in range(3):
        post.deliver(load_project(world.folder / "phasegate.yaml"))
    assert len(world.took) == 1


def test_what_could_not_be_noted_afterwards_is_noted_and_not_sent_again(world: World) -> None:
    post = world.post()
    world.day("2026-03-01", post)
    world.invoices("open")
    own = world.folder / ".phasegate" / "evaluator"
    key = own.read_bytes()

    def answer(_: str) -> None:
        own.write_bytes(b"no key")  # between the sending and the note

    world.answer = answer
    world.day("2026-03-02", post)
    own.write_bytes(key)
    for _ in range(3):
        post.deliver(load_project(world.folder / "phasegate.yaml"))
    assert len(world.took) == 1
    assert world.outcomes()[-1] == ("sent", 2)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        (f"{REFUSED}: it answered 400", "given up"),
        (f"{REFUSED}: it answered 503", "failed"),
        (HUNG, "failed"),
    ],
)
def test_a_message_that_its_service_never_takes_is_given_up(reason: str, ends: str, world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.answer = lambda _: reason
    world.day("2026-03-02")
    for _ in range(ROUNDS - 1):
        world.now += dt.timedelta(days=1, hours=1)
        world.post().deliver(load_project(world.folder / "phasegate.yaml"))
    assert world.outcomes()[-1] == (ends, 2)
    world.answer = lambda _: None
    world.invoices("reconciled")
    told = [title for _, title in world.day("2026-03-20")]
    closed = ["gate 1 and the programme gate are closed"] if ends == "failed" else []
    assert told[: len(closed) + 1] == [*closed, "gate 1 and the programme gate are open"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("rounds", "ends"),
    [
        (["503"] * ROUNDS + ["400"], "failed"),
        (["400"] * (ROUNDS - 1) + ["503", "400"], "failed"),
        (["503"] + ["400"] * ROUNDS, "given up"),
        (["400", "413", "422", "400", "413"], "given up"),
        (["400 503 400"] * (ROUNDS + 1), "failed"),
        (["400 400 503"] * (ROUNDS + 1), "failed"),
        (["400 500 200"], "sent"),
    ],
)
def test_only_what_a_service_calls_wrong_all_the_time_is_given_up(
    rounds: list[str], ends: str, world: World
) -> None:
    """Each round is of three tries, of which one answer stands for all."""
    world.day("2026-03-01")
    world.invoices("open")
    answers = [
        code for each in rounds for code in (each.split() if " " in each else [each] * (len(AGAIN) + 1))
    ]
    told = iter(answers)

    def answer(_: str) -> str | None:
        code = next(told)
        return None if code == "200" else f"{REFUSED}: it answered {code}"

    world.answer = answer
    world.day("2026-03-02")
    for _ in rounds[1:]:
        world.now += dt.timedelta(days=1, hours=1)
        world.post().deliver(load_project(world.folder / "phasegate.yaml"))
    assert next(told, None) is None
    assert world.outcomes()[-1] == (ends, 2)


def test_a_fault_with_one_is_nobody_elses_loss(world: World) -> None:
    world.write("  a: {to: env:A}\n  b: {to: env:B}\n  all: {to: env:ALL}")
    world.day("2026-03-01")
    forged(world, Draft("notified", None, "a", {"project": "Programme"}))
    world.invoices("open")

    def answer(address: str) -> str | None:
        if address == "b":
            raise RuntimeError("a secret may stand here")
        return None

    world.answer = answer
    assert [to for to, _ in world.day("2026-03-02")] == ["all"]
    assert str(world.told[-3].reason).endswith(
        ": entry 17 can not be read as a message that was sent or not: it has no 'outcome'"
    )
    assert [(each.to, each.reason) for each in world.told[-2:]] == [
        ("b", "unexpected RuntimeError"),
        ("all", None),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"about": "x"},
        {"about": -1},
        {"outcome": "lost"},
        {"envelope": None},
        {"tries": "3"},
        {"project": []},
        {
            "envelope": {
                "recorded_at": "2026-03-01T06:00:00",
                "evaluator": "e",
                "fingerprint": "f",
                "reference": None,
            }
        },
    ],
)
def test_verify_reads_what_such_an_entry_says(change: dict[str, Any], world: World) -> None:
    world.day("2026-03-01")
    assert verified(world) == []
    entry = Told("all", "failed", 1, world.now, "12345678", 1, "why", None)
    envelope = {
        "recorded_at": "2026-03-01T06:00:00Z",
        "evaluator": "evaluator",
        "fingerprint": "f",
        "reference": None,
    }
    sound = entry.draft("Programme", envelope)
    forged(world, Draft(sound.kind, None, "all", {**sound.document, **change}))
    assert any(place.startswith("entry ") for place in verified(world))
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        assert all_text([], acts(ledger), width=100, colour=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("within: 5 days", "within: 25 days"),
        ("areas: [a]", "areas: [a, b]"),
        ("about: [gates]", "about: [gates, due]"),
    ],
)
def test_who_is_told_of_more_is_told_what_of_it_is_due(
    before: str, after: str, world: World, post: Notifier | None
) -> None:
    world.review("2026-02-18")  # stale from 21 March on
    world.write(f"  all: {{to: env:ALL, {before}}}")
    world.day("2026-03-08", post)
    world.write(f"  all: {{to: env:ALL, {after}}}")
    assert world.day("2026-03-09", post) == [("all", "The latest review goes stale on 2026-03-21")]
    assert world.day("2026-03-10", post) == []


def test_what_is_back_as_it_was_is_not_told_to_be_due_again(world: World, post: Notifier | None) -> None:
    world.review("2026-02-18")
    world.day("2026-03-08", post)
    assert [title for _, title in world.took] == ["The latest review goes stale on 2026-03-21"]
    world.review("2026-02-18", "false")
    assert world.day("2026-03-09", post) == [("all", "gate 2 and the programme gate are closed")]
    world.review("2026-02-18")
    assert world.day("2026-03-10", post) == [("all", "gate 2 and the programme gate are open")]


def test_somebody_who_is_added_while_nothing_changes_is_told_the_next_change(world: World) -> None:
    post = world.post()
    world.day("2026-03-01", post)
    loaded = load_project(world.folder / "phasegate.yaml")
    for _ in range(3):
        post.deliver(loaded)
    world.write("  all: {to: env:ALL}\n  b: {to: env:B}")
    post.deliver(load_project(world.folder / "phasegate.yaml"))
    world.invoices("open")
    assert {to for to, _ in world.day("2026-03-02", post)} == {"all", "b"}


@pytest.mark.parametrize("part", [False, True], ids=["whole", "a run of a part between"])
def test_what_is_gone_is_told_to_all(part: bool, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write("  a: {to: env:A, areas: [a]}\n  b: {to: env:B, areas: [b]}")
    world.day("2026-03-01")
    if part:
        world.now += dt.timedelta(hours=1)
        Attempt(("gate", "1"), world.folder, world.now, world.environ).decide(world.now.date(), gate="1")
    gone = posting.PACK.replace("{id: reconciled, text: Invoices are reconciled", "{id: other, text: Others")
    monkeypatch.setattr(posting, "PACK", gone)
    world.write("  a: {to: env:A, areas: [a]}\n  b: {to: env:B, areas: [b]}")
    world.day("2026-03-02")
    assert [("a.1/reconciled" in text.body, "a.1/other" in text.body) for text in world.texts] == [
        (True, True),
        (True, False),
    ]


def test_however_many_runs_of_a_part_there_were_all_else_is_known(world: World) -> None:
    world.day("2026-03-01")
    for _ in range(12):
        world.now += dt.timedelta(minutes=1)
        Attempt(("gate", "1"), world.folder, world.now, world.environ).decide(world.now.date(), gate="1")
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        history = RunHistory(ledger, "Programme")
        known = history.known_after(13, 14)
    assert known is not None
    assert (known.gates["1"], known.gates["2"]) == (13, 1)
    world.review("2026-03-01", "false")
    assert world.day("2026-03-02") == [("all", "gate 2 and the programme gate are closed")]


def test_a_clock_that_ran_ahead_silences_nothing(world: World, post: Notifier | None) -> None:
    world.review("2026-12-31")
    world.day("2027-01-01", post)
    world.review("2026-03-01")
    world.invoices("open")
    world.now = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
    Attempt(("check",), world.folder, world.now, world.environ).decide(world.now.date())
    (post or world.post()).deliver(load_project(world.folder / "phasegate.yaml"))
    assert world.took[-1][1].startswith("gate 1 and the programme gate are closed")


def test_a_pipe_in_the_place_of_an_address_keeps_nobody_waiting(world: World) -> None:
    os.mkfifo(world.folder / "pipe")
    world.write("  all: {to: file:pipe}")
    world.day("2026-03-01")
    world.invoices("open")
    world.day("2026-03-02")
    assert world.entries()[-1].reason == "file:pipe is no ordinary file"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("json://a, json://b", "there are several addresses, and a notification has one"),
        ("json://a\nmailto://b", "there are several addresses, and a notification has one"),
        ("\ufeffjson://a\r\n", None),
    ],
)
def test_a_file_has_one_address(address: str, reason: str | None, world: World) -> None:
    (world.folder / "address").write_bytes(address.encode())
    world.write("  all: {to: file:address}")
    world.day("2026-03-01")
    world.invoices("open")
    assert [to for to, _ in world.day("2026-03-02")] == ([] if reason else ["json://a"])
    assert world.entries()[-1].reason == reason


def test_who_is_to_stop_tells_nobody_any_more(world: World) -> None:
    world.write("  a: {to: env:A}\n  b: {to: env:B}\n  all: {to: env:ALL}")
    world.day("2026-03-01")
    world.invoices("open")
    stopping = Notifier(
        Delivery(world.environ, lambda _: bool(world.took), world.bring),
        Journal(None, lambda: world.now, world.environ),
        lambda: world.now,
        notice,
        world.told.append,
    )
    world.day("2026-03-02", stopping)
    assert [to for to, _ in world.took] == ["a"]
