"""Plans of other forms than the map's: what is a point, a criterion, a phase, and who answers for it."""

from __future__ import annotations

import pytest
import yaml
from ends import ends
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.reader.ids import References, identified
from phasegate.rules.maps.reader.model import MapRead
from phasegate.rules.maps.scaffold.pack import roles_of
from phasegate.rules.maps.scaffold.text import yaml_lines


def criteria(read: MapRead) -> dict[str, list[str]]:
    return {
        point.id: [
            " by ".join([f"{each.code or each.group or '-'} {each.text}", *each.owners])
            for each in point.criteria
        ]
        for point in read.points
    }


def phases(read: MapRead) -> dict[str, list[str | None]]:
    return {phase.id: [each.point for each in phase.members] for phase in read.phases}


FORMS = {
    "a heading without an id": (
        "## Data is moved\n### Exit criteria\n- a\n",
        {"data-is-moved": ["exit a"]},
        {},
    ),
    "a criterion on lines of its own": (
        "## M1: A\n- [ ] a\n  b\n  - c\n- [x] d\n",
        {"M1": ["- a b c", "- d"]},
        {"M1": ["M1"]},
    ),
    "a criterion within HTML": (
        "## M1: A\n### Exit criteria\n- <div>a</div>\n- <!-- why --> b\n- c\n\n<!--\n- d\n\n- e -->\n",
        {"M1": ["exit a", "exit b", "exit c"]},
        {"M1": ["M1"]},
    ),
    "a criterion that is code": (
        "## M1: A\n- [ ] a\n-\n  ```sh\n  make <b>\n  ```\n- c\n  ```\n  aside\n  ```\n",
        {"M1": ["- a", "- make <b>", "- c"]},
        {"M1": ["M1"]},
    ),
    "a criterion in an item that has no text": (
        "## M1: A\n### Exit criteria\n- a\n- - b\n- \n  - c\n    - c too\n  - and c\n- d\n",
        {"M1": ["exit a", "exit b", "exit c c too and c", "exit d"]},
        {"M1": ["M1"]},
    ),
    "a row that leaves its criterion out": (
        (
            "## Controls\n| ID | Control | Acceptance criteria |\n|---|---|---|\n"
            "| A-1 | Access | |\n| A-2 | | Alerts |\n| | Rest | <br> |\n"
        ),
        {"controls": ["A-1 Access", "A-2 Alerts", "- Rest"]},
        {},
    ),
    "a label that is no heading": (
        "## AP-1 A\n\nAcceptance criteria\n\n- a\n- b\n",
        {"AP-1": ["- a", "- b"]},
        {},
    ),
    "criteria behind a section": (
        "## M1: A\n### 1.1 Scope\n- x\n### 1.2 Exit criteria\n- a\n",
        {"M1": ["exit a"]},
        {"M1": ["M1"]},
    ),
    "criteria behind a nested point": (
        "## Milestone 3: A\n### REQ-1: B\n- [ ] b\n### Exit criteria\n- a\n",
        {"Milestone-3": ["exit a"], "REQ-1": ["- b"]},
        {"Milestone-3": ["Milestone-3", "REQ-1"]},
    ),
    "criteria of a phase": (
        (
            "## Phase 1: A (weeks 1-2)\n- [ ] ready\n### Epic 1: B\n- [ ] b\n"
            "## Phase 2: C\nExit criteria:\n- c\n"
        ),
        {"phase-1": ["- ready"], "Epic-1": ["- b"], "phase-2": ["exit c"]},
        {"1": ["phase-1", "Epic-1"], "2": ["phase-2"]},
    ),
    "criteria of the document": ("## Exit criteria\n- a\n", {"exit-criteria": ["exit a"]}, {}),
    "two headings of one name": ("## A\n- [ ] a\n## A\n- [ ] b\n", {"a": ["- a"], "a-2": ["- b"]}, {}),
    "rows that go on": (
        (
            "| Ref | Requirement | Acceptance criteria | Owner |\n|-|-|-|-|\n"
            "| R1 | A | a | Finance |\n| | | b | IT |\n"
        ),
        {"R1": ["- a by Finance", "- b by IT"]},
        {},
    ),
    "rows of numbers": (
        "| # | Requirement |\n|-|-|\n| 1 | A |\n| 1.2 | B |\n",
        {"1": ["- A"], "1.2": ["- B"]},
        {},
    ),
    "a table of milestones": (
        (
            "| Milestone | Entry criteria | Exit criteria |\n|-|-|-|\n"
            "| M1: A | a | b<br>c |\n| M2 - B | d; e | f |\n"
        ),
        {"M1": ["entry a", "exit b", "exit c"], "M2": ["entry d", "entry e", "exit f"]},
        {"M1": ["M1"], "M2": ["M2"]},
    ),
    "a table of risks": (
        "## M1: A\n- [ ] a\n## Risks\n| R1 | x |\n|-|-|\n| R2 | y |\n",
        {"M1": ["- a"]},
        {"M1": ["M1"]},
    ),
    "phases that name ranges": (
        "## REQ-1: A\n- [ ] a\n## REQ-2: B\n- [ ] b\n## REQ-3: C\n- [ ] c\n## Release 1\n- REQ-1 to REQ-3\n",
        {"REQ-1": ["- a"], "REQ-2": ["- b"], "REQ-3": ["- c"]},
        {"Release-1": ["REQ-1", "REQ-2", "REQ-3"]},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_a_plan(form: str) -> None:
    text, points, scheduled = FORMS[form]
    read = read_map(f"# Plan\n\n{text}", "plan.md")
    assert criteria(read) == points
    assert phases(read) == scheduled


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("M1: Landing zone", ("M1", "Landing zone", "m")),
        ("AP-1 Payroll", ("AP-1", "Payroll", "ap")),
        ("[REQ-FIN-12] Books", ("REQ-FIN-12", "Books", "req-fin")),
        ("Epic 1.1: Documents", ("1.1", "Documents", "epic")),
        ("Epic 3 - Documents", ("Epic-3", "Documents", "epic")),
        ("User Story US-4. Documents", ("US-4", "Documents", "user story")),
        ("2.3 Documents", ("2.3", "Documents", "")),
        ("Documents", None),
        ("Iso27001certificates are renewed", None),
        ("We meet on Monday", None),
    ],
)
def test_what_a_heading_is_called(text: str, found: tuple[str, str, str] | None) -> None:
    assert identified(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Epics 1.2 and 3", ["1.2"]),
        ("Epic 3, then REQ-1", ["Epic-3", "REQ-1"]),
        ("req 1 to req 4", ["REQ-1", "REQ-2", "REQ-4"]),
        ("in week 12 of 1.25", []),
    ],
)
def test_the_parts_that_a_line_names(text: str, found: list[str]) -> None:
    assert References(["1.2", "Epic-3", "REQ-1", "REQ-2", "REQ-4", "12"]).find(text) == found


@pytest.mark.parametrize(
    ("owners", "roles"),
    [
        ((), ["auditor"]),
        (("Finance Team",), ["approver:finance-team"]),
        (("Finance and IT",), ["approver:finance", "approver:it"]),
        (("財務",), ["auditor"]),
    ],
)
def test_who_may_attest(owners: tuple[str, ...], roles: list[str]) -> None:
    assert list(roles_of(owners)) == roles


def test_criteria_in_no_point_of_a_map_are_told() -> None:
    text = "#### Integration Point 1.1: A\n- [ ] a\n\n## Launch\n\n**Exit criteria**\n- b\n"
    (aside,) = read_map(text, "map.md").aside
    assert (aside.text, aside.line) == ("Exit criteria", 6)


HOSTILE = {
    "an id without end": "## " + "M1" * 500_000,
    "words for an id": "## " + "Epic " * 200_000,
    "dashes": "## A" + "-A" * 500_000 + "1",
    "references": "## Phase 1: A\n- " + "R1 to R2 " * 100_000,
    "cells": "| ID | Requirement | Acceptance criteria |\n|-|-|-|\n| R1 | x | " + "a;" * 300_000 + " |",
    "rows": "| ID | Requirement | Phase |\n|-|-|-|\n"
    + "".join(f"| R{n} | x | {n} |\n" for n in range(2_000)),
    "rows of one phase": "| ID | Requirement | Phase |\n|-|-|-|\n"
    + "".join(f"| R{n} | x | 1 |\n" for n in range(4_900)),
    "one heading often": "## X\n- [ ] a\n" * 4_000,
    "milestones": "".join(f"{'#' * (2 + n % 5)} M{n}: A\n- [ ] a\n" for n in range(1, 4_900)),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_plan_is_read_in_reasonable_time(case: str) -> None:
    with ends():
        read_map(f"# Plan\n\n## M0: A\n- [ ] a\n\n{HOSTILE[case]}\n- [ ] b\n", "plan.md")


def test_no_heading_is_looked_for_among_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    equal = Block.__eq__

    def counting(one: Block, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    monkeypatch.setattr(Block, "__eq__", counting)
    lines = (f"{'#' * (2 + n % 2)} M{n}: A\n- [ ] a\n" for n in range(600))
    found = phases(read_map("# Plan\n" + "".join(lines), "plan.md"))
    assert (len(found), found["M598"], found["M599"]) == (600, ["M598", "M599"], ["M599"])
    assert compared < 3_000


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")
)


@given(
    st.dictionaries(TEXTS, st.one_of(TEXTS, st.booleans(), st.lists(TEXTS), st.dictionaries(TEXTS, TEXTS)))
)
def test_whatever_a_text_holds_it_is_the_same_as_yaml(data: dict[str, object]) -> None:
    assert (yaml.safe_load("\n".join(yaml_lines(data))) or {}) == data
