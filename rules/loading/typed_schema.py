"""JSON Schema of documents that phasegate writes, made from the types that describe them.

What a text looks like beside its type stands in its annotation, as pairs of a keyword of JSON Schema and
what it says: ``Annotated[str, ("format", "date")]``.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

_NAMES: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def typed_schema(kind: Any, title: str) -> dict[str, Any]:
    """The JSON Schema of a document.

    Args:
        kind: a `TypedDict`; its annotations tell its parts, its docstring what it is about.
        title: of the schema.

    Returns:
        A schema of draft 2020-12, the same for the same types, which takes no other keys than they have.
    """
    found: dict[str, Any] = {}
    told = {**_entry(kind, found), "title": title}
    parts = {name: found[name] for name in sorted(found)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **told, "$defs": parts}


def _entry(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    optional = {name for name, part in hints.items() if typing.get_origin(part) is typing.NotRequired}
    return {
        "description": " ".join(inspect.cleandoc(kind.__doc__ or "").replace("``", "`").split()),
        "type": "object",
        "properties": {name: _part(part, found) for name, part in hints.items()},
        "required": [name for name in hints if name not in optional],
        "additionalProperties": False,
    }


def _part(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if typing.is_typeddict(kind):
        if kind.__name__ not in found:
            found[kind.__name__] = {}  # taken, before a part that holds it asks for it again
            found[kind.__name__] = _entry(kind, found)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind in _NAMES:
        return {"type": _NAMES[kind]}
    return {} if kind is Any else _MADE[origin](inside, found)


def _either(inside: tuple[Any, ...], found: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [_part(each, found) for each in inside]}


def _annotated(inside: tuple[Any, ...], found: dict[str, Any]) -> dict[str, Any]:
    told = _part(inside[0], found)
    for keyword, says in inside[1:]:
        told[keyword] = list(says) if isinstance(says, tuple) else says
    return told


_MADE: dict[Any, Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]] = {
    typing.Annotated: _annotated,
    typing.NotRequired: lambda inside, found: _part(inside[0], found),
    typing.Literal: lambda inside, _: {"enum": list(inside)},
    typing.Union: _either,
    types.UnionType: _either,
    list: lambda inside, found: {"type": "array", "items": _part(inside[0], found)},
    dict: lambda inside, found: {"type": "object", "additionalProperties": _part(inside[1], found)},
}
