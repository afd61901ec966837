"""A requirement: what it asks, what was found, and how that went from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, parted, section, tag, verdict, verdict_tone
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.sentences import asked_title, bound_said
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.narrow import area_of
from phasegate.web.pages.parts import Places, found_in, prove, requirements, signing
from phasegate.web.shell import banner, document, lead, table

if TYPE_CHECKING:
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of a requirement."""
    requirement = asked.requirement()
    sign = verdict_sign(requirement["verdict"])
    fact = asked.report.facts[requirement["fact"]]
    told = f"{asked_title(requirement, fact)}: {bound_said(requirement)}; found {requirement['observed']}."
    area = area_of(asked.record, requirement["criterion"])
    parts = [
        lead(asked),
        tag("h1", parted(requirement["id"])),
        banner(sign, verdict_tone(requirement["verdict"]), told),
        tag("p", "A part of ", Places(asked).link("criterion", requirement["criterion"]), "."),
        found_in(asked),
        section("found", "What is asked and what was found", requirements(asked, [requirement])),
        section("changed", "Earlier runs", _earlier(asked, requirement["id"])),
        signing(asked, [requirement]),
        prove(asked, requirement["id"], f"requirement {requirement['id']}", "requirement", area),
    ]
    title = f"{requirement['id']}: {sign.word}"
    return Answer(document(title, *parts, asked=asked))


def _earlier(asked: Asked, name: str) -> Markup:
    past = asked.past.get(name, ())
    if len(past) < 2:
        return tag("p", "No earlier run of another day decided it.")
    rows = [
        (
            link(address(asked.key, "requirement", id=name, run=each.run), f"run {each.run}"),
            each.as_of,
            verdict(each.verdict),
        )
        for each in reversed(past)
    ]
    caption = "One run a day, the newest day first."
    return table("Earlier runs", caption, ("Run", "As of", "Verdict"), rows)
