"""Packs: what a programme's map demands, as rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, RootModel

from phasegate.rules.model.base import BoundText, Day, Id, Model, Name, QuantityText, Text
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure

Enforcement = Literal["advisory", "soft", "hard"]
PROGRAMME = "programme"


class Require(RootModel[dict[str, "BoundText | list[BoundText] | list[Require]"]]):
    """Requirements that must all hold: a measure's fact and its bound, line by line.

    A list of bounds holds one fact against several. The key ``any_of`` takes a list of such
    mappings, of which one must hold.
    """

    model_config = {"frozen": True}


class Criterion(Model):
    """One acceptance criterion.

    Attributes:
        id: its name within the point, such as ``validation``.
        text: the map's wording.
        enforcement: ``hard`` takes no waiver, ``soft`` may be waived, ``advisory`` closes nothing.
        require: what must hold.
        note: how the wording is read, for people.
        function: whose approval a waiver needs, such as ``finance``; that of any approver where it
            is not said.
    """

    id: Id
    text: Text
    enforcement: Enforcement = "hard"
    require: Require
    note: Text | None = None
    function: Id | None = None


class Point(Model):
    """One integration point: the flows it joins, and its criteria.

    Attributes:
        title: its name.
        flow: the flows that it joins.
        frameworks: the frameworks that it belongs to.
        area: its area, whose success target goes with it.
        section: its section of the area.
        criteria: what must hold of it.
    """

    title: Text
    flow: tuple[Text, ...] = ()
    frameworks: tuple[Text, ...] = ()
    area: Id | None = None
    section: Id | None = None
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Target(Model):
    """A figure that an area or the programme must reach.

    Attributes:
        name: the map's name for it.
        measure: the fact that is held against the bound.
        bound: what must hold; its number is what ``success`` or ``kpi`` stands for.
        enforcement: success targets are hard, KPIs and values advisory.
    """

    name: Text
    measure: Id
    bound: BoundText
    enforcement: Enforcement = "hard"


class Area(Model):
    """An area of the map, with its targets.

    Attributes:
        title: its name.
        sections: the titles of its sections, by id.
        success: its success target, which the gates of its points ask for.
        kpi: its key performance indicator.
        annual_value: what it is worth in a year.
    """

    title: Text
    sections: dict[Id, Text] = {}
    success: Target | None = None
    kpi: Target | None = None
    annual_value: Target | None = None


def _none(written: object) -> object:
    """What ``after: none`` says; a list is handed on as the tuple that it becomes."""
    if written == "none":
        return ()
    return tuple(written) if isinstance(written, list) else written


def _none_too(schema: dict[str, Any]) -> None:
    """The word stands beside the list in the JSON Schema too."""
    schema["anyOf"] = [*schema["anyOf"], {"const": "none", "type": "string"}]


class Phase(Model):
    """A phase of the cycle; its gate is the decision to advance.

    Attributes:
        title: its name.
        weeks: first and last week of the cycle.
        points: the points that the phase schedules.
        after: the phases whose gates must be open first, or ``none``; where it is not said, the one phase
            that stands before it in the pack.
        max_waivers: how many waivers its gate takes, inherited ones included; None for any number.
    """

    title: Text
    weeks: tuple[int, int] | None = None
    points: tuple[Id, ...] = Field(min_length=1)
    after: Annotated[tuple[Id, ...] | None, BeforeValidator(_none)] = Field(
        default=None, json_schema_extra=_none_too
    )
    max_waivers: int | None = Field(default=None, ge=0)


class Programme(Model):
    """The programme's own gate: all phase gates, all points, all targets, and these.

    Attributes:
        title: its name.
        targets: figures that the whole programme must reach, by id.
        max_waivers: how many waivers its gate takes; none said, any number.
        points: the points that no phase schedules, so that this gate alone asks for them. It asks for all
            points anyway; named here, none of them was forgotten.
    """

    title: Text = "Programme"
    points: tuple[Id, ...] = ()
    targets: dict[Id, Target] = {}
    max_waivers: int | None = Field(default=None, ge=0)


class MapDocument(Model):
    """Which document the pack encodes.

    Attributes:
        title: its title.
        date: the day of which it is.
        version: its version.
        owner: who answers for it.
        review_cycle: how often it is reviewed.
        level: its level among documents of its kind.
        digest: of the document's bytes, so that `phasegate trace` notices another edition of it.
    """

    title: Text
    date: Day | None = None
    version: Text | None = None
    owner: Text | None = None
    review_cycle: Text | None = None
    level: Text | None = None
    digest: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")


class Parameter(Model):
    """A figure that a project may set; bounds and expressions name it ``:name``.

    Attributes:
        value: a number, with its unit where it has one.
        text: what it means.
    """

    value: QuantityText | int
    text: Text


class Cycle(Model):
    """One pass through the phases.

    Attributes:
        weeks: its length.
    """

    weeks: int = Field(ge=1)


class Baseline(Model):
    """Where the baseline's figures stand.

    The source has the columns ``measure``, ``slice`` (empty for the whole), ``value``,
    ``fixed_on``, ``finance_approver`` and ``developer_approver``.

    Attributes:
        source: the table that they stand in.
    """

    source: Name


class Pack(Model):
    """A whole pack, its files put together.

    Attributes:
        pack: the id of the pack.
        title: what it is called in reports.
        version: its version, for people.
        map: the document that it encodes.
        cycle: how long one pass through the phases takes.
        parameters: figures that a project may set, by name.
        baseline: where the baseline's figures stand.
        areas: the areas by id, each with its targets.
        points: the integration points by id, each with its criteria.
        phases: the phases by id, in their order.
        programme: the programme's own gate.
        sources: what each table must be, by name.
        measures: how values are computed, by id.
        no_value: words that stand for nothing in the texts of each source whose contract says none.
    """

    pack: Id
    title: Text
    version: Text = "1"
    map: MapDocument | None = None
    cycle: Cycle | None = None
    parameters: dict[Name, Parameter] = {}
    baseline: Baseline | None = None
    no_value: tuple[Text, ...] = ()
    areas: dict[Id, Area] = {}
    points: dict[Id, Point] = Field(min_length=1)
    phases: dict[Id, Phase] = {}
    programme: Programme = Programme()
    sources: dict[Name, Contract] = {}
    measures: dict[Id, Measure] = Field(min_length=1)

    def area_of(self, point_id: str) -> str | None:
        """The id of the area that a point belongs to, None where the pack has no areas."""
        return self.points[point_id].area

    def before(self, phase_id: str) -> tuple[str, ...]:
        """The phases that a phase waits for: those that it names, or the one before it in the pack's order.

        Where it says that it comes after none, it waits for none; the first phase needs not say so.
        """
        phase = self.phases[phase_id]
        if phase.after is not None:
            return phase.after
        names = list(self.phases)
        return tuple(names[: names.index(phase_id)][-1:])

    def criteria(self) -> Iterator[tuple[str, Criterion]]:
        """Each criterion with its full id, ``point/criterion``."""
        for point_id, point in self.points.items():
            for criterion in point.criteria:
                yield f"{point_id}/{criterion.id}", criterion
