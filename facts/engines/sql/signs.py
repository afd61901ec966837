"""Signs that can be seen, white space and patterns as phasegate has them: servers have lists of their own."""

from __future__ import annotations

import re
import sys
from functools import cache

import polars as pl

from phasegate.facts.engines.plans import READ
from phasegate.facts.expressions.no_value import VISIBLE
from phasegate.facts.sources.files import SourceError


@cache
def blanks() -> str:
    """The white space that is no part of an id."""
    signs = _signs()
    return "".join(signs.filter(signs.str.strip_chars() == "").to_list())


@cache
def unseen() -> tuple[tuple[int, int], ...]:
    """The signs that can not be seen: the first and the last of each run of them, without the character 0."""
    signs = _signs()
    seen = signs.str.contains(VISIBLE)
    ranges: list[tuple[int, int]] = []
    for sign, is_seen in zip(signs, seen, strict=True):
        point = ord(sign)
        if not is_seen:
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return tuple(ranges)


def _signs() -> pl.Series:
    return pl.Series([chr(point) for point in range(1, sys.maxunicode + 1) if not 0xD800 <= point < 0xE000])


_SIGN = r"[A-Za-z0-9 _:;,@#%&=~<>/!'\"-]|\\[.()\[\]{}*+?|/^$-]"
_SET = r"\[\^?(?:[A-Za-z0-9 _:;,@#%=~/.+*()-]|\\-)+\]"
_TIMES = r"[*+?]|\{[0-9]{1,2}(?:,(?:[0-9]{1,2})?)?\}"
_PLAIN = re.compile(rf"(?:(?:{_SIGN}|{_SET}|\.)(?:{_TIMES})?|\||\((?:\?:)?|\)(?:{_TIMES})?)*")


def pattern(name: str, written: str, title: str) -> str:
    """A pattern that means the same everywhere.

    Args:
        name: of the column, for messages.
        written: the pattern.
        title: what the server is called.

    Raises:
        SourceError: if it may mean something else there.
    """
    if not _PLAIN.fullmatch(written) or any(odd in written for odd in ("[:", "[.", "[=", "--", "~~", "&&")):
        what = f"column {name!r}: the pattern {written!r} may mean something else in {title}"
        raise SourceError(what, f"write it with plain signs, [sets] and counts, or {READ}")
    return re.sub(r"\[[^\]]*\]|\\.|\.", lambda found: "[^\\n]" if found[0] == "." else found[0], written)
