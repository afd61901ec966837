"""Signed waivers as a run finds them: those that count, and those that were made to look like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.signed.statement import Statement, Subject
from phasegate.audit.statements.approving import approval
from phasegate.audit.statements.log import Said
from phasegate.audit.statements.revoking import revocation_statement
from phasegate.audit.statements.waiving import presented_waivers, waiver_statement
from phasegate.rules.load import LoadedPack, load_pack
from phasegate.rules.waiver import Waiver

Book = Any
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
REQUIREMENT = "1.1/systems/invoices.reconciled"
OTHER = "sha256:" + "0" * 64
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berths
    criteria:
      - id: systems
        text: Systems
        enforcement: soft
        function: finance
        require: {invoices.reconciled: ">= 95 %"}
      - {id: others, text: Others, enforcement: soft, require: {invoices.reconciled: ">= 90 %"}}
phases:
  "1": {title: Berths, points: ["1.1"]}
sources:
  invoices: {title: one invoice, columns: {status: {type: string}}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> LoadedPack:
    folder: Path = tmp_path_factory.mktemp("pack")
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    return load_pack(folder)


def waiver(pack: LoadedPack, **changes: object) -> Waiver:
    given = {
        "id": "W-1",
        "requirement": REQUIREMENT,
        "pack_digest": pack.digest,
        "covers": ("fail",),
        "floor": "85 %",
        "reason": "late",
        "risk_owner": "r-1",
        "requester": "d-7",
        "approver": "fin",
        "granted": NOON,
        "start": NOON,
        "end": NOON + dt.timedelta(days=90),
        **changes,
    }
    return Waiver.model_validate(given)


def presented(book: Book, pack: LoadedPack, filed: tuple[Waiver, ...] = ()) -> dict[str, Any]:
    found = presented_waivers(book.said("waiver", "revocation"), filed, pack.pack)
    return {each.waiver.id: each for each in found}


Change = Callable[[Statement], Statement]


def saying(**changes: object) -> Change:
    return lambda made: replace(made, predicate={**made.predicate, **changes})


def about(*subjects: tuple[str, str]) -> Change:
    return lambda made: replace(made, subjects=[Subject(name, digest) for name, digest in subjects])


@pytest.mark.parametrize(
    ("by", "change", "said"),
    [
        ("fin", saying(), None),
        ("fin", saying(requirement="1.1/others/invoices.reconciled"), "about something else"),
        ("fin", saying(pack_digest=OTHER), "about something else"),
        ("fin", about((REQUIREMENT, OTHER)), "about something else"),
        ("fin", saying(granted="2026-02-01T00:00:00Z"), "reaches back"),
        ("fin", saying(start="2026-02-28T00:00:00Z"), "reaches back"),
        ("fin", saying(approver="dev"), "it names 'dev' as approver and is signed by 'fin'"),
        ("fin", saying(requester=" Fin "), "both asks for the waiver and grants it"),
        ("fin", saying(requester="f\u0456n"), "is no opaque id"),
        ("fin", saying(requester="fin\u200b"), "is no opaque id"),
        ("fin", saying(function="developer"), "'fin' does not approve for developer"),
        (
            "dev",
            saying(function="developer", approver="dev"),
            "the criterion concerns finance, not developer",
        ),
        ("dev", saying(approver="dev"), "'dev' does not approve for finance"),
        ("ci", saying(approver="ci"), "'ci' does not approve for finance"),
        ("eyes", saying(approver="eyes"), "'eyes' does not approve for finance"),
        ("stranger", saying(approver="stranger"), None),  # nobody knows what it says: it is not even shown
    ],
)
def test_a_signed_waiver_that_was_made_by_hand(
    by: str, change: Change, said: str | None, book: Book, pack: LoadedPack
) -> None:
    book.sign(by, "waiver", "W-1", change(waiver_statement(waiver(pack), "finance")))
    found = presented(book, pack)
    if by == "stranger":
        assert found == {}
    elif said is None:
        assert (found["W-1"].refused, found["W-1"].signer) == (None, by)
    else:
        assert said in found["W-1"].refused


def test_any_function_excuses_what_concerns_none(book: Book, pack: LoadedPack) -> None:
    free = waiver(pack, requirement="1.1/others/invoices.reconciled", approver="dev")
    book.sign("dev", "waiver", "W-1", waiver_statement(free, "developer"))
    assert presented(book, pack)["W-1"].refused is None


def test_of_two_waivers_of_one_id_the_first_that_counts_is_taken(book: Book, pack: LoadedPack) -> None:
    for by, reason in (("dev", "forged"), ("fin", "first"), ("both", "second")):
        made = waiver(pack, reason=reason, approver=by)
        book.sign(by, "waiver", "W-1", waiver_statement(made, "finance"))
    assert presented(book, pack)["W-1"].waiver.reason == "first"


def test_a_waiver_of_the_file_does_not_take_the_place_of_a_signed_one(book: Book, pack: LoadedPack) -> None:
    book.sign("fin", "waiver", "W-1", waiver_statement(waiver(pack), "finance"))
    found = presented(book, pack, (waiver(pack, reason="filed"), waiver(pack, id="W-2")))
    assert (found["W-1"].waiver.reason, found["W-1"].refused) == ("late", None)
    assert found["W-2"].refused == "nobody signed it, and this project lists signers"


@pytest.mark.parametrize(("by", "ended"), [("fin", True), ("dev", True), ("eyes", False), ("ci", False)])
def test_whoever_approves_nothing_ends_nothing_and_leaves_a_doubt(
    by: str, ended: bool, book: Book, pack: LoadedPack
) -> None:
    granted = waiver(pack)
    book.sign("fin", "waiver", "W-1", waiver_statement(granted, "finance"))
    signer = next(each for each in book.signers if each.name == by)
    over = revocation_statement("waiver", "W-1", [Subject(REQUIREMENT, pack.digest)], signer, NOON, "over")
    book.sign(by, "revocation", "W-1", over)
    book.sign("fin", "waiver", "W-1", waiver_statement(granted, "finance"))  # a copy brings nothing back
    found = presented(book, pack)["W-1"]
    assert (found.waiver.revoked == NOON) is ended
    assert (found.refused is None) is ended
    assert ended or found.refused.endswith("does not count itself: whoever signed it approves nothing")


def test_the_revocation_of_an_attestation_ends_no_waiver(book: Book, pack: LoadedPack) -> None:
    book.sign("fin", "waiver", "W-1", waiver_statement(waiver(pack), "finance"))
    signer = next(each for each in book.signers if each.name == "eyes")
    over = revocation_statement("attestation", "W-1", [Subject("x", OTHER)], signer, NOON, "over")
    book.sign("eyes", "revocation", "W-1", over)
    found = presented(book, pack)["W-1"]
    assert (found.waiver.revoked, found.refused) == (None, None)


# Approvals that no command would make


def said_by(signer: Any, function: str, *digests: str) -> Said:
    named = {f"pack {number}": digest for number, digest in enumerate(digests)}
    return Said(1, "approval", {"function": function}, named, signer, NOON, None, signer)


@pytest.mark.parametrize(
    ("roles", "digests", "counts"),
    [
        (("approver:finance",), ("sha256:" + "a" * 64,), True),
        (("approver:finance", "evaluator"), ("sha256:" + "a" * 64,), False),
        (("approver:finance",), (OTHER,), False),
        (("approver:finance",), ("sha256:" + "a" * 64, OTHER), False),
        (("approver:developer",), ("sha256:" + "a" * 64,), False),
    ],
)
def test_an_approval_is_of_one_pack_by_one_who_does_not_evaluate(
    roles: tuple[str, ...], digests: tuple[str, ...], counts: bool, book: Book, pack: LoadedPack
) -> None:
    from phasegate.audit.signed.signers import Signers

    signer = replace(next(each for each in book.signers if each.name == "fin"), roles=roles)
    others = [each for each in book.signers if each.name != "fin"]
    rules = replace(pack, digest="sha256:" + "a" * 64)
    found = approval([said_by(signer, "finance", *digests)], Signers([signer, *others]), rules, ())
    assert [each["function"] for each in found["given"]] == (["finance"] if counts else [])
    assert ("finance" in found["missing"]) is not counts
