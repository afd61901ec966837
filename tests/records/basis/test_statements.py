"""What signed statements come to on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from phasegate.records.basis.resettled import UndecidableError
from phasegate.records.basis.statements import answered_by, attested_on, is_waived
from phasegate.records.editions import TODAY
from phasegate.records.time_zone import validity_of

DAY = dt.date(2026, 3, 1)
EMPTY = {"numerator": None, "denominator": None, "truth": None, "text": None}
LIKE: Any = {**EMPTY, "status": "present", "unit": None, "reason": ""}


def word(
    value: str, name: str = "A-1", start: str = "2026-02-01", end: str = "2026-06-01", **more: Any
) -> Any:
    """A word of somebody, signed as it begins."""
    days = {key: f"{day}T00:00:00Z" for key, day in (("signed", start), ("start", start), ("end", end))}
    return {"id": name, "value": value, "standing": "used", "revoked": None, **days, **more}


def on(words: list[Any], like: Any = LIKE, known: Any = None, age: int | None = None) -> Any:
    found: Any = attested_on(like, words, known or {}, DAY, lambda each: validity_of(each, {}), age)
    return found


@pytest.mark.parametrize(
    ("value", "like", "said"),
    [
        ("true", {}, {"truth": True}),
        ("false", {}, {"truth": False}),
        ("true", {"text": "low"}, {"text": "true"}),
        ("high", {"text": "low"}, {"text": "high"}),
        ("95 %", {"unit": "%"}, {"numerator": "19", "denominator": "20"}),
        ("90 minutes", {"unit": "hours"}, {"numerator": "3", "denominator": "2"}),
        ("7", {}, {"numerator": "7", "denominator": "1"}),
    ],
)
def test_a_stated_value_is_read_as_its_fact_has_it(value: str, like: Any, said: dict[str, Any]) -> None:
    like = {**LIKE, **like}
    assert on([word(value)], like) == {**like, **EMPTY, **said, "status": "present"}


def test_a_value_that_is_known_is_taken_as_it_is() -> None:
    known = {"A-1": {**LIKE, "numerator": "38", "denominator": "40", "unit": "%", "status": "stale"}}
    found = on([word("95 %")], {**LIKE, "truth": True}, known)
    assert (found["numerator"], found["denominator"], found["unit"]) == ("38", "40", "%")
    assert (found["truth"], found["status"]) == (None, "present")


def test_what_another_one_says_in_words_is_a_text() -> None:
    assert on([word("true")], LIKE, {"A-2": {**LIKE, "text": "low"}})["text"] == "true"


def test_what_is_no_value_can_not_be_told() -> None:
    with pytest.raises(UndecidableError):
        on([word("much")])


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], "unknown", None),
        ([word("1", start="2026-03-02")], "unknown", None),
        ([word("1", revoked="2026-02-15T00:00:00Z")], "unknown", None),
        ([word("1", standing="untrusted")], "unknown", None),
        ([word("1", start="never")], "unknown", None),
        ([word("1", standing="evidence_changed")], "error", None),
        ([word("1", end="2026-03-01")], "stale", "1"),
        ([word("1", end="2026-03-02")], "present", "1"),
        # Of several that count the last one answers; one that has ended only where none counts.
        ([word("1"), word("2")], "present", "2"),
        ([word("1"), word("2", end="2026-02-20")], "present", "1"),
        ([word("1", end="2026-02-20"), word("2", end="2026-02-10")], "stale", "2"),
        ([word("1"), word("2", standing="untrusted")], "present", "1"),
        ([word("1"), word("2", standing="evidence_changed")], "error", None),
    ],
)
def test_the_word_that_answers(words: list[Any], status: str, said: str | None) -> None:
    found = on(words)
    assert (found["status"], found["numerator"]) == (status, said)


@pytest.mark.parametrize(("age", "status"), [(None, "present"), (28, "present"), (27, "stale"), (0, "stale")])
def test_a_word_grows_old(age: int | None, status: str) -> None:
    assert on([word("1", start="2026-02-01")], age=age)["status"] == status


@pytest.mark.parametrize(
    ("standings", "status", "answer"),
    [
        (["used"], "present", "0"),
        (["used"], "stale", "0"),
        (["used"], "unknown", None),
        (["used"], "error", None),
        ([], "present", None),
        (["unused", "untrusted"], "present", None),
        (["unused", "used"], "present", "1"),
        (["used", "used"], "present", None),
    ],
)
def test_whose_value_a_fact_has(standings: list[str], status: str, answer: str | None) -> None:
    words = [word("1", f"{place}", standing=each) for place, each in enumerate(standings)]
    assert answered_by({**LIKE, "status": status}, words) == answer


REQUIREMENT = {"id": "c/f", "bound": "true", "limit": None, "unit": None}


def waiver(name: str, *covers: str, counts: bool = True, **more: Any) -> Any:
    return {"id": name, "covers": [*covers], "floor": None, "counts": counts, **more}


@pytest.mark.parametrize(
    ("due", "waivers", "waived"),
    [
        ("fail", [], False),
        ("fail", [waiver("W", "fail")], True),
        ("fail", [waiver("W", "fail", counts=False)], False),
        ("fail", [waiver("W", "unknown")], False),
        ("pass", [waiver("W", "pass")], False),
        ("error", [waiver("W", "error")], False),
        ("fail", [waiver("W2", "fail"), waiver("W1", "unknown")], False),  # the first by id counts
        ("fail", [waiver("W2", "unknown"), waiver("W1", "fail")], True),
        ("fail", [waiver("W2", "fail"), waiver("W1", "fail", counts=False)], True),
        ("fail", [waiver("W1", "fail", floor="much"), waiver("W2", "fail")], False),
        ("fail", [waiver("W1", "splendid", "fail")], False),
        ("fail", [waiver("W1", "fail", counts=None), waiver("W2", "fail")], True),  # it can not be read
    ],
)
def test_a_waiver_excuses(due: str, waivers: list[Any], waived: bool) -> None:
    def in_force(each: Any) -> bool:
        if each["counts"] is None:
            raise ValueError
        return bool(each["counts"])

    fact = {**LIKE, "truth": False}
    assert is_waived(REQUIREMENT, fact, due, waivers, in_force, TODAY) is waived
