"""What a case expects, held against what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from phasegate.engine.decide import Verdicts
from phasegate.engine.formatting import found as found_in_words
from phasegate.engine.formatting import parts, span
from phasegate.facts.model.ends import Pair
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.rules.cases.found import FoundError, Part, expected
from phasegate.rules.cases.ids import parts_of
from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.cases.model import FactExpectation
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.verdict import Verdict
from phasegate.rules.values.units import Quantity

MOST_TOLD = 3
"""So many requirements are named where a verdict was not expected."""


@dataclass(frozen=True)
class Outcome:
    """One expectation, and what was found.

    Attributes:
        part: what sort of thing it is about: ``measures``, ``requirements``, and so on.
        id: its id.
        expected, found: in words.
        holds: whether they agree.
        position: where the expectation stands.
        reason: why what was found is so; empty where that says nothing.
    """

    part: str
    id: str
    expected: str
    found: str
    holds: bool
    position: Position
    reason: str = ""


def outcomes(case: LoadedCase, pack: Pack, facts: FactSet, verdicts: Verdicts | None) -> Iterator[Outcome]:
    """Every expectation of a case, in its order.

    Args:
        case: the case.
        pack: the pack that was decided by.
        facts: what was measured.
        verdicts: what was decided; None where nothing was asked.
    """
    expect = case.case.expect
    for id_, wanted in expect.measures.items():
        fact = facts.facts.get(parts_of(id_))
        where = case.where("expect", "measures", id_)
        yield from _of_fact(id_, wanted, fact, pack, where)
    if verdicts is None:
        return
    decided = verdicts.agreed.decisions
    criteria = {name: each.word for name, each in decided.criteria.items()}
    words = {
        "requirements": {name: each.word for name, each in decided.requirements.items()},
        "criteria": criteria,
        "targets": criteria,
        "points": {name: each.word for name, each in decided.points.items()},
        "gates": {name: each.state.word for name, each in decided.gates.items()},
    }
    for part, known in words.items():
        for id_, due in getattr(expect, part).items():
            word = known.get(id_, "not decided")
            reason = "" if word == due else _why(id_, part, pack, verdicts)
            yield Outcome(part, id_, due, word, word == due, case.where("expect", part, id_), reason)


def _of_fact(
    id_: str, wanted: FactExpectation, fact: Fact | None, pack: Pack, where: Position
) -> Iterator[Outcome]:
    if fact is None:
        yield Outcome("measures", id_, _wanted(wanted), "not measured", False, where)
        return
    status = wanted.status or ("present" if wanted.found is not None else None)
    holds = status is None or fact.status == status
    if wanted.found is not None:
        holds = holds and meets(wanted.found, fact)
    counts = (("rows", wanted.rows, fact.rows), ("undetermined", wanted.undetermined, fact.undetermined))
    holds = holds and all(due is None or due == seen for _, due, seen in counts)
    yield Outcome(
        "measures", id_, _wanted(wanted), told(fact, pack, wanted), holds, where, "" if holds else fact.reason
    )


def meets(written: str | int | bool, fact: Fact) -> bool:
    """Whether a fact has the value that is expected."""
    if fact.truth is not None or isinstance(written, bool):
        return fact.truth is written
    if fact.text is not None:
        return fact.text == str(written)
    try:
        value = expected(written)
    except FoundError:
        return False
    if fact.extremes is None or value.low is None or value.high is None:
        return False
    if fact.ends is not None:
        pairs: tuple[Pair, Pair] = (fact.ends.low, fact.ends.high)
    elif fact.numerator is not None and fact.denominator is not None:
        pairs = ((fact.numerator, fact.denominator),) * 2
    else:
        return False
    both = zip((value.low, value.high), fact.extremes, pairs, strict=True)
    return all(_same(part, end, pair, fact) for part, end, pair in both)


def _same(part: Part, end: Fraction, pair: Pair, fact: Fact) -> bool:
    if part.pair is not None:
        return part.pair == tuple(Fraction(each, 10**fact.scale) for each in pair)
    due = part.value
    if part.unit != fact.unit:
        fitted = Quantity(part.value, part.unit).within(fact.unit)
        if fitted is None:
            return False
        due = fitted.value
    return due == end


def told(fact: Fact, pack: Pack, wanted: FactExpectation | None = None) -> str:
    """What a fact is, in the words of an expectation."""
    said = [] if fact.status == "present" else [fact.status.replace("_", " ")]
    measure = measure_of(pack, fact.measure)
    kind = pack.measures[measure].kind if measure is not None else None
    if fact.truth is not None:
        said.append("true" if fact.truth else "false")
    elif fact.text is not None:
        said.append(fact.text)
    elif fact.extremes is not None:
        counted, value = parts(fact, kind), span(fact)
        said.append(f"{counted} = {value}" if counted else value)
    if wanted is not None and wanted.rows is not None:
        said.append(f"{fact.rows} rows")
    if wanted is not None and wanted.undetermined is not None:
        said.append(f"{fact.undetermined} undetermined")
    return ", ".join(said)


def _wanted(wanted: FactExpectation) -> str:
    said = [] if wanted.status in (None, "present") else [str(wanted.status).replace("_", " ")]
    if isinstance(wanted.found, bool):
        said.append("true" if wanted.found else "false")
    elif wanted.found is not None:
        said.append(str(wanted.found))
    elif wanted.status == "present":
        said.append("present")
    if wanted.rows is not None:
        said.append(f"{wanted.rows} rows")
    if wanted.undetermined is not None:
        said.append(f"{wanted.undetermined} undetermined")
    return ", ".join(said)


def _why(id_: str, part: str, pack: Pack, verdicts: Verdicts) -> str:
    """What a verdict that was not expected follows from: the requirements of the same or a worse one."""
    if verdicts.agreed.disagreements:
        return verdicts.agreed.disagreements[0].words
    said = []
    for requirement, origin in zip(verdicts.resolved.plan.requirements, verdicts.resolved.asked, strict=True):
        point = part == "points" and origin.criterion.startswith(f"{id_}/")
        verdict = verdicts.agreed.decisions.requirements[requirement.id]
        if not (requirement.id == id_ or origin.criterion == id_ or (point and verdict is not Verdict.PASS)):
            continue
        fact = origin.fact
        measure = measure_of(pack, fact.measure)
        kind = pack.measures[measure].kind if measure is not None else None
        seen = found_in_words(requirement, fact, kind) if fact.status == "present" else fact.reason
        said.append((-verdict, f"{origin.fact.id} {requirement.bound}: {verdict.word}, {seen}"))
    said.sort(key=lambda each: each[0])
    told = "; ".join(each for _, each in said[:MOST_TOLD])
    return told + (f"; and {len(said) - MOST_TOLD} more" if len(said) > MOST_TOLD else "")
