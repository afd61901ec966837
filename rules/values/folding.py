"""Names that a reader takes for one, although they are written in two ways.

``F-101`` and ``f-101``, ``Ａ`` in full width and ``A``, an ``é`` of one character and of two, a name with a
character in it that nobody sees, a Cyrillic or Greek letter that looks like a Latin one, the dash that an
editor puts in the place of a hyphen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import TypeVar

_Name = TypeVar("_Name", bound=Hashable)

_INVISIBLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2065, 0x2065),
    (0xFE00, 0xFE0F),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
"""What Unicode lets a reader ignore (Default_Ignorable_Code_Point) and does not count as format (Cf).

Two fillers of Hangul, U+3164 and U+FFA0, are U+1160 in NFKC.
"""

_LOOKS = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"  # Cyrillic
    "\u0455\u0456\u0458\u04af\u04bb\u0501\u051b\u051d\u04cf\u0475\u0437\u0431"
    # Greek; of nu, like N as a capital and like v as a small letter, the capital.
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
    "\u0251\u0261"  # other forms of Latin letters
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\u058a"
    "\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc",
    "abekmhopctyxsijyhdqwlv36abezhikmnoptyxag----------'''''''",
)
"""Small letters of other scripts, dashes and apostrophes, each as what it looks like in ASCII."""


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without what readers do not tell apart: NFKC, case folded, without surrounding blanks.

    Format and control characters and others that nobody sees are left out, and what looks like a sign of
    ASCII is that sign; those of ASCII itself (``0`` and ``O``, ``1`` and ``l``) stay apart. A folded name
    stays as it is when it is folded again.
    """
    if name.isascii() and name.isprintable():  # almost all names are so, and nothing else happens to them
        return name.strip().casefold()
    seen = _visible(unicodedata.normalize("NFKC", name))
    # A letter may come together with its mark only now, and another one apart by its case.
    while (again := _visible(_in_ascii(seen.casefold()))) != seen:
        seen = again
    return seen


def _in_ascii(text: str) -> str:
    """Letters as what they look like, whatever marks are on them."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).translate(_LOOKS))


def _visible(text: str) -> str:
    return "".join(filter(_is_seen, text)).strip()


def _is_seen(character: str) -> bool:
    if unicodedata.category(character) in ("Cf", "Cc"):
        return character.isspace()
    return not any(first <= ord(character) <= last for first, last in _INVISIBLE)


def alike(names: Iterable[_Name]) -> list[tuple[_Name, ...]]:
    """Names of which a reader tells none from the others, in groups of two and more.

    Args:
        names: texts, or tuples of texts; each counts once.

    Returns:
        The groups in the order of their first names, the names in the order in which they come.
    """
    found: dict[object, list[_Name]] = {}
    for name in dict.fromkeys(names):
        key = tuple(map(folded, name)) if isinstance(name, tuple) else folded(str(name))
        found.setdefault(key, []).append(name)
    return [tuple(group) for group in found.values() if len(group) > 1]
