"""Columnar evaluation: the same plan decided in polars, for one unit or for many at once.

A unit is one thing that the plan is held against: the programme in a check, or each of a hundred
thousand teams. The frame has a row for each unit and, for requirement number i, the columns

- ``e{i}`` UInt8, the `Evidence`;
- ``n{i}``, ``d{i}`` integers, numerator and denominator (numbers only);
- ``t{i}`` Boolean (truth values only);
- ``s{i}`` String (texts only).

The answer has UInt8 columns ``r{i}`` (requirements), ``c{i}`` (criteria) and ``p{i}`` (points) with
`Verdict` codes, ``w{i}`` Boolean (whether a criterion rests on that
requirement's waiver; only where there is one), and ``o{i}``
(own) and ``g{i}`` (final) with `GateState` codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Literal

import polars as pl

from phasegate.engine.columnar.roll_up import (
    binding,
    choices,
    code,
    criterion_verdict,
    final_state,
    own_state,
    rested_on,
    resting,
    worst,
)
from phasegate.engine.plan import (
    Comparator,
    Comparison,
    Decisions,
    GateDecision,
    Observation,
    Plan,
    Requirement,
)
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

_SMALL = 2**31 - 1
_FEW_UNITS = 1_000
_TYPES = {"e": pl.UInt8(), "n": pl.Int128(), "d": pl.Int128(), "t": pl.Boolean(), "s": pl.String()}
_OPERATORS: dict[Comparator, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ">=": ge,
    "<=": le,
    ">": gt,
    "<": lt,
    "==": eq,
    "!=": ne,
}
_NARROW = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16)


def decide(plan: Plan, observations: Sequence[Observation]) -> Decisions:
    """Decides a plan for one unit.

    Args:
        plan: what is to be decided.
        observations: one for each requirement, in the plan's order.
    """
    stacks = {form: _stack(observations, members) for form, members in _forms(plan).items()}
    answer = _decide(plan, stacks, 1).row(0, named=True)
    return Decisions(
        requirements={each.id: Verdict(answer[f"r{i}"]) for i, each in enumerate(plan.requirements)},
        criteria={each.id: Verdict(answer[f"c{i}"]) for i, each in enumerate(plan.criteria)},
        points={each.id: Verdict(answer[f"p{i}"]) for i, each in enumerate(plan.points)},
        gates={
            gate.id: GateDecision(
                state=GateState(answer[f"g{i}"]),
                own=GateState(answer[f"o{i}"]),
                waivers=tuple(
                    plan.requirements[leaf].id for leaf in rested_on(plan, gate) if answer[f"w{leaf}"]
                ),
            )
            for i, gate in enumerate(plan.gates)
        },
    )


def decide_units(plan: Plan, units: pl.DataFrame) -> pl.DataFrame:
    """Decides a plan for every row of a frame of the shape above.

    Integers up to 32 bits are compared in 64 bits, wider ones in 128, so that a product of a
    value and a limit does not overflow (limits are below 2^31 in the first case, and
    `engine.resolve` refuses larger products in the second).
    """
    stacks = {
        form: pl.DataFrame(
            [pl.concat([units[f"{letter}{i}"] for i in members]).alias(letter) for letter in form.columns]
        )
        for form, members in _forms(plan).items()
    }
    return _decide(plan, stacks, units.height)


@dataclass(frozen=True, slots=True)
class _Form:
    """What requirements of one form have in common: they are decided as one column."""

    tests: tuple[Comparison, ...]
    expected: bool | None
    options: tuple[str, ...]
    covered: frozenset[Verdict]
    floor: tuple[Comparison, ...]

    @classmethod
    def of(cls, requirement: Requirement) -> _Form:
        cover = requirement.cover
        covered = cover.verdicts if cover else frozenset[Verdict]()
        floor = cover.floor if cover else ()
        return cls(requirement.tests, requirement.expected, requirement.options, covered, floor)

    @property
    def columns(self) -> str:
        """The letters of the columns that the form reads."""
        numbers = "nd" if self.tests or self.floor else ""
        return f"e{numbers}{'t' if self.expected is not None else ''}{'s' if self.options else ''}"


def _forms(plan: Plan) -> dict[_Form, list[int]]:
    """The requirements by their form."""
    members: dict[_Form, list[int]] = {}
    for i, requirement in enumerate(plan.requirements):
        members.setdefault(_Form.of(requirement), []).append(i)
    return members


def _decide(plan: Plan, stacks: Mapping[_Form, pl.DataFrame], units: int) -> pl.DataFrame:
    """Decides requirements of one form at once, cuts them apart, and rolls them up.

    Args:
        plan: what is decided.
        stacks: for each form the columns of its requirements, one requirement below the other.
        units: how many rows each requirement has.
    """
    lazy = _requirements(plan, stacks, units).lazy()
    held, levels = choices(plan)
    for level in levels:
        lazy = lazy.with_columns(level)
    lazy = lazy.with_columns(
        criterion_verdict(each.rule, plan.alternatives, held).alias(f"c{i}")
        for i, each in enumerate(plan.criteria)
    )
    lazy = lazy.with_columns(
        *(worst(binding(plan, point.criteria)).alias(f"p{i}") for i, point in enumerate(plan.points)),
        *(rests.alias(f"w{leaf}") for leaf, rests in resting(plan, held)),
    )
    lazy = lazy.with_columns(own_state(plan, gate).alias(f"o{i}") for i, gate in enumerate(plan.gates))
    for i, gate in enumerate(plan.gates):  # a gate needs the final state of those before it
        lazy = lazy.with_columns(final_state(plan, i, gate).alias(f"g{i}"))
    return lazy.collect(engine=_engine(units))


def _requirements(plan: Plan, stacks: Mapping[_Form, pl.DataFrame], units: int) -> pl.DataFrame:
    """Columns ``r{i}``, and ``unit`` for a plan that has no requirement."""
    decided = pl.collect_all(
        [frame.lazy().select(_verdict(form, frame.schema)) for form, frame in stacks.items()],
        engine=_engine(units),
    )
    found: dict[int, pl.Series] = {}
    for members, verdicts in zip(_forms(plan).values(), decided, strict=True):
        column = verdicts.to_series()
        for place, i in enumerate(members):
            found[i] = column.slice(place * units, units).alias(f"r{i}")
    rows = pl.int_range(units, eager=True).alias("unit")
    return pl.DataFrame([rows, *(found[i] for i in range(len(plan.requirements)))])


def _stack(observations: Sequence[Observation], members: Sequence[int]) -> pl.DataFrame:
    """The columns of some requirements of one unit, with whole numbers of 128 bits."""
    seen = [observations[i] for i in members]
    pairs = [_reduced(each) for each in seen]
    return pl.DataFrame(
        {
            "e": [int(each.evidence) for each in seen],
            "n": [numerator for numerator, _ in pairs],
            "d": [denominator for _, denominator in pairs],
            "t": [each.truth for each in seen],
            "s": [each.text for each in seen],
        },
        schema=_TYPES,
    )


def _engine(units: int) -> Literal["in-memory", "streaming"]:
    """The faster of polars' engines: cutting work into morsels pays for many units only."""
    return "streaming" if units > _FEW_UNITS else "in-memory"


def _reduced(seen: Observation) -> tuple[int | None, int | None]:
    if seen.numerator is None or seen.denominator is None or seen.denominator <= 0:
        return None, None
    divisor = gcd(seen.numerator, seen.denominator)
    return seen.numerator // divisor, seen.denominator // divisor


def _verdict(form: _Form, schema: pl.Schema) -> pl.Expr:
    """Evidence first, then the comparison, then the waiver."""
    evidence = pl.col("e")
    passes = _passes(form, schema)
    # Whatever is missing makes `passes` null, and a null is neither pass nor fail.
    compared = pl.when(passes.is_null()).then(code(Verdict.ERROR)).when(passes).then(code(Verdict.PASS))
    by_value = compared.otherwise(code(Verdict.FAIL))
    verdict = pl.when(evidence == Evidence.PRESENT).then(by_value).otherwise(code(Verdict.ERROR))
    for each in Evidence:
        if each.verdict is not None:
            verdict = pl.when(evidence == each).then(code(each.verdict)).otherwise(verdict)
    if not form.covered:
        return verdict
    return pl.when(_covered(verdict, form, schema)).then(code(Verdict.WAIVED)).otherwise(verdict)


def _passes(form: _Form, schema: pl.Schema) -> pl.Expr:
    if form.tests:
        return _all_hold(form.tests, schema)
    if form.expected is not None:
        return pl.col("t") == form.expected
    text = pl.col("s")
    return pl.when(text.is_null()).then(None).otherwise(text.is_in(list(form.options)))


def _all_hold(tests: Iterable[Comparison], schema: pl.Schema) -> pl.Expr:
    held = reduce(and_, [_holds(test, schema) for test in tests])
    valid = pl.col("n").is_not_null() & (pl.col("d") > 0)
    return pl.when(valid).then(held).otherwise(None)


def _holds(test: Comparison, schema: pl.Schema) -> pl.Expr:
    """Holds n / d against p / q as n * q against p * d: no division, so nothing is rounded."""
    p, q = test.limit.numerator, test.limit.denominator
    narrow = schema["n"] in _NARROW and schema["d"] in _NARROW and max(abs(p), q) <= _SMALL
    wide = pl.Int64 if narrow else pl.Int128
    left = pl.col("n").cast(wide) * pl.lit(q, dtype=wide)
    right = pl.col("d").cast(wide) * pl.lit(p, dtype=wide)
    return _OPERATORS[test.comparator](left, right)


def _covered(verdict: pl.Expr, form: _Form, schema: pl.Schema) -> pl.Expr:
    """A floor is held against the value wherever a verdict rests on one: fail and stale."""
    above = _all_hold(form.floor, schema).fill_null(value=False) if form.floor else pl.lit(value=True)
    return reduce(
        or_,
        [
            (verdict == code) if code is Verdict.UNKNOWN else (verdict == code) & above
            for code in sorted(form.covered)
        ],
    )
