"""The answers of the API: JSON, the same as the commands give with ``--format json``."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from phasegate.audit.statements.listing import acts
from phasegate.audit.trail.runs import KeptRun, newest_first
from phasegate.monitoring.history.due import due as due_of
from phasegate.monitoring.history.due import today_by
from phasegate.records.build import to_json
from phasegate.reports.explain.document import parts_document
from phasegate.reports.output import json_text
from phasegate.reports.views.diff import compared_document
from phasegate.reports.views.due import due_document
from phasegate.reports.views.entries import all_document
from phasegate.reports.views.verification import verified_document
from phasegate.rules.errors import PhasegateError
from phasegate.web.api.models import ProjectAnswer, ProjectLink, RunSummary
from phasegate.web.cache import Answer
from phasegate.web.errors import NotThereError
from phasegate.web.links import api
from phasegate.web.pages.compare import compared
from phasegate.web.pages.runs import number

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

MOST = 100
"""So many runs stand in an answer."""
WITHIN = dt.timedelta(days=30)


def _json(document: Any) -> Answer:
    return Answer(json_text(document).encode(), "application/json")


def projects(asked: Asked) -> Answer:
    """The projects that may be read."""
    found: list[ProjectLink] = []
    for each in asked.projects:
        try:
            found.append({"key": each.key, "title": each.title, "address": api(each.key)})
        except PhasegateError as error:
            told = ProjectLink(key=each.key, title=each.key, address=api(each.key), problem=error.message)
            found.append(told)
    return _json({"projects": found})


def project(asked: Asked) -> Answer:
    """A project as it stands."""
    assert asked.project is not None
    head = asked.ledger.head
    try:
        newest: RunSummary | None = summary(asked.run)
    except NotThereError:
        newest = None
    found: ProjectAnswer = {
        "key": asked.key,
        "title": asked.project.title,
        "head": {"origin": head.origin, "size": head.size, "root": base64.b64encode(head.root).decode()},
        "newest": newest,
    }
    return _json(found)


def summary(run: KeptRun) -> RunSummary:
    """A run in short."""
    entry = run.entry
    return {
        "run": run.number,
        "seq": run.seq,
        "as_of": entry["as_of"],
        "kind": entry["kind"],
        "scope": entry["scope"],
        "outcome": entry["outcome"],
        "score": entry["score"],
        "gates": entry.get("gates") or {},
        "record": entry["record"],
        "rules": entry["pack"],
        "envelope": entry["envelope"],
    }


def runs(asked: Asked) -> Answer:
    """Runs, the newest first."""
    before = number(asked, "before")
    most = None if before is None else max(before - 1, 0)
    found = list(islice(newest_first(asked.ledger.log, most), MOST + 1))
    more = found[MOST - 1].number if len(found) > MOST else None
    return _json({"runs": [summary(each) for each in found[:MOST]], "before": more})


def record(asked: Asked) -> Answer:
    """The record of a run, with its rows for who may see them."""
    if not asked.viewer.may_see_evidence(asked.key):
        return Answer(to_json(asked.record).encode(), "application/json")
    asked.looks.append((f"run {asked.run.number}, all", None))
    return Answer(to_json(asked.ledger.record(asked.run)).encode(), "application/json")


def gate(asked: Asked) -> Answer:
    """A gate, and what it rests on."""
    return _json(parts_document(asked.record, "gate", asked.gate()["id"]))


def point(asked: Asked) -> Answer:
    """A point, and what it rests on."""
    return _json(parts_document(asked.record, "point", asked.point()["id"]))


def criterion(asked: Asked) -> Answer:
    """A criterion, and what it rests on."""
    return _json(parts_document(asked.record, "criterion", asked.criterion()["id"]))


def requirement(asked: Asked) -> Answer:
    """A requirement, and what it rests on, with its rows for who may see them."""
    found = asked.requirement()
    return _json(parts_document(asked.with_rows(found), "requirement", found["id"]))


def changes(asked: Asked) -> Answer:
    """What a run decided otherwise than another."""
    found = compared(asked)
    if found is None:
        raise NotThereError("no run is kept yet", "phasegate check makes the first one")
    if found.rows and asked.viewer.may_see_evidence(asked.key):
        asked.looks.append((f"runs {found.before.number} and {found.after.number}", None))
    else:
        found = replace(found, rows={})
    return _json(compared_document(found))


def due(asked: Asked) -> Answer:
    """What ends by itself."""
    log = asked.ledger.log
    return _json(due_document(due_of(log, today_by(log, asked.now), WITHIN)))


def statements(asked: Asked) -> Answer:
    """What stands in the ledger beside runs."""
    return _json({"statements": all_document([], acts(asked.ledger.log, asked.ledger.signers))})


def verification(asked: Asked) -> Answer:
    """How far the verification of the ledger has come."""
    assert asked.project is not None
    told = asked.verifier.ask(asked.project, asked.ledger.head)
    name = asked.ledger.whole.shown.rpartition("/")[2]
    found = verified_document(name, told.found) if told.found is not None else None
    return _json({"done": told.done, "total": told.total, "failed": told.failed, "found": found})
