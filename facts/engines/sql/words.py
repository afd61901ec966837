"""A tree in the SQL of a server, over the columns of one table: what all of these servers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from phasegate.facts.expressions.dialect import Dialect, NotWrittenError, Rule, between
from phasegate.facts.expressions.polars_words import RULES as POLARS
from phasegate.facts.expressions.tree import Name, Op, Part, Slot, Text, Tree

SHARED: dict[str, Rule] = {
    **{name: POLARS[name] for name in ("and", "or", "not", "is null", "case", "unless null", "coalesce",
                                       "null if", "least", "greatest", "in", "like")},
    **{sign: f"({{0}} {sign} {{1}})" for sign in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*")},
    "true": "TRUE", "false": "FALSE", "null": "NULL", "day": "DATE '{note}'",
    "is true": "({0} IS TRUE)", "is false": "({0} IS FALSE)",
    "abs": "abs({0})", "text": "{0}", "replace": "replace({*})",
}  # fmt: skip
"""What means the same in each of them."""
_NO_NUMBER = "a text is made a number as it is written in files"
REFUSED = {
    "alike": "ids of people are compared as a reader sees them, which no database does",
    "decimal of text": _NO_NUMBER,
    "whole of text": _NO_NUMBER,
}
"""What none of them does as phasegate does it, and why."""


class Over(NamedTuple):
    """What a tree is written over.

    Attributes:
        name: how a column is written; raises `NotWrittenError` if it is not.
        scale: how many digits after the point a column has.
        slot: the value of a parameter.
        personal: the columns of which is only told whether they have a value.
    """

    name: Callable[[str, int], str]
    scale: Callable[[str], int]
    slot: Callable[[Slot], str]
    personal: frozenset[str] = frozenset()


def no_slot(slot: Slot) -> str:
    """What stands for a parameter where there is none."""
    raise NotWrittenError(f"the parameter :{slot.name}", 0)


class Words(Dialect):
    """The words of a server.

    Args:
        rules: those of each operation, besides the shared ones.
        text: how a text is written; None where it can not be.
        over: what is written over.
    """

    def __init__(self, rules: Mapping[str, Rule], text: Callable[[str], str | None], over: Over) -> None:
        super().__init__(rules, REFUSED)
        self.over, self._text = over, text

    def sql(self, tree: Tree, at: int = 0) -> str:
        """A tree as the server has it."""
        parts = self.written(tree, at)
        assert all(isinstance(part, str) for part in parts)
        return "".join(map(str, parts))

    def leaf(self, leaf: Name | Text | Slot, at: int) -> Iterable[Part]:
        """A name, a text or a parameter."""
        if isinstance(leaf, Text):
            written = self._text(leaf.text)
            if written is None:
                raise NotWrittenError("no text of a database holds the character 0", at)
            return (written,)
        if isinstance(leaf, Slot):
            return (self.over.slot(leaf),)
        if leaf.text in self.over.personal:
            what = f"{leaf.text} holds ids of people, of which a database tells only whether they are there"
            raise NotWrittenError(what, at)
        return (self.over.name(leaf.text, at),)

    def _parts(self, tree: Tree, at: int) -> Iterable[Part]:
        if isinstance(tree, Op) and tree.name == "is null" and isinstance(tree.of[0], Name):
            return ("(", self.over.name(tree.of[0].text, max(tree.at, at)), " IS NULL)")
        return super()._parts(tree, at)


def of_places(function: str) -> Callable[[Dialect, Op], Iterable[Part | Tree]]:
    """A function of texts whose last operands are places, counted from 1."""

    def written(_: Dialect, tree: Op) -> Iterable[Part | Tree]:
        places = [each for each in tree.of if isinstance(each, Op) and each.name == "integer"]
        texts = tree.of[: len(tree.of) - len(places)]
        yield from (f"{function}(", *between(", ", texts), *(f", {each.note}" for each in places), ")")

    return written
