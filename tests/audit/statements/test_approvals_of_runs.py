"""A run that says of the approvals of its rules what the ledger before it does not bear out."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.approvals import approval_statement
from phasegate.audit.statements.reader import statement_draft
from phasegate.audit.trail.pack_snapshot import rules_document
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.trail.trail import Trail, UnkeptError, reading
from phasegate.audit.verification.ledger import Asked, verify
from phasegate.audit.verification.runs import Retold
from phasegate.rules.loading.project import LoadedProject, load_project
from phasegate.runs.collect_statements import presented_to
from phasegate.runs.evaluate import evaluate

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ROLES = {"ci": ("evaluator",), "fin": ("approver:finance",), "dev": ("approver:developer",)}
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berths
    criteria: [{{id: systems, text: Active, enforcement: soft{function}, require: {{done: ">= 80 %"}}}}]
phases:
  "1": {{title: Berths, points: ["1.1"]}}
sources:
  invoices: {{title: one invoice, columns: {{invoice: {{type: string}}, status: {{type: string}}}}}}
measures:
  done: {{title: Done, from: invoices, ratio: {{of: status = 'reconciled'}}}}
"""


class Harbour:
    """A project whose evaluator keeps what it likes under lists of signers as it likes them."""

    def __init__(self, folder: Path, keys: dict[str, PrivateKey]) -> None:
        self.folder, self.keys, self.address = folder, keys, folder / "phasegate.db"
        self.files: dict[str, bytes] = {}
        (folder / "pack").mkdir()
        (folder / "invoices.csv").write_text("invoice,status\n1,reconciled\n")
        self.names()

    def names(self, function: str | None = None) -> None:
        """Writes the pack, whose criterion names a function."""
        said = f", function: {function}" if function else ""
        (self.folder / "pack" / "pack.yaml").write_text(PACK.format(function=said))

    def loaded(self, *names: str) -> LoadedProject:
        """The project with some of the signers."""
        lines = [
            f"  - {{name: {name}, roles: {list(ROLES[name])}, key: {self.keys[name].public.openssh}}}\n"
            for name in names
        ]
        listed = f"signers:\n{''.join(lines)}" if lines else ""
        file = self.folder / "phasegate.yaml"
        file.write_text(f"phasegate: 1\npack: pack\nsources: {{invoices: {{path: invoices.csv}}}}\n{listed}")
        return load_project(file)

    def trail(self, *names: str) -> Trail:
        """The trail under some of the signers; under none, the project's own key."""
        own = Signer("evaluator", ("evaluator",), self.keys["ci"].public)
        signers = [Signer(name, ROLES[name], self.keys[name].public) for name in names] or [own]
        name = "ci" if names else "evaluator"
        return Trail(self.address, Signers(signers), self.keys["ci"], name, NOON, None, bool(names))

    def approves(self, name: str, *listed: str) -> None:
        """Somebody approves the rules under a list."""
        rules, (role, *_) = self.loaded(*listed).pack, ROLES[name]
        function = role.removeprefix("approver:")
        signer = Signer(name, ROLES[name], self.keys[name].public)
        said = approval_statement(rules, function, signer, NOON)
        self.trail(*listed).append(
            lambda position: [statement_draft("approval", function, said, self.keys[name], position.origin)]
        )

    def decided(self, *listed: str, kind: str = "gate") -> Any:
        """What a run finds."""
        loaded = self.loaded(*listed)
        ledger = reading(self.address)
        try:
            presented = presented_to(loaded, (), ledger, NOON)
        finally:
            if ledger is not None:
                ledger.close()
        gate = "1" if kind == "gate" else None
        return evaluate(loaded, NOON.date(), gate=gate, presented=presented, files=self.files)

    def keeps(self, record: Any, *listed: str) -> None:
        """The evaluator keeps a run, whatever it says."""
        loaded, trail = self.loaded(*listed), replace(self.trail(*listed), listed=True)
        envelope = Envelope(NOON, trail.name, trail.key.public.fingerprint)
        drafts = RunDrafts(record, loaded.pack.pack, rules_document(loaded), envelope, self.files)
        with Ledger.open(self.address, create=True, read_only=False) as ledger:
            trail._append(ledger, lambda position: drafts.drafts(position.newest_run + 1), drafts.contents)

    def faults(self) -> list[str]:
        with Ledger.open(self.address) as ledger:
            return [fault.text for fault in verify(ledger, Asked([], retelling=Retold)).faults]


@pytest.fixture
def harbour(tmp_path: Path, keys: dict[str, PrivateKey]) -> Harbour:
    return Harbour(tmp_path, keys)


def claims(record: Any, names: Sequence[str], open_: bool = True) -> Any:
    """The same run, if it had asked these functions alone, and each had said yes that it can."""
    told = copy.deepcopy(record)
    approval = told["approval"]
    approval["required"] = list(names)
    approval["given"] = [each for each in approval["given"] if each["function"] in names]
    given = [each["function"] for each in approval["given"]]
    approval["missing"] = [name for name in names if name not in given]
    if open_:
        told["outcome"] = "open"
        for gate in told["gates"]:
            gate.update(state="open", own="open", reasons=[])
    return told


def test_what_was_approved_by_all_is_right(harbour: Harbour) -> None:
    for name in ("fin", "dev"):
        harbour.approves(name, "ci", "fin", "dev")
    record = harbour.decided("ci", "fin", "dev")
    assert record["outcome"] == "open"
    harbour.keeps(record, "ci", "fin", "dev")
    assert harbour.faults() == []


def test_a_gate_that_opens_without_a_function_that_a_list_once_had(harbour: Harbour) -> None:
    harbour.approves("fin", "ci", "fin", "dev")
    record = harbour.decided("ci", "fin")
    assert (record["outcome"], record["approval"]["missing"]) == ("undecided", ["developer"])
    harbour.keeps(record, "ci", "fin")
    assert harbour.faults() == []
    harbour.keeps(claims(record, ["finance"]), "ci", "fin")
    assert harbour.faults() == ["it opens gate 1, and its rules are not approved for developer"]


def test_a_gate_that_opens_without_a_function_that_its_rules_name(harbour: Harbour) -> None:
    harbour.names("developer")
    harbour.approves("fin", "ci", "fin")
    record = harbour.decided("ci", "fin")
    assert record["approval"]["missing"] == ["developer"]
    harbour.keeps(claims(record, ["finance"]), "ci", "fin")
    assert harbour.faults() == ["it opens gate 1, and its rules are not approved for developer"]


@pytest.mark.parametrize(("kind", "names"), [("check", "developer"), ("check", None), ("gate", "developer")])
def test_a_shorter_list_that_opened_nothing_is_not_called_wrong(
    kind: str, names: str | None, harbour: Harbour
) -> None:
    """So recorded a version that asked the functions of the day alone."""
    harbour.names(names)
    harbour.approves("fin", "ci", "fin", "dev")
    record = harbour.decided("ci", "fin", kind=kind)
    if kind == "gate":  # closed, whoever approved
        (harbour.folder / "invoices.csv").write_text("invoice,status\n1,open\n")
        record = harbour.decided("ci", "fin")
        record["gates"][0]["reasons"] = []
        assert record["outcome"] == "closed"
    harbour.keeps(claims(record, ["finance"], open_=False), "ci", "fin")
    assert harbour.faults() == []


def test_a_function_that_the_list_of_the_day_has_is_asked_by_every_run(harbour: Harbour) -> None:
    record = harbour.decided("ci", "fin", "dev", kind="check")
    harbour.keeps(claims(record, ["finance"], open_=False), "ci", "fin", "dev")
    assert harbour.faults() == ["it asks nobody to approve its rules for developer"]


Lie = Callable[[Any], object]
LIES: dict[str, tuple[Lie, str]] = {
    "no signers": (
        lambda approval: approval.update(signers=0, required=[], given=[], missing=[]),
        "it says that 0 signers are listed, and the ledger lists 3",
    ),
    "more signers": (
        lambda approval: approval.update(signers=4),
        "it says that 4 signers are listed, and the ledger lists 3",
    ),
    "nobody asked": (
        lambda approval: approval.update(required=[], given=[], missing=[]),
        "it asks nobody to approve its rules for developer, finance",
    ),
    "nobody missing": (
        lambda approval: approval.update(missing=[]),
        "the approvals that it says were given and are missing are not those that it asks for",
    ),
    "one twice": (
        lambda approval: approval["given"].append(approval["given"][0]),
        "the approvals that it says were given and are missing are not those that it asks for",
    ),
    "one for two": (
        lambda approval: (
            approval["given"].append({**approval["given"][0], "function": "developer"}),
            approval.update(missing=[]),
        ),
        "it says that somebody approved its rules for two functions",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_run_that_lies_about_who_was_asked(lie: str, harbour: Harbour) -> None:
    change, said = LIES[lie]
    harbour.approves("fin", "ci", "fin", "dev")
    record = harbour.decided("ci", "fin", "dev")
    assert record["approval"]["missing"] == ["developer"]
    told = claims(record, ["developer", "finance"])
    change(told["approval"])
    harbour.keeps(told, "ci", "fin", "dev")
    assert said in harbour.faults()


def test_a_run_without_signers_after_a_list_of_them(harbour: Harbour) -> None:
    record = harbour.decided()
    harbour.keeps(record)
    assert harbour.faults() == []
    harbour.approves("fin", "ci", "fin")
    assert harbour.faults() == []
    harbour.keeps(record)
    assert "it says that 0 signers are listed, and the ledger lists 1" in harbour.faults()


def test_other_rules_beside_the_run_do_not_tell_whom_to_ask(harbour: Harbour) -> None:
    """Without its own rules nobody could see that they name a function."""
    harbour.names("developer")
    harbour.approves("fin", "ci", "fin")
    record = claims(harbour.decided("ci", "fin"), ["finance"])
    harbour.names()
    harbour.keeps(record, "ci", "fin")
    (said,) = harbour.faults()
    assert said.startswith("its rules can not be read, and so nobody knows who must approve them: ")
    assert said.endswith("they are others than those of its record")


def test_a_run_that_began_before_a_function_was_listed_is_not_kept(harbour: Harbour) -> None:
    harbour.approves("fin", "ci", "fin")
    record = harbour.decided("ci", "fin")
    assert record["outcome"] == "open"
    harbour.approves("dev", "ci", "fin", "dev")
    with pytest.raises(UnkeptError, match=r"since it began, approvers of developer were listed") as caught:
        harbour.trail("ci", "fin").keep(record, harbour.loaded("ci", "fin"))
    assert caught.value.hint == "run the command again"
    harbour.trail("ci", "fin").keep(harbour.decided("ci", "fin"), harbour.loaded("ci", "fin"))
    assert harbour.faults() == []
