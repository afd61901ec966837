"""A criterion or a target: why it has its verdict, from what, and what is signed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import parted, section, tag, verdict_tone
from phasegate.reports.text.labels import verdict_sign
from phasegate.web.cache import Answer
from phasegate.web.narrow import area_of
from phasegate.web.pages.parts import Places, found_in, gates_of, prove, requirements, signing, worst_first
from phasegate.web.shell import banner, document, lead

if TYPE_CHECKING:
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of a criterion."""
    criterion = asked.criterion()
    sign = verdict_sign(criterion["verdict"])
    own = worst_first(asked.report.of(criterion))
    point = criterion["point"]
    area = area_of(asked.record, criterion["id"])
    parts = [
        lead(asked),
        tag("h1", parted(criterion["id"])),
        banner(sign, verdict_tone(criterion["verdict"]), f"{criterion['text']}."),
        tag("p", "Of point ", Places(asked).link("point", point), ".") if point is not None else None,
        tag("p", criterion["note"]) if criterion["note"] else None,
        gates_of(asked, criterion),
        tag("p", f"Enforcement: {criterion['enforcement']}. The rule stands at {criterion['at']}."),
        found_in(asked),
        section("requirements", "What is asked and what was found", requirements(asked, own)),
        signing(asked, own),
        prove(asked, criterion["id"], f"criterion {criterion['id']}", "criterion", area),
    ]
    title = f"{criterion['id']}: {sign.word}"
    return Answer(document(title, *parts, asked=asked))
