"""Reads a programme's map: its areas, points, criteria, phases, targets and values.

A map is Markdown of one form, whatever its programme: areas hold numbered sections, sections hold
integration points with acceptance criteria, phases schedule the points, lists state the targets. Where no
heading calls itself a point, the document is read as a plan of another form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from phasegate.rules.maps.reader.blocks import Block, Blocks, read_blocks
from phasegate.rules.maps.reader.figures import MAX_FIGURES, read_figures
from phasegate.rules.maps.reader.ids import Identity
from phasegate.rules.maps.reader.model import Labelled, MapArea, MapRead, MapSection, Written
from phasegate.rules.maps.reader.outline import Outline, OutlinePart, area_headings, outline
from phasegate.rules.maps.reader.patterns import cycle_weeks, is_known_label, numbered_heading
from phasegate.rules.maps.reader.phases import plan_phases, read_phases
from phasegate.rules.maps.reader.plans import plan_outline
from phasegate.rules.maps.reader.points import read_points
from phasegate.rules.maps.reader.tables import asks_criteria, row_of
from phasegate.rules.maps.reader.text import MAX_BYTES, MapError, clean_text, decode_map

MAX_POINTS = 5_000
MAX_AREAS = 200
MAX_PHASES = 200
_FORM = "a map has headings such as '#### Integration Point 1.1.1: Title' with acceptance criteria below"
_FORMS = (
    f"{_FORM}; another plan has headings such as 'M1: Title' or 'Epic 1.1: Title' with "
    "'Acceptance criteria', 'Entry criteria' or 'Exit criteria' or a checklist ('- [ ] ...') below, "
    "or a table with the columns ID and Requirement; these words are looked for in English"
)


def read_map(text: str, name: str) -> MapRead:
    """Reads a map's Markdown.

    Args:
        text: the document.
        name: how messages and findings call it.

    Raises:
        MapError: if the text is no text, is too large, or holds no integration points.
    """
    blocks = read_blocks(clean_text(text, name), name)
    found, is_map = outline(blocks.blocks), True
    if not any(part.identity for part in found.parts):
        found, is_map = plan_outline(blocks.blocks), False
    parts = [part for part in found.parts if part.identity is not None]
    if not parts:
        raise MapError(name, None, "the document holds no integration points and no criteria", _FORMS)
    if len(parts) > MAX_POINTS:
        raise _too_many(name, parts[MAX_POINTS], f"{MAX_POINTS:,} integration points")
    others = [part for part in found.parts if part.kind in ("other", "section")]
    figures = read_figures(others)
    areas, area_of = _areas(parts)
    if not is_map and (len(areas) != len(figures.of("success")) or len(area_of) != len(parts)):
        areas, area_of = (), {}  # what no target is stated for is a chapter
    if len(areas) > MAX_AREAS:
        raise MapError(name, areas[MAX_AREAS].line, f"more than {MAX_AREAS} areas", _FORM)
    phase_parts = [part for part in found.parts if part.kind == "phase"]
    if len(phase_parts) > MAX_PHASES:
        raise _too_many(name, phase_parts[MAX_PHASES], f"{MAX_PHASES} phases")
    sections = _sections(found, areas)
    points = read_points(parts, area_of, sections)
    if figures.beyond is not None:
        raise MapError(name, figures.beyond.line, f"more than {MAX_FIGURES:,} figures", _FORM)
    weeks, weeks_line = _cycle(others)
    return MapRead(
        name=name,
        front_title=_front_title(blocks),
        title=Written(found.title.text, found.title.line) if found.title else None,
        fields=_fields(others, figures.lines),
        areas=areas,
        sections=sections,
        points=points,
        phases=read_phases(phase_parts, points) if is_map else plan_phases(found.parts, points),
        cycle_weeks=weeks,
        cycle_line=weeks_line,
        lists=figures.lists,
        total=figures.total,
        roi=figures.roi,
        prose=_prose(others),
        conclusion=_prose([part for part in others if _is_conclusion(part)]),
        ruled_footer=blocks.ruled_footer,
        aside=tuple(_aside(found.parts)),
    )


def _aside(parts: Sequence[OutlinePart]) -> Iterator[Written]:
    """The first line of each part that looks like criteria, where the part is no point."""
    for part in parts:
        if part.identity is not None:
            continue
        heading = [part.heading] if part.heading is not None and asks_criteria(part.heading.text) else []
        for block in (*heading, *part.body):
            row = row_of(block)
            looks = row is not None and (row.criteria or (row.identity and row.identity.family))
            if (
                looks
                or (block.task and part.kind != "phase")
                or (block.bold and asks_criteria(block.label or ""))
            ):
                yield Written(block.text, block.line)
                break


def _too_many(name: str, part: OutlinePart, what: str) -> MapError:
    return MapError(name, part.heading.line if part.heading else None, f"more than {what}", _FORM)


def _front_title(blocks: Blocks) -> Written | None:
    return next((Written(value, line) for key, value, line in blocks.front if key == "title" and value), None)


def _areas(parts: Sequence[OutlinePart]) -> tuple[tuple[MapArea, ...], dict[int, str]]:
    """The areas in order, and the id of each point's area by the line of the point's heading."""
    headings = area_headings(parts)
    numbers: dict[int, Counter[str]] = {}
    for part in parts:
        if part.heading is not None and part.heading.line in headings:
            first = _identity(part).id.partition(".")[0]
            numbers.setdefault(headings[part.heading.line].line, Counter())[first] += 1
    areas = {}
    for heading in headings.values():
        if heading.line not in areas:
            numbered = numbered_heading(heading.text)
            title = numbered[1] if numbered else heading.text
            areas[heading.line] = MapArea(numbers[heading.line].most_common(1)[0][0], title, heading.line)
    return tuple(areas.values()), {line: areas[heading.line].id for line, heading in headings.items()}


def _identity(part: OutlinePart) -> Identity:
    assert part.identity is not None  # only points are asked
    return part.identity


def _sections(found: Outline, areas: Sequence[MapArea]) -> tuple[MapSection, ...]:
    """The sections of the areas: numbered headings, and unnumbered ones between area and point."""
    area_lines = {area.line for area in areas}
    ids = [part.identity.id for part in found.parts if part.identity is not None]
    prefixes = {tuple(id_.split(".")[:size]) for id_ in ids for size in range(2, id_.count(".") + 1)}
    sections: dict[int, MapSection] = {}
    for part in found.parts:
        if part.heading is None:
            continue
        if part.kind == "section":
            numbered = numbered_heading(part.heading.text)
            under_area = any(above.line in area_lines for above in part.above)
            if numbered and (under_area or tuple(numbered[0].split(".")) in prefixes):
                sections[part.heading.line] = MapSection(numbered[0], numbered[1], part.heading.line)
        elif part.kind == "point":
            _unnumbered(part, area_lines, sections)
    return tuple(sections.values())


def _unnumbered(part: OutlinePart, area_lines: set[int], sections: dict[int, MapSection]) -> None:
    if not part.above or part.heading is None:
        return
    nearest = part.above[-1]
    if nearest.line in area_lines or nearest.line in sections or numbered_heading(nearest.text):
        return
    if not any(above.line in area_lines for above in part.above[:-1]):
        return
    prefix = _identity(part).id.rpartition(".")[0]
    if "." in prefix:
        sections[nearest.line] = MapSection(prefix, nearest.text, nearest.line)


def _fields(parts: Sequence[OutlinePart], figure_lines: frozenset[int]) -> tuple[Labelled, ...]:
    """Labelled lines, and what stands below a heading that is such a label."""
    fields = []
    for part in parts:
        below = part.heading.text if part.heading and is_known_label(part.heading.text) else None
        for block in part.body:
            if block.line in figure_lines:
                continue
            if block.label is not None and block.value and (block.bold or is_known_label(block.label)):
                fields.append(Labelled(block.label, block.value, block.line))
            elif below is not None:
                fields.append(Labelled(below, block.text, block.line))
    return tuple(fields)


def _prose(parts: Sequence[OutlinePart]) -> tuple[Written, ...]:
    return tuple(
        Written(block.text, block.line)
        for part in parts
        for block in part.body
        if block.kind == "line" and not _is_field(block)
    )


def _is_field(block: Block) -> bool:
    return block.label is not None and (block.bold or is_known_label(block.label))


def _is_conclusion(part: OutlinePart) -> bool:
    headings = (*part.above, part.heading) if part.heading else part.above
    texts = [heading.text.casefold() for heading in headings]
    return any(
        "conclusion" in text
        or "closing" in text
        or (text.strip().endswith("summary") and "executive" not in text)
        for text in texts
    )


def _cycle(parts: Sequence[OutlinePart]) -> tuple[int | None, int | None]:
    """The weeks of the cycle and their line: from a heading if one says so, else from a line."""
    headings = [part.heading for part in parts if part.heading is not None]
    lines = [block for part in parts for block in part.body]
    for block in (*headings, *lines):
        if (weeks := cycle_weeks(block.text)) is not None:
            return weeks, block.line
    return None, None


def load_map(path: Path, name: str | None = None) -> MapRead:
    """Reads a map's Markdown file.

    Args:
        path: the file.
        name: how messages and findings call it; the path as given by default.

    Raises:
        MapError: if the file is missing, is no regular file, is too large, or is no map.
    """
    shown = str(path) if name is None else name
    hint = "name the map's Markdown file"
    try:
        if not path.exists():
            raise MapError(shown, None, "there is no such file", hint)
        if not path.is_file():
            raise MapError(shown, None, "this is not a regular file", hint)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MapError(shown, None, f"the file cannot be read ({reason})", hint) from error
    read = read_map(decode_map(data, shown), shown)
    return replace(read, digest=f"sha256:{sha256(data).hexdigest()}")
