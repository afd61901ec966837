"""A run as the HTML report tells it, with the ways to all that a server has beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.audit.trail.standing_runs import newest_of_everything
from phasegate.reports.formats.html import body
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.html.markup import Markup, joined, tag
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import document, lead

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

FILES = ("html", "json", "markdown", "csv", "junit", "sarif", "oscal")
"""The formats that a run can be had in as a file."""


def whole_report(asked: Asked, here: str | None) -> Answer:
    """The page of a run.

    Args:
        asked: what is asked for.
        here: its name among the pages of the project.
    """
    report = replace(asked.report_of(asked.with_rows()), past=asked.past)
    report.__dict__["digest"] = str(asked.run.entry["record"])
    sign = state_sign(asked.record["outcome"])
    title = f"{sign.word}: {asked.record['title']}, as of {asked.record['as_of']}"
    parts = [lead(asked) or _narrower(asked), _ways(asked), Markup(body(report))]
    return Answer(document(title, *parts, asked=asked, here=here, framed=False))


def _ways(asked: Asked) -> Markup:
    """The pages and files of a run."""
    number = asked.run.number
    gates = [
        tag(
            "li", link(address(asked.key, "gate", id=each["id"], run=asked.run_given), gate_label(each["id"]))
        )
        for each in asked.record["gates"]
    ]
    before = [tag("li", link(address(asked.key, "compare", after=number), "What changed in detail"))]
    proof = tag(
        "li", link(address(asked.key, "proof", id="run", run=number), "Proof of this run", download=True)
    )
    files = [
        tag("li", link(address(asked.key, "report", run=number, format=each), each, download=True))
        for each in FILES
        if each in FORMATS
    ]
    return tag(
        "nav", tag("ul", joined([*gates, *before, proof, *files])), aria_label="This run", class_="pages"
    )


def _narrower(asked: Asked) -> Markup | None:
    """That the newest run decided a part alone, and which one before it decided everything."""
    if asked.run.whole:
        return None
    whole = newest_of_everything(asked.ledger.log)
    if whole is None:
        return None
    told = f"run {whole.number}, as of {whole.entry['as_of']}"
    way = link(address(asked.key, "run", run=whole.number), told)
    return tag(
        "p", tag("strong", "The newest run decided a part alone. "), "Everything was decided by ", way, "."
    )
