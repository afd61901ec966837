"""Compares figures: success targets, KPIs, annual values, the total, the return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from phasegate.rules.maps.reader.alignment import align, normal, similarity, words
from phasegate.rules.maps.reader.model import Figure, MapRead
from phasegate.rules.maps.trace.model import Comparison, Kind, Path, Sides, Where
from phasegate.rules.maps.trace.plan import ids_by_number
from phasegate.rules.model.pack import Pack, Target
from phasegate.rules.values.bounds import Bound

TOTAL = "total_value"
ROI = "roi"


def compare_figures(read: MapRead, pack: Pack, where: Where) -> Iterator[Comparison]:
    """Compares every figure of the map with the target that encodes it."""
    sides = Sides(where)
    known = (TOTAL, ROI)
    free = [(each, id_) for id_, each in pack.programme.targets.items() if id_ not in known]
    lists: tuple[tuple[Kind, str, tuple[Figure, ...]], ...] = (
        ("success targets", "success", read.success_targets),
        ("KPIs", "kpi", read.kpis),
        ("annual values", "annual_value", read.annual_values),
    )
    for kind, key, figures in lists:
        targets: list[tuple[Target, Path]] = []
        for area_id, area in pack.areas.items():
            target = getattr(area, key)
            if target is not None:
                targets.append((target, ("areas", area_id, key)))
        for figure in figures:  # what is of no area is the programme's, under the same name
            own = next((each for each in free if normal(each[0].name) == normal(figure.name)), None)
            if own is not None and all(normal(each.name) != normal(figure.name) for each, _ in targets):
                free.remove(own)
                targets.append((own[0], ("programme", "targets", own[1])))
        yield from _figures(sides, read, kind, figures, targets)
    yield from _programme(sides, read, pack)


def _figures(
    sides: Sides, read: MapRead, kind: Kind, figures: Sequence[Figure], targets: Sequence[tuple[Target, Path]]
) -> Iterator[Comparison]:
    pairs = align([figure.name for figure in figures], [target.name for target, _ in targets])
    for i, j in pairs:
        figure = figures[i] if i is not None else None
        target, path = targets[j] if j is not None else (None, ("areas",))
        near = figures[0].line if figures else None
        note = (
            _elsewhere(read, figure.name, next(iter(ids_by_number([str(path[1])], "area"))))
            if figure and target and path[0] == "areas"
            else None
        )
        yield _one(sides, kind, figure, target, path, near, note)


def _elsewhere(read: MapRead, name: str, area_id: str) -> str | None:
    """What to note where a name is clearly closer to another area's title than to its own."""
    said = words(name)
    scores = {area.id: similarity(said, words(area.title)) for area in read.areas}
    best = max(scores, key=lambda id_: scores[id_], default=area_id)
    if scores.get(best, 0.0) < 0.5 or scores[best] <= scores.get(area_id, 0.0):
        return None
    return f"by its name it belongs to area {best}, the pack has it in area {area_id}"


def _programme(sides: Sides, read: MapRead, pack: Pack) -> Iterator[Comparison]:
    targets = pack.programme.targets
    pieces: tuple[tuple[Kind, str, Figure | None], ...] = (
        ("total value", TOTAL, read.total),
        ("ROI", ROI, read.roi),
    )
    for kind, key, figure in pieces:
        id_ = _target_id(targets, key, figure)
        target = targets.get(id_)
        path: Path = ("programme", "targets", id_)
        if figure or target:
            yield _one(sides, kind, figure, target, path if target else ("programme",))


def _target_id(targets: Mapping[str, Target], usual: str, figure: Figure | None) -> str:
    """The id of the programme's target for a figure: the usual one, or that of the target of its name."""
    if usual in targets or figure is None:
        return usual
    same = [id_ for id_, target in targets.items() if normal(target.name) == normal(figure.name)]
    return same[0] if len(same) == 1 else usual


def _one(
    sides: Sides,
    kind: Kind,
    figure: Figure | None,
    target: Target | None,
    path: Path,
    near: int | None = None,
    note: str | None = None,
) -> Comparison:
    bound = Bound.parse(target.bound) if target else None
    same = None
    if figure and target and bound:
        same = normal(figure.name) == normal(target.name) and _demands(bound, figure)
    name = target.name if target else figure.name if figure else kind
    return sides.compare(
        kind,
        name if target is None or len(path) < 2 else f"{'/'.join(map(str, _short(path)))} {name!r}",
        (f"{figure.name}: {figure.shown}", figure.line) if figure else None,
        (f"{target.name}: {target.bound}", (*path, "bound")) if target else None,
        same=same,
        note=note,
        near_line=near,
        near_path=path,
    )


def _short(path: Path) -> Path:
    """The target's id: ``1/success``, ``programme/roi``."""
    return (path[0], path[2]) if path[0] == "programme" else path[1:]


def _demands(bound: Bound, figure: Figure) -> bool:
    """Whether a bound asks for what the map's line says of the figure: at least it, where nothing is said."""
    return (
        bound.operator == figure.comparator
        and bound.limits == (figure.quantity.value,)
        and bound.unit == figure.quantity.unit
    )
