"""A portfolio in each format: the same told, whatever names and reasons hold."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hostile_text import TEXTS
from metrics_page import of, read
from read_page import Page

from phasegate.monitoring.portfolio.model import (
    EndsNext,
    GateRow,
    LastRun,
    Portfolio,
    PortfolioRow,
    RolledUp,
    VerifiedCheckpoint,
)
from phasegate.monitoring.portfolio.rollup import roll_up, worst_first
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.records.schema import Score
from phasegate.reports.portfolio.formats import ENDINGS, OtherEndingError, format_of, render

NOW = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
SCREEN = {"width": 100, "colour": False}


def row(name: str, standing: Standing, said: str = "", **more: Any) -> PortfolioRow:
    """A row with something in every part of it."""
    score = Score(apply=4, passing=3, passing_with_waivers=4)
    gate = GateRow(
        id=f"1{said}",
        title=f"Berths{said}",
        standing=min(standing, Standing.CLOSED),
        decided="open",
        run=7,
        as_of="2026-03-01",
        score=score,
        overdue_days=5,
        why=(f"1.1/systems is stale{said}",),
    )
    return PortfolioRow(
        name=f"{name}{said}",
        standing=standing,
        ledger=f"/srv/{name}.db{said}",
        project=f"{name.lower()}.0001{said}",
        weight=2,
        cycle=f"c-1{said}",
        gates=(gate,),
        score=score,
        counts={"stale": 1, "pass": 3},
        last_run=LastRun(7, "check", "2026-03-01", f"2026-03-01T09:00:00Z{said}", f"ci{said}", 5),
        ends_next=EndsNext(dt.date(2026, 3, 24), "waiver", f"W-1{said}", f"Late{said}", (f"1{said}",)),
        verified=VerifiedCheckpoint(17, "YWJj", (f"ci{said}",), NOW),
        why=(f"1.1/systems: fail{said}",),
        hints=(f"run it{said}",),
        notes=(f"2 measures{said}",),
        **more,
    )


def portfolio(said: str = "") -> Portfolio:
    rows = [row(each.word.title(), each, said) for each in Standing]
    rows.append(PortfolioRow(f"Gone{said}", Standing.ERROR, why=(f"there is no ledger{said}",)))
    return Portfolio(f"Ports{said}", NOW, None, tuple(worst_first(rows)), roll_up(rows))


def shown(form: str, said: str = "") -> str:
    """A format as text; of a workbook the texts that stand in its cells."""
    found = render(portfolio(said), form, **SCREEN)
    if isinstance(found, str):
        return found
    with zipfile.ZipFile(BytesIO(found)) as book:
        return book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("form", ENDINGS)
def test_each_format_tells_every_project_and_the_worst_first(form: str) -> None:
    told = shown(form)
    names = [each.name for each in portfolio().rows]
    places = [told.index(name) for name in names]
    if form != "metrics":
        assert places == sorted(places)
    assert [names[0], names[-1]] == ["Error", "Open"]


@pytest.mark.parametrize("form", [form for form in ENDINGS if form != "metrics"])
def test_what_a_row_has_is_told(form: str) -> None:
    told = shown(form)
    for said in ("1.1/systems: fail", "run it", "2 measures", "there is no ledger", "W-1", "ci"):
        assert said in told
    if form != "excel":  # in which numbers and days are no texts
        assert "2026-03-01" in told
        assert "17" in told


@pytest.mark.parametrize("name", TEXTS)
def test_no_name_breaks_a_page(name: str) -> None:
    text = TEXTS[name]
    page = Page(shown("html", text))
    assert page.structure == Page(shown("html")).structure
    assert {link.removeprefix("#") for link in page.links} <= {*page.ids}
    assert len({*page.ids}) == len(page.ids)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", shown("html", text))


@pytest.mark.parametrize("name", TEXTS)
def test_no_name_steers_a_terminal(name: str) -> None:
    told = shown("text", TEXTS[name])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u202e]", told)
    assert len(told.splitlines()) < 200


@pytest.mark.parametrize("name", TEXTS)
def test_metrics_are_read_by_a_collector_whatever_a_project_is_called(name: str) -> None:
    found = read(shown("metrics", TEXTS[name]))
    told = of(found, "phasegate_portfolio_project_standing", "project", "state")
    ones = sorted(state for (_, state), value in told.items() if value)
    assert ones == sorted([*(each.word for each in Standing), "error"])


@pytest.mark.parametrize("name", TEXTS)
def test_json_has_every_text_as_it_is(name: str) -> None:
    text = TEXTS[name]
    found = json.loads(shown("json", text))
    assert found["schema"] == "phasegate/portfolio/1"
    assert (found["standing"], found["projects"][-1]["name"]) == ("error", f"Open{text}")
    assert found["projects"][-1]["gates"][0]["standing"] == "open"


@pytest.mark.parametrize("name", TEXTS)
def test_a_workbook_holds_no_formula(name: str) -> None:
    found = render(portfolio(TEXTS[name]), "excel", **SCREEN)
    assert isinstance(found, bytes)
    with zipfile.ZipFile(BytesIO(found)) as book:
        for part in book.namelist():
            if part.startswith("xl/worksheets/"):
                assert "<f>" not in book.read(part).decode()
    assert found == render(portfolio(TEXTS[name]), "excel", **SCREEN)


def test_metrics_tell_states_days_and_what_is_overdue() -> None:
    found = read(shown("metrics"))
    late = of(found, "phasegate_portfolio_gate_overdue_seconds", "name", "gate")
    assert late["Open", "1"] == 5 * 86_400
    assert of(found, "phasegate_portfolio_score", "name", "of")["Open", "passing"] == 3
    ends = of(found, "phasegate_portfolio_ends_next_timestamp_seconds", "name")
    assert ends["Open",] == dt.datetime(2026, 3, 24, tzinfo=dt.UTC).timestamp()
    assert of(found, "phasegate_portfolio_standing", "state") == {
        (each.word,): float(each is Standing.ERROR) for each in Standing
    }
    assert ("Gone",) not in of(found, "phasegate_portfolio_verified_timestamp_seconds", "name")


@pytest.mark.parametrize(
    ("name", "named", "due"),
    [
        ("a.html", None, "html"),
        ("a.XLSX", None, "excel"),
        ("a.prom", None, "metrics"),
        ("a", None, "text"),
        ("a", "json", "json"),
        ("a.txt", "metrics", "metrics"),
        ("a.json", "html", None),
        ("a.pdf", None, None),
    ],
)
def test_the_name_of_a_file_tells_its_format(name: str, named: str | None, due: str | None) -> None:
    if due is None:
        with pytest.raises(OtherEndingError):
            format_of(Path(name), named)
    else:
        assert format_of(Path(name), named) == due


@pytest.mark.parametrize("standing", Standing)
def test_the_verdict_is_told_by_sign_and_word_and_never_by_a_colour_alone(standing: Standing) -> None:
    found = Portfolio("Ports", NOW, "2", (row("One", standing),), RolledUp(standing, "all are", "so it is"))
    words = {Standing.OPEN: "✓ OPEN", Standing.ERROR: "! ERROR", Standing.CLOSED: "✗ CLOSED"}
    for form in ("text", "html"):
        told = render(found, form, **SCREEN)
        assert isinstance(told, str)
        assert words.get(standing, standing.word.replace("_", " ").upper()) in told
        assert "What counts is gate 2 of each project." in told
