"""The hash by which durable-rules tells names apart.

Its C core knows property names, texts, ids and sessions by their 32-bit FNV-1a hash alone and takes
two of one hash for the same thing: ``liquid`` and ``costarring`` are one name to it.
"""

from __future__ import annotations

from collections.abc import Iterable

OFFSET_BASIS = 0x811C9DC5
_PRIME = 0x01000193
_WORD = 0xFFFFFFFF


def fnv1a(text: str, start: int = OFFSET_BASIS) -> int:
    """The 32-bit FNV-1a hash of a text's UTF-8 bytes.

    Bytes above 127 are sign-extended before they are mixed in, as the C core does where ``char`` is
    signed; for ASCII it is the textbook function.

    Args:
        text: what to hash.
        start: the hash of what stands before the text.
    """
    value = start
    for byte in text.encode():
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * _PRIME) & _WORD
    return value


class Distinct:
    """Names of ours, of which no two get one hash.

    Args:
        prefix: what stands before each name when it is hashed.
        taken: names that are given already.
    """

    def __init__(self, prefix: str = "", taken: Iterable[str] = ()) -> None:
        self._start = fnv1a(prefix)
        self._taken = {fnv1a(name, self._start) for name in taken}

    def name(self, wanted: str) -> str:
        """The name that was wanted, lengthened until its hash is its own."""
        name = wanted
        while (value := fnv1a(name, self._start)) in self._taken:
            name += "_"
        self._taken.add(value)
        return name


def find_collisions(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of different names with one hash.

    Returns:
        Each name that collides, after the first name that has its hash, in the order of ``names``.
    """
    first: dict[int, str] = {}
    pairs = []
    for name in dict.fromkeys(names):
        other = first.setdefault(fnv1a(name), name)
        if other != name:
            pairs.append((other, name))
    return pairs
