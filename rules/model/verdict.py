"""Verdicts and the states of gates: the one table that says what each is and what follows from it.

Whoever keeps something of its own for each verdict (a sign, a colour, a level) keys it by this table; a test
sees that nothing is left out there.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any, Literal, Self, get_args

Waivable = Literal["fail", "stale", "unknown"]
"""The verdicts that a waiver may cover; nothing excuses an error."""
WAIVABLE: tuple[Waivable, ...] = get_args(Waivable)


class GateState(IntEnum):
    """States of a gate; the greater one is the further from open."""

    OPEN = 0
    OPEN_WITH_WAIVERS = 1
    UNDECIDED = 2
    CLOSED = 3

    @property
    def word(self) -> str:
        """The state as it is written in records and reports."""
        return self.name.lower()


class Group(Enum):
    """What a reader has to do about a verdict."""

    FAILED = "failed"
    UNDECIDED = "undecided"
    EXCUSED = "excused"
    SETTLED = "settled"


class Verdict(IntEnum):
    """Verdicts in their order: the greater one is the worse one.

    Attributes:
        group: what a reader has to do about it.
        preference: its place among the verdicts of alternatives, of which the smallest counts.
        gate_state: the state of a gate whose worst verdict it is.
    """

    group: Group
    preference: int
    gate_state: GateState

    NOT_APPLICABLE = (0, Group.SETTLED, 2, GateState.UNDECIDED)
    PASS = (1, Group.SETTLED, 0, GateState.OPEN)
    WAIVED = (2, Group.EXCUSED, 1, GateState.OPEN_WITH_WAIVERS)
    UNKNOWN = (3, Group.UNDECIDED, 5, GateState.UNDECIDED)
    STALE = (4, Group.UNDECIDED, 4, GateState.UNDECIDED)
    ERROR = (5, Group.UNDECIDED, 3, GateState.UNDECIDED)
    FAIL = (6, Group.FAILED, 6, GateState.CLOSED)

    def __new__(cls, rank: int, *row: Any) -> Self:
        """One row of the table; the rank alone stands for a row that is there."""
        made = int.__new__(cls, rank)
        made._value_ = rank
        made.group, made.preference, made.gate_state = row
        return made

    @property
    def word(self) -> str:
        """The verdict as it is written in records and reports."""
        return self.name.lower()

    @property
    def waivable(self) -> bool:
        """Whether a waiver may cover it."""
        return self.word in WAIVABLE


def in_groups(*groups: Group) -> tuple[Verdict, ...]:
    """The verdicts of some groups, the worst first."""
    return tuple(each for each in sorted(Verdict, reverse=True) if each.group in groups)


def words(*groups: Group) -> tuple[str, ...]:
    """The words of the verdicts of some groups, the worst first."""
    return tuple(each.word for each in in_groups(*groups))


WORST_FIRST = words(*Group)
"""All verdicts, in the order in which a reader wants them."""
UNDECIDED = frozenset(words(Group.UNDECIDED))
DECIDED = frozenset(WORST_FIRST) - UNDECIDED
SETTLED = frozenset(words(Group.SETTLED))
"""What asks nobody for anything."""
HOLDING = frozenset(words(Group.SETTLED, Group.EXCUSED))
"""What keeps no gate shut."""
NOT_PASSED = words(Group.FAILED, Group.UNDECIDED)
BY_WORD = {each.word: each for each in Verdict}
STATE_BY_WORD = {each.word: each for each in GateState}
OPEN_STATES = tuple(each.word for each in GateState if each <= GateState.OPEN_WITH_WAIVERS)
"""The states of a gate through which a programme may go."""
