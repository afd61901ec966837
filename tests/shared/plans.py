"""Short ways to write plans and observations, and to decide them."""

from fractions import Fraction

from oracle import oracle

from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import (
    Comparison,
    Cover,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
    Side,
)
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
STALE, UNKNOWN = Verdict.STALE, Verdict.UNKNOWN
WAIVED, NOT_APPLICABLE = Verdict.WAIVED, Verdict.NOT_APPLICABLE
OPEN, OPEN_WITH_WAIVERS = GateState.OPEN, GateState.OPEN_WITH_WAIVERS
UNDECIDED, CLOSED = GateState.UNDECIDED, GateState.CLOSED


def needs(name="r", bound=None, **others):
    """A requirement; ``bound`` is written ``>= 95/100`` or ``>= 1 <= 2``."""
    words = (bound or "").split()
    tests = tuple(Comparison(c, Fraction(n)) for c, n in zip(words[::2], words[1::2], strict=True))
    return Requirement(name, f"m.{name}", "", bound or "", tests=tests, **others)


def waiver(*verdicts, floor=None):
    words = (floor or "").split()
    sides = tuple(Side(c, Fraction(n)) for c, n in zip(words[::2], words[1::2], strict=True))
    return Cover("w", frozenset(verdicts), None if floor is None else sides)


def value(number, evidence=Evidence.PRESENT):
    """An observation of a number (``n/d`` as counted, or ``n/d to n/d``), of a truth value, or of nothing."""
    if number is None:
        return Observation(evidence)
    if isinstance(number, bool):
        return Observation(evidence, truth=number)
    ends = [end.partition("/") for end in number.split(" to ")]
    pairs = [(int(numerator), int(denominator or 1)) for numerator, _, denominator in ends]
    return Observation(evidence, pairs[0], pairs[-1])


def text(word):
    return Observation(Evidence.PRESENT, text=word)


def decide(plan, seen):
    with RuleBase(plan) as rules:
        decisions = rules.decide(seen)
    assert not rules.faults
    assert decisions == oracle(plan, seen)
    return decisions


SHOWS = {
    PASS: value("1"),
    FAIL: value("0"),
    ERROR: value(None, Evidence.ERROR),
    STALE: value(None, Evidence.STALE),
    UNKNOWN: value(None, Evidence.UNKNOWN),
    NOT_APPLICABLE: value(None, Evidence.NOT_APPLICABLE),
    WAIVED: value("0"),
}


def leaves(verdicts):
    """Requirements with observations that give them these verdicts."""
    cover = waiver(FAIL)
    return (
        tuple(needs(f"r{i}", ">= 1", cover=cover if v is WAIVED else None) for i, v in enumerate(verdicts)),
        [SHOWS[v] for v in verdicts],
    )


def points(*levels, verdicts):
    """A plan with one point whose criteria have these enforcements and verdicts."""
    requirements, seen = leaves(verdicts)
    criteria = tuple(PlannedCriterion(f"c{i}", level, i) for i, level in enumerate(levels))
    return Plan(requirements, criteria, (PlannedPoint("p", tuple(range(len(levels)))),), ()), seen


def gate(name, at=(), targets=(), after=(), cap=None):
    return PlannedGate(name, tuple(at), tuple(targets), tuple(after), cap)
