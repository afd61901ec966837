"""When a waiver counts: boundaries to the second, in several time zones, one reason each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from phasegate.engine.plan import (
    AllOf,
    Comparison,
    Decisions,
    Observation,
    Plan,
    PlannedCriterion,
    Requirement,
    Side,
)
from phasegate.engine.resolve import Origin, Resolved, with_covers
from phasegate.engine.waivers import covers_in_force, standings, state_of
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.verdict import Evidence, Verdict
from phasegate.rules.model.waiver import Waiver

PACK = "sha256:" + "a" * 64
DAY = dt.date(2026, 3, 10)
ID = "1.1.1/protocols/agreed"


def instant(text: str, zone: str = "UTC") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def waiver(**changes: object) -> Waiver:
    values = {
        "id": "W-1",
        "requirement": ID,
        "pack_digest": PACK,
        "covers": ["fail"],
        "floor": "90 %",
        "reason": "the supplier is late",
        "risk_owner": "p-7",
        "requester": "p-1",
        "approver": "p-2",
        "granted": instant("2026-03-01T00:00:00"),
        "start": instant("2026-03-10T00:00:00"),
        "end": instant("2026-03-11T00:00:00"),
        **changes,
    }
    return Waiver.model_validate(values)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "in_force"),
        ({"start": instant("2026-03-10T00:00:01")}, "future"),
        ({"start": instant("2026-03-09T23:59:59")}, "in_force"),
        ({"end": instant("2026-03-10T23:59:59")}, "expired"),
        ({"end": instant("2026-03-11T00:00:01")}, "in_force"),
        ({"granted": instant("2026-03-10T00:00:01")}, "future"),
        ({"revoked": instant("2026-03-10T23:59:59")}, "revoked"),
        ({"revoked": instant("2026-03-11T00:00:00")}, "in_force"),
        ({"pack_digest": "sha256:" + "b" * 64}, "other_pack"),
        # The same day in other zones: New York is 4 hours behind UTC by then, Auckland 13 ahead.
        ({"start": instant("2026-03-09T20:00:00", "America/New_York")}, "in_force"),
        ({"start": instant("2026-03-09T20:00:01", "America/New_York")}, "future"),
        ({"end": instant("2026-03-10T19:59:59", "America/New_York")}, "expired"),
        ({"end": instant("2026-03-10T20:00:00", "America/New_York")}, "in_force"),
        ({"start": instant("2026-03-10T13:00:00", "Pacific/Auckland")}, "in_force"),
        ({"start": instant("2026-03-10T13:00:01", "Pacific/Auckland")}, "future"),
        ({"end": instant("2026-03-11T12:59:59", "Pacific/Auckland")}, "expired"),
        ({"end": instant("2026-03-11T13:00:00", "Pacific/Auckland")}, "in_force"),
    ],
)
def test_a_waiver_counts_only_if_it_covers_the_whole_utc_day(changes, state):
    assert state_of(waiver(**changes), DAY, PACK)[0] == state


def test_a_digest_is_known_by_what_it_says():
    read_elsewhere = PACK.encode().decode()
    assert read_elsewhere is not PACK
    assert state_of(waiver(), DAY, read_elsewhere) == state_of(waiver(), DAY, PACK)


def resolved(enforcement: str = "soft", comparator: str = ">=", unit: str = "%", most: int = 0) -> Resolved:
    tests = (Comparison(comparator, Fraction(95, 100)),)
    if most:  # "between 95 % and so many"
        tests += (Comparison("<=", Fraction(most, 100)),)
    requirement = Requirement(ID, "agreed", "", ">= 95 %", unit, tests)
    plan = Plan((requirement,), (PlannedCriterion("1.1.1/protocols", enforcement, AllOf((0,))),), (), ())
    fact = Fact("agreed", "", "present", unit=unit, numerator=93, denominator=100)
    return Resolved(
        plan,
        (Observation.known(Evidence.PRESENT, 93, 100),),
        (Origin("1.1.1/protocols", fact, ("points", "1.1.1", "criteria", 1, "require", "agreed")),),
    )


@pytest.mark.parametrize(
    ("changes", "asked", "state"),
    [
        ({}, resolved(), "in_force"),
        ({}, resolved("hard"), "not_waivable"),
        ({"requirement": "1.1.1/protocols/agree"}, resolved(), "unknown"),
        ({"floor": "90 %"}, resolved(), "in_force"),
        ({"floor": "90"}, resolved(), "unfit"),
        ({"floor": "90 days"}, resolved(), "unfit"),
        ({"floor": "90 %"}, resolved(comparator="=="), "in_force"),
        ({"floor": "90 %"}, resolved(comparator="!="), "unfit"),
        ({"floor": "95 %"}, resolved(comparator="!="), "in_force"),
        ({"floor": "90 %"}, resolved(most=98), "in_force"),
        ({"floor": "96 %"}, resolved(most=98), "unfit"),
        ({"floor": None}, resolved(), "unfit"),
        ({"floor": None, "covers": ["stale", "unknown"]}, resolved(), "in_force"),
    ],
)
def test_a_waiver_must_fit_its_requirement(changes, asked, state):
    covers, states = covers_in_force([waiver(**changes)], DAY, PACK, asked)
    assert states["W-1"][0] == state
    assert (ID in covers) == (state == "in_force")


@pytest.mark.parametrize(
    ("requirement", "state"),
    [("1.1.2/protocols/agreed", "out_of_scope"), ("1.1.2/protocol/agreed", "unknown")],
)
def test_a_waiver_for_what_is_not_decided_is_told_from_one_for_nothing(requirement, state):
    others = ["1.1.2/framework", "1.1.2/protocols"]
    covers, states = covers_in_force([waiver(requirement=requirement)], DAY, PACK, resolved(), others)
    assert (states["W-1"][0], covers) == (state, {})


@pytest.mark.parametrize(("comparator", "floor"), [(">=", ">="), (">", ">="), ("<=", "<="), ("<", "<=")])
def test_a_floor_points_the_way_of_its_requirement(comparator, floor):
    covers, _ = covers_in_force([waiver(floor="90 %")], DAY, PACK, resolved(comparator=comparator))
    assert covers[ID].floor == (Side(floor, Fraction(9, 10)),)


def test_of_two_waivers_for_one_requirement_the_first_counts_and_the_other_is_unused():
    both = [waiver(id="W-2"), waiver(id="W-1")]
    covers, states = covers_in_force(both, DAY, PACK, resolved())
    assert covers[ID].waiver == "W-1"
    decided = Decisions({ID: Verdict.WAIVED}, {}, {}, {})
    found = {
        each.waiver.id: each.standing
        for each in standings(both, states, with_covers(resolved(), covers), decided)
    }
    assert found == {"W-1": "used", "W-2": "unused"}


@pytest.mark.parametrize(
    ("verdict", "standing"),
    [(Verdict.WAIVED, "used"), (Verdict.PASS, "unused"), (Verdict.FAIL, "unused"), (Verdict.ERROR, "unused")],
)
def test_a_waiver_is_used_only_where_its_requirement_is_waived(verdict, standing):
    covers, states = covers_in_force([waiver()], DAY, PACK, resolved())
    decided = Decisions({ID: verdict}, {}, {}, {})
    [found] = standings([waiver()], states, with_covers(resolved(), covers), decided)
    assert found.standing == standing
    assert found.reason


def test_an_expired_waiver_is_shown_as_expired():
    old = waiver(start=instant("2026-01-01T00:00:00"), end=instant("2026-02-01T00:00:00"))
    covers, states = covers_in_force([old], DAY, PACK, resolved())
    [found] = standings(
        [old], states, with_covers(resolved(), covers), Decisions({ID: Verdict.FAIL}, {}, {}, {})
    )
    assert (found.standing, found.reason) == ("expired", "it ended at 2026-02-01 00:00:00 UTC")
    assert not covers


@pytest.mark.parametrize(
    ("changes", "verdict", "ends", "reason"),
    [
        ({}, Verdict.FAIL, ((93, 100), (93, 100)), "fail, with a value beyond the floor of 94 %"),
        (
            {},
            Verdict.FAIL,
            ((93, 100), (94, 100)),
            "fail, with a value that may lie beyond the floor of 94 %",
        ),
        (
            {},
            Verdict.UNKNOWN,
            ((0, 1), (1, 1)),
            "unknown, with a value that may lie beyond the floor of 94 %",
        ),
        (
            {},
            Verdict.UNKNOWN,
            (None, None),
            "unknown, without a value that the floor of 94 % could be held against",
        ),
        (
            {"floor": None, "covers": ["unknown"]},
            Verdict.UNKNOWN,
            ((0, 1), (1, 1)),
            "unknown, with a number that may fail, which is covered down to a floor only: it names none",
        ),
        ({"covers": ["fail"]}, Verdict.UNKNOWN, ((0, 1), (1, 1)), "unknown"),
        (
            {"floor": None, "covers": ["unknown"]},
            Verdict.UNKNOWN,
            (None, None),
            (
                "unknown, with rows of which nobody knows whether they count, which may fail once they are "
                "decided: that is covered only where 'fail' is"
            ),
        ),
    ],
)
def test_a_waiver_that_covers_nothing_says_why(changes, verdict, ends, reason):
    given = waiver(**{"floor": "94 %", "covers": ["fail", "unknown"], **changes})
    covers, states = covers_in_force([given], DAY, PACK, resolved())
    evidence = Evidence.PRESENT if ends[0] else Evidence.of("unknown", "nobody knows" in reason)
    asked = replace(with_covers(resolved(), covers), observations=(Observation(evidence, *ends),))
    [found] = standings([given], states, asked, Decisions({ID: verdict}, {}, {}, {}))
    assert (found.standing, found.reason) == ("unused", f"the requirement is: {reason}")


def test_a_waiver_that_ends_within_the_day_is_not_said_to_have_ended():
    noon = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
    assert "before the day is over" in state_of(waiver(end=noon), DAY, PACK)[1]
