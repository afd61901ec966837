"""A case that is written of a run: few rows, other people, and it passes at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from shutil import copytree

import pytest
from case_folder import PACK, harvest

from phasegate.engine.scope import UnknownIdError
from phasegate.rules.cases.load import read_cases
from phasegate.rules.loading.project import LoadedProject
from phasegate.runs.cases.record import NotRecordedError, masked, recorded
from phasegate.runs.cases.run import Ground, run_cases
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 31)
PROJECT = """\
phasegate: 1
pack: rules
cycle: {id: c, start: 2026-03-01}
sources:
  invoices: {path: invoices.csv}
  customers: {path: customers.csv}
  ledger: {path: ledger.csv}
  fees: {path: fees.csv}
  rates: {path: rates.csv}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> LoadedProject:
    """Two hundred invoices of two points, of which a tenth is open, written by three clerks."""
    root = tmp_path_factory.mktemp("project")
    copytree(PACK, root / "rules")
    (root / "phasegate.yaml").write_text(PROJECT)
    clerks = ["Ada Lovelace", "ada lovelace", "Grace Hopper"]
    rows = [
        f"i-{n},1.{1 + n % 2},2026-03-{1 + n % 28:02d},{'open' if n % 20 in (1, 2) else 'paid'},{n}.50,"
        f"c-{n % 7},{'north' if n % 3 else ''},{clerks[n % 3]}"
        for n in range(200)
    ]
    header = "invoice,point,day,status,amount,customer,region,clerk"
    lines = [row.split(",") for row in rows]
    (root / "invoices.csv").write_text(
        "\n".join([f"{header},due_on", *(",".join([*each, ""]) for each in lines)]) + "\n"
    )
    (root / "customers.csv").write_text(
        "customer,telephone,since\n" + "".join(f"c-{n},{'true' if n else ''},2020-01-01\n" for n in range(7))
    )
    (root / "ledger.csv").write_text(
        "closed_on,seen_on,signed,by_whom\n2026-03-02T09:30:00,2026-03-03,true,a & b: c\n"
    )
    (root / "fees.csv").write_text("day,currency,fee\n2026-03-02,EUR,5.00\n")
    (root / "rates.csv").write_text("day,code,rate\n2026-03-02,USD,0.9\n")
    return ready_project(root)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("id_", "part", "expected"),
    [
        ("1.1/paid/invoices.paid", "requirements", {"1.1/paid/invoices.paid": "fail"}),
        ("1.1/paid", "criteria", {"1.1/paid": "fail"}),
        ("1.1/signed", "criteria", {"1.1/signed": "pass"}),
        ("1/success", "targets", {"1/success": "fail"}),
        ("invoices.paid[1.2]", "measures", None),
        ("invoices.northern", "measures", None),
        ("invoices.of_regions", "measures", None),
        ("ledger", "measures", None),
    ],
)
def test_a_recorded_case_is_small_and_passes(
    id_: str, part: str, expected: dict[str, str] | None, project: LoadedProject
) -> None:
    name, text = recorded(project, id_, DAY)
    (case,) = read_cases(project.pack.pack, {name: text.encode()})
    (result,) = run_cases(Ground.of_project(project), [case])
    assert result.passed
    assert sum(row.times for rows in case.case.given.values() for row in rows) <= 30
    if expected is not None:
        assert getattr(case.case.expect, part) == expected
    assert case.as_of == DAY
    assert "/" not in name


def test_it_shows_rows_that_pass_and_rows_that_do_not(project: LoadedProject) -> None:
    _, text = recorded(project, "1.1/paid/invoices.paid", DAY)
    (case,) = read_cases(project.pack.pack, {"c.yaml": text.encode()})
    assert {row.cells["status"] for row in case.case.given["invoices"]} == {"open", "paid"}
    assert {row.cells["point"] for row in case.case.given["invoices"]} == {"1.1"}
    assert "customers" not in case.case.given  # a register that nobody measures is filled in


def test_people_have_other_names_and_stay_the_same_people(project: LoadedProject) -> None:
    _, text = recorded(project, "invoices.clerks", DAY)
    assert "lovelace" not in text.casefold()
    assert "hopper" not in text.casefold()
    (case,) = read_cases(project.pack.pack, {"c.yaml": text.encode()})
    (result,) = run_cases(Ground.of_project(project), [case])
    assert result.passed
    assert result.facts is not None
    assert "differs from another in nothing that a" in result.facts.facts["invoices.clerks", ""].reason


def test_the_same_person_has_the_same_name_in_all_tables() -> None:
    pack = harvest().pack
    rows = {
        "invoices": [{"clerk": "Eve", "region": "Eve"}, {"clerk": "EVE"}, {"clerk": None}, {"clerk": "Bob"}]
    }
    assert masked(pack, rows) == {
        "invoices": [
            {"clerk": "person-1", "region": "Eve"},
            {"clerk": "PERSON-1"},
            {"clerk": None},
            {"clerk": "person-2"},
        ]
    }


def test_a_name_that_is_taken_gets_a_number(project: LoadedProject) -> None:
    _, text = recorded(project, "ledger.signed", DAY, ["Ledger.signed as of 2026-03-31"])
    assert "ledger.signed as of 2026-03-31 (2)" in text


@pytest.mark.parametrize(
    ("id_", "why"),
    [
        ("stock.audited", "attested by people"),
        ("1.2/audited", "attested by people"),
        ("fees.paid", "are converted"),
    ],
)
def test_what_no_case_is_made_of_is_told(id_: str, why: str, project: LoadedProject) -> None:
    with pytest.raises(NotRecordedError, match=why) as caught:
        recorded(project, id_, DAY)
    assert "by hand" in (caught.value.hint or "")


@pytest.mark.parametrize("id_", ["1.1/payed", "invoices.payed", "1.1/paid/ledger.signed", "1.1", "phase:one"])
def test_an_id_that_names_nothing_is_refused(id_: str, project: LoadedProject) -> None:
    with pytest.raises(UnknownIdError, match="the pack has no"):
        recorded(project, id_, DAY)


def test_a_source_that_can_not_be_used_is_told(project: LoadedProject, tmp_path: Path) -> None:
    copytree(project.root, tmp_path / "p")
    (tmp_path / "p/ledger.csv").write_text("closed_on,seen_on,signed,by_whom\nsoon,2026-03-03,true,a\n")
    with pytest.raises(NotRecordedError, match="ledger: "):
        recorded(ready_project(tmp_path / "p"), "ledger.signed", DAY)


def test_a_cell_that_no_file_of_cases_may_hold_is_told(project: LoadedProject, tmp_path: Path) -> None:
    copytree(project.root, tmp_path / "p")
    (tmp_path / "p/ledger.csv").write_text(
        "closed_on,seen_on,signed,by_whom\n2026-03-02T09:30:00,2026-03-03,true,a\x07b\n"
    )
    with pytest.raises(NotRecordedError, match="no file of cases may"):
        recorded(ready_project(tmp_path / "p"), "ledger", DAY)
