"""Pairs two lists of texts that mostly say the same, so that one change shows as one change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MAX_COMPARED = 250_000
_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "to", "with"})


def normal(text: str) -> str:
    """The text with each run of white space as one space; nothing else is forgiven."""
    return " ".join(text.split())


def words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, in lower case."""
    return tuple(word for word in _WORD.findall(text.casefold()) if word not in _SMALL_WORDS)


def similarity(left: Sequence[str], right: Sequence[str]) -> float:
    """How alike two lists of words are, 0 to 1 (Dice's coefficient over the words' counts)."""
    if not left or not right:
        return 0.0
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right))


Pairs = list[tuple[int | None, int | None]]


def align(left: Sequence[str], right: Sequence[str], floor: float = 0.5, *, gaps: bool = True) -> Pairs:
    """Pairs the entries of two lists.

    Equal texts pair first, then the most alike down to ``floor``. What is left between two paired
    neighbours pairs in order if both sides left equally many there: a text that was rewritten
    from scratch stays one change.

    Args:
        left: texts of one side.
        right: texts of the other side.
        floor: the least similarity that makes a pair.
        gaps: whether left-over entries in the same place pair.

    Returns:
        index pairs in the order of the left side, None where the other side has no counterpart;
        entries of the right side alone follow the entry they stand behind.
    """
    partner = _equal(left, right)
    _alike(left, right, partner, floor)
    if gaps:
        _in_same_place(len(left), len(right), partner)
    return _in_order(len(left), len(right), partner)


def _equal(left: Sequence[str], right: Sequence[str]) -> dict[int, int]:
    places: dict[str, list[int]] = {}
    for j in reversed(range(len(right))):
        places.setdefault(normal(right[j]), []).append(j)
    partner: dict[int, int] = {}
    for i, text in enumerate(left):
        if found := places.get(normal(text)):
            partner[i] = found.pop()
    return partner


def _alike(left: Sequence[str], right: Sequence[str], partner: dict[int, int], floor: float) -> None:
    taken = set(partner.values())
    free_left = [i for i in range(len(left)) if i not in partner]
    free_right = [j for j in range(len(right)) if j not in taken]
    if len(free_left) * len(free_right) > MAX_COMPARED:  # no document of people; order decides
        return
    left_words = {i: words(left[i]) for i in free_left}
    right_words = {j: words(right[j]) for j in free_right}
    ranked = sorted(
        (-score, abs(i - j), i, j)
        for i in free_left
        for j in free_right
        if (score := similarity(left_words[i], right_words[j])) >= floor
    )
    for _, _, i, j in ranked:
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)


def _in_same_place(n_left: int, n_right: int, partner: dict[int, int]) -> None:
    taken = set(partner.values())
    gaps_left = _runs(n_left, set(partner))
    gaps_right = _runs(n_right, taken)
    for behind, run in gaps_left.items():
        other = gaps_right.get(partner[behind] if behind >= 0 else -1, [])
        if len(run) == len(other):
            partner.update(zip(run, other, strict=True))


def _runs(count: int, taken: set[int]) -> dict[int, list[int]]:
    """Entries without a counterpart, by the paired entry that they stand behind (-1 at the start)."""
    runs: dict[int, list[int]] = {}
    behind = -1
    for index in range(count):
        if index in taken:
            behind = index
        else:
            runs.setdefault(behind, []).append(index)
    return runs


def _in_order(n_left: int, n_right: int, partner: dict[int, int]) -> Pairs:
    alone = _runs(n_right, set(partner.values()))
    pairs: Pairs = [(None, j) for j in alone.get(-1, [])]
    for i in range(n_left):
        j = partner.get(i)
        pairs.append((i, j))
        if j is not None:
            pairs.extend((None, extra) for extra in alone.get(j, []))
    return pairs
