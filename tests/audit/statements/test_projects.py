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
from phasegate.audit.signing.in_toto import APPROVAL, Statement, Subject
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.adoptions import adopted, adoption_statement
from phasegate.audit.statements.reader import said, statement_draft
from phasegate.audit.trail.trail import Trail
from phasegate.audit.trail.trust import StrangerError
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
        self.signers = {
            A["id"]: self.listed(ci="evaluator", fin="approver:finance"),
            B["id"]: self.listed(dev="evaluator", both="approver:finance"),
        }

    def listed(self, **roles: str) -> Signers:
        return Signers(Signer(name, (role,), self.keys[name].public) for name, role in roles.items())

    def trail(self, project: ProjectEntry | None, name: str, signers: Signers | None = None) -> Trail:
        listed = signers or self.signers[project["id"] if project else A["id"]]
        return Trail(self.address, listed, self.keys[name], name, NOON, project=project)

    def tell(self, project: ProjectEntry | None, name: str, signers: Signers | None = None) -> int:
        """Appends an entry of a project under somebody's checkpoint; gives the size of the ledger."""
        document = {"command": ["gate"], "error": "", "envelope": {"recorded_at": NOON.isoformat()}}
        return (
            self.trail(project, name, signers)
            .append(lambda _: [Draft("refused", None, "gate", document)])
            .end
        )

    def sign(self, project: ProjectEntry | None, name: str, kind: str, statement: Statement) -> int:
        def drafts(position: Any) -> list[Draft]:
            return [statement_draft(kind, "x", statement, self.keys[name], position.origin, project)]

        return self.trail(project, name).append(drafts).end

    def approve(self, project: ProjectEntry | None, name: str) -> int:
        predicate = {"function": "finance", "by": name, "signed": "2026-03-01T12:00:00Z"}
        predicate |= {"pack": "harbour", "version": "1"}
        return self.sign(project, name, "approval", Statement(APPROVAL, [RULES], predicate))

    def adopt(self, project: ProjectEntry, name: str, change: Callable[[Checkpoint], Checkpoint]) -> int:
        with Ledger.open(self.address) as ledger:
            checkpoint, _ = read_checkpoint(ledger.newest_checkpoint() or "")
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
