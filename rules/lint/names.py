"""Checks that names tell things apart."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.requirements import ANY_OF, required_bounds, targets
from phasegate.rules.values.folding import alike
from phasegate.rules.yaml.parser import Path


def name_problems(pack: Pack) -> Iterator[Problem]:
    """Reserved names, names of two things, names that the inference engine can not tell apart."""
    for section in ("areas", "points", "phases"):
        if PROGRAMME in getattr(pack, section):
            message = f"{PROGRAMME!r} is the name of the programme's own gate"
            yield Problem("reserved-name", message, (section, PROGRAMME), "choose another id")
    if ANY_OF in pack.measures:
        message = f"{ANY_OF!r} in 'require' begins a choice, it can not be a measure"
        yield Problem("reserved-name", message, ("measures", ANY_OF), "choose another id")
    yield from _ambiguous_facts(pack)
    yield from _ambiguous_criteria(pack)
    yield from _ambiguous_parts(pack)
    yield from _alike(pack)
    yield from _collisions(pack)


def _ambiguous_facts(pack: Pack) -> Iterator[Problem]:
    for measure_id in pack.measures:
        stem, _, name = measure_id.rpartition(".")
        parent = pack.measures.get(stem)
        if parent is not None and parent.latest and name in parent.latest:
            message = f"{measure_id!r} is also the field {name!r} of {stem!r}"
            yield Problem("ambiguous-fact", message, ("measures", measure_id), "rename one of them")


def _ambiguous_criteria(pack: Pack) -> Iterator[Problem]:
    known = {name for name, *_ in targets(pack)}
    for point_id, point in pack.points.items():
        for index, criterion in enumerate(point.criteria):
            if f"{point_id}/{criterion.id}" in known:
                message = f"{point_id}/{criterion.id} is also the id of a target"
                yield Problem("ambiguous-id", message, ("points", point_id, "criteria", index, "id"))


def _ambiguous_parts(pack: Pack) -> Iterator[Problem]:
    """Points that are called like an area or a section: whoever asks for one would get the other."""
    sections = {section for area in pack.areas.values() for section in area.sections}
    for kind, ids in (("an area", pack.areas.keys()), ("a section", sections)):
        for point_id in pack.points:
            if point_id in ids:
                message = f"{point_id!r} is also the id of {kind}"
                yield Problem("ambiguous-id", message, ("points", point_id), "rename one of them")


def _alike(pack: Pack) -> Iterator[Problem]:
    """Names beside each other that a reader would take for one."""
    for what, places in _siblings(pack):
        for first, *others in alike(places):
            for other in others:
                message = f"{what} {other!r} differs from {first!r} in case, form or unseen signs alone"
                hint = "whoever reads them takes them for one: rename one of them"
                path, beside = places[other], places[first]
                yield Problem("alike-names", message, path, hint, severity="warning", beside=beside)


def _siblings(pack: Pack) -> Iterator[tuple[str, dict[str, Path]]]:
    """What each kind of thing is called, and the places of all names that must be told apart."""
    for section in ("parameters", "areas", "points", "phases", "sources", "measures"):
        yield section[:-1], {name: (section, name) for name in getattr(pack, section)}
    yield (
        "section",
        {name: ("areas", area, "sections", name) for area, of in pack.areas.items() for name in of.sections},
    )
    yield "target", {name: (PROGRAMME, "targets", name) for name in pack.programme.targets}
    for point_id, point in pack.points.items():
        places: dict[str, Path] = {}
        for index, criterion in enumerate(point.criteria):
            places.setdefault(criterion.id, ("points", point_id, "criteria", index, "id"))
        yield "criterion", places
    for source, contract in pack.sources.items():
        columns: dict[str, Path] = {name: ("sources", source, "columns", name) for name in contract.columns}
        derived: dict[str, Path] = {name: ("sources", source, "derive", name) for name in contract.derive}
        yield "column", columns | {name: path for name, path in derived.items() if name not in columns}
    for measure_id, measure in pack.measures.items():
        yield "field", {name: ("measures", measure_id, "latest", name) for name in measure.latest or {}}


def _collisions(pack: Pack) -> Iterator[Problem]:
    from phasegate.rules.lint.hash_collisions import find_collisions

    places = _engine_names(pack)
    told: set[tuple[str, str]] = set()
    for first, second in find_collisions(places):
        owners = first.rpartition("/")[0], second.rpartition("/")[0]
        told.add((first, second))
        if owners in told:  # what stands under two names of one hash collides too
            continue
        message = f"{second!r} and {first!r} have the same 32-bit FNV hash"
        hint = "the inference engine can not tell them apart: rename one of them"
        yield Problem("colliding-names", message, places[second], hint)


def _engine_names(pack: Pack) -> dict[str, Path]:
    """Every name that the inference engine sees, with where it comes from."""
    places: dict[str, Path] = {phase: ("phases", phase) for phase in pack.phases}
    for point_id, point in pack.points.items():
        places.setdefault(point_id, ("points", point_id))
        for index, criterion in enumerate(point.criteria):
            places.setdefault(f"{point_id}/{criterion.id}", ("points", point_id, "criteria", index, "id"))
    for target_id, _, path, _ in targets(pack):
        places.setdefault(target_id, path)
    for measure_id in pack.measures:
        places.setdefault(measure_id, ("measures", measure_id))
    for one in required_bounds(pack):
        owner = one.path
        if one.point is not None:
            criterion = pack.points[one.point].criteria[int(owner[3])]
            places.setdefault(f"{one.point}/{criterion.id}/{one.fact}", one.path)
        else:
            stem = f"{owner[1]}/{owner[2]}" if owner[0] == "areas" else f"{PROGRAMME}/{owner[2]}"
            places.setdefault(f"{stem}/{one.fact}", one.path)
    return places
