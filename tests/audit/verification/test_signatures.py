"""Ledgers in which an evaluator, or somebody who can write the file, goes round the commands.

Every signature is right, each by a key that some list has; what is wrong is whose it is, when, and for what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tampering import faults, verified

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.in_toto import (
    APPROVAL,
    ATTESTATION,
    WAIVER,
    Statement,
    Subject,
    sign_statement,
)
from phasegate.audit.signing.keys import new_key
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.advances import OpenGate, advance_statement
from phasegate.audit.statements.approvals import approval_statement
from phasegate.audit.statements.revocations import revocation_statement
from phasegate.audit.statements.types import TYPES
from phasegate.audit.statements.waivers import waiver_statement
from phasegate.audit.trail.pack_snapshot import rules_document
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.verification.make_proof import make_proof
from phasegate.audit.verification.proof import ProofError, read_proof
from phasegate.rules.loading.project import LoadedProject, load_project
from phasegate.rules.model.waiver import Waiver
from phasegate.runs.collect_statements import Presented, presented_to
from phasegate.runs.evaluate import evaluate

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
ROLES = {
    "ci": ["evaluator"],
    "fin": ["approver:finance"],
    "dev": ["approver:developer"],
    "aud": ["auditor"],
}
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berths
    criteria:
      - {{id: systems, text: Active, enforcement: soft, function: finance, require: {{done: ">= {bound} %"}}}}
      - {{id: minutes, text: Decided, enforcement: advisory, require: {{minuted: true}}}}
phases:
  "1": {{title: Berths, points: ["1.1"]}}
sources:
  invoices: {{title: one invoice, columns: {{invoice: {{type: string}}, status: {{type: string}}}}}}
measures:
  done: {{title: Done, from: invoices, ratio: {{of: status = 'reconciled'}}}}
  minuted: {{title: The board has minuted it, attested: {{by: auditor}}}}
"""


class Without:
    """A ledger in which somebody does not see some entries."""

    def __init__(self, ledger: Ledger, kind: str) -> None:
        self._ledger, self._kind = ledger, kind

    def find(self, kinds: Sequence[str], **which: Any) -> Any:
        return self._ledger.find([kind for kind in kinds if kind != self._kind], **which)


class Harbour:
    """A project whose ledger takes whatever somebody writes there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, folder / "phasegate.db"
        self.keys = {name: new_key(folder / f"{name}.key", name) for name in (*ROLES, "m", "x")}
        self.roles, self.limits = dict(ROLES), dict[str, str]()
        (folder / "pack").mkdir()
        (folder / "invoices.csv").write_text("invoice,status\n" + "1,reconciled\n" * 9 + "2,open\n")
        self.bound(80)

    def bound(self, percent: int) -> None:
        (self.folder / "pack" / "pack.yaml").write_text(PACK.format(bound=percent))

    def loaded(self) -> LoadedProject:
        lines = [
            f"  - {{name: {name}, roles: {roles}, key: {self.keys[name].public.openssh}"
            f"{self.limits.get(name, '')}}}\n"
            for name, roles in self.roles.items()
        ]
        file = self.folder / "phasegate.yaml"
        file.write_text(
            "phasegate: 1\npack: pack\nsources: {invoices: {path: invoices.csv}}\n"
            f"signers:\n{''.join(lines)}"
        )
        return load_project(file)

    @property
    def signers(self) -> Signers:
        return Signers.of(self.loaded().project)

    def append(self, *drafts: Draft, by: str = "ci", contents: Mapping[str, bytes] | None = None) -> int:
        """Appends entries under a checkpoint that somebody signs; gives the number of the last one."""
        key = self.keys[by]
        signer = CheckpointSigner(by, key.public.raw, key.sign)
        with Ledger.open(self.address, create=True, read_only=False) as ledger:
            return ledger.append(lambda _: drafts, signer, contents or {}).end - 1

    def lists(self, at: dt.datetime = NOON, by: str = "ci") -> None:
        """The list of the day becomes that of the ledger."""
        envelope = Envelope(at, by, self.keys[by].public.fingerprint).document()
        self.append(
            Draft("key", None, "", {"signers": self.signers.as_document(), "envelope": envelope}), by=by
        )

    def says(self, said: Statement, by: str, origin: str | None = None, under: str = "") -> int:
        """Somebody signs a statement, and it comes into the ledger."""
        kind = next(name for name, each in TYPES.items() if each == said.predicate_type)
        with Ledger.open(self.address) as ledger:
            log = origin or ledger.origin
        bound = replace(said, predicate={**said.predicate, "ledger": log})
        envelope = {"envelope": sign_statement(bound, self.keys[by])}
        return self.append(Draft(kind, None, "x", envelope), by=under or by)

    def approves(self, *names: str, at: dt.datetime = NOON, origin: str | None = None) -> None:
        for name in names:
            function = {"fin": "finance", "dev": "developer"}[name]
            signer = next(each for each in self.signers if each.name == name)
            self.says(approval_statement(self.loaded().pack, function, signer, at), name, origin)

    def waives(
        self, by: str = "fin", function: str = "finance", at: dt.datetime = NOON, **changes: str
    ) -> int:
        granted = Waiver.model_validate(
            {
                "id": "W-1",
                "requirement": "1.1/systems/done",
                "pack_digest": self.loaded().pack.digest,
                "covers": ["fail"],
                "floor": "85 %",
                "reason": "late",
                "risk_owner": "r-1",
                "requester": "d-9",
                "approver": by,
                "granted": at,
                "start": at,
                "end": at + 30 * DAY,
                **changes,
            }
        )
        return self.says(waiver_statement(granted, function), by)

    def revokes(self, id_: str, what: Any, by: str, at: dt.datetime) -> int:
        signer = next(each for each in self.signers if each.name == by)
        about = [Subject("x", self.loaded().pack.digest)]
        return self.says(revocation_statement(what, id_, about, signer, at, "no"), by)

    def attests(self, by: str = "aud", at: dt.datetime = NOON, **changes: Any) -> int:
        written = at.isoformat().replace("+00:00", "Z")
        predicate = {
            "id": "A-1",
            "fact": "minuted",
            "slice": "",
            "statement": "The board has minuted it",
            "value": True,
            "role": "auditor",
            "signed": written,
            "start": written,
            "end": "2026-06-01T00:00:00Z",
            "comment": None,
            "by": by,
            **changes,
        }
        return self.says(Statement(ATTESTATION, [Subject("m.txt", "sha256:" + "0" * 64)], predicate), by)

    def presented(self, at: dt.datetime, blind: str = "") -> Presented:
        with Ledger.open(self.address) as ledger:
            seen: Any = Without(ledger, blind) if blind else ledger
            return presented_to(self.loaded(), (), seen, at, today=True)

    def gate(
        self,
        at: dt.datetime = NOON,
        by: str = "ci",
        lie: Callable[[Presented], Presented] = lambda presented: presented,
        blind: str = "",
        day: dt.date | None = None,
    ) -> Any:
        """Somebody decides gate 1, by what they say people presented, and keeps it."""
        loaded, presented = self.loaded(), lie(self.presented(at, blind))
        (self.folder / "m.txt").write_text("x")
        files: dict[str, bytes] = {}
        record = evaluate(loaded, day or at.date(), gate="1", presented=presented, files=files)
        return self.keeps(record, at, by, files)

    def keeps(self, record: Any, at: dt.datetime, by: str = "ci", files: Any = None) -> Any:
        loaded = self.loaded()
        envelope = Envelope(at, by, self.keys[by].public.fingerprint)
        kept = RunDrafts(record, loaded.pack.pack, rules_document(loaded), envelope, files or {})
        with Ledger.open(self.address) as ledger:
            number = len(ledger.find(("run",))) + 1
        self.append(*kept.drafts(number), by=by, contents=kept.contents)
        return record

    def advances(self, signed: dt.datetime, by: str = "dev", name: str = "dev", run: int = 1) -> int:
        with Ledger.open(self.address) as ledger:
            (row,) = ledger.find(("gate",), run=run, subject="1")
        signer = next(each for each in self.signers if each.name == name)
        said = advance_statement(OpenGate(row, read_canonical(row.body)), signer, signed, None)
        return self.says(said, by)

    def texts(self, **asked: Any) -> str:
        return "\n".join(f"{place}: {text}" for place, text in faults(self.address, **asked))


@pytest.fixture
def harbour(tmp_path: Path) -> Harbour:
    found = Harbour(tmp_path)
    found.lists()
    return found


@pytest.fixture
def open_(harbour: Harbour) -> Harbour:
    """Two approved, and the gate is open."""
    harbour.approves("fin", "dev")
    assert harbour.gate()["outcome"] == "open"
    return harbour


def test_what_everybody_does_by_the_commands_is_right(harbour: Harbour) -> None:
    harbour.bound(95)
    harbour.approves("fin", "dev")
    harbour.waives()
    harbour.attests()
    record = harbour.gate(NOON + DAY)
    assert record["outcome"] == "open_with_waivers"
    harbour.advances(NOON + DAY + HOUR)
    harbour.revokes("W-1", "waiver", "dev", NOON + DAY + 2 * HOUR)
    harbour.revokes("A-1", "attestation", "aud", NOON + DAY + 2 * HOUR)
    assert harbour.gate(NOON + 2 * DAY)["outcome"] == "closed"
    found = verified(harbour.address, trusted=harbour.signers)
    assert (found.faults, found.notes) == ((), ())


def strange(harbour: Harbour, name: str = "m", key: str = "m") -> None:
    """Somebody with write access lists a key of their own, opens the gate, and puts the list back."""
    own = harbour.keys["ci"], dict(harbour.roles)
    harbour.keys[name] = harbour.keys[key]
    harbour.roles = {name: ["evaluator"], **{other: ROLES[other] for other in ("fin", "dev", "aud")}}
    harbour.lists(by=name)
    harbour.gate(by=name)
    harbour.keys["ci"], harbour.roles = own
    harbour.lists()
    harbour.gate(NOON + HOUR)


def test_a_run_that_a_stranger_recorded_stays_one_when_honest_entries_follow(open_: Harbour) -> None:
    strange(open_)
    assert open_.texts() == ""  # the ledger itself lists everybody
    m = open_.keys["m"].public
    found = open_.texts(trusted=open_.signers)
    assert f"it lists m as evaluator ({m.fingerprint}), and the project does not" in found
    assert f"only the ledger itself says who m is, who signed it ({m.fingerprint}), and it covers" in found
    own = open_.keys["ci"].public
    assert f"who m is, who signed it ({m.fingerprint}), and it covers a run" in open_.texts(keys=[own])
    assert open_.texts(keys=[own, m]) == ""


def test_a_list_with_another_key_under_a_name_of_the_project(open_: Harbour) -> None:
    strange(open_, "ci", "m")
    found = open_.texts(trusted=open_.signers)
    assert f"it lists ci with another key than the project, {open_.keys['m'].public.fingerprint}" in found
    assert (
        f"it lists ci with another key than the project, {open_.keys['m'].public.fingerprint}"
        in open_.texts(trusted=open_.signers, quick=True)
    )


def test_an_approver_whose_line_is_gone_is_told_of_and_what_rests_on_them_is_wrong(open_: Harbour) -> None:
    told = open_.signers
    assert verified(open_.address, trusted=told).notes == ()
    left = Signers(each for each in told if each.name != "aud")
    assert verified(open_.address, trusted=left).good  # an auditor whose line was taken out signed nothing
    left = Signers(each for each in told if each.name != "dev")
    dev = open_.keys["dev"].public.fingerprint
    assert f"it rests on what dev signed ({dev}), and the project lists no such key" in open_.texts(
        trusted=left
    )
    (note,) = verified(open_.address, trusted=left).notes
    assert note.text == f"it once listed dev as approver:developer ({dev}); the project does not"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("revoked: 2026-03-01T00:00:00Z", "it was revoked from 2026-03-01T00:00:00Z on"),
        ("end: 2026-03-02T12:00:00Z", "it counted until 2026-03-02T12:00:00Z"),
        ("start: 2026-03-02T13:00:00Z", "it counts from 2026-03-02T13:00:00Z on only"),
        ("end: 2026-03-02T13:00:00Z", ""),
    ],
)
def test_a_run_by_an_evaluator_who_does_not_count_for_the_project(
    limit: str, said: str, open_: Harbour
) -> None:
    open_.limits["ci"] = f", {limit}"
    for asked in ({}, {"quick": True}, {"keys": [open_.keys["ci"].public]}):
        found = open_.texts(trusted=open_.signers, **asked)
        assert (said in found) if said else found == ""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("subject", ["run", "point", "gate"])
@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("revoked: 2026-03-02T09:00:00Z", "the key was revoked from 2026-03-02T09:00:00Z on"),
        ("end: 2026-03-02T00:00:00Z", "the key counted until 2026-03-02T00:00:00Z"),
        ("end: 2026-03-03T00:00:00Z", ""),
        ("start: 2026-03-05T00:00:00Z", ""),  # of a later key: what was there already it may vouch for
    ],
)
def test_a_proof_by_an_evaluator_who_does_not_count(
    limit: str, said: str, subject: str, open_: Harbour
) -> None:
    with Ledger.open(open_.address) as ledger:
        proof = make_proof(ledger, ledger.find((subject,), run=1)[0]).encode()
    read_proof(proof, open_.signers)
    open_.limits["ci"] = f", {limit}"
    if not said:
        read_proof(proof, open_.signers)
        return
    with pytest.raises(
        ProofError, match="ci could not sign what was decided on 2026-03-02 any more"
    ) as error:
        read_proof(proof, open_.signers)
    assert said in error.value.why


def test_a_revocation_of_a_waiver_that_the_evaluator_did_not_see(harbour: Harbour) -> None:
    harbour.bound(95)
    harbour.approves("fin", "dev")
    harbour.waives()
    ended = harbour.revokes("W-1", "waiver", "dev", NOON + HOUR)
    assert harbour.gate(NOON + DAY, blind="revocation")["outcome"] == "open_with_waivers"
    assert f"it leaves out the revocation of entry {ended}, which stands before it" in harbour.texts()

    def seen(presented: Presented) -> Presented:
        return replace(presented, statements=ended + 1)

    harbour.gate(NOON + DAY, blind="revocation", lie=seen)
    assert "it does not say that the waiver W-1 was revoked from 2026-03-02T13:00:00Z on" in harbour.texts()


def test_a_revocation_of_an_attestation_that_the_evaluator_did_not_see(harbour: Harbour) -> None:
    harbour.attests()
    harbour.revokes("A-1", "attestation", "aud", NOON + HOUR)
    harbour.keeps(_attested(harbour, "A-1", blind="revocation"), NOON + DAY)
    assert (
        "it does not say that the attestation A-1 was revoked from 2026-03-02T13:00:00Z on" in harbour.texts()
    )


def test_a_newer_word_that_the_evaluator_did_not_hear(harbour: Harbour) -> None:
    harbour.attests()
    record = _attested(harbour, "A-1")
    newer = harbour.attests(id="A-2", value=False, at=NOON + HOUR)
    harbour.keeps(record, NOON + DAY)
    assert f"it leaves out the attestation of entry {newer}, which stands before it" in harbour.texts()
    harbour.keeps({**record, "statements": newer + 1}, NOON + DAY)
    assert "it counts minuted by attestation A-1, which does not answer it: attestation A-2 is newer" in (
        harbour.texts()
    )


def test_an_attestation_that_was_over(harbour: Harbour) -> None:
    harbour.attests(end="2026-03-04T00:00:00Z")
    record = _attested(harbour, "A-1")
    record["as_of"] = "2026-03-05"
    harbour.keeps(record, NOON + 3 * DAY)
    assert "it counts minuted by attestation A-1, which does not answer it" in harbour.texts()


def _attested(harbour: Harbour, id_: str, blind: str = "") -> Any:
    """A run that counts an attestation."""
    harbour.approves("fin", "dev")
    presented = harbour.presented(NOON + DAY, blind)
    record: Any = evaluate(harbour.loaded(), (NOON + DAY).date(), gate="1", presented=presented)
    (entry,) = [each for each in record["attestations"] if each["id"] == id_]
    entry.update(standing="used", reason="")
    (fact,) = [each for each in record["facts"] if each["id"] == "minuted"]
    fact.update(status="present", truth=True, reason="")
    return record


@pytest.mark.parametrize("kind", ["approval", "waiver", "attestation"])
def test_statements_from_another_ledger(kind: str, harbour: Harbour) -> None:
    made = {
        "approval": lambda: harbour.approves("fin"),
        "waiver": harbour.waives,
        "attestation": harbour.attests,
    }[kind]
    made()
    with Ledger.open(harbour.address) as ledger:
        (envelope,) = [read_canonical(row.body)["envelope"] for row in ledger.find((kind,))]
    harbour.address = harbour.folder / "other.db"
    harbour.lists()
    at = harbour.append(Draft(kind, None, "x", {"envelope": envelope}))
    assert harbour.texts() == f"entry {at}: {kind}: it was signed for another ledger"


def test_a_gate_that_opened_by_approvals_from_another_ledger(harbour: Harbour) -> None:
    harbour.approves("fin", "dev", origin="phasegate.local/" + "0" * 32)
    harbour.gate(lie=_approved)
    found = harbour.texts()
    for name, function in (("dev", "developer"), ("fin", "finance")):
        assert f"it says that {name} approved its rules for {function}, and no entry before it does" in found


def _approved(presented: Presented) -> Presented:
    """The evaluator says that everybody has approved."""
    approval: Any = presented.approval
    names = {"developer": "dev", "finance": "fin"}
    given = [
        {"function": function, "signer": names[function], "signed": "2026-03-02T12:00:00Z"}
        for function in approval["required"]
    ]
    lie: Any = {**approval, "given": given, "missing": []}
    lie.pop("refused", None)
    return replace(presented, approval=lie)


def test_an_approval_by_a_key_that_was_revoked_before(harbour: Harbour) -> None:
    harbour.approves("fin", "dev")
    harbour.limits["fin"] = ", revoked: 2026-03-01T00:00:00Z"
    harbour.lists(NOON + HOUR)
    assert harbour.gate(NOON + 2 * HOUR)["outcome"] == "undecided"
    assert harbour.texts() == ""
    assert harbour.gate(NOON + 2 * HOUR, lie=_approved)["outcome"] == "open"
    assert "it says that fin approved its rules for finance, and no entry before it does" in harbour.texts()


@pytest.mark.parametrize(
    ("by", "function", "changes", "said"),
    [
        ("dev", "developer", {}, "the criterion concerns finance, not developer"),
        ("fin", "finance", {"requester": "fin"}, "'fin' both asks for the waiver and grants it"),
        ("aud", "finance", {}, "'aud' does not approve for finance"),
        ("fin", "finance", {"start": "2026-03-01T00:00:00Z"}, "it reaches back behind the moment"),
    ],
)
def test_a_waiver_that_may_not_count(
    by: str, function: str, changes: dict[str, str], said: str, harbour: Harbour
) -> None:
    harbour.bound(95)
    harbour.approves("fin", "dev")
    harbour.waives(by, function, **changes)
    assert harbour.gate(NOON + DAY)["outcome"] == "closed"

    def lie(presented: Presented) -> Presented:
        waivers = [replace(each, refused=None, signer=by) for each in presented.waivers]
        return replace(presented, waivers=tuple(waivers))

    assert harbour.gate(NOON + DAY, lie=lie)["outcome"] == "open_with_waivers"
    assert f"it counts the waiver W-1 as signed by {by}, and no entry before it is ({said}" in harbour.texts()


STATEMENTS: Mapping[str, tuple[Callable[[Harbour], int], str]] = {
    "in the name of somebody else": (
        lambda harbour: harbour.says(
            Statement(
                APPROVAL,
                [Subject("harbour", "sha256:" + "0" * 64)],
                {"function": "finance", "by": "fin", "signed": "2026-03-02T12:00:00Z"},
            ),
            "aud",
        ),
        "approval: it is in the name of 'fin', and 'aud' signed it",
    ),
    "of nonsense": (
        lambda harbour: harbour.says(
            Statement(WAIVER, [Subject("x", "sha256:" + "0" * 64)], {"nonsense": 1}), "ci"
        ),
        "waiver: the statement does not say when it was signed",
    ),
    "of nonsense on a day": (
        lambda harbour: harbour.says(
            Statement(
                WAIVER,
                [Subject("x", "sha256:" + "0" * 64)],
                {"signed": "2026-03-02T12:00:00Z", "nonsense": 1},
            ),
            "fin",
        ),
        "waiver: it says nothing that could be taken into account",
    ),
    "by the evaluator": (
        lambda harbour: harbour.attests("ci"),
        "attestation: 'ci' signs runs, and so says nothing that they rest on",
    ),
    "without the role": (
        lambda harbour: harbour.attests("fin"),
        "attestation: 'fin' is no auditor: only approver:finance",
    ),
    "for another function": (
        lambda harbour: harbour.waives("dev", "finance"),
        "waiver: 'dev' is no approver:finance: only approver:developer",
    ),
    "by who asks for it": (
        lambda harbour: harbour.waives(requester=" FIN"),
        "waiver: 'fin' both asks for the waiver and grants it",
    ),
    "by nobody that any list has": (
        lambda harbour: harbour.says(
            Statement(
                APPROVAL,
                [Subject("harbour", "sha256:" + "0" * 64)],
                {"function": "finance", "by": "x", "signed": "2026-03-02T12:00:00Z"},
            ),
            "x",
            under="ci",
        ),
        "approval: the envelope is signed by an unknown key",
    ),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_that_no_command_signs(statement: str, harbour: Harbour) -> None:
    make, said = STATEMENTS[statement]
    at = make(harbour)
    assert harbour.texts().startswith(f"entry {at}: {said}")


def test_a_statement_by_a_key_that_was_over(harbour: Harbour) -> None:
    harbour.limits["fin"] = ", end: 2026-03-02T12:00:00Z"
    harbour.lists(NOON + HOUR)
    harbour.roles, before = {**harbour.roles}, harbour.limits
    harbour.limits = {}
    harbour.approves("fin", at=NOON + HOUR)
    harbour.limits = before
    assert "approval: the signature of 'fin' does not count at 2026-03-02T13:00:00Z" in harbour.texts()


def test_a_statement_that_a_clock_makes_void_is_told_and_is_no_fault(harbour: Harbour) -> None:
    harbour.gate(NOON + DAY)
    harbour.approves("fin")
    (note,) = verified(harbour.address).notes
    assert note.text.startswith("this approval counts for nothing: it is dated back")
    assert harbour.texts() == ""


def test_a_clock_that_ran_ahead_makes_nothing_void_until_its_moment(harbour: Harbour) -> None:
    harbour.gate(NOON + 4 * DAY)
    harbour.approves("fin", "dev")
    assert harbour.gate()["outcome"] == "open"
    assert verified(harbour.address).notes == ()
    assert harbour.gate(NOON + 5 * DAY)["outcome"] == "undecided"
    assert len(verified(harbour.address).notes) == 2
    assert harbour.texts() == ""


def _closed(harbour: Harbour) -> None:
    harbour.bound(95)
    harbour.gate(NOON + HOUR)


ADVANCES: Mapping[str, tuple[Callable[[Harbour], int], str]] = {
    "by the evaluator in somebody's name": (
        lambda harbour: harbour.advances(NOON + HOUR, by="ci"),
        "advance: it is in the name of 'dev', and 'ci' signed it",
    ),
    "by the evaluator": (
        lambda harbour: harbour.advances(NOON + HOUR, by="ci", name="ci"),
        "advance: 'ci' signs runs, and so says nothing",
    ),
    "by an auditor": (
        lambda harbour: harbour.advances(NOON + HOUR, by="aud", name="aud"),
        "advance: 'aud' is no approver: only auditor",
    ),
    "on another day": (
        lambda harbour: harbour.advances(NOON + DAY),
        "it goes through no gate that the ledger has as open: gate 1 was open on 2026-03-02",
    ),
    "over an older decision, a newer one being closed": (
        lambda harbour: (_closed(harbour), harbour.advances(NOON + 2 * HOUR))[1],
        "it goes through no gate that the ledger has as open: gate 1 is closed, as run 2 decided",
    ),
    "over an older decision, a newer one being open": (
        lambda harbour: (harbour.gate(NOON + HOUR), harbour.advances(NOON + 2 * HOUR))[1],
        "it goes through no gate that is open: the newest decision about it is entry",
    ),
    "after a revocation": (
        lambda harbour: (
            harbour.waives(),
            harbour.revokes("W-1", "waiver", "dev", NOON + HOUR),
            harbour.advances(NOON + 2 * HOUR),
        )[-1],
        "it goes through no gate that the ledger has as open: something was revoked since run 1",
    ),
    "by a key that was revoked since": (
        lambda harbour: (
            harbour.limits.update(dev=", revoked: 2026-03-02T13:00:00Z"),
            harbour.lists(NOON + 2 * HOUR),
            harbour.advances(NOON + HOUR / 2),
        )[-1],
        "it came into the ledger after that, and the key of 'dev' was revoked from 2026-03-02T13:00:00Z on",
    ),
    "under rules that lack an approval by now": (
        lambda harbour: (
            harbour.limits.update(fin=", revoked: 2026-03-01T00:00:00Z"),
            harbour.lists(NOON + HOUR),
            harbour.advances(NOON + 2 * HOUR),
        )[-1],
        "it goes through a gate whose rules are not approved for finance",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("advance", ADVANCES)
def test_a_step_through_a_gate_that_lets_nobody_pass(advance: str, open_: Harbour) -> None:
    make, said = ADVANCES[advance]
    at = make(open_)
    assert open_.texts().startswith(f"entry {at}: {said}")


@pytest.mark.parametrize("quick", [False, True])
def test_with_a_key_the_newest_checkpoint_may_be_a_person_s(quick: bool, open_: Harbour) -> None:
    at = open_.advances(NOON + HOUR)
    ci, dev = open_.keys["ci"].public, open_.keys["dev"].public
    found = verified(open_.address, keys=[ci], quick=quick)
    assert found.good
    assert (found.signed_by, found.own_key) == (("dev", dev.fingerprint), True)
    (note,) = found.notes
    assert note.place == f"checkpoint {at + 1}"
    assert f"dev signed it ({dev.fingerprint}), whom the ledger lists as approver:developer" in note.text
    both = verified(open_.address, keys=[ci, dev], quick=quick)
    assert (both.good, both.own_key, both.notes) == (True, False, ())
    alone = [text for _, text in faults(open_.address, keys=[open_.keys["x"].public], quick=quick)]
    assert any("and it covers a run" in text or "no key that you named" in text for text in alone)
    known = verified(open_.address, keys=[ci], trusted=open_.signers, quick=quick)
    assert (known.good, known.own_key, known.notes) == (True, False, ())


def test_a_run_after_the_last_checkpoint_of_a_key_that_was_named(open_: Harbour) -> None:
    strange(open_)
    open_.roles = {"m": ["evaluator"], **open_.roles}
    open_.lists(by="m")
    open_.gate(NOON + 2 * HOUR, by="m")
    open_.approves("fin", at=NOON + 3 * HOUR)
    for quick in (False, True):
        assert "and it covers a run" in open_.texts(keys=[open_.keys["ci"].public], quick=quick)


def test_runs_from_before_the_project_listed_signers_count_and_are_told_of(harbour: Harbour) -> None:
    harbour.address = harbour.folder / "first.db"
    roles, keys = harbour.roles, dict(harbour.keys)
    harbour.roles, harbour.keys["evaluator"] = {"evaluator": ["evaluator"]}, keys["m"]
    harbour.lists(by="evaluator")
    record: Any = evaluate(harbour.loaded(), NOON.date(), gate="1", presented=Presented())
    harbour.keeps(record, NOON, "evaluator")
    harbour.roles, harbour.keys = roles, keys
    own = keys["m"].public.fingerprint
    assert "only the ledger itself says who evaluator is" in harbour.texts(trusted=harbour.signers)
    harbour.lists()
    found = verified(harbour.address, trusted=harbour.signers)
    assert found.faults == ()
    (note,) = found.notes
    assert note.text.endswith(f"with a key that only the ledger names: evaluator ({own})")


def waived_today(harbour: Harbour) -> int:
    """Rules that ask for more than there is, approved, and a waiver of the same day; gives its entry."""
    harbour.bound(95)
    harbour.approves("fin", "dev")
    return harbour.waives(at=NOON + HOUR)


def test_what_is_signed_today_counts_in_a_decision_of_today(harbour: Harbour) -> None:
    """Whatever clock the signer had: that it stands in the ledger is enough."""
    entry = waived_today(harbour)
    record = harbour.gate(NOON)  # the clock of the signer ran ahead
    assert (record["outcome"], record["statements"]) == ("open_with_waivers", entry + 1)
    assert harbour.gate(NOON + HOUR)["statements"] == entry + 1
    assert harbour.texts() == ""
    harbour.revokes("W-1", "waiver", "dev", NOON + 3 * HOUR)
    record = harbour.gate(NOON + 2 * HOUR)  # likewise
    assert (record["outcome"], [each["standing"] for each in record["waivers"]]) == ("closed", ["revoked"])
    assert harbour.texts() == ""


def test_a_day_of_the_past_takes_what_covers_all_of_it(harbour: Harbour) -> None:
    waived_today(harbour)

    def past(presented: Presented) -> Presented:
        return replace(presented, statements=None)

    record = harbour.gate(NOON + DAY, lie=past, day=NOON.date())
    assert "statements" not in record
    assert (record["outcome"], [each["standing"] for each in record["waivers"]]) == ("closed", ["future"])


def test_a_day_of_the_past_that_is_told_as_today(harbour: Harbour) -> None:
    waived_today(harbour)
    record = harbour.gate(NOON + DAY, day=NOON.date())
    assert record["outcome"] == "open_with_waivers"
    assert "it decides 2026-03-02 as the day on which it is decided, and was recorded on another" in (
        harbour.texts()
    )


def test_a_gate_that_leaves_out_what_ended_its_waiver(harbour: Harbour) -> None:
    entry = waived_today(harbour)
    ended = harbour.revokes("W-1", "waiver", "dev", NOON + HOUR)

    def deaf(presented: Presented) -> Presented:
        waivers = tuple(
            replace(each, waiver=each.waiver.model_copy(update={"revoked": None}))
            for each in presented.waivers
        )
        return replace(presented, waivers=waivers, statements=entry + 1)

    assert harbour.gate(NOON + 2 * HOUR, lie=deaf)["outcome"] == "open_with_waivers"
    assert f"it leaves out the revocation of entry {ended}, which stands before it" in harbour.texts()


@pytest.mark.parametrize("size", [-1, 1000])
def test_a_size_that_the_ledger_had_not(size: int, harbour: Harbour) -> None:
    waived_today(harbour)
    harbour.gate(NOON + 2 * HOUR, lie=lambda presented: replace(presented, statements=size))
    assert f"it takes the statements of {size} entries into account" in harbour.texts()


def test_a_run_that_does_not_say_so_decides_nothing_as_today(harbour: Harbour) -> None:
    waived_today(harbour)
    record = harbour.gate(NOON + HOUR, lie=lambda presented: presented)
    del record["statements"]
    harbour.keeps(record, NOON + 2 * HOUR)
    assert "the waiver W-1 does not count on 2026-03-02: it starts at 2026-03-02 13:00:00 UTC" in (
        harbour.texts()
    )
