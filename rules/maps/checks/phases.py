"""What is odd in a map's phases: whom they schedule, when, and for which area."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from phasegate.rules.maps.checks.finding import Finding, counted, listed
from phasegate.rules.maps.reader.alignment import normal, words
from phasegate.rules.maps.reader.model import MapPhase, MapRead


def phase_oddities(read: MapRead) -> Iterator[Finding]:
    """Everything odd in the phases."""
    yield from _membership(read)
    yield from _weeks(read)
    yield from _areas_of_phases(read)


def _membership(read: MapRead) -> Iterator[Finding]:
    if not read.phases:
        yield Finding("no-phases", (), "the map has no phases")
        return
    titles = {point.id: point.title for point in read.points}
    lines = {point.id: point.line for point in read.points}
    phases_of: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for phase in read.phases:
        if not phase.members:
            yield Finding("empty-phase", (phase.line,), f"phase {phase.id} lists no integration point")
        for member in phase.members:
            if member.point is None:
                text = f"phase {phase.id} lists {member.title!r}, which names no integration point"
                yield Finding("member-without-point", (member.line,), text)
                continue
            phases_of[member.point].append((phase.id, member.line))
            if member.point not in titles:
                text = f"phase {phase.id} lists integration point {member.point}, which the map does not hold"
                yield Finding("unknown-point", (member.line,), text)
            elif member.title is not None and normal(member.title) != normal(titles[member.point]):
                line = lines[member.point]
                text = (
                    f"phase {phase.id} calls integration point {member.point} {member.title!r}, "
                    f"its heading {titles[member.point]!r}"
                )
                yield Finding("title-differs", (line, member.line), text)
    for id_, places in phases_of.items():
        if len(places) > 1:
            names = listed(dict.fromkeys(phase for phase, _ in places))
            where = f"phases {names}" if len({phase for phase, _ in places}) > 1 else f"phase {names}, twice"
            text = f"integration point {id_} is in {where}"
            yield Finding("point-in-two-phases", tuple(line for _, line in places), text)
    unscheduled = [point for point in read.points if point.id not in phases_of]
    if unscheduled:
        what = counted(len(unscheduled), "integration point")
        text = f"{what} {'is' if len(unscheduled) == 1 else 'are'} in no phase: " + listed(
            point.id for point in unscheduled
        )
        yield Finding("points-in-no-phase", tuple(point.line for point in unscheduled), text)


def _weeks(read: MapRead) -> Iterator[Finding]:
    dated = [(phase, phase.weeks) for phase in read.phases if phase.weeks is not None]
    if not dated:
        return
    for phase in read.phases:
        if phase.weeks is None:
            yield Finding("phase-without-weeks", (phase.line,), f"phase {phase.id} states no weeks")
    for phase, (first, last) in dated:
        if last < first or first < 1:
            text = f"phase {phase.id} runs from week {first} to week {last}"
            yield Finding("impossible-weeks", (phase.line,), text)
    spans = sorted((weeks, phase.line, phase.id) for phase, weeks in dated if weeks[0] <= weeks[1])
    end, before = 0, ""
    for (first, last), line, id_ in spans:
        if first <= end:
            text = f"phases {before} and {id_} overlap in week {first}"
            yield Finding("overlapping-weeks", (line,), text)
        elif first > end + 1:
            yield Finding("gap-in-weeks", (line,), f"no phase covers {_week_range(end + 1, first - 1)}")
        if last > end:
            end, before = last, id_
    cycle = read.cycle_weeks
    if cycle is not None and spans and end != cycle:
        lines = (read.cycle_line or spans[-1][1], spans[-1][1])
        if end < cycle:
            text = f"no phase covers {_week_range(end + 1, cycle)} of the {cycle}-week cycle"
        else:
            text = f"the phases end with week {end}, the cycle with week {cycle}"
        yield Finding("cycle-not-filled", lines, text)


def _week_range(first: int, last: int) -> str:
    return f"week {first}" if first == last else f"weeks {first} to {last}"


def _areas_of_phases(read: MapRead) -> Iterator[Finding]:
    """Phases that span areas, or whose points are not of the area that their title names."""
    area_of = {point.id: point.area for point in read.points}
    own_words = _own_words(read)
    spans: list[tuple[MapPhase, list[str]]] = []
    for phase in read.phases:
        held = [area for member in phase.members if (area := area_of.get(member.point or "")) is not None]
        if not held:
            continue
        areas = sorted(set(held), key=_by_number)
        if len(areas) > 1:
            spans.append((phase, areas))
        named = _named_area(phase.title, own_words)
        if named is not None and held.count(named) * 2 < len(held):
            own = held.count(named)
            many = f"only {own} of its {len(held)} points" if own else "none of its points"
            others = _area_list([area for area in areas if area != named])
            text = (
                f"phase {phase.id} is titled {phase.title!r} like area {named}, but {many} is of that area "
                f"(the others are of {others})"
            )
            yield Finding("phase-title-names-other-area", (phase.line,), text)
    # With fewer phases than areas some phase must span areas: that is a plan, not an oddity.
    if spans and len(read.phases) >= len(read.areas):
        each = listed(f"phase {phase.id} spans {_area_list(areas)}" for phase, areas in spans)
        lines = tuple(phase.line for phase, _ in spans)
        yield Finding("phases-across-areas", lines, f"the phases do not follow the areas: {each}")


def _area_list(areas: Sequence[str]) -> str:
    return f"area {areas[0]}" if len(areas) == 1 else f"areas {listed(areas)}"


def _by_number(id_: str) -> tuple[int, str]:
    return (int(id_), id_) if id_.isascii() and id_.isdigit() else (10**9, id_)


def _own_words(read: MapRead) -> dict[str, set[str]]:
    """The words of each area's title that no other area's title has."""
    count = Counter(word for area in read.areas for word in set(words(area.title)))
    return {area.id: {word for word in words(area.title) if count[word] == 1} for area in read.areas}


def _named_area(title: str, own_words: dict[str, set[str]]) -> str | None:
    """The one area that most of a title's words point to."""
    said = set(words(title))
    hits = {area: len(said & own) for area, own in own_words.items() if said & own}
    if len(hits) != 1:
        return None
    area, hit = next(iter(hits.items()))
    return area if hit * 2 >= len(said) else None
