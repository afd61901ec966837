"""The days of a project in another zone than UTC: today, and those that signed statements cover."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from phasegate.rules.values.time_zones import zone_data

Run = Callable[..., Result]
World = Any
ZONE = "time_zone: America/New_York\n"  # five hours behind UTC, four from 2026-03-08 on


@pytest.fixture
def abroad(world: World) -> World:
    world.more = ZONE
    world.write()
    return world


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("moment", "today"),
    [
        ("2026-03-02T04:59:59+00:00", "2026-03-01"),
        ("2026-03-02T05:00:00+00:00", "2026-03-02"),
        ("2026-03-09T03:59:59+00:00", "2026-03-08"),
        ("2026-03-09T04:00:00+00:00", "2026-03-09"),
    ],
)
def test_today_is_a_day_of_the_project(moment: str, today: str, abroad: World) -> None:
    abroad.at(moment)
    for args in (("check",), ("gate", "1")):
        record = abroad.record(*args)
        assert record["as_of"] == today
        assert record["time_zone"] == {"name": "America/New_York", "data": zone_data()}
    assert abroad.run("runs").stdout.count(f"as of {today}") == 2


def test_a_waiver_covers_days_of_the_project(abroad: World) -> None:
    abroad.approve()
    granted = abroad.waive(**{"from": "2026-03-02"})
    assert "it counts from 2026-03-02 to 2026-04-30" in granted.stdout
    (waiver,) = [document for kind, document in abroad.log() if kind == "waiver"]
    assert "2026-05-01T04:00:00Z" in json.dumps(abroad.record("check")["waivers"])
    assert waiver["subject"] == "W-1"
    for moment, code in (
        ("2026-03-02T04:59:59+00:00", 1),  # its first day has not come
        ("2026-03-02T05:00:00+00:00", 0),
        ("2026-05-01T03:59:59+00:00", 0),
        ("2026-05-01T04:00:00+00:00", 1),
    ):
        assert abroad.at(moment).gate().exit_code == code, moment
    assert abroad.run("verify").exit_code == 0
    result = abroad.run("replay", "latest", "--all")
    assert result.exit_code == 0, result.output
    due = abroad.at("2026-04-30T12:00:00+00:00").run("due", "--run", "3", "--within", "60d").stdout
    assert "2026-05-01" in due


def test_one_advances_on_the_day_of_the_decision(abroad: World) -> None:
    abroad.approve()
    abroad.waive()
    assert abroad.at("2026-03-02T05:30:00+00:00").gate().exit_code == 0
    result = abroad.at("2026-03-03T05:00:00+00:00").by("dev", "advance", "1")
    assert result.exit_code == 2
    assert "was open on 2026-03-02, as run 1 decided, and today is 2026-03-03" in result.stderr
    assert abroad.at("2026-03-03T05:00:01+00:00").gate().exit_code == 0
    assert abroad.at("2026-03-04T04:59:00+00:00").by("dev", "advance", "1").exit_code == 0
    assert abroad.run("verify").exit_code == 0


def test_a_proof_counts_the_days_of_its_run(abroad: World, tmp_path: Path) -> None:
    abroad.approve()
    abroad.waive()
    assert abroad.at("2026-03-02T05:30:00+00:00").gate().exit_code == 0
    assert abroad.run("prove", "1.1", "-o", tmp_path / "proof.json").exit_code == 0
    result = abroad.run("verify", tmp_path / "proof.json")
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "proof.json").read_text())
    assert json.loads(document["evidence"])["time_zone"]["name"] == "America/New_York"


def test_a_record_of_utc_says_nothing_of_zones(world: World) -> None:
    assert "time_zone" not in world.record("check")
    world.more = "time_zone: Etc/UTC\n"
    world.write()
    assert "time_zone" not in world.record("check")


@pytest.mark.parametrize(("zone", "named"), [("", "UTC"), ("time_zone: Asia/Tokyo\n", "Asia/Tokyo")])
def test_a_source_of_another_zone_is_told_with_the_zone_data(
    zone: str, named: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("at\n2026-03-01T00:30:00\n")
    (tmp_path / "phasegate.yaml").write_text(
        f"phasegate: 1\n{zone}sources:\n  t:\n    path: t.csv\n    time_zone: Europe/Berlin\n"
        "    contract: {title: t, event: at, columns: {at: {type: datetime}}}\n"
        'measures: {n: {title: n, from: t, count: "TRUE"}}\nrequire: {n: "== 1"}\n'
    )
    record = json.loads(run("check", "--no-ledger", "--format", "json").stdout)
    assert record["time_zone"] == {"name": named, "data": zone_data()}
    assert record["sources"][0]["reading"]["time_zone"] == "Europe/Berlin"


def test_explain_tells_which_days_and_parameters_were_meant(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("at,due\n2026-02-01,2026-02-03\n")
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\ncycle: {id: c, start: 2026-01-05}\nsources:\n  t: {path: t.csv}\nmeasures:\n"
        "  n: {title: n, from: t, where: at >= :cycle_start,\n"
        "      count: 'due BETWEEN :month_start AND :month_end'}\n"
        '  q: {title: q, from: t, sql: "SELECT COUNT(*) AS numerator, 1 AS denominator, COUNT(*) AS rows '
        'FROM t WHERE due < :as_of -- before :year_start"}\n'
        "  plain: {title: p, from: t, count: \"due > '2026-01-01'\"}\n"
        'require: {n: "== 1", q: "== 1", plain: "== 1"}\n'
    )
    told = " ".join(run("explain", "n").stdout.split())
    assert "where at >= :cycle_start (:cycle_start is 2026-01-05)" in told
    assert (
        "count due BETWEEN :month_start AND :month_end (:month_start is 2026-02-01, :month_end is 2026-02-28)"
        in told
    )
    told = " ".join(run("explain", "q").stdout.split())
    assert "its query, in which :as_of is 2026-03-01." in told
    assert ":" not in " ".join(run("explain", "plain").stdout.split()).partition("rows of t")[2].replace(
        "sha256:", ""
    )
