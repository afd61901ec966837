"""A whole record: each verdict follows from those that it rests on, and whichever is changed is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from phasegate.records.reader import load_record
from phasegate.records.recheck_verdicts import roll_up
from phasegate.rules.model.verdict import WORST_FIRST

MINIMAL = Path(__file__).parents[1] / "reports" / "records" / "minimal_pass.json"
HARD, SOFT, ADVISORY = ("hard", "soft", "advisory")
STATES = ["open", "open_with_waivers", "undecided", "closed"]


def record(*criteria: tuple[str, str], state: str = "open", outcome: str | None = None, **more: Any) -> Any:
    """A record of one point of some criteria with one requirement each, and of the gate before another."""
    found: Any = load_record(MINIMAL)
    (requirement,), (criterion,), (gate,) = found["requirements"], found["criteria"], found["gates"]
    names = [f"c{place}" for place in range(len(criteria))]
    found["requirements"] = [
        {**requirement, "id": f"{name}/m", "criterion": name, "verdict": verdict}
        for name, (_, verdict) in zip(names, criteria, strict=True)
    ]
    found["criteria"] = [
        {**criterion, "id": name, "enforcement": level, "verdict": verdict, "requirements": [f"{name}/m"]}
        for name, (level, verdict) in zip(names, criteria, strict=True)
    ]
    binding = [verdict for level, verdict in criteria if level != ADVISORY]
    worst = min(binding, key=WORST_FIRST.index, default="error")
    found["points"] = [{**found["points"][0], "id": "p", "criteria": names, "verdict": worst}]
    waived = [f"{name}/m" for name, each in zip(names, criteria, strict=True) if each in (
        (HARD, "waived"), (SOFT, "waived"))]  # fmt: skip
    score = {
        "apply": len(binding) - binding.count("not_applicable"),
        "passing": binding.count("pass"),
        "passing_with_waivers": binding.count("pass") + binding.count("waived"),
    }
    gate = {**gate, "points": ["p"], "score": score, "state": state, "own": state, "waivers": waived}
    none = {"apply": 0, "passing": 0, "passing_with_waivers": 0}
    after = {"id": "later", "points": ["p"], "after": [gate["id"]], "targets": [], "score": score}
    assert none.keys() == score.keys()
    found["gates"] = [gate, {**gate, **after}]
    found["score"] = score
    found["outcome"] = outcome or state
    return {**found, **more}


@pytest.mark.parametrize(
    "whole",
    [
        record((HARD, "pass")),
        record((HARD, "pass"), (SOFT, "waived"), state="open_with_waivers"),
        record((HARD, "pass"), (HARD, "fail"), state="closed"),
        record((HARD, "pass"), (SOFT, "unknown"), state="undecided"),
        record((HARD, "pass"), (ADVISORY, "fail")),
        record((HARD, "pass"), (HARD, "not_applicable")),
        record((ADVISORY, "pass"), state="undecided", outcome="nothing"),
        record((HARD, "pass"), (SOFT, "stale"), (SOFT, "waived"), state="undecided"),
    ],
)
def test_what_follows_is_no_fault(whole: Any) -> None:
    assert list(roll_up(whole)) == []


def changed(whole: Any, *path: Any, to: Any) -> Any:
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return whole


SOME = ((HARD, "pass"), (SOFT, "waived"), (ADVISORY, "fail"))
OTHER_SCORE = [
    {"apply": 1, "passing": 1, "passing_with_waivers": 2},
    {"apply": 2, "passing": 2, "passing_with_waivers": 2},
    {"apply": 2, "passing": 1, "passing_with_waivers": 1},
]
WITH = {"state": "open_with_waivers"}


@pytest.mark.parametrize(
    ("path", "to", "fault"),
    [
        (("outcome",), "open", "the outcome is open, and what it rests on makes it open_with_waivers"),
        (("outcome",), "closed", "the outcome is closed, and what it rests on makes it open_with_waivers"),
        (("outcome",), "nothing", "the outcome is nothing, and what it rests on makes it open_with_waivers"),
        (("points", 0, "verdict"), "pass", "point p is pass, and what it rests on makes it waived"),
        (("criteria", 0, "verdict"), "waived", "criterion c0 is waived, and what it rests on makes it pass"),
        (("criteria", 2, "verdict"), "pass", "criterion c2 is pass, and what it rests on makes it fail"),
        (("requirements", 2, "verdict"), "odd", "criterion c2 is fail, and what it rests on makes it error"),
        (("requirements", 0, "criterion"), "a", "criterion c0 rests on a requirement of another one"),
        (("requirements", 0, "criterion"), "d", "criterion c0 rests on a requirement of another one"),
        (("gates", 0, "own"), "open",
         "gate programme by itself is open, and what it rests on makes it open_with_waivers"),
        (("gates", 1, "state"), "open",
         "gate later is open, and what it rests on makes it open_with_waivers"),
        (("gates", 1, "state"), "closed",
         "gate later is closed, and what it rests on makes it open_with_waivers"),
        (("gates", 1, "max_waivers"), 0,
         "gate later is open_with_waivers, and what it rests on makes it closed"),
        (("gates", 1, "waivers"), [], "gate later rests on the waiver of c1/m, and does not say so"),
        (("gates", 0, "waivers"), ["c0/m", "c1/m"],
         "gate programme names a waiver of a requirement that is not waived"),
        *((("gates", 1, "score"), score, "the score of gate later is not that of its criteria")
          for score in OTHER_SCORE),
        *((("score",), score, "the score of the run is not that of its criteria") for score in OTHER_SCORE),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_told(path: tuple[Any, ...], to: Any, fault: str) -> None:
    assert fault in list(roll_up(changed(record(*SOME, **WITH), *path, to=to)))


@pytest.mark.parametrize("verdict", WORST_FIRST)
def test_where_the_engines_differ_it_may_be_worse_and_never_better(verdict: str) -> None:
    doubtful = record((SOFT, "unknown"), state="undecided", disagreements=[{"id": "c0"}])
    better = WORST_FIRST.index(verdict) > WORST_FIRST.index("unknown")
    said = f"point p is {verdict}, and what it rests on makes it unknown"
    assert (said in list(roll_up(changed(doubtful, "points", 0, "verdict", to=verdict)))) is better


@pytest.mark.parametrize(("state", "told"), [*zip(STATES, [True, True, False, False], strict=True)])
def test_neither_may_a_state_be(state: str, told: bool) -> None:
    doubtful = record((SOFT, "unknown"), state="undecided", disagreements=[{"id": "c0"}])
    said = f"the outcome is {state}, and what it rests on makes it undecided"
    assert (said in list(roll_up(changed(doubtful, "outcome", to=state)))) is told


@pytest.mark.parametrize(("missing", "state"), [([], "open"), (["finance"], "undecided")])
def test_without_its_approvals_a_gate_is_never_open(missing: list[str], state: str) -> None:
    whole = record((HARD, "pass"), state=state, kind="gate", scope=["programme"])
    whole["approval"]["missing"] = missing
    assert list(roll_up(whole)) == []
    wrong = record((HARD, "pass"), state="open" if missing else "undecided", kind="gate", scope=["programme"])
    wrong["approval"]["missing"] = missing
    assert len(list(roll_up(wrong))) == 2


@pytest.mark.parametrize("scope", [["programme"], ["later"], ["neither"], []])
def test_the_outcome_of_a_gate_is_its_state(scope: list[str]) -> None:
    whole = record((HARD, "pass"), kind="gate", scope=scope)
    whole["approval"]["missing"] = []
    known = scope in (["programme"], ["later"])
    assert list(roll_up(whole)) == (
        [] if known else ["the outcome is open, and what it rests on makes it nothing"]
    )
