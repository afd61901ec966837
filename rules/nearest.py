"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like the word, None if none is much like it.

    Ties go to the candidate that sorts first.
    """
    from difflib import get_close_matches  # only ever needed for an error

    pool = sorted(set(candidates) - {word})
    for candidate in pool:
        if candidate.casefold() == word.casefold():
            return candidate
    found = get_close_matches(word, pool, n=1, cutoff=0.65)
    return found[0] if found else None


def suggest(word: str, candidates: Iterable[str], *, of: str, most: int = 12) -> str | None:
    """A hint that names the nearest candidate, or all of them if they are few.

    Args:
        word: what was written.
        candidates: what would have been right.
        of: what the candidates are, in the plural, such as "measures".
        most: how many candidates are still listed.
    """
    pool = sorted(set(candidates))
    if match := nearest(word, pool):
        return f"did you mean {match!r}?"
    if not pool:
        return f"there are no {of}"
    if len(pool) <= most:
        return f"the {of} are {', '.join(pool)}"
    return None
