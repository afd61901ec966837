"""Rules and facts in, verdicts and gates out: twice, with waivers, and withheld where nobody approved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.engine.decide import Verdicts, decide
from phasegate.engine.plan import GateDecision
from phasegate.engine.scope import for_gate
from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact, FactSet, Status
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.model.verdict import GateState, Verdict
from phasegate.rules.model.waiver import Waiver

PACK = """\
pack: small
title: Small
version: "1"
areas:
  "1": {title: Area, sections: {"1": Section}}
phases:
  "1": {title: First, points: ["1.1"], weeks: [1, 2]}
programme: {title: Programme}
points:
  "1.1":
    title: Point
    section: "1"
    criteria:
      - id: settled
        text: Invoices are settled
        enforcement: soft
        require: {invoices.settled: ">= 95 %"}
sources:
  invoices:
    title: Invoices
    key: [id]
    columns: {id: {type: string}, status: {type: string}}
measures:
  invoices.settled:
    title: Settled invoices
    from: invoices
    ratio: {of: status = 'settled'}
    unit: "%"
"""
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def rules(tmp_path: Path) -> LoadedPack:
    (tmp_path / "pack.yaml").write_text(PACK)
    return load_pack(str(tmp_path))


def facts(numerator: int) -> FactSet:
    fact = Fact("invoices.settled", "", "present", unit="%", numerator=numerator, denominator=100)
    return FactSet(DAY, {(fact.measure, fact.slice): fact}, {})


def waiver(rules: LoadedPack) -> Waiver:
    start, end = dt.datetime(2026, 2, 1, tzinfo=dt.UTC), dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    return Waiver.model_validate(
        {
            "id": "W",
            "requirement": "1.1/settled/invoices.settled",
            "pack_digest": rules.digest,
            "covers": ["fail"],
            "floor": "90 %",
            "reason": "a late month",
            "risk_owner": "cfo",
            "requester": "lead",
            "approver": "auditor",
            "granted": start,
            "start": start,
            "end": end,
        }
    )


def decided(rules: LoadedPack, numerator: int, *waivers: Waiver, **how: bool) -> Verdicts:
    return decide(rules, facts(numerator), for_gate(rules.pack, "1"), {}, waivers, **how)


@pytest.mark.parametrize("plainly", [False, True])
@pytest.mark.parametrize(
    ("numerator", "verdict", "state", "standing"),
    [
        (95, Verdict.PASS, GateState.OPEN, "unused"),
        (94, Verdict.WAIVED, GateState.OPEN_WITH_WAIVERS, "used"),
        (89, Verdict.FAIL, GateState.CLOSED, "unused"),
    ],
)
def test_a_gate_follows_from_its_facts_and_waivers(
    numerator: int, verdict: Verdict, state: GateState, standing: str, plainly: bool, rules: LoadedPack
) -> None:
    found = decided(rules, numerator, waiver(rules), plainly=plainly)
    assert found.agreed.disagreements == ()
    assert list(found.agreed.decisions.requirements.values()) == [verdict]
    assert found.agreed.decisions.gates["1"].state is state
    assert [(each.waiver.id, each.standing) for each in found.waivers] == [("W", standing)]


def blanked(ends: Ends | None, undetermined: int = 0) -> FactSet:
    """The same where cells were emptied: both ends of what it may be, or nothing that is known."""
    status: Status = "present" if ends else "unknown"
    reason = "no rows" if not ends else ""
    fact = Fact("invoices.settled", "", status, reason, unit="%", ends=ends, undetermined=undetermined)
    return FactSet(DAY, {(fact.measure, fact.slice): fact}, {})


@pytest.mark.parametrize("plainly", [False, True])
@pytest.mark.parametrize(
    ("ends", "covers", "floor", "verdict", "state"),
    [
        (Ends((95, 100), (96, 100), 1), ["fail", "unknown"], "90 %", Verdict.PASS, GateState.OPEN),
        (
            Ends((90, 100), (96, 100), 6),
            ["fail", "unknown"],
            "90 %",
            Verdict.WAIVED,
            GateState.OPEN_WITH_WAIVERS,
        ),
        (Ends((90, 100), (96, 100), 6), ["fail"], "90 %", Verdict.UNKNOWN, GateState.UNDECIDED),
        (Ends((89, 100), (96, 100), 7), ["fail", "unknown"], "90 %", Verdict.UNKNOWN, GateState.UNDECIDED),
        (Ends((0, 100), (100, 100), 100), ["fail", "unknown"], "90 %", Verdict.UNKNOWN, GateState.UNDECIDED),
        (None, ["fail", "unknown"], "90 %", Verdict.UNKNOWN, GateState.UNDECIDED),
        (Ends((0, 100), (100, 100), 100), ["unknown"], None, Verdict.UNKNOWN, GateState.UNDECIDED),
        (None, ["unknown"], None, Verdict.WAIVED, GateState.OPEN_WITH_WAIVERS),
        (Ends((10, 100), (94, 100), 84), ["fail", "unknown"], "90 %", Verdict.FAIL, GateState.CLOSED),
    ],
)
def test_emptying_cells_opens_no_gate(
    ends: Ends | None,
    covers: list[str],
    floor: str | None,
    verdict: Verdict,
    state: GateState,
    plainly: bool,
    rules: LoadedPack,
) -> None:
    granted = waiver(rules).model_copy(update={"covers": tuple(covers), "floor": floor})
    found = decide(rules, blanked(ends), for_gate(rules.pack, "1"), {}, [granted], plainly=plainly)
    assert found.agreed.disagreements == ()
    assert list(found.agreed.decisions.requirements.values()) == [verdict]
    assert found.agreed.decisions.gates["1"].state is state


@pytest.mark.parametrize(
    ("undetermined", "covers", "floor"),
    [
        (0, ("fail", "unknown"), "90 %"),
        (3, ("fail", "unknown"), "90 %"),
        (3, ("unknown",), None),
    ],
)
def test_what_had_no_value_was_once_covered_whatever_the_floor(
    undetermined: int, covers: tuple[str, ...], floor: str | None, rules: LoadedPack
) -> None:
    granted = waiver(rules).model_copy(update={"covers": covers, "floor": floor})
    for floors_unknown, verdict in ((False, Verdict.WAIVED), (True, Verdict.UNKNOWN)):
        found = decide(
            rules,
            blanked(None, undetermined),
            for_gate(rules.pack, "1"),
            {},
            [granted],
            floors_unknown=floors_unknown,
        )
        assert found.agreed.disagreements == ()
        assert list(found.agreed.decisions.requirements.values()) == [verdict]


@pytest.mark.parametrize(
    ("numerator", "state"), [(95, GateState.UNDECIDED), (94, GateState.CLOSED), (0, GateState.CLOSED)]
)
def test_no_gate_opens_under_rules_that_nobody_approved(
    numerator: int, state: GateState, rules: LoadedPack
) -> None:
    found = decided(rules, numerator, withheld=True)
    assert found.agreed.decisions.gates["1"] == GateDecision(state, state)


def test_what_was_not_measured_is_an_error(rules: LoadedPack) -> None:
    found = decide(rules, FactSet(DAY, {}, {}), for_gate(rules.pack, "1"), {})
    assert found.agreed.decisions.gates["1"].state is GateState.UNDECIDED
    assert set(found.agreed.decisions.requirements.values()) == {Verdict.ERROR}
