"""What has some words in its id or title, in all projects that one may read; and people by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phasegate.audit.trail.standing_runs import newest_of_everything
from phasegate.reports.html.markup import Markup, parted, state, tag, verdict
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import asked_title, gate_name
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.folding import folded
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.pages.people import listed
from phasegate.web.shell import document, table

if TYPE_CHECKING:
    from phasegate.records.schema import Record
    from phasegate.web.asked import Asked

MOST = 100
"""So many are shown."""


class Found(NamedTuple):
    """Something that was found.

    Attributes:
        rank: 0 where the words are its id, 1 where they are in it, 2 where they are in its title.
        kind: what it is.
        name: its id.
        title: what it is called.
        address: its page.
        sign: how it stands; None of people.
    """

    rank: int
    kind: str
    name: str
    title: str
    address: str
    sign: Markup | None


def page(asked: Asked) -> Answer:
    """The page of what was found."""
    words = folded(asked.given("q").strip())
    parts = [tag("h1", "Search")]
    if not words:
        parts.append(tag("p", "Give a part of an id, a title or a name of a person, in the field above."))
        return Answer(document("Search", *parts, asked=asked))
    unread: list[str] = []
    found: list[tuple[str, Found]] = []
    for project in asked.projects:
        try:
            with asked.of(project) as own:
                found += [(str(own.run.entry["title"]), each) for each in _in(own, words)]
        except PhasegateError as error:
            unread.append(f"{project.key}: {error.message}")
    found.sort(key=lambda each: each[1].rank)
    rows = [
        (link(each.address, parted(each.name)), each.kind, each.sign, each.title, project)
        for project, each in found[:MOST]
    ]
    many = counted(len(found), "place")
    more = f", of which the first {MOST} are shown" if len(found) > MOST else ""
    parts.append(tag("p", f"{many} with “{asked.given('q').strip()}”{more}."))
    if rows:
        heads = ("Id", "Kind", "Standing", "Title", "Project")
        parts.append(table("Found", "By the newest run of each project.", heads, rows))
    parts += [tag("p", f"Not searched: {each}", class_="error") for each in unread]
    return Answer(document("Search", *parts, asked=asked))


def _in(own: Asked, words: str) -> Iterator[Found]:
    for kind, name, title, sign in _things(own):
        rank = _rank(words, name, title)
        if rank is not None:
            yield Found(rank, kind, name, title, address(own.key, kind, id=name), sign)
    if own.viewer.may_read_whole(own.key):
        for each in listed(own):
            if (rank := _rank(words, each.name, ", ".join(each.roles))) is not None:
                found = address(own.key, "people", who=each.name)
                yield Found(rank, "person", each.name, ", ".join(each.roles), found, None)


def _rank(words: str, name: str, title: str) -> int | None:
    own = folded(name)
    if words == own:
        return 0
    return 1 if words in own else 2 if words in folded(title) else None


def _things(own: Asked) -> Iterator[tuple[str, str, str, Markup]]:
    """What the newest run decided, and what else the newest one did that decided everything."""
    told: set[tuple[str, str]] = set()
    for record in _records(own):
        for thing in _of(record):
            if thing[:2] not in told:
                told.add(thing[:2])
                yield thing


def _records(own: Asked) -> Iterator[Record]:
    yield own.record
    whole = None if own.run.whole else newest_of_everything(own.ledger.log)
    if whole is not None:
        yield own.record_of(own.ledger.run(str(whole.number)))


def _of(record: Record) -> Iterator[tuple[str, str, str, Markup]]:
    facts = {each["id"]: each for each in record["facts"]}
    for gate in record["gates"]:
        yield "gate", gate["id"], gate_name(gate), state(gate["state"])
    for point in record["points"]:
        yield "point", point["id"], point["title"], verdict(point["verdict"])
    for criterion in record["criteria"]:
        yield "criterion", criterion["id"], criterion["text"], verdict(criterion["verdict"])
    for each in record["requirements"]:
        yield "requirement", each["id"], asked_title(each, facts[each["fact"]]), verdict(each["verdict"])
