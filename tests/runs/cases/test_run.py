"""Cases are measured and decided as a project with the same rows is, alone or together with others."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from case_folder import PACK, harvest, valid_cases

from phasegate.records.facts import fact_entry
from phasegate.rules.cases.fill import filled
from phasegate.rules.cases.load import LoadedCase, read_cases
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.pack import load_pack
from phasegate.runs.cases.asked import asked_by
from phasegate.runs.cases.run import CaseResult, Ground, run_cases
from phasegate.runs.cases.tables import control_of
from phasegate.runs.evaluate import evaluate, measure
from phasegate.runs.preflight import ready_project

RULES = harvest()
GROUND = Ground.of_pack(RULES)
CASES = valid_cases()


@pytest.fixture(scope="module")
def together() -> list[CaseResult]:
    """All cases, run together."""
    return list(run_cases(GROUND, CASES))


def told(result: CaseResult) -> object:
    """All that was found, apart from what names the file that a row stands in."""
    facts = result.facts
    assert facts is not None
    states = {name: replace(state, breaches=(), reason="") for name, state in facts.sources.items()}
    verdicts = result.verdicts and (result.verdicts.agreed, result.verdicts.waivers)
    return result.outcomes, facts.facts, states, verdicts


def test_each_case_passes(together: list[CaseResult]) -> None:
    assert [each.case.name for each in together] == [each.name for each in CASES]
    assert [(each.case.name, each.missed, each.fault) for each in together if not each.passed] == []


def test_a_case_comes_out_alike_alone_and_among_all_others(together: list[CaseResult]) -> None:
    alone = [result for case in CASES for result in run_cases(GROUND, [case], shared=False)]
    for one, other in zip(together, alone, strict=True):
        assert told(one) == told(other), one.case.name


def test_the_reason_names_what_breaks_in_this_case_alone(together: list[CaseResult]) -> None:
    found = {each.case.name: each.facts for each in together}
    twice = found["an invoice twice"]
    stray = found["a customer that nobody knows"]
    assert twice is not None
    assert stray is not None
    assert "key invoice: unique" in twice.sources["invoices"].reason
    assert "c-1" in stray.sources["invoices"].reason


@pytest.mark.sampled(every=12)
@pytest.mark.parametrize(
    "case",
    [each for each in CASES if each.case.given and not each.case.attested and not each.case.waivers],
    ids=lambda each: each.name,
)
def test_a_project_with_the_same_rows_in_files_finds_the_same(
    case: LoadedCase, together: list[CaseResult], tmp_path: Path
) -> None:
    """The oracle is `check` itself, over files that the test writes."""
    asked = asked_by(RULES.pack, case.case)
    tables = filled(RULES.pack, case.case.given, case.as_of, asked.point)
    sources = {}
    for name, rows in tables.items():
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(RULES.pack.sources[name].columns))
            writer.writeheader()
            writer.writerows(rows)
        sources[name] = {"path": f"{name}.csv"}
        if (control := control_of(case, RULES.pack, name, len(rows))) is not None:
            sources[name]["control"] = control.model_dump(exclude_none=True)
    copytree(PACK, tmp_path / "rules")
    project = {
        "phasegate": 1,
        "pack": "rules",
        "sources": sources,
        "parameters": case.case.parameters,
        **({"cycle": {"id": "c", "start": str(case.case.cycle_start)}} if case.case.cycle_start else {}),
    }
    (tmp_path / "phasegate.yaml").write_text(json.dumps(project))
    loaded = ready_project(tmp_path)
    result = next(each for each in together if each.case.name == case.name)
    assert result.facts is not None
    measured = {
        (each["measure"], each["slice"]): each for each in measure(loaded, case.as_of, sorted(asked.measures))
    }
    mine = {key: fact_entry(RULES.pack, fact) for key, fact in result.facts.facts.items()}
    for key, entry in measured.items():
        # Reasons name the file of a row, or the place where a table is not named.
        reason = {"reason": ""} if entry["status"] in ("error", "unknown") else {}
        assert mine[key] | reason == entry | reason
    if result.verdicts is None:
        return
    record = evaluate(loaded, case.as_of)
    decided = result.verdicts.agreed.decisions
    everything = {each["id"]: each["verdict"] for each in (*record["requirements"], *record["criteria"])}
    everything |= {each["id"]: each["state"] for each in record["gates"]}
    mine_decided = {name: each.word for name, each in {**decided.requirements, **decided.criteria}.items()}
    mine_decided |= {name: each.state.word for name, each in decided.gates.items()}
    assert mine_decided == {name: everything[name] for name in mine_decided}


def test_only_what_a_case_names_is_measured_and_decided(together: list[CaseResult]) -> None:
    result = next(each for each in together if each.case.name == "enough is paid")
    assert result.facts is not None
    assert result.verdicts is not None
    assert {measured for measured, _ in result.facts.facts} == {"invoices.paid", "invoices.open"}
    assert set(result.verdicts.agreed.decisions.criteria) == {"1.1/paid"}
    assert set(result.facts.sources) == {"invoices", "customers"}


WRONG = """\
as_of: 2026-03-31
cases:
  - name: a wrong number
    given: {invoices: [{amount: 5}]}
    expect: {measures: {invoices.value: {found: 6 EUR}}}
  - name: a wrong verdict
    given: {invoices: [{repeat: 3, row: {status: paid}}]}
    expect: {criteria: {1.1/paid: fail}}
  - name: a wrong pair, though of the same value
    given: {invoices: [{repeat: 3, row: {region: north}}]}
    expect: {measures: {invoices.northern: {found: 6 of 6}}}
  - name: stale, and not said to be so
    given: {invoices: [{day: 2026-01-01, amount: 1}]}
    expect: {measures: {invoices.value: {found: 1 EUR}}}
  - name: a slice that the data do not bring
    given: {invoices: [{region: north}]}
    expect: {measures: {"invoices.of_regions[south]": {found: 1}}}
  - name: a wrong number of rows
    given: {invoices: [{amount: 1}]}
    expect: {measures: {invoices.value: {rows: 2}}}
"""


def test_what_is_not_as_it_was_expected_is_missed() -> None:
    cases = read_cases(RULES.pack, {"wrong.yaml": WRONG.encode()})
    found = {
        each.case.name: [(one.expected, one.found) for one in each.missed]
        for each in run_cases(GROUND, cases)
    }
    assert found == {
        "a wrong number": [("6 EUR", "5.00 EUR")],
        "a wrong verdict": [("fail", "pass")],
        "a wrong pair, though of the same value": [("6 of 6", "3 of 3 = 100 %")],
        "stale, and not said to be so": [("1 EUR", "stale, 1.00 EUR")],
        "a slice that the data do not bring": [("1", "not measured")],
        "a wrong number of rows": [("2 rows", "1.00 EUR, 1 rows")],
    }


MISFITS = {
    "{requirement: 1.1/paid/invoices.paid, covers: [fail]}": "no floor, and a number that fails",
    "{requirement: 1.1/paid/invoices.paid, covers: [fail], floor: 80 EUR}": "has not the unit",
    "{requirement: 1.1/signed/ledger.signed, covers: [fail], floor: '1'}": None,  # hard: none is asked
    "{requirement: 1.1/paid/invoices.paid, covers: [fail], floor: 95 %, end: 2026-03-30T00:00:00Z}": None,
    "{requirement: 1.1/paid/invoices.paid, covers: [stale], floor: 50 %}": None,
    "{requirement: 1.1/paid/invoices.paid, covers: [fail], floor: 50 %}": None,
}
"""Waivers, and what is told of those that could not have covered anything."""


@pytest.mark.parametrize("waiver", MISFITS)
def test_a_waiver_that_can_cover_nothing_is_told(waiver: str) -> None:
    verdict = "waived" if waiver.endswith("[fail], floor: 50 %}") else "fail"
    rows = "{repeat: 8, row: {status: paid}}, {repeat: 2, row: {status: open}}"
    text = (
        "as_of: 2026-03-31\ncases:\n- name: n\n"
        f"  given: {{invoices: [{rows}]}}\n"
        f"  waivers: [{waiver}]\n"
        f"  expect: {{requirements: {{1.1/paid/invoices.paid: {verdict}}}}}\n"
    )
    [result] = run_cases(GROUND, read_cases(RULES.pack, {"c.yaml": text.encode()}))
    told = MISFITS[waiver]
    assert [each.found for each in result.missed] == []
    assert result.passed == (told is None)
    assert (told or "") in (result.fault or "")
    assert told is None or "c.yaml:5:13" in (result.fault or "")


ELSEWHERE = {
    "{measures: {'invoices.paid[1.1]': {rows: 1}}}": "expects no verdict",
    "{points: {'1.2': unknown}}": "does not decide 1.1/paid",
}


@pytest.mark.parametrize("expected", ELSEWHERE)
def test_a_waiver_of_what_the_case_does_not_decide_is_told(expected: str) -> None:
    text = (
        "as_of: 2026-03-31\ncases:\n- name: n\n  given: {invoices: [{status: paid}]}\n"
        "  waivers: [{requirement: 1.1/paid/invoices.paid, covers: [stale]}]\n"
        f"  expect: {expected}\n"
    )
    [result] = run_cases(GROUND, read_cases(RULES.pack, {"c.yaml": text.encode()}))
    assert not result.passed
    assert ELSEWHERE[expected] in (result.fault or "")


OF_A_COLUMN = """\
as_of: 2026-03-09
cases:
  - name: nobody sent a bill
    given: {costs: []}
    waivers: [{requirement: 2.2.1/protocols/platform_cost.owner_coverage, covers: [unknown]}]
    expect:
      requirements: {2.2.1/protocols/platform_cost.owner_coverage: waived}
"""


def test_what_has_a_slice_for_each_value_has_none_where_nothing_is_there() -> None:
    rules = load_pack("developer_finance")
    [result] = run_cases(Ground.of_pack(rules), read_cases(rules.pack, {"c.yaml": OF_A_COLUMN.encode()}))
    assert result.passed, result
    with pytest.raises(PackError, match="has a slice for each ProviderName"):
        read_cases(rules.pack, {"c.yaml": OF_A_COLUMN.replace(": waived", ": fail").encode()})


def test_the_example_of_the_page_about_testing_passes() -> None:
    page = (Path(__file__).parents[3] / "docs/testing.md").read_text()
    example, *_ = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    rules = load_pack("developer_finance")
    results = list(run_cases(Ground.of_pack(rules), read_cases(rules.pack, {"page.yaml": example.encode()})))
    assert [each.missed for each in results] == [()]
