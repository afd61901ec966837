"""What changed between two packs, in words: one edit each, and what is no change of the rules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from phasegate.rules.changes.changes import changes
from phasegate.rules.loading.pack import LoadedPack, load_pack, pack_of

RULES = """\
pack: harbour
title: Harbour works
parameters:
  close_days: {value: 5, text: Days to close}
areas:
  quays: {title: Quays, success: {name: On time, measure: crane.ratio, bound: ">= 95 %"}}
points:
  p1:
    title: Cranes
    area: quays
    criteria:
      - {id: load, text: Loads are weighed, require: {crane.ratio: ">= success", crane.count: ">= 3"}}
      - id: either
        text: One of two
        enforcement: soft
        require: {any_of: [{crane.count: ">= 1"}, {crane.late: "<= 2"}]}
  p2:
    title: Docks
    criteria: [{id: dry, text: Docks are dry, require: {crane.ratio: [">= 50 %", "<= 99 %"]}}]
phases:
  one: {title: One, points: [p1]}
  two: {title: Two, points: [p2], max_waivers: 2}
"""
LOAD = RULES[RULES.index("      - {id: load") : RULES.index("      - id: either")]
TABLES = """\
sources:
  lifts:
    title: a lift
    columns: {id: {type: string}, weight: {type: integer, min: 0}, done: {type: date, nullable: true}}
    key: [id]
    derive: {heavy: weight > 10, light: NOT heavy}
measures:
  crane.ratio: {title: Weighed, from: lifts, where: weight > 0, ratio: {of: weight > 5}, max_age: 31 days}
  crane.count: {title: Lifts, from: lifts, count: weight > 1}
  crane.late: {title: Late lifts, from: lifts, count: done IS NULL}
"""


def pack(rules: str = RULES, tables: str = TABLES) -> LoadedPack:
    return pack_of({"a.yaml": rules.encode(), "b.yaml": tables.encode()}, "harbour")


def edited(old: str, new: str) -> LoadedPack:
    assert (RULES + TABLES).count(old) == 1, old
    return pack(RULES.replace(old, new), TABLES.replace(old, new))


EDITS: Mapping[str, tuple[str, str, str, str]] = {
    "a bound": (
        '{crane.ratio: ">= success", crane.count: ">= 3"}',
        '{crane.ratio: ">= success", crane.count: ">= 2"}',
        "bound",
        "criterion p1/load asks for crane.count >= 2, and asked for crane.count >= 3",
    ),
    "a bound more": (
        'crane.count: ">= 3"}',
        'crane.count: ">= 3", crane.late: "== 0"}',
        "bound",
        "criterion p1/load asks for crane.late == 0 too",
    ),
    "a bound less": (
        ', crane.count: ">= 3"}',
        "}",
        "bound",
        "criterion p1/load no longer asks for crane.count >= 3",
    ),
    "an alternative": (
        '[{crane.count: ">= 1"}, {crane.late: "<= 2"}]',
        '[{crane.count: ">= 1"}, {crane.late: "<= 2", crane.ratio: ">= 1 %"}]',
        "bound",
        (
            "criterion p1/either asks for (crane.count >= 1) or (crane.late <= 2 and crane.ratio >= 1 %), "
            "and asked for (crane.count >= 1) or (crane.late <= 2)"
        ),
    ),
    "the order of two bounds on one fact": (
        '[">= 50 %", "<= 99 %"]',
        '["<= 99 %", ">= 50 %"]',
        "bound",
        (
            "criterion p2/dry asks for crane.ratio <= 99 % and >= 50 %, "
            "and asked for crane.ratio >= 50 % and <= 99 %"
        ),
    ),
    "a target": (
        'bound: ">= 95 %"',
        'bound: ">= 90 %"',
        "bound",
        "target quays/success must be >= 90 %, and had to be >= 95 %",
    ),
    "enforcement": (
        "enforcement: soft",
        "enforcement: advisory",
        "enforcement",
        "criterion p1/either is advisory, and was soft",
    ),
    "enforcement that was not written": (
        "text: Loads are weighed,",
        "text: Loads are weighed, enforcement: soft,",
        "enforcement",
        "criterion p1/load is soft, and was hard",
    ),
    "who must grant": (
        "text: Loads are weighed,",
        "text: Loads are weighed, function: safety,",
        "bound",
        "criterion p1/load: function is safety, and was none",
    ),
    "words": (
        "text: Loads are weighed,",
        "text: Most loads are weighed,",
        "words",
        "criterion p1/load: text is “Most loads are weighed”, and was “Loads are weighed”",
    ),
    "a condition": (
        "where: weight > 0",
        "where: weight > 1 AND heavy",
        "condition",
        "measure crane.ratio: where is weight > 1 AND heavy, and was weight > 0",
    ),
    "what is counted": (
        "ratio: {of: weight > 5}",
        "ratio: {of: weight > 6}",
        "condition",
        "measure crane.ratio: ratio of is weight > 6, and was weight > 5",
    ),
    "another kind": (
        "count: weight > 1",
        "exists: weight > 1",
        "condition",
        "measure crane.count is measured by exists weight > 1, and was by count weight > 1",
    ),
    "age": (
        "max_age: 31 days",
        "max_age: 62 days",
        "age",
        "the evidence of measure crane.ratio may be 62 days old, and might be 31 days old",
    ),
    "any age": (
        ", max_age: 31 days",
        "",
        "age",
        "the evidence of measure crane.ratio may be of any age, and might be 31 days old",
    ),
    "a phase's points": (
        "{title: One, points: [p1]}",
        "{title: One, points: [p1, p2]}",
        "phase",
        "phase one: points is p1, p2, and was p1",
    ),
    "what a phase waits for": (
        "points: [p2], max_waivers: 2",
        "points: [p2], max_waivers: 2, after: none",
        "phase",
        "phase two waits for no other, and waited for one",
    ),
    "waivers": (
        ", max_waivers: 2",
        "",
        "phase",
        "phase two takes any number of waivers, and took at most 2 waivers",
    ),
    "a parameter": ("value: 5,", "value: 6,", "parameter", "parameter close_days is 6, and was 5"),
    "a column": (
        "nullable: true",
        "nullable: false",
        "contract",
        "column done of lifts: nullable is false, and was true",
    ),
    "a column more": (
        "weight: {type: integer, min: 0},",
        "weight: {type: integer, min: 0}, site: {type: string},",
        "added",
        "column site of lifts is new: type string",
    ),
    "a derived column": (
        "light: NOT heavy}",
        "light: weight < 5}",
        "contract",
        "the contract of lifts: derive light is weight < 5, and was NOT heavy",
    ),
    "a criterion more": (
        "      - id: either",
        (
            '      - {id: new, text: It is new, enforcement: soft, require: {crane.late: "== 0"}}\n'
            "      - id: either"
        ),
        "added",
        "criterion p1/new is new: It is new; enforcement soft; it asks for crane.late == 0",
    ),
    "a measure less": (
        "  crane.count: {title: Lifts, from: lifts, count: weight > 1}",
        "  crane.lifts: {title: Lifts, from: lifts, count: weight > 1}",
        "added",
        "measure crane.lifts is new: Lifts; from lifts; count weight > 1",
    ),
    "a pack's version": (
        "title: Harbour works",
        "title: Harbour works\nversion: '2'",
        "words",
        "the pack: version is 2, and was 1",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_told_in_words(case: str) -> None:
    old, new, kind, said = EDITS[case]
    before, after = pack(), edited(old, new)
    found = changes(before, after)
    assert (kind, said) in [(each.kind, each.said) for each in found]
    assert len(found) == (2 if case == "a measure less" else 1)
    assert before.digest != after.digest


def test_what_is_gone_is_told_as_what_is_new() -> None:
    before, after = edited(*EDITS["a criterion more"][:2]), pack()
    (change,) = changes(before, after)
    assert change.kind == "removed"
    assert change.path == ("points", "p1", "criteria", "new")
    assert change.after is None
    assert change.said == (
        "criterion p1/new is no longer there: It is new; enforcement soft; it asks for crane.late == 0"
    )


def test_a_point_brings_its_criteria() -> None:
    new = '  p3: {title: Gates, criteria: [{id: c, text: Shut, require: {crane.late: "== 0"}}]}\nphases:\n'
    found = changes(pack(), edited("phases:\n", new))
    assert [each.said for each in found] == [
        "point p3 is new: Gates",
        "criterion p3/c is new: Shut; it asks for crane.late == 0",
    ]


SAME: Mapping[str, tuple[str, str]] = {
    "a comment": (RULES.replace("points:\n", "# all of them\npoints:\n", 1), TABLES),
    "blank lines": (RULES.replace("\npoints:", "\n\n\npoints:"), TABLES),
    "a moved part": (
        RULES.replace(
            "  one: {title: One, points: [p1]}\n  two: {title: Two, points: [p2], max_waivers: 2}",
            "  two: {title: Two, points: [p2], max_waivers: 2, after: [one]}\n"
            "  one: {title: One, points: [p1], after: none}",
        ),
        TABLES,
    ),
    "a moved line of what is asked for": (
        RULES.replace(
            '{crane.ratio: ">= success", crane.count: ">= 3"}',
            '{crane.count: ">= 3", crane.ratio: ">= success"}',
        ),
        TABLES,
    ),
    "a moved criterion": (
        RULES.replace(LOAD, "").replace('{crane.late: "<= 2"}]}\n', f'{{crane.late: "<= 2"}}]}}\n{LOAD}'),
        TABLES,
    ),
    "quotes": (RULES.replace("title: Cranes", 'title: "Cranes"'), TABLES),
    "a default that is written": (
        RULES.replace("text: Docks are dry,", "text: Docks are dry, enforcement: hard,"),
        TABLES.replace("count: weight > 1", "count: weight > 1, min_rows: 1, when_empty: unknown"),
    ),
    "blanks in a bound": (RULES.replace('"<= 2"', '"<=  2"'), TABLES),
    "a part in the other file": (
        RULES.replace("parameters:\n  close_days: {value: 5, text: Days to close}\n", ""),
        f"parameters:\n  close_days: {{value: 5, text: Days to close}}\n{TABLES}",
    ),
    "a moved measure": (
        RULES,
        TABLES.replace("  crane.late: {title: Late lifts, from: lifts, count: done IS NULL}\n", "").replace(
            "measures:\n", "measures:\n  crane.late: {title: Late lifts, from: lifts, count: done IS NULL}\n"
        ),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_what_is_no_change_of_the_rules(case: str) -> None:
    before, after = pack(), pack(*SAME[case])
    assert before.files_digest != after.files_digest
    assert changes(before, after) == ()
    assert before.digest == after.digest


MOVED_MEANING: Mapping[str, tuple[str, str]] = {
    "phases that wait for the one before": (
        "  one: {title: One, points: [p1]}\n  two: {title: Two, points: [p2], max_waivers: 2}\n",
        "  two: {title: Two, points: [p2], max_waivers: 2}\n  one: {title: One, points: [p1]}\n",
    ),
    "derived columns that name those before": (
        "{heavy: weight > 10, light: NOT heavy}",
        "{light: NOT heavy, heavy: weight > 10}",
    ),
}


@pytest.mark.parametrize("case", MOVED_MEANING)
def test_an_order_that_means_something_is_a_rule(case: str) -> None:
    before, after = pack(), edited(*MOVED_MEANING[case])
    assert before.digest != after.digest
    assert changes(before, after)


def test_lines_that_a_waiver_tells_apart_by_their_order_are_rules() -> None:
    lines = '{crane.count: ">= 3", any_of: [{crane.count: ">= 9"}, {crane.late: "== 0"}]}'
    moved = '{any_of: [{crane.count: ">= 9"}, {crane.late: "== 0"}], crane.count: ">= 3"}'
    written = '{crane.ratio: ">= success", crane.count: ">= 3"}'
    before, after = edited(written, lines), edited(written, moved)
    assert before.digest != after.digest
    (change,) = changes(before, after)
    assert change.said == (
        "criterion p1/load asks for (crane.count >= 9) or (crane.late == 0) and crane.count >= 3, and asked "
        "for crane.count >= 3 and (crane.count >= 9) or (crane.late == 0)"
    )


def test_of_the_built_in_pack_nothing_changes_by_itself_and_everything_is_told_against_another() -> None:
    ours = load_pack("developer_finance")
    assert changes(ours, ours) == ()
    found = changes(pack(), ours)
    assert {each.path[:2] for each in found} >= {("points", name) for name in ours.pack.points}
    assert {each.path[:2] for each in found} >= {("measures", name) for name in ours.pack.measures}
