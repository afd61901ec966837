"""The runs of a project, the newest first, by what they decided and how that came out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from phasegate.audit.trail.notification_entries import given_up
from phasegate.audit.trail.runs import KeptRun, newest_first
from phasegate.reports.html.markup import Markup, state, tag, void
from phasegate.reports.text.labels import STATES
from phasegate.reports.text.plain import moment, some
from phasegate.web.cache import Answer
from phasegate.web.errors import BadRequestError
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import Cells, document, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phasegate.web.asked import Asked

MOST, LOOKED_AT = 50, 5_000
"""So many runs stand on a page; of so many those are looked for that a filter leaves."""


def page(asked: Asked) -> Answer:
    """The page of runs."""
    found = list(islice(_found(asked), MOST + 1))
    more = found[MOST - 1].number if len(found) > MOST else None
    told = given_up(asked.ledger.log)
    rows = [_row(asked, run, len(told.get(run.number, ()))) for run in found[:MOST]]
    heads = ("Run", "As of", "Outcome", "What was decided", "Score", "Recorded", "By", "Notes")
    parts = [
        tag("h1", "Runs"),
        _filters(asked),
        table("Runs", "The newest run first.", heads, rows) if rows else tag("p", "No such run is kept."),
        tag("p", link(_again(asked, more), "Older runs")) if more is not None else None,
    ]
    return Answer(document("Runs", *parts, asked=asked, here="runs"))


def number(asked: Asked, name: str) -> int | None:
    """A number that is given; None where none is.

    Raises:
        BadRequestError: if it is no number.
    """
    given = asked.given(name)
    if not given:
        return None
    if not (given.isascii() and given.isdecimal()) or len(given) > 11:
        raise BadRequestError(f"{name} is no number of a run")
    return int(given)


def _found(asked: Asked) -> Iterator[KeptRun]:
    before, kind, outcome = number(asked, "before"), asked.given("kind"), asked.given("outcome")
    most = None if before is None else max(before - 1, 0)
    for run in islice(newest_first(asked.ledger.log, most), LOOKED_AT):
        if kind in ("", run.entry["kind"]) and outcome in ("", run.entry["outcome"]):
            yield run


def _again(asked: Asked, before: int | None) -> str:
    return address(asked.key, "runs", kind=asked.given("kind"), outcome=asked.given("outcome"), before=before)


def _row(asked: Asked, run: KeptRun, untold: int) -> Cells:
    entry, score = run.entry, run.entry["score"]
    scope = some([str(each) for each in entry["scope"]], 3) or "everything"
    what = f"gate {scope}" if entry["kind"] == "gate" else scope
    cells = (
        str(entry["as_of"]),
        state(str(entry["outcome"])),
        what,
        f"{score['passing']:,} of {score['apply']:,}",
        moment(str(run.envelope["recorded_at"])),
        str(run.envelope["evaluator"]),
        f"{untold} messages about it were given up" if untold else "",
    )
    return (link(address(asked.key, "run", run=run.number), f"run {run.number}"), *cells)


def choice(name: str, label: str, options: tuple[tuple[str, str], ...], chosen: str) -> Markup:
    """A filter: one of several."""
    told = [tag("option", said, value=word, selected=word == chosen) for word, said in options]
    return tag("p", tag("label", f"{label} ", tag("select", *told, name=name)))


def _filters(asked: Asked) -> Markup:
    kinds = (("", "all"), ("check", "checks"), ("gate", "decisions of a gate"))
    outcomes = (("", "all"), *((word, sign.word.lower()) for word, sign in STATES.items()))
    return tag(
        "form",
        choice("kind", "Kind", kinds, asked.given("kind")),
        choice("outcome", "Outcome", outcomes, asked.given("outcome")),
        tag(
            "p",
            tag(
                "label",
                "Before run ",
                void("input", type="text", name="before", value=asked.given("before"), size="6"),
            ),
        ),
        tag("p", tag("button", "Show", type="submit")),
        method="get",
        class_="choose",
        aria_label="Which runs",
    )
