"""A feed of changes (Atom, RFC 4287): each run in which a gate was in another state than before."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import TYPE_CHECKING

from phasegate.audit.trail.runs import KeptRun
from phasegate.audit.trail.standing_runs import by_day
from phasegate.reports.html.markup import Markup, joined, tag, void
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label
from phasegate.web.cache import Answer
from phasegate.web.links import page as address

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

MOST = 100
"""So many runs are looked back at."""
_SPACE = uuid.UUID("6f0f0c52-0d3a-5a7e-9a52-2f1c2d4f9a10")
_NEVER = "1970-01-01T00:00:00+00:00"


def feed(asked: Asked) -> Answer:
    """The feed of a project."""
    assert asked.project is not None
    runs = list(islice(by_day(asked.ledger.log, lambda _: True), MOST))
    entries = []
    for place, run in enumerate(runs):
        if turned := _turned(run, runs[place + 1 :]):
            entries.append(_entry(asked, run, turned))
    updated = str(runs[0].envelope["recorded_at"]) if runs else _NEVER
    told = tag(
        "feed",
        tag("title", f"{asked.project.title}: changes"),
        tag("id", _id(asked, "feed")),
        tag("updated", updated),
        tag("author", tag("name", "phasegate")),
        _link(address(asked.key, "feed.atom"), "self"),
        _link(address(asked.key), "alternate"),
        joined(entries),
        xmlns="http://www.w3.org/2005/Atom",
    )
    return Answer(f'<?xml version="1.0" encoding="utf-8"?>\n{told}\n'.encode(), "application/atom+xml")


def _link(where: str, rel: str) -> Markup:
    return Markup(f"{void('link', rel=rel, href=where)[:-1]}/>")


def _id(asked: Asked, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, f'{asked.ledger.head.origin} {asked.key} {name}')}"


def _states(run: KeptRun) -> dict[str, str]:
    found = run.entry.get("gates")
    return {str(name): str(word) for name, word in found.items()} if isinstance(found, dict) else {}


def _turned(run: KeptRun, before: list[KeptRun]) -> list[tuple[str, str | None, str]]:
    """The gates that were in another state in the newest run before that decided them, and in which."""
    found = []
    for name, word in _states(run).items():
        then = next((states[name] for each in before if name in (states := _states(each))), None)
        if then != word and (then is not None or not before):
            found.append((name, then, word))
    return found


def _entry(asked: Asked, run: KeptRun, turned: list[tuple[str, str | None, str]]) -> Markup:
    said = [
        f"{gate_label(name)}: {state_sign(then).word} → {state_sign(word).word}"
        if then is not None
        else f"{gate_label(name)}: {state_sign(word).word}"
        for name, then, word in turned
    ]
    score = run.entry["score"]
    passes = f"{score['passing']:,} of {score['apply']:,} criteria pass"
    about = f"Run {run.number}, as of {run.entry['as_of']}: {passes}."
    return tag(
        "entry",
        tag("title", "; ".join(said)),
        tag("id", _id(asked, f"run {run.number}")),
        tag("updated", str(run.envelope["recorded_at"])),
        _link(address(asked.key, "run", run=run.number), "alternate"),
        tag("summary", about),
    )
