"""Numbers of four digits and more are told alike in every format: ``1,847 of 2,000``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from phasegate.records.schema import Record, Score
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.reports.terminal.gates import reasons
from phasegate.reports.text.plain import some

BIG: Score = {"apply": 2000, "passing": 1847, "passing_with_waivers": 2900}


@pytest.mark.parametrize("name", ["text", "markdown", "html", "junit", "github"])
def test_criteria_that_pass(name: str, report: Callable[[str], Report]) -> None:
    plain = report("programme")
    gates = [{**each, "score": BIG} for each in plain.record["gates"]]
    record: Record = {**plain.record, "gates": gates}  # type: ignore[typeddict-item]  # as they were
    text = FORMATS[name].render(replace(plain, record=record))
    assert isinstance(text, str)
    assert "1847 of" not in text
    assert "1,847 of 2,000" in text
    assert "1,053 waived" in text


def test_reasons_of_a_gate(saved: Callable[[str], Record]) -> None:
    gate = saved("programme")["gates"][-1]
    one = next(each for each in gate["reasons"] if each["kind"] == "criterion")
    many = [{**one, "id": f"c{number}", "verdict": "fail"} for number in range(1204)]
    told = reasons({**gate, "reasons": many})  # type: ignore[typeddict-item]  # as they were
    assert told == [("own", "1,204 fail: c0, c1, c2, c3 and 1,200 more")]


def test_some_of_many() -> None:
    assert some(["x"] * 1200, 1) == "x and 1,199 more"
