"""What is odd in a map's wording: small first letters, titles, dates, flows, next steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from phasegate.rules.maps.checks.finding import Finding, listed
from phasegate.rules.maps.reader.alignment import normal
from phasegate.rules.maps.reader.model import MapPoint, MapRead
from phasegate.rules.maps.reader.patterns import date_in


def text_oddities(read: MapRead) -> Iterator[Finding]:
    """Everything odd in the wording."""
    yield from _small_letters(read)
    yield from _repeated_criteria(read)
    yield from _missing_parts(read)
    yield from _titles(read)
    yield from _dates(read)
    yield from _frameworks(read)
    yield from _next_steps(read)
    if read.ruled_footer is not None:
        text = "the rule directly below the last line makes Markdown read those lines as a heading"
        yield Finding("footer-reads-as-heading", (read.ruled_footer,), text)


def _small_letters(read: MapRead) -> Iterator[Finding]:
    criteria = [(point, criterion) for point in read.points for criterion in point.criteria]
    small = [
        (point, criterion)
        for point, criterion in criteria
        if (first := criterion.text.split()[:1]) and first[0].isalpha() and first[0].islower()
    ]
    if len(small) * 2 > len(criteria):  # that is the map's style
        return
    for point, criterion in small:
        text = f"a criterion of {point.id} starts with a small letter: {criterion.text!r}"
        yield Finding("small-first-letter", (criterion.line,), text)


def _repeated_criteria(read: MapRead) -> Iterator[Finding]:
    for point in read.points:
        seen: dict[str, int] = {}
        for criterion in point.criteria:
            text = normal(criterion.text).casefold()
            if text in seen:
                sentence = f"{point.id} has the same criterion twice: {criterion.text!r}"
                yield Finding("criterion-twice", (seen[text], criterion.line), sentence)
            seen.setdefault(text, criterion.line)


def _missing_parts(read: MapRead) -> Iterator[Finding]:
    parts: tuple[tuple[str, Callable[[MapPoint], bool]], ...] = (
        ("integration flow", lambda point: bool(point.flow)),
        ("coordination protocol", lambda point: point.protocol is not None),
        ("framework", lambda point: bool(point.frameworks)),
    )
    for name, has in parts:
        without = [point for point in read.points if not has(point)]
        if 0 < len(without) * 2 < len(read.points):
            verb = "names" if len(without) == 1 else "name"
            text = f"{listed(point.id for point in without)} {verb} no {name}"
            yield Finding("missing-part", tuple(point.line for point in without), text)
    for point in read.points:
        if len(point.flow) == 1:
            text = f"the flow of {point.id} joins nothing: {point.flow[0]!r} has no arrow"
            yield Finding("one-sided-flow", (point.flow_line or point.line,), text)


def _titles(read: MapRead) -> Iterator[Finding]:
    front, title = read.front_title, read.title
    if front is not None and title is not None and normal(front.text) != normal(title.text):
        text = f"the front matter calls the map {front.text!r}, its heading {title.text!r}"
        yield Finding("title-differs", (front.line, title.line), text)


def _dates(read: MapRead) -> Iterator[Finding]:
    modified, updated = read.modified, read.updated
    if modified is None or updated is None:
        return
    first, second = date_in(modified.text), date_in(updated.text)
    same = first == second if first and second else normal(modified.text) == normal(updated.text)
    if not same:
        text = f"{modified.label!r} is {modified.text}, {updated.label!r} is {updated.text}"
        yield Finding("dates-differ", (modified.line, updated.line), text)


def _frameworks(read: MapRead) -> Iterator[Finding]:
    """Frameworks of points that the map's own list does not hold."""
    head = read.field("framework integration", "business framework integration", "frameworks")
    if head is None:
        return
    listed_names = normal(head.text)
    for point in read.points:
        if unknown := [name for name in point.frameworks if normal(name) not in listed_names]:
            text = f"{point.id} belongs to {listed(map(repr, unknown))}, which the map's head does not list"
            yield Finding("unlisted-framework", (head.line, point.frameworks_line or point.line), text)


def _next_steps(read: MapRead) -> Iterator[Finding]:
    """Next steps that speak of a phase and mean another plan's."""
    ids = {phase.id for phase in read.phases}
    own = normal(read.title.text).casefold() if read.title else ""
    for field in read.fields:
        if not field.label.casefold().startswith("next step"):
            continue
        said = re.search(r"\bphase\s+(?P<id>\d{1,4}|[IVX]{1,5})\b", field.text, re.IGNORECASE)
        if said is None or not ids:
            continue
        id_ = said["id"].upper()
        other = re.search(r"(?:[A-Z][\w-]*\s+)+(?:Map|Roadmap|Framework|Plan)\b", field.text[said.end() :])
        if id_ not in ids:
            text = f"the next steps speak of phase {id_}, which the map does not have"
            yield Finding("next-steps-mean-another-phase", (field.line,), text)
        elif other and normal(other.group()).casefold() != own:
            phase = next(phase for phase in read.phases if phase.id == id_)
            text = (
                f"the next steps speak of phase {id_} with the {normal(other.group())}, "
                f"where this map's phase {id_} is {phase.title!r}"
            )
            yield Finding("next-steps-mean-another-phase", (phase.line, field.line), text)
