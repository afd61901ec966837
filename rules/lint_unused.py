"""Warns of what a pack declares and never uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from phasegate.rules.lint_measures import elsewheres
from phasegate.rules.pack import Pack
from phasegate.rules.problem import Problem
from phasegate.rules.requirements import asked, fact_shapes


def unused_problems(pack: Pack) -> Iterator[Problem]:
    """Measures that nothing requires, sources that no measure reads, parameters that nothing names."""
    used = {
        "measures": _measures(pack),
        "sources": _sources(pack),
        "parameters": _parameters(pack),
    }
    for section, names in used.items():
        singular = section.removesuffix("s")
        for name in getattr(pack, section):
            if name not in names:
                message = f"{singular} {name!r} is never used"
                yield Problem(
                    f"unused-{singular}", message, (section, name), "use it or remove it", severity="warning"
                )


def _measures(pack: Pack) -> set[str]:
    shapes = fact_shapes(pack)
    required = {shapes[one.fact].measure for one in asked(pack) if one.fact in shapes}
    shown = {name for name, measure in pack.measures.items() if measure.for_information}
    return required | shown | {measure.change.of for measure in pack.measures.values() if measure.change}


def _sources(pack: Pack) -> set[str]:
    names = {pack.baseline.source} if pack.baseline else set()
    for measure in pack.measures.values():
        names |= {*measure.sources, *(side.source for _, side in elsewheres(measure))}
        if measure.source is not None:
            names.add(measure.source)
    return names


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
