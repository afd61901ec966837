"""The words of PostgreSQL for each operation of a tree, or why it has none that mean the same.

Columns are those of `table`: texts compare byte by byte, moments have no zone, and no number is NaN. Where
the server would answer otherwise in some row, what is written divides by zero there: an error, and no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from phasegate.facts.expressions.dialect import Dialect, NotWrittenError, Rule, between
from phasegate.facts.expressions.polars_sql import quoted
from phasegate.facts.expressions.polars_words import RULES as POLARS
from phasegate.facts.expressions.tree import Name, Op, Part, Slot, Text, Tree

RAISED = "22012"
"""The SQLSTATE of what is computed only to fail: a division by zero, which nothing else divides."""


def text(written: str) -> str:
    """A text as PostgreSQL has it, compared byte by byte."""
    return f'({quoted(Text(written))}::text COLLATE "C")'


def _number(_: Dialect, tree: Op) -> Iterable[Part]:
    yield f"({str(tree.note).split(':')[0]})::numeric"


def _of_ascii(function: str) -> Callable[[Dialect, Op], Iterable[Part | Tree]]:
    """A function that does the same everywhere with signs that are printed in ASCII, and fails for others."""

    def written(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
        (of,) = tree.of
        yield from ("(CASE WHEN ", of, " !~ '^[ -~]*$' THEN (1 / (octet_length(", of)
        yield from (f") * 0))::text ELSE {function}(", of, ') END COLLATE "C")')

    return written


def _substr(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield from ("substr(", tree.of[0])
    for place in tree.of[1:]:
        assert isinstance(place, Op)
        yield f", {place.note}"
    yield ")"


def _split_part(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    value, sign, place = tree.of
    assert isinstance(place, Op)
    yield from ("split_part(", value, ", ", sign, f", {place.note})")


def _in(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
    yield from ("(", tree.of[0], " IN (", *between(", ", tree.of[1:]), "))")


RULES: dict[str, Rule] = {
    **{name: POLARS[name] for name in ("and", "or", "not", "is null", "case", "unless null", "coalesce",
                                       "null if", "least", "greatest", "in", "like")},
    **{sign: f"({{0}} {sign} {{1}})" for sign in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*")},
    "true": "TRUE", "false": "FALSE", "null": "NULL",
    "integer": "({note})::bigint", "days": "({note})", "number": _number, "day": "DATE '{note}'",
    "is true": "({0} IS TRUE)", "is false": "({0} IS FALSE)",
    "abs": "abs({0})", "decimal": "({0})::numeric",
    "whole": "({0})::bigint", "whole of truth": "({0})::int::bigint",
    "text": "{0}",
    **{f"text of {kind}": '(({0})::text COLLATE "C")' for kind in ("number", "day", "truth")},
    "lower": _of_ascii("lower"), "upper": _of_ascii("upper"), "trim": _of_ascii("btrim"),
    "length": "char_length({0})::bigint",
    "replace": "replace({*})", "substr": _substr, "split_part": _split_part,
    "day of moment": "({0})::date",
    "day plus": "({0} + ({1})::int)", "day minus": "({0} - ({1})::int)",
    "days between": "({1} - {0})::bigint",
    "month of": "(extract(year FROM {0}) * 100 + extract(month FROM {0}))::bigint",
    "seconds between": "extract(epoch FROM ({1} - {0}))::numeric",
}  # fmt: skip
REFUSED = {
    "alike": "ids of people are compared as a reader sees them, which no database does",
    "decimal of text": "a text is made a number as it is written in files",
    "whole of text": "a text is made a number as it is written in files",
}


class Postgres(Dialect):
    """PostgreSQL, over the columns of one table.

    Args:
        name: how a column is written; raises `NotWrittenError` if it is not.
        slot: the value of a parameter.
        personal: the columns of which is only told whether they have a value.
    """

    def __init__(
        self,
        name: Callable[[str, int], str],
        slot: Callable[[Slot], str],
        personal: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(RULES, REFUSED)
        self._name, self._slot, self._personal = name, slot, personal

    def sql(self, tree: Tree, at: int = 0) -> str:
        """A tree as PostgreSQL has it."""
        parts = self.written(tree, at)
        assert all(isinstance(part, str) for part in parts)
        return "".join(map(str, parts))

    def leaf(self, leaf: Name | Text | Slot, at: int) -> Iterable[Part]:
        """A name, a text or a parameter."""
        if isinstance(leaf, Text):
            if "\0" in leaf.text:
                raise NotWrittenError("no text of a database holds the character 0", at)
            return (text(leaf.text),)
        if isinstance(leaf, Slot):
            return (self._slot(leaf),)
        if leaf.text in self._personal:
            what = f"{leaf.text} holds ids of people, of which a database tells only whether they are there"
            raise NotWrittenError(what, at)
        return (self._name(leaf.text, at),)

    def _parts(self, tree: Tree, at: int) -> Iterable[Part]:
        if isinstance(tree, Op) and tree.name == "is null" and isinstance(tree.of[0], Name):
            return ("(", self._name(tree.of[0].text, max(tree.at, at)), " IS NULL)")
        return super()._parts(tree, at)
