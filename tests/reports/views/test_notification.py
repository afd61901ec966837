"""What a message says: all of the news in few lines, and nothing that a chat would take for a command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hostile_text import TEXTS

from phasegate.audit.trail.runs import KeptRun
from phasegate.monitoring.history.diff import CriterionChange, GateChange, RequirementChange
from phasegate.monitoring.notifications.changes import Changes, Coming
from phasegate.records.expirations import Ending
from phasegate.records.overdue import PhaseEnd
from phasegate.reports.views.notification import MOST, notice, summary
from phasegate.rules.model.notification import Notification

RECORD = json.loads((Path(__file__).parents[1] / "records" / "minimal_pass.json").read_text(encoding="utf-8"))


def news(**changes: Any) -> Changes:
    run = KeptRun(12, 99, {"as_of": RECORD["as_of"], "kind": "check", "scope": []})
    return Changes(
        **{"run": run, "record": RECORD, "since": 11, "gates": (), "criteria": (), "due": Coming()} | changes
    )


def gates(**states: str | None) -> tuple[GateChange, ...]:
    return tuple(GateChange(name, "Title", "open", after) for name, after in states.items())


def criteria(number: int, text: str = "Text") -> tuple[CriterionChange, ...]:
    return tuple(CriterionChange(f"p/{place}", text, "pass", "fail", ()) for place in range(number))


def ending(name: str, day: int) -> Ending:
    return Ending(dt.date(2026, 4, day), "waiver", name, ("p/0",), ("1",))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (news(gates=gates(a="closed")), "gate a is closed"),
        (news(gates=gates(a="closed", programme="closed")), "gate a and the programme gate are closed"),
        (news(gates=gates(a="closed", b="open", c="closed")), "gate a and gate c are closed; gate b is open"),
        (
            news(gates=gates(a="open", b="open", c="open", d="open", e="open")),
            "gate a, gate b, gate c and 2 more are open",
        ),
        (news(gates=gates(a=None)), "gate a is gone"),
        (news(criteria=criteria(1)), "1 criterion changed"),
        (news(criteria=criteria(3)), "3 criteria changed"),
        (news(gates=gates(a="closed"), criteria=criteria(3)), "gate a is closed"),
        (news(due=Coming((ending("w", 1),))), "waiver w ends on 2026-04-01"),
        (news(due=Coming((ending("v", 1), ending("w", 1)))), "2 things end on 2026-04-01"),
        (
            news(due=Coming(phases=(PhaseEnd("2", "Rollout", dt.date(2026, 4, 5)),))),
            "gate 2: its weeks end on 2026-04-05",
        ),
        (
            news(criteria=criteria(2), due=Coming((ending("v", 1), ending("w", 3)))),
            "2 criteria changed; 2 things end from 2026-04-01 to 2026-04-03",
        ),
    ],
)
def test_a_title_says_it_in_one_line(found: Changes, said: str) -> None:
    assert summary(found) == said


def test_a_message_of_ten_thousand_changes_stays_short() -> None:
    due = tuple(ending(f"w-{place}", 1) for place in range(10_000))
    message = notice(news(criteria=criteria(10_000), due=Coming(due)), Notification(to="env:A"), "Support")
    assert f"and {10_000 - MOST:,} more" in message.body
    assert len(message.body) < 10_000


def test_templates_name_the_parts() -> None:
    notification = Notification(
        to="env:A", title="$title/$run/$as_of", body="$$ $more|${summary}|$gates|$due"
    )
    message = notice(news(criteria=criteria(1)), notification, "Support")
    assert message.title == f"Support/12/{RECORD['as_of']}"
    assert message.body == "$ phasegate diff 11 12|1 criterion changed||"


def test_a_template_is_filled_once() -> None:
    """What a title or a criterion says is no template."""
    message = notice(news(criteria=criteria(1, "$run ${title}")), Notification(to="env:A"), "$run")
    assert message.title == "$run: 1 criterion changed"
    assert "$run ${title}" in message.body


@pytest.mark.parametrize("text", [*TEXTS, "@everyone", "@Here now", "<!channel>", "<@U123>", "a@all.example"])
def test_hostile_text_stays_text(text: str) -> None:
    message = notice(
        news(criteria=criteria(1, text), gates=gates(a="closed")), Notification(to="env:A"), text
    )
    assert "\n" not in message.title
    for part in message:
        assert "\0" not in part
        assert "\u202e" not in part
        for call in ("@everyone", "@here", "@channel", "@all ", "<!", "<@"):
            assert call not in part.lower()
    assert len(message.title) <= 200


def test_a_record_that_says_more_is_told_as_the_one_that_it_is() -> None:
    first = dataclasses.replace(news(criteria=criteria(1)), since=0)
    assert notice(first, Notification(to="env:A"), "Support").body.endswith("More: phasegate report 12")


def test_a_criterion_of_thousands_of_requirements_stays_short() -> None:
    requirement = RECORD["requirements"][0]
    changes = tuple(
        RequirementChange(f"p/0/m[{place}]", requirement, {**requirement, "verdict": "fail"}, ())
        for place in range(4_000)
    )
    found = news(criteria=(CriterionChange("p/0", "Text", "pass", "fail", changes),))
    message = notice(found, Notification(to="env:A"), "Support")
    assert len(message.body) < 10_000
    assert "more lines" in message.body


@pytest.mark.parametrize("body", ["$due", "$gates", " $$ "])
def test_a_message_has_a_text_whatever_the_template_leaves_out(body: str) -> None:
    message = notice(news(criteria=criteria(1)), Notification(to="env:A", body=body), "Support")
    assert message.body in ("1 criterion changed", "$")
