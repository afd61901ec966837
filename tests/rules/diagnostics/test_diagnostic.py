"""A diagnostic names the place, shows it, and helps."""

from __future__ import annotations

import pytest

from phasegate.rules.diagnostics.diagnostic import (
    Diagnostic,
    PackError,
    Severity,
    count_problems,
    in_order,
    render_all,
)
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.suggestions import nearest, suggest
from phasegate.rules.errors import PhasegateError


def fault(
    line: int = 12,
    column: int = 9,
    width: int = 3,
    snippet: str | None = "        abc: 1",
    severity: Severity = "error",
) -> Diagnostic:
    at = Position("points/1.yaml", line, column, width)
    return Diagnostic("unknown-key", "no key", at, None, snippet, severity)


def test_the_carets_stand_under_the_text() -> None:
    assert fault().render() == (
        "points/1.yaml:12:9 unknown-key  no key\n   |\n12 |         abc: 1\n   |         ^^^"
    )


def test_the_help_stands_last() -> None:
    one = Diagnostic("empty-file", "the file is empty", Position("a.yaml", 1, 1), "write something")
    assert one.render() == "a.yaml:1:1 empty-file  the file is empty\nhelp: write something"


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    shown = fault(1, 501, 4, line).render().splitlines()
    assert len(shown[2]) <= 120
    assert shown[2][shown[3].index("^") : shown[3].rindex("^") + 1] == "HERE"


@pytest.mark.parametrize("text", ["\x1b[31mred", "\u202eturned", "\x07", "\x9b31m"])
def test_nothing_that_steers_a_terminal_comes_through(text: str) -> None:
    one = Diagnostic("rule", f"message {text}", Position("a", 1, 1), f"hint {text}", f"line {text}")
    assert all(line.isprintable() for line in one.render().splitlines())


def test_a_tab_does_not_move_the_carets() -> None:
    shown = fault(1, 4, 3, "a:\tbcd").render().splitlines()
    assert shown[2][shown[3].index("^") :] == "bcd"


def test_diagnostics_come_in_the_order_of_their_places_each_once() -> None:
    found = [fault(9), fault(10, 2), fault(10, 1), fault(9), Diagnostic("a", "b", None)]
    assert [one.position and one.position.line for one in in_order(found)] == [None, 9, 10, 10]


@pytest.mark.parametrize(
    ("severities", "said"),
    [
        ([], "no problems"),
        (["error"], "1 problem"),
        (["error", "error"], "2 problems"),
        (["warning"], "1 warning"),
        (["error", "warning", "warning"], "1 problem and 2 warnings"),
    ],
)
def test_problems_and_warnings_are_counted_apart(severities: list[Severity], said: str) -> None:
    assert count_problems([fault(severity=severity) for severity in severities]) == said


def test_a_warning_says_that_it_is_one() -> None:
    assert (
        fault(severity="warning").render().splitlines()[0]
        == "points/1.yaml:12:9 unknown-key  warning: no key"
    )


def test_an_error_over_a_file_shows_all_its_diagnostics() -> None:
    error = PackError([fault(2), fault(1)], "phasegate.yaml")
    assert error.message == "phasegate.yaml has 2 problems"
    assert str(error) == render_all(in_order([fault(1), fault(2)]))
    assert str(error).endswith("Found 2 problems.")


def test_an_error_brings_its_hint() -> None:
    assert str(PhasegateError("no such pack", "try another")) == "no such pack\nhelp: try another"
    assert str(PhasegateError("no such pack")) == "no such pack"


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("crteria", ["criteria", "title"], "criteria"),
        ("Title", ["criteria", "title"], "title"),
        ("colour", ["criteria", "title"], None),
        ("a.b", [], None),
        ("b2", ["b3", "b1"], None),
        ("cost.shared", ["costs.shared", "cost.share"], "costs.shared"),
        ("title", ["title"], None),
    ],
)
def test_the_nearest_name(word: str, candidates: list[str], found: str | None) -> None:
    assert nearest(word, candidates) == found
    assert nearest(word, reversed(candidates)) == found


def test_few_candidates_are_listed_where_none_is_near() -> None:
    assert suggest("x", ["b", "a"], of="areas") == "the areas are a, b"
    assert suggest("x", [], of="areas") == "there are no areas"
    assert suggest("x", map(str, range(50)), of="areas") is None
    assert suggest("aera", ["area"], of="areas") == "did you mean 'area'?"
