"""What a scheduler knows, as metrics in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from phasegate.records.overdue import overdue
from phasegate.reports.text.labels import STATES, VERDICTS

if TYPE_CHECKING:
    from phasegate.monitoring.schedules.due_runs import DueRun
    from phasegate.monitoring.schedules.scheduler import Ran
    from phasegate.records.overdue import Weeks
    from phasegate.records.schema import Record

NO_WEEKS: Weeks = MappingProxyType({})
Sample = tuple[Mapping[str, str], int | float]


def metrics_text(
    now: dt.datetime | None,
    newest: Mapping[str, Ran],
    coming: Sequence[DueRun],
    record: Record | None,
    weeks: Weeks = NO_WEEKS,
) -> str:
    """The metrics, for a file or a page that a collector reads.

    Args:
        now: the moment of this pass; None before the first one.
        newest: of each schedule the newest run that this scheduler made or tried.
        coming: when each schedule is due next.
        record: the newest record; None where none was made yet.
        weeks: the last week of each phase by the rules of that record, as far as they are known.
    """
    parts = [
        _metric(
            "phasegate_heartbeat_timestamp_seconds",
            "When everything due had been looked at.",
            [({}, _at(now))] if now is not None else [],
        ),
        _metric(
            "phasegate_schedule_failed",
            "Whether the newest run of a schedule came to no verdict.",
            [({"schedule": name}, int(ran.error is not None)) for name, ran in newest.items()],
        ),
        _metric(
            "phasegate_schedule_made_timestamp_seconds",
            "The moment for which the newest run of a schedule was made.",
            [
                ({"schedule": name}, _at(ran.due.at))
                for name, ran in newest.items()
                if ran.due is not None and ran.error is None
            ],
        ),
        _metric(
            "phasegate_schedule_next_timestamp_seconds",
            "When a schedule is due next.",
            [({"schedule": due.name}, _at(due.at)) for due in coming],
        ),
        *(_of_record(record) if record is not None else ()),
        *(_of_phases(record, weeks) if record is not None else ()),
    ]
    return "".join(parts)


def _of_record(record: Record) -> Iterator[str]:
    day = dt.datetime.combine(dt.date.fromisoformat(record["as_of"]), dt.time(), dt.UTC)
    yield _metric(
        "phasegate_as_of_timestamp_seconds", "The day that the newest run decided.", [({}, _at(day))]
    )
    yield _metric(
        "phasegate_gate_state",
        "1 for the state that a gate is in, 0 for all others.",
        [
            ({"gate": gate["id"], "state": state}, int(gate["state"] == state))
            for gate in record["gates"]
            for state in dict.fromkeys([*STATES, gate["state"]])
        ],
    )
    verdicts = Counter(each["verdict"] for each in record["criteria"] if each["enforcement"] != "advisory")
    yield _metric(
        "phasegate_criteria",
        "How many criteria that count have a verdict.",
        [({"verdict": verdict}, verdicts[verdict]) for verdict in dict.fromkeys([*VERDICTS, *verdicts])],
    )
    score = record["score"]
    yield _metric(
        "phasegate_score",
        "Criteria that apply, that pass, and that pass or are waived.",
        [({"of": name}, number) for name, number in score.items() if isinstance(number, int)],
    )


def _of_phases(record: Record, weeks: Weeks) -> Iterator[str]:
    if record["cycle"]:
        late = overdue(record, weeks)
        yield _metric(
            "phasegate_gate_overdue_days",
            "For how many days a phase was overdue when it was decided last, 0 where it was not.",
            [
                ({"gate": gate["id"]}, late[gate["id"]].days if gate["id"] in late else 0)
                for gate in record["gates"]
                if gate["id"] in weeks
            ],
        )


def _at(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def _metric(name: str, about: str, samples: Sequence[Sample]) -> str:
    if not samples:
        return ""
    lines = [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {about}", f"# TYPE {name} gauge", *lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}"


def _escaped(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
