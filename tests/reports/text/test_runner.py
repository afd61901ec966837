"""No runner of pipelines takes a text for a command, and the text still says what it said."""

from __future__ import annotations

import html
import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.reports.text.runner import inert, on_a_runner

COMMANDS = [
    "::error::x",
    "  ::set-output name=gate::open",
    "\t::add-mask::a",
    "\u3000::debug::x",
    "said\n::stop-commands::x",
    "said\r::error file=a,line=1::x",
    "\x1b[1m::error::x\x1b[0m",
    "##[error]x",
    "a line ##[add-path]/tmp",
    "##vso[task.setvariable variable=gate]open",
    "##teamcity[buildStatus status='SUCCESS']",
    ":::error::x",
    "###[error]x",
]
PLAIN = ["a::b", "x ::error::y", "# [a]", "## Heading", "##", "a ##b [c]", "::", "std::vector\n  a: :b", ""]


def commands(text: str) -> list[str]:
    """The lines that a runner acts on, as its documentation and its behaviour have it."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        begins = re.sub(r"\x1b\[[0-9;]*m", "", line).lstrip()
        if (begins.startswith("::") and "::" in begins[2:]) or re.search(r"##\w*\[", line):
            found.append(line)
    return found


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_becomes_a_text(text: str) -> None:
    assert commands(text)
    told = inert(text)
    assert commands(told) == []
    assert told.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", [each for each in PLAIN if each != "::"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_says_the_same_as_before(text: str, indent: int | None) -> None:
    document = [{text: text}, text]
    told = inert(json.dumps(document, indent=indent, ensure_ascii=False))
    assert commands(told) == []
    assert json.loads(told) == document


@pytest.mark.parametrize("text", [each for each in COMMANDS if "\x1b" not in each])
def test_a_page_says_the_same_as_before(text: str) -> None:
    page = f"<p title='{html.escape(text)}'>\n{html.escape(text)}\n</p>"
    told = inert(page)
    assert commands(told) == []
    before, after = ET.fromstring(page), ET.fromstring(told)
    assert (after.text, after.attrib) == (before.text, before.attrib)


@given(st.text(alphabet=":# []\n\r\t{<\x1bm1avso", max_size=30))
def test_nothing_that_is_printed_is_a_command(text: str) -> None:
    assert commands(inert(text)) == []


def test_a_long_text_of_blanks_takes_no_time() -> None:
    text = " \n" * 200_000 + " " * 200_000
    assert inert(text) == text


@pytest.mark.parametrize(
    ("environ", "changed"),
    [
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"TF_BUILD": "True"}, True),
        ({"TEAMCITY_VERSION": "2026.1"}, True),
        ({"CI": "true"}, False),
        ({"GITHUB_ACTIONS": ""}, False),
        ({}, False),
    ],
)
def test_only_where_a_runner_reads_it(environ: dict[str, str], changed: bool) -> None:
    assert (on_a_runner("::error::x", environ) != "::error::x") is changed
