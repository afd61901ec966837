"""What became of somebody's word is the cause where a fact rests on it."""

from __future__ import annotations

from dataclasses import replace
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
    "value": "true",
    "signed": "2026-02-10T09:00:00Z",
    "start": "2026-02-10T09:00:00Z",
    "end": "2026-03-20T00:00:00Z",
    "revoked": None,
}


def asked(record: Any, word: dict[str, Any] | None, status: str, truth: bool | None) -> DecidedRequirement:
    (requirement,) = [each for each in record["requirements"] if each["fact"] == "review.signed"]
    (fact,) = [each for each in record["facts"] if each["id"] == "review.signed"]
    fact = {**fact, "kind": "attested", "status": status, "truth": truth, "newest": None}
    requirement = {**requirement, "verdict": {"present": "pass"}.get(status, status)}
    return DecidedRequirement({**record, "attestations": [word] if word else []}, requirement, fact)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, WORD, "A-1 counts now"),  # it would have counted that day, had it been there
        (WORD, {**WORD, "standing": "expired"}, "A-1 ended on 2026-03-20"),
        (WORD, {**WORD, "standing": "revoked", "revoked": "2026-03-05T10:00:00Z"},
         "A-1 was revoked on 2026-03-05"),
        (WORD, {**WORD, "standing": "evidence_changed", "reason": "minutes.pdf is another file"},
         "A-1: minutes.pdf is another file"),
        (WORD, None, "A-1 is no longer there"),
        ({**WORD, "standing": "evidence_changed"}, None, "A-1 is no longer there"),
    ],
)  # fmt: skip
def test_a_word_that_begins_or_ends(
    before: dict[str, Any] | None, after: dict[str, Any] | None, said: str, folder: Path
) -> None:
    record, _ = keep(folder, DAYS[0])

    def side(word: dict[str, Any] | None) -> DecidedRequirement:
        standing = word["standing"] if word is not None else None
        status = {"used": "present", "expired": "stale", "evidence_changed": "error"}.get(
            standing or "", "unknown"
        )
        day = "2026-03-25" if standing == "expired" else record["as_of"]
        truth = True if status in ("present", "stale") else None
        return asked({**record, "as_of": day}, word, status, truth)

    assert [(each.kind, each.said) for each in causes(side(before), side(after))] == [("attestation", said)]


AUCKLAND = {"name": "Pacific/Auckland", "data": "2025b"}  # thirteen hours ahead in February


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("signed", "start", "decided", "day"),
    [
        pytest.param("2026-02-10T09:00:00Z", "2026-02-10T09:00:00Z", {}, "2026-02-11", id="in a day"),
        pytest.param(
            "2026-02-10T09:00:00Z", "2026-02-10T09:00:00Z", {"statements": 9}, "2026-02-10",
            id="in the day that was decided",
        ),
        pytest.param("2026-02-10T09:00:00Z", "2026-02-20T00:00:00Z", {}, "2026-02-20", id="later"),
        pytest.param(
            "2026-02-10T09:00:00Z", "2026-02-01T00:00:00Z", {"statements": 9}, "2026-02-10",
            id="never before it was signed",
        ),
        pytest.param(
            "2026-02-10T12:00:00Z", "2026-02-10T12:00:00Z", {"statements": 9, "time_zone": AUCKLAND},
            "2026-02-11", id="by the project's time zone",
        ),
        pytest.param("2026-02-10T09:00:00Z", "2026-02-30", {}, "2026-02-30", id="no day at all"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["attestation", "waiver"])
def test_the_first_day_on_which_it_counts_is_named_and_not_that_of_signing(
    kind: str, signed: str, start: str, decided: dict[str, Any], day: str, folder: Path
) -> None:
    record: Any = {**keep(folder, DAYS[0])[0], **decided}
    earlier: Any = {**record, "as_of": "2026-02-02"}
    if kind == "attestation":
        word = {**WORD, "signed": signed, "start": start}
        sides = asked(earlier, None, "unknown", None), asked(record, word, "present", True)
        said = f"A-1 counts since {day}"
    else:
        before = asked(earlier, None, "unknown", None)
        requirement: Any = {**before.requirement, "verdict": "waived", "waiver": "W-1"}
        end = "2026-04-01T00:00:00Z"
        waiver = {
            "id": "W-1", "standing": "used", "granted": signed, "start": start, "end": end, "revoked": None,
            "requirement": requirement["id"], "pack_digest": record["pack"]["digest"], "covers": ["unknown"],
            "floor": None,
        }  # fmt: skip
        sides = before, replace(before, record={**record, "waivers": [waiver]}, requirement=requirement)
        said = f"W-1 excuses it since {day}, and ends on 2026-04-01"
    assert [each.said for each in causes(*sides)] == [said]


OTHER = {**WORD, "id": "A-2", "value": "false", "signed": "2026-02-20T09:00:00Z"}
ASIDE = {**WORD, "standing": "unused", "reason": "attestation A-2 is newer"}
REVOKED = {**OTHER, "standing": "revoked", "revoked": "2026-02-25T10:00:00Z"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([WORD], [ASIDE, OTHER], "A-2 counts now"),
        ([ASIDE, OTHER], [WORD, REVOKED], "A-2 was revoked on 2026-02-25"),
        ([ASIDE, OTHER], [WORD], "A-2 is no longer there"),
    ],
)
def test_what_another_statement_put_aside_is_no_cause(
    before: list[dict[str, Any]], after: list[dict[str, Any]], said: str, folder: Path
) -> None:
    record, _ = keep(folder, DAYS[0])

    def side(words: list[dict[str, Any]]) -> DecidedRequirement:
        used = next(each for each in words if each["standing"] == "used")
        found = asked(record, used, "present", used["value"] == "true")
        verdict = "pass" if used["value"] == "true" else "fail"
        requirement: Any = {**found.requirement, "verdict": verdict}
        return replace(found, record={**record, "attestations": words}, requirement=requirement)

    assert [each.said for each in causes(side(before), side(after))] == [said]


def test_a_word_that_is_another_one_under_its_id(folder: Path) -> None:
    """In another ledger, or behind one that counted for nothing."""
    record, _ = keep(folder, DAYS[0])
    before = asked(record, WORD, "present", truth=True)
    after = asked(record, {**WORD, "value": "false"}, "present", truth=False)
    after = replace(after, requirement={**after.requirement, "verdict": "fail"})
    found = [(each.kind, each.said) for each in causes(before, after)]
    assert found == [("attestation", "A-1 said true, and says false now")]
