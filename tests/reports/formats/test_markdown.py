"""Markdown: what a reviewer reads, as a renderer of GitHub's dialect reads it back."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile_text import TEXTS, with_text
from hypothesis import given
from hypothesis import strategies as st
from made_records import counted, many, with_verdict
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sizes import SIZE, some
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import Record
from phasegate.reports.formats.markdown import LIMIT, render
from phasegate.reports.markdown.text import LONGEST, code, row, shortened, text
from phasegate.reports.report import Report
from phasegate.reports.text.labels import STATES, VERDICTS

Ready = Callable[[str], Report]
Saved = Callable[[str], Record]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))
GITHUB = {
    **TEXTS,
    "mention": "@octocat @org/team a@b.example",
    "issue": "closes #1, GH-2, o/r#3, !4 %5 ~x &6 $7",
    "address": "http://a.example www.a.example https://a.example/?q=*x* <https://a.example>",
    "link": "[x](javascript:alert(1)) ![x](y) [^1] [!NOTE] [x]: y [ ] [[w]]",
    "marks": "**a** __b__ *c* _d_ ~~e~~ ==f== `g` ``h`` $i$ :smile: :+1: deadbeef",
    "entity": "&lt;b&gt; &#64; &copy; \\&amp; \\| \\\\| \\\\\\| \\",
    "table_code": "`|` \\`|\\` @a|b`c\\|d @`@| |@",
    "blocks": "- x\n# y\n> z\n1. a\n***\n---\n===\n    code\n</details>\n<!-- ",
    "list": "1. x", "rule": "---", "item": "- x", "heading": "# x", "done": "x #",
}  # fmt: skip
SEEN_BY_GITHUB = re.compile(
    r"@\w|(?<!\w)#\d|GH-\d|https?://|www\.|\$.*\$|:[a-z+][\w+-]*:|\b[0-9a-f]{7,40}\b", re.IGNORECASE
)
"""What GitHub makes more than text of, outside of code."""
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def inlines(written: str) -> Iterator[Token]:
    for token in PARSER.parse(written):
        if token.type == "inline":
            yield from token.children or []


def shown(tokens: list[Token]) -> str:
    """The text that a reader sees of some inline content."""
    assert {each.type for each in tokens} <= {"text", "code_inline"}
    return "".join(each.content for each in tokens)


def structure(written: str) -> list[str]:
    """The blocks of a document without their content: what hostile text must not change."""
    return [
        f"{each.type} {each.content if each.type == 'html_block' else ''}" for each in PARSER.parse(written)
    ]


def tables(written: str) -> list[list[list[str]]]:
    """The cells of each table, in order."""
    found: list[list[list[str]]] = []
    for token in PARSER.parse(written):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level == 3 + 1:
            pieces = ["\n" if each.type == "html_inline" else each.content for each in token.children or []]
            found[-1][-1].append("".join(pieces))
    return found


def counts(written: str) -> dict[str, tuple[int, int]]:
    words = {f"{sign.mark} {sign.word}": verdict for verdict, sign in VERDICTS.items()}
    rows = next(each for each in tables(written) if each[0][0] == "Verdict" and each[0][1] == "Criteria")
    return {
        words[cells[0]]: (int(cells[1].replace(",", "")), int(cells[3].replace(",", "")))
        for cells in rows[1:]
    }


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert render(report(name)) == snapshot


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("minimal_pass", "## ✓ OPEN: the requirement holds. Exit code 0."),
        ("programme", "## ✗ CLOSED: 3 criteria fail, 1 is an error, 1 is stale, 1 is unknown. Exit code 1."),
        ("hostile", "## ? UNDECIDED: 1 requirement is an error; nothing fails. Exit code 3."),
    ],
)
def test_the_first_line_is_the_outcome_and_its_reason(name: str, line: str, report: Ready) -> None:
    assert render(report(name)).splitlines()[0] == line


@pytest.mark.parametrize("outcome", ["nothing", "bogus"])
def test_an_outcome_that_is_not_known_is_never_open(outcome: str, report: Ready) -> None:
    told = report("minimal_pass")
    told.record["outcome"] = outcome
    assert STATES["open"].mark not in render(told).splitlines()[0]


def test_every_failure_says_where_and_what_is_missing(report: Ready) -> None:
    told = report("programme")
    cells = next(each for each in tables(render(told)) if each[0][0] == "Failed")
    asked = [
        each
        for each in told.record["requirements"]
        if each["verdict"] == "fail" and told.criteria[each["criterion"]]["enforcement"] != "advisory"
    ]
    assert [(each[2], each[3], each[4], each[5]) for each in cells[1:]] == [
        (each["observed"], each["margin"] or "", each["distance"], each["at"]) for each in asked
    ]


def test_how_a_fact_is_counted_stands_beside_what_failed(saved: Saved) -> None:
    record = saved("minimal_fail")
    record["facts"][0]["note"] = "As of the *close*"
    cells = next(each for each in tables(render(Report(record, 1))) if each[0][0] == "Failed")
    assert cells[1][1] == "Invoices that were reconciled >= 95 %\nAs of the *close*"
    assert cells[0][-1] == "Requirement at"


def test_a_waiver_is_told_with_who_carries_the_risk(report: Ready) -> None:
    cells = next(each for each in tables(render(report("programme"))) if each[0][0] == "Waived")
    assert cells[1][4:] == [
        "W-7\nOne crane is being rebuilt until March.\nnot below 93 %",
        "quay-lead",
        "2026-03-31",
    ]


def test_zero_failures_have_no_table(report: Ready) -> None:
    assert [each[0][0] for each in tables(render(report("minimal_pass")))] == ["Passed", "Verdict"]


@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_the_record(name: str, report: Ready) -> None:
    told = report(name)
    assert counts(render(told)) == counted(told.record)


@pytest.mark.parametrize("raw", GITHUB.values(), ids=GITHUB)
@pytest.mark.parametrize("written", [text, code])
def test_hostile_text_is_shown_as_it_is(raw: str, written: Callable[[str], str]) -> None:
    for raw_text in (raw, f"x{raw}", f"{raw}x", raw * 3):
        told = written(raw_text)
        assert "\n" not in told
        (cell,) = tables(f"{row(['h'])}\n{row(['---'])}\n{row([told])}\n")[0][1]
        assert cell.strip() == shortened(raw_text)
        if shortened(raw_text):
            for place, blocks in ((told, 1), (f"## {told}", 1), (f"- {told}", 3)):
                opened = [each.type for each in PARSER.parse(place) if each.nesting == 1]
                assert len(opened) == blocks, opened
                assert shown(list(inlines(place))).strip() == shortened(raw_text)


@given(
    st.text(alphabet=st.sampled_from("ab \\`|*_[]<>&~#@$!:;./-+=(){}^\"'1\n\t\x00é\u202e") | st.characters())
)
def test_any_text_is_shown_as_it_is(raw: str) -> None:
    for written in (text, code):
        told = written(raw)
        (cell,) = tables(f"{row(['h'])}\n{row(['---'])}\n{row([told])}\n")[0][1]
        assert cell.strip() == shortened(raw)
        assert shown(list(inlines(told))).strip() == shortened(raw)
        assert not [
            each for each in inlines(told) if each.type == "text" and SEEN_BY_GITHUB.search(each.content)
        ]


@pytest.mark.sampled(every=12)
@pytest.mark.sampled
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("raw", GITHUB.values(), ids=GITHUB)
def test_hostile_text_in_every_field_changes_no_table(raw: str, before: bool, saved: Saved) -> None:
    at = list(GITHUB.values()).index(raw) + before
    for name in some(["gate_with_waivers", "programme", "broken_cells"], at, 3, slow=3):
        changes_no_table(name, raw, before, saved)


def changes_no_table(name: str, raw: str, before: bool, saved: Saved) -> None:
    record = saved(name)
    written = render(Report(with_text(record, raw, before=before), 1))
    assert len(written.encode()) < LIMIT
    harmless = re.sub("[^/]", "x", raw)  # what follows a slash names the column of the matrix
    plain = render(Report(with_text(record, harmless, before=before), 1))
    if "left out here" not in written + plain:
        assert structure(written) == structure(plain)
    for each in inlines(written):
        assert each.type in {"text", "code_inline", "softbreak", "html_inline", "strong_open", "strong_close"}
        assert each.type != "html_inline" or each.content == "<br>"
        assert each.type != "text" or not SEEN_BY_GITHUB.search(each.content)
    blocks = [each.content for each in PARSER.parse(written) if each.type == "html_block"]
    assert all(
        re.fullmatch(r"<details>\n<summary>[\w/:, ]+</summary>\n|</details>\n?", each) for each in blocks
    )
    assert all(char.isprintable() or char == "\n" for char in written)
    assert "##[" not in written.replace("##`\\[", "")
    assert not [
        line for line in written.splitlines() if line.lstrip().startswith("::")
    ]  # a runner's commands


@pytest.mark.sampled(every=3)
@pytest.mark.skipif(shutil.which("cmark-gfm") is None, reason="no cmark-gfm on this machine")
@pytest.mark.parametrize("raw", GITHUB.values(), ids=GITHUB)
def test_github_s_own_parser_makes_no_link_of_it(raw: str, saved: Saved) -> None:
    options = ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"]
    for before in (False, True):
        written = render(Report(with_text(saved("programme"), raw, before=before), 1))
        page = subprocess.run(
            ["cmark-gfm", *options], input=written.encode(), capture_output=True, check=True
        )
        tags = set(re.findall(r"<(\w+)", page.stdout.decode()))
        assert tags <= {
            "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "details", "summary",
            "ul", "li", "strong",
        }  # fmt: skip


@pytest.mark.sampled(every=2)
@pytest.mark.sampled
@pytest.mark.parametrize("verdict", VERDICTS)
def test_ten_thousand_of_any_verdict_fit_a_comment(verdict: str, saved: Saved) -> None:
    record = many(saved("programme"), 10_000 if SIZE != "fast" else 2_000, verdict)
    written = render(Report(record, 1))
    assert len(written) < len(written.encode()) < LIMIT
    assert counts(written) == counted(record)


def test_what_is_kept_says_how_to_see_the_whole(saved: Saved) -> None:
    note = "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n"
    written = render(Report(many(saved("programme"), 999, "fail"), 1, kept=Kept(7, 93, 136, note, "/x/y.db")))
    assert "left out here: `phasegate report 7 --format html -o report.html` tells the whole.\n" in written
    assert f"- Kept as run 7 in `y.db`; checkpoint `136 {'A' * 43}=`\n" in written


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_what_failed_is_shown_or_counted_as_left_out(saved: Saved, number: int) -> None:
    record = many(saved("programme"), number, "fail")
    for place, each in enumerate(record["requirements"]):
        each["observed"] = f"found {place}"
    written = render(Report(record, 1))
    rows = next(each for each in tables(written) if each[0][0] == "Failed")[1:]
    said = re.search(
        rf"^([\d,]+) of {number + 4:,} failed requirements left out here: the same command",
        written,
        re.MULTILINE,
    )
    assert said is not None
    assert len(rows) + int(said[1].replace(",", "")) == number + 4
    assert len(rows) > 80
    names = [each[0][0] for each in tables(written)]
    assert names == [
        "Gate", "For", "Failed", "Undecided", "Waived", "Advisory", "State", "Waiver", "Point", "Verdict",
        "Passed", "Verdict",
    ]  # fmt: skip


def test_what_fails_for_one_reason_is_one_row(saved: Saved) -> None:
    written = render(Report(many(saved("programme"), 30, "fail"), 1))
    failed = next(each for each in tables(written) if each[0][0] == "Failed")[1:]
    takes = next(each for each in tables(written) if each[0][0] == "For")[1:]
    assert [each[0].count("\n") for each in failed if "9.0/made" in each[0]] == [2 * 4]
    assert [each[0].endswith("and 26 more") for each in failed if "9.0/made" in each[0]] == [True]
    assert [each[2].partition("\n")[0] for each in takes if "9.0/made" in each[2]] == [
        "✗ FAIL 9.0/made, 9.1/made, 9.2/made, 9.3/made and 26 more"
    ]


MEGABYTES = ["@|" * 500_000, "\U0001f600" * 1_000_000, "|\\`" * 300_000]


@pytest.mark.parametrize(
    "raw", ["x" * 1_000_000, *(pytest.param(each, marks=pytest.mark.slow) for each in MEGABYTES)]
)
def test_texts_of_a_megabyte_fit_a_comment(raw: str, saved: Saved) -> None:
    record = with_text(saved("minimal_fail"), raw, before=True)
    record["disagreements"] = [{"id": raw, "inferred": raw, "evaluated": raw}] * 20
    record["scope"], record["cycle"] = [raw], {"id": raw, "start": raw}
    written = render(Report(record, 1))
    assert len(written.encode()) < LIMIT
    assert f"({len(raw):,} characters)" in written or f"({len(raw) + 7:,} characters)" in written
    assert counts(written) == counted(record)
    assert "Failed" in [each[0][0] for each in tables(written)]


def test_a_long_text_says_how_long_it_is() -> None:
    assert text("x" * 1000) == "x" * LONGEST + "… (1,000 characters)"


def test_another_verdict_changes_its_own_lines(saved: Saved) -> None:
    record = saved("programme")
    requirement = record["requirements"][0]
    one = set(render(Report(record, 1)).splitlines())
    other = set(render(Report(with_verdict(record, requirement["id"], "fail"), 1)).splitlines())
    gone, new = sorted(one - other), sorted(other - one)
    assert [each for each in gone if "✓ pass `1.1.1/framework`" in each]
    assert [each for each in new if "✗ FAIL `1.1.1/framework`" in each]
    about = re.compile(r"`1\.1\.1(/framework)?`|criteria|criterion|^\| (✗ FAIL|✓ pass) \| \d|^- Record: ")
    assert [each for each in gone + new if not about.search(each)] == []


def test_the_engines_disagreeing_is_said_before_all_else(report: Ready) -> None:
    assert render(report("hostile")).index("THE ENGINES DISAGREE") < render(report("hostile")).index("### ")


def test_quiet_is_the_first_line_alone(report: Ready) -> None:
    told = report("programme")
    quiet = Report(told.record, told.code, quiet=True)
    assert render(quiet) == render(told).partition("\n")[0] + "\n"
