"""Conditions that decide before any row is read, and parts of conditions that change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.pack import Pack

COLUMNS = {
    "id": {"type": "string"},
    "state": {"type": "string", "allowed": ["open", "done", "void"]},
    "n": {"type": "integer", "min": 0, "max": 9},
    "more": {"type": "integer", "min": 0, "max": 9},
    "due": {"type": "date"},
    "closed": {"type": "date", "nullable": True},
}
RULES = ("condition-never", "condition-always", "idle-part")
CONTRACT, APART, WITHIN, IDLE = "compare it with", "the two exclude", "what is asked", "leave it out"
ALLOWS = "that the contract allows"


def told(measure: dict[str, Any], **contract: Any) -> list[tuple[str, str, str, str, str]]:
    """Where, which rule, how bad, what it says, and the first words of what to do."""
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {
                "1": {"title": "1", "criteria": [{"id": "c", "text": "c", "require": {"m": ">= 1 %"}}]}
            },
            "sources": {
                "rows": {"title": "a row", "columns": COLUMNS, **contract},
                "others": {"title": "another", "columns": COLUMNS},
            },
            "measures": {"m": {"title": "m", "from": "rows", **measure}},
        }
    )
    found = [one for one in check_pack(pack) if isinstance(one, SqlProblem) and one.rule in RULES]
    return [
        (".".join(map(str, one.path[2:])), one.rule, one.severity, one.message, one.hint or "")
        for one in found
    ]


@pytest.mark.parametrize(
    ("measure", "where", "rule", "severity", "message", "do"),
    [
        # Which rows belong.
        ({"count": "n > 3", "where": "n > 9"},
         "where", "condition-never", "error", f"no row {ALLOWS} meets this", CONTRACT),
        ({"count": "more > 3", "where": "n >= 0"},
         "where", "condition-always", "warning", f"every row {ALLOWS} meets this", CONTRACT),
        ({"ratio": {"of": "more > 3", "over": "n < 3"}, "where": "n > 5"},
         "ratio.over", "condition-never", "error", "no row that 'where' lets in meets this", APART),
        ({"ratio": {"of": "more > 3", "over": "n < 10"}},
         "ratio.over", "condition-always", "warning", f"every row {ALLOWS} meets this", CONTRACT),
        # Which of them count.
        ({"ratio": {"of": "n > 9"}}, "ratio.of", "condition-never", "error",
         f"no row {ALLOWS} meets this, so that it is 0 % whatever the data say", CONTRACT),
        ({"ratio": {"of": "n > 5"}, "where": "n < 5"}, "ratio.of", "condition-never", "error",
         "no row that 'where' lets in meets this, so that it is 0 % whatever the data say", APART),
        ({"ratio": {"of": "n > 5", "over": "n < 5"}}, "ratio.of", "condition-never", "error",
         "no row that 'over' lets in meets this, so that it is 0 % whatever the data say", APART),
        ({"ratio": {"of": "n > 5", "over": "n < 5"}, "where": "more > 2"},
         "ratio.of", "condition-never", "error",
         "no row that 'over' lets in meets this, so that it is 0 % whatever the data say", APART),
        ({"ratio": {"of": "n >= 0"}}, "ratio.of", "condition-always", "error",
         f"every row {ALLOWS} meets this, so that it is 100 % whatever the data say", CONTRACT),
        ({"ratio": {"of": "n < 9"}, "where": "n < 5"}, "ratio.of", "condition-always", "error",
         "every row that 'where' lets in meets this, so that it is 100 % whatever the data say", WITHIN),
        # Which are counted, or looked for.
        ({"count": "n > 9"}, "count", "condition-never", "error", f"no row {ALLOWS} meets this", CONTRACT),
        ({"count": "n > 5", "where": "n < 5"}, "count", "condition-never", "error",
         "no row that 'where' lets in meets this", APART),
        ({"exists": "n > 9"}, "exists", "condition-never", "error", f"no row {ALLOWS} meets this", CONTRACT),
        # Parts.
        ({"count": "n >= 0 AND more > 3"}, "count", "idle-part", "warning",
         f"every row {ALLOWS} meets n >= 0", IDLE),
        ({"count": "n > 9 OR more > 3"}, "count", "idle-part", "warning", "no row meets n > 9", IDLE),
        ({"count": "n > 5 OR more > 3", "where": "n < 5"}, "count", "idle-part", "warning",
         "no row that belongs to the population meets n > 5", IDLE),
        ({"count": "n > 9 OR more > 3", "where": "n < 5"}, "count", "idle-part", "warning",
         "no row meets n > 9", IDLE),
        ({"count": "more > 3 AND (n > 9 OR state = 'open')"}, "count", "idle-part", "warning",
         "no row meets n > 9", IDLE),
        # Beside AND, what the other part says holds inside of this one.
        ({"count": "n > 5 AND (n < 5 OR more > 3)"}, "count", "idle-part", "warning",
         "no row that belongs to the population meets n < 5", IDLE),
        ({"ratio": {"of": "more > 3", "over": "n > 9 OR state = 'open'"}},
         "ratio.over", "idle-part", "warning", "no row meets n > 9", IDLE),
        ({"ratio": {"of": "n > 9 OR more > 3"}}, "ratio.of", "idle-part", "warning",
         "no row meets n > 9", IDLE),
        # Of the other source.
        ({"attainment": {"actual": "n", "expected": {"from": "others", "value": "n", "where": "n > 9"}},
          "grain": "id"},
         "attainment.expected.where", "condition-never", "error", f"no row {ALLOWS} meets this", CONTRACT),
    ],
)  # fmt: skip
def test_what_is_odd_is_told(
    measure: dict[str, Any], where: str, rule: str, severity: str, message: str, do: str
) -> None:
    ((*found, fix),) = told(measure)
    assert found == [where, rule, severity, message]
    assert fix.startswith(do)


@pytest.mark.parametrize(
    "measure",
    [
        {"count": "n >= 0"},  # that every row counts is what some mean
        {"count": "true"},
        {"count": "n > 5", "where": "more < 5"},
        {"ratio": {"of": "n > 5", "over": "n > 3"}, "where": "n > 1"},
        {"ratio": {"of": "state = 'open' OR n > 5"}},
        {"ratio": {"of": "closed <= due"}},
        {"ratio": {"of": "closed IS NOT NULL OR n > 5"}},
        {"count": "n > 5 AND (n > 7 OR more > 3)"},
        {"count": "n > 5 OR (n < 3 AND more > 3)"},
    ],
)
def test_nothing_is_odd(measure: dict[str, Any]) -> None:
    assert told(measure) == []


def test_what_the_contract_holds_counts() -> None:
    measure = {"count": "n > 5", "where": "state = 'done'"}
    assert told(measure) == []
    assert [one[:2] for one in told(measure, holds=["state <> 'done' OR n < 5"])] == [
        ("count", "condition-never")
    ]
    assert told(measure, holds=["state <> 'done' OR n < 7"]) == []
    unread = ["no column of it", "state <> 'done' OR n < 5"]  # the first is told where it stands
    assert [one[:2] for one in told(measure, holds=unread)] == [("count", "condition-never")]


def test_of_a_contract_that_no_row_keeps_nothing_follows() -> None:
    assert told({"count": "n > 9"}, holds=["n > 9"]) == []


def test_what_is_derived_is_not_held_by_the_contract() -> None:
    """It may be null where what it is derived from is none."""
    more = {"derive": {"much": "n > 5"}, "holds": ["NOT much"]}
    assert told({"count": "n > 5"}, **more) == []
    assert [one[1] for one in told({"count": "n > 5"}, holds=["NOT (n > 5)"])] == ["condition-never"]


@pytest.mark.parametrize(("said", "odd"), [("n > 9", ["condition-never"]), ("n > 5", []), ("n >= 0", [])])
def test_what_a_derived_column_says_is_read(said: str, odd: list[str]) -> None:
    assert [one[1] for one in told({"count": "much"}, derive={"much": said})] == odd
