"""What is odd in a map's numbering, points and criteria counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from phasegate.rules.maps.checks.finding import Finding, counted
from phasegate.rules.maps.reader.model import MapRead


def point_oddities(read: MapRead) -> Iterator[Finding]:
    """Everything odd in the numbering and the points."""
    yield from _numbering(read)
    yield from _points(read)


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
        for (before, _), (after, line) in pairwise(children):
            if after < before:
                yield Finding(
                    "out-of-order", (line,), f"{noun} {prefix}{after} stands behind {prefix}{before}"
                )


def _points(read: MapRead) -> Iterator[Finding]:
    for point in read.points:
        first = point.id.partition(".")[0]
        if point.area is not None and point.area != first and first.isdigit():
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
    for written in read.aside:
        text = f"{_short(written.text)!r} looks like criteria, and is read as those of no integration point"
        yield Finding("criteria-aside", (written.line,), text)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _criteria_counts(read: MapRead) -> Iterator[Finding]:
    counts = Counter(len(point.criteria) for point in read.points if point.criteria)
    usual, often = counts.most_common(1)[0] if counts else (0, 0)
    for point in read.points:
        if not point.criteria:
            yield Finding(
                "no-criteria", (point.line,), f"integration point {point.id} has no acceptance criteria"
            )
        elif len(point.criteria) != usual and often * 2 > sum(counts.values()):
            what = counted(len(point.criteria), "criterion", "criteria")
            text = f"integration point {point.id} has {what}, where the others have {usual}"
            yield Finding("criteria-count", (point.line,), text)
