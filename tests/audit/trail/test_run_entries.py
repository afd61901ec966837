"""What a run is kept as: its entries, and the documents that they name."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from lying_evaluator import Honest

from phasegate.audit.ledger.entry import row_of
from phasegate.audit.signing.canonical_json import canonical, digest_of, read_canonical
from phasegate.audit.trail.run_entries import Envelope, RunDrafts


@pytest.fixture(scope="module")
def honest(harbour: Path) -> Honest:
    return Honest(harbour)


@pytest.fixture(scope="module")
def drafts(honest: Honest) -> RunDrafts:
    return honest.drafts()


def document(drafts: RunDrafts, digest: str) -> Any:
    return json.loads(drafts.contents[digest.removeprefix("sha256:")])


def test_a_run_is_an_entry_and_one_for_each_thing_that_it_decided(drafts: RunDrafts) -> None:
    assert [(each.kind, each.subject) for each in drafts.drafts(5)] == [
        ("run", "5"),
        ("point", "1.1"),
        ("point", "1.2"),
        ("target", "1/success"),
        ("gate", "1"),
        ("gate", "2"),
        ("gate", "programme"),
    ]
    for place, draft in enumerate(drafts.drafts(5)):
        body = read_canonical(row_of(place, draft).body)
        assert (body["entry"], body["run"], body["subject"]) == (draft.kind, 5, draft.subject)


def test_documents_are_canonical_and_named_by_their_digest(drafts: RunDrafts) -> None:
    rows = {name.removeprefix("sha256:") for name in drafts.drafts(1)[0].document["rows"]}
    assert rows < set(drafts.contents)
    for digest, content in drafts.contents.items():
        assert hashlib.sha256(content).hexdigest() == digest
        if digest in rows:
            assert content.startswith(b"PAR1")
        else:
            assert canonical(json.loads(content)) == content


def test_the_parts_make_the_record(honest: Honest, drafts: RunDrafts) -> None:
    run = drafts.drafts(1)[0].document
    rest = document(drafts, run["parts"]["rest"])
    whole = {**rest, **{name: document(drafts, run["parts"][name]) for name in ("facts", "sources")}}
    assert whole == honest.record
    assert run["record"] == digest_of(canonical(honest.record))
    assert drafts.contents[run["rules"].removeprefix("sha256:")] == honest.rules


def test_evidence_is_complete_in_itself_and_has_nothing_of_other_points(drafts: RunDrafts) -> None:
    point = drafts.drafts(1)[1].document
    found = document(drafts, point["evidence"])
    assert [each["id"] for each in found["criteria"]] == ["1.1/systems", "1.1/review"]
    assert [each["id"] for each in found["facts"]] == [
        "invoices.reconciled",
        "invoices.age",
        "review.signed",
        "review.rating",
        "review.score",
    ]
    assert sorted(found["measures"]) == ["invoices.age", "invoices.reconciled", "review"]
    assert [each["name"] for each in found["sources"]] == ["invoices", "reviews"]
    assert [each["id"] for each in found["waivers"]] == ["W-1"]
    other = document(drafts, drafts.drafts(1)[2].document["evidence"])
    assert [each["name"] for each in other["sources"]] == ["invoices"]
    assert other["waivers"] == []


def test_the_same_run_is_kept_as_the_same_bytes(honest: Honest, drafts: RunDrafts) -> None:
    again = honest.drafts(json.loads(json.dumps(honest.record)))
    assert again.contents == drafts.contents
    assert again.drafts(3) == drafts.drafts(3)


def test_what_tells_two_runs_on_the_same_data_apart_is_kept_once_each(honest: Honest) -> None:
    later: Any = {**honest.record, "as_of": "2026-03-03"}
    first, second = honest.drafts().contents, honest.drafts(later).contents
    parts = honest.drafts().drafts(1)[0].document["parts"]
    for name in ("facts", "sources"):
        assert parts[name].removeprefix("sha256:") in second
    assert parts["rest"].removeprefix("sha256:") not in second
    rows = {name.removeprefix("sha256:") for name in honest.files}
    assert rows <= set(first) & set(second)
    assert len((set(first) & set(second)) - rows) == 3  # with the rules


MOMENT = dt.datetime(2026, 3, 1, 9, 30, 15, tzinfo=dt.UTC)


def test_an_envelope_is_read_back() -> None:
    cest = dt.timezone(dt.timedelta(hours=2))
    for given in (
        Envelope(MOMENT, "evaluator", "SHA256:x"),
        Envelope(MOMENT.astimezone(cest), "ci", "SHA256:x", "job 17"),
        Envelope(MOMENT.replace(microsecond=7), "ci", "SHA256:x"),
    ):
        written = given.document()
        assert written["recorded_at"] == "2026-03-01T09:30:15Z"
        assert Envelope.of(written).document() == written


@pytest.mark.parametrize(
    "change",
    [
        {"recorded_at": "yesterday"},
        {"recorded_at": "2026-03-01T09:30:15"},
        {"recorded_at": "2026-03-01T09:30:15+00:00"},
        {"recorded_at": 5},
        {"more": "x"},
    ],
)
def test_an_envelope_that_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="this is no envelope of a run"):
        Envelope.of({**Envelope(MOMENT, "ci", "SHA256:x").document(), **change})
