"""A measure to which nothing is bound is there to be looked at: explain and facts show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

MORE = """\
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
  invoices.status: {title: Invoices, from: invoices, count: status <> '', by: status, for_information: true}
  tickets.spent: {title: Time spent, from: tickets, sum: spent, unit: hours, for_information: true}
require: {invoices.reconciled: ">= 50 %"}
"""


@pytest.fixture
def told(tmp_path: Path, run: Callable[..., Result]) -> Callable[..., str]:
    (tmp_path / "invoices.csv").write_text(
        "id,status\n1,open\n2,reconciled\n3,reconciled\n", encoding="utf-8"
    )
    (tmp_path / "tickets.csv").write_text("id,spent\n1,1.5\n2,2\n", encoding="utf-8")
    sources = "phasegate: 1\nsources: {invoices: {path: invoices.csv}, tickets: {path: tickets.csv}}\n"
    (tmp_path / "phasegate.yaml").write_text(sources + MORE, encoding="utf-8")

    def ask(*arguments: str) -> str:
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    return ask


@pytest.mark.parametrize(
    ("id_", "said", "never"),
    [
        ("invoices.status", "invoices.status[reconciled] is 2, from 2 rows of invoices", "tickets"),
        ("invoices.status[open]", "invoices.status[open] is 1, from 1 row of invoices", "[reconciled]"),
        ("tickets.spent", "tickets.spent is 3.5 hours, from 2 rows of tickets.", "invoices.csv"),
    ],
)
def test_explain_shows_it(told: Callable[..., str], id_: str, said: str, never: str) -> None:
    story = told("explain", id_)
    assert said in story
    assert "No requirement holds it against a bound." in story
    assert never not in story


def test_the_source_of_what_is_explained_is_told(told: Callable[..., str]) -> None:
    assert "Source tickets: tickets.csv, 2 rows" in told("explain", "tickets.spent")


def test_what_a_requirement_reads_is_explained_as_ever(told: Callable[..., str]) -> None:
    assert "No requirement" not in told("explain", "invoices.reconciled")


def test_programs_get_the_same_as_parts_of_the_record(told: Callable[..., str]) -> None:
    asked = json.loads(told("explain", "invoices.reconciled", "--format", "json"))
    (requirement,) = asked["requirements"]
    assert (asked["kind"], requirement["value"], requirement["rounded"]) == (
        "measure",
        "66.666666666667",
        True,
    )
    (fact,) = json.loads(told("explain", "tickets.spent", "--format", "json"))["facts"]
    assert fact["shown"] == "3.5 hours"


def test_a_name_of_nothing_is_still_none(told: Callable[..., str], run: Callable[..., Result]) -> None:
    for name in ("tickets", "tickets.spent[open]", "nothing"):
        result = run("explain", name)
        assert result.exit_code == 2
        assert f"the record says nothing of '{name}'" in result.output


def test_facts_show_it_among_all_others(told: Callable[..., str]) -> None:
    facts = json.loads(told("facts", "--format", "json"))
    shown = {fact["id"]: fact["shown"] for fact in facts}
    assert shown == {
        "invoices.reconciled": "66.67 %",
        "invoices.status[open]": "1",
        "invoices.status[reconciled]": "2",
        "tickets.spent": "3.5 hours",
    }
    named = json.loads(told("facts", "tickets.spent", "--format", "json"))
    assert [fact["id"] for fact in named] == ["tickets.spent"]
