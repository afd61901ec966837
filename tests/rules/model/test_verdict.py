"""One table says what verdicts are; whoever keeps something for each of them leaves none out."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path

import pytest
from stations import STATIONS

from phasegate.reports.excel.workbook import _FILLS
from phasegate.reports.text.labels import STATES, VERDICTS
from phasegate.rules.model.verdict import (
    ANY_OF_ORDER,
    BY_WORD,
    HOLDING,
    NOT_PASSED,
    OPEN_STATES,
    SETTLED,
    STATE_BY_WORD,
    UNDECIDED,
    WAIVABLE,
    WORST_FIRST,
    GateState,
    Verdict,
)

ROOT = Path(__file__).parents[3]
SPELT_OUT = {
    "engine/resolve.py": "what a fact is worth as evidence, which has words of its own that sound alike",
    "facts/model/fact.py": "likewise",
    "records/recheck_requirements.py": "likewise",
    "rules/cases/model.py": "what a case may expect of facts and verdicts",
    "runs/coverage/coverage.py": "what a requirement can be shown to be",
    "runs/why_not.py": "what keeps a gate shut",
    "reports/excel/workbook.py": "a colour for each",
    "reports/formats/sarif.py": "the kinds that SARIF knows",
    "reports/html/plots/svg.py": "a colour for each, where a style sheet is taken away",
    "reports/text/labels.py": "a sign, a word and a verb for each",
    "rules/model/verdict.py": "the table",
}
"""Where the words of most verdicts stand, and why."""


def test_the_order_is_that_of_the_semantics() -> None:
    assert WORST_FIRST == ("fail", "error", "stale", "unknown", "waived", "pass", "not_applicable")


def test_of_alternatives_the_first_counts_that_holds_and_last_what_does_not_apply() -> None:
    words = [each.word for each in ANY_OF_ORDER]
    assert words == ["pass", "waived", "error", "stale", "unknown", "fail", "not_applicable"]


def test_a_waiver_covers_what_was_found_and_never_an_error() -> None:
    assert WAIVABLE == ("fail", "stale", "unknown")
    assert {each.word for each in Verdict if each.waivable} == set(WAIVABLE)


def test_every_verdict_is_of_one_group() -> None:
    assert sorted([*HOLDING, *NOT_PASSED]) == sorted(WORST_FIRST)
    assert SETTLED < HOLDING
    assert set(NOT_PASSED) - UNDECIDED == {"fail"}


@pytest.mark.parametrize("verdict", Verdict)
def test_no_gate_opens_over_what_has_not_passed(verdict: Verdict) -> None:
    opens = verdict.gate_state.word in OPEN_STATES
    assert opens == (verdict in (Verdict.PASS, Verdict.WAIVED))
    assert Verdict(verdict.value) is BY_WORD[verdict.word] is verdict


def test_only_open_states_let_a_programme_through() -> None:
    assert OPEN_STATES == ("open", "open_with_waivers")
    assert [STATE_BY_WORD[each.word] for each in GateState] == list(GateState)


@pytest.mark.parametrize(
    ("kept", "words"),
    [(VERDICTS, WORST_FIRST), (STATES, STATE_BY_WORD), (_FILLS, [*WORST_FIRST, *STATE_BY_WORD])],
)
def test_what_is_kept_for_each_leaves_none_out(kept: Collection[str], words: Collection[str]) -> None:
    assert set(words) <= set(kept)


def test_nobody_else_spells_them_all_out() -> None:
    """Four of seven words in one literal are an order or a table of somebody's own."""
    found = set()
    for station in STATIONS:
        for path in (ROOT / station).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if sum(word in text for word in WORST_FIRST) < 4:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set):
                    parts = node.keys if isinstance(node, ast.Dict) else node.elts
                    words = {each.value for each in parts if isinstance(each, ast.Constant)}
                    if len(words & set(WORST_FIRST)) >= 4:
                        found.add(str(path.relative_to(ROOT)))
    assert found <= set(SPELT_OUT)


def test_each_has_a_rank_and_a_preference_of_its_own() -> None:
    assert [int(each) for each in Verdict] == [*range(7)]
    assert sorted(each.preference for each in Verdict) == [*range(7)]
    assert [each.word for each in ANY_OF_ORDER] == [
        "pass", "waived", "error", "stale", "unknown", "fail", "not_applicable",
    ]  # fmt: skip
