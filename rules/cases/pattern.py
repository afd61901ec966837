"""A text that a pattern lets pass, for patterns of letters, sets of letters and how often they stand."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?:\[(?P<set>(?:\\.|[^\]\\^])(?:\\.|[^\]\\])*)\]
           |\\(?P<kind>[dw])
           |\\(?P<escaped>[^A-Za-z0-9])
           |(?P<plain>[^][\\(){}|.*+?^$]))
        (?:\{(?P<least>\d{1,3})(?:,\d*)?\}|(?P<often>[*+?]))?""",
    re.VERBOSE,
)
_KINDS = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyz"}
_LONGEST = 200


def text_like(pattern: str, number: int = 0) -> str | None:
    """A text that matches a pattern as a whole.

    Args:
        pattern: a regular expression.
        number: another number gives another text, as long as there are some.

    Returns:
        None where the pattern is of a form that is not understood.
    """
    choices: list[str] = []
    at = 0
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        if found is None or len(choices) > _LONGEST:
            return None
        letters = _letters(found)
        if found["least"] is not None:
            least = int(found["least"])
        else:
            least = 0 if found["often"] in ("*", "?") else 1
        choices += [letters] * least
        at = found.end()
    made: list[str] = []
    for letters in reversed(choices):
        number, place = divmod(number, len(letters))
        made.append(letters[place])
    text = "".join(reversed(made))
    try:
        return text if text and re.fullmatch(pattern, text) else None
    except re.error:  # of another dialect
        return None


def _letters(found: re.Match[str]) -> str:
    """The letters of which one may stand at a place."""
    if found["kind"]:
        return _KINDS[found["kind"]]
    if found["set"] is None:
        return found["escaped"] or found["plain"]
    members: list[str] = []
    for part in re.finditer(
        r"\\(?P<kind>[dw])|\\?(?P<first>.)(?:-\\?(?P<last>[^\]]))?", found["set"], re.DOTALL
    ):
        if part["kind"]:
            members += _KINDS[part["kind"]]
        else:
            last = part["last"] or part["first"]
            members += map(chr, range(ord(part["first"]), min(ord(last), ord(part["first"]) + 100) + 1))
    return "".join(members) or "?"
