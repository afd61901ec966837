"""What is odd in a map's figures: sums, repeated KPIs, targets that the conclusion forgets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from phasegate.rules.maps.checks.finding import Finding, counted, listed
from phasegate.rules.maps.reader.alignment import align, similarity, words
from phasegate.rules.maps.reader.model import Figure, MapRead, Written
from phasegate.rules.maps.reader.patterns import Stated, amounts, percents, shown_quantity
from phasegate.rules.values.units import PERCENT, Quantity

MAX_MENTIONS = 2_000  # a document with more percentages in its sentences is no map of people
_SAME_NAME = 0.6  # how alike two names must be to count as names of one thing
_SAME_AREA = 0.5


def figure_oddities(read: MapRead) -> Iterator[Finding]:
    """Everything odd in the figures."""
    yield from _sum(read)
    yield from _impossible(read)
    yield from _counts(read)
    yield from _repeated(read)
    yield from _area_names(read)
    yield from _prose(read)


def _sum(read: MapRead) -> Iterator[Finding]:
    values = [figure for figure in read.annual_values if figure.quantity.unit != PERCENT]
    total = read.total
    lines = tuple(figure.line for figure in values)
    units = sorted({str(figure.quantity.unit) for figure in (*values, *([total] if total else []))})
    if len(units) > 1:
        text = f"the annual values are in different currencies: {listed(units)}"
        yield Finding("mixed-currencies", (*lines, *([total.line] if total else [])), text)
    elif values and total is not None:
        added = sum((figure.quantity.value for figure in values), Fraction(0))
        if added != total.quantity.value:
            text = (
                f"the annual values add up to {shown_quantity(Quantity(added, total.quantity.unit))}, "
                f"the stated total is {shown_quantity(total.quantity)}"
            )
            yield Finding("sum-differs", (*lines, total.line), text)


def _impossible(read: MapRead) -> Iterator[Finding]:
    for figure in read.success_targets:
        if figure.quantity.unit == PERCENT and not 0 < figure.quantity.value <= 1:
            text = f"the success target {figure.name!r} is {figure.shown}"
            yield Finding("impossible-target", (figure.line,), text)


def _counts(read: MapRead) -> Iterator[Finding]:
    """Areas without a target, a KPI or a value, where the map has such a list at all."""
    for what, figures in (
        ("success target", read.success_targets),
        ("KPI", read.kpis),
        ("annual value", read.annual_values),
    ):
        if 0 < len(figures) < len(read.areas):
            text = f"{counted(len(read.areas), 'area')}, but only {counted(len(figures), what)}"
            yield Finding("too-few-figures", tuple(figure.line for figure in figures), text)


def _repeated(read: MapRead) -> Iterator[Finding]:
    """Figures that another list repeats with another number."""
    for kind, what, figures in (
        ("kpi-differs", "KPI", read.kpis),
        ("target-differs", "success target", read.success_targets),
        ("value-differs", "annual value", read.annual_values),
    ):
        for other in read.lists:
            if other.role != "repeat" or not _lists_the_same(figures, other.figures):
                continue
            for i, j in _by_name(figures, other.figures):
                figure, again = figures[i], other.figures[j]
                if figure.quantity != again.quantity:
                    text = (
                        f"the {what} {figure.name!r} is {figure.shown}, but {again.shown} in "
                        f"{other.heading!r} ({again.name!r})"
                    )
                    yield Finding(kind, (figure.line, again.line), text)


def _lists_the_same(figures: Sequence[Figure], others: Sequence[Figure]) -> bool:
    """Whether two lists hold figures of one sort, most of them with the same names."""
    if not figures or (figures[0].quantity.unit == PERCENT) != (others[0].quantity.unit == PERCENT):
        return False
    return len(_by_name(figures, others)) * 2 > min(len(figures), len(others))


def _by_name(
    left: Sequence[Figure], right: Sequence[Figure], floor: float = _SAME_NAME
) -> list[tuple[int, int]]:
    pairs = align([each.name for each in left], [each.name for each in right], floor, gaps=False)
    return [(i, j) for i, j in pairs if i is not None and j is not None]


def _area_names(read: MapRead) -> Iterator[Finding]:
    """Areas that the lists of figures call by other names."""
    titles = [area.title for area in read.areas]
    calls: dict[int, dict[str, list[int]]] = {
        place: {area.title: [area.line]} for place, area in enumerate(read.areas)
    }
    for each in read.lists:
        if each.role == "success":  # success targets have names of their own
            continue
        names = [figure.name for figure in each.figures]
        pairs = align(titles, names, _SAME_AREA, gaps=False)
        for i, j in pairs:
            if i is not None and j is not None:
                calls[i].setdefault(names[j], []).append(each.figures[j].line)
    for place, names_of in calls.items():
        if len(names_of) > 1:
            area = read.areas[place]
            shown = listed(
                f"{name!r} ({'line' if len(lines) == 1 else 'lines'} {listed(map(str, lines))})"
                for name, lines in names_of.items()
            )
            lines = tuple(sorted(line for places in names_of.values() for line in places))
            yield Finding("area-named-differently", lines, f"area {area.id} is called {shown}")


def _prose(read: MapRead) -> Iterator[Finding]:
    """Figures that sentences repeat: targets forgotten by the conclusion, figures stated otherwise."""
    known = [*read.success_targets, *read.kpis, *([read.roi] if read.roi else [])]
    mentioned: set[int] = set()
    in_conclusion = {written.line for written in read.conclusion}
    conclusion_lines: list[int] = []
    looked = 0
    for written in read.prose:
        concludes = written.line in in_conclusion
        for stated, about in _mentions(written):
            looked += 1
            if looked > MAX_MENTIONS:
                return
            figure = _meant(about, stated, known)
            if figure is None:
                if concludes:
                    yield from _unknown_figure(stated, written, read)
                continue
            if concludes:
                conclusion_lines.append(written.line)
                mentioned.add(figure.line)
            if figure.quantity != stated.quantity:
                text = f"{figure.name!r} is {figure.shown}, but a sentence says {stated.shown} ({about})"
                yield Finding("figure-differs", (figure.line, written.line), text)
        yield from _other_total(written, read)
    forgotten = [figure for figure in read.success_targets if figure.line not in mentioned]
    if 0 < len(forgotten) < len(read.success_targets):
        names = listed(f"{figure.name!r} ({figure.shown})" for figure in forgotten)
        text = (
            f"the conclusion repeats {len(read.success_targets) - len(forgotten)} of the "
            f"{len(read.success_targets)} success targets and forgets {names}"
        )
        lines = (*(figure.line for figure in forgotten), *sorted(set(conclusion_lines)))
        yield Finding("conclusion-forgets-target", lines, text)


def _mentions(written: Written) -> Iterator[tuple[Stated, str]]:
    """Each percentage of a text with the words that it is about."""
    stated = percents(written.text)
    for place, each in enumerate(stated):
        end = stated[place + 1].start if place + 1 < len(stated) else len(written.text)
        after = re.split(r"[,;.:()](?:\s|$)|\s(?:and|while|with|through)\s", written.text[each.end : end])[0]
        start = stated[place - 1].end if place else 0
        before = re.split(r"[,;.:](?:\s|$)", written.text[start : each.start])[-1]
        # "a dispatch accuracy of 95%" says it before, "95% dispatch accuracy" behind
        said_before = re.search(r"\b(?:of|at|to|is|reaches|least)\s*$", before)
        yield each, " ".join((before if said_before and len(words(after)) < 2 else after).split())


def _meant(about: str, stated: Stated, known: Sequence[Figure]) -> Figure | None:
    """The figure that a mention is about: the one named most alike, an equal one before another."""
    said = words(about)
    scored = [(_likeness(said, words(figure.name)), figure) for figure in known]
    close = [(score, figure) for score, figure in scored if score >= _SAME_NAME]
    if not close:
        return None
    best = max(score for score, _ in close)
    top = [figure for score, figure in close if score == best]
    return next((figure for figure in top if figure.quantity == stated.quantity), top[0])


def _likeness(said: Sequence[str], name: Sequence[str]) -> float:
    """How alike a mention is to a name; a mention may go on after the name."""
    return max(similarity(said, name), similarity(said[: len(name)], name))


def _unknown_figure(stated: Stated, written: Written, read: MapRead) -> Iterator[Finding]:
    everything = {figure.quantity for each in read.lists for figure in each.figures}
    if read.roi:
        everything.add(read.roi.quantity)
    if everything and stated.quantity not in everything:
        text = f"the conclusion states {stated.shown}, which the map states nowhere else"
        yield Finding("unknown-figure", (written.line,), text)


def _other_total(written: Written, read: MapRead) -> Iterator[Finding]:
    total = read.total
    if total is None or not re.search(r"\b(?:total|annual|combined)\b", written.text, re.IGNORECASE):
        return
    known = {figure.quantity for figure in read.annual_values} | {total.quantity}
    for stated in amounts(written.text):
        if stated.quantity not in known:
            text = f"the stated total is {total.shown}, but a sentence says {stated.shown}"
            yield Finding("figure-differs", (total.line, written.line), text)
