"""What a map document says, each piece with the line where it says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from phasegate.rules.maps.reader.patterns import date_in
from phasegate.rules.values.units import Quantity

FigureRole = Literal["kpi", "success", "value", "repeat"]


@dataclass(frozen=True, slots=True)
class Written:
    """A text and the line where it stands (from 1)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class MapCriterion(Written):
    """An acceptance criterion.

    Attributes:
        group: what it is a criterion of, ``entry`` or ``exit``; None where the document does not say.
        code: the id that the document gives it, None without one.
        owners: who answers for it alone; empty where it is whoever answers for the point.
    """

    group: str | None = None
    code: str | None = None
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line with a label, such as ``Last Updated: 1 May 2026``."""

    label: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class MapSection:
    """A numbered section within an area."""

    id: str
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class MapPoint:
    """An integration point.

    Attributes:
        id: two to four numbers with dots between.
        area: the id of the area that it stands under; None if it stands under none.
        section: the id of its section, None without one.
        flow: the flows that it joins, in order; empty if it names none.
        frameworks: the frameworks that it belongs to.
        criteria: its acceptance criteria, in order.
        owners: who answers for it, as the document names them.
    """

    id: str
    title: str
    line: int
    area: str | None
    section: str | None
    flow: tuple[str, ...]
    flow_line: int | None
    protocol: Written | None
    criteria: tuple[MapCriterion, ...]
    frameworks: tuple[str, ...]
    frameworks_line: int | None
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapArea:
    """An area: a heading that holds sections or points.

    Attributes:
        id: the first number of its points' ids.
        title: the heading's wording, without a number in front.
    """

    id: str
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Member:
    """A line of a phase's list.

    Attributes:
        point: the point that it schedules; None if it names none.
        title: the title that it gives the point; None if it gives none.
    """

    point: str | None
    title: str | None
    line: int


@dataclass(frozen=True, slots=True)
class MapPhase:
    """A phase; ``weeks`` are its first and last week of the cycle, as written."""

    id: str
    title: str
    line: int
    weeks: tuple[int, int] | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A named figure, such as ``Dispatch Accuracy: 95% target``.

    Attributes:
        name: what the figure belongs to.
        quantity: the exact figure; a percentage is the fraction it stands for.
        shown: the figure as written.
        text: the whole line.
        comparator: what the line asks for: at least the figure, where it says nothing else.
    """

    name: str
    quantity: Quantity
    shown: str
    text: str
    line: int
    comparator: str = ">="


@dataclass(frozen=True, slots=True)
class FigureList:
    """A list of figures under one heading or label, and what the list is for."""

    heading: str
    line: int
    role: FigureRole
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class MapRead:
    """A map document, read.

    Attributes:
        name: how the document is called in findings.
        front_title: the title in the front matter.
        title: the document's own heading.
        fields: labelled lines outside points and phases, in order.
        cycle_weeks: the length of the coordination cycle; ``cycle_line`` says where it stands.
        lists: every list of figures, in order.
        total: the stated total of the annual values.
        roi: the stated return on investment.
        prose: paragraphs outside points and phases.
        conclusion: the paragraphs of the conclusion.
        ruled_footer: the line of a rule that Markdown takes for the underline of a heading.
        aside: what looks like criteria and stands in no point: a heading or label of criteria, the first
            item of a checklist, the first row with an id of a table.
        digest: of the bytes of its file, ``sha256:...``; None where it was not read from one.
    """

    name: str
    front_title: Written | None
    title: Written | None
    fields: tuple[Labelled, ...]
    areas: tuple[MapArea, ...]
    sections: tuple[MapSection, ...]
    points: tuple[MapPoint, ...]
    phases: tuple[MapPhase, ...]
    cycle_weeks: int | None
    cycle_line: int | None
    lists: tuple[FigureList, ...]
    total: Figure | None
    roi: Figure | None
    prose: tuple[Written, ...]
    conclusion: tuple[Written, ...]
    ruled_footer: int | None
    aside: tuple[Written, ...] = ()
    digest: str | None = None

    def figures(self, role: FigureRole) -> tuple[Figure, ...]:
        """The figures of the first list with a role, empty without one."""
        return next((each.figures for each in self.lists if each.role == role), ())

    @property
    def kpis(self) -> tuple[Figure, ...]:
        """The key performance indicators."""
        return self.figures("kpi")

    @property
    def success_targets(self) -> tuple[Figure, ...]:
        """The success targets."""
        return self.figures("success")

    @property
    def annual_values(self) -> tuple[Figure, ...]:
        """The annual values, in money."""
        return self.figures("value")

    def field(self, *labels: str) -> Labelled | None:
        """The first labelled line whose label is one of these, in the order of ``labels``."""
        for label in labels:
            for each in self.fields:
                if each.label.casefold() == label:
                    return each
        return None

    @property
    def modified(self) -> Labelled | None:
        """When the head of the document says that it was last modified."""
        return self.field("last modified date", "last modified", "modified", "date modified", "date")

    @property
    def updated(self) -> Labelled | None:
        """When the foot of the document says that it was last updated."""
        return self.field("last updated", "last updated date", "updated", "last update", "last revised")

    @property
    def owner(self) -> Labelled | None:
        """Who owns the document."""
        return self.field("document owner", "owner", "map owner", "owned by", "maintained by", "maintainer")

    @property
    def review_cycle(self) -> Labelled | None:
        """How often the document is reviewed."""
        return self.field("review cycle", "review cadence", "review frequency", "review schedule", "review")

    @property
    def level(self) -> Labelled | None:
        """The level of the document among its kind."""
        return self.field("level", "document level", "map level")

    @property
    def version(self) -> Labelled | None:
        """The document's version."""
        return self.field("version", "document version", "map version")

    @property
    def date(self) -> dt.date | None:
        """The document's date: last modified, else last updated; None if neither can be read."""
        for each in (self.modified, self.updated):
            if each is not None and (found := date_in(each.text)) is not None:
                return found
        return None
