"""Every expression of a pack is checked without data, and each fault tells where it stands."""

from typing import Any

import pytest

from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.model.pack import Pack


def _pack(measures: dict[str, Any], derive: dict[str, Any] | None = None) -> Pack:
    costs = {
        "title": "One charge",
        "columns": {
            "amount": {"type": "decimal"},
            "day": {"type": "date"},
            "team": {"type": "string"},
            "Tags": {"type": "string"},
        },
        "derive": derive or {},
        "event": "day",
    }
    point = {"title": "P", "criteria": [{"id": "c", "text": "C", "require": {"m": ">= 1"}}]}
    named = {id_: {"title": id_, "from": "costs", **measure} for id_, measure in measures.items()}
    return Pack.model_validate(
        {"pack": "p", "title": "P", "points": {"1": point}, "sources": {"costs": costs}, "measures": named,
         "parameters": {"most": {"value": "5 USD", "text": "the most"},
                        "days": {"value": "3 days", "text": "days"}, "few": {"value": 3, "text": "few"},
                        "hours": {"value": "24 hours", "text": "hours"}}}
    )  # fmt: skip


def test_a_sound_pack_has_no_faults() -> None:
    derive = {
        "owner": "tag('owner')",
        "owned": "owner IS NOT NULL",
        "due": {"business_days_after": "day", "days": 5},
    }
    measures = {
        "m": {"count": "owned AND due > day AND amount < :most"},
        "q": {"sql": "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM costs WHERE owned"},
    }
    assert list(check_pack(_pack(measures, derive))) == []


@pytest.mark.parametrize(
    ("holds", "message"),
    [
        ("amount >= 0", ""),
        ("team <> 'x' OR day <= :as_of", ""),
        ("amout >= 0", "there is no column amout in costs, at character 1"),
        ("late", "the column late can not be used in costs, at character 1"),
        ("amount", "this yields decimal, where a condition must be true or false, at character 1"),
        ("1 = 1", "this condition of a row reads no column"),
        ("tag('owner') = 'x'", "this condition of a row reads a tag"),
    ],
)
def test_what_must_hold_in_a_row_is_a_condition_over_its_columns(holds: str, message: str) -> None:
    pack = _pack({"m": {"count": "amount > 0"}}, {"late": "day > :as_of"})
    costs = pack.sources["costs"].model_copy(update={"holds": (holds,)})
    found = list(check_pack(pack.model_copy(update={"sources": {**pack.sources, "costs": costs}})))
    assert [(fault[0], fault[1]) for fault in found] == (
        [(("sources", "costs", "holds", 0), message)] if message else []
    )


def test_every_fault_is_told_with_its_path() -> None:
    derive = {"late": "dey > :as_of", "later": "late AND TRUE"}
    measures = {
        "a": {"count": "amount", "where": "nothing > 1"},
        "b": {"ratio": {"of": "team = 1", "over": "now() > day"}},
        "c": {"share": {"of": "team = 'x'", "value": "team"}},
        "d": {"latest": {"ok": "team = 'x'", "bad": "SUM(amount)"}},
        "e": {
            "grain": "team",
            "accuracy": {
                "actual": "amount / 2",
                "forecast": {"from": "costs", "value": "amount", "where": "x"},
            },
        },
        "f": {"sql": "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM costs JOIN teams ON TRUE"},
        "g": {"sql": "SELECT team AS numerator, 1 AS rows FROM costs"},
        "h": {"quantile": {"of": "day", "at": "90 %"}},
    }  # fmt: skip
    found = list(check_pack(_pack(measures, derive)))
    assert [fault[0] for fault in found] == [
        ("sources", "costs", "derive", "late"),
        ("measures", "a", "where"),
        ("measures", "a", "count"),
        ("measures", "b", "ratio", "of"),
        ("measures", "b", "ratio", "over"),
        ("measures", "c", "share", "value"),
        ("measures", "d", "latest", "bad"),
        ("measures", "e", "accuracy", "actual"),
        ("measures", "e", "accuracy", "forecast", "where"),
        ("measures", "f", "sql"),
        ("measures", "g", "sql"),
        ("measures", "h", "quantile", "of"),
    ]
    assert found[0][1:] == ("there is no column dey in costs, at character 1", "did you mean day?")


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("days_between(day, :as_of) > :days", None),
        ("days_between(day, :as_of) > :few", None),
        ("days_between(day, :as_of) > :hours", ":hours is in hours, and stands beside days, at character 29"),
        ("day > :as_of - :days", None),
        ("day > :as_of - :hours", ":hours is in hours, and must be a number of days here, at character 16"),
        ("day + :hours > :as_of", ":hours is in hours, and must be a number of days here, at character 7"),
        ("amount > :most", None),
    ],
)
def test_a_parameter_whose_unit_does_not_fit_is_told_without_data(sql: str, told: str | None) -> None:
    query = f"SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM costs WHERE {sql}"
    found = list(check_pack(_pack({"m": {"count": sql}})))
    assert [fault.message for fault in found] == ([told] if told else [])
    found = list(check_pack(_pack({"m": {"sql": query}})))
    assert [fault.message.partition(", at")[0] for fault in found] == (
        [told.partition(", at")[0]] if told else []
    )
