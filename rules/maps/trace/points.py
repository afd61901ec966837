"""Compares points: titles, flows, frameworks and acceptance criteria."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.maps.reader.alignment import align, normal
from phasegate.rules.maps.reader.model import MapPoint, MapRead, Written
from phasegate.rules.maps.trace.model import Comparison, Sides, Where
from phasegate.rules.maps.trace.plan import ids_by_number
from phasegate.rules.model.pack import Pack, Point


def compare_points(read: MapRead, pack: Pack, where: Where) -> Iterator[Comparison]:
    """Compares every point of the map and of the pack, each with its parts."""
    sides = Sides(where)
    seen: set[str] = set()
    for point in read.points:
        encoded = pack.points.get(point.id) if point.id not in seen else None
        seen.add(point.id)  # a second point of the same id has no counterpart
        yield from _point(sides, read, point, point.id, encoded)
    for id_, encoded in pack.points.items():
        if id_ not in seen:
            yield from _point(sides, read, None, id_, encoded)


def _point(
    sides: Sides, read: MapRead, point: MapPoint | None, id_: str, encoded: Point | None
) -> Iterator[Comparison]:
    line = point.line if point else _near(read, id_)
    path = ("points", id_) if encoded else ("points",)
    alone = f"point {id_}" if point is None or encoded is None else None
    yield sides.compare(
        "points",
        id_,
        (point.title, point.line) if point else None,
        (encoded.title, path) if encoded else None,
        same=True,
        near_line=line,
        near_path=path,
    )
    if point and encoded:
        if place := _place(point, encoded):
            yield sides.compare("places", f"place of {id_}", (place[0], point.line), (place[1], path))
        yield sides.compare(
            "titles",
            f"title of {id_}",
            (point.title, point.line),
            (encoded.title, (*path, "title")),
        )
    yield from _criteria(sides, id_, point, encoded, line, alone)
    yield from _joined(sides, id_, point, encoded, line, alone)


def _place(point: MapPoint, encoded: Point) -> tuple[str, str] | None:
    """The area and section of a point on both sides, as far as the pack says them."""
    if point.area is None and encoded.area is None:
        return None
    area = next(iter(ids_by_number([encoded.area], "area"))) if encoded.area else "none"
    on_map, in_pack = f"area {point.area or 'none'}", f"area {area}"
    if encoded.section is not None:
        on_map += f", section {point.section or 'none'}"
        in_pack += f", section {encoded.section}"
    return on_map, in_pack


def _near(read: MapRead, id_: str) -> int | None:
    """The line of the map where a point would stand: its section's, else its area's."""
    prefix = id_.rpartition(".")[0]
    for section in read.sections:
        if section.id == prefix:
            return section.line
    return next((area.line for area in read.areas if area.id == id_.partition(".")[0]), None)


def _criteria(
    sides: Sides,
    id_: str,
    point: MapPoint | None,
    encoded: Point | None,
    line: int | None,
    alone: str | None,
) -> Iterator[Comparison]:
    written: tuple[Written, ...] = point.criteria if point else ()
    criteria = encoded.criteria if encoded else ()
    path = ("points", id_) if encoded else ("points",)
    pairs = align([each.text for each in written], [each.text for each in criteria])
    behind = -1
    for i, j in pairs:
        of_map = (written[i].text, written[i].line) if i is not None else None
        of_pack = None
        name = f"{i + 1}" if i is not None else ""
        if j is not None:
            name = criteria[j].id
            of_pack = (criteria[j].text, (*path, "criteria", j, "text"))
        note = None
        if i is not None and j is not None:
            note = "it stands in another order" if j < behind else None
            behind = max(behind, j)
        yield sides.compare(
            "criteria",
            f"{id_}/{name}" if j is not None else f"{name} of {id_}",
            of_map,
            of_pack,
            note=note,
            near_line=line,
            near_path=path,
            within=alone,
        )


def _joined(
    sides: Sides,
    id_: str,
    point: MapPoint | None,
    encoded: Point | None,
    line: int | None,
    alone: str | None,
) -> Iterator[Comparison]:
    """The flows in their order; the frameworks in any."""
    path = ("points", id_) if encoded else ("points",)
    flow = point.flow if point else ()
    encoded_flow = encoded.flow if encoded else ()
    if flow or encoded_flow:
        yield sides.compare(
            "flows",
            f"flow of {id_}",
            (" ↔ ".join(flow), (point and point.flow_line) or line or 1) if flow else None,
            (" ↔ ".join(encoded_flow), (*path, "flow")) if encoded_flow else None,
            near_line=line,
            near_path=path,
            within=alone,
        )
    names = point.frameworks if point else ()
    encoded_names = encoded.frameworks if encoded else ()
    if names or encoded_names:
        yield sides.compare(
            "frameworks",
            f"frameworks of {id_}",
            (" + ".join(names), (point and point.frameworks_line) or line or 1) if names else None,
            (" + ".join(encoded_names), (*path, "frameworks")) if encoded_names else None,
            same=sorted(map(normal, names)) == sorted(map(normal, encoded_names)),
            near_line=line,
            near_path=path,
            within=alone,
        )
