"""What became of somebody's word is the cause where a fact rests on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kept_runs import DAYS, keep

from phasegate.monitoring.history.causes import DecidedRequirement, causes

WORD = {
    "id": "A-1",
    "fact": "review.signed",
    "standing": "used",
    "reason": "",
    "start": "2026-02-10T09:00:00Z",
    "end": "2026-03-20T00:00:00Z",
    "revoked": None,
}


def asked(record: Any, word: dict[str, Any] | None, status: str, truth: bool | None) -> DecidedRequirement:
    (requirement,) = [each for each in record["requirements"] if each["fact"] == "review.signed"]
    (fact,) = [each for each in record["facts"] if each["id"] == "review.signed"]
    fact = {**fact, "status": status, "truth": truth, "newest": None}
    requirement = {**requirement, "verdict": {"present": "pass"}.get(status, status)}
    return DecidedRequirement({**record, "attestations": [word] if word else []}, requirement, fact, {})


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, WORD, "A-1 counts since 2026-02-10"),
        (WORD, {**WORD, "standing": "expired"}, "A-1 ended on 2026-03-20"),
        (WORD, {**WORD, "standing": "revoked", "revoked": "2026-03-05T10:00:00Z"},
         "A-1 was revoked on 2026-03-05"),
        (WORD, {**WORD, "standing": "evidence_changed", "reason": "minutes.pdf is another file"},
         "A-1 minutes.pdf is another file"),
        (WORD, None, "A-1 is no longer there"),
    ],
)  # fmt: skip
def test_a_word_that_begins_or_ends(
    before: dict[str, Any] | None, after: dict[str, Any] | None, said: str, folder: Path
) -> None:
    record, _ = keep(folder, DAYS[0])

    def side(word: dict[str, Any] | None) -> DecidedRequirement:
        counts = word is not None and word["standing"] == "used"
        return asked(record, word, "present" if counts else "unknown", True if counts else None)

    assert [(each.kind, each.said) for each in causes(side(before), side(after))] == [("attestation", said)]
