"""Compares the plan: areas, sections, phases and whom they schedule, the cycle, the document itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phasegate.rules.maps.reader.model import Labelled, MapPhase, MapRead
from phasegate.rules.maps.reader.patterns import date_in
from phasegate.rules.maps.trace.model import Comparison, Path, Sides, Where
from phasegate.rules.model.pack import Pack, Phase


def compare_plan(read: MapRead, pack: Pack, where: Where) -> Iterator[Comparison]:
    """Compares everything between the points and the figures."""
    sides = Sides(where)
    yield from _areas(sides, read, pack)
    yield from _sections(sides, read, pack)
    yield from _phases(sides, read, pack)
    yield from _cycle(sides, read, pack)
    yield from _document(sides, read, pack)


def _areas(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    seen: set[str | None] = set()
    ids = ids_by_number(pack.areas, "area")
    for area in read.areas:
        id_ = ids.get(area.id.upper())
        of_pack: tuple[str, Path] | None = None
        if id_ is not None and id_ not in seen:
            of_pack = (pack.areas[id_].title, ("areas", id_, "title"))
        seen.add(id_)
        yield sides.compare(
            "areas", f"area {area.id}", (area.title, area.line), of_pack, near_path=("areas",)
        )
    for key, other in pack.areas.items():
        if key not in seen:
            yield sides.compare("areas", f"area {key}", None, (other.title, ("areas", key, "title")))


def ids_by_number(ids: Iterable[str], noun: str) -> dict[str, str]:
    """A pack's ids by the number that the map gives: ``phase-2`` and ``2`` are the map's phase 2."""
    return {id_.casefold().removeprefix(noun).lstrip("-_.").upper(): id_ for id_ in ids}


def _sections(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    encoded: dict[str, tuple[str, Path]] = {
        id_: (title, ("areas", area_id, "sections", id_))
        for area_id, area in pack.areas.items()
        for id_, title in area.sections.items()
    }
    homes = ids_by_number(pack.areas, "area")
    missing_areas = {area.id for area in read.areas} ^ set(homes)
    seen = set()
    for section in read.sections:
        area = section.id.partition(".")[0]
        of_pack = encoded.get(section.id) if section.id not in seen else None
        seen.add(section.id)
        yield sides.compare(
            "sections",
            f"section {section.id}",
            (section.title, section.line),
            of_pack,
            near_path=("areas", homes[area]) if area in homes else ("areas",),
            within=f"area {area}" if area in missing_areas else None,
        )
    for id_, other in encoded.items():
        if id_ not in seen:
            area = id_.partition(".")[0]
            line = next((each.line for each in read.areas if each.id == area), None)
            within = f"area {area}" if area in missing_areas else None
            yield sides.compare("sections", f"section {id_}", None, other, near_line=line, within=within)


def _phases(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    seen: set[str | None] = set()
    ids = ids_by_number(pack.phases, "phase")
    for phase in read.phases:
        id_ = ids.get(phase.id.upper())
        encoded = pack.phases[id_] if id_ is not None and id_ not in seen else None
        seen.add(id_)
        yield from _phase(sides, read, pack, id_ or phase.id, phase, encoded)
    for key, other in pack.phases.items():
        if key not in seen:
            yield from _phase(sides, read, pack, key, None, other)


def _phase(
    sides: Sides, read: MapRead, pack: Pack, id_: str, phase: MapPhase | None, encoded: Phase | None
) -> Iterator[Comparison]:
    path: Path = ("phases", id_) if encoded else ("phases",)
    line = phase.line if phase else next((each.line for each in read.phases), None)
    of_map = (_titled(phase.title, phase.weeks), phase.line) if phase else None
    of_pack = (_titled(encoded.title, encoded.weeks), path) if encoded else None
    yield sides.compare("phases", f"phase {id_}", of_map, of_pack, near_line=line, near_path=path)
    alone = f"phase {id_}" if phase is None or encoded is None else None
    on_map = {member.point: member.line for member in phase.members if member.point} if phase else {}
    in_pack = {point: place for place, point in enumerate(encoded.points)} if encoded else {}
    points = {point.id for point in read.points}
    for point in [*on_map, *(each for each in in_pack if each not in on_map)]:
        one_side = (point in points) != (point in pack.points)
        yield sides.compare(
            "phase members",
            f"{point} in phase {id_}",
            (f"phase {id_} lists {point}", on_map[point]) if point in on_map else None,
            (f"phase {id_} lists {point}", (*path, "points", in_pack[point])) if point in in_pack else None,
            near_line=line,
            near_path=path,
            within=alone or (f"point {point}" if one_side else None),
        )


def _titled(title: str, weeks: tuple[int, int] | None) -> str:
    if weeks is None:
        return title
    first, last = weeks
    return f"{title} (week {first})" if first == last else f"{title} (weeks {first}-{last})"


def _cycle(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    of_map = (f"{read.cycle_weeks} weeks", read.cycle_line or 1) if read.cycle_weeks else None
    of_pack: tuple[str, Path] | None = (
        (f"{pack.cycle.weeks} weeks", ("cycle", "weeks")) if pack.cycle else None
    )
    if of_map or of_pack:
        yield sides.compare("cycle", "length of the cycle", of_map, of_pack, near_path=())


def _document(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    encoded = pack.map
    path: Path = ("map",) if encoded else ()
    title = (read.title.text, read.title.line) if read.title else None
    of_pack: tuple[str, Path] | None = (encoded.title, ("map", "title")) if encoded else None
    if title or of_pack:
        yield sides.compare("document lines", "title of the map", title, of_pack, near_line=1, near_path=path)
    date = read.date
    dated = next(
        (each for each in (read.modified, read.updated) if each and date_in(each.text) == date), None
    )
    on_map = (date.isoformat(), dated.line) if date and dated else None
    in_pack: tuple[str, Path] | None = None
    if encoded and encoded.date:
        in_pack = (encoded.date.isoformat(), ("map", "date"))
    if on_map or in_pack:
        yield sides.compare("document lines", "date of the map", on_map, in_pack, near_line=1, near_path=path)
    pieces: tuple[tuple[str, str, Labelled | None, str | None], ...] = (
        ("owner of the map", "owner", read.owner, encoded.owner if encoded else None),
        ("review cycle", "review_cycle", read.review_cycle, encoded.review_cycle if encoded else None),
        ("level of the map", "level", read.level, encoded.level if encoded else None),
        ("version of the map", "version", read.version, encoded.version if encoded else None),
    )
    for subject, key, written, said in pieces:
        if written or said:
            yield sides.compare(
                "document lines",
                subject,
                (written.text, written.line) if written else None,
                (said, ("map", key)) if said else None,
                near_line=1,
                near_path=path,
            )
