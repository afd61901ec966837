"""The same map in another form reads the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.reader.model import MapRead


def said(read: MapRead) -> dict[str, Any]:
    """What a map says, without the lines where it says it."""
    return {
        "title": read.title and read.title.text,
        "areas": [(area.id, area.title) for area in read.areas],
        "sections": [(section.id, section.title) for section in read.sections],
        "points": [
            (
                point.id,
                point.title,
                point.area,
                point.section,
                point.flow,
                point.protocol and point.protocol.text,
                [criterion.text for criterion in point.criteria],
                point.frameworks,
            )
            for point in read.points
        ],
        "phases": [
            (phase.id, phase.title, phase.weeks, [(each.point, each.title) for each in phase.members])
            for phase in read.phases
        ],
        "cycle": read.cycle_weeks,
        "kpis": [(figure.name, figure.quantity) for figure in read.kpis],
        "success": [(figure.name, figure.quantity) for figure in read.success_targets],
        "values": [(figure.name, figure.quantity) for figure in read.annual_values],
        "total": read.total and read.total.quantity,
        "roi": read.roi and read.roi.quantity,
        "date": read.date,
        "owner": read.owner and read.owner.text,
        "review": read.review_cycle and read.review_cycle.text,
    }


def replaced(pattern: str, by: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        changed = re.sub(pattern, by, text, flags=re.MULTILINE)
        assert changed != text, "the form under test is not in the map"
        return changed

    return change


FORMS: dict[str, Callable[[str], str]] = {
    "windows line ends": replaced(r"\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "no front matter": replaced(r"\A---\n(?:.*\n)*?---\n", ""),
    "ascii arrow": replaced("↔", "<->"),
    "double arrow": replaced("↔", "<=>"),
    "arrow to the right": replaced("↔", "→"),
    "html arrow": replaced("↔", "&harr;"),
    "bullets are stars": replaced("^- ", "* "),
    "bullets are plus signs": replaced("^- ", "+ "),
    "numbered lists": replaced("^- ", "1. "),
    "numbered with brackets": replaced("^- ", "1) "),
    "a long head": replaced("Support Teams,", "Support Teams, " + "[Teams](teams.md), " * 200),
    "a very long line": replaced("^Support and Logistics tell", "word *by* word " * 500),
    "typed bullets": replaced("^- ", "• "),
    "indented lists": replaced("^- ", "    - "),
    "task lists": replaced("^- (?=Label|Notice|Event)", "- [x] "),
    "en dash weeks": replaced("Weeks 1-3", "Weeks 1–3"),
    "weeks with to": replaced("Weeks 1-3", "weeks 1 to 3"),
    "weeks behind a dash": replaced(r" \((Weeks? [\d-]+)\)$", r" - \1"),
    "points one level up": replaced("^#### (?=Integration)", "### "),
    "points one level down": replaced("^#### (?=Integration)", "##### "),
    "everything one level down": replaced("^(#+) ", r"#\1 "),
    "closed headings": replaced("^(#+) (.+)$", r"\1 \2 \1"),
    "colon inside the bold": replaced(r"\*\*:", ":**"),
    "underscore emphasis": replaced(r"\*\*", "__"),
    "plain labels": replaced(r"^\*\*([^*]+)\*\*:", r"\1:"),
    "criteria under a heading": replaced(r"^\*\*Acceptance Criteria\*\*:$", "##### Acceptance Criteria"),
    "criteria called otherwise": replaced("Acceptance Criteria", "Criteria for Acceptance"),
    "frameworks follow the criteria at once": replaced(r"\n\n(?=\*\*Business Framework)", "\n"),
    "no trailing spaces": replaced(" +$", ""),
    "bold points instead of headings": replaced(r"^#### (Integration Point .+)$", r"**\1**\n"),
    "shorter word for points": replaced(r"^#### Integration Point", "#### Point"),
    "numbered points": replaced(r"^#### Integration Point ([\d.]+):", r"#### \1"),
    "dash before the point's title": replaced(r"(Integration Point [\d.]+): ", r"\1 – "),
    "areas with a number": lambda text: text.replace("## Parcel Visibility\n", "## 1. Parcel Visibility\n"),
    "areas with a word": lambda text: text.replace("## Returns Handling\n", "## Area 2: Returns Handling\n"),
    "sections with a word": replaced(r"^### (\d\.\d) ", r"### Section \1: "),
    "bare ids in phases": replaced(r"\(Integration Point ([\d.]+)\)", r"(\1)"),
    "brackets in phases": replaced(r"\(Integration Point ([\d.]+)\)", r"[Point \1]"),
    "ids first in phases": replaced(r"^- (.+) \(Integration Point ([\d.]+)\)$", r"- \2 \1"),
    "points first in phases": replaced(
        r"^- (.+) \(Integration Point ([\d.]+)\)$", r"- Integration Point \2: \1"
    ),
    "titles alone in phases": replaced(r" \(Integration Point [\d.]+\)$", ""),
    "deliverables beside the points": replaced(
        r"^#### (Phase .+)$", r"#### \1\n\n**Deliverables**:\n- A report\n\n**Integration Points**:"
    ),
    "currency code": replaced("€([0-9.]+)([MK])", r"EUR \1\2"),
    "currency behind": replaced("€([0-9.]+)([MK])", r"\1\2 EUR"),
    "million in words": replaced("€([0-9.]+)M", r"€\1 million"),
    "amounts in full": lambda text: (
        text.replace("€1.2M", "€1,200,000").replace("€350K", "350 000 €").replace("€1.55M", "€ 1.550.000")
    ),
    "percent in words": replaced("(?<=[0-9])%", " percent"),
    "decimal comma": replaced(r"97\.5%", "97,5 %"),
    "figures in a table": replaced(
        r"^- Tracking Accuracy: 97.5% accuracy target\n- Refund Punctuality: 90% punctuality target$",
        "| Target | Figure |\n|---|---|\n| Tracking Accuracy | 97.5% target |\n| Refund Punctuality | 90% |",
    ),
    "bold figures": replaced(r"^- (Tracking Accuracy|Refund Punctuality):", r"- **\1**:"),
    "figures behind a dash": replaced(r"^- (Tracking Accuracy|Refund Punctuality):", r"- **\1** –"),
    "success list called otherwise": replaced("Success Validation Framework", "Success Targets"),
    "kpi list called otherwise": replaced("Key Performance Indicators", "KPIs"),
    "iso dates": replaced("May 4, 2026", "2026-05-04"),
    "days first": replaced("May 4, 2026", "4 May 2026"),
    "footer without emphasis": replaced(r"^\*([^*]+)\*( *)$", r"\1\2"),
    "footer above a rule": lambda text: text + "---\n",
    "cycle of weeks": replaced("4-week coordination cycles", "coordination cycles of 4 weeks"),
    "comments": replaced("^### Tracking|^---$", "<!-- #### Integration Point 9.9.9: Hidden -->\n"),
    "code": lambda text: text + "\n```\n#### Integration Point 9.9.9: Hidden\n```\n",
    "a wrapped criterion": replaced("within an hour of a delay", "within an hour\n  of a delay"),
    "a wrapped protocol": replaced("Both functions read a parcel's", "Both functions read a\nparcel's"),
    "nested details of a criterion": replaced(
        "^- Notices sent within an hour of a delay", "- Notices sent\n  - within an hour of a delay"
    ),
    "no emphasis of links": replaced(r"\[([^\]]+)\]\([^)]+\)", r"\1"),
    "links by reference": lambda text: (
        text.replace("(support.md)", "[s]").replace("(logistics.md)", "[l]")
        + "\n[s]: support.md\n[l]: logistics.md\n"
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("form", FORMS)
def test_the_same_map_in_another_form_reads_the_same(form: str, support_logistics: str) -> None:
    assert said(read_map(FORMS[form](support_logistics), "map.md")) == said(
        read_map(support_logistics, "map.md")
    )


def test_every_piece_has_the_line_where_it_stands(support_logistics: str) -> None:
    read = read_map(support_logistics, "map.md")
    lines = ["", *support_logistics.split("\n")]
    for point in read.points:
        assert point.id in lines[point.line]
        assert point.flow_line is not None
        assert point.flow[0] in lines[point.flow_line]
        for criterion in point.criteria:
            assert criterion.text in lines[criterion.line]
    for phase in read.phases:
        for member in phase.members:
            assert str(member.point) in lines[member.line]
    for each in read.lists:
        for figure in each.figures:
            assert figure.shown in lines[figure.line]
    for field in read.fields:
        assert field.label in lines[field.line]


@pytest.mark.parametrize(
    ("ids", "areas", "sections"),
    [
        (("1.1", "2.1"), ["1", "2"], [None, None]),
        (("1.1.1.1", "2.1.1.1"), ["1", "2"], ["1.1.1", "2.1.1"]),
        (("7.12.3", "11.2.1"), ["7", "11"], ["7.12", "11.2"]),
    ],
)
def test_ids_have_two_to_four_numbers(
    ids: tuple[str, str], areas: list[str], sections: list[str | None]
) -> None:
    text = "# A Map\n\n"
    for id_ in ids:
        prefix = id_.rpartition(".")[0]
        text += f"## Area of {id_}\n\n"
        text += f"### {prefix} Section\n\n" if "." in prefix else ""
        text += f"#### Integration Point {id_}: Title\n\n**Acceptance Criteria**:\n- Something holds\n\n"
    read = read_map(text, "map.md")
    assert [point.id for point in read.points] == list(ids)
    assert [point.area for point in read.points] == areas
    assert [point.section for point in read.points] == sections


def test_a_chapter_above_the_areas_is_no_area(support_logistics: str) -> None:
    deeper = re.sub(r"^(#+) ", r"#\1 ", support_logistics, flags=re.MULTILINE)
    text = deeper.replace("### Parcel Visibility\n", "## Integration Points\n\n### Parcel Visibility\n", 1)
    read = read_map(text.replace("## Support-Logistics", "# Support-Logistics", 1), "map.md")
    assert [(area.id, area.title) for area in read.areas] == [
        ("1", "Parcel Visibility"),
        ("2", "Returns Handling"),
    ]


def test_parts_may_be_missing() -> None:
    read = read_map("### Integration Point 1.1.1: Alone\n", "map.md")
    assert [point.title for point in read.points] == ["Alone"]
    assert (read.title, read.areas, read.phases, read.lists, read.total) == (None, (), (), (), None)
