"""Dialects: the words that an engine has for each operation of a tree, and none for what it does otherwise.

A writer never looks at the text of anybody: it has a rule for an operation, or refuses it. So what is written
means what was read, and a new operation is refused everywhere until somebody has looked what it means there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from phasegate.facts.expressions.tree import Name, Op, Part, Polars, Slot, Text, Tree

Rule = str | Callable[["Dialect", Op], Iterable["Part | Tree"]]
"""Words with ``{0}``, ``{1}`` where operands stand, ``{*}`` where all of them do, and ``{note}``; or what
makes them."""
_FIELD = re.compile(r"\{(\d+|\*|note)\}")


class NotWrittenError(Exception):
    """An operation that a dialect has no words for.

    Attributes:
        what: what is not written, and why.
        at: where it stands in its author's text.
    """

    def __init__(self, what: str, at: int) -> None:
        self.what, self.at = what, at
        super().__init__(what)


class Dialect:
    """The words of an engine.

    Args:
        rules: those of each operation, by its name.
        refused: why others have none.
    """

    def __init__(self, rules: Mapping[str, Rule], refused: Mapping[str, str] | None = None) -> None:
        self._rules, self._refused = rules, refused or {}

    def written(self, tree: Tree, at: int = 0) -> tuple[Part, ...]:
        """A tree in this dialect; parameters, names and texts are parts of their own.

        Args:
            tree: it.
            at: where it stands, if it does not say so itself.

        Raises:
            NotWrittenError: if an operation has no words.
        """
        return joined(self._parts(tree, at))

    def _parts(self, tree: Tree, at: int) -> Iterable[Part]:
        if isinstance(tree, Name | Text | Slot):
            return self.leaf(tree, at)
        if isinstance(tree, Polars):
            return self.query(tree, at)
        at = tree.at if tree.at >= 0 else at
        rule = self._rules.get(tree.name)
        if rule is None:
            raise NotWrittenError(self._refused.get(tree.name, f"{tree.name} is not written"), at)
        pieces = rule(self, tree) if callable(rule) else _filled(rule, tree)
        found: list[Part] = []
        for piece in pieces:
            found += [piece] if isinstance(piece, str) else self.within(piece, at)
        return found

    def within(self, tree: Tree, at: int) -> Iterable[Part]:
        """A part of a tree."""
        return self._parts(tree, at)

    def leaf(self, leaf: Name | Text | Slot, at: int) -> Iterable[Part]:
        """A name, a text or a parameter."""
        return (leaf,)

    def query(self, tree: Polars, at: int) -> Iterable[Part]:
        """A part of a query of polars'."""
        raise NotWrittenError("a query is computed from rows that were read", at)


def _filled(words: str, tree: Op) -> Iterable[Part | Tree]:
    place = 0
    for found in _FIELD.finditer(words):
        yield words[place : found.start()]
        place = found.end()
        if found[1] == "*":
            yield from between(", ", tree.of)
        elif found[1] == "note":
            yield f"{tree.note}"
        else:
            yield tree.of[int(found[1])]
    yield words[place:]


def between(sign: str, trees: Iterable[Tree]) -> Iterable[Part | Tree]:
    """Trees with a sign between them."""
    for place, tree in enumerate(trees):
        if place:
            yield sign
        yield tree


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same parts, with neighbouring words and signs made one."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)
