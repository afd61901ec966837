"""Whole runs over small projects: what is decided, and how it is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.audit.record.build import exit_code, to_json
from phasegate.audit.runs.preflight import ready_project
from phasegate.audit.runs.run import evaluate
from phasegate.rules.diagnostics import PackError

DAY = dt.date(2026, 3, 10)
REVIEWS = """\
review,reviewed_on,rating,score,signed
R-1,2026-01-05,high,40,true
R-2,2026-03-01,low,95,true
"""
PROJECT = """\
phasegate: 1
sources:
  reviews:
    path: reviews.csv
    contract:
      title: one review
      event: reviewed_on
      columns:
        review: {{type: string}}
        reviewed_on: {{type: date}}
        rating: {{type: string}}
        score: {{type: integer}}
        signed: {{type: boolean}}
measures:
  review:
    title: The latest review
    from: reviews
    latest: {{rating: rating, score: score, signed: signed, day: reviewed_on}}
    max_age: 31 days
require: {require}
"""


def project(folder: Path, require: str) -> Path:
    (folder / "reviews.csv").write_text(REVIEWS)
    (folder / "phasegate.yaml").write_text(PROJECT.format(require=require))
    return folder


@pytest.mark.parametrize(
    ("require", "outcome"),
    [
        ('{review.rating: "in [low, medium]"}', "open"),
        ('{review.rating: "in [medium, high]"}', "closed"),
        ("{review.signed: true}", "open"),
        ("{review.signed: false}", "closed"),
        ('{review.score: ">= 95"}', "open"),
        ('{review.score: "> 95"}', "closed"),
        ('{review.score: "between 90 and 95"}', "open"),
        ('{review.score: ["> 90", "!= 95"]}', "closed"),
        ('{any_of: [{review.score: "> 95"}, {review.signed: true}]}', "open"),
    ],
)
def test_the_newest_row_answers(tmp_path, require, outcome):
    record = evaluate(ready_project(project(tmp_path, require)), DAY)
    assert record["outcome"] == outcome
    assert not record["disagreements"]
    assert [gate["state"] for gate in record["gates"]] == [outcome]


@pytest.mark.parametrize(
    ("require", "message"),
    [
        ("{review.rating: true}", "'review.rating' is a text"),
        ('{review.signed: "in [yes]"}', "'review.signed' is true or false"),
        ("{review.score: true}", "'review.score' is a number"),
        ('{review.rating: ">= 5"}', "'review.rating' is a text"),
    ],
)
def test_a_bound_of_another_type_is_refused(tmp_path, require, message):
    with pytest.raises(PackError, match=message):
        ready_project(project(tmp_path, require))


def test_evidence_that_is_too_old_is_stale_and_leaves_the_gate_undecided(tmp_path):
    loaded = ready_project(project(tmp_path, "{review.signed: true}"))
    fresh = evaluate(loaded, dt.date(2026, 4, 1))
    old = evaluate(loaded, dt.date(2026, 4, 2))
    assert (fresh["outcome"], old["outcome"]) == ("open", "undecided")
    assert old["requirements"][0]["verdict"] == "stale"
    assert fresh["requirements"][0]["distance"] == "0 days until it goes stale"


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    loaded = ready_project(project(tmp_path, "{review.signed: true}"))
    assert to_json(evaluate(loaded, DAY)) == to_json(evaluate(loaded, DAY))


@pytest.mark.parametrize(
    ("outcome", "code", "strict"),
    [
        ("open", 0, 0),
        ("open_with_waivers", 0, 1),
        ("closed", 1, 1),
        ("undecided", 3, 3),
        ("nothing", 3, 3),
        ("anything else", 3, 3),
    ],
)
def test_only_what_is_known_to_be_open_lets_a_phase_advance(outcome, code, strict):
    assert exit_code(outcome) == code
    assert exit_code(outcome, strict=True) == strict


def test_the_record_says_how_the_sources_are_read_and_which_days_are_no_business_days(tmp_path):
    file = project(tmp_path, "{review.signed: true}") / "phasegate.yaml"
    text = file.read_text().replace("path: reviews.csv", 'path: reviews.csv\n    null_values: ["", "NULL"]')
    file.write_text(text + "calendar: {weekend: [fri, sat], holidays: [2026-01-01]}\n")
    record = evaluate(ready_project(tmp_path), DAY)
    assert record["calendar"] == {"weekend": ["fri", "sat"], "holidays": ["2026-01-01"]}
    assert [each["reading"] for each in record["sources"]] == [
        {"path": "reviews.csv", "null_values": ["", "NULL"]}
    ]
