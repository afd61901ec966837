"""What is odd in a map itself: its points, numbering and phases. Reported, never mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from phasegate.rules.alignment import normal, words
from phasegate.rules.map_model import MapPhase, MapRead


@dataclass(frozen=True, slots=True)
class Finding:
    """One odd thing in a map.

    Attributes:
        kind: its name, such as ``points-in-no-phase``.
        lines: where it shows, in order.
        text: what is odd, as a sentence.
    """

    kind: str
    lines: tuple[int, ...]
    text: str


def oddities(read: MapRead) -> list[Finding]:
    """Everything odd in a map, by line."""
    from phasegate.rules.map_figure_oddities import figure_oddities
    from phasegate.rules.map_text_oddities import text_oddities

    found = [
        *_numbering(read),
        *_points(read),
        *_membership(read),
        *_weeks(read),
        *_areas_of_phases(read),
        *figure_oddities(read),
        *text_oddities(read),
    ]
    return sorted(found, key=lambda finding: (finding.lines[:1], finding.kind, finding.text))


def listed(items: Iterable[str], limit: int = 12) -> str:
    """``a``, ``a and b``, ``a, b and c``; a long list is cut and says so."""
    names = list(items)
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, noun: str) -> str:
    """``1 point``, ``8 points``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-2]}ia" if noun.endswith("ion") and noun.startswith("crit") else f"{count} {noun}s"


def _numbering(read: MapRead) -> Iterator[Finding]:
    groups = (
        ("integration point", [(point.id, point.line) for point in read.points]),
        ("section", [(section.id, section.line) for section in read.sections]),
        ("area", [(area.id, area.line) for area in read.areas]),
        ("phase", [(phase.id, phase.line) for phase in read.phases]),
    )
    for noun, entries in groups:
        yield from _duplicates(noun, entries)
        yield from _gaps(noun, entries)


def _duplicates(noun: str, entries: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    lines: dict[str, list[int]] = defaultdict(list)
    for id_, line in entries:
        lines[id_].append(line)
    for id_, places in lines.items():
        if len(places) > 1:
            yield Finding("duplicate-id", tuple(places), f"{noun} {id_} is there {len(places)} times")


def _gaps(noun: str, entries: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Missing and unordered numbers among entries with the same parent."""
    siblings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for id_, line in entries:
        parent, _, last = id_.rpartition(".")
        if last.isascii() and last.isdigit():
            siblings[parent].append((int(last), line))
    for parent, children in siblings.items():
        prefix = f"{parent}." if parent else ""
        expected = min(1, *(child for child, _ in children)) if len(children) > 1 else min(1, children[0][0])
        for child, line in sorted(set(children)):
            if child > expected:
                missing = f"{prefix}{expected}"
                if child - expected > 1:
                    missing += f" to {prefix}{child - 1}"
                yield Finding(
                    "gap-in-numbering", (line,), f"{noun} {missing} is missing before {prefix}{child}"
                )
            expected = max(expected, child + 1)
        for (before, _), (after, line) in zip(children, children[1:], strict=False):
            if after < before:
                yield Finding(
                    "out-of-order", (line,), f"{noun} {prefix}{after} stands behind {prefix}{before}"
                )


def _points(read: MapRead) -> Iterator[Finding]:
    for point in read.points:
        first = point.id.partition(".")[0]
        if point.area is not None and point.area != first:
            yield Finding(
                "point-in-other-area",
                (point.line,),
                f"integration point {point.id} stands under area {point.area}",
            )
        if point.section is not None and not point.id.startswith(f"{point.section}."):
            yield Finding(
                "point-in-other-section",
                (point.line,),
                f"integration point {point.id} stands under section {point.section}",
            )
    used = {point.section for point in read.points}
    for section in read.sections:
        nested = any(each is not None and each.startswith(f"{section.id}.") for each in used)
        if section.id not in used and not nested:
            yield Finding(
                "section-without-points", (section.line,), f"section {section.id} holds no integration point"
            )
    yield from _criteria_counts(read)


def _criteria_counts(read: MapRead) -> Iterator[Finding]:
    counts = Counter(len(point.criteria) for point in read.points if point.criteria)
    usual, often = counts.most_common(1)[0] if counts else (0, 0)
    for point in read.points:
        if not point.criteria:
            yield Finding(
                "no-criteria", (point.line,), f"integration point {point.id} has no acceptance criteria"
            )
        elif len(point.criteria) != usual and often * 2 > sum(counts.values()):
            what = counted(len(point.criteria), "criterion")
            text = f"integration point {point.id} has {what}, where the others have {usual}"
            yield Finding("criteria-count", (point.line,), text)


def _membership(read: MapRead) -> Iterator[Finding]:
    if not read.phases:
        yield Finding("no-phases", (), "the map has no phases")
        return
    titles = {point.id: point.title for point in read.points}
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
                line = next(point.line for point in read.points if point.id == member.point)
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
            text = (
                f"phase {phase.id} is titled {phase.title!r} like area {named}, but "
                + (f"{held.count(named)} of its {len(held)} points are" if named in held else "none of its points is")
                + f" of that area (they are of {_area_list([area for area in areas if area != named])})"
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
