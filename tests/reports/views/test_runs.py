"""The list of runs, the head of one, and the foot of its report."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.trail.entry_schema import Told
from phasegate.audit.trail.runs import Kept, KeptRun
from phasegate.records.schema import Record
from phasegate.reports.terminal.page import Page
from phasegate.reports.terminal.provenance import trail
from phasegate.reports.text.provenance import approval_line
from phasegate.reports.views.runs import run_head, runs_document, runs_text


@pytest.fixture
def run(saved: Callable[[str], Record]) -> Callable[..., KeptRun]:
    """A run as a ledger has it."""

    def make(number: int, record: str, reference: str | None = None, **changes: Any) -> KeptRun:
        decided = saved(record)
        entry = {
            **Told(decided).run(),
            "as_of": decided["as_of"],
            "record": "sha256:" + "1" * 64,
            "pack": "sha256:" + "2" * 64,
            "envelope": {
                "recorded_at": f"2026-03-0{number}T09:00:00Z",
                "evaluator": "ci",
                "fingerprint": "SHA256:yL3RJ0vYwYBl0gxSGzQVqcxuT9WkPlvYwVq1V4lVh8E",
                "reference": reference,
            },
            **changes,
        }
        return KeptRun(number, number * 46, entry)

    return make


def test_runs_are_one_a_line(run: Callable[..., KeptRun], snapshot: SnapshotAssertion) -> None:
    runs = [
        run(1, "minimal_fail"),
        run(2, "minimal_pass"),
        run(3, "gate_with_waivers"),
        run(4, "programme", scope=["1.1", "2.2.1/validation"]),
        run(5, "programme", outcome="splendid"),
    ]
    assert runs_text(runs, width=100, colour=False) == snapshot
    assert [each["seq"] for each in runs_document(runs)] == [46, 92, 138, 184, 230]


def test_a_ledger_without_runs() -> None:
    said = "The ledger has no runs yet: phasegate check makes the first one.\n"
    assert runs_text([], width=100, colour=False) == said
    assert runs_document([]) == []


def test_who_recorded_a_run(run: Callable[..., KeptRun], snapshot: SnapshotAssertion) -> None:
    for reference in (None, "https://ci.example/job/17", "\x1b[31mred"):
        head = run_head(run(1, "programme", reference), width=100, colour=False)
        assert head == snapshot
        assert "\x1b" not in head


KEPT = Kept(
    3,
    93,
    136,
    "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n",
    "/somewhere/phasegate.db",
)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (KEPT, "Kept as run 3 in phasegate.db; checkpoint 136 " + "A" * 43 + "="),
        (
            Kept(1, 1, 136, KEPT.note, "postgresql://db.example/x"),
            "Kept as run 1 in postgresql://db.example/x; checkpoint 136 " + "A" * 43 + "=",
        ),
    ],
)
def test_the_foot_says_where_a_run_is_kept(kept: Kept, shown: str, saved: Callable[[str], Record]) -> None:
    page = Page(120, colour=False)
    trail(saved("minimal_pass"), kept, page)
    assert page.text().splitlines()[-1] == shown


def test_without_a_ledger_the_foot_says_nothing_of_one(saved: Callable[[str], Record]) -> None:
    page = Page(120, colour=False)
    trail(saved("minimal_pass"), None, page)
    assert "Kept" not in page.text()


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        ({"signers": 0}, "Nobody has approved these rules: the project lists no signers."),
        (
            {"signers": 2, "required": ["developer", "finance"], "missing": ["developer", "finance"]},
            "Rules approved by nobody for developer, nobody for finance.",
        ),
        (
            {
                "signers": 2,
                "given": [{"function": "finance", "signer": "fin", "signed": "2026-03-01T00:00:00Z"}],
                "missing": ["developer"],
            },
            "Rules approved by fin for finance, nobody for developer.",
        ),
        (
            {
                "signers": 2,
                "missing": ["finance"],
                "refused": [{"function": "finance", "entry": 7, "reason": "it is late"}],
            },
            "Rules approved by nobody for finance (entry 7 does not count: it is late).",
        ),
        ({"signers": 1}, "Rules approved by nobody."),
    ],
)
def test_whose_approval_the_rules_have(
    approval: dict[str, Any], said: str, saved: Callable[[str], Record]
) -> None:
    record: Any = copy.deepcopy(saved("minimal_pass"))
    record["approval"] = {"signers": 0, "required": [], "given": [], "missing": [], **approval}
    assert approval_line(record) == said
