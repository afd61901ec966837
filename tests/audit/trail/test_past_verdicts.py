"""What earlier runs found, whatever has become of their entries and documents."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from kept_runs import DAYS, keep, write_project
from tampering import rewrite, tamper

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import canonical
from phasegate.audit.trail.past_verdicts import MOST_A_DAY, Past, history
from phasegate.audit.trail.runs import find_run

RECONCILED = "1.1/systems/invoices.reconciled"
CRANES = "1.2/cranes/invoices.reconciled"
SIGNED = "1.1/review/review.signed"
HARBOUR = {
    RECONCILED: [(1, "2026-03-01", "fail"), (2, "2026-03-02", "waived"), (3, "2026-03-03", "waived")],
    CRANES: [(1, "2026-03-01", "pass"), (2, "2026-03-02", "pass")],  # gate 1 does not decide it
}


def told(place: Path, run: str = "latest", most: int = 12) -> dict[str, list[tuple[int, str, str]]]:
    """Run, day and verdict of two requirements, as far as the history has them."""
    found = past(place, run, most)
    return {
        name: [(each.run, each.as_of, each.verdict) for each in found.get(name, ())]
        for name in (RECONCILED, CRANES)
    }


def past(place: Path, run: str = "latest", most: int = 12) -> dict[str, tuple[Past, ...]]:
    with Ledger.open(place) as ledger:
        return history(ledger, find_run(ledger, run), most)


def test_each_requirement_has_what_the_runs_that_decided_it_found(place: Path) -> None:
    assert told(place) == HARBOUR


def test_values_are_those_of_the_facts(place: Path) -> None:
    found = past(place)
    assert [each.value for each in found[RECONCILED]] == [0.9, 0.9, 0.9]
    assert [each.value for each in found[SIGNED]] == [None, None, None]  # yes or no is no number


@pytest.mark.parametrize(("run", "expected"), [("1", 1), ("2", 2), ("3", 3)])
def test_of_a_past_run_only_what_came_before_it(run: str, expected: int, place: Path) -> None:
    assert told(place, run)[RECONCILED] == HARBOUR[RECONCILED][:expected]


def test_only_so_many_days_are_looked_back_at(place: Path) -> None:
    assert told(place, most=2)[RECONCILED] == HARBOUR[RECONCILED][1:]


def test_a_later_run_as_of_an_earlier_day_stands_where_its_day_does(project: Path, place: Path) -> None:
    keep(project, dt.date(2026, 2, 1))
    assert told(place)[RECONCILED] == [(4, "2026-02-01", "waived")]  # the days after it are none of its past
    keep(project, dt.date(2026, 3, 10))
    assert [each[:2] for each in told(place)[CRANES]] == [
        (4, "2026-02-01"),
        (1, "2026-03-01"),
        (2, "2026-03-02"),
        (5, "2026-03-10"),
    ]


def test_of_several_runs_as_of_one_day_the_last_one_that_decided_it_counts(
    project: Path, place: Path
) -> None:
    write_project(project, waived=True, open_invoices=(3, 4, 5, 6))
    keep(project, DAYS[2])
    keep(project, DAYS[2], gate="1")
    found = told(place)
    assert found[RECONCILED][2:] == [(5, "2026-03-03", "fail")]  # below the floor of the waiver now
    assert found[CRANES][2:] == [(4, "2026-03-03", "fail")]
    assert told(place, "3") == HARBOUR


def test_a_check_of_everything_hides_what_ran_before_it_that_day(project: Path, place: Path) -> None:
    keep(project, DAYS[2])
    assert told(place)[RECONCILED][2:] == [(4, "2026-03-03", "waived")]


def test_a_day_of_very_many_gates_is_not_read_to_its_end(project: Path, place: Path) -> None:
    keep(project, DAYS[2])
    for _ in range(MOST_A_DAY):
        keep(project, DAYS[2], gate="1")
    found = told(place)
    assert found[RECONCILED][-1][0] == 4 + MOST_A_DAY
    assert found[CRANES] == HARBOUR[CRANES]


def entry_of(place: Path, run: int) -> tuple[int, dict[str, object]]:
    with Ledger.open(place) as ledger:
        found = find_run(ledger, str(run))
    return found.seq, dict(found.entry)


@pytest.mark.parametrize(
    "body",
    [b"", b"\0", b"[]", b"{}", b'{"run":2}', b"{" * 100_000, b'{"as_of":1e400}'],
    ids=["nothing", "no text", "a list", "empty", "hardly anything", "deep", "a float"],
)
@pytest.mark.parametrize("mended", [False, True])
def test_an_earlier_entry_that_can_not_be_read_is_left_out(body: bytes, mended: bool, place: Path) -> None:
    rewrite(place, entry_of(place, 2)[0], body, mended=mended)
    expected = {name: [each for each in runs if each[0] != 2] for name, runs in HARBOUR.items()}
    assert told(place) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"run": 7},
        {"as_of": None},
        {"parts": {}},
        {"parts": {"facts": "sha256:0", "rest": ""}},
        {"scope": "x"},
    ],
    ids=str,
)
def test_an_earlier_entry_that_says_something_else_is_left_out(
    change: dict[str, object], place: Path
) -> None:
    seq, entry = entry_of(place, 2)
    rewrite(place, seq, canonical({**entry, **change}), mended=True)
    assert told(place)[RECONCILED] == [HARBOUR[RECONCILED][0], HARBOUR[RECONCILED][2]]


@pytest.mark.parametrize("part", ["facts", "rest"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM content WHERE digest = '{digest}'",
        "UPDATE content SET packed = x'00' WHERE digest = '{digest}'",
        "UPDATE content SET packed = x'' WHERE digest = '{digest}'",
    ],
)
def test_a_document_that_is_gone_or_another_is_left_out(part: str, statement: str, place: Path) -> None:
    parts = entry_of(place, 2)[1]["parts"]
    assert isinstance(parts, dict)
    tamper(place, statement.format(digest=parts[part].removeprefix("sha256:")))
    assert told(place)[RECONCILED][-1] == HARBOUR[RECONCILED][-1]
    assert [each for each in told(place)[RECONCILED] if each[0] == 2] == []
