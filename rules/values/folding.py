"""Names that a reader takes for one, although they are written in two ways.

``F-101`` and ``f-101``, ``Ａ`` in full width and ``A``, an ``é`` of one character and of two, a name with a
character in it that nobody sees.
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


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without what readers do not tell apart: NFKC, case folded, without surrounding blanks.

    Format and control characters and others that nobody sees are left out. A folded name stays as it is
    when it is folded again.
    """
    if name.isascii() and name.isprintable():  # almost all names are so, and nothing else happens to them
        return name.strip().casefold()
    seen = _visible(unicodedata.normalize("NFKC", name))
    # A letter may come together with its mark only now, and another one apart by its case.
    while (again := _visible(unicodedata.normalize("NFKC", seen.casefold()))) != seen:
        seen = again
    return seen


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
