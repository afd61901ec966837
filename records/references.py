"""The names by which the parts of a record refer to each other, and the numbers of alternatives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from phasegate.records.schema import Record

_KINDS = ("facts", "requirements", "criteria", "points", "gates", "waivers", "attestations", "sources")
_REFERENCES: dict[str, dict[str, str]] = {
    "requirements": {"criterion": "criteria", "fact": "facts", "waiver": "waivers"},
    "criteria": {"point": "points", "requirements": "requirements"},
    "points": {"criteria": "criteria"},
    "rows": {"requirement": "requirements"},
    "gates": {"points": "points", "targets": "criteria", "after": "gates", "waivers": "requirements"},
}
"""For each kind of part, the keys that name parts, and of which kind."""
# A pack can not be nested deeper; the length keeps whoever reads the numbers as a tree from its limits.
_ALTERNATIVE = re.compile(r"[1-9][0-9]{0,5}(\.[1-9][0-9]{0,5}){0,63}")


def reference_fault(record: Record) -> str | None:
    """What is wrong with the names in a record: one that nothing has, or two things; None if nothing.

    So it is with the number of an alternative that is no number of one.

    Args:
        record: a document of the right shape.
    """
    document: Mapping[str, Any] = record
    known: dict[str, set[str]] = {}
    for kind in _KINDS:
        names = [part["name" if kind == "sources" else "id"] for part in document[kind]]
        known[kind] = set(names)
        if len(known[kind]) != len(names):
            return f"two of its {kind} have one id"
    for kind, keys in _REFERENCES.items():
        for place, part in enumerate(document.get(kind, ())):
            for key, named in keys.items():
                for name in _names(part[key]):
                    if name not in known[named]:
                        return f"{kind}[{place}].{key} names {name!r}, and nothing is called so"
    for place, each in enumerate(record["requirements"]):
        if each["alternative"] is not None and not _ALTERNATIVE.fullmatch(each["alternative"]):
            return f"requirements[{place}].alternative is {each['alternative'][:40]!r}, which numbers none"
    return None


def _names(value: str | list[str] | None) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif value is not None:
        yield from value
