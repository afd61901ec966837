"""A case as YAML, so that reading it gives the same case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from phasegate.rules.cases.model import Case, Cell, FactExpectation

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./%-]*(?: [A-Za-z0-9_./%-]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?(?: of [0-9.]+| %| [A-Za-z]+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|[A-Za-z0-9_.-]+/[A-Za-z0-9_./-]+")
_TAKEN = frozenset({"true", "false", "null"})


def case_text(case: Case, comment: str) -> str:
    """A file that holds one case.

    Args:
        case: the case; it says for which day it is.
        comment: what stands above it.
    """
    return "\n".join([*(f"# {line}" for line in comment.splitlines()), "cases:", *_case(case)]) + "\n"


def _case(case: Case) -> Iterator[str]:
    yield f"  - name: {_scalar(case.name)}"
    if case.as_of is not None:
        yield f"    as_of: {case.as_of.isoformat()}"
    if case.cycle_start is not None:
        yield f"    cycle_start: {case.cycle_start.isoformat()}"
    if case.given:
        yield "    given:"
        for source, rows in case.given.items():
            yield from _rows(source, [row.cells for row in rows for _ in range(row.times)])
    yield "    expect:"
    for key in type(case.expect).model_fields:
        wanted: Mapping[str, object] = getattr(case.expect, key)
        if wanted:
            yield f"      {key}:"
            for id_, each in wanted.items():
                yield f"        {_key(id_)}: {_expected(each)}"


def _rows(source: str, rows: Sequence[Mapping[str, Cell]]) -> Iterator[str]:
    if not rows:
        yield f"      {source}: []"
        return
    yield f"      {source}:"
    # By what is written, for rows may be equal that are not the same: False is 0.
    for cells, alike in groupby(
        ", ".join(f"{_key(name)}: {_scalar(cell)}" for name, cell in row.items()) for row in rows
    ):
        times = len(list(alike))
        yield f"        - {{repeat: {times}, row: {{{cells}}}}}" if times > 1 else f"        - {{{cells}}}"


def _expected(wanted: object) -> str:
    if not isinstance(wanted, FactExpectation):
        return str(wanted)
    said = wanted.model_dump(exclude_none=True)
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in said.items()) + "}"


def _key(name: str) -> str:
    """A key; ids of points look like numbers."""
    return name if _NAME.fullmatch(name) else _quoted(name)


def _scalar(value: Cell) -> str:
    """A text, number, truth value or nothing, so that it is read as what it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and value.casefold() not in _TAKEN
    return value if plain or _DAY.fullmatch(value) or _NUMBER.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    """A text between quotes; what can not be printed is told by its number."""
    return "".join(
        each if each.isprintable() or each == " " else f"\\U{ord(each):08x}"
        for each in json.dumps(text, ensure_ascii=False)
    )
