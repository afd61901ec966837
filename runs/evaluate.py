"""A run: from a project and a date to a record, along the one way that the data goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cache
from threading import Thread

from phasegate.audit.trail.project import project_entry, title_of
from phasegate.engine.scope import NOTHING, Scope, for_ids
from phasegate.facts.model.fact import FactSet
from phasegate.facts.model.progress import Progress
from phasegate.records.build import RunInputs
from phasegate.records.definitions import definitions
from phasegate.records.facts import fact_entry, source_entry
from phasegate.records.schema import FactEntry, Record
from phasegate.records.time_zone import zone_entry
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.file_format import FILE_FORMATS
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import CycleStart
from phasegate.rules.model.requirements import measure_of, quantities
from phasegate.rules.version import VERSION
from phasegate.runs.attestations import attested_in, attested_slices, resolve_attestations
from phasegate.runs.collect_statements import Presented, presented_to, project_waivers
from phasegate.runs.open import Prefetch, open_run, scope_of


def evaluate(
    loaded: LoadedProject,
    as_of: dt.date,
    ids: Sequence[str] = (),
    gate: str | None = None,
    progress: Progress | None = None,
    presented: Presented | None = None,
    prefetch: Prefetch | None = None,
    files: dict[str, bytes] | None = None,
) -> Record:
    """Measures, decides twice, reads the rows behind what fails, and puts the record together.

    Args:
        loaded: the project with its pack, free of lint errors.
        as_of: the date for which it is decided.
        ids: what to decide; nothing for everything. See `engine.scope.for_ids`.
        gate: decide one phase's gate instead (or ``programme``), as of today only: the caller
            sees to that.
        progress: hears which source is being read.
        presented: the statements of people that count or were refused; what the project's files say
            by themselves, where it is not given.
        prefetch: opens the sources of this very run already.
        files: takes the files that are kept beside the record, by digest.

    Raises:
        UnknownIdError: if an id names nothing.
        PackError: if the waiver file is malformed.
    """
    pack = loaded.pack.pack
    scope = scope_of(pack, ids, gate)
    if presented is None:  # without a ledger nobody can have signed anything
        presented = presented_to(loaded, project_waivers(loaded), None)
    resolved = resolve_attestations(
        loaded, attested_in(pack, scope), as_of, presented.attestations, not scope.asked
    )
    # While polars reads, Python is idle: time to import what decides.
    engines = Thread(target=_import_engines)
    engines.start()
    begun = prefetch.opened(progress) if prefetch is not None else None
    opened = begun or open_run(loaded, as_of, scope, progress=progress)
    facts = opened.facts(resolved.attestations)
    engines.join()
    from phasegate.records.decide import judge

    project = loaded.project
    inputs = RunInputs(
        kind="check" if gate is None else "gate",
        title=title_of(loaded),
        pack=loaded.pack,
        cycle=_cycle(project.cycle),
        calendar=project.calendar.model_dump(mode="json"),
        sources=[
            source_entry(facts.sources[name], project.sources.get(name)) for name in sorted(facts.sources)
        ],
        scope=scope,
        parameters=quantities(pack),
        versions={**_versions(), **_plugins(loaded, facts)},
        waivers=presented.waivers,
        attestations=resolved.entries,
        approval=presented.approval,
        time_zone=zone_entry(project),
        statements=presented.statements,
        project=project_entry(loaded),
        owners=project.owners,
    )
    from phasegate.runs.evidence_rows import with_rows

    record, kept = with_rows(judge(inputs, facts), opened)
    if files is not None:
        files.update(kept)
    return record


def _import_engines() -> None:
    with suppress(Exception):  # who needs them imports them once more, and hears of it
        _versions()


def measure(
    loaded: LoadedProject,
    as_of: dt.date,
    ids: Sequence[str] = (),
    progress: Progress | None = None,
    presented: Presented | None = None,
) -> list[FactEntry]:
    """Measures what ids name, or everything, and decides nothing.

    Args:
        loaded: the project with its pack, free of lint errors.
        as_of: the date for which it is measured.
        ids: measures, or what `engine.scope.for_ids` takes; nothing for everything, what is there
            for information included. Of a measure that has a slice for each point, only the points
            in scope are returned.
        progress: hears which source is being read.
        presented: the statements of people that count or were refused; none where it is not given.

    Returns:
        The facts by measure and slice.

    Raises:
        UnknownIdError: if an id names nothing.
    """
    pack = loaded.pack.pack
    named = {given for given in ids if given in pack.measures}
    places = [given for given in ids if given not in named]
    scope = for_ids(pack, places) if places or not ids else NOTHING
    if not ids:
        named = {name for name, each in pack.measures.items() if each.for_information}
    found = _measured(loaded, as_of, scope, named, progress, presented).facts
    return [fact_entry(pack, found[key]) for key in sorted(found) if _is_in(pack, scope, named, *key)]


def with_measure(
    record: Record,
    loaded: LoadedProject,
    given: str,
    progress: Progress | None = None,
    presented: Presented | None = None,
) -> Record:
    """A record with the facts of a measure beside it that nothing asks for, so that it can be told of.

    Args:
        record: what was decided.
        loaded: the project, as it was decided.
        given: the id of a fact or measure.
        progress: hears which source is being read.
        presented: the statements of people that count or were refused.

    Returns:
        The record as it is, where that is no measure, or one that it has already.
    """
    pack, project = loaded.pack.pack, loaded.project
    name = measure_of(pack, given.partition("[")[0])
    if name is None or any(measure_of(pack, fact["measure"]) == name for fact in record["facts"]):
        return record
    as_of = dt.date.fromisoformat(record["as_of"])
    found = _measured(loaded, as_of, NOTHING, {name}, progress, presented)
    known = {source["name"] for source in record["sources"]}
    sources = [source_entry(found.sources[each], project.sources.get(each)) for each in sorted(found.sources)]
    facts = [*record["facts"], *(fact_entry(pack, found.facts[key]) for key in sorted(found.facts))]
    named = (fact["measure"] for fact in facts)
    return {
        **record,
        "definitions": definitions(pack, named, as_of, record["cycle"], record["parameters"]),
        "facts": facts,
        "sources": [*record["sources"], *(each for each in sources if each["name"] not in known)],
    }


def _measured(
    loaded: LoadedProject,
    as_of: dt.date,
    scope: Scope,
    named: Collection[str],
    progress: Progress | None,
    presented: Presented | None,
) -> FactSet:
    pack = loaded.pack.pack
    stated = attested_slices(pack, {*named, *(fact for fact, _ in attested_in(pack, scope))})
    resolved = resolve_attestations(
        loaded, stated, as_of, presented.attestations if presented is not None else ()
    )
    return open_run(loaded, as_of, scope, named, progress).facts(resolved.attestations)


def _is_in(pack: Pack, scope: Scope, named: Collection[str], fact: str, part: str) -> bool:
    """Whether a fact was asked for: not the slices of other points than those in scope."""
    measure = measure_of(pack, fact)
    by_point = measure is not None and pack.measures[measure].by == "point"
    return not by_point or measure in named or part in scope.points


def _cycle(cycle: CycleStart | None) -> dict[str, str] | None:
    return {"id": cycle.id, "start": cycle.start.isoformat()} if cycle else None


def _plugins(loaded: LoadedProject, facts: FactSet) -> dict[str, str]:
    """The plugins that the facts of a run rest on, as a record has them among its versions."""
    pack = loaded.pack.pack
    measured = {name for fact, _ in facts.facts if (name := measure_of(pack, fact)) is not None}
    read = [loaded.project.sources.get(name) for name in facts.sources]
    formats = {file.format for file in read if file is not None and file.given is None}
    foreign = [each for each in formats if each is not None and each not in FILE_FORMATS]
    computed = {one.by for name in measured if (one := pack.measures[name].computed) is not None}
    if not foreign and not computed:
        return {}
    from phasegate.rules.loading.plugins import plugin
    from phasegate.rules.model.measure_kinds import KINDS

    found = [
        *(plugin("format", each, tuple(FILE_FORMATS)) for each in sorted(foreign)),
        *(plugin("measure", each, KINDS) for each in sorted(computed)),
    ]
    return {each.key: each.told for each in found}


@cache
def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"phasegate": VERSION, **{name: version(name) for name in ("polars", "durable-rules")}}
