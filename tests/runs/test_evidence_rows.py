"""The rows behind a run's verdicts: in its record, as files in its ledger, and what is found of lies."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from kept_runs import DAYS, keep, other_pack, write_project
from lying_evaluator import Honest, honest, named, on, sets, without
from proofs import proof_of
from replaying import only, replayed
from tampering import faults, lying, opened, verified

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import digest_of
from phasegate.audit.trail import entry_schema
from phasegate.audit.trail.runs import content_of, find_run, record_of
from phasegate.audit.verification.proof import read_proof
from phasegate.audit.verification.proof_evidence import followed
from phasegate.facts.evidence_rows import RowsBehind
from phasegate.records.schema import Record
from phasegate.rules.loading.project import load_project
from phasegate.runs import evidence_rows as rows
from phasegate.runs.evaluate import evaluate
from phasegate.runs.evidence import evidence

__all__ = ["honest"]  # a fixture
WAIVED = "1.1/systems/invoices.reconciled"
SIGNED = "1.1/review/review.signed"


def run_of(place: Path, number: str) -> tuple[Record, dict[str, Any], dict[str, bytes]]:
    """A run: its record, its entry, and the files of its rows."""
    with Ledger.open(place) as ledger:
        run = find_run(ledger, number)
        files = {digest: content_of(ledger, digest) for digest in run.entry.get("rows", ())}
        return record_of(ledger, run), dict(run.entry), files


@pytest.mark.parametrize(("number", "verdict"), [("1", "fail"), ("2", "waived"), ("3", "waived")])
def test_what_fails_or_is_waived_has_its_rows_in_the_record_and_in_a_file(
    harbour: Path, number: str, verdict: str
) -> None:
    record, entry, files = run_of(harbour / "phasegate.db", number)
    assert named(record["requirements"], WAIVED)["verdict"] == verdict
    found, newest = record["rows"]  # no other alternative holds: the review is not signed
    columns = ["invoice", "customer", "opened", "status"]
    assert found == {
        "requirement": WAIVED,
        "what": "not met",
        "total": 2,
        "columns": columns,
        "sample": [
            {"invoice": "F-16", "customer": "Käse & Söhne", "opened": "2026-01-25", "status": "open"},
            {"invoice": "F-7", "customer": "Käse & Söhne", "opened": "2026-01-16", "status": "open"},
        ],
        "held": 2,
        "size": len(files[found["digest"]]),
        "digest": digest_of(files[found["digest"]]),
    }
    assert (newest["requirement"], newest["what"], newest["total"]) == (SIGNED, "newest", 1)
    assert entry["rows"] == sorted([found["digest"], newest["digest"]])
    held = pl.read_parquet(BytesIO(files[found["digest"]]))
    assert held.columns == columns
    assert held.rows() == [
        ("F-16", "Käse & Söhne", dt.date(2026, 1, 25), "open"),
        ("F-7", "Käse & Söhne", dt.date(2026, 1, 16), "open"),
    ]


def test_what_passes_and_what_has_no_value_has_none(project: Path) -> None:
    record = evaluate(load_project(project / "phasegate.yaml"), dt.date(2026, 4, 20))
    verdicts = {each["id"]: each["verdict"] for each in record["requirements"]}
    assert {"pass", "stale", "fail"} <= set(verdicts.values())  # the review is too old by then
    told_of = {each["requirement"] for each in record["rows"]}
    assert told_of == {"1.1/systems/invoices.reconciled"}  # the age of invoices has no single rows
    assert verdicts["1.1/systems/invoices.age"] == "fail"


def test_a_run_without_failures_says_nothing_of_rows(tmp_path: Path) -> None:
    folder = write_project(tmp_path, open_invoices=())
    reviews = folder / "reviews.csv"
    reviews.write_text(reviews.read_text().replace("low,95,false", "low,95,true"))
    keep(folder, DAYS[0])
    record, entry, files = run_of(folder / "phasegate.db", "1")
    assert "rows" not in record
    assert "rows" not in entry
    assert files == {}
    assert verified(folder / "phasegate.db").good


def test_the_rows_of_a_value_that_is_too_great_are_those_that_count(project: Path) -> None:
    """Which rows are too many, or too few, is told by the end of the bound that the value is beyond."""
    file = project / "pack" / "pack.yaml"
    text = file.read_text()
    due = {
        "<= 1": "counted",
        "== 0": "counted",
        "== 1": "counted",
        "between 0 and 1": "counted",
        "< 2": "counted",
        ">= 3": None,
        "== 3": None,
        "between 3 and 9": None,
    }
    text += "  invoices.open: {title: Open, from: invoices, count: status = 'open'}\n"
    for bound, what in due.items():
        file.write_text(text.replace('invoices.age: "<= :most_days"', f'invoices.open: "{bound}"'))
        record = evaluate(load_project(project / "phasegate.yaml"), DAYS[0])
        requirement = named(record["requirements"], "1.1/systems/invoices.open")
        assert requirement["verdict"] == "fail", bound
        found = [each for each in record["rows"] if each["requirement"] == requirement["id"]]
        assert [each["what"] for each in found] == ([what] if what else []), bound
        assert [each["total"] for each in found] == ([2] if what else []), bound
    ratios = {
        "== 100 %": ("not met", 2),
        "between 95 % and 100 %": ("not met", 2),
        "<= 50 %": ("counted", 18),
        "between 10 % and 20 %": ("counted", 18),
        "== 0 %": ("counted", 18),
    }
    for bound, (what, total) in ratios.items():
        file.write_text(text.replace(">= 95 %", bound))
        record = evaluate(load_project(project / "phasegate.yaml"), DAYS[0])
        found = [each for each in record["rows"] if each["requirement"] == WAIVED]
        assert [(each["what"], each["total"]) for each in found] == [(what, total)], bound


# Caps


def test_so_many_facts_have_rows(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "pack" / "pack.yaml"
    file.write_text(
        file.read_text().replace('invoices.by_customer: ">= 50 %"', 'invoices.by_customer: "== 1 %"')
    )
    loaded = load_project(project / "phasegate.yaml")
    before = [each["requirement"] for each in evaluate(loaded, DAYS[0])["rows"]]
    assert len(before) == 5  # the invoices, the review, and three customers
    assert before[0] == WAIVED
    monkeypatch.setattr(rows, "MOST_FACTS", 2)
    assert [each["requirement"] for each in evaluate(loaded, DAYS[0])["rows"]] == before[:2]
    monkeypatch.setattr(rows, "MOST_FACTS", 0)
    assert "rows" not in evaluate(loaded, DAYS[0])


def test_a_larger_file_of_rows_is_not_kept_and_its_digest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_project(tmp_path)
    monkeypatch.setattr(entry_schema, "LARGEST_ROWS", 10)
    keep(folder, DAYS[0])
    place = folder / "phasegate.db"
    record, entry, files = run_of(place, "1")
    found = record["rows"][0]
    assert (found["total"], len(found["sample"])) == (2, 2)
    assert "rows" not in entry
    assert files == {}
    assert verified(place).good
    with Ledger.open(place) as ledger:
        (again,) = evidence(ledger, find_run(ledger, "1"), WAIVED, folder)
    assert again.rows == found
    assert again.file is not None
    assert digest_of(again.file) == found["digest"]
    assert not again.kept
    assert only(replayed(place, sources=folder)).same(only(replayed(place)).recorded_by)


def test_equal_files_are_kept_once(project: Path) -> None:
    with Ledger.open(project / "phasegate.db") as ledger:
        digests = [find_run(ledger, number).entry["rows"] for number in "123"]
    assert digests[0] == digests[1] == digests[2]


def test_sources_that_changed_since_they_were_measured_give_no_rows(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read once more; were they others by then, their number would not be that of the fact."""
    read = rows.rows_behind

    def changed(*args: Any) -> Any:
        return {
            each: RowsBehind(found.what, found.total - 1, found.frame.head(found.total - 1))
            if found.what == "not met"
            else found
            for each, found in read(*args).items()
        }

    monkeypatch.setattr(rows, "rows_behind", changed)
    record = evaluate(load_project(project / "phasegate.yaml"), DAYS[0])
    assert named(record["requirements"], WAIVED)["verdict"] == "waived"
    assert [each["requirement"] for each in record["rows"]] == [SIGNED]


# Lies, and damage


def row(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    return lambda record: change(record["rows"][0])


# What an evaluator might write into a record before all of its entries are made from it.
RECORDS: dict[str, tuple[Callable[[Any], object], str]] = {
    "fewer rows": (row(sets(total=1)), f"of the rows behind {WAIVED}, there are 1, and its fact says 2"),
    "more rows": (row(sets(total=3)), f"of the rows behind {WAIVED}, there are 3, and its fact says 2"),
    "more rows than there are": (
        row(sets(what="newest", total=21)),
        f"of the rows behind {WAIVED}, there are 21 of 20",
    ),
    "rows that count": (row(sets(what="counted")), "there are 2, and its fact says 18"),
    "none of them shown": (row(sets(sample=[])), "0 are shown and 2 are held of 2"),
    "more held than there are": (row(sets(held=3)), "2 are shown and 3 are held of 2"),
    "other rows": (
        row(lambda rows: rows["sample"][0].update(invoice="F-1")),
        f"the file of the rows behind {WAIVED} has other sample than its record",
    ),
    "fewer shown": (row(lambda rows: rows["sample"].pop()), "has other sample than its record"),
    "another order": (row(lambda rows: rows["sample"].reverse()), "has other sample than its record"),
    "other columns": (row(lambda rows: rows["columns"].pop()), "has other columns than its record"),
    "fewer held": (row(lambda rows: (rows.update(held=1), rows["sample"].pop())), "has other held, sample"),
    "another size": (row(sets(size=7)), f"behind {WAIVED} has other size than its record"),
    "a file that is none": (
        row(sets(digest=digest_of(b"PAR1"))),
        f"the file of the rows behind {WAIVED} can not be read",
    ),
    "rows behind what passes": (
        row(sets(requirement="1.2/cranes/invoices.reconciled")),
        "there are rows behind 1.2/cranes/invoices.reconciled, which is pass",
    ),
    "rows twice": (
        lambda record: record["rows"].append(record["rows"][0]),
        f"there are rows behind {WAIVED} twice",
    ),
    "rows behind nothing": (row(sets(requirement="9.9/x/y")), "9.9/x/y"),
    "rows behind a value that there is not": (
        lambda record: named(record["facts"], "invoices.reconciled").update(status="unknown"),
        "no value was held against its bound",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", RECORDS)
def test_a_record_that_lies_about_its_rows(lie: str, honest: Honest, tmp_path: Path) -> None:
    change, said = RECORDS[lie]
    record: Any = copy.deepcopy(honest.record)
    change(record)
    honest_too = honest.drafts(record)
    honest_too.contents.setdefault(digest_of(b"PAR1").removeprefix("sha256:"), b"PAR1")
    lying(tmp_path / "ledger.db", honest_too, honest.key, lambda *_: None)
    found = faults(tmp_path / "ledger.db")
    assert any(where == "entry 2" and said in text for where, text in found), found


ENTRIES: dict[str, tuple[Any, str, str]] = {
    "no rows": (on("run", "1", without("rows")), "entry 2", "it differs from its record in rows"),
    "other rows": (
        on("run", "1", lambda document: document["rows"].append("sha256:" + "0" * 64)),
        "entry 2",
        "it differs from its record in rows",
    ),
    "rows that are no list": (
        on("run", "1", lambda document: document.update(rows=document["rows"][0])),
        "entry 2",
        "it differs from its record in rows",
    ),
    "a file that is missing": (
        lambda drafts, contents: contents.pop(drafts[0].document["rows"][0].removeprefix("sha256:")),
        "entry 2",
        "which is missing",
    ),
}


@pytest.mark.parametrize("lie", ENTRIES)
def test_an_entry_that_lies_about_its_rows(lie: str, honest: Honest, tmp_path: Path) -> None:
    change, place, said = ENTRIES[lie]
    lying(tmp_path / "ledger.db", honest.drafts(), honest.key, change)
    found = faults(tmp_path / "ledger.db")
    assert any(where == place and said in text for where, text in found), found


FILES: dict[str, tuple[str, str]] = {
    "removed": ("DELETE FROM content WHERE digest = :rows", "which is missing"),
    "changed": ("UPDATE content SET packed = x'ff00' WHERE digest = :rows", "can not be unpacked"),
    "swapped": (
        "UPDATE content SET packed = (SELECT max(packed) FROM content c) WHERE digest = :rows",
        "holds other bytes than those that were kept",
    ),
}


@pytest.mark.parametrize("change", FILES)
def test_a_file_of_rows_that_was_changed_behind_the_back_of_the_ledger(change: str, place: Path) -> None:
    statement, said = FILES[change]
    digest = run_of(place, "1")[1]["rows"][0].removeprefix("sha256:")
    with opened(place) as connection:
        connection.execute(statement, {"rows": digest})
    found = faults(place)
    assert any(said in text for _, text in found), found


# Replays


def test_a_replay_leaves_the_rows_as_they_are_byte_for_byte(harbour: Path) -> None:
    for number in "123":
        run = only(replayed(harbour / "phasegate.db", number))
        assert run.found is not None
        assert run.found.same_bytes
        assert run.found.record["rows"] == run_of(harbour / "phasegate.db", number)[0]["rows"]


def test_other_rules_have_no_rows(project: Path) -> None:
    run = only(replayed(project / "phasegate.db", "2", other=str(other_pack(project, ">= 86 %"))))
    assert run.found is not None
    assert run.found.differences == ()
    assert "rows" not in run.found.record


@pytest.mark.parametrize(
    ("change", "now"),
    [
        (row(sets(size=2**21, digest="sha256:" + "0" * 64)), "2, sha256:"),
        (row(lambda rows: rows["sample"][0].update(invoice="F-1")), "2, sha256:"),
        (lambda record: record["rows"].pop(0), "2, sha256:"),
    ],
)
def test_rows_that_no_file_tells_of_are_found_where_the_sources_are_read(
    change: Callable[[Any], object], now: str, project: Path, tmp_path: Path
) -> None:
    """Beyond the size that is kept a ledger can not tell; the sources can."""
    from phasegate.audit.trail.pack_snapshot import rules_of
    from phasegate.runs.remeasure import remeasure

    honest = Honest(project)
    record: Any = copy.deepcopy(honest.record)
    rules = rules_of(honest.rules)
    assert remeasure(record, rules, project, {}).same
    change(record)
    found = remeasure(record, rules, project, {})
    assert (found.changed, found.failed) == ((), None)
    ((what, _, after),) = found.facts
    assert what == f"rows behind {WAIVED}"
    assert after.startswith(now)


def test_a_record_from_before_rows_were_kept_is_measured_alike(project: Path) -> None:
    from phasegate.audit.trail.pack_snapshot import rules_of
    from phasegate.runs.remeasure import remeasure

    honest = Honest(project)
    record: Any = {name: part for name, part in honest.record.items() if name != "rows"}
    assert remeasure(record, rules_of(honest.rules), project, {}).same


def test_another_version_of_polars_may_write_other_bytes_and_not_other_rows(project: Path) -> None:
    from phasegate.audit.trail.pack_snapshot import rules_of
    from phasegate.runs.remeasure import remeasure

    honest = Honest(project)
    record: Any = copy.deepcopy(honest.record)
    record["versions"]["polars"] = "0.0.0"
    record["rows"][0].update(digest="sha256:" + "0" * 64, size=1)
    assert remeasure(record, rules_of(honest.rules), project, {}).same
    record["rows"][0]["total"] = 3
    assert not remeasure(record, rules_of(honest.rules), project, {}).same


# Proofs


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_proof_of_a_point_holds_its_rows(
    harbour: Path, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = proof_of(harbour / "phasegate.db", "1.1", number)
    monkeypatch.chdir(tmp_path)
    proof = read_proof(text.encode())
    found = followed(proof)
    assert found is not None
    assert found.against == ()
    assert proof.evidence["rows"] == run_of(harbour / "phasegate.db", number)[0]["rows"]
    assert "rows" not in read_proof(proof_of(harbour / "phasegate.db", "1.2", number).encode()).evidence


def test_a_proof_of_a_lying_evaluator_is_found(honest: Honest, tmp_path: Path) -> None:
    record: Any = copy.deepcopy(honest.record)
    record["rows"][0]["total"] = 1
    lying(tmp_path / "ledger.db", honest.drafts(record), honest.key, lambda *_: None)
    found = followed(read_proof(proof_of(tmp_path / "ledger.db", "1.1", "1").encode()))
    assert found is not None
    assert found.against == (f"of the rows behind {WAIVED}, there are 1, and its fact says 2",)


def project_with(folder: Path, line: str) -> Path:
    file = folder / "phasegate.yaml"
    file.write_text(f"{file.read_text()}{line}\n")
    return file


def test_a_project_says_how_many_rows_are_kept(project: Path) -> None:
    record = evaluate(load_project(project_with(project, "evidence_rows: 1")), DAYS[0])
    kept = [(each["total"], each["held"], len(each["sample"])) for each in record["rows"]]
    assert kept == [(2, 1, 1), (1, 1, 1)]


def test_a_project_may_keep_no_rows_at_all_and_they_are_still_shown_from_its_sources(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    file = project_with(folder, "evidence_rows: 0")
    keep(folder, DAYS[0])
    record, entry, files = run_of(folder / "phasegate.db", "1")
    assert ("rows" in record, "rows" in entry, files) == (False, False, {})
    assert verified(folder / "phasegate.db").good
    with Ledger.open(folder / "phasegate.db") as ledger:
        (found,) = evidence(ledger, find_run(ledger, "1"), WAIVED, file)
    assert found.rows is not None
    assert (found.kept, found.rows["total"], found.rows["held"]) == (False, 2, 2)


@pytest.mark.parametrize(("then", "now"), [(1, 10_000), (10_000, 1), (1, 0)])
def test_rows_are_measured_again_as_they_were_kept_whatever_the_project_says_now(
    tmp_path: Path, then: int, now: int
) -> None:
    folder = write_project(tmp_path)
    file = project_with(folder, f"evidence_rows: {then}")
    keep(folder, DAYS[0])
    file.write_text(file.read_text().replace(f"evidence_rows: {then}", f"evidence_rows: {now}"))
    remeasured = only(replayed(folder / "phasegate.db", sources=folder)).remeasured
    assert remeasured is not None
    assert remeasured.same
