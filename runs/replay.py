"""Decides a recorded run again, from its facts and under its rules or under others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from phasegate.audit.signing.canonical_json import alike
from phasegate.engine.scope import for_gate, for_ids
from phasegate.records.build import RunInputs
from phasegate.records.decide import judge
from phasegate.records.editions import TODAY, edition_of
from phasegate.records.facts import recorded_facts
from phasegate.records.schema import CriterionEntry, PointEntry, Record
from phasegate.records.waivers import as_under, presented_waiver
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.requirements import quantities
from phasegate.runs.unspoken import Spoken, spoken


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a replay decides otherwise.

    Attributes:
        what: ``criterion``, ``point``, ``gate`` or ``outcome``.
        id: which.
        recorded, replayed: the verdicts; ``none`` where it was not decided.
        why: the reason that the replay gives, empty where there is none.
    """

    what: str
    id: str
    recorded: str
    replayed: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay.

    Attributes:
        record: what was decided now.
        same_bytes: whether it is the recorded document, byte for byte.
        differences: where the two decide otherwise.
        wording: the places where only words differ, as paths into the record.
        unspoken: the measures of other rules of which the recorded facts say nothing, each with why.
        older: the schema whose rules decided, where it is not today's: no version writes the same bytes then.
    """

    record: Record
    same_bytes: bool
    differences: tuple[Difference, ...]
    wording: tuple[str, ...]
    older: str | None = None
    unspoken: tuple[tuple[str, str], ...] = ()


def replay(record: Record, rules: LoadedPack) -> Replayed:
    """Decides the recorded facts again: by durable-rules, and by an evaluation that the run did without.

    What has been decided otherwise since is decided as the schema of the record has it.

    Args:
        record: the run as it was kept.
        rules: the rules to decide by: the run's own, or others. A fact that others ask for and the
            run did not measure, or measured in another way, is an error.

    Raises:
        UnknownIdError: if other rules do not have what the run decided.
    """
    own = rules.is_named(record["pack"]["digest"])
    said = Spoken(record["facts"], ()) if own else spoken(record, rules)
    facts = recorded_facts(record["as_of"], said.facts)
    # Only the two that did not agree can be found to disagree again.
    again = judge(inputs_of(record, rules), facts, plainly=not record["disagreements"])
    if own and "rows" in record:
        again["rows"] = record["rows"]  # read from the sources, which a replay has not
    same = alike(record, again)
    differences = () if same else tuple(_differences(record, again))
    wording = () if same else tuple(_paths(record, again, ""))
    edition = edition_of(record)
    older = None if edition is TODAY else edition.record
    return Replayed(again, same, differences, wording, older, said.unspoken)


def inputs_of(record: Record, rules: LoadedPack) -> RunInputs:
    """What a record is about, so that it can be decided again.

    Args:
        record: the run.
        rules: its own rules, or others.
    """
    pack, asked = rules.pack, record["scope"]
    own = rules.is_named(record["pack"]["digest"])
    waivers = tuple(presented_waiver(entry) for entry in record["waivers"])
    if not own:  # what was granted under the recorded rules counts under the others too
        waivers = as_under(waivers, record["pack"]["digest"], rules.digest)
    return RunInputs(
        kind=record["kind"],
        title=record["title"],
        pack=rules,
        cycle=record["cycle"],
        calendar=record["calendar"],
        sources=record["sources"],
        scope=for_gate(pack, asked[0]) if record["kind"] == "gate" else for_ids(pack, asked),
        parameters=quantities(pack),
        versions=record["versions"],
        waivers=waivers,
        attestations=record["attestations"],
        approval=record["approval"],
        time_zone=record.get("time_zone"),
        edition=edition_of(record),
        statements=record.get("statements"),
        project=record.get("project"),
        based="basis" in record,
        owners=record.get("owners", {}),
        planned=any("weeks" in gate for gate in record["gates"]),
    )


def _differences(recorded: Record, replayed: Record) -> Iterator[Difference]:
    why = {each["criterion"]: each["reason"] for each in reversed(replayed["requirements"])}
    pairs = [
        ("criterion", _verdicts(recorded["criteria"]), _verdicts(replayed["criteria"])),
        ("point", _verdicts(recorded["points"]), _verdicts(replayed["points"])),
        ("gate", _states(recorded), _states(replayed)),
        ("outcome", {"run": recorded["outcome"]}, {"run": replayed["outcome"]}),
    ]
    for what, before, after in pairs:
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                yield Difference(
                    what, name, before.get(name, "none"), after.get(name, "none"), why.get(name, "")
                )


def _verdicts(entries: Sequence[CriterionEntry] | Sequence[PointEntry]) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in entries}


def _states(record: Record) -> dict[str, str]:
    return {each["id"]: each["state"] for each in record["gates"]}


def _paths(recorded: Any, replayed: Any, path: str) -> Iterator[str]:
    """Where two documents differ."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for key in sorted({*recorded, *replayed}):
            yield from _paths(recorded.get(key), replayed.get(key), f"{path}.{key}" if path else key)
    elif isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        for place, (before, after) in enumerate(zip(recorded, replayed, strict=True)):
            yield from _paths(before, after, f"{path}[{place}]")
    elif recorded != replayed:
        yield path
