"""The words of an expression, with how deep each stands and where what it joins begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot.tokenizer_core import TokenType

from phasegate.facts.expressions.tokens import tokenized

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END}
_QUOTED = {TokenType.STRING, TokenType.IDENTIFIER}
_CLAUSES = frozenset(
    [
        *"WHEN THEN ELSE , SELECT FROM WHERE ON HAVING JOIN LEFT RIGHT INNER OUTER FULL CROSS UNION".split(),
        *("WITH", "LIMIT", "AS", "GROUP BY", "ORDER BY", "DISTINCT"),
    ]
)
BOUNDS = _CLAUSES | {"AND", "OR", "NOT"}
"""What ends a comparison on either side."""
OF_AND = _CLAUSES | {"AND", "OR"}
"""What ends an operand of AND."""
OF_OR = _CLAUSES | {"OR"}
"""What ends an operand of OR."""


class Word(NamedTuple):
    """A word or sign.

    Attributes:
        sign: it in capitals; of what stands in quotes the empty text.
        kind: what it is to the reader of SQL.
        start, end: where it stands in the text.
        depth: in how many brackets or CASEs.
        between: whether it is the AND of a BETWEEN.
    """

    sign: str
    kind: TokenType
    start: int
    end: int
    depth: int
    between: bool = False


class Words:
    """The words of an expression or a query that was found to be without fault."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.all = tuple(_words(sql))

    def first(self, at: int, ends: frozenset[str]) -> int:
        """The first word of what stands before a word on its depth, or deeper."""
        depth = self.all[at].depth
        while at > 0 and not self._stops(at - 1, depth, ends):
            at -= 1
        return at

    def last(self, at: int, ends: frozenset[str]) -> int:
        """The last word of what stands behind a word, likewise."""
        depth = self.all[at].depth
        while at + 1 < len(self.all) and not self._stops(at + 1, depth, ends):
            at += 1
        return at

    def text(self, first: int, last: int) -> str:
        """The text from one word to another, both included."""
        return self.sql[self.all[first].start : self.all[last].end]

    def _stops(self, at: int, depth: int, ends: frozenset[str]) -> bool:
        word = self.all[at]
        if word.depth < depth:
            return True
        return word.depth == depth and word.sign in ends and not word.between


def _words(sql: str) -> Iterator[Word]:
    depth = 0
    waiting: set[int] = set()
    for token in tokenized(sql):
        kind = token.token_type
        if kind in _CLOSING:
            waiting.discard(depth)
            depth -= 1
        sign = "" if kind in _QUOTED else token.text.upper()
        between = sign == "AND" and depth in waiting
        if between:
            waiting.discard(depth)
        elif sign == "BETWEEN":
            waiting.add(depth)
        # A bracket stands outside of what it holds, and so does a CASE.
        yield Word(sign, kind, token.start, token.end + 1, depth, between)
        if kind in _OPENING:
            depth += 1
