"""What is behind the connections of a project, and some of it as a source to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.facts.connections.look import Looked

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def sources_document(looked: Sequence[Looked]) -> list[dict[str, Any]]:
    """The connections as data."""
    return [
        {
            "connection": each.name,
            "database": each.database,
            "fault": each.fault,
            "tables": [
                {
                    "table": table.shown,
                    "columns": [
                        {
                            "name": column.name,
                            "type": column.written,
                            "nullable": not column.filled,
                        }
                        for column in table.columns
                    ],
                }
                for table in each.tables
            ],
            **(
                {}
                if each.objects is None
                else {
                    "paths": [
                        {"path": path, "objects": [{"name": name, "bytes": size} for name, size in found]}
                        for path, found in each.objects.items()
                    ]
                }
            ),
        }
        for each in looked
    ]


def render_sources(looked: Sequence[Looked]) -> str:
    """The connections for people; lines that end with a line break."""
    lines: list[str] = []
    for each in looked:
        told = _counted(each) if each.fault is None else f"error: {each.fault}"
        lines.append(f"{each.name}  {each.database}  {visible(told)}")
        for path, found in (each.objects or {}).items():
            lines.append(f"  {visible(path)}")
            lines += [f"    {visible(name)}  {size:,} byte{'s' * (size != 1)}" for name, size in found]
        for table in each.tables:
            lines.append(f"  {visible(table.shown)}")
            width = max((len(visible(column.name)) for column in table.columns), default=0)
            lines += [
                f"    {visible(column.name):{width}}  {visible(column.written)}"
                f"{'' if not column.filled else ', never empty'}"
                for column in table.columns
            ]
    return "".join(f"{line}\n" for line in lines)


def _counted(looked: Looked) -> str:
    if looked.objects is None:
        count = len(looked.tables)
        return f"{count} table{'s' * (count != 1)}"
    if not looked.objects:
        return "no source names it; 'phasegate sources --propose s3://BUCKET/KEY' proposes one"
    count = sum(len(found) for found in looked.objects.values())
    return f"{count} object{'s' * (count != 1)}"


def render_source(proposed: dict[str, dict[str, Any]]) -> str:
    """A source as YAML, to be pasted under ``sources``."""
    lines = ["sources:"]
    for name, source in proposed.items():
        contract, where = source["contract"], "path" if "path" in source else "table"
        lines += [
            f"  {name}:",
            f"    from: {_text(source['from'])}",
            f"    {where}: {_text(source[where])}",
            "    contract:  # in a project with a pack this stands in the pack",
            f"      title: {_text(contract['title'])}",
            "      columns:",
            *(f"        {_text(column)}: {_inline(told)}" for column, told in contract["columns"].items()),
        ]
    return "".join(f"{line}\n" for line in lines)


def _inline(told: dict[str, Any]) -> str:
    return f"{{{', '.join(f'{key}: {_text(said)}' for key, said in told.items())}}}"


def _text(value: object) -> str:
    """A value as YAML."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text)
