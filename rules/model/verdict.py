"""The one table of verdicts, of the states of gates and of what a fact is worth, and what follows from each.

Whoever keeps something of its own for each verdict (a sign, a colour, a level) keys it by this table; a test
sees that nothing is left out there.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any, Literal, Self, get_args

Waivable = Literal["fail", "stale", "unknown"]
"""The verdicts that a waiver may cover; nothing excuses an error."""
WAIVABLE: tuple[Waivable, ...] = get_args(Waivable)


class Worded(IntEnum):
    """What has a rank in decisions, and a word in records and reports."""

    @property
    def word(self) -> str:
        """As it is written."""
        return self.name.lower()


class GateState(Worded):
    """States of a gate; the greater one is the further from open.

    Attributes:
        exit_code: how a run ends whose outcome it is.
    """

    exit_code: int

    OPEN = (0, 0)
    OPEN_WITH_WAIVERS = (1, 0)
    UNDECIDED = (2, 3)
    CLOSED = (3, 1)

    def __new__(cls, rank: int, exit_code: int = 3) -> Self:
        """One row of the table; the rank alone stands for a row that is there."""
        made = int.__new__(cls, rank)
        made._value_ = rank
        made.exit_code = exit_code
        return made


class Group(Enum):
    """What a reader has to do about a verdict."""

    FAILED = "failed"
    UNDECIDED = "undecided"
    EXCUSED = "excused"
    SETTLED = "settled"


class Verdict(Worded):
    """Verdicts in their order: the greater one is the worse one.

    Attributes:
        group: what a reader has to do about it.
        preference: its place among the verdicts of alternatives, of which the smallest counts: whatever
            holds before what is excused, and that before what is missing. What does not apply comes last:
            it is no way to pass, and counts only where none of the others applies.
        gate_state: the state of a gate whose worst verdict it is.
    """

    group: Group
    preference: int
    gate_state: GateState

    NOT_APPLICABLE = (0, Group.SETTLED, 6, GateState.UNDECIDED)
    PASS = (1, Group.SETTLED, 0, GateState.OPEN)
    WAIVED = (2, Group.EXCUSED, 1, GateState.OPEN_WITH_WAIVERS)
    UNKNOWN = (3, Group.UNDECIDED, 4, GateState.UNDECIDED)
    STALE = (4, Group.UNDECIDED, 3, GateState.UNDECIDED)
    ERROR = (5, Group.UNDECIDED, 2, GateState.UNDECIDED)
    FAIL = (6, Group.FAILED, 5, GateState.CLOSED)

    def __new__(cls, rank: int, *row: Any) -> Self:
        """One row of the table; the rank alone stands for a row that is there."""
        made = int.__new__(cls, rank)
        made._value_ = rank
        made.group, made.preference, made.gate_state = row
        return made

    @property
    def waivable(self) -> bool:
        """Whether a waiver may cover it."""
        return self.word in WAIVABLE


class Evidence(Worded):
    """What a requirement's fact is worth as evidence; its words are the statuses of facts.

    UNDETERMINED is the `unknown` of rows of which nobody knows whether they count: the evidence is there.

    Attributes:
        verdict: what follows from it by itself; None where the value is compared.
    """

    verdict: Verdict | None

    PRESENT = (0, None)
    NOT_APPLICABLE = (1, Verdict.NOT_APPLICABLE)
    UNKNOWN = (2, Verdict.UNKNOWN)
    STALE = (3, Verdict.STALE)
    ERROR = (4, Verdict.ERROR)
    UNDETERMINED = (5, Verdict.UNKNOWN)

    def __new__(cls, code: int, verdict: Verdict | None = None) -> Self:
        """One row of the table; the code alone stands for a row that is there."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.verdict = verdict
        return made

    @classmethod
    def of(cls, status: str, undetermined: int) -> Evidence:
        """What a fact is worth; of a status that nobody knows it is an error.

        Args:
            status: the fact's.
            undetermined: of how many rows nobody knows whether they count.
        """
        found = EVIDENCE_BY_WORD.get(status, cls.ERROR)
        return cls.UNDETERMINED if found is cls.UNKNOWN and undetermined else found


def in_groups(*groups: Group) -> tuple[Verdict, ...]:
    """The verdicts of some groups, the worst first."""
    return tuple(each for each in sorted(Verdict, reverse=True) if each.group in groups)


def words(*groups: Group) -> tuple[str, ...]:
    """The words of the verdicts of some groups, the worst first."""
    return tuple(each.word for each in in_groups(*groups))


WORST_FIRST = words(*Group)
"""All verdicts, in the order in which a reader wants them."""
ANY_OF_ORDER = tuple(sorted(Verdict, key=lambda each: each.preference))
"""The order in which the verdicts of alternatives count."""
UNDECIDED = frozenset(words(Group.UNDECIDED))
DECIDED = frozenset(WORST_FIRST) - UNDECIDED
SETTLED = frozenset(words(Group.SETTLED))
"""What asks nobody for anything."""
HOLDING = frozenset(words(Group.SETTLED, Group.EXCUSED))
"""What keeps no gate shut."""
NOT_PASSED = words(Group.FAILED, Group.UNDECIDED)
BY_WORD = {each.word: each for each in Verdict}
STATE_BY_WORD = {each.word: each for each in GateState}
EVIDENCE_BY_WORD = {each.word: each for each in Evidence if each is not Evidence.UNDETERMINED}
OPEN_STATES = tuple(each.word for each in GateState if each <= GateState.OPEN_WITH_WAIVERS)
"""The states of a gate through which a programme may go."""
