"""The newest run is that of the newest day, and one that looked back or ahead stands for none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, cast

import pytest

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail import standing_runs
from phasegate.audit.trail.runs import KeptRun
from phasegate.audit.trail.standing_runs import by_day, newest, newest_of_everything, stands_for_its_day

SCHEDULED = "schedule daily due 2026-03-0{}T06:00Z, by 0123abcd"


def run(
    number: int, as_of: int, recorded: int, *, scope: tuple[str, ...] = (), reference: str | None = None
) -> KeptRun:
    """A run of days in March."""
    envelope = {"recorded_at": f"2026-03-{recorded:02d}T09:00:00Z", "reference": reference}
    kind = "gate" if scope else "check"
    entry: dict[str, Any] = {"as_of": f"2026-03-{as_of:02d}", "kind": kind, "scope": list(scope)}
    return KeptRun(number, number, {**entry, "envelope": envelope})


def given(monkeypatch: pytest.MonkeyPatch, *runs: KeptRun) -> Ledger:
    monkeypatch.setattr(standing_runs, "newest_first", lambda _: iter(runs[::-1]))
    return cast("Ledger", None)


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        (run(1, 5, 5), True),
        (run(1, 4, 5), False),  # it looked back
        (run(1, 6, 5), False),  # and ahead
        (run(1, 4, 5, reference=SCHEDULED.format(4)), True),  # a schedule made up for it
        (run(1, 3, 5, reference=SCHEDULED.format(4)), False),  # and not for that day
        (run(1, 6, 5, reference=SCHEDULED.format(6)), False),  # nobody makes a run before its moment
        (run(1, 4, 5, reference="job 7"), False),
    ],
)
def test_a_run_stands_for_its_own_day(found: KeptRun, stands: bool) -> None:
    assert stands_for_its_day(found) is stands


def test_the_newest_run_is_of_the_newest_day_and_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = given(  # run 4 looked back
        monkeypatch,
        run(1, 5, 5),
        run(2, 6, 6),
        run(3, 5, 7, reference=SCHEDULED.format(5)),
        run(4, 2, 8),
        run(5, 8, 8, scope=("1",)),
    )
    assert [each.number for each in by_day(ledger, lambda _: True)] == [5, 2, 3, 1]
    assert cast("KeptRun", newest(ledger)).number == 5
    assert cast("KeptRun", newest_of_everything(ledger, "2026-03-05")).number == 3
    assert newest_of_everything(ledger, "2026-03-04") is None


def test_where_no_run_stands_for_its_day_it_is_the_newest_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = given(monkeypatch, run(1, 3, 5), run(2, 2, 6))
    assert cast("KeptRun", newest(ledger)).number == 2
    assert newest_of_everything(ledger) is None


def test_the_newest_is_found_in_one_pass_over_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, passes = random.Random(11), 0

    def newest_first(_: Ledger) -> Iterator[KeptRun]:
        nonlocal passes
        passes += 1
        return iter(runs[::-1])

    monkeypatch.setattr(standing_runs, "newest_first", newest_first)
    for _ in range(300):
        recorded = sorted(chance.randint(1, 9) for _ in range(chance.randint(0, 4)))
        runs = [
            run(number, max(1, day - chance.choice((0, 1))), day, scope=("1",))
            for number, day in enumerate(recorded, 1)
        ]
        for each in runs:
            each.entry["kind"] = chance.choice(("check", "check", "gate"))
        ledger = cast("Ledger", None)
        days = sorted(filter(stands_for_its_day, runs), key=lambda each: (each.entry["as_of"], each.number))
        gates = [each for each in days if each.entry["kind"] == "gate"]
        passes = 0
        assert newest(ledger) == next((each[-1] for each in (gates, days, runs) if each), None)
        assert passes == 1


def test_the_order_is_that_of_a_plain_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    for _ in range(200):
        recorded = sorted(chance.randint(1, 9) for _ in range(8))
        runs = [
            run(
                number,
                as_of := chance.randint(1, day),
                day,
                reference=chance.choice([None, SCHEDULED.format(as_of)]),
            )
            for number, day in enumerate(recorded, start=1)
        ]
        expected = sorted(
            filter(stands_for_its_day, runs),
            key=lambda each: (each.entry["as_of"], each.number),
            reverse=True,
        )
        assert list(by_day(given(monkeypatch, *runs), lambda _: True)) == expected
