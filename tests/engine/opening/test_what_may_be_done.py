"""What may be done for a gate, by hand: one small pack for each way in which work hangs together."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest

from phasegate.engine.decide import decide
from phasegate.engine.opening.ways import Opening, Ways, opening, stuck, ways
from phasegate.engine.resolve import Resolved
from phasegate.engine.scope import for_gate
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.rules.loading.pack import pack_of
from phasegate.rules.model.verdict import Verdict

DAY = dt.date(2026, 3, 1)
MEASURES: dict[str, dict[str, Any]] = {
    "late": {"from": "rows", "count": "NOT ok"},
    "more": {"from": "other", "count": "NOT ok"},
    "grown": {"change": {"of": "late", "as": "difference"}},
    "said": {"attested": {"by": "auditor"}},
    "last": {"from": "rows", "latest": {"good": "ok", "size": "amount"}},
}
COLUMNS = {"id": {"type": "string"}, "ok": {"type": "boolean"}, "amount": {"type": "decimal"}}


class Asked(NamedTuple):
    """A gate with all that was decided of it."""

    found: Ways
    resolved: Resolved
    verdicts: list[Verdict]

    def opening(self) -> Opening | None:
        return opening(self.found, self.resolved, self.verdicts, "1")

    def stuck(self) -> list[str]:
        return stuck(self.found, self.resolved, self.verdicts, "1")


def asked(
    criteria: list[tuple[str, dict[str, Any]]],
    facts: dict[str, Any],
    broken: tuple[str, ...] = (),
    fixed: tuple[str, ...] = (),
    **phase: Any,
) -> Asked:
    """A gate over criteria, each with its enforcement; facts are counts, truths or words for their status."""
    used = {name.partition(".")[0] for name in facts}
    measures = {name: each for name, each in MEASURES.items() if name in used or name == "late"}
    written = {
        "pack": "small",
        "title": "Small",
        "areas": {"a": {"title": "Area"}},
        "points": {
            "1": {
                "title": "Point",
                "area": "a",
                "criteria": [
                    {"id": f"c{place}", "text": "it is so", "enforcement": level, "require": require}
                    for place, (level, require) in enumerate(criteria)
                ],
            }
        },
        "phases": {"1": {"title": "Phase", "points": ["1"], **phase}},
        "sources": {
            name: {"title": "Rows", "columns": COLUMNS, "key": ["id"]} for name in ("rows", "other", "then")
        },
        "baseline": {"source": "then"},
        "measures": {name: {"title": name, **each} for name, each in measures.items()},
    }
    if "grown" not in used:
        del written["baseline"]
    rules = pack_of({"pack.yaml": json.dumps(written).encode()}, "small")
    known = {(name, ""): fact(name, each) for name, each in facts.items()}
    seen = decide(rules, FactSet(DAY, known, {}), for_gate(rules.pack, "1"), {}, plainly=True)
    verdicts = list(seen.agreed.decisions.requirements.values())
    return Asked(ways(rules.pack, seen.resolved, verdicts, broken, fixed), seen.resolved, verdicts)


Case = Callable[[], Asked]
case: Callable[..., Case] = partial(partial, asked)
"""The same, decided once the test runs."""


def fact(name: str, said: Any) -> Fact:
    if isinstance(said, bool):
        return Fact(name, "", "present", truth=said)
    if isinstance(said, int):
        return Fact(name, "", "present", numerator=said, denominator=1)
    return Fact(name, "", said, "why")


@pytest.mark.parametrize(
    ("given", "work"),
    [
        (case([("hard", {"late": "<= 3"})], {"late": 5}), ["rows late "]),
        (case([("hard", {"late": "<= 3"})], {"late": 3}), []),
        (case([("hard", {"late": "<= 3"})], {"late": "unknown"}, ("rows",)), ["source rows "]),
        (case([("hard", {"late": "<= 3"})], {"late": "error"}, ("rows", "other")), ["source rows "]),
        (case([("hard", {"late": "<= 3"})], {"late": "stale"}, ("rows",)), ["rows late "]),
        (case([("hard", {"late": "<= 3"})], {"late": 5}, ("rows",)), ["rows late "]),
        (case([("hard", {"late": "<= 3"})], {"late": "unknown"}, ("other",)), ["rows late "]),
        (case([("hard", {"said": True})], {"said": "unknown"}), ["attestation said "]),
        (case([("hard", {"last.good": True, "last.size": ">= 5"})], {"last.good": False, "last.size": 2}),
         ["rows last "]),
        # The change of a measure is a change of its rows, or wants the tables behind both.
        (case([("hard", {"grown": "<= 0"})], {"grown": 4}), ["rows late "]),
        (case([("hard", {"grown": "<= 0"})], {"grown": "unknown"}), ["rows late "]),
        (case([("hard", {"grown": "<= 0"})], {"grown": "unknown"}, ("then",)), ["source then "]),
        (case([("hard", {"grown": "<= 0"})], {"grown": "unknown"}, ("then", "rows")),
         ["source rows ", "source then "]),
        # What is done for one is done for the other.
        (case([("hard", {"late": "<= 3"}), ("hard", {"grown": "<= 0"})], {"late": 5, "grown": 4}),
         ["rows late "]),
        (case([("hard", {"late": "<= 3"}), ("hard", {"more": "<= 3"})],
               {"late": "unknown", "more": "error"}, ("other",)), ["rows late ", "source other "]),
        # Advisory criteria keep no gate shut, and of what nobody knows nothing is asked.
        (case([("advisory", {"late": "<= 3"}), ("hard", {"more": "<= 3"})], {"late": 5, "more": 5}),
         ["rows more "]),
        # What two criteria contradict each other about takes a waiver of one.
        (case([("soft", {"late": "<= 3"}), ("hard", {"late": ">= 6"})], {"late": 6}),
         ["waiver 1/c0/late "]),
        (case([("hard", {"late": "<= 3"}), ("soft", {"late": ">= 6"})], {"late": 4}),
         ["rows late ", "waiver 1/c1/late "]),
        (case([("hard", {"late": "<= 3"}), ("soft", {"late": ">= 6"})], {"late": "stale"}),
         ["rows late ", "waiver 1/c1/late "]),
        # Of alternatives the one that takes least.
        (case([("hard", {"any_of": [{"late": "<= 3", "more": "<= 3"}, {"said": True}]})],
               {"late": 5, "more": 5, "said": "unknown"}), ["attestation said "]),
        (case([("hard", {"any_of": [{"late": "<= 3", "more": "<= 3"}, {"said": True}]})],
               {"late": 5, "more": 3, "said": "unknown"}), ["rows late "]),
    ],
)  # fmt: skip
def test_the_least_that_opens(given: Case, work: list[str]) -> None:
    seen = given()
    found = seen.opening()
    assert found is not None
    assert [each.item for each in found.work] == work
    assert found.certain
    assert seen.stuck() == [] or any(item.startswith("waiver") for item in work)
    assert [*found.leaves] == [*found.instead]
    assert {*found.leaves} == {*work}


@pytest.mark.parametrize(
    ("given", "lost"),
    [
        (case([("hard", {"late": "<= 3"}), ("hard", {"late": ">= 6"})], {"late": 4}), 1),
        (case([("hard", {"late": "< 0"}), ("hard", {"more": "<= 3"})], {"late": 4, "more": 4}), 1),
        (case([("hard", {"late": "<= 3"})], {"late": 4}, fixed=("1/c0/late",)), 1),
        (case([("advisory", {"late": "< 0"}), ("hard", {"more": "< 0"})], {"late": 4, "more": 4}), 1),
    ],
)
def test_what_nothing_opens(given: Case, lost: int) -> None:
    seen = given()
    assert seen.opening() is None
    assert len(seen.stuck()) == lost


@pytest.mark.parametrize(
    ("level", "facts", "waivable"),
    [
        ("soft", 5, True),
        ("hard", 5, False),
        ("soft", "unknown", True),
        ("soft", "stale", True),
        ("soft", "error", False),
    ],
)
def test_a_waiver_may_stand_for_what_is_done(level: str, facts: Any, waivable: bool) -> None:
    found = asked([(level, {"late": "<= 3"})], {"late": facts}).opening()
    assert found is not None
    assert found.waivable == ({"rows late "} if waivable else set())
    assert found.leaves == {"rows late ": (0,)}
    assert found.seats is None


@pytest.mark.parametrize(("cap", "seats", "waivable"), [(0, 0, False), (1, 1, True), (3, 3, True)])
def test_a_gate_takes_so_many_waivers(cap: int, seats: int, waivable: bool) -> None:
    found = asked([("soft", {"late": "<= 3"})], {"late": 5}, max_waivers=cap).opening()
    assert found is not None
    assert found.seats == seats
    assert found.waivable == ({"rows late "} if waivable else set())


def test_waivers_that_are_asked_for_take_their_seats() -> None:
    given = asked([("soft", {"late": "<= 3"}), ("hard", {"late": ">= 6"})], {"late": 6}, max_waivers=2)
    found = given.opening()
    assert found is not None
    assert (found.seats, found.waivable) == (1, frozenset())


def test_other_things_open_it_in_place_of_one() -> None:
    require = {"any_of": [{"late": "<= 3"}, {"more": "<= 3"}, {"said": True}]}
    found = asked([("hard", require)], {"late": 5, "more": 5, "said": "unknown"}).opening()
    assert found is not None
    (work,) = found.work
    others = {each.item: leaves for each, leaves in found.instead[work.item].items()}
    assert {work.item, *others} == {"rows late ", "rows more ", "attestation said "}
    assert sorted([*others.values(), found.leaves[work.item]]) == [(0,), (1,), (2,)]


def test_what_is_done_in_place_of_one_is_done_beside_the_others() -> None:
    require = {"late": "<= 3", "any_of": [{"more": "<= 3"}, {"said": True}]}
    found = asked([("hard", require)], {"late": 5, "more": 5, "said": "unknown"}).opening()
    assert found is not None
    late, other = found.work
    assert late.item == "rows late "
    assert found.instead[late.item] == {}
    (instead,) = found.instead[other.item].items()
    assert {other.item, instead[0].item} == {"rows more ", "attestation said "}
    assert instead[1] == tuple({1, 2} - {*found.leaves[other.item]})


def test_values_that_facts_become() -> None:
    found = asked([("hard", {"late": "<= 3", "said": True})], {"late": 5, "said": "unknown"}).opening()
    assert found is not None
    assert {name: (each.number, each.truth) for name, each in found.values.items()} == {
        "late": ((3, 1), None), "said": (None, True),
    }  # fmt: skip
