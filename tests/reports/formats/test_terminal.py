"""The report on the terminal, as people see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.terminal import terminal_text
from phasegate.reports.text.labels import STATES, VERDICTS

Saved = Callable[[str], Record]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))
RESTS = "Gate 2 is OPEN WITH WAIVERS: everything that applies passes or is waived (1 waiver). "
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def tell(record: Record, **options: bool | int) -> str:
    code = exit_code(record["outcome"], strict=bool(options.get("strict")))
    return terminal_text(record, code=code, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_report(name: str, saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert tell(saved(name)) == snapshot


def test_verbose_adds_passes_and_facts(saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert tell(saved("gate_with_waivers"), verbose=True) == snapshot


def test_narrow_page_keeps_every_bound(saved: Saved, snapshot: SnapshotAssertion) -> None:
    text = tell(saved("programme"), width=72)
    assert text == snapshot
    assert max(map(len, text.splitlines()[:-1])) <= 110


@pytest.mark.parametrize(
    ("name", "strict", "line"),
    [
        ("minimal_pass", False, "✓ OPEN: the requirement holds. Exit code 0.\n"),
        ("minimal_fail", False, "✗ CLOSED: 1 requirement fails. Exit code 1.\n"),
        ("hostile", False, "? UNDECIDED: 1 requirement is an error; nothing fails. Exit code 3.\n"),
        ("gate_with_waivers", False, f"w {RESTS}Exit code 0.\n"),
        ("gate_with_waivers", True, f"w {RESTS}--strict takes no waivers. Exit code 1.\n"),
    ],
)
def test_quiet_is_the_last_line_alone(name: str, strict: bool, line: str, saved: Saved) -> None:
    assert tell(saved(name), quiet=True, strict=strict) == line
    assert tell(saved(name), strict=strict).endswith(line)


@pytest.mark.parametrize("name", NAMES)
def test_colour_says_nothing_that_words_do_not(name: str, saved: Saved) -> None:
    coloured = tell(saved(name), colour=True)
    assert ESCAPE.search(coloured)
    assert ESCAPE.sub("", coloured) == tell(saved(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_text_and_line_ends_without_colour(name: str, saved: Saved) -> None:
    text = tell(saved(name), verbose=True)
    assert all(char.isprintable() or char == "\n" for char in text)


def test_hostile_text_stays_text(saved: Saved) -> None:
    text = tell(saved("hostile"))
    assert "[bold]markup[/bold]" in text  # shown, not obeyed
    assert ":smile:" in text
    assert "\u202e" not in text  # would turn the direction of writing


def test_every_verdict_and_every_state_of_a_gate_is_shown(saved: Saved) -> None:
    text = tell(saved("programme"))
    for sign in VERDICTS.values():
        assert f"{sign.mark} {sign.word}" in text
    for state in ("open", "open_with_waivers", "undecided", "closed"):
        assert f"{STATES[state].mark} {STATES[state].word}" in text


def test_every_failure_says_where_and_what_is_missing(saved: Saved) -> None:
    record = saved("programme")
    text = tell(record)
    advisory = {each["id"] for each in record["criteria"] if each["enforcement"] == "advisory"}
    failures = [
        r for r in record["requirements"] if r["verdict"] == "fail" and r["criterion"] not in advisory
    ]
    assert len(failures) == 4
    for requirement in failures:
        assert f"{requirement['fact']}, {requirement['at']}" in text
        assert requirement["distance"] is not None
        assert f"to pass: {requirement['distance']}" in text


def test_one_missing_table_is_told_once(saved: Saved) -> None:
    record = saved("programme")
    lacking = [each for each in record["requirements"] if each["verdict"] == "unknown"][:1] * 30
    record["requirements"] = [{**each, "id": f"{each['id']}#{place}"} for place, each in enumerate(lacking)]
    text = tell(record)
    assert text.count("source surveys: the project names no file for it") == 1
    assert "and 26 more; --verbose lists them" in text
    assert "and 26 more" not in tell(record, verbose=True)


@pytest.mark.parametrize("outcome", ["nothing", "bogus"])
def test_an_outcome_that_is_not_known_is_never_open(outcome: str, saved: Saved) -> None:
    record = saved("minimal_pass")
    record["outcome"] = outcome
    last = tell(record).splitlines()[-1]
    assert "OPEN" not in last
    assert last.endswith("Exit code 3.")
