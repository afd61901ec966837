"""What the facts of a run say to other rules, and to which they say nothing.

Facts speak where what they rest on is the same: bounds, enforcement and phases are decided from them as
they are, and so are another age and other fewest rows. Of a measure, a contract or a derived column that
is another one, only the tables of then would tell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from phasegate.engine.scope import for_gate, for_ids, measures_in
from phasegate.records.basis.parts import Parts, basis
from phasegate.records.basis.resettled import UndecidableError, held_by, parts_of, resettled, word_age
from phasegate.records.basis.statements import answered_by, attested_on
from phasegate.records.build import quantity_text
from phasegate.records.schema import FactEntry, Record
from phasegate.records.time_zone import validity_of
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.requirements import measure_of, quantities

_HELD_AFTER = ("max_age", "min_rows", "zone")  # the last is the project's, as its calendar is
_SHOWN = {
    "measure": "measure {}",
    "contract": "the contract of {}",
    "checks": "the contract of {}",
    "derived": "the derived column {}",
    "parameter": "parameter {}",
    "table": "source {}",
    "min_rows": "min_rows of {}",
}


class Spoken(NamedTuple):
    """Facts for other rules.

    Attributes:
        facts: as those have them; an error where nothing is known of them.
        unspoken: each measure of which nothing is known, with the parts of it that are others.
    """

    facts: list[FactEntry]
    unspoken: tuple[tuple[str, str], ...]


def spoken(record: Record, rules: LoadedPack) -> Spoken:
    """What the facts of a run are under other rules.

    Args:
        record: the run, with what its facts rest on where that is known.
        rules: the other rules, with the figures that its project had.
    """
    parameters = {name: quantity_text(each) for name, each in quantities(rules.pack).items()}
    named = [fact["measure"] for fact in record["facts"]]
    now = basis(rules.pack, named, parameters, record["calendar"])
    told: dict[str, str] = {}
    facts: list[FactEntry] = []
    for fact in record["facts"]:
        measure = measure_of(rules.pack, fact["measure"])
        if measure is None:  # they do not ask for it
            facts.append(fact)
            continue
        then = parts_of(record, fact["measure"])
        others = _others(then, now[measure])
        if not others:
            try:
                facts.append(_held(fact, then, now[measure], record))
                continue
            except UndecidableError:
                others = ["what was counted of too few rows, or of rows without a date, was not kept"]
        told[measure] = ", ".join(others)
        reason = f"the facts of the run do not speak of it: {told[measure]}"
        facts.append(_nothing(fact, reason))
    told |= dict.fromkeys(_unmeasured(record, rules), "it was not measured")
    return Spoken(facts, tuple(told.items()))


def _others(then: Parts | None, now: Parts) -> list[str]:
    """The parts that are others, in words; a contract of which other columns are read alone is the same."""
    if then is None:
        return ["what it rests on was not kept"]
    parts = sorted({*then, *now})
    differing = [part for part in parts if part not in _HELD_AFTER and then.get(part) != now.get(part)]
    own = [part for part in differing if not _same_contract(part, then, now)]
    return list(dict.fromkeys(map(_shown, own or differing)))


def _same_contract(part: str, then: Parts, now: Parts) -> bool:
    kind, _, name = part.partition(" ")
    checks = f"checks {name}"
    return kind == "contract" and checks in then and then[checks] == now.get(checks)


def _shown(part: str) -> str:
    kind, _, name = part.partition(" ")
    return _SHOWN[kind].format(name) if kind in _SHOWN else f"the {kind}"


def _held(fact: FactEntry, then: Parts | None, now: Parts, record: Record) -> FactEntry:
    day = dt.date.fromisoformat(record["as_of"])
    was, is_ = held_by(then, fact, day), held_by(now, fact, day)
    if was == is_ or fact["kind"] != "attested":
        return resettled(fact, was, is_)
    words = [each for each in record["attestations"] if each["fact"] == fact["id"]]
    answer = answered_by(fact, words)
    known = {answer: fact} if answer is not None else {}
    most = word_age(now, fact)
    found = attested_on(fact, words, known, day, lambda word: validity_of(word, record), most)
    if found["status"] != fact["status"]:
        old = "it is older than the {} days that it may be" if most is not None else ""
        found["reason"] = old.format(most) if found["status"] == "stale" else ""
    return {**found, "max_age_days": most}


def _nothing(fact: FactEntry, reason: str) -> FactEntry:
    blank = dict.fromkeys(("numerator", "denominator", "truth", "text", "newest", "max_age_days"))
    found: FactEntry = {**fact, **blank, "status": "error", "reason": reason}  # type: ignore[typeddict-item]
    found.pop("undetermined", None)
    return found


def _unmeasured(record: Record, rules: LoadedPack) -> Iterator[str]:
    """The measures that other rules ask for in what was decided, and of which the run has no fact."""
    asked = record["scope"]
    scope = for_gate(rules.pack, asked[0]) if record["kind"] == "gate" else for_ids(rules.pack, asked)
    known = {measure_of(rules.pack, fact["measure"]) for fact in record["facts"]}
    wanted = {measure_of(rules.pack, fact) for fact in measures_in(rules.pack, scope)}
    yield from sorted(name for name in wanted - known if name is not None)
