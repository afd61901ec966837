"""How a project reads its tables is approved: every key is in the digest, or has its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from phasegate.rules.changes.changes import changes
from phasegate.rules.loading.pack import LoadedPack, pack_of
from phasegate.rules.model.project import Project, SourceFile
from phasegate.rules.model.reading import ELSEWHERE, PLACES, reading_in_force, reading_of

RULES = """\
pack: minimal
title: The smallest pack
points: {p: {title: One point, criteria: [{id: c, text: Paid, require: {orders.paid: ">= 95 %"}}]}}
sources: {orders: {title: an order, columns: {status: {type: string}}}}
measures: {orders.paid: {title: Paid orders, from: orders, ratio: {of: status = 'paid'}}}
"""
OF_A_SOURCE: Mapping[str, tuple[Any, str]] = {
    "format": ("ndjson", "format is ndjson, and was none"),
    "encoding": ("latin1", "encoding is latin1, and was utf-8"),
    "separator": (";", "separator is ;, and was none"),
    "quote": ("'", "quote is ', and was none"),
    "header": (True, "header is true, and was none"),
    "columns": (["a", "b"], "columns is a, b, and was none"),
    "table": ("invoices", "table is invoices, and was none"),
    "compute": ("engine", "compute is engine, and was none"),
    "sheet": ("Q1", "sheet is Q1, and was none"),
    "records": ("data.rows", "records is data.rows, and was none"),
    "skip_rows": (2, "skip rows is 2, and was 0"),
    "header_row": (3, "header row is 3, and was none"),
    "stop_at": ("Total", "stop at is Total, and was none"),
    "decimal_comma": (True, "decimal comma is true, and was false"),
    "thousands": (".", "thousands is ., and was none"),
    "currency_sign": ("$", "currency sign is $, and was none"),
    "percent": (True, "percent is true, and was false"),
    "accounting": (True, "accounting is true, and was false"),
    "true_values": (["true", "no"], "true values is true, no, and was true, 1"),
    "false_values": (["off"], "false values is off, and was false, 0"),
    "trim": (True, "trim is true, and was false"),
    "null_values": (["", "open"], 'null values is "", open, and was ""'),
    "date_format": ("%d.%m.%Y", "date format is %d.%m.%Y, and was none"),
    "datetime_format": ("%d.%m.%Y %H", "datetime format is %d.%m.%Y %H, and was none"),
    "time_zone": ("Asia/Tokyo", "time zone is Asia/Tokyo, and was none"),
    "rename": ({"team": "status"}, "column status is read from team, and was from status"),
}
OF_A_PROJECT: Mapping[str, tuple[Any, str]] = {
    "time_zone": ("Asia/Tokyo", "the project: time zone is Asia/Tokyo, and was UTC"),
    "calendar": ({"holidays": ["2026-03-02"]}, "the project: calendar holidays is 2026-03-02, and was none"),
}


def project(**keys: Any) -> Project:
    return Project.model_validate({"phasegate": 1, "pack": "p", "sources": {"orders": {"path": "a"}}, **keys})


def rules(of: Project) -> LoadedPack:
    return replace(pack_of({"pack.yaml": RULES.encode()}, "minimal"), reading=reading_of(of))


def source(**keys: Any) -> Project:
    return project(sources={"orders": {"path": "a", **keys}})


def test_every_key_is_approved_or_has_its_reason() -> None:
    keys = {field.alias or name for name, field in SourceFile.model_fields.items()}
    assert {*OF_A_SOURCE} == keys - PLACES - {"contract"}
    assert {*OF_A_PROJECT} == {*Project.model_fields} - ELSEWHERE - {"sources"}


@pytest.mark.parametrize(
    ("read", "said"),
    [
        *[(source(**{key: to}), f"the reading of orders: {said}") for key, (to, said) in OF_A_SOURCE.items()],
        *[(project(**{key: to}), said) for key, (to, said) in OF_A_PROJECT.items()],
    ],
    ids=[*OF_A_SOURCE, *(f"project {key}" for key in OF_A_PROJECT)],
)
def test_another_reading_has_another_digest_and_is_told(read: Project, said: str) -> None:
    plain, other = rules(project()), rules(read)
    assert plain.digest != other.digest
    assert [(each.kind, each.said) for each in changes(plain, other)] == [("reading", said)]
    assert len(changes(other, plain)) == 1
    assert other.is_named(plain.files_digest)
    assert not other.is_approved_by(plain.files_digest)
    assert plain.is_approved_by(plain.files_digest)


@pytest.mark.parametrize(
    "keys",
    [
        {"path": "elsewhere/b.csv"},
        {"path": "../b", "outside": True},
        {"version": 12},
        {"control": {"rows": 3}},
        {"trim": False, "true_values": ["true", "1"], "rename": {}},
    ],
)
def test_a_place_a_total_and_a_default_are_no_other_reading(keys: dict[str, Any]) -> None:
    plain, other = rules(project()), rules(source(**{"path": "a", **keys}))
    assert plain.digest == other.digest
    assert changes(plain, other) == ()


def test_columns_are_told_by_the_names_of_the_contract() -> None:
    """`owner` was read from `team` of the file, and is read from `lead`; `date` was read as it is called."""
    before, after = source(rename={"team": "owner"}), source(rename={"lead": "owner", "on": "date"})
    assert [(each.path, each.said) for each in changes(rules(before), rules(after))] == [
        (
            ("reading", "sources", "orders", "rename", "owner"),
            "the reading of orders: column owner is read from lead, and was from team",
        ),
        (
            ("reading", "sources", "orders", "rename", "date"),
            "the reading of orders: column date is read from on, and was from date",
        ),
    ]


def test_a_reading_has_one_form_and_means_its_defaults() -> None:
    read = reading_of(source(trim=True, rename={"b": "y", "a": "x"}))
    whole = reading_in_force(read, ["others"])
    assert read == {"sources": {"orders": {"trim": True, "rename": {"a": "x", "b": "y"}}}}
    assert whole["time_zone"] == "UTC"
    assert whole["sources"]["orders"]["trim"] is True
    assert whole["sources"]["others"]["trim"] is False
    assert reading_in_force({})["sources"] == {}


@pytest.mark.parametrize(
    "written",
    [
        {"sources": 5},
        {"sources": {"a": 5}},
        {"sources": {"a": {"trim": "often"}}},
        {"sources": {"a": {"trim": False}}},
        {"sources": {"a": {"path": "b", "trim": True}}},
        {"sources": {"a": {"colour": "red"}}},
        {"sources": {}},
        {"time_zone": 5},
        {"time_zone": "UTC"},
        {"ledger": "b.db"},
        {"pack": "other"},
    ],
)
def test_what_is_no_reading_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not how"):
        reading_in_force(written)
