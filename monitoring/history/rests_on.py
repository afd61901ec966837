"""Why a fact is another one than in an earlier run: the parts that it rests on and that are others now.

Where exactly one of them is, that is why. Where several are, what was kept does not tell which: the rows of
then can not be counted anew. They are named together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from phasegate.monitoring.history.exchanged import DecidedRequirement
from phasegate.records.basis.parts import Parts
from phasegate.records.basis.resettled import parts_of
from phasegate.records.schema import Record, SourceEntry
from phasegate.records.source_diff import changed_source, is_read_otherwise
from phasegate.records.time_zone import zone_of
from phasegate.rules.model.reading import PLACES

Kind = Literal[
    "rule", "data", "waiver", "attestation", "approval", "time", "cycle", "software", "unexplained"
]


class Cause(NamedTuple):
    """Why something is another way than before.

    Attributes:
        kind: what changed.
        said: what about it, as a clause.
        source: the source that changed, where it is one.
        one_of: whether it is one of several that may be it, and what was kept does not tell which.
    """

    kind: Kind
    said: str
    source: str | None = None
    one_of: bool = False


def fact_changes(before: DecidedRequirement, after: DecidedRequirement) -> list[Cause]:
    """What can be behind it that another thing was counted.

    Args:
        before: the requirement in the earlier run.
        after: and in the later one.
    """
    return of_measure(before.record, after.record, after.fact["measure"], before, after)


def of_measure(
    then: Record,
    now: Record,
    measure: str,
    before: DecidedRequirement | None = None,
    after: DecidedRequirement | None = None,
) -> list[Cause]:
    """The parts behind a measure's facts that are others now.

    Args:
        then: the earlier record.
        now: the later one.
        measure: as facts name it.
        before: the fact in the one, where both have it.
        after: and in the other.
    """
    old, new = (parts_of(record, measure) for record in (then, now))
    if old is None or new is None:
        found = list(_without_basis(then, now, before, after))
    else:
        found = [*_rules(then, now, old, new), *_tables(then, now, old, new), *_zone(then, now, old, new)]
        found += _cycle(then, now, new)
        if _day_counts(then, now, new, after, bool(found)):
            found.append(_day(then, now, new.get("day") == "read", alone=not found))
        else:
            found += _days_of_contracts(then, now, new)
    found = found or software(then, now)
    return [each._replace(one_of=len(found) > 1) for each in found]


def _rules(then: Record, now: Record, old: Parts, new: Parts) -> list[Cause]:
    """The rules that are others. What one side alone rests on follows from other parts, if any changed."""
    both = list(_of_parts(then, now, old, new, sorted({*old} & {*new})))
    return both or list(_of_parts(then, now, old, new, sorted({*old} ^ {*new})))


def _of_parts(then: Record, now: Record, old: Parts, new: Parts, parts: Sequence[str]) -> Iterator[Cause]:
    differing = {part for part in parts if old.get(part) != new.get(part)}
    for part in sorted(differing):
        kind, _, name = part.partition(" ")
        if kind == "measure":
            yield Cause("rule", f"{name} is measured in another way")
        elif kind == "min_rows" and name:
            was, is_ = (each.get(part, "none") for each in (old, new))
            yield Cause("rule", f"{name} took {was} rows, and takes {is_} now")
        elif (
            kind == "contract" and f"checks {name}" in differing
        ):  # else the measure reads other columns of it
            yield Cause("rule", f"the contract of {name} reads its columns in another way")
        elif kind == "derived":
            source, _, column = name.partition(" ")
            yield Cause("rule", f"{column} of {source} is derived in another way")
        elif kind == "checks" and f"contract {name}" not in differing and _broke(then, now, name):
            yield Cause("rule", f"the contract of {name} asks for something else")
        elif kind == "parameter":
            was, is_ = (each.get(part, "not used") for each in (old, new))
            yield Cause("rule", f"the parameter {name} was {was} and is {is_}")
        elif kind == "calendar" and kind in old and kind in new:
            yield Cause("rule", "the calendar of business days is another one")


def _broke(then: Record, now: Record, source: str) -> bool:
    """Whether a table is usable in one run alone, or unusable for another reason."""
    states = [
        [(each["status"], each["reason"]) for each in record["sources"] if each["name"] == source]
        for record in (then, now)
    ]
    return states[0] != states[1]


def _tables(then: Record, now: Record, old: Parts, new: Parts) -> Iterator[Cause]:
    """The tables of other rows, or that are read instead of others; one that came or went is a rule's."""
    was, is_ = ([part.partition(" ")[2] for part in side if part.startswith("table ")] for side in (old, new))
    for name in sorted({*was} & {*is_}):
        yield from _table(then, now, name)
    gone, come = ([each for each in one if each not in other] for one, other in ((was, is_), (is_, was)))
    if gone and come and not _same_tables([(then, each) for each in gone], [(now, each) for each in come]):
        for name in come:
            yield Cause("data", f"{name}: it is read instead of {', '.join(gone)}", name)


def _same_tables(*sides: Sequence[tuple[Record, str]]) -> bool:
    """Whether tables of other names have the same rows."""
    digests = [
        [source and source["digest"] for source in (_source(*each) for each in side)] for side in sides
    ]
    return None not in digests[0] and sorted(map(str, digests[0])) == sorted(map(str, digests[1]))


def _table(then: Record, now: Record, name: str) -> Iterator[Cause]:
    old, new = (_source(record, name) for record in (then, now))
    if (old is None and new is None) or (old and new and _same_rows(old, new)):
        return
    way = old is not None and new is not None and is_read_otherwise(old, new)
    yield Cause("rule" if way else "data", f"{name}: {changed_source(old, new)}", name)


def _source(record: Record, name: str) -> SourceEntry | None:
    return next((each for each in record["sources"] if each["name"] == name), None)


def _same_rows(old: SourceEntry, new: SourceEntry) -> bool:
    """Whether two runs read the same rows of a source, in whatever order, form and place they stood."""
    if ({*old["columns"]}, old["complete"]) != ({*new["columns"]}, new["complete"]):
        return False
    content = old.get("content")
    if content is not None and content == new.get("content"):
        return True
    ways = [{key: each for key, each in one["reading"].items() if key not in PLACES} for one in (old, new)]
    if ways[0] != ways[1]:
        return False
    if old["digest"] == new["digest"]:
        return old["digest"] is not None or old["reason"] == new["reason"]
    files = [sorted(one["files"].values()) for one in (old, new)]
    logs = [one.get("table", {}).get("log") for one in (old, new)]
    return bool(files[0]) and files[0] == files[1] and logs[0] == logs[1]


def zone_changes(then: Record, now: Record) -> Iterator[Cause]:
    """The time zone whose days count, where it is another one."""
    if zone_of(then) != zone_of(now):
        yield Cause("rule", f"days were those of {zone_of(then)}, and are those of {zone_of(now)}")


def _zone(then: Record, now: Record, old: Parts, new: Parts) -> Iterator[Cause]:
    """The time zone, where a column that is read has days or moments, or one may have broken a table."""
    tables = (part.partition(" ")[2] for part in {*old, *new} if part.startswith("table "))
    if "zone" in old or "zone" in new or any(_broke(then, now, name) for name in tables):
        yield from zone_changes(then, now)


def _cycle(then: Record, now: Record, new: Parts) -> Iterator[Cause]:
    if "cycle" not in new:
        return
    old_cycle, cycle = then["cycle"], now["cycle"]
    if (old_cycle or {}).get("start") == (cycle or {}).get("start"):
        return
    older = "what is older does not count"
    if cycle is None:
        yield Cause("cycle", "the project names no cycle any more")
    elif old_cycle is None:
        yield Cause("cycle", f"it names the cycle {cycle['id']}, which begins on {cycle['start']}: {older}")
    elif old_cycle["id"] == cycle["id"]:
        said = f"the cycle {cycle['id']} began on {old_cycle['start']}, and begins on {cycle['start']} now"
        yield Cause("cycle", f"{said}: {older}")
    else:
        said = f"the cycle was {old_cycle['id']}, and is {cycle['id']}, from {cycle['start']}"
        yield Cause("cycle", f"{said}: {older}")


def _day_counts(then: Record, now: Record, new: Parts, after: DecidedRequirement | None, more: bool) -> bool:
    """Whether another day can have made another fact of the same rules."""
    if then["as_of"] == now["as_of"]:
        return False
    starts = [(record["cycle"] or {}).get("start") for record in (then, now)]
    begun = [
        start is not None and start <= each["as_of"] for start, each in zip(starts, (then, now), strict=True)
    ]
    if "cycle" in new and begun[0] != begun[1] and starts[0] == starts[1]:
        return True
    how = new.get("day")
    if how is None or how == "read":
        return how is not None
    in_force = [
        {each["name"]: (each["digest"], each["rows_in_force"]) for each in record["sources"]}
        for record in (then, now)
    ]
    read = [part.partition(" ")[2] for part in new if part.startswith("table ")]
    if all(in_force[0].get(name) == in_force[1].get(name) for name in read):
        return False  # the same rows were there on both days
    if not more:
        return True
    # Nothing that counts happened after the earlier day: that day would have left none of it out.
    newest = after.fact["newest"] if after is not None else None
    return how != "event" or newest is None or newest > min(then["as_of"], now["as_of"])


def _day(then: Record, now: Record, reads: bool, *, alone: bool) -> Cause:
    sources = "the same sources, " if alone else ""
    said = "its measure reads the day" if reads else "what is dated after the day does not count"
    return Cause("time", f"{sources}as of {now['as_of']} and not {then['as_of']}: {said}")


def _days_of_contracts(then: Record, now: Record, new: Parts) -> Iterator[Cause]:
    """The tables of which the same rows fulfil their contract on one day alone: none may lie ahead of it."""
    if then["as_of"] == now["as_of"]:
        return
    for name in (part.partition(" ")[2] for part in new if part.startswith("table ")):
        old_source, new_source = (_source(record, name) for record in (then, now))
        if old_source and new_source and _same_rows(old_source, new_source) and _broke(then, now, name):
            said = f"{name}: the same rows, as of {now['as_of']} and not {then['as_of']}"
            yield Cause("time", f"{said}: its contract reads the day")


def _without_basis(
    then: Record, now: Record, before: DecidedRequirement | None, after: DecidedRequirement | None
) -> Iterator[Cause]:
    """What can be behind it by a record that does not say what its facts rest on."""
    if then["pack"]["digest"] != now["pack"]["digest"]:
        yield Cause("rule", "the rules are others; which of them this fact rests on was not kept")
    facts = [each.fact for each in (before, after) if each is not None]
    named = {name for fact in facts for name in fact["sources"]}
    named = named or {each["name"] for record in (then, now) for each in record["sources"]}
    for name in sorted(named):
        yield from _table(then, now, name)
    if then["calendar"] != now["calendar"]:
        yield Cause("rule", "the calendar of business days is another one")
    yield from zone_changes(then, now)
    yield from _cycle(then, now, {"cycle": ""})
    if then["as_of"] != now["as_of"]:
        yield _day(then, now, reads=False, alone=False)


def software(then: Record, now: Record) -> list[Cause]:
    """The versions that are others, where nothing else is."""
    old, new = then["versions"], now["versions"]
    told = [
        f"{name} {old.get(name, 'none')} then, {new.get(name, 'none')} now"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    return [Cause("software", ", ".join(told))] if told else []
