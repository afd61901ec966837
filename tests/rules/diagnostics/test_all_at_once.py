"""Every problem is told at once: a malformed part hides no other fault, and brings no fault that is none."""

from __future__ import annotations

import copy
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples, some
from syrupy.assertion import SnapshotAssertion

from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, render_all
from phasegate.rules.diagnostics.schema_errors import validate
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.lint.run import lint
from phasegate.rules.loading.pack import reading_of
from phasegate.rules.loading.pack_files import read_trees
from phasegate.rules.loading.pack_parts import put_together
from phasegate.rules.loading.project import ProjectReading, read_project
from phasegate.rules.model.project import Project
from phasegate.runs.preflight import all_faults, ready_project

FORMS = Path(__file__).parents[1] / "packs/valid/every_form"
Step = str | int
Place = tuple[Step, ...]
Found = Counter[tuple[str, str]]
Data = dict[str, Any]


@cache
def every_form() -> Data:
    """A valid pack with every form that a pack can take."""
    trees, faults = read_trees({path.name: path.read_bytes() for path in sorted(FORMS.glob("*.yaml"))})
    assert not faults
    return put_together(trees).data


def found(data: Data) -> Found:
    """Everything that is told of a pack, reading it included."""
    reading = reading_of({"pack.yaml": json.dumps(data).encode()}, "pack")
    return Counter((one.rule, one.message) for one in lint(reading, check_pack))


def told_by_reading(data: Data) -> Found:
    reading = reading_of({"pack.yaml": json.dumps(data).encode()}, "pack")
    return Counter((one.rule, one.message) for one in reading.faults)


def at(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def put(*place: Step, value: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        at(data, place[:-1])[place[-1]] = value

    return change


def drop(*place: Step) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        del at(data, place[:-1])[place[-1]]

    return change


def rename(*place: Step, to: str) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        around = at(data, place[:-1])
        around[to] = around.pop(place[-1])

    return change


def changed(*changes: Callable[[Data], None]) -> Data:
    data = copy.deepcopy(every_form())
    for change in changes:
        change(data)
    return data


KINDS = ("points", "1.1.1", "criteria", 1)
MALFORMED = {
    "title is a list": put("title", value=["a"]),
    "no title": drop("points", "1.1.1", "title"),
    "key of a pack misspelt": rename("measures", to="mesures"),
    "unknown key of a pack": put("colour", value="red"),
    "unknown key of a measure": put("measures", "mean", "colour", value="red"),
    "key of a measure misspelt": rename("measures", "mean", "unit", to="unt"),
    "from misspelt": rename("measures", "open", "from", to="form"),
    "no from": drop("measures", "mean", "from"),
    "two kinds": put("measures", "open", "sum", value="amount"),
    "no kind": drop("measures", "mean", "mean"),
    "a register has no column": put("sources", "orders", "belongs_to", "plans", "customer", value=5),
    "malformed age": put("measures", "latest", "max_age", value="a month"),
    "malformed unit": put("measures", "value", "unit", value="Dollar"),
    "malformed range": put("measures", "age", "valid", value=["0 days"]),
    "expression is a number": put("measures", "paid", "ratio", "of", value=5),
    "malformed id of a measure": rename("measures", "by_customer", to="by customer"),
    "measure is a text": put("measures", "upper", value="upper"),
    "malformed enforcement": put(*KINDS, "enforcement", value="hrad"),
    "bound without operator": put(*KINDS, "require", "share", value="50 %"),
    "bound is a number": put(*KINDS, "require", "query", value=1),
    "no requirement": put("points", "2", "criteria", 0, "require", value={}),
    "id of a criterion missing": drop(*KINDS, "id"),
    "criterion is a text": put("points", "1.1.1", "criteria", 0, value="validation"),
    "area is a number": put("points", "2", "area", value=1),
    "weeks malformed": put("phases", "1", "weeks", value=[1]),
    "points of a phase malformed": put("phases", "2", "points", value="2"),
    "target without measure": drop("areas", "1", "kpi", "measure"),
    "bound of a target malformed": put("areas", "1", "success", "bound", value="95"),
    "type of a column unknown": put("sources", "orders", "columns", "weight", "type", value="flaot"),
    "contract without columns": put("sources", "plans", "columns", value={}),
    "derived column malformed": put("sources", "orders", "derive", "large", value=5),
    "parameter malformed": put("parameters", "window", "value", value="a while"),
    "baseline malformed": put("baseline", "source", value=["baseline"]),
    "cycle malformed": put("cycle", "weeks", value="four"),
}
"""What a model refuses, as changes to a valid pack."""

MEASURE = {"title": "Z", "from": "orders", "count": "paid", "for_information": True}
POINT = {
    "title": "Z",
    "area": "1",
    "section": "1.1",
    "criteria": [{"id": "c", "text": "t", "require": {"distinct": ">= 1"}}],
}


def measure(**keys: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        section = data["measures" if "measures" in data else "mesures"]
        section["z"] = {**MEASURE, **keys}

    return change


def point(**keys: Any) -> Callable[[Data], None]:
    """A further point, which no phase schedules."""

    def change(data: Data) -> None:
        data["points"]["z"] = {**POINT, **keys}
        data["programme"]["points"] = ["z"]

    return change


def require(**bounds: Any) -> Callable[[Data], None]:
    return point(criteria=[{"id": "c", "text": "t", "require": bounds}])


def source(**keys: Any) -> Callable[[Data], None]:
    columns = {"id": {"type": "string"}, "day": {"type": "date"}}

    def change(data: Data) -> None:
        measure(**{"from": "zs", "count": "id = 'a'"})(data)
        data["sources"]["zs"] = {"title": "z", "columns": columns, **keys}

    return change


UNFIT = {
    "unknown measure": (require(opne=">= 1"), "unknown-measure"),
    "unknown field": (require(**{"latest.pased": True}), "unknown-measure"),
    "unit that does not fit": (require(open=">= 1 %"), "unit-mismatch"),
    "truth for a number": (require(open=True), "type-mismatch"),
    "ratio that equals": (require(accuracy="== 95 %"), "inexact-equality"),
    "unknown parameter": (require(open=">= :windw"), "unknown-parameter"),
    "bound that always holds": (require(open=">= 0"), "always-true"),
    "unknown area": (point(area="7", section=None), "unknown-area"),
    "unknown section": (point(section="9.9"), "unknown-section"),
    "two criteria of one id": (point(criteria=POINT["criteria"] * 2), "duplicate-id"),
    "advisory only": (
        point(criteria=[{**POINT["criteria"][0], "enforcement": "advisory"}]),
        "nothing-counts",
    ),
    "point in two phases": (
        put("phases", "3", value={"title": "Z", "points": ["1.1.1"]}),
        "point-scheduled-twice",
    ),
    "unknown point": (put("phases", "3", value={"title": "Z", "points": ["9"]}), "unknown-point"),
    "unknown phase": (
        lambda data: [
            point()(data),
            put("phases", "3", value={"title": "Z", "points": ["z"], "after": ["9"]})(data),
        ],
        "unknown-phase",
    ),
    "phases in a circle": (
        lambda data: [
            point()(data),
            put("phases", "3", value={"title": "Z", "points": ["z"], "after": ["3"]})(data),
        ],
        "cyclic-phases",
    ),
    "weeks out of order": (
        lambda data: [
            point()(data),
            put("phases", "3", value={"title": "Z", "points": ["z"], "weeks": [4, 3]})(data),
        ],
        "bad-weeks",
    ),
    "unknown source": (measure(**{"from": "ordres"}), "unknown-source"),
    "expression of an unknown column": (measure(count="pait"), "bad-sql"),
    "second statement": (measure(count="paid; DROP TABLE orders"), "bad-sql"),
    "grain of an unknown column": (
        measure(count=None, grain="idd", accuracy={"actual": "amount", "forecast": "expected"}),
        "unknown-column",
    ),
    "range of another unit": (measure(valid=["0 %", "5 %"]), "unit-mismatch"),
    "change of an unknown measure": (
        measure(count=None, change={"of": "peid", "as": "rise"}, unit="%"),
        "unknown-measure",
    ),
    "key of an unknown column": (source(key=["idd"]), "unknown-column"),
    "date of the wrong type": (source(event="id"), "wrong-column-type"),
    "measure that nobody uses": (measure(for_information=False), "unused-measure"),
    "source that nobody uses": (
        put("sources", "zs", value={"title": "z", "columns": {"id": {"type": "string"}}}),
        "unused-source",
    ),
    "parameter that nobody uses": (
        put("parameters", "zp", value={"value": 1, "text": "z"}),
        "unused-parameter",
    ),
    "area without points": (put("areas", "9", value={"title": "Z"}), "unused-area"),
    "reserved name": (
        put("areas", "programme", value={"title": "Z"}),
        "reserved-name",
    ),
    "point called like an area": (
        lambda data: [put("areas", "z", value={"title": "Z"})(data), point()(data)],
        "ambiguous-id",
    ),
}
"""What only shows when the parts of a pack are held against each other, and the rule that tells it."""


UNSURE = {
    "no from": {"source that nobody uses"},
    "no kind": {"measure that nobody uses", "source that nobody uses", "parameter that nobody uses"},
    "measure is a text": {
        "measure that nobody uses",
        "source that nobody uses",
        "parameter that nobody uses",
    },
    "expression is a number": {"parameter that nobody uses"},
    "bound is a number": {"parameter that nobody uses"},
    "no requirement": {"measure that nobody uses", "parameter that nobody uses"},
    "criterion is a text": {"measure that nobody uses", "parameter that nobody uses"},
    "area is a number": {"area without points", "reserved name", "point called like an area"},
    "target without measure": {"measure that nobody uses"},
    "derived column malformed": {"parameter that nobody uses"},
    "two kinds": {
        "unit that does not fit",
        "truth for a number",
        "bound that always holds",
        "unknown parameter",
    },
}
"""What is not told beside a malformed part: nobody knows what that part was to use, or to be."""


def without_none(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: without_none(value) for key, value in data.items() if value is not None}
    return [without_none(one) for one in data] if isinstance(data, list) else data


@cache
def found_alone(name: str) -> Found:
    return found(without_none(changed(UNFIT[name][0])))


def test_the_pack_has_no_problem_to_begin_with() -> None:
    assert found(every_form()) == Counter()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_part_is_told_and_nothing_that_follows_from_it(name: str) -> None:
    data = changed(MALFORMED[name])
    assert sum(told_by_reading(data).values()) == 1
    assert found(data) == told_by_reading(data)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", UNFIT)
def test_a_part_that_does_not_fit_the_others_is_told(name: str) -> None:
    change, rule = UNFIT[name]
    assert rule in {told for told, _ in found(without_none(changed(change)))}


@pytest.mark.sampled(every=12)
@pytest.mark.sampled
@pytest.mark.parametrize("malformed", MALFORMED)
def test_both_are_told_of_each_pair(malformed: str) -> None:
    """Neither a malformed part nor one that does not fit hides the other, and the two make no third."""
    tried = dict(some(UNFIT.items(), list(MALFORMED).index(malformed), 4, slow=3))
    reading = found(changed(MALFORMED[malformed]))
    wrong = {
        name: (both - reading - alone, reading + alone - both)
        for name, (change, _) in tried.items()
        if (both := found(without_none(changed(change, MALFORMED[malformed]))))
        != reading + (alone := found_alone(name))
    }
    assert {name: more for name, (more, _) in wrong.items() if more} == {}
    assert set(wrong) == UNSURE.get(malformed, set()) & set(tried)


EVERYTHING = Path(__file__).parents[1] / "everything"


def test_faults_of_every_stage_are_told_together(
    snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Project file, files that are no YAML, models, what does not fit, SQL and waivers, in one run."""
    monkeypatch.chdir(EVERYTHING)
    assert render_all(all_faults(None, EVERYTHING)) == snapshot


def test_they_come_in_the_order_of_files_and_lines_and_each_once() -> None:
    told = all_faults(None, EVERYTHING)
    places = [(one.position.file, one.position.line, one.position.column) for one in told if one.position]
    assert len(places) == len(told)
    assert places == sorted(places)
    assert len(set(zip(places, ((one.rule, one.message) for one in told), strict=True))) == len(told)


def test_what_is_refused_tells_the_same_errors_as_lint() -> None:
    with pytest.raises(PackError) as refused:
        ready_project(EVERYTHING)
    told = all_faults(None, EVERYTHING)
    assert list(refused.value.diagnostics) == [one for one in told if one.severity == "error"]


@pytest.mark.parametrize("name", MALFORMED)
def test_nothing_is_decided_by_what_could_be_read_of_a_pack(name: str) -> None:
    reading = reading_of({"pack.yaml": json.dumps(changed(MALFORMED[name])).encode()}, "pack")
    with pytest.raises(PackError):
        reading.whole()


def every_place(data: Any, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        yield from every_place(value, (*place, step))


def damage(whole: Data, place: Place, how: str) -> Callable[[Data], None]:
    """A fault as it happens while one types, at any place."""
    if how == "left out":
        return drop(*place)
    if how in ("a letter too many", "another word"):
        return rename(*place, to=f"{place[-1]}q" if how == "a letter too many" else "zzzz")
    written = {"nothing": None, "a number": 5, "a list": [[]], "more": f"%% {at(whole, place)}"}
    return put(*place, value=written[how])


HOW = ("nothing", "a number", "a list", "more", "left out", "a letter too many", "another word")


def damages(whole: Data) -> list[tuple[Place, str]]:
    return [
        (place, how)
        for place in every_place(whole)
        for how in HOW
        if isinstance(place[-1], str) or how in HOW[:4]
    ]


DAMAGED = damages(every_form())


def no_noise(place: Place, how: str) -> None:
    data = changed(damage(every_form(), place, how))
    if reading := told_by_reading(data):
        assert found(data) == reading, f"{place}: {how}"


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(DAMAGED))
def test_a_fault_of_reading_anywhere_brings_no_other(damaged: tuple[Place, str]) -> None:
    no_noise(*damaged)


@pytest.mark.parametrize(
    "every", [pytest.param(7, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.long)]
)
def test_no_fault_of_reading_brings_another(every: int) -> None:
    assert len(DAMAGED) > 2000
    for damaged in DAMAGED[::every]:
        no_noise(*damaged)


@given(st.lists(st.sampled_from(DAMAGED), min_size=2, max_size=12))
@settings(max_examples=examples(60), deadline=None)
def test_however_much_is_damaged_it_is_told_and_nothing_is_decided(damaged: list[tuple[Place, str]]) -> None:
    data = copy.deepcopy(every_form())
    for place, how in damaged:
        with suppress(
            AttributeError, KeyError, IndexError, TypeError
        ):  # another fault has taken the place away
            damage(every_form(), place, how)(data)
    reading = reading_of({"pack.yaml": json.dumps(data).encode()}, "pack")
    if reading.faults:
        assert set(reading.faults) <= set(lint(reading, check_pack))
        with pytest.raises(PackError):
            reading.whole()


PROJECTS = Path(__file__).parents[1] / "projects/valid"


def files_of(name: str) -> tuple[Data, Path]:
    file = PROJECTS / name / "phasegate.yaml"
    trees, _ = read_trees({file.name: file.read_bytes()})
    return trees[0].data, file.parent


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", ["with_contract", "own_pack", "minimal"])
def test_a_fault_of_reading_a_project_brings_no_other(name: str, tmp_path: Path) -> None:
    whole, folder = files_of(name)
    root = tmp_path / "project"
    shutil.copytree(folder, root)
    for place, how in damages(whole):
        data = copy.deepcopy(whole)
        damage(whole, place, how)(data)
        model, faults = validate(Project, data, Origin({}, "phasegate.yaml").diagnose)
        (root / "phasegate.yaml").write_text(json.dumps(data))
        reading = read_project(root / "phasegate.yaml")
        if model is None:
            told = {(one.rule, one.message) for one in (*reading.faults, *linted(reading))}
            # What must hold may stand under the unknown key, but that nothing must is told all the same,
            # as a missing key is.
            told = {one for one in told if one[0] != "no-rules"}
            assert len(told) <= max(len(faults), 1), f"{place}: {how}"
            with pytest.raises(PackError):
                reading.whole()


def linted(reading: ProjectReading) -> list[Diagnostic]:
    return lint(reading.pack, check_pack) if reading.pack else []
