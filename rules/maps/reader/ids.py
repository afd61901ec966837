"""The ids by which plans name their parts: ``M1``, ``AP-1``, ``REQ-12``, ``Epic 1.1``, ``2.3``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from phasegate.rules.maps.reader.patterns import numbered_heading

_CODE = r"(?-i:[A-Z])[A-Za-z]{0,9}(?:[-_][A-Za-z]{1,10}){0,2}[-_]?\d{1,6}(?:[.-]\d{1,4}){0,3}[a-z]?"
_NUMBER = r"\d{1,6}(?:\.\d{1,4}){0,3}"
_STAGES = "phase|stage|release|increment|iteration|sprint|wave"
_MILESTONES = "milestone|meilenstein|gate|checkpoint"
_WORDS = (
    f"{_STAGES}|{_MILESTONES}|epic|feature|(?:user )?story|requirement|anforderung|deliverable|objective|"
    "goal|outcome|work ?package|workstream|capability|initiative|use case|action(?: item| point)?|"
    "control|item"
)
_APART = r"(?:\s*(?:[:|.)\]]|[-\u2010-\u2015\u2212])+\s*|\s+|$)"
_LONGEST = 60
_MILESTONE_CODES = frozenset({"m", "ms", "g"})


class Identity(NamedTuple):
    """What a heading or a cell calls a part of the plan.

    Attributes:
        id: such as ``M1``; of a word with a plain number, both: ``Epic-3``.
        title: what stands behind it; empty where nothing does.
        family: what all parts of its sort are called, in lower case: ``m``, ``req``, ``epic``; empty for
            plain numbers.
    """

    id: str
    title: str
    family: str

    @property
    def is_stage(self) -> bool:
        """Whether it is a part of the time that the plan takes."""
        return self.family in _STAGES.split("|")

    @property
    def is_milestone(self) -> bool:
        """Whether it is a moment at which it is decided whether the plan goes on."""
        return self.family in _MILESTONES.split("|") or self.family in _MILESTONE_CODES


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def identified(text: str, *, numbers: bool = True) -> Identity | None:
    """What a text calls a part of a plan, None where it begins with no id.

    Args:
        text: a heading, or the cell of a table.
        numbers: whether a plain number is an id.
    """
    found = _pattern(
        rf"^(?P<word>{_WORDS})s?\s*#?(?P<id>{_CODE}|{_NUMBER})(?!\w){_APART}(?P<title>.*)$"
    ).match(text)
    if found is not None:
        word, id_ = found["word"], found["id"]
        family = " ".join(word.casefold().split())
        if id_[0].isdigit() and "." not in id_:
            id_ = f"{'-'.join(word.split())}-{id_}"
        return Identity(id_, found["title"].strip(), family)
    found = _pattern(rf"^[(\[]?(?P<id>{_CODE})(?![\w/])[)\]]?{_APART}(?P<title>.*)$").match(text)
    if found is not None:
        family = re.split(r"[-_]?\d", found["id"], maxsplit=1)[0].casefold()
        return Identity(found["id"], found["title"].strip(), family)
    if numbers and _pattern(_NUMBER).fullmatch(text.rstrip(".")):
        return Identity(text.rstrip("."), "", "")
    numbered = numbered_heading(text) if numbers else None
    return Identity(*numbered, "") if numbered else None


def slug(text: str, sign: str = "-") -> str:
    """A text as an id: its letters and digits in ASCII, lower case; empty where it has none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", sign, plain.casefold()).strip(sign)[:_LONGEST].strip(sign)


class References:
    """Finds the parts of a plan that a line names."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._order = {id_: place for place, id_ in enumerate(dict.fromkeys(ids))}
        self._known: Mapping[str, str] = {_folded(id_): id_ for id_ in self._order}
        self._ids = list(self._order)

    def find(self, text: str) -> list[str]:
        """The ids that a text names, in its order; ``REQ-1 to REQ-4`` names what stands between them too."""
        token = (
            rf"(?<![\w.])(?:[A-Za-z]{{1,20}}(?:[-_][A-Za-z]{{1,10}}){{0,2}}s?[-_ ]?)?{_NUMBER}[a-z]?(?![\w])"
        )
        found: list[str] = []
        end = 0
        for each in _pattern(token).finditer(text):
            id_ = self._meant(each.group(), each.start() == 0)
            if id_ is None:
                continue
            if found and _pattern(r"\s*(?:to|through|until|bis|\.\.|[-\u2010-\u2015])\s*").fullmatch(
                text[end : each.start()]
            ):
                found += self._ids[self._order[found[-1]] + 1 : self._order[id_]]
            found.append(id_)
            end = each.end()
        return list(dict.fromkeys(found))

    def _meant(self, token: str, begins: bool) -> str | None:
        if (known := self._known.get(_folded(token))) is not None and (begins or not token.isdigit()):
            return known
        number = re.search(_NUMBER, token)
        if number is None or number.start() == 0 or "." not in number.group():
            return None
        return self._known.get(number.group())


def _folded(id_: str) -> str:
    return re.sub(r"[-_\s]+", "", id_).casefold()
