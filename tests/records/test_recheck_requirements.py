"""Verdicts held against facts a third time: every bound, at its limit and a last unit beside it."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.records.recheck_requirements import follow
from phasegate.records.rows_behind import held_below, miscounted, stray_rows


def evidence(bound: str, verdict: str, limit: str | None = None, **fact: Any) -> dict[str, Any]:
    """The evidence of one requirement."""
    given = {"id": "f", "status": "present", "numerator": None, "denominator": None, "truth": None}
    return {
        "as_of": "2026-03-01",
        "pack": "sha256:" + "0" * 64,
        "criteria": [{"id": "c", "enforcement": "soft"}],
        "facts": [{**given, "text": None, **fact}],
        "waivers": [],
        "requirements": [
            {
                "id": "c/f",
                "criterion": "c",
                "fact": "f",
                "bound": bound,
                "limit": limit,
                "verdict": verdict,
                "waiver": None,
            }
        ],
    }


def ratio(numerator: int, denominator: int) -> dict[str, str]:
    return {"numerator": str(numerator), "denominator": str(denominator)}


def ends(low: int, high: int, of: int = 100) -> dict[str, Any]:
    """A ratio that missing values leave open, as a record has it."""
    both = {"low": [str(low), str(of)], "high": [str(high), str(of)]}
    return {"undetermined": {"rows": high - low, "lacking": [], "fix": "", **both}}


@pytest.mark.parametrize(
    ("bound", "limit", "fact", "due"),
    [
        (">= 95 %", None, ratio(95, 100), "pass"),
        (">= 95 %", None, ratio(94_999, 100_000), "fail"),
        ("> 95 %", None, ratio(95, 100), "fail"),
        ("> 95 %", None, ratio(95_000_001, 100_000_000), "pass"),
        ("<= 31 days", None, ratio(31, 1), "pass"),
        ("<= 31 days", None, ratio(63, 2), "fail"),
        ("< 31 days", None, ratio(31, 1), "fail"),
        ("== 3", None, ratio(6, 2), "pass"),
        ("!= 3", None, ratio(6, 2), "fail"),
        ("between 85 and 95 %", None, ratio(85, 100), "pass"),
        ("between 85 and 95 %", None, ratio(95, 100), "pass"),
        ("between 85 and 95 %", None, ratio(951, 1000), "fail"),
        (">= 17.3 M USD", None, ratio(17_300_000, 1), "pass"),
        (">= 17.3 M USD", None, ratio(1_729_999_999, 100), "fail"),
        (">= -1 %", None, ratio(-1, 100), "pass"),
        (">= success", "95.125 %", ratio(95_125, 100_000), "pass"),
        (">= success", "95.125 %", ratio(95_124, 100_000), "fail"),
        ("<= :most", "1,234.5 USD", ratio(12_345, 10), "pass"),
        ("<= :most", "1,234.5 USD", ratio(123_451, 100), "fail"),
        ("true", None, {"truth": True}, "pass"),
        ("true", None, {"truth": False}, "fail"),
        ("false", None, {"truth": False}, "pass"),
        ("in [low, medium]", None, {"text": "low"}, "pass"),
        ("in [low, medium]", None, {"text": "Low"}, "fail"),
        (">= 95 %", None, {"status": "unknown"}, "unknown"),
        (">= 95 %", None, {**ratio(1, 1), "status": "stale"}, "stale"),
        (">= 95 %", None, {"status": "error"}, "error"),
        (">= 95 %", None, {"status": "not_applicable"}, "not_applicable"),
        (">= 95 %", None, {"status": "splendid"}, "error"),
        (">= 95 %", None, {}, "error"),
        (">= 95 %", None, ratio(1, 0), "error"),
        (">= 95 %", None, {"numerator": "many", "denominator": "1"}, "error"),
        (">= 95 %", None, ends(95, 97), "pass"),
        (">= 95 %", None, ends(94, 97), "unknown"),
        (">= 95 %", None, ends(94, 95), "unknown"),
        ("> 95 %", None, ends(94, 95), "fail"),
        ("<= 5 %", None, ends(5, 6), "unknown"),
        ("between 85 and 95 %", None, ends(84, 96), "unknown"),
        ("between 85 and 95 %", None, ends(85, 95), "pass"),
        ("between 85 and 95 %", None, ends(96, 99), "fail"),
        ("== 3", None, ends(3, 4, 1), "unknown"),
        ("!= 3", None, ends(4, 5, 1), "pass"),
        (">= 95 %", None, {**ends(95, 97), "status": "stale"}, "stale"),
        # What says both what it is and that nobody knows it, or half of it, is no number.
        (">= 95 %", None, {**ends(95, 97), **ratio(95, 100)}, "error"),
        (">= 95 %", None, ends(97, 95), "error"),
        (">= 95 %", None, ends(1, 1, 0), "error"),
        (">= 95 %", None, {"undetermined": {"rows": 1, "low": ["95", "100"]}}, "error"),
        (">= 95 %", None, {"undetermined": {"rows": 1, "low": ["95"], "high": ["96"]}}, "error"),
        (">= 95 %", None, {**ratio(95, 100), "undetermined": {"rows": 2}}, "pass"),
        (">= success", "nothing", ratio(1, 1), "error"),
        (">= success", None, ratio(1, 1), "error"),
        ("a lot", None, ratio(1, 1), "error"),
    ],
)
def test_what_follows_from_a_fact(bound: str, limit: str | None, fact: dict[str, Any], due: str) -> None:
    for verdict in ("pass", "fail", "unknown", "stale", "not_applicable"):
        found = follow(evidence(bound, verdict, limit, **fact))
        assert found.checked == 1
        expected = () if verdict == due else (f"c/f is {verdict}, and its facts say {due}",)
        assert found.against == expected
    # What the engines could not decide, or not alike, is an error whatever the fact says.
    assert follow(evidence(bound, "error", limit, **fact)).against == ()


WAIVER: dict[str, Any] = {
    "id": "W",
    "requirement": "c/f",
    "pack_digest": "sha256:" + "0" * 64,
    "standing": "used",
    "covers": ["fail", "stale", "unknown"],
    "floor": "90 %",
    "granted": "2026-02-01T00:00:00Z",
    "start": "2026-02-01T00:00:00Z",
    "end": "2026-03-02T00:00:00Z",
    "revoked": None,
}


@pytest.mark.parametrize(
    ("bound", "waiver", "fact", "excused"),
    [
        (">= 95 %", {}, ratio(90, 100), True),
        (">= 95 %", {}, ratio(89_999, 100_000), False),
        ("> 95 %", {}, ratio(95, 100), True),
        ("<= 5 %", {"floor": "7 %"}, ratio(7, 100), True),
        ("<= 5 %", {"floor": "7 %"}, ratio(8, 100), False),
        (">= 95 %", {"floor": None}, ratio(94, 100), False),
        (">= 95 %", {"floor": None, "covers": ["stale"]}, {"status": "stale"}, True),
        (">= 95 %", {}, {"status": "unknown"}, False),
        (">= 95 %", {"floor": None, "covers": ["unknown"]}, {"status": "unknown"}, True),
        (
            ">= 95 %",
            {"floor": None, "covers": ["unknown"]},
            {"status": "unknown", "undetermined": {"rows": 3, "lacking": [], "fix": ""}},
            False,
        ),
        (">= 95 %", {}, ends(90, 97), True),
        (">= 95 %", {}, ends(89, 97), False),
        (">= 95 %", {}, ends(90, 94), True),
        (">= 95 %", {}, ends(89, 94), False),
        (">= 95 %", {"floor": None, "covers": ["unknown"]}, ends(90, 97), False),
        (">= 95 %", {}, {**ends(90, 97), "status": "stale"}, True),
        (">= 95 %", {}, {**ends(89, 97), "status": "stale"}, False),
        (">= 95 %", {}, {**ratio(94, 100), "status": "stale"}, True),
        (">= 95 %", {}, {**ratio(1, 100), "status": "stale"}, False),
        (">= 95 %", {}, {"status": "error"}, False),
        (">= 95 %", {}, ratio(99, 100), False),
        ("between 91 and 99 %", {}, ratio(90, 100), True),
        ("between 91 and 99 %", {}, ratio(89, 100), False),
        ("between 91 and 99 %", {}, ratio(100, 100), False),
        ("between 91 and 99 %", {"floor": "95 %"}, ratio(90, 100), False),
        ("== 95 %", {}, ratio(90, 100), True),
        ("== 95 %", {}, ratio(96, 100), False),
        ("!= 95 %", {}, ratio(95, 100), False),
        ("!= 95 %", {"floor": "95 %"}, ratio(95, 100), True),
        ("!= 95 %", {"floor": "95 %"}, ends(90, 97), True),
        ("true", {"floor": None}, {"status": "unknown"}, True),
        ("true", {"floor": None}, {"truth": False}, True),
        ("true", {}, {"truth": False}, False),
        (">= 95 %", {"end": "2026-03-01T23:59:59Z"}, ratio(94, 100), False),
        (">= 95 %", {"end": "2026-03-01T23:00:00-01:00"}, ratio(94, 100), True),
        (">= 95 %", {"start": "2026-03-01T00:00:01Z"}, ratio(94, 100), False),
        (
            ">= 95 %",
            {"start": "2026-03-01T00:00:00Z", "granted": "2026-03-01T00:00:00Z"},
            ratio(94, 100),
            True,
        ),
        (">= 95 %", {"revoked": "2026-03-02T00:00:00Z"}, ratio(94, 100), True),
        (">= 95 %", {"revoked": "2026-03-01T12:00:00Z"}, ratio(94, 100), False),
        (">= 95 %", {"floor": "much"}, ratio(94, 100), False),
        (">= 95 %", {"standing": "unused"}, ratio(94, 100), False),
    ],
)
def test_what_a_waiver_excuses(
    bound: str, waiver: dict[str, Any], fact: dict[str, Any], excused: bool
) -> None:
    document = evidence(bound, "waived", **fact)
    document["requirements"][0]["waiver"] = "W"
    document["waivers"] = [{**WAIVER, **waiver}]
    assert (follow(document).against == ()) is excused
    document["criteria"][0]["enforcement"] = "hard"
    assert follow(document).against == ("c/f is waived, and its criterion is hard",)


@pytest.mark.parametrize(
    ("waiver", "why"),
    [
        ({"requirement": "c/g"}, "the waiver W is about c/g"),
        ({"requirement": "a/a"}, "the waiver W is about a/a"),
        ({"pack_digest": "sha256:1"}, "the waiver W was granted under other rules"),
        ({"pack_digest": ""}, "the waiver W was granted under other rules"),
        ({"covers": ["unknown"]}, "the waiver W does not cover what its facts say: fail"),
        ({"standing": "unused"}, "the waiver W is recorded as unused"),
        ({"standing": "void"}, "the waiver W is recorded as void"),
        ({"covers": ["fail", "splendid"]}, "the waiver W can not be read"),
        ({"floor": "much"}, "the waiver W can not be read"),
        ({"floor": "5 days"}, "its value is beyond what the waiver W covers"),
        ({"end": "some day"}, "the waiver W can not be read"),
        ({"start": "2026-03-02T00:00:00Z"},
         "the waiver W does not count on 2026-03-01: it starts at 2026-03-02 00:00:00 UTC"),
        ({"revoked": "2026-02-02T00:00:00Z"},
         "the waiver W does not count on 2026-03-01: it was revoked at 2026-02-02 00:00:00 UTC"),
        ({"end": "2026-02-27T00:00:00Z"},
         "the waiver W does not count on 2026-03-01: it ended at 2026-02-27 00:00:00 UTC"),
        ({"floor": "94.5 %"}, "its value is beyond what the waiver W covers"),
        ({"id": "V"}, "there is no waiver for it"),
    ],
)  # fmt: skip
def test_a_waiver_that_excuses_nothing_says_why(waiver: dict[str, Any], why: str) -> None:
    document = evidence(">= 95 %", "waived", **ratio(94, 100))
    document["requirements"][0]["waiver"] = "W"
    document["waivers"] = [{**WAIVER, **waiver}]
    assert follow(document).against == (f"c/f is waived, and {why}",)


@pytest.mark.parametrize("due", ["pass", "error", "not_applicable"])
def test_what_no_waiver_may_cover(due: str) -> None:
    fact = ratio(96, 100) if due == "pass" else {"status": due}
    document = evidence(">= 95 %", "waived", **fact)
    document["requirements"][0]["waiver"] = "W"
    document["waivers"] = [{**WAIVER, "covers": [due]}]
    why = f"the waiver W does not cover what its facts say: {due}"
    assert follow(document).against == (f"c/f is waived, and {why}",)


@pytest.mark.parametrize(
    ("schema", "fact", "excused"),
    [
        ("phasegate/record/1", {"status": "unknown"}, True),
        ("phasegate/evidence/1", {"status": "unknown"}, True),
        ("phasegate/record/1", ratio(89, 100), False),
        ("phasegate/record/1", {**ratio(1, 100), "status": "stale"}, False),
        ("phasegate/record/2", {"status": "unknown"}, False),
        ("phasegate/evidence/2", {"status": "unknown"}, False),
    ],
)
def test_what_had_no_value_was_once_covered_whatever_the_floor(
    schema: str, fact: dict[str, Any], excused: bool
) -> None:
    document = {**evidence(">= 95 %", "waived", **fact), "schema": schema, "waivers": [WAIVER]}
    document["requirements"][0]["waiver"] = "W"
    assert (follow(document).against == ()) is excused


def test_a_fact_that_is_not_there() -> None:
    document = evidence(">= 95 %", "pass")
    document["facts"] = []
    assert follow(document).against == ("c/f is pass, and there is no fact for it",)


def rows(what: str, total: int, undetermined: int = 0, **more: Any) -> dict[str, Any]:
    """Rows behind the requirement, of which all are shown."""
    shown = {"held": total, "sample": [{}] * min(total, 3), **more}
    return {"requirement": "c/f", "what": what, "total": total, "undetermined": undetermined, **shown}


PART = {**ratio(15, 20), "kind": "ratio", "rows": 20}
OPEN = {**ends(12, 15, 20), "kind": "ratio", "rows": 17}
COUNT = {**ratio(4, 1), "kind": "count", "rows": 4}
LESS = {"status": "unknown", "kind": "count", "rows": 1, "undetermined": {"rows": 3}}
TOO_MANY = {**ratio(4, 1), "kind": "sum", "rows": 4, "undetermined": {"rows": 2}}


@pytest.mark.parametrize(
    ("behind", "fact", "why"),
    [
        (rows("not met", 5), PART, None),
        (rows("not met", 4), PART, "there are 4, and its fact says 5"),
        (rows("not met", 6), PART, "there are 6, and its fact says 5"),
        (rows("counted", 15), PART, None),
        (rows("counted", 14), PART, "there are 14, and its fact says 15"),
        (rows("counted", 4), COUNT, None),
        (rows("not met", 3), COUNT, None),
        (rows("not met", 5), COUNT, "there are 5 of 4"),
        (rows("short", 5), COUNT, None),
        (rows("not met", 8, 3), OPEN, None),
        (rows("not met", 7, 2), OPEN, "2 of 7 are undetermined, and of its fact 3"),
        (rows("not met", 7, 3), OPEN, "there are 4, and its fact says 5"),
        (rows("counted", 15, 3), OPEN, None),
        (rows("may count", 3, 3), LESS, None),
        (rows("may count", 4, 3), LESS, "3 of 4 are undetermined, and of its fact 3"),
        (rows("may count", 2, 2), LESS, "2 of 2 are undetermined, and of its fact 3"),
        (rows("other", 2, 0), TOO_MANY, None),  # of some kinds they are not shown
        (rows("other", 2, 1), TOO_MANY, "1 of 2 are undetermined, and of its fact 2"),
        (rows("other", 6, 2), TOO_MANY, None),
        (rows("other", 7, 2), TOO_MANY, "there are 7 of 6"),
        (rows("counted", 1), {"status": "unknown"}, "no value was held against its bound"),
        (rows("may count", 1, 1), {"status": "error"}, "no value was held against its bound"),
        (rows("counted", 1), {**COUNT, "denominator": "one"}, "its fact has no number"),
        (rows("counted", 4, held=3), COUNT, None),
        (rows("counted", 4, held=2), COUNT, "3 are shown and 2 are held of 4"),
        (rows("counted", 4, held=5), COUNT, "3 are shown and 5 are held of 4"),
        (rows("counted", 4, sample=[]), COUNT, "0 are shown and 4 are held of 4"),
        (rows("counted", 0, sample=[]), {**COUNT, **ratio(0, 1)}, None),
    ],
)
def test_so_many_rows_stand_behind_a_fact(
    behind: dict[str, Any], fact: dict[str, Any], why: str | None
) -> None:
    given = {"status": "present", "numerator": None, "denominator": None, **fact}
    assert miscounted(behind, given) == why


@pytest.mark.parametrize(
    ("verdict", "behind", "why"),
    [
        ("fail", [rows("not met", 5)], None),
        ("pass", [rows("not met", 5)], "there are rows behind c/f, which is pass"),
        ("stale", [rows("not met", 5)], "there are rows behind c/f, which is stale"),
        ("fail", [rows("not met", 5), rows("not met", 5)], "there are rows behind c/f twice"),
        ("fail", [rows("not met", 4)], "of the rows behind c/f, there are 4, and its fact says 5"),
        ("fail", [{**rows("not met", 5), "requirement": "g"}], "there are rows behind g, which is not there"),
    ],
)
def test_rows_stand_behind_what_does_not_hold(
    verdict: str, behind: list[dict[str, Any]], why: str | None
) -> None:
    document = {**evidence(">= 95 %", verdict, **PART), "rows": behind}
    facts = {fact["id"]: fact for fact in document["facts"]}
    assert list(stray_rows(document, facts)) == ([why] if why else [])
    if why is None:
        assert list(stray_rows(document, {})) == ["there are rows behind c/f, which is not there"]


@pytest.mark.parametrize(
    ("bound", "fact", "below"),
    [
        ("between 2 and 5", ends(1, 4, 1), False),
        ("between 2 and 5", ends(4, 6, 1), True),
        ("between 2 and 5", ends(1, 6, 1), False),
        ("between 2 and 5", ends(6, 9, 1), True),
        ("between 2 and 5", {"status": "present"}, False),
        ("between 2 and 5", ratio(5, 1), False),
        ("between 2 and 5", ratio(1, 1), False),
        ("between 2 and 5", ratio(11, 2), True),
        ("between -2 and 0", ratio(-1, 1), True),
        ("between -2 and 0", ends(-3, -1, 1), True),
        ("between 2 and 5", ends(2, 4, 1), False),
        ("== 3", ratio(4, 1), True),
        ("== 3", ratio(2, 1), False),
        ("!= 3", ratio(3, 1), False),
        ("< 3", ratio(3, 1), True),
        ("> 3", ratio(3, 1), False),
        ("in [low]", {"text": "high"}, False),
        ("== 0", ends(0, 1, 1), True),
        ("<= 3", ends(0, 9, 1), True),
        (">= 3", ends(0, 9, 1), False),
        ("true", {"status": "present"}, False),
        ("false", {"status": "present"}, True),
    ],
)
def test_which_rows_are_too_many(bound: str, fact: dict[str, Any], below: bool) -> None:
    given = {"numerator": None, "denominator": None, **fact}
    assert held_below({"bound": bound, "limit": None}, given) is below


WHOLE_FACT = {
    "measure": "f", "slice": "", "reason": "", "unit": "%", "scale": 0, "rows": 20, "nulls": 0,
    "newest": "2026-02-20", "sources": [], "max_age_days": 31, **ratio(19, 20),
}  # fmt: skip
NUMBERS = {
    "value": "95", "limit_value": "90", "margin_value": "5", "rounded": False, "days_left": 22,
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "fact", "follows"),
    [
        (NUMBERS, {}, True),
        ({}, {}, True),  # as in older records
        ({**NUMBERS, "value": "96"}, {}, False),
        ({**NUMBERS, "value": "95.0"}, {}, False),
        ({**NUMBERS, "limit_value": "95"}, {}, False),
        ({**NUMBERS, "margin_value": "-5"}, {}, False),
        ({**NUMBERS, "days_left": 23}, {}, False),
        ({**NUMBERS, "rounded": True}, {}, False),
        ({**NUMBERS, "value_high": "96"}, {}, False),
        ({"value": "95"}, {}, False),
        (NUMBERS, ratio(181, 200), False),
        (NUMBERS, {"newest": "no day"}, False),
        (NUMBERS, {"numerator": "many"}, False),
    ],
)
def test_numbers_for_programs_follow_from_the_fact(
    told: dict[str, Any], fact: dict[str, Any], follows: bool
) -> None:
    document = evidence(">= 90 %", "pass", "90 %", **{**WHOLE_FACT, **fact})
    document["requirements"][0] |= {"unit": "%", **told}
    said = "the numbers of c/f are not those of its fact and its bound"
    assert (said not in follow(document).against) == follows
