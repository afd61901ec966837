"""The page: what it shows, where it can be linked to, and that text in it stays text."""

from __future__ import annotations

import copy
import difflib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dressed_record import dressed, large, remembered
from generated_record import failing
from hostile_text import TEXTS, with_text
from made_records import with_verdict
from read_page import Page
from syrupy.assertion import SnapshotAssertion

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.html import render
from phasegate.reports.html.markup import LONGEST
from phasegate.reports.html.style import STYLE, policy
from phasegate.reports.report import Report
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.labels import STATES, VERDICTS
from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import bound_shown, without_pack

Saved = Callable[[str], Record]
Ready = Callable[[str], Report]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))
FULL_NAMES = ("programme", "gate_with_waivers", "hostile", "broken_cells")
HOSTILE = {
    **TEXTS,
    "script": "</title></style></script><script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "quote": "'><svg onload=alert(1)>",
    "address": "javascript:alert(1)",
    "comment": "--><!--<![CDATA[<?php ",
    "half": "\ud800",
}
KEEPS_SHAPE = re.compile(r"[^/\s]")
"""All but what ids are read by, and blanks, behind which a number is still one."""


def told(record: Record) -> Report:
    return Report(record, exit_code(record["outcome"]))


@pytest.mark.parametrize("name", NAMES)
def test_page(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(lines(render(report(name)))) == snapshot


def test_a_page_of_everything_rare(report: Ready, snapshot: SnapshotAssertion) -> None:
    record = dressed(report("programme").record)
    page = "\n".join(lines(render(replace(told(record), past=remembered(record)))))
    assert page == snapshot


def lines(written: str) -> list[str]:
    """The page an element a line, without its style, which has the digest that the policy names."""
    style = written.partition("<style>")[2].partition("</style>")[0]
    named = policy(style).replace("'", "&#x27;")
    assert style.startswith(STYLE)
    assert (written.count(style), written.count(named)) == (1, 1)
    return written.replace(style, "STYLE").replace(named, "POLICY").replace("><", ">\n<").splitlines()


@pytest.mark.parametrize("verdict", ["fail", "stale", "not_applicable"])
def test_another_verdict_is_seen_where_it_is_told_and_nowhere_else(verdict: str, saved: Saved) -> None:
    record = saved("programme")
    single = next(
        each for each in record["criteria"] if each["verdict"] == "pass" and len(each["requirements"]) == 1
    )
    changed = with_verdict(record, single["requirements"][0], verdict)
    before, after = (Counter(lines(render(told(each)))) for each in (record, changed))
    # Counts, gates, the cell of the table, what it takes, and the story, which moves to another section.
    assert 8 <= (after - before).total() <= 140
    sign = VERDICTS[verdict]
    assert sum(sign.word in line for line in after - before) >= (1 if verdict == "not_applicable" else 4)
    moved = "\n".join(lines(render(told(changed)))).partition(f'id="{single["id"].replace("/", "-")}"')[0]
    title = {"fail": "failed", "stale": "undecided", "not_applicable": "does-not-apply"}[verdict]
    assert moved.rpartition("<h2 ")[2].startswith(f'id="{title}"')


def check(written: str, record: Record) -> Page:
    """Reads a page, and sees that every criterion has its place, and every link leads to one."""
    page = Page(written)
    assert [each for each, times in Counter(page.ids).items() if times > 1] == []
    assert {link[0] for link in page.links} == {"#"}
    assert {link[1:] for link in page.links} <= set(page.ids)
    places = [each for each in page.ids if each.startswith("filter-")]
    assert page.structure.count("<input type name id>") + page.structure.count(
        "<input type name id checked>"
    ) == len(places)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_every_criterion_has_its_stable_place(name: str, report: Ready) -> None:
    ready = report(name)
    page = check(render(ready), ready.record)
    places = {each["id"].replace("/", "-") for each in ready.record["criteria"]}
    assert places <= set(page.ids)
    if not without_pack(ready.record):  # and is led to from the table of points
        linked = {
            f"#{each.replace('/', '-')}" for point in ready.record["points"] for each in point["criteria"]
        }
        assert linked <= set(page.links)


def test_a_place_is_named_as_documents_name_it(report: Ready) -> None:
    page = render(report("programme"))
    for place in ("1.1.1-framework", "1.1.1", "gate-1", "gate-programme", "source-tariffs"):
        assert page.count(f' id="{place}"') == 1


def renamed(record: Record, names: dict[str, str]) -> Record:
    def change(value: object) -> object:
        if isinstance(value, dict):
            return {key: change(each) for key, each in value.items()}
        if isinstance(value, list):
            return [change(each) for each in value]
        return names.get(value, value) if isinstance(value, str) else value

    return change(record)  # type: ignore[return-value]


def test_ids_that_would_meet_at_one_place_have_one_each(saved: Saved) -> None:
    names = ["1.1/x", "1.1-x", "1.1 x", "gates", "gate-programme", "größe/x", "gr--e/x", f"{'y' * 200}1"]
    names += [f"{'y' * 200}2", "/", "-", "", "verdict", "p0", "source-invoices", "p0/c0-"]
    record = renamed(
        failing(saved("minimal_fail"), len(names)),
        {f"p{place // 10}/c{place}": name for place, name in enumerate(names)},
    )
    page = check(render(told(record)), record)
    assert page.ids[-len(names) :] != []
    for name, place in (("1.1/x", "1.1-x"), ("/", "-"), ("p0", "p0"), ("gate-programme", "gate-programme")):
        named = f'<h3><span class="id">{name}</span>'
        story = render(told(record)).partition(named)[2].partition("</details>")[0]
        assert f'<div class="story" id="{place}">' in story
    again = renamed(record, {"1.1-x": "elsewhere"})  # one that goes moves no other
    gone = set(page.ids) - set(check(render(told(again)), again).ids)
    assert len(gone) == 1


def test_a_name_that_nothing_has_is_no_link(saved: Saved) -> None:
    record = saved("programme")
    failing_ = next(each for each in record["requirements"] if each["verdict"] == "fail")
    next(each for each in record["facts"] if each["id"] == failing_["fact"])["sources"] = ["nowhere"]
    assert "nowhere" in check(render(told(record)), record).text


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("before", [False, True], ids=["behind", "before"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_stays_text(text: str, before: bool, saved: Saved) -> None:
    for name in FULL_NAMES:
        record = saved(name)
        record = dressed(record) if len(record["requirements"]) > 2 else record
        loaded = with_text(record, HOSTILE[text], before=before)
        harmless = with_text(record, KEEPS_SHAPE.sub("x", HOSTILE[text]), before=before)
        ready = replace(told(loaded), past=remembered(loaded))
        page = check(render(ready), loaded)
        plain = check(render(replace(told(harmless), past=remembered(harmless))), harmless)
        assert list(difflib.unified_diff(plain.structure, page.structure)) == []
        if HOSTILE[text].strip():
            shown = visible(HOSTILE[text])
            assert shown in page.text
            named = [*loaded["criteria"], *loaded["points"], *gates_shown(loaded)]
            assert [each["id"] for each in named if visible(each["id"]) not in page.text] == []


@pytest.mark.slow
def test_a_text_of_a_megabyte_is_cut_and_says_so(saved: Saved) -> None:
    record = saved("programme")
    huge = with_text(record, "<b>" * 350_000)
    written = render(told(huge))
    page = check(written, huge)
    assert page.structure == check(render(told(with_text(record, "x"))), record).structure
    assert max(map(len, page.texts)) < 30 * LONGEST
    assert len(written) < 40_000_000
    assert "characters)" in page.text


def test_the_title_of_the_tab_is_short(saved: Saved) -> None:
    record = saved("minimal_pass")
    record["title"] = "<&\"'>" * 100
    title = Page(render(told(record))).texts[0]
    assert title.endswith(f"..., as of {record['as_of']}")
    assert len(title) <= 70


def test_nothing_steers_the_direction_or_a_terminal(report: Ready) -> None:
    written = render(report("hostile"))
    assert all(char.isprintable() or char == "\n" for char in written)
    written.encode()


@pytest.mark.parametrize("name", ["minimal_pass", "minimal_fail"])
def test_sections_that_nothing_belongs_to_are_left_out(name: str, report: Ready) -> None:
    page = Page(render(report(name)))
    assert ("failed" in page.ids) == (name == "minimal_fail")
    assert ("passed" in page.ids) == (name == "minimal_pass")
    assert not {"undecided", "waived", "advisory", "others"} & set(page.ids)


def own_rules_of(saved: Saved, verdicts: list[str]) -> Record:
    """A project without a pack, with a requirement of each verdict, the worst first."""
    record = saved("minimal_fail")
    (requirement,), (criterion,) = record["requirements"], record["criteria"]
    asked = [{**requirement, "id": f"r{place}", "verdict": word} for place, word in enumerate(verdicts)]
    record["requirements"] = asked  # type: ignore[assignment]
    criterion |= {"verdict": verdicts[0], "requirements": [each["id"] for each in record["requirements"]]}
    return record


def test_the_counts_of_a_project_without_a_pack_are_of_requirements(saved: Saved) -> None:
    record = own_rules_of(saved, ["fail"] * 4 + ["pass"])
    written = render(told(record))
    assert "CLOSED: 4 requirements fail. Exit code 1." in written
    badges = written.partition('<ul class="counts">')[2].partition("</ul>")[0]
    words = re.sub("<[^>]+>", " ", badges.replace("</li>", ","))
    assert " ".join(words.split()).replace(" ,", ",") == "5 requirements:, ✗ 4 FAIL, ✓ 1 pass,"
    assert "<dd>5 requirements: 4 fail, 1 pass</dd>" in written


def test_the_counts_of_a_pack_are_of_criteria(report: Ready) -> None:
    badges = render(report("programme")).partition('<ul class="counts">')[2]
    assert badges.startswith("<li>25 criteria:</li>")


def test_a_project_without_a_pack_has_no_words_of_packs(saved: Saved) -> None:
    record = own_rules_of(saved, ["fail", "pass"])
    page = check(render(told(record)), record)
    assert not {"gates", "points", "targets", "figures"} & set(page.ids)
    assert [each for each in page.texts if re.search(r"\bpack\b|[Gg]ates\b|Of point|\bnone\b", each)] == []


def test_its_own_gate_is_told_where_it_was_asked_for_or_something_else_shuts_it(saved: Saved) -> None:
    record = own_rules_of(saved, ["fail"])
    asked = {**record, "kind": "gate", "scope": ["programme"]}
    assert "gates" in Page(render(told(asked))).ids  # type: ignore[arg-type] - it is a record still
    text = "2 waivers, and the gate takes 1"
    record["gates"][0]["reasons"].append({"kind": "waivers", "id": "", "verdict": "fail", "text": text})
    assert f"{text}." in Page(render(told(record))).texts


def test_points_of_no_phase_belong_to_the_programme(saved: Saved) -> None:
    record = saved("programme")
    record["points"][0]["phases"] = []
    written = render(told(record))
    row = written.partition(f'id="{record["points"][0]["id"]}"')[2].partition("</tr>")[0]
    assert row.endswith('<td class="gated">programme</td>')


def test_a_record_of_nothing(saved: Saved) -> None:
    record = saved("minimal_pass")
    for part in ("points", "criteria", "requirements", "facts", "gates", "sources"):
        record[part] = []  # type: ignore[literal-required]
    record["outcome"] = "nothing"
    page = check(render(told(record)), record)
    assert "NOTHING DECIDED" in page.text
    assert page.ids == ["verdict", "changes", "takes", "next", "sign-off", "provenance"]


@pytest.mark.parametrize("name", NAMES)
def test_every_section_below_is_led_to_from_the_top(name: str, report: Ready) -> None:
    written = render(report(name))
    nav = written.partition('<nav aria-label="Contents">')[2].partition("</nav>")[0]
    below = re.findall('<(?:section|footer) [^>]*class="section[^>]*><h2 id="([^"]+)"', written)
    assert re.findall('href="#([^"]+)"', nav) == below
    assert written.index("</nav>") < written.index("<h2")


def test_the_contents_say_how_many_criteria_a_section_has(report: Ready) -> None:
    nav = render(report("programme")).partition("<nav ")[2].partition("</nav>")[0]
    assert re.findall(">([^<]+)</a>", nav) == [
        "Criteria", "Findings", "Failed 3", "Undecided 3", "Waived 1", "Advisory 4", "Passed 17", "N/a 1",
        "Targets", "Sign-off", "Sources", "Provenance",
    ]  # fmt: skip


def test_the_three_questions_come_first(report: Ready) -> None:
    written = render(report("programme"))
    asked = ["May we advance?", "What changed?", "What will it take?"]
    found = re.findall("<h2[^>]*>([^<]+)</h2>", written)
    assert [each for each in found if each.endswith("?")] == asked
    assert (
        found.index("What will it take?")
        < found.index("Every criterion")
        < found.index("Findings, by reason")
    )


def test_failures_lie_open_and_the_rest_is_folded(report: Ready) -> None:
    ready = report("programme")
    page = Page(render(ready))
    failing_ = [each for each in ready.record["criteria"] if each["verdict"] == "fail"]
    binding = [each for each in failing_ if each["enforcement"] != "advisory"]
    assert page.structure.count("<details open>") == len(binding) == 3


def test_every_verdict_and_every_state_is_a_sign_and_a_word(report: Ready) -> None:
    text = Page(render(report("programme"))).text
    for sign in VERDICTS.values():
        assert f"{sign.mark} {sign.word}" in text
    for state in ("open", "open_with_waivers", "undecided", "closed"):
        assert f"{STATES[state].mark} {STATES[state].word}" in text


@pytest.mark.parametrize("word", ["bogus", "", "PASS", "open"])
def test_a_word_that_is_no_verdict_is_told_and_never_passes(word: str, report: Ready) -> None:
    ready = report("minimal_pass")
    for part, key in (("criteria", "verdict"), ("requirements", "verdict"), ("points", "verdict")):
        for each in ready.record[part]:  # type: ignore[literal-required]
            each[key] = word
    ready.record["gates"][0]["state"] = ready.record["outcome"] = word and "bogus"
    page = check(render(ready), ready.record)
    assert "others" in page.ids
    assert "✓ pass" not in page.text
    assert "✓ OPEN" not in page.text


def test_engines_that_disagree_are_told_first(saved: Saved) -> None:
    record = dressed(saved("programme"))
    written = render(told(record))
    page = check(written, record)
    assert page.text.index("THE ENGINES DISAGREE on 2 verdicts") < page.text.index("May we advance?")
    for each in record["disagreements"]:
        assert each["id"] in page.text
    assert page.text.count(": inferred pass, evaluated fail") == 2


def test_who_attested_and_who_may_not_sign_is_told(saved: Saved) -> None:
    text = Page(render(told(dressed(saved("programme"))))).text
    assert "Attestation A-1, signed by aud as auditor on 2026-02-09, states 'true' on minutes.txt" in text
    assert "Attestation A-0, signed by nobody who may as auditor" in text
    assert "nobody for risk (entry 7 does not count: bob may not sign for risk)" in text
    assert "ann for finance" in text


def test_alternatives_say_that_they_are_some(saved: Saved) -> None:
    text = Page(render(told(dressed(saved("programme"))))).text
    assert "number 1 of several" in text
    assert "number 2.1 of several" in text


def test_how_a_fact_is_counted_stands_beside_it(saved: Saved) -> None:
    record = saved("minimal_fail")
    record["facts"][0]["note"] = "Status as of the close of <the month>"
    told_ = "<dt>How it is counted</dt><dd>Status as of the close of &lt;the month&gt;</dd>"
    assert told_ in render(told(record))
    record["facts"][0]["note"] = None
    assert "How it is counted" not in render(told(record))


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (("5851981180", "7402050658", 6, "5,851.98118 of 7,402.050658"), "5,851.98118 of 7,402.050658"),
        (("18", "20", 0, "18 of 20"), "18 of 20"),
        (("3320362509", "46324260100", 0, ""), "numerator 3,320,362,509, denominator 46,324,260,100"),
        (("-1200", "1", 2, ""), "numerator -1,200, denominator 1, both in units of 10^-2"),
        (("many", None, 0, ""), "numerator many, denominator "),
        ((None, None, 0, ""), ""),
    ],
    ids=["amounts", "rows", "change", "amounts without words", "no number", "none"],
)  # fmt: skip
def test_numerator_and_denominator_are_readable(
    fact: tuple[str | None, str | None, int, str], said: str, saved: Saved
) -> None:
    record = saved("minimal_fail")
    numerator, denominator, scale, words = fact
    entry = record["facts"][0]
    entry |= {"numerator": numerator, "denominator": denominator, "scale": scale, "counted": words}
    assert (
        f"<dt>Fact</dt><dd><code>{entry['id']}</code> (ratio) {said and said + ', '}20 rows</dd>"
        in render(told(record))
    )


def test_criterion_and_requirement_say_where_each_stands(report: Ready) -> None:
    ready = report("minimal_fail")
    written = render(ready)
    assert f"Criterion at {ready.record['criteria'][0]['at']}." in written
    at = ready.record["requirements"][0]["at"]
    measure = "<code>invoices.reconciled: &quot;&gt;= 95 %&quot;</code>"
    assert f"<dt>Requirement</dt><dd>{measure} at {at}</dd>" in written
    assert "rule stands" not in written.lower()


def test_the_worst_comes_first(saved: Saved) -> None:
    record = saved("programme")
    words = ["unknown", "stale", "error", "unknown", "stale", "error"]
    binding = [each for each in record["criteria"] if each["enforcement"] != "advisory"]
    undecided = [each for each in binding if each["verdict"] not in ("error", "stale", "unknown")][:6]
    for criterion, word in zip(undecided, words, strict=True):
        criterion["verdict"] = word
    section = render(told(record)).partition('<h2 id="undecided"')[2].partition("</section>")[0]
    found = re.findall(r"<summary><span[^>]*>. (\w+)", section)
    assert found == sorted(found, key=["ERROR", "STALE", "UNKNOWN"].index)
    assert set(found) == {"ERROR", "STALE", "UNKNOWN"}
    assert found.count("ERROR") > 2


def test_an_error_of_a_value_that_is_there_says_why(saved: Saved) -> None:
    record = saved("minimal_fail")
    record["requirements"][0] |= {"verdict": "error", "reason": "the engines differ"}
    assert "the engines differ" in Page(render(told(record))).texts


def test_many_kinds_of_criteria_stand_in_one_column(saved: Saved) -> None:
    record = failing(saved("minimal_fail"), 2_000)
    page = check(render(told(record)), record)
    assert page.structure.count("<td class>") + page.structure.count("<td>") < 2_000
    assert "FAIL c1999" in page.texts


@pytest.mark.slow
def test_ten_thousand_failures(saved: Saved) -> None:
    record = failing(saved("minimal_fail"), 10_000)
    written = render(told(record))
    page = check(written, record)
    assert "Failed (10,000 criteria)" in page.texts
    assert len(written) < 15_000_000


KINDS = [
    ("framework", ["pass", "pass"]),
    ("protocols", ["pass", "pass", "pass"]),
    ("systems", ["pass", "pass"]),
    ("validation", ["pass", "pass", "pass"]),
]
WORST = [(kind, ["fail", *words[1:]]) for kind, words in KINDS]
MIXED = [KINDS[0], ("protocols", ["fail", "fail", "pass"]), ("systems", ["stale", "unknown"]), KINDS[3]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(KINDS, id="passing", marks=pytest.mark.slow),
        pytest.param(MIXED, id="mixed", marks=pytest.mark.slow),
        pytest.param(WORST, id="failing"),
    ],
)
def test_two_thousand_criteria_with_a_year_of_runs_stay_below_five_megabytes(
    kinds: list[tuple[str, list[str]]], saved: Saved
) -> None:
    record = large(saved("programme"), 500, kinds)
    assert (len(record["points"]), len(record["criteria"]), len(record["requirements"])) == (500, 2000, 5000)
    ready = replace(told(record), past=remembered(record))
    written = render(ready)
    print(f"{len(written.encode()):,} bytes")
    assert len(written.encode()) < 5_000_000
    page = check(written, record)
    assert "phasegate explain ID" in page.texts
    whole = render(replace(ready, verbose=True))
    assert "phasegate explain ID" not in whole
    assert "; requirement at " not in whole
    assert "; requirement at " in written


def test_of_many_what_does_not_pass_is_told_in_full_as_far_as_it_goes(saved: Saved) -> None:
    record = large(saved("programme"), 140, MIXED)
    written = render(told(record))
    section = {name: written.partition(f'<h2 id="{name}"')[2].partition("</section>")[0] for name in NAMED}
    assert section["failed"].count('<div class="story"') == 140  # of three requirements each
    assert section["undecided"].count('<div class="story"') == 41  # of two, and then nothing is left
    assert section["undecided"].count("<tr class=") == 99
    assert section["undecided"].count("; to pass: ") == 198
    assert section["passed"].count('<div class="story"') == 0
    assert section["passed"].count("; requirement at ") == 140 * 5


NAMED = ("failed", "undecided", "passed")


def figures(ready: Report) -> str:
    return render(ready).partition('<h2 id="figures"')[2].partition("</section>")[0].replace("&gt;", ">")


def test_the_numbers_of_a_bar_stand_beside_it(report: Ready) -> None:
    ready = report("programme")
    for target in (each for each in ready.record["criteria"] if each["point"] is None):
        for each in ready.telling(target)[:1]:
            shown = each["observed"].rpartition(" = ")[2]
            assert f"<b>{shown}</b>" in figures(ready)
            if ready.facts[each["fact"]]["status"] == "present":
                assert f": now {shown}, target {bound_shown(each)}" in figures(ready)


def test_a_bar_goes_on_paler_from_one_end_to_the_other(report: Ready) -> None:
    bars = re.findall(
        r'<rect class="(bar|maybe)" x="([0-9.]+)%" [^>]*width="([0-9.]+)%"', figures(report("undetermined"))
    )
    (_, start, low), (_, at, more) = bars
    assert (start, at) == ("0", low)
    assert abs(float(more) / float(low) - (6 / 7 - 4 / 9) / (4 / 9)) < 0.01


def test_a_fact_with_two_ends_is_told_with_both_and_no_middle(report: Ready) -> None:
    page = render(report("undetermined"))
    for said in (
        "least numerator 6, least denominator 1, greatest numerator 9, greatest denominator 1",
        "5 to 12 of 20, 20 rows, 7 rows have no `answered` (5) or `due` (3), newest of 2026-02-20",
        "8 rows that do not meet the measure&#x27;s condition, and 7 that may count",
        "lacks answered, due",
    ):
        assert said in page or said.replace("&#x27;", "&#39;") in page, said


def test_one_run_has_no_past_to_show(saved: Saved) -> None:
    record = saved("programme")
    assert "Earlier runs" not in render(replace(told(record), past=remembered(record, 1)))


def test_the_record_is_not_changed(saved: Saved) -> None:
    record = dressed(saved("programme"))
    before = copy.deepcopy(record)
    render(replace(told(record), past=remembered(record)))
    assert record == before


def test_the_same_record_gives_the_same_bytes(saved: Saved) -> None:
    record = dressed(saved("programme"))
    assert render(told(record)) == render(told(copy.deepcopy(record)))


PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("paper", "faint", "band")),
    *((ink, "paper") for ink in ("fail", "error", "open", "waived", "pass")),
    *((ink, f"{ink}-bg") for ink in ("error", "open", "waived")),
    ("on-fail", "fail"),
    ("paper", "ink"),
    ("soft", "open-bg"),
    ("fail", "band"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_text_stands_out(scheme: str) -> None:
    light, dark = (
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", part)) for part in STYLE.split("@media", 2)[:2]
    )
    colours = {"light": light, "dark": {**light, **dark}}[scheme]
    weak = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in PAIRS
        if contrast(colours[ink], colours[ground]) < 4.5
    }
    assert weak == {}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2.2 defines it."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
