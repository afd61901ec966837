"""Measures a recorded run again from its sources, and names what is different now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phasegate.facts.model.lacking import lacking_said
from phasegate.records.schema import FactEntry, Record, RowsEntry
from phasegate.records.source_diff import changed_sources
from phasegate.records.time_zone import zone_of
from phasegate.rules.diagnostics.diagnostic import failure
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.project import EVIDENCE_ROWS, Calendar, CycleStart
from phasegate.runs.collect_statements import present
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project


@dataclass(frozen=True, slots=True)
class Remeasured:
    """What became of the sources of a run since.

    Attributes:
        changed: the sources whose content or reading is another one now, with why.
        facts: the facts that are others now: id, recorded and measured value; and likewise the rows
            behind verdicts.
        failed: why nothing could be measured; None where it was.
    """

    changed: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, str], ...]
    failed: str | None = None

    @property
    def same(self) -> bool:
        """Whether everything was found as it was."""
        return not (self.changed or self.facts or self.failed)


def remeasure(record: Record, rules: LoadedPack, project: Path, environ: Mapping[str, str]) -> Remeasured:
    """Measures a run again from its project's sources as they are now.

    The rules, the cycle and the calendar are those of the run; of the project only its sources count.

    Args:
        record: the run as it was kept.
        rules: those of the run.
        project: where the project is looked for.
        environ: the environment.
    """
    try:
        again = _measured(record, rules, project, environ)
    except PhasegateError as error:
        return Remeasured((), (), failure(error))
    changed = changed_sources(record, again["sources"])
    facts = [*_facts(record["facts"], again["facts"]), *_rows(record, again)]
    return Remeasured(tuple(changed), tuple(facts))


def _measured(record: Record, rules: LoadedPack, project: Path, environ: Mapping[str, str]) -> Record:
    loaded = project_then(record, rules, project)
    gate = record["scope"][0] if record["kind"] == "gate" else None
    ids: Sequence[str] = () if gate is not None else record["scope"]
    day = dt.date.fromisoformat(record["as_of"])
    presented = present(loaded, environ, statements=record.get("statements"))
    return evaluate(loaded, day, ids=ids, gate=gate, presented=presented)


def project_then(record: Record, rules: LoadedPack, project: Path) -> LoadedProject:
    """A project with the rules, cycle, calendar and time zone of a run; its sources are those of today.

    Args:
        record: the run as it was kept.
        rules: those of the run.
        project: where the project is looked for.

    Raises:
        PhasegateError: if the project can not be read.
    """
    loaded = ready_project(project)
    then = {
        "cycle": CycleStart.model_validate(record["cycle"]) if record["cycle"] else None,
        "calendar": Calendar.model_validate(record["calendar"]),
        "time_zone": zone_of(record),
        "evidence_rows": _evidence_rows(record, loaded.project.evidence_rows),
    }
    return replace(loaded, project=loaded.project.model_copy(update=then), pack=rules)


def _evidence_rows(record: Record, today: int) -> int:
    """How many rows behind a verdict are read again: as many as its run kept at most, if that shows."""
    rows = record.get("rows", ())
    cut = [each["held"] for each in rows if each["held"] < each["total"]]
    return max(cut) if cut else max(today, EVIDENCE_ROWS, *(each["held"] for each in rows))


def _facts(before: Sequence[FactEntry], after: Sequence[FactEntry]) -> list[tuple[str, str, str]]:
    then, now = ({each["id"]: each for each in facts} for facts in (before, after))
    return [
        (name, _told(then.get(name)), _told(now.get(name)))
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    ]


def _rows(record: Record, again: Record) -> Iterator[tuple[str, str, str]]:
    """The rows behind verdicts that are others now; a record of a version that kept none is left alone."""
    if "rows" not in record:
        return
    then, now = ({each["requirement"]: each for each in one.get("rows", ())} for one in (record, again))
    # Another version of polars may write the same rows as other bytes.
    beside = () if record["versions"] == again["versions"] else ("size", "digest")
    for name in {**then, **now}:
        before, after = (
            {**each, **dict.fromkeys(beside)} if each else None for each in (then.get(name), now.get(name))
        )
        if before != after:
            yield f"rows behind {name}", _rows_told(then.get(name)), _rows_told(now.get(name))


def _rows_told(rows: RowsEntry | None) -> str:
    return f"{rows['total']:,}, {rows['digest'][:14]}" if rows is not None else "none"


def _told(fact: FactEntry | None) -> str:
    if fact is None:
        return "not measured"
    if fact["status"] != "present":
        return f"{fact['status']}: {fact['reason']}"
    if (unsure := fact.get("undetermined")) is None:
        return fact["shown"]
    lacking = [(each["column"], each["rows"]) for each in unsure["lacking"]]
    return f"{fact['shown']} ({lacking_said(unsure['rows'], lacking)})"
