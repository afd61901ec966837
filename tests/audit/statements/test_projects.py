"""What a thief of a shared ledger's file can write in it, and what it counts for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import ProjectEntries, UnnamedProjectError
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.in_toto import APPROVAL, ATTESTATION, Statement, Subject
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.adoptions import adopted, adoption_statement
from phasegate.audit.statements.reader import said, statement_draft
from phasegate.audit.trail.revoked_keys import revoked_elsewhere, words_of
from phasegate.audit.trail.trail import Trail
from phasegate.audit.trail.trust import RevokedElsewhereError, StrangerError
from phasegate.audit.verification.ledger import Asked, verify
from phasegate.audit.verification.runs import Retold
from phasegate.records.schema import ProjectEntry

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
A, B = ProjectEntry(id="p-aaaaaaaa", title="Team a"), ProjectEntry(id="p-bbbbbbbb", title="Team b")
RULES = Subject("harbour", "sha256:" + "0" * 64)


class Shared:
    """A ledger of two projects, each with an evaluator and an approver."""

    def __init__(self, folder: Path, keys: dict[str, PrivateKey]) -> None:
        self.address = folder / "phasegate.db"
        self.keys = keys
        self.now = NOON
        self.signers = {
            A["id"]: self.listed(ci="evaluator", fin="approver:finance"),
            B["id"]: self.listed(dev="evaluator", both="approver:finance"),
        }

    def listed(self, **roles: str) -> Signers:
        return Signers(Signer(name, (role,), self.keys[name].public) for name, role in roles.items())

    def trail(self, project: ProjectEntry | None, name: str, signers: Signers | None = None) -> Trail:
        listed = signers or self.signers[project["id"] if project else A["id"]]
        return Trail(self.address, listed, self.keys[name], name, self.now, project=project)

    def tell(self, project: ProjectEntry | None, name: str, signers: Signers | None = None) -> int:
        """Appends an entry of a project under somebody's checkpoint; gives the size of the ledger."""
        document = {"command": ["gate"], "error": "", "envelope": {"recorded_at": self.now.isoformat()}}
        return (
            self.trail(project, name, signers)
            .append(lambda _: [Draft("refused", None, "gate", document)])
            .end
        )

    def sign(self, project: ProjectEntry | None, name: str, kind: str, statement: Statement) -> int:
        def drafts(position: Any) -> list[Draft]:
            return [statement_draft(kind, "x", statement, self.keys[name], position.origin, project)]

        return self.trail(project, name).append(drafts).end

    def attest(self, project: ProjectEntry | None, name: str, id_: str, **more: object) -> int:
        predicate = {"id": id_, "fact": "minuted", "slice": "1.1", "value": True, "by": name, "comment": None}
        predicate |= {"statement": "It is so", "role": "approver:finance", "signed": "2026-03-01T12:00:00Z"}
        predicate |= {"start": "2026-03-01T12:00:00Z", "end": "2026-12-01T00:00:00Z", **more}
        about = [Subject("minutes.txt", "sha256:" + "1" * 64)]
        return self.sign(project, name, "attestation", Statement(ATTESTATION, about, predicate))

    def approve(self, project: ProjectEntry | None, name: str, signed: str = "2026-03-01T12:00:00Z") -> int:
        predicate = {"function": "finance", "by": name, "signed": signed}
        predicate |= {"pack": "harbour", "version": "1"}
        return self.sign(project, name, "approval", Statement(APPROVAL, [RULES], predicate))

    def adopt(
        self, project: ProjectEntry, name: str, change: Callable[[Checkpoint], Checkpoint], size: int = 0
    ) -> int:
        with Ledger.open(self.address) as ledger:
            note = ledger.newest_checkpoint() or ""
            if size:
                (mark,) = [row for row in ledger.find(("checkpoint",)) if row.seq == size]
                note = read_canonical(mark.body)["note"]
            checkpoint, _ = read_checkpoint(note)
        signer = Signer(name, ("approver:finance",), self.keys[name].public)
        return self.sign(project, name, "adoption", adoption_statement(change(checkpoint), signer, NOON))

    def adopted(self, project: ProjectEntry) -> set[int]:
        with Ledger.open(self.address) as ledger:
            found = adopted(ledger, project["id"], self.signers[project["id"]], NOON)
        return {seq for each in found for seq in each}

    def forge(self, draft: Callable[[str], Draft], name: str) -> None:
        """Writes an entry past every check, as whoever has the file and a key can."""
        from phasegate.audit.ledger.ledger import CheckpointSigner

        signer = CheckpointSigner(name, self.keys[name].public.raw, self.keys[name].sign)
        with Ledger.open(self.address, read_only=False) as ledger:
            ledger.append(lambda position: [draft(position.origin)], signer)

    def faults(self, project: ProjectEntry | None = None) -> list[str]:
        trusted = self.signers[project["id"]] if project else None
        asked = Asked(retelling=Retold, trusted=trusted, project=project["id"] if project else None)
        with Ledger.open(self.address) as ledger:
            return [each.text for each in verify(ledger, asked).faults]


@pytest.fixture
def shared(tmp_path: Path, keys: dict[str, PrivateKey]) -> Shared:
    return Shared(tmp_path, keys)


def test_each_project_finds_its_own(shared: Shared) -> None:
    shared.approve(A, "fin")
    shared.approve(B, "both")
    with Ledger.open(shared.address) as ledger:
        for project in (A, B):
            found = ProjectEntries(ledger, project["id"]).find(("approval", "key"))
            assert {read_canonical(row.body)["project"]["id"] for row in found} == {project["id"]}
            assert [row.kind for row in found] == ["key", "approval"]
        with pytest.raises(UnnamedProjectError, match=r"Team a \(p-aaaaaaaa\), Team b"):
            ProjectEntries(ledger, None).find(("approval",))
    assert shared.faults() == shared.faults(A) == shared.faults(B) == []


def test_a_statement_that_is_moved_to_another_project_counts_for_nothing(shared: Shared) -> None:
    shared.approve(A, "fin")
    shared.signers[B["id"]] = shared.signers[A["id"]]
    shared.tell(B, "ci")
    with Ledger.open(shared.address) as ledger:
        envelope = read_canonical(ledger.find(("approval",))[0].body)["envelope"]
    shared.forge(lambda _: Draft("approval", None, "finance", {"envelope": envelope, "project": B}), "ci")
    with Ledger.open(shared.address) as ledger:
        own = ProjectEntries(ledger, B["id"])
        (found,) = said(own, shared.signers[B["id"]], NOON, "approval")
    assert found.refused == "it was signed for another project"
    assert any("it was signed for another project" in each for each in shared.faults())


def test_nobody_goes_on_behind_a_signer_whom_no_project_lists(shared: Shared) -> None:
    shared.tell(A, "ci")
    shared.tell(B, "dev")
    shared.tell(A, "ci")  # behind what b's evaluator signed
    shared.forge(lambda _: Draft("refused", None, "", {"project": B, "envelope": {}}), "stranger")
    for project, name in ((A, "ci"), (B, "dev")):
        with pytest.raises(StrangerError):
            shared.tell(project, name)


def test_nobody_goes_on_behind_what_another_project_wrote_in_its_name(shared: Shared) -> None:
    shared.tell(A, "ci")
    shared.tell(B, "dev")
    shared.forge(lambda _: Draft("refused", None, "", {"project": A, "envelope": {}}), "dev")
    for project, name in ((A, "ci"),):
        with pytest.raises(StrangerError):
            shared.tell(project, name)
    assert shared.faults(A)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("fin", lambda found: replace(found, size=found.size + 5)),
        ("fin", lambda found: replace(found, size=found.size - 1)),
        ("fin", lambda found: replace(found, root=bytes(32))),
        ("ci", lambda found: found),
    ],
    ids=["more-than-there-is", "no-checkpoint", "another-root", "evaluator"],
)
def test_an_adoption_that_no_command_makes_counts_for_nothing(
    shared: Shared, name: str, change: Callable[[Checkpoint], Checkpoint]
) -> None:
    shared.approve(None, "fin")
    shared.tell(A, "ci")
    shared.adopt(A, name, change)
    assert shared.adopted(A) == set()
    assert shared.faults()


def test_a_stranger_adopts_nothing(shared: Shared) -> None:
    end = shared.approve(None, "fin")
    shared.tell(A, "ci")
    with Ledger.open(shared.address) as ledger:
        (mark,) = [row for row in ledger.find(("checkpoint",)) if row.seq == end]
    checkpoint, _ = read_checkpoint(read_canonical(mark.body)["note"])
    signer = Signer("stranger", ("approver:finance",), shared.keys["stranger"].public)
    statement = adoption_statement(checkpoint, signer, NOON)
    shared.forge(
        lambda origin: statement_draft("adoption", "x", statement, shared.keys["stranger"], origin, A), "ci"
    )
    assert shared.adopted(A) == set()
    assert shared.faults()


def test_what_one_project_has_adopted_is_no_other_ones(shared: Shared) -> None:
    end = shared.approve(None, "fin")
    shared.tell(A, "ci")
    shared.tell(B, "dev")
    own = shared.adopt(A, "fin", lambda found: found)
    shared.adopt(B, "both", lambda found: found)
    assert set(range(end)) <= shared.adopted(A)
    assert not shared.adopted(B) & set(range(end))
    with Ledger.open(shared.address) as ledger:
        places = adopted(ledger, A["id"], shared.signers[A["id"]], NOON)
        found = ProjectEntries(ledger, A["id"], places).find(("approval",))
        assert [row.kind for row in found] == ["approval"]
        assert adopted(ledger, A["id"], shared.signers[A["id"]], NOON, most=own - 1) == ()
    assert shared.faults() == ["adoption: it takes on nothing"]


@pytest.mark.parametrize(
    ("later", "stays"),
    [
        pytest.param({"slice": "1.1", "value": False}, {"A-2"}, id="about the same point"),
        pytest.param({"slice": "", "slices": ["1.2", "1.1"]}, {"A-2"}, id="about several points"),
        pytest.param({"slice": "1.2"}, {"A-1", "A-2"}, id="about another point"),
        pytest.param(
            {"slice": "", "slices": ["1.2", "1.3"]}, {"A-1", "A-2"}, id="about several other points"
        ),
        pytest.param({"fact": "paid"}, {"A-1", "A-2"}, id="about another fact"),
        pytest.param(None, {"A-1", "A-2"}, id="nothing came later"),
    ],
)
def test_what_a_newer_word_had_replaced_does_not_revive_by_an_adoption_that_ends_before(
    later: dict[str, object] | None, stays: set[str], shared: Shared
) -> None:
    shared.attest(None, "fin", "A-1")
    size = shared.attest(None, "fin", "A-2", slice="", slices=["1.8", "1.9"])
    if later is not None:
        shared.attest(None, "fin", "A-3", **later)
    shared.tell(A, "ci")
    shared.adopt(A, "fin", lambda found: found, size)
    shared.tell(A, "ci")
    with Ledger.open(shared.address) as ledger:
        places = adopted(ledger, A["id"], shared.signers[A["id"]], NOON)
        own = ProjectEntries(ledger, A["id"], places)
        told = said(own, shared.signers[A["id"]], NOON, "attestation")
        assert {each.predicate["id"] for each in told if each.refused is None} == stays
    assert shared.faults() == []


MAY = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
MARCH = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)


def counting(shared: Shared, project: ProjectEntry) -> list[str | None]:
    """Why each approval of a project counts for nothing; None of one that counts."""
    with Ledger.open(shared.address) as ledger:
        own = ProjectEntries(ledger, project["id"])
        return [each.refused for each in said(own, shared.signers[project["id"]], MAY, "approval")]


def ended(shared: Shared, project: ProjectEntry, name: str, **limit: dt.datetime) -> None:
    """A project lists one of its signers with a limit in time from now on."""
    own = shared.signers[project["id"]]
    shared.signers[project["id"]] = Signers(replace(one, **limit) if one.name == name else one for one in own)


@pytest.mark.parametrize("limit", ["revoked", "end"])
def test_a_stolen_key_signs_no_earlier_date_behind_what_another_project_has_told(
    limit: str, shared: Shared
) -> None:
    shared.tell(A, "ci")
    shared.tell(B, "dev")
    shared.now = MAY
    shared.tell(B, "dev")  # a itself has told nothing since March
    shared.now = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
    shared.approve(A, "fin", "2026-03-10T12:00:00Z")  # by a thief, whose copy of the project lists it still
    ended(shared, A, "fin", **{limit: MARCH})
    (why,) = counting(shared, A)
    assert why is not None
    assert "it is dated back" in why
    with Ledger.open(shared.address) as ledger:
        found = verify(ledger, Asked(retelling=Retold))
    assert any("it is dated back" in each.text for each in (*found.faults, *found.notes))


@pytest.mark.parametrize("signed", ["2026-05-04T12:00:00Z", "2026-05-04T11:30:00Z"])
def test_a_key_that_one_project_has_revoked_counts_for_none_from_there_on(
    signed: str, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who has the key has a program of their own.
    monkeypatch.setattr("phasegate.audit.trail.trail.refuse_revoked", lambda *_: None)
    shared.signers[B["id"]] = shared.listed(dev="evaluator", fin="approver:finance")
    shared.approve(B, "fin")
    shared.approve(A, "fin")
    shared.now = MAY
    ended(shared, A, "fin", revoked=MARCH)
    shared.tell(A, "ci")
    shared.approve(B, "fin", signed)
    before, after = counting(shared, B)
    assert before is None
    assert after is not None
    assert "project p-aaaaaaaa had listed the key of 'fin' as revoked from 2026-03-20T00:00:00Z on" in after
    # Whoever revoked it by mistake lists it anew.
    ended(shared, A, "fin", revoked=None)
    shared.tell(A, "ci")
    shared.approve(B, "fin", signed)
    assert counting(shared, B) == [None, after, None]


STRANGER = ProjectEntry(id="p-5555eeee", title="Nobody knows")
SHUT = "project {} had listed the key of 'fin' as revoked from 2026-03-20T00:00:00Z on"


def revoking(shared: Shared, project: ProjectEntry, name: str, whose: str) -> None:
    """A project whose only evaluator is one lists the key of another one as revoked."""
    shared.signers[project["id"]] = shared.listed(**{name: "evaluator", whose: "approver:finance"})
    ended(shared, project, whose, revoked=MARCH)
    shared.tell(project, name)


def test_a_stranger_shuts_nobody_out_by_naming_their_keys_as_revoked(shared: Shared) -> None:
    shared.approve(A, "fin")
    shared.tell(A, "ci")
    shared.now = MAY
    for whose in ("ci", "fin"):
        revoking(shared, STRANGER, "stranger", whose)
    shared.tell(STRANGER, "stranger")
    shared.tell(A, "ci")
    shared.approve(A, "fin", "2026-05-04T12:00:00Z")
    assert counting(shared, A) == [None, None]
    assert shared.faults(A) == []


@pytest.mark.parametrize("one", ["fin", "dev", None])
def test_a_project_revokes_for_those_of_whom_one_has_signed_for_it(one: str | None, shared: Shared) -> None:
    shared.signers[A["id"]] = shared.listed(ci="evaluator", dev="auditor", fin="approver:finance")
    shared.signers[B["id"]] = shared.listed(dev="evaluator", both="evaluator", fin="approver:finance")
    if one is not None:
        shared.tell(B, one)
    shared.tell(B, "both")
    shared.tell(A, "ci")
    shared.now = MAY
    ended(shared, B, "fin", revoked=MARCH)
    shared.tell(B, "both")  # whom a does not list
    if one is None:
        shared.approve(A, "fin", "2026-05-04T12:00:00Z")
        assert counting(shared, A) == [None]
        assert shared.faults(A) == []
        return
    with pytest.raises(RevokedElsewhereError, match=SHUT.format(B["id"])):
        shared.approve(A, "fin", "2026-05-04T12:00:00Z")


def test_a_list_of_which_nobody_can_tell_who_signed_it_counts(shared: Shared) -> None:
    shared.tell(A, "ci")
    signers = [
        *shared.listed(dev="evaluator"),
        *(replace(each, revoked=MARCH) for each in shared.listed(fin="auditor")),
    ]
    told = {"signers": Signers(signers).as_document(), "envelope": {"recorded_at": MAY.isoformat()}}
    shared.forge(lambda _: Draft("key", None, "", {**told, "project": STRANGER}), "stranger")
    with Ledger.open(shared.address) as ledger:
        words = words_of(ledger.position(), note=ledger.newest_checkpoint())
    fingerprint = shared.keys["fin"].public.fingerprint
    assert revoked_elsewhere(words, fingerprint, A["id"], shared.signers[A["id"]]) is not None
    # Until somebody of the list goes on from it.
    more = {"command": ["gate"], "error": "", "envelope": told["envelope"], "project": STRANGER}
    shared.forge(lambda _: Draft("refused", None, "gate", more), "dev")
    with Ledger.open(shared.address) as ledger:
        words = words_of(ledger.position(), note=ledger.newest_checkpoint())
    assert revoked_elsewhere(words, fingerprint, A["id"], shared.signers[A["id"]]) is None


def test_an_end_that_one_project_sets_ends_nothing_of_another(shared: Shared) -> None:
    shared.signers[B["id"]] = shared.listed(dev="evaluator", fin="approver:finance")
    shared.now = MAY
    ended(shared, A, "fin", end=MARCH)
    shared.tell(A, "ci")
    shared.approve(B, "fin", "2026-05-04T12:00:00Z")
    assert counting(shared, B) == [None]
    assert shared.faults() == []


def test_a_key_that_was_taken_from_the_list_signs_nothing_more_for_its_project(shared: Shared) -> None:
    both = shared.signers[A["id"]]
    shared.approve(A, "fin")
    shared.tell(A, "ci")
    shared.signers[A["id"]] = shared.listed(ci="evaluator")
    shared.tell(A, "ci")
    statement = Statement(
        APPROVAL, [RULES], {"function": "finance", "by": "fin", "signed": "2026-03-01T12:00:00Z"}
    )
    shared.forge(
        lambda origin: statement_draft("approval", "x", statement, shared.keys["fin"], origin, A), "ci"
    )
    shared.signers[A["id"]] = both  # whoever lists it again does not make that good
    with Ledger.open(shared.address) as ledger:
        found = said(ProjectEntries(ledger, A["id"]), both, MAY, "approval")
        assert [each.has("approver:finance") for each in found] == [True, False]
