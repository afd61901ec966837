"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from heapq import nlargest

CUTOFF = 0.65
"""A candidate that is less alike is not meant."""
MOST_COMPARED = 64
"""So many candidates are compared with one word in full, those that share most with it first."""


class _Pool:
    """Candidates, laid out so that most of them are ruled out without being compared.

    The letters of a name are bits of a number, the second of a kind with another bit than the first: the
    bits that two names share are their common letters, which bound how alike they can be. So are its pairs
    of letters, which tell what is rather alike where much has the same letters.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.folded: dict[str, list[str]] = {}
        self._letters, self._pairs = _Bits(), _Bits()
        self._by_length: dict[int, list[tuple[int, int, str]]] = {}
        for name in sorted(names):
            self.folded.setdefault(name.casefold(), []).append(name)
            letters, pairs = self._letters.learn(name), self._pairs.learn(_pairs(name))
            self._by_length.setdefault(len(name), []).append((letters, pairs, name))

    def most_alike(self, word: str) -> str | None:
        """The candidate with the highest ratio of `difflib`, None if none reaches the cutoff."""
        from difflib import SequenceMatcher  # only ever needed for an error

        letters, pairs = self._letters.of(word), self._pairs.of(_pairs(word))
        promising: list[tuple[float, int, str]] = []
        for length, names in self._by_length.items():
            total = length + len(word)
            least = int(CUTOFF * total / 2)
            if least <= min(length, len(word)):
                promising += [
                    (2.0 * shared / total, (pairs & known_pairs).bit_count(), name)
                    for known, known_pairs, name in names
                    if (shared := (letters & known).bit_count()) >= least and name != word
                ]
        matcher = SequenceMatcher(b=word)
        best = (CUTOFF, "")
        for bound, _, name in nlargest(MOST_COMPARED, promising):
            if bound < best[0]:
                break
            matcher.set_seq1(name)
            best = max(best, (matcher.ratio(), name))
        return best[1] or None


class _Bits:
    """Gives each thing of a sequence a bit, the second of a kind another one than the first."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], int] = {}

    def learn(self, things: Iterable[str]) -> int:
        """The bits of a sequence; what is new gets one."""
        return sum(self._known.setdefault(each, 1 << len(self._known)) for each in _numbered(things))

    def of(self, things: Iterable[str]) -> int:
        """The bits of a sequence as far as they are known."""
        return sum(self._known.get(each, 0) for each in _numbered(things))


def _numbered(things: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each thing with how often it came before."""
    seen: dict[str, int] = {}
    for each in things:
        before = seen[each] = seen.get(each, -1) + 1
        yield each, before


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]


_pool = lru_cache(maxsize=8)(_Pool)  # many wrong names are held against the same right ones


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like the word, None if none is much like it.

    Ties go to the candidate that sorts last.
    """
    pool = _pool(frozenset(candidates))
    for candidate in pool.folded.get(word.casefold(), ()):
        if candidate != word:
            return candidate
    return pool.most_alike(word)


def suggest(word: str, candidates: Iterable[str], *, of: str, most: int = 12) -> str | None:
    """A hint that names the nearest candidate, or all of them if they are few.

    Args:
        word: what was written.
        candidates: what would have been right.
        of: what the candidates are, in the plural, such as "measures".
        most: how many candidates are still listed.
    """
    pool = frozenset(candidates)
    if match := nearest(word, pool):
        return f"did you mean {match!r}?"
    if not pool:
        return f"there are no {of}"
    if len(pool) <= most:
        return f"the {of} are {', '.join(sorted(pool))}"
    return None


def with_article(kind: str) -> str:
    """``a string``, ``an integer``."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
