"""A point: its criteria, and what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import joined, section, tag, verdict_tone
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import gate_label
from phasegate.web.cache import Answer
from phasegate.web.pages.parts import Places, criteria_table, found_in, prove, requirements, worst_first
from phasegate.web.shell import banner, document, lead

if TYPE_CHECKING:
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of a point."""
    point = asked.point()
    sign = verdict_sign(point["verdict"])
    criteria = [asked.report.criteria[each] for each in point["criteria"]]
    places = Places(asked)
    area = asked.record["areas"].get(point["area"] or "")
    gates = [each for each in asked.record["gates"] if point["id"] in each["points"]]
    passing = sum(each["verdict"] == "pass" for each in criteria)
    told = f"Of its {counted(len(criteria), 'criterion', 'criteria')} {passing:,} pass."
    own = worst_first(each for criterion in criteria for each in asked.report.of(criterion))
    parts = [
        lead(asked),
        tag("h1", f"{point['id']} {point['title']}"),
        banner(sign, verdict_tone(point["verdict"]), told),
        tag("p", f"Area {point['area']}, {area}.", class_="soft") if area else None,
        tag(
            "p",
            "It counts in ",
            joined([places.link("gate", each["id"], gate_label(each["id"])) for each in gates], ", "),
            ".",
        )
        if gates
        else None,
        found_in(asked),
        section(
            "criteria", "Criteria", criteria_table(asked, criteria, "Criteria", "The criteria of the point.")
        ),
        section("requirements", "Requirements", requirements(asked, own)),
        prove(asked, point["id"], f"point {point['id']}", "point", point["area"]),
    ]
    title = f"{point['id']} {point['title']}: {sign.word}"
    return Answer(document(title, *parts, asked=asked))
