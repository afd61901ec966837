"""Signed waivers as a run finds them: those that count, and those that were made to look like it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.signing.in_toto import Statement, Subject
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.approvals import approval
from phasegate.audit.statements.reader import Said
from phasegate.audit.statements.revocations import revocation_statement
from phasegate.audit.statements.waivers import (
    WaiverRefusedError,
    presented_waivers,
    refuse_unfit,
    waiver_statement,
)
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.model.waiver import Waiver

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
      - {id: band, text: Band, enforcement: soft, require: {invoices.open: ["between 2 and 5", "!= 4"]}}
      - {id: none, text: None, enforcement: soft, require: {invoices.any: false, invoices.open: "<= :most"}}
phases:
  "1": {title: Berths, points: ["1.1"]}
sources:
  invoices: {title: one invoice, columns: {status: {type: string}}}
parameters:
  most: {text: Most, value: 9}
measures:
  invoices.open: {title: Open, from: invoices, count: status = 'open'}
  invoices.any: {title: Any, from: invoices, exists: status = 'open'}
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


@pytest.mark.parametrize("hours", [(1, 2), (2, 1)])
def test_what_is_revoked_twice_ends_at_the_earlier_moment(
    hours: tuple[int, int], book: Book, pack: LoadedPack
) -> None:
    book.sign("fin", "waiver", "W-1", waiver_statement(waiver(pack), "finance"))
    for name, hour in zip(("fin", "dev"), hours, strict=True):
        signer = next(each for each in book.signers if each.name == name)
        at = NOON + dt.timedelta(minutes=20 * hour)
        over = revocation_statement("waiver", "W-1", [Subject(REQUIREMENT, pack.digest)], signer, at, "over")
        book.sign(name, "revocation", "W-1", over)
    assert presented(book, pack)["W-1"].waiver.revoked == NOON + dt.timedelta(minutes=20)


@pytest.mark.parametrize(("floor", "granted"), [("0 %", True), ("-0.1 %", False)])
def test_a_floor_lies_among_the_values_that_there_are(
    floor: str, granted: bool, book: Book, pack: LoadedPack
) -> None:
    signer = next(each for each in book.signers if each.name == "fin")
    asked = waiver(pack, floor=floor)
    if granted:
        refuse_unfit(asked, pack.pack, "finance", signer)
        return
    with pytest.raises(WaiverRefusedError, match="below anything that can be measured"):
        refuse_unfit(asked, pack.pack, "finance", signer)


@pytest.mark.parametrize(
    ("asked", "floor", "said"),
    [
        ("band/invoices.open", "1", None),
        ("band/invoices.open", "6", None),
        (
            "band/invoices.open",
            "3",
            "a floor below 2 is taken, and covers what lies from it to 2, or one above 5",
        ),
        ("band/invoices.open", None, "a number that fails is covered down to a floor only"),
        ("band/invoices.open#2", "4", None),
        ("band/invoices.open#2", "3", "a floor of 4 is taken, the one number that fails"),
        ("none/invoices.any", None, None),
        ("none/invoices.any", "1", "leave the floor out"),
        ("none/invoices.open", "12", None),
        ("none/invoices.open", None, "a floor above 9 is taken, the worst value that is covered"),
    ],
)
def test_a_floor_says_which_values_are_excused(
    asked: str, floor: str | None, said: str | None, book: Book, pack: LoadedPack
) -> None:
    signer = next(each for each in book.signers if each.name == "fin")
    given = waiver(pack, requirement=f"1.1/{asked}", floor=floor)
    if said is None:
        refuse_unfit(given, pack.pack, "finance", signer)
        return
    with pytest.raises(WaiverRefusedError, match=re.escape(said)):
        refuse_unfit(given, pack.pack, "finance", signer)


def test_the_revocation_of_an_attestation_ends_no_waiver(book: Book, pack: LoadedPack) -> None:
    book.sign("fin", "waiver", "W-1", waiver_statement(waiver(pack), "finance"))
    signer = next(each for each in book.signers if each.name == "eyes")
    over = revocation_statement("attestation", "W-1", [Subject("x", OTHER)], signer, NOON, "over")
    book.sign("eyes", "revocation", "W-1", over)
    found = presented(book, pack)["W-1"]
    assert (found.waiver.revoked, found.refused) == (None, None)


# Approvals that no command would make


def said_by(signer: Any, function: str, *digests: str, then: Any = None) -> Said:
    named = {f"pack {number}": digest for number, digest in enumerate(digests)}
    return Said(1, "approval", {"function": function}, named, signer, NOON, None, then or signer)


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
    signer = replace(next(each for each in book.signers if each.name == "fin"), roles=roles)
    others = [each for each in book.signers if each.name != "fin"]
    rules = replace(pack, files_digest="sha256:" + "a" * 64, by_files=True)
    found = approval([said_by(signer, "finance", *digests)], Signers([signer, *others]), rules, ())
    assert [each["function"] for each in found["given"]] == (["finance"] if counts else [])
    assert ("finance" in found["missing"]) is not counts


def test_who_signed_before_the_list_gave_the_role_has_approved_nothing(book: Book, pack: LoadedPack) -> None:
    signer = next(each for each in book.signers if each.name == "fin")
    before = replace(signer, roles=("auditor",))
    given = [
        approval([said_by(signer, "finance", pack.digest, then=then)], book.signers, pack, ())["given"]
        for then in (signer, before)
    ]
    assert [len(each) for each in given] == [1, 0]
    early = replace(said_by(signer, "finance", pack.digest), then=None)  # the ledger listed nobody then
    assert approval([early], book.signers, pack, ())["given"] == []


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        # Who signed for which function, in the order of the ledger; nobody is asked for two.
        (["both finance", "both developer"], 1),
        (["both finance", "fin finance", "both developer"], 0),
        (["both developer", "both finance", "dev developer"], 0),
        (["both developer", "dev developer", "both finance"], 0),
        (["both developer", "all developer", "both finance", "both operations", "all operations"], 1),
        (["all developer", "both developer", "all finance", "fin finance", "all operations"], 0),
        (["all developer", "all finance", "both finance", "all operations", "both developer"], 1),
        (["all developer", "both developer", "both finance", "fin finance", "all operations"], 0),
    ],
)
def test_as_many_functions_have_an_approver_of_their_own_as_can(
    signed: list[str], missing: int, book: Book, pack: LoadedPack
) -> None:
    roles = tuple(f"approver:{name}" for name in ("developer", "finance", "operations"))
    people = {each.name: each for each in book.signers if each.name in ("both", "fin", "dev")}
    people = {"all": replace(people["both"], name="all"), **people}
    people = {name: replace(one, roles=roles) for name, one in people.items()}
    functions = {each.partition(" ")[2] for each in signed}
    said = [said_by(people[who], name, pack.digest) for who, name in (each.split() for each in signed)]
    found = approval(
        said,
        Signers([replace(people["fin"], roles=tuple(f"approver:{each}" for each in functions))]),
        pack,
        (),
    )
    assert len(found["missing"]) == missing
    assert len({each["signer"] for each in found["given"]}) == len(functions) - missing
