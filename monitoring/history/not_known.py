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
    unsure = [name for name in sources if _order_unknown(then, now, name)]
    if unsure:
        told.append(f"Whether rows of {', '.join(unsure)} were only put in another order was not kept.")
    if any(cause.one_of for cause in causes):
        told.append("Where one of several did it, the rows of then can not be counted anew to tell which.")
    return told


def _order_unknown(then: Record, now: Record, name: str) -> bool:
    """Whether a source has other bytes, as many rows, and no digest of them in any order."""
    sides = [[each for each in record["sources"] if each["name"] == name] for record in (then, now)]
    if not all(sides):
        return False
    (old,), (new,) = sides
    known = "content" in old and "content" in new
    return (
        not known
        and old["rows"] == new["rows"]
        and old["digest"] != new["digest"]
        and None
        not in (
            old["digest"],
            new["digest"],
        )
    )
