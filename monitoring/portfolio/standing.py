"""How a project stands: the states of a gate, and behind them that nobody can tell."""

from __future__ import annotations

from phasegate.rules.model.verdict import STATE_BY_WORD, GateState, Verdict, Worded


class Standing(Worded):
    """How a gate, a project or a portfolio stands; the greater one is the worse one.

    Its ranks are those of the states of gates. ``ERROR`` is worse than all: something could not be read, or
    was no evidence at all, so that nobody knows what it would have been.

    Attributes:
        exit_code: how a command ends that came to it.
    """

    OPEN = GateState.OPEN
    OPEN_WITH_WAIVERS = GateState.OPEN_WITH_WAIVERS
    UNDECIDED = GateState.UNDECIDED
    CLOSED = GateState.CLOSED
    ERROR = GateState.CLOSED + 1

    @property
    def exit_code(self) -> int:
        """How a command ends that came to it; that of an error is the one of an undecided gate."""
        state = Verdict.ERROR.gate_state if self is Standing.ERROR else GateState(self)
        return state.exit_code

    @property
    def opens(self) -> bool:
        """Whether a programme may go through."""
        return self <= Standing.OPEN_WITH_WAIVERS

    @classmethod
    def of(cls, state: str) -> Standing:
        """That of a gate's state; whatever is none is undecided."""
        return cls(STATE_BY_WORD.get(state, GateState.UNDECIDED))

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> Standing:
        """That of a gate whose worst verdict it is; where it is an error, that is an error."""
        return cls.ERROR if verdict is Verdict.ERROR else cls(verdict.gate_state)
