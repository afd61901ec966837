"""The hash of a line that GitHub's code scanning knows an alert by when the lines before it change.

GitHub computes it itself where a log has none, from the file that was checked out. It depends on the line and
what follows, up to a hundred characters that are neither blank nor tab, so that it moves with its line.
"""

from __future__ import annotations

from array import array
from collections import Counter

BLOCK = 100
"""So many characters count from the start of a line."""
_BASE, _MASK = 37, 2**64 - 1
_LEAVES = pow(_BASE, BLOCK, 2**64)
_END, _LINE = 0xFFFF, ord("\n")
_UNSEEN = str.maketrans("", "", " \t")


def line_hashes(text: str) -> list[str]:
    """The hash of each line, in hexadecimal, and the how manieth line with that hash it is: ``1f:1``.

    A polynomial in 37 over the UTF-16 units of the block, modulo 2 to the 64th. Ends of lines count as one
    line feed each, the end of the file as a unit of its own, and what is missing after it as zeros.

    Args:
        text: of a file.

    Returns:
        As many as the file has lines; the last one is empty where the file ends with a line feed.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    units = array("H", plain.encode("utf-16-le", "surrogatepass"))
    units.append(_END)
    starts = [0, *(place + 1 for place, unit in enumerate(units) if unit == _LINE)]
    units.extend([0] * BLOCK)
    seen: Counter[str] = Counter()
    found = []
    value = place = 0
    for start in starts:
        for end in range(place, start + BLOCK):
            leaves = units[end - BLOCK] if end >= BLOCK else 0
            value = (value * _BASE + units[end] - _LEAVES * leaves) & _MASK
        place = start + BLOCK
        name = f"{value:x}"
        seen[name] += 1
        found.append(f"{name}:{seen[name]}")
    return found
