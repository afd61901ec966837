"""What can come out otherwise where one thing of a pack is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import required_bounds
from phasegate.rules.yaml.parser import Path

_NAME = re.compile(r":([a-z][a-z0-9_]*)")


class Touched(NamedTuple):
    """What a change touches, by id; what rests on these is touched too.

    Attributes:
        measures: measures that are computed otherwise.
        sources: sources of which all measures may be.
        criteria: criteria and targets that ask something else, or are enforced otherwise.
        gates: gates that need something else.
    """

    measures: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    criteria: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()


def touched_by(pack: Pack, path: Path) -> Touched:
    """What a change at a path touches."""
    match path:
        case ("measures", str(name), *_):
            return Touched(measures=frozenset({name}))
        case ("sources", str(name), *_):
            return Touched(sources=frozenset({name}))
        case ("points", str(point), "criteria", int(place), *_):
            return Touched(criteria=frozenset({f"{point}/{pack.points[point].criteria[place].id}"}))
        case ("points", str(point), "area"):
            asked = frozenset(f"{point}/{each.id}" for each in pack.points[point].criteria)
            gates = frozenset(name for name, phase in pack.phases.items() if point in phase.points)
            return Touched(criteria=asked, gates=gates)
        case ("areas", str(area), str(kind), *rest):
            named = _naming(pack, kind, area) if rest == ["bound"] else ()
            return Touched(criteria=frozenset({f"{area}/{kind}", *named}))
        case ("programme", "targets", str(name), *_):
            return Touched(criteria=frozenset({f"programme/{name}"}))
        case ("phases", str(phase), *_):
            return Touched(gates=frozenset({phase}))
        case ("programme", *_):
            return Touched(gates=frozenset({"programme"}))
        case ("parameters", str(name), *_):
            return _by_parameter(pack, name)
    raise ValueError(f"nothing is known of what a change at {path} touches")


def _by_parameter(pack: Pack, name: str) -> Touched:
    measures = {id_ for id_, each in pack.measures.items() if name in _NAME.findall(each.model_dump_json())}
    sources = {id_ for id_, each in pack.sources.items() if name in _NAME.findall(each.model_dump_json())}
    criteria = frozenset(_naming(pack, f":{name}", None))
    return Touched(frozenset(measures), frozenset(sources), criteria)


def _naming(pack: Pack, name: str, area: str | None) -> Iterator[str]:
    """The criteria and targets with a bound that names something, of one area or of all."""
    for each in required_bounds(pack):
        if str(each.bound).split()[-1] != name or (area is not None and each.area != area):
            continue
        if each.point is None:
            yield f"{each.area or 'programme'}/{each.target}"
        else:
            place = each.path[3]
            assert isinstance(place, int)
            yield f"{each.point}/{pack.points[each.point].criteria[place].id}"
