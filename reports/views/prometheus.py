"""What a scheduler knows, as metrics in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from phasegate.audit.trail.project import title_of
from phasegate.monitoring.schedules.current_state import CurrentState
from phasegate.reports.text.labels import STATES, VERDICTS

if TYPE_CHECKING:
    from phasegate.monitoring.schedules.current_state import ScheduledRun
    from phasegate.monitoring.schedules.due_runs import DueRun
    from phasegate.rules.loading.project import LoadedProject

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, int]]
DAY = 86_400
"""Seconds; what collectors take for the one unit of time."""


def metrics_text(
    now: dt.datetime | None,
    loaded: LoadedProject,
    made: Mapping[str, ScheduledRun],
    failed: Collection[str],
    coming: Sequence[DueRun],
) -> str:
    """The metrics, for a file or a page that a collector reads.

    Args:
        now: the moment of this pass; None before the first one.
        loaded: the project.
        made: the newest run of each schedule that has any.
        failed: the schedules whose newest run came to no verdict.
        coming: when each schedule is due next.
    """
    project, cycle = loaded.project, loaded.project.cycle
    # On every series: one host has several projects, and one collector reads the files of all of them.
    whose = {
        "project": project.id if project.id is not None else title_of(loaded),
        "cycle": cycle.id if cycle is not None else "",
    }
    samples: Iterator[tuple[str, str, Samples]] = chain(
        _of_schedules(now, made, failed, coming), _of_state(CurrentState(loaded, made.values()))
    )
    return "".join(metric(name, about, whose, found) for name, about, found in samples)


def _of_schedules(
    now: dt.datetime | None,
    made: Mapping[str, ScheduledRun],
    failed: Collection[str],
    coming: Sequence[DueRun],
) -> Iterator[tuple[str, str, Samples]]:
    yield (
        "phasegate_heartbeat_timestamp_seconds",
        "When everything due had been looked at.",
        [({}, seconds(now))] if now is not None else [],
    )
    yield (
        "phasegate_schedule_failed",
        "Whether the newest run of a schedule came to no verdict.",
        [({"schedule": name}, int(name in failed)) for name in dict.fromkeys([*made, *sorted(failed)])],
    )
    yield (
        "phasegate_schedule_made_timestamp_seconds",
        "The moment for which the newest run of a schedule was made.",
        [({"schedule": name}, seconds(run.due.at)) for name, run in made.items()],
    )
    yield (
        "phasegate_schedule_next_timestamp_seconds",
        "When a schedule is due next.",
        [({"schedule": due.name}, seconds(due.at)) for due in coming],
    )


def _of_state(state: CurrentState) -> Iterator[tuple[str, str, Samples]]:
    if state.as_of is None:
        return
    yield (
        "phasegate_as_of_timestamp_seconds",
        "The day that the newest run decided.",
        [({}, day_seconds(state.as_of))],
    )
    yield (
        "phasegate_gate_state",
        "1 for the state that a gate is in, 0 for all others.",
        [
            ({"gate": name, "state": each}, int(gate.entry["state"] == each))
            for name, gate in state.gates.items()
            for each in dict.fromkeys([*STATES, gate.entry["state"]])
        ],
    )
    yield (
        "phasegate_gate_as_of_timestamp_seconds",
        "The day for which a gate was decided last.",
        [({"gate": name}, day_seconds(gate.as_of)) for name, gate in state.gates.items()],
    )
    yield (
        "phasegate_gate_overdue_seconds",
        "For how long a phase was overdue when it was decided last, 0 where it was not.",
        [
            ({"gate": name}, gate.overdue_days * DAY)
            for name, gate in state.gates.items()
            if gate.overdue_days is not None
        ],
    )
    verdicts = Counter(each["verdict"] for each in state.criteria if each["enforcement"] != "advisory")
    yield (
        "phasegate_criteria",
        "How many criteria that count have a verdict, each as it was decided last.",
        [({"verdict": verdict}, verdicts[verdict]) for verdict in dict.fromkeys([*VERDICTS, *verdicts])],
    )
    score = {
        "apply": verdicts.total() - verdicts["not_applicable"],
        "passing": verdicts["pass"],
        "passing_with_waivers": verdicts["pass"] + verdicts["waived"],
    }
    yield (
        "phasegate_score",
        "Criteria that apply, that pass, and that pass or are waived.",
        [({"of": name}, number) for name, number in score.items()],
    )


def day_seconds(as_of: str) -> int:
    """A day as its first second in UTC."""
    return seconds(dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(), dt.UTC))


def seconds(moment: dt.datetime) -> int:
    """A moment as collectors take it."""
    return int(moment.timestamp())


def metric(name: str, about: str, whose: Labels, samples: Samples) -> str:
    """A metric with its samples; nothing without any.

    Args:
        name: of the metric.
        about: what it says.
        whose: the labels that all samples have.
        samples: the further labels of each, and its value.
    """
    lines = [f"{name}{_labels({**whose, **labels})} {value}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {about}", f"# TYPE {name} gauge", *lines, ""]) if lines else ""


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}"


def _escaped(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
