"""Makes a pack of a document: its points, criteria, phases and figures, each vouched for by people.

Nothing in a document says from which table anybody would know that a criterion holds. Until somebody
binds it to data, a person has to state it: each criterion is bound to an attestation of the role that
the document names, and nothing is met before that is signed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from phasegate.rules.maps.reader.alignment import similarity, words
from phasegate.rules.maps.reader.ids import slug
from phasegate.rules.maps.reader.model import Figure, Labelled, MapArea, MapCriterion, MapPoint, MapRead
from phasegate.rules.maps.reader.patterns import shown_quantity
from phasegate.rules.maps.scaffold.errors import Unfit, UnfitDocumentError
from phasegate.rules.maps.trace.figures import ROI, TOTAL
from phasegate.rules.model.pack import PROGRAMME
from phasegate.rules.model.role import APPROVER, AUDITOR
from phasegate.rules.values.units import PERCENT, unit_fault
from phasegate.rules.yaml.syntax_errors import find_unseen

MAX_CRITERIA = 2_000
"""A pack of more is no work of people; its measures would fill more than a file of YAML."""
LONGEST_TEXT = 4_000
_SEVERAL = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*", re.IGNORECASE)

Data = dict[str, Any]


def pack_of_document(read: MapRead) -> dict[str, Data]:
    """The data of the pack, by the file in which they stand.

    Raises:
        UnfitDocumentError: with everything that keeps the document from becoming a pack.
    """
    made = _Made(read)
    files = made.files()
    if made.faults:
        raise UnfitDocumentError(read.name, made.faults)
    return files


def roles_of(owners: Sequence[str]) -> dict[str, str]:
    """The roles that may vouch for what these own, each with the owner that it stands for."""
    named = [name for each in owners for name in _SEVERAL.split(each) if name]
    roles = {f"{APPROVER}{function}": name for name in named if (function := slug(name))}
    return roles or {AUDITOR: ", ".join(named)}


def targets_of_areas(
    areas: Sequence[MapArea], figures: Sequence[Figure]
) -> tuple[dict[str, Figure], list[Figure]]:
    """The figure of each area, by its id, and the figures that are of no area.

    A figure is of the area whose title it is most like; the others go by their order where there are as
    many figures as areas.
    """
    titles, names = [words(area.title) for area in areas], [words(figure.name) for figure in figures]
    having: dict[str, list[int]] = {}
    for j, name in enumerate(names):
        for word in dict.fromkeys(name):
            having.setdefault(word, []).append(j)
    ranked = sorted(
        (-score, i, j)
        for i, title in enumerate(titles)
        for j in {j for word in title for j in having.get(word, ())}  # no other is like it at all
        if (score := similarity(title, names[j])) >= 0.5
    )
    of_area: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in ranked:
        if i not in of_area and j not in taken:
            of_area[i] = j
            taken.add(j)
    free = [j for j in range(len(figures)) if j not in taken]
    if len(figures) == len(areas):
        of_area |= dict(zip((i for i in range(len(areas)) if i not in of_area), free, strict=True))
        free = []
    return {areas[i].id: figures[j] for i, j in sorted(of_area.items())}, [figures[j] for j in free]


@dataclass(slots=True)
class _Made:
    """A pack in the making, and what is wrong with the document."""

    read: MapRead
    faults: list[Unfit] = field(default_factory=list)
    measures: Data = field(default_factory=dict)

    def files(self) -> dict[str, Data]:
        read = self.read
        self._ids()
        count = sum(len(point.criteria) for point in read.points)
        if count > MAX_CRITERIA:
            text = f"the document has {count:,} criteria, more than {MAX_CRITERIA:,}"
            self.faults.append(Unfit(None, text, "divide it into several documents"))
            return {}
        points = {point.id: self._point(point) for point in read.points}
        title = self._title()
        head: Data = {
            "pack": slug(title, "_") or "pack",
            "title": title,
            "map": self._document(title),
        }
        if read.cycle_weeks:
            head["cycle"] = {"weeks": read.cycle_weeks}
        areas, programme = self._areas()
        if areas:
            head["areas"] = areas
        phases = self._phases()
        if phases:
            head["phases"] = phases
        scheduled = {each for phase in phases.values() for each in phase["points"]}
        alone = [point for point in points if point not in scheduled] if phases else []
        head["programme"] = {
            "title": title,
            **({"points": alone} if alone else {}),
            **({"targets": programme} if programme else {}),
        }
        return {
            "pack.yaml": head,
            "points.yaml": {"points": points},
            "measures.yaml": {"measures": self.measures},
        }

    def _ids(self) -> None:
        """What is there twice: a pack has one thing of an id."""
        kinds: tuple[tuple[str, Iterable[tuple[str, int]]], ...] = (
            ("point", ((each.id, each.line) for each in self.read.points)),
            ("area", ((each.id, each.line) for each in self.read.areas)),
            ("section", ((each.id, each.line) for each in self.read.sections)),
            ("phase", ((each.id, each.line) for each in self.read.phases)),
        )
        for noun, entries in kinds:
            lines: dict[str, list[int]] = defaultdict(list)
            for id_, line in entries:
                lines[id_.casefold()].append(line)
                if id_.casefold() == PROGRAMME:
                    self.faults.append(Unfit(line, f"{id_!r} is what the gate of all phases is called"))
            for id_, (first, *others) in lines.items():
                for line in others:
                    text = f"{noun} {id_.upper()!r} is there a second time, after line {first}"
                    self.faults.append(Unfit(line, text, "give each an id of its own"))

    def _text(self, text: str, line: int | None, what: str) -> str:
        """A text as a pack may hold it."""
        if not text.strip():
            self.faults.append(Unfit(line, f"{what} has no words"))
        elif len(text) > LONGEST_TEXT:
            self.faults.append(Unfit(line, f"{what} has more than {LONGEST_TEXT:,} characters"))
        elif (at := find_unseen(text)) is not None:
            self.faults.append(Unfit(line, f"{what} holds the character U+{ord(text[at]):04X}, unseen"))
        return text

    def _title(self) -> str:
        title = self.read.title or self.read.front_title
        if title is None:
            self.faults.append(Unfit(1, "the document has no title", "begin it with '# Title'"))
            return ""
        return self._text(title.text, title.line, "the title")

    def _document(self, title: str) -> Data:
        read = self.read
        said: dict[str, Labelled | None] = {
            "version": read.version,
            "owner": read.owner,
            "review_cycle": read.review_cycle,
            "level": read.level,
        }
        return {
            "title": title,
            **({"date": read.date.isoformat()} if read.date else {}),
            **{
                key: self._text(each.text, each.line, f"{each.label!r}")
                for key, each in said.items()
                if each is not None
            },
            **({"digest": read.digest} if read.digest else {}),
        }

    def _point(self, point: MapPoint) -> Data:
        if not point.criteria:
            hint = "write 'Acceptance criteria' and a list below, or a checklist ('- [ ] ...')"
            self.faults.append(Unfit(point.line, f"point {point.id} has no criteria", hint))
        data: Data = {"title": self._text(point.title, point.line, f"the title of {point.id}")}
        for key, texts in (("flow", point.flow), ("frameworks", point.frameworks)):
            if texts:
                data[key] = [self._text(each, point.line, f"the {key} of {point.id}") for each in texts]
        if point.area is not None and point.area in {area.id for area in self.read.areas}:
            data["area"] = point.area
            if point.section is not None:
                data["section"] = point.section
        numbers: dict[str | None, int] = defaultdict(int)
        data["criteria"] = []
        for criterion in point.criteria:
            numbers[criterion.group] += 1
            number = str(numbers[criterion.group])
            id_ = criterion.code or "-".join(each for each in (criterion.group, number) if each)
            data["criteria"].append(self._criterion(point, id_, criterion))
        ids = Counter(each["id"] for each in data["criteria"])
        for twice in sorted(each for each, times in ids.items() if times > 1):
            self.faults.append(Unfit(point.line, f"point {point.id} has two criteria {twice!r}"))
        return data

    def _criterion(self, point: MapPoint, id_: str, criterion: MapCriterion) -> Data:
        text = self._text(criterion.text, criterion.line, "a criterion")
        roles = roles_of(criterion.owners or point.owners)
        require = {}
        for role, owner in roles.items():
            name = f"{point.id}.{id_.replace('.', '-')}"
            name += f"-{role.removeprefix(APPROVER)}" if len(roles) > 1 else ""
            self._attested(name, text, role, owner)
            require[name] = True
        return {"id": id_, "text": text, "require": require}

    def _attested(self, id_: str, title: str, role: str, owner: str = "", unit: str | None = None) -> None:
        measure: Data = {"title": title, "attested": {"by": role}}
        if unit is not None:
            measure["unit"] = unit
        if owner and role == AUDITOR:
            measure["note"] = f"The document names {owner}, which is no name of a function"
        if self.measures.setdefault(id_, measure) is not measure and not self.faults:
            self.faults.append(Unfit(None, f"two criteria would be attested as {id_!r}"))

    def _areas(self) -> tuple[Data, Data]:
        """The areas with their targets, and the targets of the programme."""
        read = self.read
        areas: Data = {area.id: self._area(area) for area in read.areas}
        programme: Data = {}
        for kind, name, figures in (
            ("success", "success", read.success_targets),
            ("kpi", "kpi", read.kpis),
            ("annual_value", "value", read.annual_values),
        ):
            of_area, others = targets_of_areas(read.areas, figures)
            for area_id, figure in of_area.items():
                areas[area_id][kind] = self._target(f"{area_id}.{kind}", figure, hard=kind == "success")
            for figure in others:
                id_ = stem = f"{name}-{slug(figure.name) or 'figure'}"
                while id_ in programme:
                    id_ = f"{stem}-{len(programme)}"
                programme[id_] = self._target(f"{PROGRAMME}.{id_}", figure, hard=kind == "success")
        for name, total in ((TOTAL, read.total), (ROI, read.roi)):
            if total is not None:
                programme[name] = self._target(f"{PROGRAMME}.{name}", total, hard=False)
        return areas, programme

    def _area(self, area: MapArea) -> Data:
        sections = {
            each.id: self._text(each.title, each.line, f"section {each.id}")
            for each in self.read.sections
            if each.id.partition(".")[0] == area.id
        }
        return {
            "title": self._text(area.title, area.line, f"area {area.id}"),
            **({"sections": sections} if sections else {}),
        }

    def _target(self, measure: str, figure: Figure, *, hard: bool) -> Data:
        unit = figure.quantity.unit
        if unit not in (None, PERCENT) and (fault := unit_fault(unit or "")):
            self.faults.append(Unfit(figure.line, f"{unit!r} {fault.why}"))
        name = self._text(figure.name, figure.line, "a figure")
        self._attested(measure, self._text(figure.text, figure.line, "a figure"), AUDITOR, unit=unit)
        return {
            "name": name,
            "measure": measure,
            "bound": f"{figure.comparator} {shown_quantity(figure.quantity)}",
            **({} if hard else {"enforcement": "advisory"}),
        }

    def _phases(self) -> Data:
        known = {point.id for point in self.read.points}
        phases: Data = {}
        order = self.read.phases
        if all(phase.weeks for phase in order):  # a phase waits for the one before it, which begins earlier
            order = tuple(sorted(order, key=lambda phase: phase.weeks or (0, 0)))
        for phase in order:
            members = dict.fromkeys(each.point for each in phase.members if each.point)
            for member in phase.members:
                if member.point is not None and member.point not in known:
                    text = f"phase {phase.id} lists {member.point}, which the document does not hold"
                    self.faults.append(Unfit(member.line, text))
            if not members:
                text = f"phase {phase.id} schedules no point, so that its gate would ask for nothing"
                self.faults.append(Unfit(phase.line, text))
            phases[phase.id] = {
                "title": self._text(phase.title, phase.line, f"the title of phase {phase.id}"),
                **({"weeks": list(phase.weeks)} if phase.weeks else {}),
                "points": list(members),
            }
        return phases
