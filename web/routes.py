"""Every address that is answered: what it shows, what must be allowed for it, and by which parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phasegate.reports.output import json_text
from phasegate.web.api import answers, badge, feed, openapi
from phasegate.web.asked import EVERYTHING
from phasegate.web.cache import Answer
from phasegate.web.links import API
from phasegate.web.pages import (
    compare,
    criterion,
    downloads,
    evidence,
    gate,
    notifications,
    people,
    point,
    portfolio,
    project,
    requirement,
    run,
    runs,
    schedules,
    search,
    verification,
    whole_report,
)
from phasegate.web.permission import Needs
from phasegate.web.style import style_sheet

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

OF_PROJECT = "/p/{project}"
API_PROJECT = f"{API}/projects/{{project}}"


@dataclass(frozen=True, slots=True)
class Page:
    """One address.

    Attributes:
        path: its path, with ``{project}`` where the key of one stands.
        render: makes the answer.
        needs: what must be allowed for it.
        query: the parameters that it knows; what else an address has is passed over.
        held: whether its answer is the same as long as the head of its ledger and the day are.
        seeks: of which kind the id is that it is about, or everything; None where it is about no one thing.
    """

    path: str
    render: Callable[[Asked], Answer]
    needs: Needs
    query: tuple[str, ...] = ()
    held: bool = True
    seeks: str | None = None


def _document(_: Asked) -> Answer:
    """The OpenAPI document."""
    return Answer(json_text(openapi.openapi(api_queries())).encode(), "application/json")


_ID, _RUN = ("id",), ("id", "run")
_WHOLE, _PART, _NOTHING, _EACH = Needs.WHOLE, Needs.PART, Needs.NOTHING, Needs.EACH
PAGES: tuple[Page, ...] = (
    Page("/", portfolio.page, _EACH, held=False),
    Page("/search", search.page, _EACH, ("q",), held=False),
    Page("/style.css", style_sheet, _NOTHING),
    Page(f"{OF_PROJECT}/", project.page, _PART, seeks=EVERYTHING),
    Page(f"{OF_PROJECT}/gate", gate.page, _WHOLE, _RUN, seeks="gate"),
    Page(f"{OF_PROJECT}/point", point.page, _PART, _RUN, seeks="point"),
    Page(f"{OF_PROJECT}/criterion", criterion.page, _PART, _RUN, seeks="criterion"),
    Page(f"{OF_PROJECT}/requirement", requirement.page, _PART, _RUN, seeks="requirement"),
    Page(f"{OF_PROJECT}/evidence", evidence.page, _PART, _RUN, seeks="requirement"),
    Page(f"{OF_PROJECT}/rows", downloads.rows, _PART, _RUN, seeks="requirement"),
    Page(f"{OF_PROJECT}/run", run.page, _WHOLE, ("run",)),
    Page(f"{OF_PROJECT}/filters.css", whole_report.filters, _WHOLE, ("run",)),
    Page(f"{OF_PROJECT}/runs", runs.page, _WHOLE, ("kind", "outcome", "before")),
    Page(f"{OF_PROJECT}/compare", compare.page, _WHOLE, ("before", "after")),
    Page(f"{OF_PROJECT}/people", people.page, _WHOLE, ("who", "kind")),
    Page(f"{OF_PROJECT}/schedules", schedules.page, _WHOLE, held=False),
    Page(f"{OF_PROJECT}/notifications", notifications.page, _WHOLE),
    Page(f"{OF_PROJECT}/verification", verification.page, _WHOLE, held=False),
    Page(f"{OF_PROJECT}/proof", downloads.proof, _PART, _RUN),
    Page(f"{OF_PROJECT}/report", downloads.report, _WHOLE, ("run", "format")),
    Page(f"{OF_PROJECT}/feed.atom", feed.feed, _WHOLE),
    Page(f"{OF_PROJECT}/badge.svg", badge.badge, _WHOLE, _ID, seeks="gate"),
    Page(f"{API}/openapi.json", _document, _NOTHING),
    Page(f"{API}/projects", answers.projects, _EACH, held=False),
    Page(API_PROJECT, answers.project, _WHOLE),
    Page(f"{API_PROJECT}/runs", answers.runs, _WHOLE, ("before",)),
    Page(f"{API_PROJECT}/record", answers.record, _WHOLE, ("run",)),
    Page(f"{API_PROJECT}/gate", answers.gate, _WHOLE, _RUN, seeks="gate"),
    Page(f"{API_PROJECT}/point", answers.point, _PART, _RUN, seeks="point"),
    Page(f"{API_PROJECT}/criterion", answers.criterion, _PART, _RUN, seeks="criterion"),
    Page(f"{API_PROJECT}/requirement", answers.requirement, _PART, _RUN, seeks="requirement"),
    Page(f"{API_PROJECT}/changes", answers.changes, _WHOLE, ("before", "after")),
    Page(f"{API_PROJECT}/due", answers.due, _WHOLE),
    Page(f"{API_PROJECT}/statements", answers.statements, _WHOLE),
    Page(f"{API_PROJECT}/verification", answers.verification, _WHOLE, held=False),
)


def api_queries() -> dict[str, tuple[str, ...]]:
    """The parameters that each address of the API takes, by its path."""
    return {each.path: each.query for each in PAGES if each.path.startswith(API)}
