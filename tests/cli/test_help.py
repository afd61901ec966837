"""The help: which commands there are, what each is for, and what must be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import Result
from syrupy.assertion import SnapshotAssertion

from phasegate import cli

Run = Callable[..., Result]
SECTIONS = {
    "Decide": ["check", "gate"],
    "Look": ["explain", "why-not", "facts", "runs", "show", "report", "evidence", "serve"],
    "Over time": ["diff", "trend", "due", "baseline", "portfolio", "schedule", "notify"],
    "Sign": ["keys", "waive", "attest", "approve", "advance"],
    "Audit": ["verify", "prove", "replay", "checkpoint", "ledger"],
    "Rules": ["init", "lint", "test", "sources", "trace", "schema"],
    "More": ["help"],
}
GROUPS = [name for name, command in cli.main.commands.items() if isinstance(command, click.Group)]


@pytest.fixture(autouse=True)
def width(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of eighty columns, whatever the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """The titles of a help text, each with its lines."""
    for part in text.split("\n\n"):
        title, _, lines = part.partition(":\n")
        if lines:
            yield title, lines.splitlines()


def test_commands_stand_in_sections_in_the_order_of_use(run: Run) -> None:
    found = dict(sections(run("--help").stdout))
    del found["Options"]
    assert {title: [line.split()[0] for line in lines] for title, lines in found.items()} == SECTIONS
    assert list(found) == list(SECTIONS)
    assert list(cli.main.commands) == [name for names in SECTIONS.values() for name in names]


@pytest.mark.parametrize("group", [None, *GROUPS])
def test_each_command_has_one_whole_line(group: str | None, run: Run) -> None:
    command = cli.main if group is None else cli.main.commands[group]
    assert isinstance(command, click.Group)
    text = run(*([group] if group else []), "--help").stdout
    listed = [line for title, lines in sections(text) if title != "Options" for line in lines]
    assert len(listed) == len(command.commands)  # none goes on in a second line
    for line in listed:
        assert re.fullmatch(r"  [a-z-]+ +[A-Z][^.]*\.", line), line
        assert len(line) <= 80


def test_a_line_is_never_cut_on_a_narrow_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = " ".join(run("--help").stdout.split())
    assert "..." not in text.replace("[ARGS]...", "")
    for command in cli.main.commands.values():
        assert command.get_short_help_str(1_000) in text


@pytest.mark.parametrize("group", [None, *GROUPS])
def test_a_group_without_more_prints_its_help_and_decides_nothing(group: str | None, run: Run) -> None:
    words = [group] if group else []
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == run(*words, "--help").stdout


@pytest.mark.parametrize("words", [(), ("check",), ("schedule",), ("schedule", "export"), ("help",)])
def test_help_is_what_the_option_shows(words: tuple[str, ...], run: Run) -> None:
    asked = run("help", *words)
    assert (asked.exit_code, asked.stderr) == (0, "")
    assert asked.stdout == run(*words, "--help").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("help", "chek"), "No such command 'chek'. Did you mean 'check'?"),
        (("help", "schedule", "exprot"), "No such command 'exprot'. Did you mean 'export'?"),
        (("help", "check", "more"), "phasegate check has no command 'more', or any other of its own."),
        (("chek",), "No such command 'chek'. Did you mean 'check'?"),
        (("ledger", "xport"), "No such command 'xport'. Did you mean 'export'?"),
        (("bogus\x1b[31m",), r"No such command 'bogus\x1b[31m'."),
    ],
)
def test_an_unknown_command_is_refused_and_the_nearest_named(
    words: tuple[str, ...], message: str, run: Run
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}\nhelp: phasegate ")


@pytest.mark.parametrize(
    ("words", "needed", "unless"),
    [
        (("waive",), {"reason", "risk-owner", "requester", "until"}, ", unless --revoke"),
        (("attest",), {"value", "evidence", "until"}, ", unless --revoke"),
        (("schedule", "export"), {"to"}, ""),
    ],
)
def test_required_options_are_marked(words: tuple[str, ...], needed: set[str], unless: str, run: Run) -> None:
    text = run(*words, "--help").stdout
    options = [" ".join(option.split()) for option in re.split(r"\n  (?=-)", text)[1:]]
    marked = {option.split()[0].removeprefix("--") for option in options if "required" in option}
    assert marked == needed
    assert text.count("[required") == len(needed)
    assert sum(f"[required{unless}]" in option for option in options) == len(needed)


def test_what_is_marked_is_what_is_asked_for(run: Run, world: object) -> None:
    """An option that is marked and not given is refused, by its name."""
    for words in (("attest",), ("waive", "--key", "keys/fin")):
        told = run(*words)
        assert told.exit_code == 2
        text = run(words[0], "--help").stdout
        marked = re.findall(r"(?ms)^  (--[a-z-]+)(?:(?!\n  -).)*?\[required, unless", text)
        assert marked
        assert [option for option in marked if option not in told.stderr] == []


@pytest.mark.parametrize(
    "words", [(), ("lint",), ("schedule",), ("waive",), ("attest",), ("help",)], ids=" ".join
)
def test_help_texts(words: tuple[str, ...], run: Run, snapshot: SnapshotAssertion) -> None:
    assert run(*words, "--help").stdout == snapshot
