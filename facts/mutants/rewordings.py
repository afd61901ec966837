"""Expressions that say something else: each comparison, literal and word of logic changed by itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from sqlglot.tokenizer_core import TokenType

from phasegate.facts.mutants.words import BOUNDS, OF_AND, OF_OR, Word, Words
from phasegate.rules.mutants.rewording import Rewording, arrow, dropped, short, stepped

_COMPARED = {"=": "<>", "==": "<>", "<>": "=", "!=": "=", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_SWAPPED = {
    "AND": "OR", "OR": "AND", "+": "-", "-": "+", "MAX": "MIN", "MIN": "MAX", "GREATEST": "LEAST",
    "LEAST": "GREATEST",
}  # fmt: skip
_CALLED = {"MAX", "MIN", "GREATEST", "LEAST"}
_OPERANDS = {TokenType.NUMBER, TokenType.STRING, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.END}
_NAME = re.compile(r"[^\W\d]\w*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Texts = Mapping[str, tuple[str, ...]]


def rewordings(sql: str, texts: Texts) -> Iterator[Rewording]:
    """What an expression or a query could say in its place.

    Args:
        sql: it, found to be without fault.
        texts: the only texts that some columns may hold.
    """
    found = _Rewordings(Words(sql), texts)
    seen = {sql}
    for each in found.all():
        if each.text not in seen:
            seen.add(each.text)
            yield each


class _Rewordings:
    def __init__(self, words: Words, texts: Texts) -> None:
        self.words, self.texts = words, texts
        self.sql, self.list = words.sql, words.all

    def all(self) -> Iterator[Rewording]:
        """Them in the order in which they stand."""
        for at, word in enumerate(self.list):
            if word.kind is TokenType.STRING:
                yield from self._string(at)
            elif word.kind is TokenType.NUMBER:
                if not self._is_counted(at):
                    yield from (self._in_place(at, figure) for figure in self._stepped(at))
            elif word.sign in _COMPARED and self._sign(at - 1) not in _COMPARED:
                yield self._in_place(at, _COMPARED[word.sign])
            elif word.sign in ("AND", "OR") and not word.between:
                yield from self._joined(at)
            else:
                yield from self._by_sign(at, word)

    def _by_sign(self, at: int, word: Word) -> Iterator[Rewording]:
        last, following = self._sign(at - 1), self._sign(at + 1)
        match word.sign:
            case "NOT" if last != "IS":
                yield self._without(at, at)
            case "IN" | "LIKE" if last != "NOT":
                yield self._in_place(at, f"NOT {word.sign}")
        match word.sign:
            case "IN":
                yield from self._options(at)
            case "IS":
                yield from self._is(at, following)
            case "BETWEEN" if last != "NOT":
                yield from self._between(at)
            case "TRUE" | "FALSE" if last not in ("IS", "NOT"):
                yield self._in_place(at, "FALSE" if word.sign == "TRUE" else "TRUE")
            case "+" | "-" if self._is_operand(at - 1):
                yield self._in_place(at, _SWAPPED[word.sign])
            case "DISTINCT" if last == "(":
                yield self._without(at, at)
            case "LEFT" if following == "JOIN":
                text = self._replaced(word.start, self.list[at + 1].start, "")
                yield Rewording(text, arrow("LEFT JOIN", "JOIN"), word.start)
            case sign if sign in _CALLED and following == "(":
                yield self._in_place(at, _SWAPPED[sign])

    def _sign(self, at: int) -> str:
        return self.list[at].sign if 0 <= at < len(self.list) else ""

    def _is_operand(self, at: int) -> bool:
        if at < 0:
            return False
        word = self.list[at]
        return word.kind in _OPERANDS or (word.sign not in BOUNDS and _NAME.fullmatch(word.sign) is not None)

    def _stepped(self, at: int) -> Iterator[str]:
        last = self._sign(at - 1)
        for figure in stepped(self.sql[self.list[at].start : self.list[at].end]):
            yield f"({figure})" if figure.startswith("-") and last in ("-", "+") else figure

    def _is_counted(self, at: int) -> bool:
        """Whether a figure is what a CASE within COUNT gives: that it is one counts, and not which."""
        if self._sign(at - 1) not in ("THEN", "ELSE") or self._sign(at + 1) not in ("WHEN", "ELSE", "END"):
            return False
        depth = self.list[at].depth
        case = next(each for each in range(at - 1, -1, -1) if self.list[each].depth < depth)
        end = self._closing(case)
        return self._sign(case - 2) == "COUNT" and self._sign(case - 1) == "(" and self._sign(end + 1) == ")"

    def _string(self, at: int) -> Iterator[Rewording]:
        word = self.list[at]
        text = self.sql[word.start + 1 : word.end - 1]
        if _DAY.fullmatch(text):
            try:
                day = dt.date.fromisoformat(text)
                for days in (1, -1):
                    yield self._in_place(at, f"'{day + dt.timedelta(days)}'")
            except (ValueError, OverflowError):
                pass
            return
        column = self.sql[self.list[at - 2].start : self.list[at - 2].end] if at >= 2 else ""
        known = self.texts.get(column, ())
        if self._sign(at - 1) in ("=", "<>", "!=", "==") and text in known and len(known) > 1:
            other = known[(known.index(text) + 1) % len(known)]
            yield self._in_place(at, "'" + other.replace("'", "''") + "'")

    def _joined(self, at: int) -> Iterator[Rewording]:
        """AND and OR: the other word, and what stands on either side dropped."""
        word, ends = self.list[at], OF_AND if self.list[at].sign == "AND" else OF_OR
        left, right = self.words.first(at, ends), self.words.last(at, ends)
        behind = self.words.text(at + 1, right)
        other = _SWAPPED[word.sign]
        text = self._replaced(word.start, word.end, other)
        yield Rewording(text, f"{arrow(word.sign, other)} before {short(behind)}", word.start)
        if left == 0 or self._sign(left - 1) != word.sign or self.list[left - 1].depth != word.depth:
            start, end = self.list[left].start, self.list[at + 1].start
            yield Rewording(self._replaced(start, end, ""), dropped(self.words.text(left, at - 1)), start)
        start, end = self.list[at - 1].end, self.list[right].end
        yield Rewording(self._replaced(start, end, ""), dropped(behind), self.list[at + 1].start)

    def _options(self, at: int) -> Iterator[Rewording]:
        """One of the values of a list dropped."""
        close, depth = self._closing(at + 1), self.list[at].depth + 1
        inside = [each for each in range(at + 2, close) if self.list[each].depth == depth]
        commas = [each for each in inside if self._sign(each) == ","]
        if not commas or self._sign(at + 2) == "SELECT":
            return
        ends = [at + 1, *commas, close]
        column = self.words.text(self.words.first(at, BOUNDS), at)
        for left, right in pairwise(ends):
            start = self.list[left if left in commas else left + 1].start
            end = self.list[right - 1].end if left in commas else self.list[right + 1].start
            told = f"{dropped(self.words.text(left + 1, right - 1))} from {column}"
            yield Rewording(self._replaced(start, end, ""), told, self.list[left + 1].start)

    def _closing(self, at: int) -> int:
        """The word that closes a bracket."""
        depth = self.list[at].depth
        return next(each for each in range(at + 1, len(self.list)) if self.list[each].depth == depth)

    def _is(self, at: int, following: str) -> Iterator[Rewording]:
        if following == "NOT":
            yield self._without(at + 1, at + 1)
        else:
            yield self._in_place(at, "IS NOT")
            if following == "TRUE" and not self._decides_alone(at):
                yield self._without(at, at + 1)

    def _decides_alone(self, at: int) -> bool:
        """Whether an IS TRUE ends the one WHEN of a CASE without ELSE, which is empty then as it is without.

        In a query it tells a missing value, which is an error elsewhere.
        """
        if self._sign(at + 2) != "THEN" or self.list[0].sign in ("SELECT", "WITH"):
            return False
        depth = self.list[at].depth
        case = next(each for each in range(at - 1, -1, -1) if self.list[each].depth < depth)
        within = self.list[case : self._closing(case)]
        inside = [word.sign for word in within if word.depth == depth]
        return inside.count("WHEN") == 1 and "ELSE" not in inside and "NOT" not in inside

    def _between(self, at: int) -> Iterator[Rewording]:
        """Each end of BETWEEN no longer included, and left open."""
        depth = self.list[at].depth
        middle = next(
            each
            for each in range(at + 1, len(self.list))
            if self.list[each].between and self.list[each].depth == depth
        )
        first, last = self.words.first(at, BOUNDS), self.words.last(middle, BOUNDS | {"IS"})
        value = self.words.text(first, at - 1)
        low, high = self.words.text(at + 1, middle - 1), self.words.text(middle + 1, last)
        start, end = self.list[first].start, self.list[last].end
        for other in (
            f"({value} > {low} AND {value} <= {high})",
            f"({value} >= {low} AND {value} < {high})",
            f"{value} >= {low}",
            f"{value} <= {high}",
        ):
            told = arrow(self.words.text(first, last), other)
            yield Rewording(self._replaced(start, end, other), told, start)

    # Changes

    def _in_place(self, at: int, other: str) -> Rewording:
        word = self.list[at]
        return self._changed(at, word.start, word.end, other)

    def _without(self, first: int, last: int) -> Rewording:
        """The text without some words and the blanks before them."""
        start = self.list[first].start
        end = self.list[last + 1].start if last + 1 < len(self.list) else len(self.sql)
        return self._changed(first, start, end, "")

    def _changed(self, at: int, start: int, end: int, other: str) -> Rewording:
        """A change that is told with what stands around it."""
        first, last = self.words.first(at, BOUNDS), self.words.last(at, BOUNDS)
        around, behind = self.list[first].start, max(self.list[last].end, end)
        before = self.sql[around:behind]
        after = f"{self.sql[around:start]}{other}{self.sql[end:behind]}"
        return Rewording(self._replaced(start, end, other), arrow(before, after), start)

    def _replaced(self, start: int, end: int, other: str) -> str:
        return f"{self.sql[:start]}{other}{self.sql[end:]}".strip()
