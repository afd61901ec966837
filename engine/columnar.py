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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from operator import and_, eq, ge, gt, le, lt, ne, or_

import polars as pl

from phasegate.engine.plan import (
    ANY_OF_ORDER,
    AllOf,
    Comparator,
    Comparison,
    Decisions,
    Evidence,
    GateDecision,
    GateState,
    Observation,
    Plan,
    PlannedGate,
    Requirement,
    Rule,
    Verdict,
)

_SMALL = 2**31 - 1
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
    answer = decide_units(plan, frame_of(plan, observations)).row(0, named=True)
    return Decisions(
        requirements={each.id: Verdict(answer[f"r{i}"]) for i, each in enumerate(plan.requirements)},
        criteria={each.id: Verdict(answer[f"c{i}"]) for i, each in enumerate(plan.criteria)},
        points={each.id: Verdict(answer[f"p{i}"]) for i, each in enumerate(plan.points)},
        gates={
            gate.id: GateDecision(
                state=GateState(answer[f"g{i}"]),
                own=GateState(answer[f"o{i}"]),
                waivers=tuple(
                    plan.requirements[leaf].id for leaf in _rested_on(plan, gate) if answer[f"w{leaf}"]
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
    verdicts = _requirements(plan, units)
    lazy = verdicts.lazy().with_columns(_rule(c.rule).alias(f"c{i}") for i, c in enumerate(plan.criteria))
    lazy = lazy.with_columns(
        *(_worst(_binding(plan, point.criteria)).alias(f"p{i}") for i, point in enumerate(plan.points)),
        *(rests.alias(f"w{leaf}") for leaf, rests in _resting(plan)),
    )
    lazy = lazy.with_columns(_own(plan, gate).alias(f"o{i}") for i, gate in enumerate(plan.gates))
    for i, gate in enumerate(plan.gates):  # a gate needs the final state of those before it
        lazy = lazy.with_columns(_final(plan, i, gate).alias(f"g{i}"))
    return lazy.collect()


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


def _requirements(plan: Plan, units: pl.DataFrame) -> pl.DataFrame:
    """Columns ``r{i}``: requirements of one form are stacked, decided at once, and cut apart."""
    members: dict[_Form, list[int]] = {}
    for i, requirement in enumerate(plan.requirements):
        members.setdefault(_Form.of(requirement), []).append(i)
    stacked = [
        pl.DataFrame(
            [pl.concat([units[f"{letter}{i}"] for i in indices]).alias(letter) for letter in form.columns]
        )
        for form, indices in members.items()
    ]
    decided = pl.collect_all(
        [
            frame.lazy().select(_verdict(form, frame.schema))
            for form, frame in zip(members, stacked, strict=True)
        ]
    )
    found: dict[int, pl.Series] = {}
    for indices, verdicts in zip(members.values(), decided, strict=True):
        for place, i in enumerate(indices):
            cut = verdicts.to_series().slice(place * units.height, units.height)
            found[i] = cut.alias(f"r{i}")
    rows = pl.int_range(units.height, eager=True).alias("unit")  # a plan may have no requirement
    return pl.DataFrame([rows, *(found[i] for i in range(len(plan.requirements)))])


def frame_of(plan: Plan, observations: Sequence[Observation]) -> pl.DataFrame:
    """A frame of one unit, with whole numbers of 128 bits."""
    values: dict[str, list[int | bool | str | None]] = {"unit": [0]}
    schema: dict[str, pl.DataType] = {"unit": pl.UInt32()}
    for i, (requirement, seen) in enumerate(zip(plan.requirements, observations, strict=True)):
        numerator, denominator = _reduced(seen)
        row = {"e": int(seen.evidence), "n": numerator, "d": denominator, "t": seen.truth, "s": seen.text}
        for letter in _Form.of(requirement).columns:
            values[f"{letter}{i}"] = [row[letter]]
            schema[f"{letter}{i}"] = _TYPES[letter]
    return pl.DataFrame(values, schema=schema)


def _reduced(seen: Observation) -> tuple[int | None, int | None]:
    if seen.numerator is None or seen.denominator is None or seen.denominator <= 0:
        return None, None
    divisor = gcd(seen.numerator, seen.denominator)
    return seen.numerator // divisor, seen.denominator // divisor


def _code(value: Verdict | GateState) -> pl.Expr:
    return pl.lit(int(value), dtype=pl.UInt8)


def _verdict(form: _Form, schema: pl.Schema) -> pl.Expr:
    """Evidence first, then the comparison, then the waiver."""
    evidence = pl.col("e")
    passes = _passes(form, schema)
    # Whatever is missing makes `passes` null, and a null is neither pass nor fail.
    compared = pl.when(passes.is_null()).then(_code(Verdict.ERROR)).when(passes).then(_code(Verdict.PASS))
    verdict = (
        pl.when(evidence == Evidence.PRESENT)
        .then(compared.otherwise(_code(Verdict.FAIL)))
        .when(evidence == Evidence.NOT_APPLICABLE)
        .then(_code(Verdict.NOT_APPLICABLE))
        .when(evidence == Evidence.UNKNOWN)
        .then(_code(Verdict.UNKNOWN))
        .when(evidence == Evidence.STALE)
        .then(_code(Verdict.STALE))
        .otherwise(_code(Verdict.ERROR))
    )
    if not form.covered:
        return verdict
    return pl.when(_covered(verdict, form, schema)).then(_code(Verdict.WAIVED)).otherwise(verdict)


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


def _rule(rule: Rule) -> pl.Expr:
    if isinstance(rule, int):
        return pl.col(f"r{rule}")
    parts = [_rule(part) for part in rule.parts]
    if isinstance(rule, AllOf):
        return _worst(parts)
    if not parts:
        return _code(Verdict.ERROR)
    best = _code(Verdict.ERROR)
    for verdict in reversed(ANY_OF_ORDER):
        has = pl.any_horizontal(part == verdict for part in parts)
        best = pl.when(has).then(_code(verdict)).otherwise(best)
    return best


def _worst(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Verdicts are numbered so that the worst is the greatest; the worst of nothing is an error."""
    return pl.max_horizontal(parts) if parts else _code(Verdict.ERROR)


def _binding(plan: Plan, criteria: Iterable[int]) -> list[pl.Expr]:
    return [pl.col(f"c{i}") for i in criteria if plan.criteria[i].enforcement != "advisory"]


def _resting(plan: Plan) -> Iterator[tuple[int, pl.Expr]]:
    """For each requirement that has a waiver, whether its criterion's verdict rests on it.

    It does if every node above it is waived too.
    """
    rests: dict[int, list[pl.Expr]] = {}
    for criterion in plan.criteria:
        for leaf, path in _paths(criterion.rule, ()):
            if plan.requirements[leaf].cover is not None:
                waived = pl.all_horizontal(_rule(node) == Verdict.WAIVED for node in path)
                rests.setdefault(leaf, []).append(waived)
    for leaf, carried in rests.items():
        yield leaf, pl.any_horizontal(carried)


def _paths(rule: Rule, above: tuple[Rule, ...]) -> Iterator[tuple[int, tuple[Rule, ...]]]:
    if isinstance(rule, int):
        yield rule, (*above, rule)
        return
    for part in rule.parts:
        yield from _paths(part, (*above, rule))


def _own(plan: Plan, gate: PlannedGate) -> pl.Expr:
    targets = _binding(plan, gate.targets)
    members = [*(pl.col(f"p{i}") for i in gate.points), *targets]
    inside = [*targets, *(each for i in gate.points for each in _binding(plan, plan.points[i].criteria))]
    if not gate.points or not inside:
        nothing = _worst(members) == Verdict.FAIL
        return pl.when(nothing).then(_code(GateState.CLOSED)).otherwise(_code(GateState.UNDECIDED))
    worst = _worst(members)
    passing = pl.any_horizontal(
        each for part in inside for each in (part == Verdict.PASS, part == Verdict.WAIVED)
    )
    return (
        pl.when(worst == Verdict.FAIL)
        .then(_code(GateState.CLOSED))
        .when((worst > Verdict.WAIVED) | ~passing)
        .then(_code(GateState.UNDECIDED))
        .when(worst == Verdict.WAIVED)
        .then(_code(GateState.OPEN_WITH_WAIVERS))
        .otherwise(_code(GateState.OPEN))
    )


def _final(plan: Plan, i: int, gate: PlannedGate) -> pl.Expr:
    """A gate is never nearer to open than those before it, and inherits their waivers."""
    state = pl.max_horizontal([pl.col(f"o{i}"), *(pl.col(f"g{before}") for before in gate.after)])
    carried = [pl.col(f"w{leaf}") for leaf in _rested_on(plan, gate)]
    if not carried:
        return state
    any_waiver = pl.any_horizontal(carried)
    with_waivers = (state == GateState.OPEN) & any_waiver
    final = pl.when(with_waivers).then(_code(GateState.OPEN_WITH_WAIVERS)).otherwise(state)
    if gate.max_waivers is None:
        return final
    count = pl.sum_horizontal([each.cast(pl.UInt32) for each in carried])
    return pl.when(count > gate.max_waivers).then(_code(GateState.CLOSED)).otherwise(final)


def _rested_on(plan: Plan, gate: PlannedGate) -> list[int]:
    """The requirements with a waiver under a gate and the gates before it, in the plan's order."""
    leaves: set[int] = set()
    criteria = [*gate.targets, *(i for point in gate.points for i in plan.points[point].criteria)]
    for i in criteria:
        if plan.criteria[i].enforcement != "advisory":
            leaves.update(
                leaf for leaf, _ in _paths(plan.criteria[i].rule, ()) if plan.requirements[leaf].cover
            )
    for before in gate.after:
        leaves.update(_rested_on(plan, plan.gates[before]))
    return sorted(leaves)
