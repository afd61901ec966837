"""What is odd in a map itself: one edit makes one finding, and a clean map has none."""

from __future__ import annotations

import pytest

from phasegate.rules.maps.checks.run import oddities
from phasegate.rules.maps.reader.document import read_map


def test_a_clean_map_has_nothing_odd(support_logistics: str) -> None:
    assert oddities(read_map(support_logistics, "map.md")) == []


# edit: (what stands in the map, what it becomes, kinds of the findings, a part of their text)
EDITS = {
    "a point in no phase": (
        "- Delay Notices (Integration Point 1.1.2)\n",
        "",
        {"points-in-no-phase": "1 integration point is in no phase: 1.1.2"},
    ),
    "a phase lists a point that is not there": (
        "(Integration Point 1.1.2)",
        "(Integration Point 1.1.9)",
        {
            "unknown-point": "phase 1 lists integration point 1.1.9",
            "points-in-no-phase": "1.1.2",
        },
    ),
    "a point in two phases": (
        "- Return Labels (Integration Point 2.1.1)",
        "- Return Labels (Integration Point 2.1.1)\n- Delay Notices (Integration Point 1.1.2)",
        {
            "point-in-two-phases": "integration point 1.1.2 is in phases 1 and 2",
            "phases-across-areas": "phase 2 spans areas 1 and 2",
        },
    ),
    "a point twice in one phase": (
        "- Return Labels (Integration Point 2.1.1)",
        "- Return Labels (Integration Point 2.1.1)\n- Return Labels (Integration Point 2.1.1)",
        {"point-in-two-phases": "in phase 2, twice"},
    ),
    "another title in the phase": (
        "- Shared Tracking (",
        "- Joint Tracking (",
        {"title-differs": "phase 1 calls integration point 1.1.1 'Joint Tracking', its heading"},
    ),
    "a line without a point in a phase": (
        "- Return Labels (Integration Point 2.1.1)",
        "- Return Labels (Integration Point 2.1.1)\n- Something else",
        {"member-without-point": "'Something else', which names no integration point"},
    ),
    "the conclusion forgets a target": (
        "97.5% tracking accuracy and 90% refund punctuality",
        "97.5% tracking accuracy",
        {"conclusion-forgets-target": "1 of the 2 success targets and forgets 'Refund Punctuality' (90%)"},
    ),
    "the conclusion states another figure": (
        "90% refund punctuality.",
        "91% refund punctuality.",
        {"figure-differs": "'Refund Punctuality' is 90%, but a sentence says 91%"},
    ),
    "the conclusion states a figure of nothing": (
        "90% refund punctuality.",
        "90% refund punctuality, and 12% of something new.",
        {"unknown-figure": "states 12%"},
    ),
    "the sum does not add up": (
        "**Total Annual Business Value**: €1.55M",
        "**Total Annual Business Value**: €1.56M",
        {"sum-differs": "add up to 1.55 M EUR, the stated total is 1.56 M EUR"},
    ),
    "two currencies": ("€350K", "$350K", {"mixed-currencies": "EUR and USD"}),
    "a KPI differs where it is repeated": (
        "25% reduction of the time",
        "30% reduction of the time",
        {"kpi-differs": "the KPI 'Returns Handling' is 25%, but 30% in 'Business Value Proposition'"},
    ),
    "a success target differs where it is repeated": (
        "## Conclusion\n",
        "### Outlook\n\n- Tracking Accuracy: 98%\n- Refund Punctuality: 90%\n\n## Conclusion\n",
        {"target-differs": "the success target 'Tracking Accuracy' is 97.5%, but 98% in 'Outlook'"},
    ),
    "an annual value differs where it is repeated": (
        "## Conclusion\n",
        "### Outlook\n\n- Parcel Visibility: €1.3M\n- Returns Handling: €350K\n\n## Conclusion\n",
        {"value-differs": "the annual value 'Parcel Visibility' is €1.2M, but €1.3M in 'Outlook'"},
    ),
    "a KPI is missing": (
        "- Returns Handling: 25% reduction of waiting time\n",
        "",
        {"too-few-figures": "2 areas, but only 1 KPI"},
    ),
    "an impossible target": (
        "97.5%",
        "197.5%",
        {"impossible-target": "'Tracking Accuracy' is 197.5%"},
    ),
    "an area is named otherwise": (
        "- **Parcel Visibility**: €",
        "- **Parcel Visibility Service**: €",
        {"area-named-differently": "area 1 is called 'Parcel Visibility' (lines 23, 18 and 79) and"},
    ),
    "a criterion too many": (
        "- Label requests accepted by every carrier\n",
        "- Label requests accepted by every carrier\n- Labels counted\n",
        {"criteria-count": "2.1.1 has 3 criteria, where the others have 2"},
    ),
    "a criterion too few": (
        "- Label requests accepted by every carrier\n",
        "",
        {"criteria-count": "2.1.1 has 1 criterion, where the others have 2"},
    ),
    "no criteria": (
        "- Label requests accepted by every carrier\n- Labels issued within a minute\n",
        "",
        {"no-criteria": "2.1.1 has no acceptance criteria"},
    ),
    "the same criterion twice": (
        "- Labels issued within a minute",
        "- Label requests accepted by every carrier",
        {"criterion-twice": "2.1.1 has the same criterion twice"},
    ),
    "a criterion with a small letter": (
        "- Labels issued",
        "- labels issued",
        {"small-first-letter": "a criterion of 2.1.1 starts with a small letter"},
    ),
    "an id twice": (
        "Point 1.1.2: Delay",
        "Point 1.1.1: Delay",
        {
            "duplicate-id": "integration point 1.1.1 is there 2 times",
            "title-differs": "'Shared Tracking', its heading 'Delay Notices'",
            "unknown-point": "1.1.2",
        },
    ),
    "a gap in the points": (
        "1.1.2",
        "1.1.4",
        {"gap-in-numbering": "integration point 1.1.2 to 1.1.3 is missing before 1.1.4"},
    ),
    "a gap in the sections": (
        "### 2.1 Refunds",
        "### 2.2 Refunds",
        {
            "gap-in-numbering": "section 2.1 is missing before 2.2",
            "point-in-other-section": "2.1.1 stands under section 2.2",
        },
    ),
    "a gap in the phases": ("Phase 2:", "Phase 3:", {"gap-in-numbering": "phase 2 is missing before 3"}),
    "points out of order": (
        "1.1.2",
        "1.1.0",
        {"out-of-order": "1.1.0 stands behind 1.1.1"},
    ),
    "a point under another area": (
        "Point 1.1.2",
        "Point 2.1.2",
        {
            "point-in-other-area": "2.1.2 stands under area 1",
            "point-in-other-section": "2.1.2 stands under section 1.1",
            "out-of-order": "2.1.1 stands behind 2.1.2",
        },
    ),
    "phases overlap": ("(Week 4)", "(Weeks 3-4)", {"overlapping-weeks": "phases 1 and 2 overlap in week 3"}),
    "a gap between phases": ("(Weeks 1-3)", "(Weeks 1-2)", {"gap-in-weeks": "no phase covers week 3"}),
    "the cycle is not filled": (
        "4-week coordination",
        "6-week coordination",
        {"cycle-not-filled": "no phase covers weeks 5 to 6 of the 6-week cycle"},
    ),
    "the phases go beyond the cycle": (
        "4-week coordination",
        "3-week coordination",
        {"cycle-not-filled": "the phases end with week 4, the cycle with week 3"},
    ),
    "weeks run backwards": (
        "(Weeks 1-3)",
        "(Weeks 3-1)",
        {"impossible-weeks": "phase 1 runs from week 3 to week 1", "gap-in-weeks": "weeks 1 to 3"},
    ),
    "a phase without weeks": (
        " (Week 4)",
        "",
        {"phase-without-weeks": "phase 2", "cycle-not-filled": "no phase covers week 4"},
    ),
    "a phase without points": (
        "- Return Labels (Integration Point 2.1.1)\n",
        "",
        {"empty-phase": "phase 2 lists no", "points-in-no-phase": "2.1.1"},
    ),
    "a phase titled like another area": (
        "Phase 1: Parcel Visibility",
        "Phase 1: Returns Handling",
        {"phase-title-names-other-area": "titled 'Returns Handling' like area 2, but none of its points"},
    ),
    "next steps mean another map's phase": (
        "Complete Phase 1 before the winter peak.",
        "Complete Phase 2 with the Support-Sales Integration Map.",
        {"next-steps-mean-another-phase": "phase 2 with the Support-Sales Integration Map, where this map's"},
    ),
    "next steps speak of an unknown phase": (
        "Complete Phase 1 before",
        "Complete Phase 7 before",
        {"next-steps-mean-another-phase": "phase 7, which the map does not have"},
    ),
    "the front matter has another title": (
        "title: Support-Logistics",
        "title: Support-Delivery",
        {"title-differs": "the front matter calls the map 'Support-Delivery Integration Map'"},
    ),
    "the dates differ": (
        "Last Updated: May 4, 2026",
        "Last Updated: May 5, 2026",
        {"dates-differ": "'Last Modified Date' is May 4, 2026, 'Last Updated' is May 5, 2026"},
    ),
    "a flow joins nothing": (
        "Carrier Events ↔ Support Desk",
        "Carrier Events",
        {"one-sided-flow": "'Carrier Events' has no arrow"},
    ),
    "a point without a protocol": (
        "**Coordination Protocol**: A case issues a label without a second form",
        "",
        {"missing-part": "2.1.1 names no coordination protocol"},
    ),
    "a framework that the head does not list": (
        "**Target Audience**:",
        "**Framework Integration**: [Support Framework](support.md)  \n**Target Audience**:",
        {"unlisted-framework": "'Logistics Framework', which the map's head does not list"},
    ),
    "a rule below the footer": (
        "*Review Cycle: Monthly*\n",
        "*Review Cycle: Monthly*\n---\n",
        {"footer-reads-as-heading": "as a heading"},
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", EDITS)
def test_one_edit_makes_its_finding_and_no_other(case: str, support_logistics: str) -> None:
    before, after, expected = EDITS[case]
    assert before in support_logistics
    text = support_logistics.replace(before, after)
    found = oddities(read_map(text, "map.md"))
    assert {finding.kind for finding in found} == set(expected)
    for kind, says in expected.items():
        assert any(says in finding.text for finding in found if finding.kind == kind), found
    last = text.count("\n") + 1
    for finding in found:
        assert finding.lines
        assert all(1 <= line <= last for line in finding.lines)


def test_a_map_without_phases_says_so() -> None:
    found = oddities(read_map("### Integration Point 1.1.1: A\n\n**Acceptance Criteria**:\n- B\n", "map.md"))
    assert [finding.kind for finding in found] == ["no-phases"]


def test_fewer_phases_than_areas_may_span_areas(support_logistics: str) -> None:
    text = support_logistics.replace("#### Phase 2: Returns Handling (Week 4)\n", "").replace(
        "Phase 1: Parcel Visibility (Weeks 1-3)", "Phase 1: Everything (Weeks 1-4)"
    )
    assert oddities(read_map(text, "map.md")) == []
