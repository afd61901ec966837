"""What rules say is to be done about what is in want, as a record has it and a page says it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from kept_runs import PACK, keep, write_project

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import find_run, record_of
from phasegate.reports.brief.brief import brief
from phasegate.reports.report import Report
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import load_project
from phasegate.runs.replay import replay

SAID = """\
    do:
      empty: Review the berths; nobody has yet.
      stale: Review the berths again.
      signed: Have the review signed.
"""
DAY = dt.date(2026, 3, 1)


def project(folder: Path, bound: str = "true", reviews: str = "R-2,2026-02-20,low,95,false") -> Path:
    """The harbour, whose one review must be signed and not be older than 31 days."""
    asked = PACK[PACK.index("          any_of:") : PACK.index('  "1.2":')]
    pack = PACK.replace(asked, f"          review.signed: {bound}\n").replace(
        "    from: reviews\n", f"    from: reviews\n{SAID}"
    )
    write_project(folder, pack=pack)
    text = "\n".join(["review,reviewed_on,rating,score,signed", *([reviews] if reviews else []), ""])
    (folder / "reviews.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("bound", "reviews", "do", "said"),
    [
        ("true", "R-2,2026-02-20,low,95,false", "Have the review signed.", "Have the review signed."),
        ("true", "", "Review the berths; nobody has yet.", "Review the berths; nobody has yet."),
        (
            "true",
            "R-2,2026-01-20,low,95,true",
            "Review the berths again.",
            "Review the berths again: 40 days old, 31 are allowed.",
        ),
        ("true", "R-2,2026-02-20,low,95,true", None, None),
    ],
)
def test_a_record_has_the_sentence_for_what_is_in_want(
    bound: str, reviews: str, do: str | None, said: str | None, tmp_path: Path
) -> None:
    record, _ = keep(project(tmp_path, bound, reviews), DAY)
    (asked,) = (each for each in record["requirements"] if each["criterion"] == "1.1/review")
    assert asked.get("do") == do
    told = {name: each.steps for each in brief(Report(record, 1)).takes.actions for name in each.criteria}
    assert told.get("1.1/review") == (None if said is None else (said,))


def test_a_run_is_repeated_with_it(tmp_path: Path) -> None:
    folder = project(tmp_path)
    keep(folder, DAY)
    with Ledger.open(folder / "phasegate.db") as ledger:
        record = record_of(ledger, find_run(ledger, "1"))
    assert "Have the review signed." in [each.get("do") for each in record["requirements"]]
    assert replay(record, load_project(folder / "phasegate.yaml").pack).same_bytes


def test_a_name_that_nothing_has_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path)
    pack = folder / "pack" / "pack.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("      signed: Have", "      singed: Have"))
    with pytest.raises(PhasegateError) as refused:
        load_project(folder / "phasegate.yaml")
    assert "nothing is in want that is called 'singed'" in str(refused.value)


def test_a_record_has_whom_things_concern_and_is_repeated_with_it(tmp_path: Path) -> None:
    folder = project(tmp_path)
    file = folder / "phasegate.yaml"
    named = 'owners: {"1.1": The berths, reviews: The reviewers}\n'
    file.write_text(file.read_text(encoding="utf-8") + named, encoding="utf-8")
    record, _ = keep(folder, DAY)
    assert record["owners"] == {"1.1": "The berths", "reviews": "The reviewers"}
    assert replay(record, load_project(file).pack).same_bytes


def test_an_owner_of_nothing_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path)
    file = folder / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "owners: {invoice: Finance}\n", encoding="utf-8")
    with pytest.raises(PhasegateError) as refused:
        load_project(file)
    assert "there is no area, point, criterion, target or source 'invoice'" in str(refused.value)
    assert "'invoices'" in str(refused.value)
