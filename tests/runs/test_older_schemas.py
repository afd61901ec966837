"""Records of an older schema: what has been decided otherwise since is verified and decided again as then."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

import pytest

from phasegate.records.editions import EDITIONS, TODAY, edition_of
from phasegate.records.recheck_requirements import follow
from phasegate.records.recheck_verdicts import roll_up
from phasegate.records.schema import Record
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import load_project
from phasegate.runs.evaluate import evaluate
from phasegate.runs.replay import Replayed, replay

OLDEST = EDITIONS[0]
PACK = """\
pack: p
title: P
sources:
  r: {title: row, columns: {id: {type: string}, ok: {type: boolean}}}
measures:
  high.mitigated:
    {title: High risks, from: r, where: id = 'none', ratio: {of: ok}, when_empty: not_applicable}
  rows.ok: {title: Rows that are ok, from: r, ratio: {of: ok}}
  rows.some: {title: Rows, from: r, count: id IS NOT NULL}
points:
  either:
    title: Either
    criteria:
      - id: c
        text: either
        require: {rows.some: ">= 1", any_of: [{high.mitigated: ">= 90 %"}, {rows.ok: ">= 90 %"}]}
  other: {title: Other, criteria: [{id: c, text: rows, require: {rows.some: ">= 1"}}]}
phases:
  "1": {title: First, points: [either]}
  "2": {title: Second, points: [other]}
"""
PROJECT = """\
phasegate: 1
pack: pack
sources: {r: {path: r.csv, control: {rows: 1}}}
"""
THEN = {"1": "open", "2": "open", "programme": "open"}
NOW = {"1": "closed", "2": "closed", "programme": "closed"}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, LoadedPack]:
    folder = tmp_path_factory.mktemp("older")
    (folder / "pack").mkdir()
    for name, text in (("pack/pack.yaml", PACK), ("phasegate.yaml", PROJECT), ("r.csv", "id,ok\n1,false\n")):
        (folder / Path(name)).write_text(text, encoding="utf-8")
    loaded = load_project(folder / "phasegate.yaml")
    return evaluate(loaded, dt.date(2026, 3, 1)), loaded.pack


def states(record: Record) -> dict[str, str]:
    return {each["id"]: each["state"] for each in record["gates"]}


def again(record: Record, rules: LoadedPack) -> Replayed:
    return replay(record, edition_of(record).rules(rules))


def of_old(today: tuple[Record, LoadedPack]) -> Record:
    """The record that a version of then would have made of the same facts."""
    record, rules = today
    asked = copy.deepcopy(record)
    asked["schema"] = OLDEST.record
    made = again(asked, rules).record
    made["schema"] = OLDEST.record
    return made


def test_a_record_of_today_is_decided_by_the_rules_of_today(today: tuple[Record, LoadedPack]) -> None:
    record, rules = today
    assert record["schema"] == TODAY.record == EDITIONS[-1].record
    assert states(record) == NOW
    assert {each["id"]: each["after"] for each in record["gates"]}["2"] == ["1"]
    found = again(record, rules)
    assert (found.same_bytes, found.older) == (True, None)
    assert list(roll_up(record)) == []


def test_an_older_record_is_decided_again_as_its_schema_has_it(today: tuple[Record, LoadedPack]) -> None:
    older = of_old(today)
    assert states(older) == THEN
    assert {each["id"]: each["after"] for each in older["gates"]}["2"] == []
    found = again(older, today[1])
    assert found.differences == ()
    assert found.older == "phasegate/record/1"
    assert found.wording == ("schema",)


def test_an_older_record_is_verified_by_the_rules_of_its_schema(today: tuple[Record, LoadedPack]) -> None:
    older = of_old(today)
    assert list(roll_up(older)) == []
    assert follow({**older, "pack": older["pack"]["digest"]}).against == ()
    newer = copy.deepcopy(older)
    newer["schema"] = TODAY.record
    assert "criterion either/c is pass, and what it rests on makes it fail" in list(roll_up(newer))
    record = copy.deepcopy(today[0])
    record["schema"] = OLDEST.record
    assert "criterion either/c is fail, and what it rests on makes it pass" in list(roll_up(record))


def test_by_todays_rules_an_older_record_comes_out_otherwise(today: tuple[Record, LoadedPack]) -> None:
    """So that the tests above can fail."""
    older = copy.deepcopy(of_old(today))
    older["schema"] = TODAY.record
    found = again(older, today[1])
    assert {(each.what, each.id) for each in found.differences} >= {
        ("criterion", "either/c"),
        ("gate", "1"),
        ("gate", "2"),
    }
