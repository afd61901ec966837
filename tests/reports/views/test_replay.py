"""What replays say, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.schema import Record
from phasegate.reports.views.replay import MOST, replays_document, replays_text
from phasegate.runs.remeasure import Remeasured
from phasegate.runs.replay import Difference, Replayed
from phasegate.runs.replay_all import Replays, RunReplay


@pytest.fixture
def replays(saved: Callable[[str], Record]) -> dict[str, Replays]:
    record = saved("programme")
    same = Replayed(record, True, (), ())
    words = Replayed(record, False, (), ("requirements[3].reason", "requirements[4].reason"))
    others = Replayed(
        record,
        False,
        (
            Difference("criterion", "1.1.1/systems", "pass", "fail", "90 %, where >= 95 % is required"),
            Difference("gate", "1", "open", "closed"),
            Difference("outcome", "run", "open", "closed"),
        ),
        (),
    )
    unrelated = [
        *(Difference("criterion", f"1.{i}/c", "pass", "none") for i in range(90)),
        *(Difference("criterion", f"9.{i}/c", "none", "error", "not measured") for i in range(2)),
        *(Difference("point", f"2.{i}", "pass", "fail") for i in range(40)),
        *(Difference("gate", f"{i}", "open", "undecided") for i in range(15)),
        Difference("outcome", "run", "open", "undecided"),
    ]
    changed = Remeasured(
        (("invoices", "other content in invoices.csv (20 rows then, 21 now)"),),
        (("invoices.reconciled", "90 %", "95 %"), *((f"f[{i}]", "1", "2") for i in range(30))),
    )
    run = RunReplay(1, "0.1.0", same, entries=(45, 45))
    return {
        "the same": Replays((run,), None, "0.1.0"),
        "all the same": Replays((run, replace(run, number=2)), None, "0.1.0"),
        "sources as they were": Replays((replace(run, remeasured=Remeasured((), ())),), None, "0.1.0"),
        "sources that changed": Replays((replace(run, remeasured=changed),), None, "0.1.0"),
        "no project": Replays(
            (replace(run, remeasured=Remeasured((), (), "there is no phasegate.yaml in x")),), None, "0.1.0"
        ),
        "entries that do not follow": Replays((replace(run, entries=(45, 44)),), None, "0.1.0"),
        "other words": Replays((replace(run, found=words, entries=None),), None, "0.1.0"),
        "words of another version": Replays(
            (replace(run, found=words, entries=None, recorded_by="0.0.9"),), None, "0.1.0"
        ),
        "other verdicts": Replays(
            (replace(run, found=others, entries=None), replace(run, number=2)), None, "0.1.0"
        ),
        "other rules": Replays((replace(run, found=others, entries=None),), "stricter", "0.1.0"),
        "unrelated rules": Replays(
            (replace(run, found=replace(others, differences=tuple(unrelated)), entries=None),), "u", "0.1.0"
        ),
        "far off": Replays(
            (replace(run, found=replace(others, differences=tuple(unrelated)), entries=None),), None, "0.1.0"
        ),
        "other rules, the same": Replays((replace(run, found=words, entries=None),), "milder", "0.1.0"),
        "a failure": Replays(
            (RunReplay(1, "0.1.0", None, "its rules have the schema 'x'"), replace(run, number=2)),
            None,
            "0.1.0",
        ),
        "nothing": Replays((), None, "0.1.0"),
    }


GOOD = {
    "the same",
    "all the same",
    "sources as they were",
    "words of another version",
    "other rules, the same",
    "nothing",
}


def test_what_was_found(replays: dict[str, Replays], snapshot: SnapshotAssertion) -> None:
    for name, found in replays.items():
        assert replays_text(found, width=100, colour=False) == snapshot(name=name)
        assert found.good is (name in GOOD), name


def test_the_same_as_json(replays: dict[str, Replays], snapshot: SnapshotAssertion) -> None:
    for name in ("the same", "other verdicts", "sources that changed", "a failure"):
        found = replays_document(replays[name])
        assert found["good"] is (name in GOOD)
        if name == "sources that changed":
            found["runs"][0]["facts"] = found["runs"][0]["facts"][:1]
        assert json.dumps(found, indent=2, ensure_ascii=False) == snapshot(name=f"json: {name}")


def test_unrelated_rules_are_told_in_short_and_listed_as_json(replays: dict[str, Replays]) -> None:
    found = replays["unrelated rules"]
    told = replays_text(found, width=200, colour=False)
    assert len(told.splitlines()) == 1 + 2 + MOST + 1
    assert "The other rules do not decide 90 of them: criterion 1.0/c, criterion 1.1/c, " in told
    assert "The run did not decide: criterion 9.0/c, criterion 9.1/c." in told
    assert "outcome run: open → undecided" in told
    assert f"and {40 + 15 + 1 - MOST} more; --format json has all of them" in told
    assert len(replays_document(found)["runs"][0]["differences"]) == 90 + 2 + 40 + 15 + 1
