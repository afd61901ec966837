"""Columnar evaluation: the same plan decided in polars, for one unit or for many at once.

A unit is one thing that the plan is held against: the programme in a check, or each of a hundred
thousand teams. The frame has a row for each unit and, for requirement number i, the columns

- ``e{i}`` UInt8, the `Evidence`;
- ``n{i}``, ``d{i}`` integers, numerator and denominator of the least that a number can be;
- ``hn{i}``, ``hd{i}`` the same of the greatest; without these columns the number is known;
- ``t{i}`` Boolean (truth values only);
- ``s{i}`` String (texts only).

The answer has UInt8 columns ``r{i}`` (requirements), ``c{i}`` (criteria) and ``p{i}`` (points) with
`Verdict` codes, ``w{i}`` Boolean (whether a criterion rests on that
requirement's waiver; only where there is one), and ``o{i}``
(own) and ``g{i}`` (final) with `GateState` codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, ge, gt, le, lt, or_
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
    Comparison,
    Cover,
    Decisions,
    Excuse,
    GateDecision,
    Observation,
    OneSided,
    Plan,
    Requirement,
    Side,
    sides,
)
from phasegate.facts.model.ends import Ends, Pair
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

_SMALL = 2**31 - 1
_FEW_UNITS = 1_000
_WHOLE = pl.Int128()
_Nothing = tuple[None, None]
_End = tuple[str, str]
"""The columns of a numerator and a denominator."""
_LOW: _End = ("n", "d")
_HIGH: _End = ("hn", "hd")
_TYPES = {
    "e": pl.UInt8(),
    **dict.fromkeys((*_LOW, *_HIGH), _WHOLE),
    "t": pl.Boolean(),
    "s": pl.String(),
}
_OPERATORS: dict[OneSided, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {">=": ge, "<=": le, ">": gt, "<": lt}
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

    A check has one unit, and comes here by `decide`; by many at once both engines are held to each other.

    Integers up to 32 bits are compared in 64 bits, wider ones in 128, so that a product of a
    value and a limit does not overflow (limits are below 2^31 in the first case, and
    `engine.resolve` refuses larger products in the second).
    """
    stacks = {
        form: pl.DataFrame(
            [
                pl.concat([_column(units, name, i) for i in members]).alias(name)
                for name in form.columns
                if name not in _HIGH or any(f"{_HIGH[0]}{i}" in units.columns for i in members)
            ]
        )
        for form, members in _forms(plan).items()
    }
    return _decide(plan, stacks, units.height)


def _column(units: pl.DataFrame, name: str, i: int) -> pl.Series:
    """A column of one requirement; the greatest that a known number can be is the least."""
    known = name in _HIGH and f"{_HIGH[0]}{i}" not in units.columns
    return units[f"{_LOW[_HIGH.index(name)] if known else name}{i}"]


@dataclass(frozen=True, slots=True)
class _Form:
    """What requirements of one form have in common: they are decided as one column."""

    tests: tuple[Comparison, ...]
    expected: bool | None
    options: tuple[str, ...]
    cover: Cover | None

    @classmethod
    def of(cls, requirement: Requirement) -> _Form:
        cover = replace(requirement.cover, waiver="") if requirement.cover else None
        return cls(requirement.tests, requirement.expected, requirement.options, cover)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the form reads."""
        floored = self.cover is not None and self.cover.floor is not None
        numbers = (*_LOW, *_HIGH) if self.tests or floored else ()
        truth = ("t",) if self.expected is not None else ()
        return ("e", *numbers, *truth, *(("s",) if self.options else ()))


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
    lows, highs = zip(*(_reduced(each.low, each.high) for each in seen), strict=True)
    columns = {
        "e": [int(each.evidence) for each in seen],
        "n": [numerator for numerator, _ in lows],
        "d": [denominator for _, denominator in lows],
        "hn": [numerator for numerator, _ in highs],
        "hd": [denominator for _, denominator in highs],
        "t": [each.truth for each in seen],
        "s": [each.text for each in seen],
    }
    known = lows == highs
    types = {name: type_ for name, type_ in _TYPES.items() if not (known and name in _HIGH)}
    return pl.DataFrame({name: columns[name] for name in types}, schema=types)


def _engine(units: int) -> Literal["in-memory", "streaming"]:
    """The faster of polars' engines: cutting work into morsels pays for many units only."""
    return "streaming" if units > _FEW_UNITS else "in-memory"


def _reduced(low: Pair | None, high: Pair | None) -> tuple[Pair, Pair] | tuple[_Nothing, _Nothing]:
    """Both ends in small numbers; nothing where one is no number."""
    if low is None or high is None or low[1] <= 0 or high[1] <= 0:
        return (None, None), (None, None)
    return Ends(low, high, 0).reduced


def _verdict(form: _Form, schema: pl.Schema) -> pl.Expr:
    """Evidence first, then the comparison, then the waiver."""
    evidence = pl.col("e")
    compared = _by_ends(form.tests, schema) if form.tests else _by_value(form)
    verdict = pl.when(evidence == Evidence.PRESENT).then(compared).otherwise(code(Verdict.ERROR))
    for each in Evidence:
        if each.verdict is not None:
            verdict = pl.when(evidence == each).then(code(each.verdict)).otherwise(verdict)
    if form.cover is None:
        return verdict
    return pl.when(_excused(verdict, form.cover, schema)).then(code(Verdict.WAIVED)).otherwise(verdict)


def _by_value(form: _Form) -> pl.Expr:
    """What a truth value or a text makes of its bound; an error where there is none."""
    text = pl.col("s")
    passes = pl.col("t") == form.expected if form.expected is not None else text.is_in(list(form.options))
    missing = (pl.col("t") if form.expected is not None else text).is_null()
    by_value = pl.when(missing).then(code(Verdict.ERROR)).when(passes).then(code(Verdict.PASS))
    return by_value.otherwise(code(Verdict.FAIL))


def _by_ends(tests: tuple[Comparison, ...], schema: pl.Schema) -> pl.Expr:
    """What all numbers between two ends make of their bound; an error where there is none."""
    bound, ends = sides(tests), _ends(schema)
    every = reduce(and_, [_met(side, side.worst(*ends), schema) for side in bound.tests])
    verdict = code(bound.none)
    if _HIGH in ends:
        some = reduce(and_, [_met(side, side.best(*ends), schema) for side in bound.tests])
        verdict = pl.when(some).then(code(Verdict.UNKNOWN)).otherwise(verdict)
    verdict = pl.when(every).then(code(bound.every)).otherwise(verdict)
    return pl.when(_number(ends)).then(verdict).otherwise(code(Verdict.ERROR))


def _ends(schema: pl.Schema) -> tuple[_End, _End]:
    """The columns of the least and of the greatest number; the same where all numbers are known."""
    return _LOW, _HIGH if set(_HIGH) <= set(schema) else _LOW


def _number(ends: tuple[_End, _End]) -> pl.Expr:
    """Whether there are two ends of a number; nothing that is missing is true."""
    (n, d), (hn, hd) = [[pl.col(name).cast(_WHOLE) for name in end] for end in ends]
    there = n.is_not_null() & (d > 0)
    if _HIGH in ends:
        ordered = pl.when(d == hd).then(n <= hn).otherwise(n * hd <= hn * d)
        there &= (hd > 0) & ordered
    return there.fill_null(value=False)


def _met(side: Side, end: _End, schema: pl.Schema) -> pl.Expr:
    """Holds n / d against p / q as n * q against p * d: no division, so nothing is rounded."""
    p, q = side.limit.numerator, side.limit.denominator
    narrow = all(schema[name] in _NARROW for name in end) and max(abs(p), q) <= _SMALL
    wide = pl.Int64() if narrow else _WHOLE
    n, d = (pl.col(name).cast(wide) for name in end)
    return _OPERATORS[side.comparator](n * pl.lit(q, dtype=wide), d * pl.lit(p, dtype=wide))


def _excused(verdict: pl.Expr, cover: Cover, schema: pl.Schema) -> pl.Expr:
    """Whether a waiver excuses a verdict, its floor held against the worst end."""
    ends = _ends(schema)
    floor = [_met(side, side.worst(*ends), schema) for side in cover.floor or ()]
    reached = reduce(and_, floor, _number(ends)) if cover.floor is not None else pl.lit(value=False)
    excuses = {
        Excuse.NONE: pl.lit(value=False),
        Excuse.FULL: pl.lit(value=True),
        Excuse.FLOORED: reached.fill_null(value=False),
    }
    return reduce(
        or_,
        [
            (pl.col("e") == evidence) & (verdict == code(each)) & excuses[excuse]
            for evidence in Evidence
            for each in sorted(cover.verdicts)
            if (excuse := cover.excuse(each, evidence)) is not Excuse.NONE
            and evidence.verdict in (None, each)
        ],
        pl.lit(value=False),
    )
