"""A pack held against its map: one edit of the map is one difference, with the lines of both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.views.trace import render_trace
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.trace.trace import Trace, trace, trace_document

Hold = Callable[[str, str], Trace]

POINT_1_1_2 = re.compile(r"#### Integration Point 1\.1\.2.*?(?=\n---)", re.DOTALL)

# edit: (pattern in the map, what it becomes, the differences as (state, kind, subject, map line))
EDITS = {
    "a criterion reworded": (
        "Labels issued within a minute",
        "Labels issued within an hour",
        [("changed", "criteria", "2.1.1/c2", 59)],
    ),
    "a criterion rewritten": (
        "Labels issued within a minute",
        "Every carrier invoiced",
        [("changed", "criteria", "2.1.1/c2", 59)],
    ),
    "a criterion in another case": (
        "- Labels issued",
        "- labels issued",
        [("changed", "criteria", "2.1.1/c2", 59)],
    ),
    "a criterion removed": (
        "- Label requests accepted by every carrier\n",
        "",
        [("extra", "criteria", "2.1.1/c1", 53)],
    ),
    "a criterion inserted": (
        "- Label requests accepted",
        "- Carriers listed\n- Label requests accepted",
        [("missing", "criteria", "1 of 2.1.1", 58)],
    ),
    "a criterion added": (
        "- Labels issued within a minute",
        "- Labels issued within a minute\n- Carriers listed",
        [("missing", "criteria", "3 of 2.1.1", 60)],
    ),
    "criteria swapped": (
        "- Label requests accepted by every carrier\n- Labels issued within a minute",
        "- Labels issued within a minute\n- Label requests accepted by every carrier",
        [("changed", "criteria", "2.1.1/c1", 59)],
    ),
    "white space only": ("Labels issued within", "Labels  issued   within", []),
    "a point removed": (POINT_1_1_2, "", [("extra", "points", "1.1.2", 25)]),
    "a point added": (
        r"\n---\n\n## Returns",
        "\n#### Integration Point 1.1.3: Lost\n\n**Acceptance Criteria**:\n- Found\n\n---\n\n## Returns",
        [("missing", "points", "1.1.3", 47)],
    ),
    "a point renamed": (
        "1.1.2: Delay Notices",
        "1.1.2: Delay Notes",
        [("changed", "titles", "title of 1.1.2", 37)],
    ),
    "a point renumbered": (
        r"1\.1\.2",
        "1.1.3",
        [("missing", "points", "1.1.3", 37), ("extra", "points", "1.1.2", 25)],
    ),
    "a flow turned round": (
        "Support Cases ↔ Carrier Labels",
        "Carrier Labels ↔ Support Cases",
        [("changed", "flows", "flow of 2.1.1", 54)],
    ),
    "a framework more": (
        r"(?<=Integration\*\*: )\[Logistics Framework\]\(logistics.md\)$",
        "Logistics Framework + Carrier Framework",
        [("changed", "frameworks", "frameworks of 2.1.1", 61)],
    ),
    "frameworks in another order": (
        r"\[Support Framework\]\(support.md\) \+ \[Logistics Framework\]\(logistics.md\)",
        "Logistics Framework + Support Framework",
        [],
    ),
    "an area renamed": (
        "^## Returns Handling",
        "## Returns Desk",
        [("changed", "areas", "area 2", 49)],
    ),
    "a section renamed": ("Refunds$", "Money Back", [("changed", "sections", "section 2.1", 51)]),
    "a phase renamed": (
        r"Returns Handling \(Week 4\)",
        "Returns (Week 4)",
        [("changed", "phases", "phase 2", 73)],
    ),
    "other weeks": (
        r"\(Weeks 1-3\)",
        "(Weeks 1-2)",
        [("changed", "phases", "phase 1", 69)],
    ),
    "a phase removed": (
        r"#### Phase 2(?:.*\n){2}",
        "",
        [("extra", "phases", "phase 2", 69)],
    ),
    "a phase added": (
        "^### Business Impact",
        "#### Phase 3: After (Week 5)\n- Return Labels (Integration Point 2.1.1)\n\n### Business Impact",
        [("missing", "phases", "phase 3", 76)],
    ),
    "a point moved to another phase": (
        r"(- Delay Notices \(Integration Point 1.1.2\)\n)(\n#### Phase 2.*\n)",
        r"\2\1",
        [
            ("extra", "phase members", "1.1.2 in phase 1", 69),
            ("missing", "phase members", "1.1.2 in phase 2", 73),
        ],
    ),
    "another success target": (
        "Punctuality: 90%",
        "Punctuality: 91%",
        [("changed", "success targets", "2/success 'Refund Punctuality'", 84)],
    ),
    "a success target renamed": (
        "Refund Punctuality: ",
        "Refund Speed: ",
        [("changed", "success targets", "2/success 'Refund Punctuality'", 84)],
    ),
    "a success target removed": (
        "- Tracking Accuracy.*\n",
        "",
        [("extra", "success targets", "1/success 'Tracking Accuracy'", 83)],
    ),
    "success targets swapped": (
        r"(- Tracking Accuracy: )97.5%(.*\n- Refund Punctuality: )90%",
        r"\g<1>90%\g<2>97.5%",
        [
            ("changed", "success targets", "1/success 'Tracking Accuracy'", 83),
            ("changed", "success targets", "2/success 'Refund Punctuality'", 84),
        ],
    ),
    "another KPI": (
        "40% reduction of calls$",
        "41% reduction of calls",
        [("changed", "KPIs", "1/kpi 'Parcel Visibility'", 79)],
    ),
    "another annual value": (
        "€350K",
        "€351K",
        [("changed", "annual values", "2/annual_value 'Returns Handling'", 92)],
    ),
    "another currency": (
        "€350K",
        "$350K",
        [("changed", "annual values", "2/annual_value 'Returns Handling'", 92)],
    ),
    "another total": (
        "€1.55M",
        "€1.65M",
        [("changed", "total value", "programme/total_value 'Total Annual Business Value'", 94)],
    ),
    "no total": (
        r"^\*\*Total Annual.*$",
        "",
        [("extra", "total value", "programme/total_value 'Total Annual Business Value'", None)],
    ),
    "another return": (
        "180%",
        "181%",
        [("changed", "ROI", "programme/roi 'Expected ROI'", 96)],
    ),
    "another cycle": ("4-week", "5-week", [("changed", "cycle", "length of the cycle", 67)]),
    "another title": (
        "^# Support-Logistics",
        "# Support-Delivery",
        [("changed", "document lines", "title of the map", 6)],
    ),
    "another date": (
        r"(?<=Date\*\*: )May 4",
        "May 5",
        [("changed", "document lines", "date of the map", 8)],
    ),
    "another owner": (
        "Owner: Support-",
        "Owner: Sales-",
        [("changed", "document lines", "owner of the map", 109)],
    ),
    "no review cycle": (
        r"^\*Review Cycle.*$",
        "",
        [("extra", "document lines", "review cycle", 1)],
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_one_edit_is_one_difference(
    case: str, support_logistics: str, traced: Hold, snapshot: SnapshotAssertion
) -> None:
    before, after, expected = EDITS[case]
    text = re.sub(
        before, after, support_logistics, flags=0 if isinstance(before, re.Pattern) else re.MULTILINE
    )
    assert text != support_logistics
    found = traced(text, support_logistics)
    told = [(each.state, each.kind, each.subject, each.map_line) for each in found.differences]
    assert told == expected
    assert found.differs == bool(expected)
    for each in found.differences:
        assert each.pack_file == "pack.yaml"
        assert each.pack_line is not None
    if expected:
        rendered = render_trace(found)
        assert rendered.partition("\n\nOdd in the map")[0].strip() == snapshot


def test_the_pack_that_encodes_the_map_matches_it_all(support_logistics: str, traced: Hold) -> None:
    found = traced(support_logistics, support_logistics)
    assert not found.differs
    assert {each.kind: (each.matched, each.total) for each in found.tallies} == {
        "points": (3, 3),
        "criteria": (6, 6),
        "phases": (2, 2),
        "success targets": (2, 2),
        "KPIs": (2, 2),
        "annual values": (2, 2),
        "total value": (1, 1),
        "ROI": (1, 1),
        "phase members": (3, 3),
        "areas": (2, 2),
        "sections": (2, 2),
        "titles": (3, 3),
        "places": (3, 3),
        "flows": (3, 3),
        "frameworks": (3, 3),
        "document lines": (5, 5),
        "cycle": (1, 1),
    }


def test_a_removed_point_counts_with_its_criteria(support_logistics: str, traced: Hold) -> None:
    found = traced(POINT_1_1_2.sub("", support_logistics), support_logistics)
    counts = {each.kind: (each.matched, each.total) for each in found.tallies}
    assert (counts["points"], counts["criteria"], counts["flows"]) == ((2, 3), (4, 6), (2, 3))


def test_a_removed_point_is_told_once_even_if_its_phase_forgets_it_too(
    support_logistics: str, traced: Hold
) -> None:
    text = POINT_1_1_2.sub("", support_logistics).replace("- Delay Notices (Integration Point 1.1.2)\n", "")
    found = traced(text, support_logistics)
    assert [(each.state, each.subject) for each in found.differences] == [("extra", "1.1.2")]


PACK_EDITS = {
    "a weaker comparison": ({"bound": "> 97.5 %"}, "changed"),
    "the other way round": ({"bound": "<= 97.5 %"}, "changed"),
    "a stricter figure": ({"bound": ">= 98 %"}, "changed"),
    "a plain number": ({"bound": ">= 0.975"}, "changed"),
    "the same figure in other digits": ({"bound": ">= 97.50 %"}, "matched"),
}


@pytest.mark.parametrize("case", PACK_EDITS)
def test_a_target_must_demand_the_figure_of_the_map(
    case: str, support_logistics: str, pack_of: Callable[[str], LoadedPack]
) -> None:
    change, state = PACK_EDITS[case]
    loaded = pack_of(support_logistics)
    area = loaded.pack.areas["1"]
    assert area.success is not None
    areas = {
        **loaded.pack.areas,
        "1": area.model_copy(update={"success": area.success.model_copy(update=change)}),
    }
    pack = loaded.pack.model_copy(update={"areas": areas})
    found = trace(read_map(support_logistics, "map.md"), pack, loaded.where)
    assert [each.state for each in found.comparisons if each.subject.startswith("1/success")] == [state]


def test_figures_of_two_areas_exchanged_in_the_pack_are_changed(
    support_logistics: str, pack_of: Callable[[str], LoadedPack]
) -> None:
    loaded = pack_of(support_logistics)
    first, second = loaded.pack.areas["1"], loaded.pack.areas["2"]
    areas = {
        "1": first.model_copy(update={"kpi": second.kpi}),
        "2": second.model_copy(update={"kpi": first.kpi}),
    }
    pack = loaded.pack.model_copy(update={"areas": areas})
    found = trace(read_map(support_logistics, "map.md"), pack, loaded.where)
    assert [(each.state, each.subject) for each in found.differences] == [
        ("changed", "2/kpi 'Parcel Visibility'"),
        ("changed", "1/kpi 'Returns Handling'"),
    ]
    assert "(by its name it belongs to area 1, the pack has it in area 2)" in render_trace(found)


def test_a_point_in_another_area_of_the_pack_is_changed(
    support_logistics: str, pack_of: Callable[[str], LoadedPack]
) -> None:
    loaded = pack_of(support_logistics)
    moved = loaded.pack.points["2.1.1"].model_copy(update={"area": "1"})
    pack = loaded.pack.model_copy(update={"points": {**loaded.pack.points, "2.1.1": moved}})
    found = trace(read_map(support_logistics, "map.md"), pack, loaded.where)
    assert [(each.state, each.subject) for each in found.differences] == [("changed", "place of 2.1.1")]


def test_ids_with_a_word_in_front_are_the_numbers_of_the_map(
    support_logistics: str, pack_of: Callable[[str], LoadedPack]
) -> None:
    pack = pack_of(support_logistics).pack
    points = {
        id_: point.model_copy(update={"area": f"area-{point.area}"}) for id_, point in pack.points.items()
    }
    changes = {
        "areas": {f"area-{id_}": area for id_, area in pack.areas.items()},
        "phases": {f"phase_{id_}": phase for id_, phase in pack.phases.items()},
        "points": points,
    }
    loaded = pack_of(support_logistics)
    found = trace(read_map(support_logistics, "map.md"), pack.model_copy(update=changes), loaded.where)
    assert found.differences == ()


def test_a_map_of_another_programme_differs_everywhere(support_logistics: str, traced: Hold) -> None:
    other = "# Other\n\n## A\n\n#### Integration Point 9.1.1: B\n\n**Acceptance Criteria**:\n- C\n"
    found = traced(other, support_logistics)
    assert found.differs
    assert {each.state for each in found.comparisons} == {"missing", "extra", "changed"}


def test_the_trace_is_json_data(support_logistics: str, traced: Hold) -> None:
    text = support_logistics.replace("Labels issued within a minute", "Labels issued at once")
    document = trace_document(traced(text, support_logistics))
    assert json.loads(json.dumps(document)) == document
    assert document["differs"] is True
    assert document["counts"]["criteria"] == {"matched": 5, "total": 6}
    (difference,) = document["differences"]
    assert difference["map"] == {"text": "Labels issued at once", "line": 59}
    assert difference["pack"]["text"] == "Labels issued within a minute"
    assert difference["pack"]["file"] == "pack.yaml"


def test_a_map_can_not_steer_the_terminal(support_logistics: str, traced: Hold) -> None:
    text = support_logistics.replace("1.1.2: Delay", "1.1.2: \x1b[31mDelay\u202e")
    rendered = render_trace(traced(text, support_logistics))
    assert "\x1b" not in rendered
    assert "\u202e" not in rendered
    assert "�[31mDelay�" in rendered


def test_the_total_is_found_by_its_name_whatever_its_id(
    support_logistics: str, pack_of: Callable[[str], LoadedPack]
) -> None:
    loaded = pack_of(support_logistics)
    targets = loaded.pack.programme.targets
    renamed = {f"our_{id_}": target for id_, target in targets.items()}
    assert renamed
    programme = loaded.pack.programme.model_copy(update={"targets": renamed})
    pack = loaded.pack.model_copy(update={"programme": programme})
    found = trace(read_map(support_logistics, "map.md"), pack, loaded.where)
    assert not found.differences
