"""Tables of a plan: rows that are points, rows that are criteria, and what their columns say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.ids import Identity, identified, slug
from phasegate.rules.maps.reader.model import MapCriterion

_IDS = re.compile(r"(?:[\w ]*\b)?(?:id|ref(?:erence)?|key|code|no|nr|number|#)\.?|req\.?|", re.IGNORECASE)
_CRITERIA = re.compile(r"criteri|kriteri|definition of done|done when", re.IGNORECASE)
_OWNER = re.compile(
    r"(?:document )?(?:owner|approver|approved by|accountable|responsible|sign-?off|signed off by|"
    r"verified by)s?",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:target |planned )?(?:phase|stage|release|milestone|increment|iteration|sprint|wave)", re.IGNORECASE
)
_ASKED = re.compile(
    r"requirement|anforderung|\bshall\b|\bmust\b|epic|milestone|meilenstein|story|feature|deliverable|objective|"
    r"capability|outcome|control",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"priority|status|date|due|week|note|comment|source|rationale|effort|size|points|risk|links?|tags?|type|"
    r"category|version|team|test|moscow|evidence|proof|method|metric",
    re.IGNORECASE,
)
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)
_PARTS = re.compile(r"\n|;|(?:^|\s)[•▪◦·]\s")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of a table, by what its columns are for.

    Attributes:
        identity: what the row is called; None where it has no id.
        text: what it says, in the first column that is for nothing else.
        asked: whether the heads say that its rows are what is planned.
        criteria: head and cell of each column of criteria.
        owner: who answers for it, empty where no column says.
        when: the phase that it belongs to, empty where no column says.
    """

    identity: Identity | None
    text: str
    asked: bool
    criteria: tuple[tuple[str, str], ...]
    owner: str
    when: str

    @property
    def goes_on(self) -> bool:
        """Whether it says more of the row before it: its first cells are empty."""
        return self.identity is None and not self.text and bool(self.criteria)

    @property
    def is_point(self) -> bool:
        """Whether it stands for a point: it has an id, and says what is asked besides its criteria."""
        return self.identity is not None and bool(self.text) and (self.asked or bool(self.criteria))

    def criteria_at(self, line: int, *, of_point: bool) -> Iterator[MapCriterion]:
        """Its criteria; what it says is one where it has no column for them, or says nothing there.

        Args:
            line: where it stands.
            of_point: whether it is a point itself; its id is its criterion's otherwise.
        """
        owners = (self.owner,) if self.owner else ()
        said = [
            (words, group_of(head))
            for head, cell in self.criteria
            for text in _PARTS.split(cell)
            if (words := " ".join(text.split()))
        ]
        if not said and (self.is_point if not self.criteria else self.text and not of_point):
            said = [(self.text, None)]
        code = self.identity.id if self.identity is not None and not of_point else None
        for number, (words, group) in enumerate(said, start=1):
            own = f"{code}-{number}" if code and len(said) > 1 else code
            yield MapCriterion(words, line, group, own, owners)


def row_of(block: Block) -> PlanRow | None:
    """What a block's cells say; None for what is no row of a table with heads."""
    if not block.cells or not any(head for head, _ in block.cells):
        return None
    identity = _identity(block)
    texts = [identity.title] if identity is not None and identity.title else []
    criteria: list[tuple[str, str]] = []
    owner = when = ""
    named = identity is not None or _IDS.fullmatch(_first(block)) is not None
    for head, cell in block.cells[named:]:
        words = " ".join(cell.split())
        if _CRITERIA.search(head):
            criteria.append((head, cell))
        elif _OWNER.fullmatch(head.strip()):
            owner = words
        elif _WHEN.fullmatch(head.strip()):
            when = words
        elif words and not criteria and not _ASIDE.search(head):  # what stands before its criteria
            texts.append(words)
    heads = [_first(block), *(head for head, _ in block.cells[1:] if not _WHEN.fullmatch(head.strip()))]
    asked = any(_ASKED.search(head) for head in heads)
    return PlanRow(identity, texts[0] if texts else "", asked, tuple(criteria), owner, when)


def _first(block: Block) -> str:
    """The head of the first column."""
    return block.cells[0][0].strip()


def _identity(block: Block) -> Identity | None:
    """What the first cell calls a row; where its column is for ids, whatever stands there."""
    words = " ".join(block.cells[0][1].split())
    if not _IDS.fullmatch(_first(block)):
        return identified(words, numbers=False)
    if (found := identified(words)) is not None or not words:
        return found
    return Identity(words if _ID.fullmatch(words) else slug(words) or f"row-{block.line}", "", "")


def asks_criteria(text: str) -> bool:
    """Whether a heading or a label says that criteria follow."""
    return _CRITERIA.search(text) is not None


def group_of(text: str) -> str | None:
    """What criteria under a heading or a label are of: ``entry``, ``exit``, or None."""
    folded = text.casefold()
    if re.search(r"\b(?:entry|entrance|eingangs|eintritts)", folded):
        return "entry"
    return "exit" if re.search(r"\b(?:exit|ausgangs|austritts)", folded) else None


def names_owner(label: str) -> bool:
    """Whether a label says that who answers for a part follows."""
    return _OWNER.fullmatch(label.strip()) is not None
