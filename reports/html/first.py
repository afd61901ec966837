"""The head of the page and its first question: may we advance?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, contents, filled, joined, state_tone, tag, verdict_mark
from phasegate.reports.html.plots.days import day_said, full_day
from phasegate.reports.html.plots.strip import strip
from phasegate.reports.text.labels import state_sign, verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.provenance import on_another_day, run_line
from phasegate.reports.text.sentences import criterion_counts, supposed_line

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report
    from phasegate.reports.text.labels import Sign


def head(report: Report, brief: Brief, sections: Iterable[tuple[str, str]]) -> Markup:
    """Title, day and run, and the way to the sections below."""
    record = report.record
    about = [*brief.about]
    if brief.as_of is not None:
        about[0] = f"as of {full_day(brief.as_of)}"
    strong = []
    if (supposed := supposed_line(record)) is not None:
        strong.append(supposed)
    if on_another_day(record, report.kept):
        strong.append(run_line(record, report.kept))
    return tag(
        "header",
        tag("h1", brief.title),
        contents(sections),
        filled(
            "<p>{}</p>", " · ".join([_upper(each) if not place else each for place, each in enumerate(about)])
        ),
        *(filled('<p class="strong"><strong>{}</strong></p>', each) for each in strong),
        class_="top",
    )


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]


def disagreements(report: Report, anchors: Anchors) -> Markup | None:
    """What the two engines do not agree on: a fault of the program, told before all else."""
    found = report.record["disagreements"]
    if not found:
        return None
    number = counted(len(found), "verdict")
    items = []
    for each in found:
        requirement = report.requirements.get(str(each.get("id")))
        name = requirement["criterion"] if requirement else str(each.get("id"))
        told = f": inferred {each.get('inferred')}, evaluated {each.get('evaluated')}"
        items.append(tag("li", anchors.link("criterion", name, str(each.get("id"))), told))
    said = (
        f"! THE ENGINES DISAGREE on {number}. This is a fault of phasegate: nothing below can be relied upon."
    )
    return tag("div", tag("p", tag("strong", said), class_="error"), tag("ul", *items), class_="alarm")


def answer(report: Report, brief: Brief) -> Markup:
    """The verdict, the sentence, and how many criteria stand where.

    And the answers to the other questions in a sentence each, for a screen on which they stand below.
    """
    told = brief.answer
    sign = state_sign(told.state)
    items = [
        filled(
            "<li>{} <b>{}</b> {}</li>",
            verdict_mark(each.verdict),
            f"{each.number:,}",
            verdict_sign(each.verdict).word,
        )
        for each in told.counts
    ]
    said = [filled('<p class="said">{}</p>', told.sentence)]
    said += [filled('<p class="because">{}</p>', each) for each in told.because]
    said += [
        filled('<p class="in-short"><a href="#{}">{}</a> {}</p>', *each)
        for each in (
            ("changes", "What changed?", changed_said(brief)),
            ("takes", "What will it take?", brief.takes.sentence),
        )
    ]
    counts = joined(
        [
            filled('<p class="unseen">{}</p>', criterion_counts(report.record)),
            strip(told.counts),
            filled('<ul class="counts"><li>{}:</li> {}</ul>', told.counted, joined(items, " ")),
        ]
    )
    return boxed(sign, state_tone(told.state), "May we advance?", joined(said), counts)


def changed_said(brief: Brief) -> str:
    """What changed since the last run, in a sentence."""
    found = brief.changed
    if found is None:
        return "No earlier run is known to hold this one against."
    day = f" of {day_said(found.day)}" if found.day else ""
    return f"Since run {found.run:,}{day}: {found.sentence}"


def boxed(sign: Sign, tone: str, asks: str, said: Markup, beside: Markup) -> Markup:
    """What answers a page's first question: a sign with its word, sentences, and counts beside them.

    Args:
        sign: of the answer.
        tone: its colour, by its class.
        asks: the question.
        said: the sentences.
        beside: what is counted.
    """
    return filled(
        '<section class="answer" aria-labelledby="verdict"><p class="box {}">{} {}</p><div><h2 id="verdict">'
        '{}</h2>{}</div><div class="how-many">{}</div></section>',
        tone,
        sign.mark,
        sign.word,
        asks,
        said,
        beside,
    )
