"""Plain data as YAML that reads back as the same data, whatever its texts hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][\w.-]*(?: [\w.%()/-]+)*", re.ASCII)
_UNREAD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON lets stand in a text and YAML does not."""
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_WIDTH = 100


def scalar(value: object) -> str:
    """A text, a number or a truth value on one line: plain where that is safe, else in quotes."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _UNREAD.sub(lambda each: f"\\u{ord(each[0]):04x}", json.dumps(text, ensure_ascii=False))


def yaml_lines(data: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping; what is short and flat stands on one line."""
    pad = " " * indent
    for key, value in data.items():
        head = f"{pad}{scalar(key)}:"
        if isinstance(value, Mapping | list) and not _is_short(value, len(head)):
            yield head
            yield from yaml_lines(value, indent + 2) if isinstance(value, Mapping) else _items(value, indent)
        else:
            yield f"{head} {_inline(value)}"


def _items(values: list[Any], indent: int) -> Iterator[str]:
    pad = " " * (indent + 2)
    for value in values:
        if isinstance(value, Mapping) and not _is_short(value, indent + 4):
            first, *rest = yaml_lines(value, indent + 4)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}- {_inline(value)}"


def _is_short(value: Mapping[str, Any] | list[Any], before: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value
    deep = any(isinstance(each, Mapping) and len(each) > 1 for each in inner)
    return not deep and before + len(_inline(value)) < _WIDTH


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{scalar(key)}: {_inline(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return scalar(value)
