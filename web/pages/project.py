"""A project as it stands by its newest run: the page of the HTML report, and the ways to all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, joined, state_tone, tag
from phasegate.reports.text.labels import state_sign
from phasegate.web.cache import Answer
from phasegate.web.errors import NotThereError
from phasegate.web.pages.parts import Places, criteria_table, found_in
from phasegate.web.pages.whole_report import whole_report
from phasegate.web.shell import banner, document

if TYPE_CHECKING:
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of a project."""
    try:
        asked.run  # noqa: B018 - looked for here, so that a project without one has a page too
    except NotThereError:
        return _without_runs(asked)
    if not asked.viewer.may_read_whole(asked.key):
        return _some_areas(asked)
    return whole_report(asked, "")


def _without_runs(asked: Asked) -> Answer:
    assert asked.project is not None
    told = "No run is kept yet: nothing is known of how it stands."
    parts = [
        tag("h1", asked.project.title),
        banner(state_sign("nothing"), state_tone("nothing"), told),
        tag("p", "Make one with: ", tag("code", "phasegate check")),
    ]
    return Answer(document(asked.project.title, *parts, asked=asked, here=""))


def _some_areas(asked: Asked) -> Answer:
    """What somebody sees who may not read all areas: no gate, and no score."""
    record = asked.record
    parts: list[Markup] = [
        tag("h1", record["title"]),
        tag("p", "You may read some areas of this project. What all make together is not shown."),
        found_in(asked),
    ]
    for area, title in record["areas"].items():
        points = {each["id"]: each for each in record["points"] if each["area"] == area}
        own = [
            each
            for each in record["criteria"]
            if each["point"] in points or (each["point"] is None and each["id"].partition("/")[0] == area)
        ]
        name = f"Area {area}, {title}"
        links = [
            Places(asked).link("point", each, f"{each} {told['title']}") for each, told in points.items()
        ]
        parts += [
            tag("h2", name),
            tag("p", joined(links, ", ")),
            criteria_table(asked, own, name, f"Criteria of area {area}."),
        ]
    return Answer(document(record["title"], *parts, asked=asked, here=""))
