"""A run as the HTML report tells it, with the ways to all that a server has beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.audit.trail.standing_runs import by_day
from phasegate.monitoring.history.beside import beside
from phasegate.records.time_zone import zone_of
from phasegate.reports.formats.html import body
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.html.markup import Markup, joined, state, tag
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label
from phasegate.rules.values.time_zones import day_of
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import document, lead, small

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import KeptRun
    from phasegate.records.schema import Record
    from phasegate.reports.report import Report
    from phasegate.web.asked import Asked

FILES = ("html", "json", "markdown", "csv", "junit", "sarif", "oscal")
"""The formats that a run can be had in as a file."""


def whole_report(asked: Asked, here: str | None) -> Answer:
    """The page of a run, without the rows behind its verdicts: each requirement has a page with these.

    Args:
        asked: what is asked for.
        here: its name among the pages of the project.
    """
    shown, _ = body(told(asked, asked.record))
    sign = state_sign(asked.record["outcome"])
    title = f"{sign.word}: {asked.record['title']}, as of {asked.record['as_of']}"
    rules = address(asked.key, "filters.css", run=asked.run.number)
    beside_it = [each for each in (lead(asked) or _decided_since(asked), _of_another_day(asked)) if each]
    told_first = tag("aside", *beside_it, aria_label="Which run this is") if beside_it else None
    parts = [told_first, _ways(asked), shown]
    return Answer(document(title, *parts, asked=asked, here=here, framed=False, style=rules))


def told(asked: Asked, record: Record) -> Report:
    """A run as the report in HTML tells it, with what its ledger knows beside."""
    known = beside(asked.ledger.log, asked.run, asked.ledger.record(asked.run), asked.told)
    return replace(asked.report_of(record), past=asked.past, beside=known)


def filters(asked: Asked) -> Answer:
    """The rules of style by which the page of a run is filtered."""
    _, rules = body(told(asked, asked.record))
    return Answer(rules.encode(), "text/css; charset=utf-8")


def _of_another_day(asked: Asked) -> Markup | None:
    """That the newest run is not of today, so that it does not say how things stand now."""
    as_of = str(asked.run.entry["as_of"])
    today = day_of(asked.now, zone_of(asked.run.entry)).isoformat()
    if asked.run_given is not None or as_of == today:
        return None
    said = f"The newest run is as of {as_of}, and today is {today}. "
    way = link("/", "How its gates stand today")
    rest = ", by what has ended since, stands on the first page and on the page of each gate."
    return tag("p", tag("strong", said), way, rest, class_="past")


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
    listed = tag("ul", joined([*gates, *before, proof, *files]))
    return tag(
        "nav", small("Gates, files and the proof of this run", listed), aria_label="This run", class_="pages"
    )


def _decided_since(asked: Asked) -> Markup | None:
    """Which gates were decided by themselves after the run of everything that the page tells of."""
    if not asked.run.whole:
        return None
    since: dict[str, KeptRun] = {}
    for run in by_day(asked.ledger.log, lambda run: run.entry["kind"] == "gate"):
        if (str(run.entry["as_of"]), run.number) < (str(asked.run.entry["as_of"]), asked.run.number):
            break
        for name in run.entry["scope"]:
            since.setdefault(str(name), run)
    told = [
        joined([" ", link(address(asked.key, "gate", id=name), gate_label(name)), " ", state(outcome), by])
        for name, run in since.items()
        for outcome, by in [(str(run.entry["outcome"]), f", by run {run.number} as of {run.entry['as_of']}.")]
    ]
    return tag("p", tag("strong", "Decided since:"), *told, class_="past") if told else None
