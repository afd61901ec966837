"""What day it is: a gate decides for today, and nothing that happens later is known before."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from broken import INSPECTIONS, INVOICES, PROJECT, TODAY, Harbour

from phasegate import cli

SHARE = "share: {of: status = 'paid', value: amount}"
HEADER = "invoice,day,amount,currency,status\n"
DAY = dt.timedelta(days=1)


def test_a_gate_decides_for_today_only(harbour: Harbour) -> None:
    for option in ("--as-of", "--date", "--today", "--now"):
        result = harbour.run("gate", "1", option, "2026-03-01")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "No such option" in result.stderr
    names = [name for parameter in cli.main.commands["gate"].params for name in parameter.opts]
    assert "--as-of" not in names
    for day in (TODAY, TODAY + DAY):
        assert f"as of {day}" in harbour.run("gate", "1", today=day).stdout


def test_no_variable_of_the_environment_moves_the_clock(harbour: Harbour) -> None:
    for name in ("PHASEGATE_AS_OF", "PHASEGATE_TODAY", "SOURCE_DATE_EPOCH", "AS_OF"):
        harbour.monkeypatch.setenv(name, "2020-01-01")
    assert f"as of {TODAY}" in harbour.run("gate", "1").stdout


def test_today_is_a_day_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = []

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            instants.append(tz)
            there = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.timezone(-dt.timedelta(hours=5)))
            return there.astimezone(tz)

    monkeypatch.setattr(dt, "datetime", Clock)
    assert cli.now().date() == dt.date(2026, 4, 1)
    assert instants == [dt.UTC]


def test_as_of_in_the_past_changes_nothing_but_the_date(harbour: Harbour) -> None:
    shown = harbour.run("check", "--as-of", "2026-03-25", "--format", "json")
    then = harbour.run("check", "--format", "json", today=dt.date(2026, 3, 25))
    assert shown.stdout == then.stdout
    assert (json.loads(shown.stdout)["kind"], json.loads(shown.stdout)["as_of"]) == ("check", "2026-03-25")


def later_rows() -> dict[str, str]:
    """The project's tables with rows of the day after the last one that counts, and of years after."""
    days = [TODAY + DAY, dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(9999, 12, 31)]
    lost = "".join(f"G-{n},{day},100000.00,EUR,open\n" for n, day in enumerate(days))
    failed = "".join(f"Z,{day},2026-03-05,false\n" for day in days)
    return {"invoices.csv": INVOICES + lost, "inspections.csv": INSPECTIONS + failed}


def test_what_happens_later_changes_no_verdict(harbour: Harbour) -> None:
    def told() -> dict[str, object]:
        record = harbour.record()
        return {key: value for key, value in record.items() if key != "sources"}

    before = told()
    for name, text in later_rows().items():
        harbour.write(name, text)
    assert told() == before
    assert harbour.run("gate", "programme").exit_code == 0
    rows = {source["name"]: source["rows_in_force"] for source in harbour.record()["sources"]}
    assert rows == {"invoices": 20, "inspections": 3}
    assert harbour.verdict("quay/paid", TODAY + DAY) == "fail"


def test_a_cycle_counts_from_the_day_on_which_it_begins(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f"{SHARE}\n    where: day >= :cycle_start")
    for start, verdict in (("2026-03-01", "pass"), ("2026-03-20", "fail"), ("2026-04-01", "unknown")):
        harbour.write("phasegate.yaml", PROJECT.replace("start: 2026-03-01", f"start: {start}"))
        assert harbour.verdict("quay/paid") == verdict
    assert "no cycle has begun" in harbour.run("gate", "1").stdout


def test_what_is_recorded_later_is_not_known_before(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", "    currency: currency\n", "    currency: currency\n    recorded: seen\n")
    harbour.edit("pack/pack.yaml", "      amount: {", "      seen: {type: datetime}\n      amount: {")
    lines = [f"F-{n},2026-03-01,1.00,EUR,paid,2026-03-31T23:59:59\n" for n in range(19)]
    late = "F-19,2026-03-01,1.00,EUR,open,2026-04-01T00:00:00\n"
    harbour.write("invoices.csv", HEADER.replace("\n", ",seen\n") + "".join(lines) + late * 1)
    harbour.edit("pack/pack.yaml", '">= 95 %"', '">= 100 %"')
    assert harbour.verdict("quay/paid") == "pass"
    assert harbour.verdict("quay/paid", TODAY + DAY) == "fail"
    assert harbour.verdict("quay/paid", TODAY - DAY) == "unknown"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("as_of", "counted"),
    [
        ("2026-02-27", "2026-01-31"),
        ("2026-02-28", "2026-01-31"),
        ("2026-03-01", "2026-02-28"),
        ("2026-03-30", "2026-02-28"),
        ("2026-03-31", "2026-02-28"),
        ("2026-04-01", "2026-03-31"),
        ("2028-02-28", "2028-01-31"),
        ("2028-02-29", "2028-01-31"),
        ("2028-03-01", "2028-02-29"),
        ("2026-12-30", "2026-11-30"),
        ("2026-12-31", "2026-11-30"),
        ("2027-01-01", "2026-12-31"),
        ("2027-01-30", "2026-12-31"),
        ("2000-02-29", "2000-01-31"),
        ("2000-03-01", "2000-02-29"),
        ("2100-02-28", "2100-01-31"),
        ("2100-03-01", "2100-02-28"),
    ],
)
def test_a_month_counts_once_it_is_over(harbour: Harbour, as_of: str, counted: str) -> None:
    last = dt.date.fromisoformat(counted)
    first = last.replace(day=1)
    harbour.edit(
        "pack/pack.yaml", SHARE, "where: day BETWEEN :month_start AND :month_end\n    distinct: invoice"
    )
    harbour.edit("pack/pack.yaml", '">= 95 %"', '"== 2"')
    days = [first - DAY, first, last, last + DAY, last + 2 * DAY]
    harbour.write(
        "invoices.csv", HEADER + "".join(f"F-{n},{day},1.00,EUR,paid\n" for n, day in enumerate(days))
    )
    assert harbour.verdict("quay/paid", dt.date.fromisoformat(as_of)) == "pass"


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        ("2026-03-31", "2025-03-01"),
        ("2026-04-01", "2025-04-01"),
        ("2026-03-30", "2025-03-01"),
        ("2027-01-01", "2026-01-01"),
        ("2026-12-31", "2025-12-01"),
        ("2028-02-29", "2027-02-01"),
        ("2028-03-01", "2027-03-01"),
        ("2029-02-28", "2028-02-01"),
        ("2029-03-01", "2028-03-01"),
        ("2028-03-15", "2027-03-01"),
    ],
)
def test_a_year_is_the_twelve_months_that_are_over(harbour: Harbour, as_of: str, start: str) -> None:
    first = dt.date.fromisoformat(start)
    harbour.edit("pack/pack.yaml", SHARE, "where: day >= :year_start\n    distinct: invoice")
    harbour.edit("pack/pack.yaml", '">= 95 %"', '"== 1"')
    harbour.write("invoices.csv", f"{HEADER}F-1,{first - DAY},1.00,EUR,paid\nF-2,{first},1.00,EUR,paid\n")
    assert harbour.verdict("quay/paid", dt.date.fromisoformat(as_of)) == "pass"


@pytest.mark.parametrize(
    ("newest", "last_fresh"),
    [
        ("2026-01-31", "2026-03-03"),
        ("2028-01-31", "2028-03-02"),
        ("2028-02-29", "2028-03-31"),
        ("2026-12-15", "2027-01-15"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_evidence_goes_stale_the_day_after_its_greatest_age(
    harbour: Harbour, newest: str, last_fresh: str
) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f"{SHARE}\n    max_age: 31 days")
    harbour.write("invoices.csv", f"{HEADER}F-1,{newest},1.00,EUR,paid\n")
    last = dt.date.fromisoformat(last_fresh)
    assert harbour.verdict("quay/paid", last) == "pass"
    assert harbour.verdict("quay/paid", last + DAY) == "stale"


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-13-01", "2026-3-1", "today", "2026-03-31T00:00:00", "0", ""]
)
def test_a_day_that_does_not_exist_is_refused(harbour: Harbour, day: str) -> None:
    result = harbour.run("check", "--as-of", day)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not a date: write it as 2026-01-31" in result.stderr


@pytest.mark.parametrize(
    ("day", "code"), [("0001-01-01", 2), ("1900-01-01", 3), ("2999-12-31", 0), ("9999-12-31", 2)]
)
def test_the_ends_of_the_calendar(harbour: Harbour, day: str, code: int) -> None:
    harbour.edit(
        "pack/pack.yaml", SHARE, f"{SHARE}\n    where: day <= :month_end AND day > :as_of - 365000 days"
    )
    harbour.waive()
    result = harbour.run("check", "--as-of", day)
    assert result.exit_code == code, result.output
    assert "unexpected" not in result.stderr


def test_a_date_is_not_moved_out_of_the_calendar(harbour: Harbour) -> None:
    harbour.edit("pack/pack.yaml", SHARE, f"{SHARE}\n    where: day > :as_of - 999999 days")
    result = harbour.run("gate", "1")
    assert result.exit_code == 3
    assert ":as_of is moved to a year that no calendar has" in result.stdout


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z", {"2026-03-31"}),
        ("2026-03-31T02:00:00+02:00", "2026-04-01T02:00:00+02:00", {"2026-03-31"}),
        ("2026-03-31T00:00:00+02:00", "2026-04-01T00:00:00+02:00", set()),
        ("2026-03-30T19:00:00-05:00", "2026-03-31T19:00:00-05:00", {"2026-03-31"}),
        ("2026-03-31T00:00:00.000001Z", "2026-04-02T00:00:00Z", {"2026-04-01"}),
        ("2026-03-30T00:00:00Z", "2026-03-31T23:59:59.999999Z", {"2026-03-30"}),
    ],
)
def test_a_waiver_counts_on_days_that_it_covers_whole(
    harbour: Harbour, start: str, end: str, days: set[str]
) -> None:
    harbour.edit("invoices.csv", "F-19,2026-03-19,100.00,EUR,paid", "F-19,2026-03-19,100.00,EUR,open")
    harbour.waive(
        "start: 2026-03-01T00:00:00Z\n    end: 2026-05-01T00:00:00Z", f"start: {start}\n    end: {end}"
    )
    found = {
        day.isoformat()
        for day in (TODAY - DAY, TODAY, TODAY + DAY)
        if harbour.run("gate", "1", today=day).exit_code == 0
    }
    assert found == days
