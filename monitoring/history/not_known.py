"""What can not be known of why two runs differ, each in one line: what nobody kept, nobody can tell."""

from __future__ import annotations

from phasegate.monitoring.history.diff import Difference
from phasegate.records.schema import Record


def unknown_of(found: Difference, then: Record, now: Record, before: str, after: str) -> list[str]:
    """What can not be known of a difference.

    Args:
        found: the difference.
        then: the one record.
        now: the other.
        before: how the run of the one is called.
        after: and of the other.
    """
    told: list[str] = []
    changes = [each for criterion in found.criteria for each in criterion.requirements]
    causes = [cause for each in changes for cause in each.causes]
    lacking = [name for name, record in ((before, then), (after, now)) if "basis" not in record]
    if lacking and causes:
        said = f"{' and '.join(lacking)} {'do' if len(lacking) > 1 else 'does'} not say what facts rest on"
        told.append(f"{said}, nor do the rules kept with it: which rule made another fact is not known.")
    sources = sorted({each.source for each in causes if each.source is not None})
    unsure = [name for name in sources if _rows_unknown(then, now, name)]
    if unsure:
        told.append(f"Whether {', '.join(unsure)} had the same rows in another order or form was not kept.")
    if any(cause.one_of for cause in causes):
        told.append("Where one of several did it, the rows of then can not be counted anew to tell which.")
    return told


def _rows_unknown(then: Record, now: Record, name: str) -> bool:
    """Whether a source has other bytes and as many rows, and nothing tells whether they are the same."""
    sides = [[each for each in record["sources"] if each["name"] == name] for record in (then, now)]
    if not all(sides):
        return False
    (old,), (new,) = sides
    digests = old["digest"], new["digest"]
    if old["rows"] != new["rows"] or None in digests or digests[0] == digests[1]:
        return False
    if "content" not in old or "content" not in new:
        return True
    said = (_said(then, part) != _said(now, part) for part in (f"contract {name}", f"checks {name}"))
    return all(said)  # the same rows are others to a contract that reads them otherwise


def _said(record: Record, part: str) -> set[str]:
    """What a part says in all that facts of a run rest on."""
    return {parts[part] for parts in record.get("basis", {}).values() if part in parts}
