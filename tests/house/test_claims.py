"""What the pages about the trail claim is held by tests: each mark names some that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("for-auditors.md", "signing.md")
TELLING = {"For auditors", "Signing", "Set up the signers", "In practice", "What holds it"}
"""Sections that claim nothing by themselves: what is to be typed, and what is printed then."""
MARK = re.compile(r"\[\^([a-z]+)\](?!:)")
NOTE = re.compile(r"^\[\^([a-z]+)\]: (.+)$", re.MULTILINE)
LINK = re.compile(r"\[`([^`]+)`\]\(\.\./([^)]+)\)")


def text(page: str) -> str:
    """A page without the blocks in which commands and files are shown."""
    found = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", found, flags=re.MULTILINE | re.DOTALL)


def notes(page: str) -> dict[str, str]:
    return dict(NOTE.findall(text(page)))


def sections(page: str) -> dict[str, str]:
    parts = re.split(r"^#{1,3} (.+)$", NOTE.sub("", text(page)), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("page", PAGES)
def test_each_mark_has_its_note_and_each_note_its_mark(page: str) -> None:
    found = NOTE.findall(text(page))
    assert len(found) == len({name for name, _ in found})
    assert {*MARK.findall(text(page))} == {name for name, _ in found}


@pytest.mark.parametrize(("page", "mark"), [(page, mark) for page in PAGES for mark in notes(page)])
def test_the_tests_that_a_note_names_are_there(page: str, mark: str) -> None:
    note = notes(page)[mark]
    links = LINK.findall(note)
    assert links
    assert ", ".join(f"[`{name}`](../{file})" for name, file in links) == note
    for name, file in links:
        at, _, test = name.partition("::")
        assert at == file
        assert test.startswith("test_")
        assert test in named_in(file), name


@pytest.mark.parametrize("page", PAGES)
def test_every_section_that_claims_something_says_what_holds_it(page: str) -> None:
    bare = {name for name, told in sections(page).items() if not MARK.search(told)}
    assert bare <= TELLING


def test_every_promise_says_what_holds_it() -> None:
    promised = sections("for-auditors.md")["What is promised, and what is not"].partition("Not promised:")[0]
    promises = re.findall(r"^- .+$", promised, re.MULTILINE)
    assert len(promises) > 5
    assert [each for each in promises if not MARK.search(each)] == []
