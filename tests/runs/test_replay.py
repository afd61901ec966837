"""Runs that are decided again from their facts: the same bytes, or what is different."""

from __future__ import annotations

import copy
import datetime as dt
import re
import shutil
import subprocess
import sys
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_runs import DAYS, keep, other_pack, write_project
from lying_evaluator import Honest, named
from replaying import only, replayed
from sizes import examples
from tampering import lying, verified

from phasegate.audit.errors import UnknownRunError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import canonical
from phasegate.audit.trail.entry_schema import Told
from phasegate.audit.trail.runs import find_run, record_of
from phasegate.records.schema import Record
from phasegate.reports.views.replay import replays_text
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.project import load_project
from phasegate.runs.evaluate import evaluate
from phasegate.runs.replay import replay


def test_every_run_comes_out_as_it_was_recorded(harbour: Path) -> None:
    found = replayed(harbour / "phasegate.db", every=True)
    assert found.good
    assert [run.number for run in found.runs] == [1, 2, 3]
    for run in found.runs:
        assert run.found is not None
        assert (run.found.same_bytes, run.found.differences, run.found.wording) == (True, (), ())
    # The first and the second run have two points, a target and three gates; the third is of one gate.
    assert [run.entries for run in found.runs] == [(7, 7), (7, 7), (4, 4)]


def test_one_run_or_the_latest(harbour: Path) -> None:
    assert only(replayed(harbour / "phasegate.db")).number == 3
    assert only(replayed(harbour / "phasegate.db", "2")).number == 2
    for number in ("4", "0", "-1", "1.0", "x", "9" * 30):
        with pytest.raises(UnknownRunError, match="the ledger has no run"):
            replayed(harbour / "phasegate.db", number)


def test_a_ledger_without_runs(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "empty.db", create=True).close()
    assert replayed(tmp_path / "empty.db", every=True).good
    with pytest.raises(UnknownRunError) as caught:
        replayed(tmp_path / "empty.db")
    assert caught.value.hint == "it has no runs yet"


# Other rules


def test_other_rules_would_have_decided_otherwise(project: Path) -> None:
    other = other_pack(project, ">= 92.5 %")
    found = replayed(project / "phasegate.db", "2", other=str(other))
    assert not found.good
    run = only(found)
    assert run.found is not None
    assert [(each.what, each.id, each.recorded, each.replayed) for each in run.found.differences] == [
        ("criterion", "1.2/cranes", "pass", "fail"),
        ("criterion", "1/success", "pass", "fail"),
        ("point", "1.2", "pass", "fail"),
        ("gate", "1", "open_with_waivers", "closed"),
        ("gate", "2", "open_with_waivers", "closed"),
        ("gate", "programme", "open_with_waivers", "closed"),
        ("outcome", "run", "open_with_waivers", "closed"),
    ]
    assert run.found.differences[0].why.startswith("18 of 20 = 90 %, where >= success (92.5 %) is required")
    assert run.entries is None


def test_rules_that_differ_in_words_only_decide_the_same(project: Path) -> None:
    other = other_pack(project, ">= 86 %")
    found = replayed(project / "phasegate.db", "2", other=str(other))
    assert found.good
    assert only(found).found is not None
    assert not only(found).found.same_bytes  # type: ignore[union-attr]  # seen a line above
    assert found.other == str(other)


def test_what_other_rules_ask_for_and_nobody_measured_is_an_error(project: Path) -> None:
    pack = other_pack(project) / "pack.yaml"
    text = pack.read_text().replace('invoices.age: "<= :most_days"', 'invoices.many: ">= 1"')
    text += "  invoices.many: {title: Invoices, from: invoices, count: status = 'open'}\n"
    pack.write_text(text)
    run = only(replayed(project / "phasegate.db", "2", other=str(pack.parent)))
    assert run.found is not None
    decided = named(run.found.record["requirements"], "1.1/systems/invoices.many")
    assert (decided["verdict"], decided["observed"]) == ("error", "no value")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("old", "new", "unspoken"),
    [
        ("max_age: 31 days", "max_age: 5 days", []),
        ("enforcement: advisory", "enforcement: soft", []),
        ('after: ["1"]', "after: none", []),
        ("    items: invoices", "    min_rows: 5\n    items: invoices", []),
        ("    items: invoices", "    min_rows: 50\n    items: invoices", []),
        ("items: invoices", "items: bills", []),
        ("ratio: {of: status = 'reconciled'}\n    items", "ratio: {of: status = 'open'}\n    items",
         [("invoices.reconciled", "measure invoices.reconciled")]),
        ("ratio: {of: status = 'reconciled'}\n    items", "ratio: {of: customer <> 'C'}\n    items",
         [("invoices.reconciled", "measure invoices.reconciled")]),
        ("status: {type: string}", "status: {type: string, allowed: [open, reconciled]}",
         [(name, "the contract of invoices")
          for name in ("invoices.reconciled", "invoices.age", "invoices.by_customer")]),
    ],
)  # fmt: skip
def test_other_rules_are_decided_as_far_as_the_kept_facts_speak(
    old: str, new: str, unspoken: list[tuple[str, str]], project: Path
) -> None:
    pack = other_pack(project, ">= 85.125 %") / "pack.yaml"
    text = pack.read_text(encoding="utf-8")
    assert old in text
    pack.write_text(text.replace(old, new), encoding="utf-8")
    found = replayed(project / "phasegate.db", "2", other=str(pack.parent))
    run = only(found)
    assert run.found is not None
    assert sorted(run.found.unspoken) == sorted(unspoken)
    told = replays_text(found, width=100, colour=False)
    assert not (unspoken and ("✓" in told or found.good))
    assert all(name in told for name, _ in unspoken)
    fresh = _decided_under(project, pack.parent)
    if not unspoken:  # what the facts speak of is what a check under these rules finds
        assert verdicts_of(run.found.record) == verdicts_of(fresh)


def _decided_under(project: Path, pack: Path) -> Record:
    """What a check of the same tables, statements and day decides under other rules."""
    shutil.copy(pack / "pack.yaml", project / "pack" / "pack.yaml")
    file = project / "phasegate.yaml"
    if (project / "waivers.yaml").exists():
        digest = load_project(file).pack.digest
        text = (project / "waivers.yaml").read_text(encoding="utf-8")
        (project / "waivers.yaml").write_text(re.sub("sha256:[0-9a-f]{64}", digest, text), encoding="utf-8")
    return keep(project, DAYS[1])[0]


def verdicts_of(record: Record) -> dict[str, str]:
    gates = {f"gate {each['id']}": each["state"] for each in record["gates"]}
    return {**{each["id"]: each["verdict"] for each in record["requirements"]}, **gates}


def test_other_rules_that_do_not_know_what_was_decided(project: Path) -> None:
    keep(project, DAYS[2], ids=["1.2"], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    pack = other_pack(project) / "pack.yaml"
    pack.write_text(pack.read_text().replace('"1.2"', '"1.3"'))
    found = replayed(project / "phasegate.db", other=str(pack.parent))
    assert (found.good, only(found).failed) == (
        False,
        "the pack has no point, criterion, area, target or phase '1.2'",
    )
    assert only(replayed(project / "phasegate.db")).same(found.version)


def test_other_rules_with_faults_are_refused(project: Path) -> None:
    pack = other_pack(project) / "pack.yaml"
    pack.write_text(pack.read_text().replace("from: invoices", "from: invoice"))
    with pytest.raises(PackError, match="invoice"):
        replayed(project / "phasegate.db", other=str(pack.parent))


def test_other_rules_hold_with_the_figures_that_the_project_had(project: Path) -> None:
    """By the pack alone an invoice may be open for 10 days, by this project for 60."""
    pack = other_pack(project) / "pack.yaml"
    pack.write_text(pack.read_text().replace(">= 92.5 %", ">= 86 %").replace("most_days", "days_at_most"))
    found = replayed(project / "phasegate.db", "2", other=str(pack.parent))
    run = only(found)
    assert run.found is not None
    assert [each.id for each in run.found.differences] == ["1.1/systems", "1.1", "1", "2", "programme", "run"]
    assert named(run.found.record["criteria"], "1.2/cranes")["enforcement"] == "hard"
    pack.write_text(pack.read_text().replace("days_at_most", "most_days").replace("1.2", "1.3"))
    assert only(replayed(project / "phasegate.db", "2", other=str(pack.parent))).found is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "x"}, "its rules have the schema 'x', not 'phasegate/rules/1'"),
        ({"files": {}}, "has no"),
        ({"files": {"pack.yaml": "pack: ["}}, "pack.yaml"),
        ({"files": {"a.yaml": "", "b.yaml": ""}, "inline": True}, "its rules stand in one project file"),
        ({"files": []}, "its rules are none: files is not an object"),
        ({"parameters": {"x": "1"}}, "its rules do not fit together: the pack knows no parameter 'x'"),
        ({"harden": {"1.2/cranes": "advisory"}}, "hardened to neither soft nor hard"),
    ],
)
def test_rules_that_are_none_are_told(
    change: dict[str, Any], said: str, harbour: Path, tmp_path: Path
) -> None:
    import hashlib
    import json

    from lying_evaluator import on, sets

    honest = Honest(harbour)
    rules = canonical({**json.loads(honest.rules), **change})
    digest = hashlib.sha256(rules).hexdigest()

    def changed(drafts: Any, contents: Any) -> None:
        contents[digest] = rules
        on("run", "1", sets(rules=f"sha256:{digest}"))(drafts, contents)

    lying(tmp_path / "ledger.db", honest.drafts(), honest.key, changed)
    found = replayed(tmp_path / "ledger.db", every=True)
    assert not found.good
    assert said in str(only(found).failed)


# What was measured


def test_sources_that_are_as_they_were(project: Path) -> None:
    found = replayed(project / "phasegate.db", every=True, sources=project)
    assert found.good
    assert all(run.remeasured is not None and run.remeasured.same for run in found.runs)


def test_the_source_that_changed_is_named_with_its_facts(project: Path) -> None:
    write_project(project, waived=True, open_invoices=(7,))
    found = replayed(project / "phasegate.db", "2", sources=project)
    run = only(found)
    assert not found.good
    assert run.found is not None
    assert run.found.same_bytes  # what was decided from the recorded facts still follows from them
    assert run.remeasured is not None
    assert run.remeasured.changed == (("invoices", "other content in invoices.csv (20 rows then, 20 now)"),)
    assert run.remeasured.facts[:2] == (
        ("invoices.reconciled", "90 %", "95 %"),
        ("invoices.by_customer[Käse & Söhne]", "71.43 %", "85.71 %"),
    )
    ((what, then, now),) = run.remeasured.facts[2:]
    assert what == "rows behind 1.1/systems/invoices.reconciled"
    assert then.startswith("2, sha256:")
    assert now == "none"  # 19 of 20 meet the bound


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda folder: (folder / "reviews.csv").unlink(), "reviews.csv does not exist"),
        (lambda folder: (folder / "reviews.csv").write_bytes(b"\xff\xfe\x00"), None),
        (lambda folder: (folder / "reviews.csv").write_text("review,day\nR-1,2026-01-01\n"), None),
        (
            lambda folder: (folder / "reviews.csv").write_text(
                (folder / "reviews.csv").read_text() + "R-3,2026-02-21,high,1,false\n"
            ),
            "other content in reviews.csv (2 rows then, 3 now)",
        ),
        (
            lambda folder: (folder / "phasegate.yaml").write_text(
                (folder / "phasegate.yaml")
                .read_text()
                .replace("{path: reviews.csv}", '{path: reviews.csv, null_values: ["", "x"]}')
            ),
            "the same bytes, read in another way",
        ),
        (
            lambda folder: (
                shutil.move(folder / "reviews.csv", folder / "moved.csv"),
                (folder / "phasegate.yaml").write_text(
                    (folder / "phasegate.yaml").read_text().replace("path: reviews.csv", "path: moved.csv")
                ),
            ),
            "the same rows in another order, form or place (moved.csv, reviews.csv)",
        ),
    ],
    ids=["removed", "no text", "other columns", "a row more", "another reading", "renamed"],
)
def test_a_source_that_is_gone_or_another_one(change: Any, expected: str | None, project: Path) -> None:
    change(project)
    remeasured = only(replayed(project / "phasegate.db", "2", sources=project)).remeasured
    assert remeasured is not None
    ((name, why),) = remeasured.changed
    assert name == "reviews"
    assert expected is None or why == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "phasegate.yaml").unlink(), "there is no phasegate.yaml"),
        (lambda folder: (folder / "phasegate.yaml").write_text("phasegate: 1\n"), "problem"),
    ],
    ids=["no project", "a faulty project"],
)
def test_a_project_that_can_not_be_measured_is_told_and_the_replay_too(
    change: Any, said: str, project: Path
) -> None:
    change(project)
    found = replayed(project / "phasegate.db", every=True, sources=project)
    assert not found.good
    for run in found.runs:
        assert run.found is not None
        assert run.found.same_bytes
        assert run.remeasured is not None
        assert run.remeasured.failed


def test_of_the_project_today_only_its_sources_count(project: Path) -> None:
    """Other rules, another cycle and other holidays since then change nothing of what was measured."""
    shutil.copy(other_pack(project) / "pack.yaml", project / "pack" / "pack.yaml")
    file = project / "phasegate.yaml"
    text = file.read_text().replace("{id: c-1, start: 2026-01-05}", "{id: c-2, start: 2026-03-02}")
    file.write_text(text + "calendar: {holidays: [2026-03-02]}\n")
    found = replayed(project / "phasegate.db", every=True, sources=project)
    assert [run.remeasured for run in found.runs if run.remeasured and not run.remeasured.same] == []
    assert found.good


# Records that lie


def test_a_record_whose_facts_were_changed_does_not_come_out(harbour: Path, tmp_path: Path) -> None:
    honest = Honest(harbour)
    record: Any = copy.deepcopy(honest.record)
    named(record["facts"], "invoices.age").update(numerator="61", shown="61 days")
    lying(tmp_path / "ledger.db", honest.drafts(record), honest.key, lambda *_: None)
    found = replayed(tmp_path / "ledger.db")
    run = only(found)
    assert not found.good
    assert run.found is not None
    assert [each.id for each in run.found.differences] == ["1.1/systems", "1.1", "1", "2", "programme", "run"]


def test_evidence_that_was_measured_otherwise_is_found(harbour: Path, tmp_path: Path) -> None:
    """How a fact is computed stands in the rules: a replay has them, and a verification has not."""
    from lying_evaluator import evidence

    honest = Honest(harbour)
    change = evidence(lambda document: document["measures"]["invoices.age"].update(unit="%"))
    lying(tmp_path / "ledger.db", honest.drafts(), honest.key, change)
    assert verified(tmp_path / "ledger.db").good
    found = replayed(tmp_path / "ledger.db")
    assert (found.good, only(found).entries) == (False, (7, 6))


def test_words_that_were_changed_are_found_in_their_place(harbour: Path, tmp_path: Path) -> None:
    honest = Honest(harbour)
    record: Any = copy.deepcopy(honest.record)
    named(record["requirements"], "1.1/systems/invoices.age").update(reason="all is well")
    lying(tmp_path / "ledger.db", honest.drafts(record), honest.key, lambda *_: None)
    run = only(replayed(tmp_path / "ledger.db"))
    assert run.found is not None
    assert (run.found.differences, run.found.wording) == ((), ("requirements[1].reason",))
    assert not replayed(tmp_path / "ledger.db").good


def test_a_run_of_another_version_may_differ_in_words_and_not_in_verdicts(
    harbour: Path, tmp_path: Path
) -> None:
    honest = Honest(harbour)
    record: Any = copy.deepcopy(honest.record)
    record["versions"]["phasegate"] = "0.0.0"
    named(record["requirements"], "1.1/systems/invoices.age").update(reason="all is well")
    lying(tmp_path / "words.db", honest.drafts(record), honest.key, lambda *_: None)
    assert replayed(tmp_path / "words.db").good
    named(record["points"], "1.2")["verdict"] = "waived"
    lying(tmp_path / "verdicts.db", honest.drafts(record), honest.key, lambda *_: None)
    assert not replayed(tmp_path / "verdicts.db").good


def test_a_document_that_is_missing_is_told_run_by_run(place: Path) -> None:
    from tampering import opened

    with Ledger.open(place) as ledger:
        digest = find_run(ledger, "2").entry["parts"]["rest"].removeprefix("sha256:")
    with opened(place) as connection:
        connection.execute("DELETE FROM content WHERE digest = ?", (digest,))
    found = replayed(place, every=True)
    assert [run.failed is not None for run in found.runs] == [False, True, False]
    assert not found.good


# The second opinion of a replay is not the one that the run had


def test_an_evaluation_that_no_run_had_takes_part_in_a_replay(
    harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it decides otherwise than durable-rules, the replay says so and who says what."""
    from phasegate.engine import reference
    from phasegate.engine.plan import Decisions
    from phasegate.rules.model.verdict import Verdict

    truly = reference.decide

    def lie(*given: Any) -> Decisions:
        found = truly(*given)
        return changed(found, requirements=dict.fromkeys(found.requirements, Verdict.PASS))

    monkeypatch.setattr(reference, "decide", lie)
    found = replayed(harbour / "phasegate.db", "2")
    run = only(found)
    assert run.found is not None
    assert not found.good
    assert not run.found.same_bytes
    assert run.found.differences
    told = [each["reason"] for each in run.found.record["requirements"] if each["verdict"] == "error"]
    assert any("durable-rules says fail, the plain evaluation pass" in reason for reason in told)


def test_a_disagreement_that_was_recorded_comes_out_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the two that did not agree can be found to disagree again: they both decide once more."""
    from phasegate.engine.columnar import evaluate as columnar
    from phasegate.engine.plan import Decisions
    from phasegate.rules.model.verdict import Verdict

    truly = columnar.decide

    def lie(*given: Any) -> Decisions:
        found = truly(*given)
        return changed(found, requirements=dict.fromkeys(found.requirements, Verdict.UNKNOWN))

    with monkeypatch.context() as patch:
        patch.setattr(columnar, "decide", lie)
        record, _ = keep(project, DAYS[2], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
        assert record["disagreements"]
        assert replayed(project / "phasegate.db").good
    assert not replayed(project / "phasegate.db").good  # the columns no longer lie


def test_a_replay_needs_no_polars(harbour: Path) -> None:
    code = (
        "import sys; from phasegate.cli import main\n"
        "try: main(['replay', '--all'])\n"
        "finally: print(sorted({'polars', 'sqlglot', 'dataframely'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=harbour, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]"), done.stderr


# Any project


INLINE = """\
phasegate: 1
sources: {{invoices: {{path: invoices.csv}}}}
measures:
  invoices.reconciled:
    title: Invoices
    from: invoices
    ratio: {{of: status = 'reconciled'}}
    min_rows: {min_rows}
  invoices.by_customer:
    title: By customer
    from: invoices
    by: customer
    count: status = 'open'
require:
  invoices.reconciled: {bounds}
  invoices.by_customer: "<= {most}"
"""
statuses = st.sampled_from(["open", "reconciled", "reconciled", "\u00e9"])
customers = st.sampled_from(["a", "Ω", "\u4f60\u597d", "b c", "[x]"])


def decided(folder: Path, rows: list[tuple[str, str]], bounds: list[str], min_rows: int, most: int) -> Any:
    lines = [f"F-{i},{status},{customer}" for i, (status, customer) in enumerate(rows)]
    text = "\n".join(["invoice,status,customer", *lines, ""])
    (folder / "invoices.csv").write_text(text, encoding="utf-8")
    shown = INLINE.format(bounds=bounds, min_rows=min_rows, most=most)
    (folder / "phasegate.yaml").write_text(shown, encoding="utf-8")
    loaded = load_project(folder / "phasegate.yaml")
    return loaded, evaluate(loaded, DAYS[0])


@settings(max_examples=examples(40), deadline=None)
@given(
    rows=st.lists(st.tuples(statuses, customers), max_size=12),
    bounds=st.lists(
        st.sampled_from([">= 50 %", "< 90 %", "between 10 and 95 %", ">= 33.3333 %", "!= 50 %"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    min_rows=st.integers(1, 4),
    most=st.integers(0, 3),
)
def test_whatever_was_decided_is_decided_again_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    bounds: list[str],
    min_rows: int,
    most: int,
) -> None:
    """And it follows from its facts and from itself, as a verification asks."""
    from phasegate.records.recheck_requirements import follow
    from phasegate.records.recheck_verdicts import roll_up

    loaded, record = decided(tmp_path_factory.mktemp("any"), rows, bounds, min_rows, most)
    again = replay(record, loaded.pack)
    assert (again.same_bytes, again.differences) == (True, ())
    assert canonical(again.record) == canonical(record)
    assert follow({**record, "pack": record["pack"]["digest"]}).against == ()
    assert list(roll_up(record)) == []
    assert len(list(Told(record).decided())) == len(record["points"]) + len(record["gates"])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("ids", "gate"),
    [((), None), (("1.1",), None), (("1/success", "1.2/cranes"), None), (("phase:1",), None), ((), "2")],
)
def test_a_run_of_a_part_or_of_a_gate(ids: tuple[str, ...], gate: str | None, project: Path) -> None:
    _, kept = keep(project, DAYS[2], ids=ids, gate=gate, now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    found = replayed(project / "phasegate.db", sources=project)
    assert (found.good, only(found).number) == (True, kept.run)
    assert verified(project / "phasegate.db").good


def test_the_record_that_is_read_back_is_the_one_that_was_made(project: Path) -> None:
    record, kept = keep(project, DAYS[2], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    with Ledger.open(project / "phasegate.db") as ledger:
        assert record_of(ledger, find_run(ledger, str(kept.run))) == record
