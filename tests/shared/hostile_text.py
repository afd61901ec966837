"""Text that tries to be more than text, put into every field of a record that holds free text."""

from __future__ import annotations

from typing import Any, cast

from phasegate.records.schema import Record

TEXTS = {
    "markup": "<script>alert(1)</script>&amp;<!--",
    "cdata": "]]></failure><![CDATA[",
    "formula": "=cmd|'/c calc'!A1",
    "table": "| a | b |\n|---|---|",
    "code": "`x` ```\n~~~ ${x} $(x)",
    "command": "::error::\n::set-output name=x::y\r\n##[error]z",
    "command_parts": ",file=x%0A::warning::%25,title=y::",
    "direction": "\u202egnp.exe\u202c \u2066x\u2069",
    "control": "\x00\x01\x1b[31mred\x7f\x85\u2028\ufffe\uffff",
    "quotes": '"\'\\\\"}],\\u0000',
    "blank": " \t\n ",
    "beyond": "\U0001f600\U0010ffff",
}
KEPT = frozenset(
    {"schema", "kind", "verdict", "enforcement", "state", "own", "standing", "status", "outcome"}
)
"""Keys whose values choose what is said; they hold words of phasegate's own."""


def with_text(record: Record, text: str, *, before: bool = False) -> Record:
    """The record with a text added to every text in it, names and references alike.

    Args:
        record: what is changed; it stays as it is.
        text: what is added.
        before: whether it is put before each text, and so leaves the lines of places; else behind.
    """

    def changed(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {
                hostile(name) if key in FREE else name: changed(each, name) for name, each in value.items()
            }
        if isinstance(value, list):
            return [changed(each, key) for each in value]
        return hostile(value) if isinstance(value, str) and key not in KEPT else value

    def hostile(value: str) -> str:
        return f"{text}{value}" if before else f"{value}{text}"

    return cast("Record", changed(record, ""))


FREE = frozenset({"areas", "sections", "files", "versions", "parameters", "totals", "reading", "evidence"})
"""Keys whose members have names from outside."""
