"""Facts that people state: which attestation answers, and what makes it worth nothing."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.assemble import assemble
from phasegate.facts.measures.kinds.attested import Attestations, Given, answering, standings
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.attestation import Attestation
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack

DAY = dt.date(2026, 3, 10)
FACT = "board.minuted"


def instant(text: str, zone: str = "UTC") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def attested(**changes) -> Measure:
    clause = {"by": "auditor", **({"value": changes.pop("value")} if "value" in changes else {})}
    return Measure.model_validate({"title": "The board has minuted it", "attested": clause, **changes})


def attestation(id_: str = "A-1", value: str | bool = True, slice_: str = "", **changes) -> Attestation:
    values = {
        "id": id_,
        "fact": FACT,
        "slice": slice_,
        "statement": "The board has minuted it",
        "value": value,
        "role": "auditor",
        "signed": instant("2026-03-01T09:00:00"),
        "start": instant("2026-03-01T09:00:00"),
        "end": instant("2026-04-01T00:00:00"),
        **changes,
    }
    return Attestation.model_validate(values)


def fact(*given: Given, measure: Measure | None = None, day: dt.date = DAY, **more) -> Fact:
    """The fact of a measure, as a whole, with evidence that is as it was signed."""
    sound = {each.attestation.id: None for each in given}
    attestations = Attestations(more.get("signers", True), given, more.get("evidence", sound))
    pack = Pack.model_construct(
        measures={FACT: measure or attested()}, points={}, parameters={}, sources={}, baseline=None
    )
    found = assemble(pack, {}, day, attestations=attestations)
    assert found.sources == {}
    return found.facts[FACT, ""]


ENDED = attestation(end=instant("2026-03-10T00:00:00"))
LATER = attestation(start=instant("2026-03-11T00:00:00"))


@pytest.mark.parametrize(
    ("given", "status", "reason"),
    [
        ([], "unknown", "nobody has attested it"),
        ([Given(attestation())], "present", ""),
        ([Given(attestation(value=False))], "present", ""),
        ([Given(ENDED)], "stale", "attestation A-1: it ended at 2026-03-10 00:00:00 UTC"),
        (
            [Given(LATER)],
            "unknown",
            "no attestation counts; A-1, the newest: it starts at 2026-03-11 00:00:00 UTC",
        ),
        (
            [Given(attestation(), revoked=instant("2026-03-10T12:00:00"))],
            "unknown",
            "no attestation counts; A-1, the newest: it was revoked at 2026-03-10 12:00:00 UTC",
        ),
        (
            [Given(attestation(), refused="nobody knows the key")],
            "unknown",
            "no attestation counts; A-1, the newest: nobody knows the key",
        ),
        (
            [Given(attestation(value="yes"))],
            "error",
            "attestation A-1: 'yes' is neither true nor false",
        ),
        # A refused one does not hide the one that counts, nor does one that has yet to begin.
        ([Given(attestation()), Given(attestation("A-2", False), refused="no")], "present", ""),
        ([Given(attestation()), Given(LATER.model_copy(update={"id": "A-2"}))], "present", ""),
    ],
)
def test_a_fact_has_the_state_of_the_attestation_that_answers_it(given, status, reason):
    found = fact(*given)
    assert (found.status, found.reason) == (status, reason)


def test_a_present_fact_says_what_was_stated_and_how_long_it_is_good():
    found = fact(Given(attestation()))
    assert found == Fact(FACT, "", "present", truth=True, rows=1, newest=dt.date(2026, 3, 1), max_age_days=30)


def test_a_stale_fact_keeps_its_value():
    found = fact(Given(ENDED))
    assert (found.status, found.truth, found.newest) == ("stale", True, dt.date(2026, 3, 1))


def test_without_signers_nobody_can_attest():
    found = fact(signers=False)
    assert (found.status, found.reason) == (
        "unknown",
        "the project lists no signers, so that nobody can attest it",
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ({"A-1": "its evidence m.txt is missing"}, "attestation A-1: its evidence m.txt is missing"),
        ({}, "attestation A-1: nobody has looked at its evidence"),
    ],
)
def test_what_is_wrong_with_the_evidence_is_an_error(evidence, reason):
    found = fact(Given(attestation()), evidence=evidence)
    assert (found.status, found.reason, found.truth) == ("error", reason, None)


@pytest.mark.parametrize(
    ("max_age", "status"), [("9 days", "present"), ("8 days", "stale"), ("0 days", "stale")]
)
def test_an_attestation_older_than_its_measure_allows_is_stale(max_age, status):
    found = fact(Given(attestation()), measure=attested(max_age=max_age))
    assert (found.status, found.truth) == (status, True)
    assert ("signed on 2026-03-01, 9 days before" in found.reason) == (status == "stale")
    assert found.max_age_days == int(max_age.split()[0])


@pytest.mark.parametrize(
    ("clauses", "value", "numerator", "denominator", "text"),
    [
        ({"unit": "%"}, "94.999 %", 94999, 100000, None),
        ({"unit": "USD"}, "17.3 M USD", 17_300_000, 1, None),
        ({"value": "number"}, "-2", -2, 1, None),
        ({"value": "text"}, "confident", None, None, "confident"),
        ({"value": "text"}, "true", None, None, "true"),
    ],
)
def test_numbers_and_texts_are_kept_exactly(clauses, value, numerator, denominator, text):
    measure = attested(**clauses)
    found = fact(Given(attestation(value=value)), measure=measure)
    assert found.status == "present"
    assert found.text == text
    assert found.unit == measure.unit
    assert found.value == (Fraction(numerator, denominator) if numerator is not None else None)


@pytest.mark.parametrize(
    ("clauses", "value", "reason"),
    [
        ({"unit": "%"}, "95", "'95' is not in %"),
        ({"unit": "%"}, True, "true and false are no number"),
        ({"value": "text"}, True, "true and false are no text"),
        ({"value": "number"}, "95 %", "'95 %' is not in plain numbers"),
        ({"value": "number"}, "nan", "'nan' is not a quantity"),
        (
            {"unit": "%", "valid": ["0 %", "100 %"]},
            "101 %",
            "'101 %' lies outside of what is valid, 0 % to 100 %",
        ),
        ({}, "True", "'True' is neither true nor false"),
    ],
)
def test_what_is_no_value_of_the_measure_is_an_error(clauses, value, reason):
    found = fact(Given(attestation(value=value)), measure=attested(**clauses))
    assert found.status == "error"
    assert found.reason.startswith(f"attestation A-1: {reason}")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"start": instant("2026-03-09T20:00:00", "America/New_York")}, "present"),
        ({"start": instant("2026-03-09T20:00:01", "America/New_York")}, "unknown"),
        ({"end": instant("2026-03-10T19:59:59", "America/New_York")}, "stale"),
        ({"end": instant("2026-03-10T20:00:00", "America/New_York")}, "present"),
        ({"start": instant("2026-03-10T13:00:00", "Pacific/Auckland")}, "present"),
        ({"start": instant("2026-03-10T13:00:01", "Pacific/Auckland")}, "unknown"),
        ({"end": instant("2026-03-11T12:59:59", "Pacific/Auckland")}, "stale"),
        ({"end": instant("2026-03-11T13:00:00", "Pacific/Auckland")}, "present"),
        ({"start": instant("2026-03-09T23:59:59")}, "present"),
        ({"start": instant("2026-03-10T00:00:01")}, "unknown"),
        ({"signed": instant("2026-03-10T00:00:01")}, "unknown"),
        ({"end": instant("2026-03-10T23:59:59")}, "stale"),
        ({"end": instant("2026-03-11T00:00:01")}, "present"),
    ],
)
def test_it_counts_only_on_days_that_it_covers_whole(change, status):
    assert fact(Given(attestation(**change))).status == status


def test_the_newest_is_the_last_in_the_ledger_whatever_time_it_names():
    slow_clock = attestation("A-2", False, signed=instant("2026-02-01T00:00:00"))
    found = fact(Given(attestation("A-1", True)), Given(slow_clock))
    assert found.truth is False


def test_a_revoked_one_lets_the_one_before_it_count_again():
    revoked = Given(attestation("A-2", False), revoked=instant("2026-03-05T00:00:00"))
    assert fact(Given(attestation("A-1")), revoked).truth is True


def test_each_point_is_answered_for_itself():
    pack = Pack.model_construct(
        measures={FACT: attested(by="point")},
        points=dict.fromkeys(["1.1", "1.2", "1.3"]),
        parameters={},
        sources={},
        baseline=None,
    )
    given = [Given(attestation(slice_="1.2")), Given(attestation("A-2", slice_="9.9"))]
    attestations = Attestations(True, given, {"A-1": None, "A-2": None})
    found = assemble(pack, {}, DAY, attestations=attestations).facts
    assert {key: each.status for key, each in found.items()} == {
        (FACT, "1.1"): "unknown",
        (FACT, "1.2"): "present",
        (FACT, "1.3"): "unknown",
    }


def test_each_attestation_has_a_standing_and_one_answers():
    given = [
        Given(attestation("A-1")),
        Given(ENDED.model_copy(update={"id": "A-2"})),
        Given(attestation("A-3"), refused="no"),
        Given(attestation("A-4"), revoked=instant("2026-03-02T00:00:00")),
        Given(LATER.model_copy(update={"id": "A-5"})),
        Given(attestation("A-6")),
    ]
    found = standings(attested(), given, DAY, Attestations(True, given, {"A-6": None}))
    assert {id_: standing for id_, (standing, _) in found.items()} == {
        "A-1": "unused",
        "A-2": "expired",
        "A-3": "untrusted",
        "A-4": "revoked",
        "A-5": "future",
        "A-6": "used",
    }
    assert found["A-1"][1] == "attestation A-6 is newer"


days = st.integers(0, 40).map(lambda shift: instant("2026-02-20T12:00:00") + dt.timedelta(hours=12 * shift))
stated = st.builds(
    Given,
    st.builds(
        attestation,
        st.just("x"),
        st.sampled_from([True, False, "yes"]),
        signed=days,
        start=days,
        end=days,
    ),
    st.none() | days,
    st.none() | st.just("the signature does not count"),
)


@given(
    st.lists(stated, max_size=4),
    st.lists(st.sampled_from([None, "changed"]), max_size=4),
    st.booleans(),
    st.none() | st.just("9 days"),
)
def test_nothing_is_present_without_a_signature_and_evidence_that_count(given, evidence, signers, max_age):
    given = [
        Given(each.attestation.model_copy(update={"id": f"A-{place}"}), each.revoked, each.refused)
        for place, each in enumerate(given)
    ]
    looked = {f"A-{place}": fault for place, fault in enumerate(evidence)}
    measure = attested(max_age=max_age) if max_age else attested()
    found = fact(*given, measure=measure, evidence=looked, signers=signers)
    own = standings(measure, given, DAY, Attestations(signers, given, looked))
    used = [id_ for id_, (standing, _) in own.items() if standing == "used"]
    assert len(used) == (found.status == "present")
    if found.status != "present":
        return
    (each,) = [each for each in given if each.attestation.id == used[0]]
    assert answering(given, DAY).by is each
    assert each.refused is None
    assert each.validity.on(DAY)[0] == "in_force"
    assert looked[used[0]] is None
    assert found.truth is each.attestation.value
