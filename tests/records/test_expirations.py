"""The calendar of what ends: by hand, and held against what the engine decides on these days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import kept_runs
import pytest
from kept_runs import write_project

from phasegate.records.expirations import Ending, endings
from phasegate.records.reader import load_record
from phasegate.records.schema import Record
from phasegate.runs.attempt import Attempt

RECORD = Path(__file__).parents[1] / "reports" / "records" / "minimal_pass.json"
DAY = dt.timedelta(days=1)
BOTH = [("evidence", "2026-03-24"), ("waiver", "2026-04-01")]
BESIDE = ["f2", "f0"]
CRITERION = "project/requirements"
REQUIREMENT = "project/requirements/invoices.reconciled"
WAIVER = {
    "id": "W-1",
    "requirement": REQUIREMENT,
    "standing": "used",
    "reason": "",
    "covers": ["fail"],
    "floor": None,
    "why": "",
    "risk_owner": "",
    "requester": "",
    "approver": "",
    "pack_digest": "",
    "granted": "2026-01-01T00:00:00Z",
    "revoked": None,
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-04-01T00:00:00Z",
    "signer": None,
}
WORD = {
    "id": "A-1",
    "fact": "invoices.reconciled",
    "statement": "",
    "value": "true",
    "evidence": {},
    "standing": "used",
    "reason": "",
    "signer": "ann",
    "role": "auditor",
    "signed": "2026-02-10T09:00:00Z",
    "start": "2026-02-10T09:00:00Z",
    "end": "2026-06-01T00:00:00Z",
    "revoked": None,
    "comment": None,
}


def record_of(
    fact: dict[str, Any] | None = None,
    requirement: dict[str, Any] | None = None,
    waiver: dict[str, Any] | None = None,
    word: dict[str, Any] | None = None,
    criterion: dict[str, Any] | None = None,
) -> Record:
    """A record of one of each; of a waiver and an attestation where something is said of them."""
    record = load_record(RECORD)
    record["facts"][0] |= {"newest": "2026-02-20", "max_age_days": 31, **(fact or {})}  # type: ignore[typeddict-item]
    record["requirements"][0] |= requirement or {}  # type: ignore[typeddict-item]
    record["criteria"][0] |= criterion or {}  # type: ignore[typeddict-item]
    if waiver is not None:
        record["requirements"][0] |= {"verdict": "waived", "waiver": "W-1"}
        record["criteria"][0]["verdict"] = "waived"
        record["waivers"] = [{**WAIVER, **waiver}]  # type: ignore[typeddict-item]
    if word is not None:
        record["attestations"] = [{**WORD, **word}]  # type: ignore[typeddict-item]
        if {**WORD, **word}["standing"] == "used":
            record["facts"][0]["kind"] = "attested"
    return record


def told(record: Record) -> list[tuple[str, str]]:
    return [(each.kind, each.day.isoformat()) for each in endings(record)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Evidence of one day that may be 31 days old holds on the 31st day after, and not on the next.
        ({}, [("evidence", "2026-03-24")]),
        ({"fact": {"max_age_days": 0}}, [("evidence", "2026-02-21")]),
        ({"fact": {"newest": "2028-02-28", "max_age_days": 0}}, [("evidence", "2028-02-29")]),
        ({"fact": {"newest": None}}, []),
        ({"fact": {"max_age_days": None}}, []),
        ({"fact": {"newest": "9999-12-31"}}, []),
        ({"fact": {"max_age_days": 10**12}}, []),
        ({"fact": {"newest": "soon"}}, []),
        # What does not hold today does not end.
        ({"fact": {"status": "stale"}, "requirement": {"verdict": "stale"}}, []),
        ({"requirement": {"verdict": "fail"}}, []),
        ({"requirement": {"verdict": "not_applicable"}}, []),
        ({"criterion": {"enforcement": "advisory"}}, []),
        # Another requirement fails: this one still ends.
        ({"criterion": {"verdict": "fail"}}, [("evidence", "2026-03-24")]),
        # A waiver counts on whole days only.
        ({"waiver": {}}, BOTH),
        ({"waiver": {"end": "2026-04-01T23:59:59.999999Z"}}, BOTH),
        ({"waiver": {"end": "2026-04-02T01:00:00+02:00"}}, BOTH),
        ({"waiver": {"revoked": "2026-03-20T12:00:00Z"}}, [("waiver", "2026-03-20"), BOTH[0]]),
        ({"waiver": {"revoked": "2027-01-01T00:00:00Z"}}, BOTH),
        ({"waiver": {"end": "2026-04-01T00:00:00Z\0"}}, [("evidence", "2026-03-24")]),
        ({"waiver": {"end": "never"}}, [("evidence", "2026-03-24")]),
        # One that takes stale evidence too keeps the requirement waived for as long as it lasts.
        ({"waiver": {"covers": ["fail", "stale"]}}, [("waiver", "2026-04-01")]),
        ({"waiver": {"covers": ["stale"], "end": "2026-03-25T00:00:00Z"}}, [("waiver", "2026-03-25")]),
        (
            {"waiver": {"covers": ["stale"], "end": "2026-03-24T00:00:00Z"}},
            [("evidence", "2026-03-24"), ("waiver", "2026-03-24")],
        ),
        # What somebody attests ends once: with the statement, or by its age, or when it is taken back.
        ({"word": {}, "fact": {"max_age_days": None}}, [("attestation", "2026-06-01")]),
        ({"word": {"signed": "2026-02-20T09:00:00Z"}}, [("attestation", "2026-03-24")]),
        ({"word": {"end": "2026-03-10T12:00:00Z"}}, [("attestation", "2026-03-10")]),
        ({"word": {"revoked": "2026-03-05T00:00:01Z"}}, [("attestation", "2026-03-05")]),
        ({"word": {"standing": "expired"}}, [("evidence", "2026-03-24")]),
        ({"word": {"fact": "another"}}, [("evidence", "2026-03-24")]),
    ],
)  # fmt: skip
def test_the_first_day_on_which_it_no_longer_holds(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert told(record_of(**changes)) == expected


def test_a_waiver_that_nothing_rests_on_does_not_end() -> None:
    record = record_of(waiver={})
    record["requirements"][0] |= {"verdict": "pass", "waiver": None}
    assert told(record) == [("evidence", "2026-03-24")]


def alternatives(*given: tuple[str | None, str, str]) -> Record:
    """A record of one criterion with requirements: alternative, verdict, last day of evidence."""
    record = record_of()
    (fact,), (requirement,) = record["facts"], record["requirements"]
    record["facts"], record["requirements"] = [], []
    for place, (number, verdict, newest) in enumerate(given):
        name = f"f{place}"
        record["facts"].append({**fact, "id": name, "newest": newest, "max_age_days": 0})
        own = {"id": name, "fact": name, "alternative": number, "verdict": verdict}
        record["requirements"].append({**requirement, **own})  # type: ignore[typeddict-item]
    record["criteria"][0] |= {
        "requirements": [each["id"] for each in record["requirements"]],
        "verdict": "pass",
    }
    return record


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        # One alternative is enough while another one holds; what stands beside them always counts.
        ([("1", "pass", "2026-03-01"), ("2", "pass", "2026-03-02")], ["f1"]),
        ([("1", "pass", "2026-03-01"), ("2", "pass", "2026-03-01")], ["f0", "f1"]),
        ([("1", "pass", "2026-03-01"), ("2", "fail", "2026-03-02")], ["f0"]),
        ([("1", "fail", "2026-03-01"), ("2", "pass", "2026-03-02"), ("2", "waived", "2026-03-03")], ["f1"]),
        ([("1", "pass", "2026-03-01"), ("1", "fail", "2026-03-02"), ("2", "pass", "2026-03-03")], ["f2"]),
        ([(None, "pass", "2026-03-03"), ("1", "pass", "2026-03-01"), ("2", "pass", "2026-03-02")], BESIDE),
        ([("1", "fail", "2026-03-01"), ("2.1", "pass", "2026-03-02"), ("2.2", "pass", "2026-03-03")], ["f2"]),
        ([("1", "fail", "2026-03-01"), ("2.1", "pass", "2026-03-02"), ("2.2", "fail", "2026-03-03")], ["f1"]),
        ([("1", "fail", "2026-03-01"), ("11", "pass", "2026-03-02")], ["f1"]),
        ([("1", "fail", "2026-03-01"), ("1", "pass", "2026-03-02"), ("2", "fail", "2026-03-03")], []),
        # The criterion does not hold anyway: what stands beside what fails still ends.
        ([(None, "pass", "2026-03-03"), (None, "fail", "2026-03-01"), ("1", "pass", "2026-03-02")], BESIDE),
        # No number of ours; they are read all the same, and never in a circle.
        ([(".1", "pass", "2026-03-01"), ("." * 100_000, "fail", "2026-03-02")], ["f0"]),
    ],
)  # fmt: skip
def test_nothing_rests_on_an_alternative_that_is_not_needed(
    given: list[tuple[str | None, str, str]], ends: list[str]
) -> None:
    assert [each.id for each in endings(alternatives(*given))] == ends


def test_gates_rest_on_what_the_gates_before_them_rest_on() -> None:
    record = record_of()
    (gate,) = record["gates"]
    before = {**gate, "id": "1", "points": [], "targets": [CRITERION]}
    record["gates"] = [before, {**gate, "id": "2", "points": [], "after": ["1"]}, {**gate, "points": []}]  # type: ignore[list-item]
    assert endings(record) == [
        Ending(dt.date(2026, 3, 24), "evidence", "invoices.reconciled", (CRITERION,), ("1", "2"))
    ]


# What the calendar says, held against the engine.

SPRING = [dt.date(2026, 3, 2) + place * DAY for place in range(33)]


def decided(folder: Path, day: dt.date) -> Record:
    moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return Attempt(("check",), folder, moment, {}, kept=False).decide(day)[0]


def holding(record: Record) -> set[str]:
    binding = [each for each in record["criteria"] if each["enforcement"] != "advisory"]
    return {each["id"] for each in binding if each["verdict"] in ("pass", "waived")}


def standing(record: Record) -> set[str]:
    return {each["id"] for each in record["gates"] if each["state"] in ("open", "open_with_waivers")}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invoices may be old: how old they are changes with the day alone."""
    monkeypatch.setattr(kept_runs, "PROJECT", kept_runs.PROJECT.replace("60 days", "600 days"))


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """A project of which much holds, by a waiver and by a review that goes stale."""
    folder = write_project(tmp_path, waived=True)
    (folder / "reviews.csv").write_text(
        "review,reviewed_on,rating,score,signed\nR-1,2026-02-20,low,95,true\n"
    )
    return folder


def test_the_engine_finds_each_ending_on_its_day_and_not_a_day_before(harbour: Path) -> None:
    record = decided(harbour, dt.date(2026, 3, 1))
    found = endings(record)
    assert [(each.kind, each.id, each.day.isoformat(), each.criteria) for each in found] == [
        ("evidence", "review.rating", "2026-03-24", ("1.1/review",)),
        ("evidence", "review.score", "2026-03-24", ("1.1/review",)),
        ("evidence", "review.signed", "2026-03-24", ("1.1/review",)),
        ("waiver", "W-1", "2026-04-01", ("1.1/systems",)),
    ]
    today, open_today = holding(record), standing(record)
    assert {"1.1/review", "1.1/systems"} <= today
    assert "1" in open_today
    for day in {each.day for each in found}:
        lost, shut = (
            {name for each in found if each.day <= on for name in (each.criteria if kind else each.gates)}
            for on, kind in ((day, True), (day, False))
        )
        before = {name for each in found if each.day < day for name in each.criteria}
        assert holding(decided(harbour, day - DAY)) == today - before
        now = decided(harbour, day)
        assert holding(now) == today - lost
        assert standing(now) == open_today - shut


@pytest.mark.slow
def test_the_engine_finds_nothing_else_that_ends(harbour: Path) -> None:
    record = decided(harbour, dt.date(2026, 3, 1))
    known = {each.day for each in endings(record)}
    before = holding(record)
    for day in SPRING:
        now = holding(decided(harbour, day))
        assert (now == before) == (day not in known), day
        before = now


@pytest.mark.parametrize(("covers", "ends"), [("[fail, stale]", "2026-04-01"), ("[fail]", "2026-03-11")])
def test_the_engine_takes_stale_evidence_where_a_waiver_does(
    covers: str, ends: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = "  invoices.reconciled:\n    title: Invoices that were reconciled\n"
    aged = kept_runs.PACK.replace(measure, f"{measure}    max_age: 40 days\n")
    aged = aged.replace("title: one invoice\n", "title: one invoice\n    event: opened\n")
    monkeypatch.setattr(kept_runs, "PACK", aged)
    monkeypatch.setattr(kept_runs, "WAIVERS", kept_runs.WAIVERS.replace("[fail]", covers, 1))
    folder = write_project(tmp_path, waived=True)
    record = decided(folder, dt.date(2026, 3, 1))
    day = min(each.day for each in endings(record) if "1.1/systems" in each.criteria)
    assert day.isoformat() == ends
    assert "1.1/systems" in holding(decided(folder, day - DAY))
    assert "1.1/systems" not in holding(decided(folder, day))
