"""What a gate waits for: what its phase says, or the phase before it in the pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from phasegate.engine.gates import gate_members, gate_order
from phasegate.engine.scope import for_gate
from phasegate.rules.lint.phases import phase_problems
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.model.pack import PROGRAMME, Pack

NO_PROBLEM: list[str] = []
FORMS: list[tuple[str, dict[str, tuple[str, ...]], list[str]]] = [
    ("{a: {}}", {"a": ()}, NO_PROBLEM),
    ("{a: {}, b: {}, c: {}}", {"a": (), "b": ("a",), "c": ("b",)}, NO_PROBLEM),
    ("{a: {}, b: {after: none}, c: {}}", {"a": (), "b": (), "c": ("b",)}, NO_PROBLEM),
    ("{a: {after: none}, b: {after: []}, c: {after: none}}", {"a": (), "b": (), "c": ()}, NO_PROBLEM),
    ("{a: {}, b: {after: [a]}, c: {after: [a]}, d: {after: [b, c]}}",
     {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}, NO_PROBLEM),
    ("{b: {after: [a]}, a: {after: none}}", {"b": ("a",), "a": ()}, NO_PROBLEM),
    ("{a: {after: null}, b: {after: null}}", {"a": (), "b": ("a",)}, NO_PROBLEM),
    ("{none: {}, b: {after: none}, c: {after: [none]}}", {"none": (), "b": (), "c": ("none",)}, NO_PROBLEM),
    ("{a: {weeks: [1, 2]}, b: {weeks: [3, 4]}}", {"a": (), "b": ("a",)}, NO_PROBLEM),
    ("{b: {weeks: [3, 4]}, a: {weeks: [1, 2]}}", {"b": (), "a": ("b",)}, ["phases-out-of-order"]),
    ("{b: {weeks: [3, 4]}, a: {weeks: [1, 2], after: none}}", {"b": (), "a": ()}, NO_PROBLEM),
    # What is before it waits for it: a circle that nobody wrote out.
    ("{b: {after: [a]}, a: {}}", {"b": ("a",), "a": ("b",)}, ["cyclic-phases"]),
    ("{a: {after: [c]}, b: {}, c: {}}", {"a": ("c",), "b": ("a",), "c": ("b",)}, ["cyclic-phases"]),
    ("{a: {after: [a]}}", {"a": ("a",)}, ["cyclic-phases"]),
    ("{a: {}, b: {after: [x]}}", {"a": (), "b": ("x",)}, ["unknown-phase"]),
]  # fmt: skip

PACK = """\
pack: gates
title: Gates
points: {{{points}}}
phases: {phases}
sources: {{orders: {{title: one order, columns: {{status: {{type: string}}}}}}}}
measures: {{orders: {{title: Orders, from: orders, count: status = 'open'}}}}
"""
POINT = "{title: Point, criteria: [{id: c, text: t, require: {orders: '>= 1'}}]}"


def written(folder: Path, phases: str) -> Pack:
    from phasegate.rules.yaml.parser import parse_yaml

    names = list(parse_yaml(f"phases: {phases}".encode(), "x").data["phases"])
    text = phases
    for name in names:
        for mark in ("{}", "{after", "{weeks"):
            text = text.replace(f"{name}: {mark}", f"{name}: {{title: T, points: [{name}1], {mark[1:]}")
    text = text.replace(", }", "}")
    points = ", ".join(f"{name}1: {POINT}" for name in names)
    (folder / "pack.yaml").write_text(PACK.format(points=points, phases=text), encoding="utf-8")
    return load_pack(folder).pack


@pytest.mark.parametrize(("phases", "before", "problems"), FORMS)
def test_a_gate_waits_for_what_its_phase_says_or_for_the_phase_before_it(
    phases: str, before: dict[str, tuple[str, ...]], problems: list[str], tmp_path: Path
) -> None:
    pack = written(tmp_path, phases)
    assert {name: pack.before(name) for name in pack.phases} == before
    assert [each.rule for each in phase_problems(pack)] == problems
    assert {name: gate_members(pack, name).after for name in pack.phases} == before
    assert gate_members(pack, PROGRAMME).after == tuple(before)
    if "cyclic-phases" in problems:
        with pytest.raises(ValueError, match="wait for each other"):
            gate_order(pack)
    elif "unknown-phase" not in problems:
        order = gate_order(pack)
        assert all(order.index(each) < order.index(name) for name in before for each in before[name])
        for name in before:
            waits = {name}
            while more := {each for one in waits for each in before[one]} - waits:
                waits |= more
            assert for_gate(pack, name).gates == waits


def test_phases_of_several_files_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    written(tmp_path, "{a: {}}")
    for name in ("c", "b"):
        text = f"phases: {{{name}: {{title: T, points: [{name}1]}}}}\npoints: {{{name}1: {POINT}}}\n"
        (tmp_path / f"q-{name}.yaml").write_text(text, encoding="utf-8")
    pack = load_pack(tmp_path).pack
    assert {name: pack.before(name) for name in pack.phases} == {"a": (), "b": ("a",), "c": ("b",)}
