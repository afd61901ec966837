"""Every finding has a code, and every code is explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from phasegate.rules.lint.codes.table import CODES, SECTIONS, UnknownCodeError, explained

ROOT = Path(__file__).parents[4]
PLACES = ("rules", "facts/measures/kinds", "runs")
ELSEWHERE = ("rules/maps", "rules/lint/codes")
"""What a map document is told has words of its own; the codes themselves prove nothing."""
NO_CODES = {
    "day-of-month", "day-of-week", "ssh-ed25519", "utf-8", "durable-rules", "verify-full", "verify-ca",
}  # fmt: skip
SHORT = {"alias", "anchor", "directive", "password", "tag"}
"""Codes of one word, which no pattern tells from other words."""
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def written() -> Iterator[str]:
    """Every text in the code that looks like a code, and the short ones where they are told as such."""
    for place in PLACES:
        for path in (ROOT / place).rglob("*.py"):
            if str(path.relative_to(ROOT)).startswith(ELSEWHERE):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and (_CODE.fullmatch(text) or text in SHORT):
                    yield text


def test_each_code_that_is_told_is_explained_and_no_other() -> None:
    assert set(written()) - NO_CODES == set(CODES)


def test_no_code_stands_in_two_sections() -> None:
    assert sum(map(len, SECTIONS.values())) == len(CODES)


@pytest.mark.parametrize("name", CODES)
def test_an_explanation_is_a_sentence_and_an_example_of_both(name: str) -> None:
    code = CODES[name]
    assert code.means.endswith(".")
    assert code.wrong.strip() != code.right.strip() != ""
    assert explained(name).startswith(f"{name}\n\n{code.means}\n\nwrong:\n    ")


def test_a_code_that_there_is_not() -> None:
    with pytest.raises(UnknownCodeError, match="no finding 'alway-true'") as refused:
        explained("alway-true")
    assert refused.value.hint == "did you mean 'always-true'?"
