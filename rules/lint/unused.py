"""Warns of what a pack declares and never uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from phasegate.rules.diagnostics.problem import ANY, Problem
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.lint.measures import elsewheres
from phasegate.rules.model.measure_kinds import ITSELF, MEASURE_KINDS
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import fact_shapes, required_bounds
from phasegate.rules.yaml.parser import Path

_PLACES: dict[str, tuple[Path, ...]] = {
    "areas": (("points", ANY, "area", ANY),),
    "measures": (
        ("points", ANY, "criteria", ANY, "require", ANY),
        ("points", ANY, "criteria", ANY, "require", "any_of", ANY, ANY),
        ("areas", ANY, ANY, "measure", ANY),
        ("programme", "targets", ANY, "measure", ANY),
        ("measures", ANY, "change", "of", ANY),
    ),
    "sources": (
        ("baseline", "source", ANY),
        ("sources", ANY, "convert", "rates", ANY),
        ("sources", ANY, "belongs_to", ANY),
        ("measures", ANY, "from", ANY),
        ("measures", ANY, "sources", ANY, ANY),
        ("measures", ANY, "by", "of", ANY),
        ("measures", ANY, "accuracy", ANY, "from", ANY),
        ("measures", ANY, "attainment", ANY, "from", ANY),
    ),
    "parameters": (
        ("points", ANY, "criteria", ANY, "require", ANY),
        ("points", ANY, "criteria", ANY, "require", "any_of", ANY, ANY),
        ("areas", ANY, ANY, "bound"),
        ("programme", "targets", ANY, "bound"),
        ("sources", ANY, "derive", ANY),
        ("sources", ANY, "holds", ANY),
        ("sources", ANY, "derive", ANY, "days"),
        ("measures", ANY, "where"),
        *(("measures", ANY, name) for name, kind in MEASURE_KINDS.items() if kind.needs_source),
        *(
            ("measures", ANY, name, ANY)
            for name, kind in MEASURE_KINDS.items()
            if any(each.part != ITSELF for each in kind.reads)
        ),
    ),
}
"""Where each kind of part is named."""


def unused_problems(pack: Pack, unread: Unread) -> Iterator[Problem]:
    """Measures that nothing requires, sources that no measure reads, parameters that nothing names, areas.

    What a part that could not be read may use counts as used.
    """
    used = {
        "areas": {point.area for point in pack.points.values() if point.area is not None},
        "measures": _measures(pack),
        "sources": _sources(pack),
        "parameters": _parameters(pack),
    }
    for section, names in used.items():
        told = getattr(pack, section)
        unknown = unread.uses(told, _PLACES[section], in_text=section == "parameters")
        for name in told:
            if name not in names and name not in unknown:
                yield _unused(section, name)


_CODES = {
    "areas": "unused-area",
    "measures": "unused-measure",
    "sources": "unused-source",
    "parameters": "unused-parameter",
}


def _unused(section: str, name: str) -> Problem:
    code, path = _CODES[section], (section, name)
    if section == "areas":
        return Problem(code, f"area {name!r} has no point", path, severity="warning")
    hint = "use it or remove it"
    rests = ((*path, "for_information"),) if section == "measures" else ()
    message = f"{section.removesuffix('s')} {name!r} is never used"
    return Problem(code, message, path, hint, severity="warning", rests=rests)


def _measures(pack: Pack) -> set[str]:
    shapes = fact_shapes(pack)
    required = {shapes[one.fact].measure for one in required_bounds(pack) if one.fact in shapes}
    shown = {name for name, measure in pack.measures.items() if measure.for_information}
    return required | shown | {measure.change.of for measure in pack.measures.values() if measure.change}


def _sources(pack: Pack) -> set[str]:
    names = {pack.baseline.source} if pack.baseline else set()
    for measure in pack.measures.values():
        names |= {*measure.sources, *(side.source for _, side in elsewheres(measure))}
        if measure.source is not None:
            names.add(measure.source)
        if measure.expects is not None and measure.expects.source is not None:
            names.add(measure.expects.source)
    names |= {each.convert.rates for each in pack.sources.values() if each.convert}
    return names | {register for each in pack.sources.values() for register in each.belongs_to}


def _parameters(pack: Pack) -> set[str]:
    """Parameters that stand anywhere in a text; one inside a quoted text counts too."""
    if not pack.parameters:
        return set()
    texts: list[str] = []
    waiting: list[Any] = [
        pack.model_dump(include={"areas", "programme", "sources", "measures"}, exclude_none=True),
        [point.model_dump(include={"criteria"}) for point in pack.points.values()],
    ]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if ":" in value:
                texts.append(value)
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return set(re.findall(r"(?<![\w:]):([A-Za-z_]\w*)", "\n".join(texts)))
