"""Projects that share a ledger: nothing of one ever counts for another."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from postgres_server import Server, server  # noqa: F401 - a fixture

from phasegate import cli
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import named_in
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.keys import new_key

Run = Callable[..., Result]
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berth planning
    criteria:
      - id: systems
        text: Berth systems activated
        enforcement: soft
        function: finance
        require: {invoices.reconciled: ">= 95 %"}
phases:
  "1": {title: Berths, points: ["1.1"]}
sources:
  invoices:
    title: one invoice
    columns: {invoice: {type: string}, status: {type: string}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
    items: invoices
"""
PROJECT = """\
phasegate: 1
{id}title: {title}
pack: pack
ledger: env:LEDGER
sources: {{invoices: {{path: invoices.csv}}}}
signers:
{signers}"""
RECORDED = sorted((Path(__file__).parents[1] / "audit" / "ledgers").glob("*.db"))
IDS = {"a": "p-aaaaaaaa", "b": "p-bbbbbbbb"}
ROLES = {"ci": "evaluator", "fin": "approver:finance", "fin-2": "approver:finance"}


@dataclass
class Harbour:
    """Two teams with one pack and one ledger; in a 18 of 20 invoices are reconciled, in b all of them."""

    folder: Path
    run: Run
    clock: Callable[[dt.datetime], None]
    ledger: str

    def project(self, name: str, id_: str | None, title: str | None = None, **roles: str) -> None:
        """Writes the file of a project, with an id or without one."""
        listed = roles or ROLES
        signers = ""
        for signer, role in listed.items():
            if not (self.folder / "keys" / signer).exists():
                new_key(self.folder / "keys" / signer, signer)
            key = (self.folder / "keys" / f"{signer}.pub").read_text().strip()
            signers += f"  - {{name: {signer}, roles: [{role}], key: {key}}}\n"
        folder = self.folder / name
        (folder / "pack").mkdir(parents=True, exist_ok=True)
        (folder / "pack" / "pack.yaml").write_text(PACK)
        self.invoices(name, 18 if name == "a" else 20)
        told = title or f"Team {name}"
        text = PROJECT.format(id=f"id: {id_}\n" if id_ else "", title=told, signers=signers)
        (folder / "phasegate.yaml").write_text(text)

    def invoices(self, name: str, reconciled: int) -> None:
        rows = [f"F-{n:03d},{'reconciled' if n < reconciled else 'open'}\n" for n in range(20)]
        (self.folder / name / "invoices.csv").write_text("invoice,status\n" + "".join(rows))

    def by(self, signer: str, project: str, *words: object) -> Result:
        """Runs a command in a project with somebody's key."""
        key = ("--key", self.folder / "keys" / signer)
        return self.run(*words, "--project", self.folder / project, *key)

    def of(self, project: str, *words: object) -> Result:
        """Runs a command that signs nothing."""
        return self.run(*words, "--project", self.folder / project)

    def at(self, day: str) -> None:
        self.clock(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"))

    def entries(self) -> list[dict[str, Any]]:
        with Ledger.open(self.ledger) as ledger:
            return [read_canonical(row.body) for row in ledger.rows()]

    def waive(self, project: str, signer: str = "fin", **more: str) -> Result:
        words = ["waive", "1.1/systems/invoices.reconciled", "--requester", "p-1", "--reason", "late"]
        words += ["--risk-owner", "r-1", "--floor", "80 %", "--until", "2026-12-20"]
        return self.by(signer, project, *words, *(w for k, v in more.items() for w in (f"--{k}", v)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a ledger that nothing is in yet."""
    if request.param == "sqlite":
        yield str(tmp_path / "shared.db")
        return
    made: Server = request.getfixturevalue("server")
    yield made.database()


@pytest.fixture
def harbour(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, address: str) -> Harbour:
    monkeypatch.setenv("LEDGER", address)
    (tmp_path / "keys").mkdir()
    made = Harbour(tmp_path, run, lambda at: monkeypatch.setattr(cli, "now", lambda: at), address)
    made.at("2026-11-30")
    for name, id_ in IDS.items():
        made.project(name, id_)
    return made


def well(result: Result, code: int = 0) -> Result:
    assert result.exit_code == code, result.output
    return result


def test_nobody_goes_through_a_gate_by_the_decision_of_another_project(harbour: Harbour) -> None:
    well(harbour.by("fin", "a", "approve"))
    well(harbour.by("ci", "a", "gate", "1", "-q"), 1)
    unapproved = well(harbour.by("ci", "b", "gate", "1", "-q"), 3)
    assert "these rules are not approved for finance" in unapproved.output  # what a approved, b did not
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    refused = well(harbour.by("fin", "a", "advance", "1"), 2)
    assert "gate 1 is closed" in refused.output
    well(harbour.by("fin", "b", "advance", "1"))
    proof = harbour.folder / "a.proof.json"
    well(harbour.of("a", "prove", "phase:1", "-o", proof))
    shown = well(harbour.of("a", "verify", proof))
    assert "gate 1: closed" in shown.output
    assert "It is of project p-aaaaaaaa, Team a." in shown.output
    told = well(harbour.of("a", "report", "--format", "markdown")).output
    assert "Team a\n\nThe decision of gate 1, as of" in told
    assert "as run 1 of project p-aaaaaaaa" in told.replace("`", "")
    well(harbour.of("a", "verify"))
    well(harbour.of("a", "verify", "--quick"))
    well(harbour.of("b", "replay", "--all"))


def test_a_waiver_covers_its_own_project_alone(harbour: Harbour) -> None:
    for name in IDS:
        harbour.invoices(name, 18)
        well(harbour.by("fin", name, "approve"))
        well(harbour.by("ci", name, "check", "-q"), 1)
    well(harbour.waive("a", id="W-1"))
    harbour.at("2026-12-01")
    assert "W-1" in well(harbour.by("ci", "a", "check")).output
    other = well(harbour.by("ci", "b", "check"), 1).output
    assert "W-1" not in other
    assert "open with waivers" not in other
    well(harbour.waive("b", "fin-2", id="W-1"))  # the id is free there
    well(harbour.by("fin", "b", "waive", "--revoke", "W-1"))
    assert "W-1" in well(harbour.by("ci", "a", "check")).output


def test_whoever_reads_sees_one_project(harbour: Harbour) -> None:
    for name in ("a", "b", "a"):
        harbour.by("ci", name, "check", "-q")
    assert well(harbour.of("a", "runs")).output.count("everything as of") == 2
    assert well(harbour.of("b", "runs")).output.count("everything as of") == 1
    everything = " ".join(well(harbour.of("b", "runs", "--all-projects")).output.split())
    assert everything.count("of Team a (p-aaaaaaaa)") == 2
    assert everything.count("of Team b (p-bbbbbbbb)") == 1
    well(harbour.by("fin", "a", "approve"))
    well(harbour.by("fin-2", "b", "approve"))
    said = well(harbour.of("a", "runs", "--all-projects", "--all")).output
    assert said.count("approves the rules") == 2
    assert "does not count" not in said
    assert well(harbour.of("a", "runs", "--all")).output.count("approves the rules") == 1
    for words in (
        ["show", "1"],
        ["report", "3"],
        ["prove", "1.1", "--run", "1"],
        ["replay", "1"],
        ["diff", "1", "2"],
        ["evidence", "1.1", "--run", "1"],
        ["due", "--run", "1"],
    ):
        refused = well(harbour.of("b", *words), 2)
        assert "is of Team a (p-aaaaaaaa), and not of this project" in refused.output, words
    assert "Team b" in well(harbour.of("b", "show")).output
    assert well(harbour.of("b", "trend", "1.1")).output.count("check") <= 2
    well(harbour.of("b", "due"))


def test_an_auditor_without_a_project_names_a_run(harbour: Harbour, tmp_path: Path) -> None:
    for name in IDS:
        harbour.by("ci", name, "check", "-q")
    (tmp_path / "desk").mkdir()
    at = ("--project", tmp_path / "desk", "--ledger", harbour.ledger)
    assert "it is not said whose are meant" in well(harbour.run("show", *at), 2).output
    assert "Team b" in well(harbour.run("show", "2", *at)).output
    well(harbour.run("verify", *at))
    well(harbour.run("replay", "--all", *at))
    assert "Team a" in well(harbour.run("runs", "--all-projects", *at)).output


def test_everything_says_whose_it_is(harbour: Harbour) -> None:
    well(harbour.by("fin", "a", "approve"))
    harbour.by("ci", "a", "gate", "1", "-q")
    well(harbour.waive("a"))
    harbour.by("ci", "a", "gate", "9", "-q")
    whose = {each["entry"]: each.get("project") for each in harbour.entries()}
    assert {"run", "point", "gate", "key", "approval", "waiver", "refused"} <= {*whose}
    for kind, project in whose.items():
        own = None if kind in ("ledger", "checkpoint") else {"id": IDS["a"], "title": "Team a"}
        assert project == own, kind


def test_signers_of_each_project_may_write_last(harbour: Harbour) -> None:
    harbour.project("a", IDS["a"], ci="evaluator", fin="approver:finance")
    harbour.project("b", IDS["b"], **{"ci-2": "evaluator", "fin-2": "approver:finance"})
    for _ in range(2):
        well(harbour.by("fin", "a", "approve"))
        well(harbour.by("fin-2", "b", "approve"))
        well(harbour.by("ci", "a", "gate", "1", "-q"), 1)
        well(harbour.by("ci-2", "b", "gate", "1", "-q"))
    for name in IDS:
        well(harbour.of(name, "verify"))
        well(harbour.of(name, "verify", "--quick"))
    stranger = well(harbour.by("ci-2", "a", "gate", "1"), 2)
    assert "no signer has the key" in stranger.output


@pytest.mark.parametrize("kept", [None, "p-cccccccc"])
def test_what_an_id_kept_is_lost_with_it(harbour: Harbour, kept: str | None) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    harbour.project("b", kept)
    advanced = well(harbour.by("fin", "b", "advance", "1"), 2)
    if kept is None:
        assert "the project has no id" in advanced.output
        well(harbour.by("ci", "b", "gate", "1", "-q"), 2)
        well(harbour.by("ci", "b", "check", "-q"), 2)
        well(harbour.by("fin", "b", "approve"), 2)
    else:
        assert "gate 1 has not been decided yet" in advanced.output
        well(harbour.by("ci", "b", "gate", "1", "-q"), 3)  # nobody approved the rules there


def test_two_projects_without_ids_do_not_go_on_beside_each_other(harbour: Harbour) -> None:
    for name in IDS:
        harbour.project(name, None)
    well(harbour.by("fin", "a", "approve"))
    well(harbour.by("ci", "a", "gate", "1", "-q"), 1)
    well(harbour.by("ci", "b", "gate", "1", "-q"))  # which may be the same project, of another title
    for signer, *words in (["fin", "advance", "1"], ["ci", "gate", "1"], ["ci", "check"]):
        refused = well(harbour.by(signer, "a", *words), 2)
        assert "holds runs of 'Team b' since" in refused.output
    assert "holds runs of 'Team b' since" in well(harbour.waive("a"), 2).output
    assert "no-project-id  warning: the project has no id" in well(harbour.of("b", "lint")).output
    harbour.project("b", IDS["b"])
    assert "no-project-id" not in well(harbour.of("b", "lint")).output
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    assert "the project has no id" in well(harbour.by("fin", "a", "advance", "1"), 2).output


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_ledger_is_verified_replayed_and_adopted(
    recorded: Path, harbour: Harbour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "recorded.db"
    shutil.copy(recorded, copy)
    monkeypatch.setenv("LEDGER", str(copy))
    with Ledger.open(copy) as ledger:
        size, nobodys = ledger.size(), not named_in(ledger)
    well(harbour.run("verify", "--ledger", copy))
    well(harbour.of("a", "replay", "--all"))
    if nobodys:
        well(harbour.of("a", "report", "3"))
        assert "The ledger has no runs yet" in well(harbour.of("a", "runs")).output
        well(harbour.by("fin", "a", "ledger", "adopt", "--up-to", size))
        assert well(harbour.of("a", "runs")).output.count("score") == 3
        well(harbour.of("a", "due"))
        well(harbour.run("verify", "--ledger", copy))
        well(harbour.of("a", "replay", "--all"))
    else:
        assert "is of" in well(harbour.of("a", "report", "3"), 2).output


def test_no_gate_is_decided_by_a_clock_that_is_behind_what_another_project_has_told(harbour: Harbour) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("fin", "a", "approve"))
    harbour.at("2026-12-02")
    well(harbour.by("ci", "a", "check", "-q"), 1)
    harbour.at("2026-11-30")
    refused = well(harbour.by("ci", "b", "gate", "1", "-q"), 2)
    assert "nothing is decided by a clock that is behind the ledger" in refused.stderr
    well(harbour.by("fin", "b", "advance", "1"), 2)
    harbour.at("2026-12-02")
    well(harbour.by("ci", "b", "gate", "1", "-q"))


CHANGED = "warning: the project's id is p-cccccccc, and the ledger knows it as {}, it seems: under another"


def changed_id(harbour: Harbour, *words: str, code: int = 3) -> str:
    return well(harbour.by("ci", "b", *words, "-q"), code).stderr


def revoked_in_a(harbour: Harbour, name: str) -> None:
    file = harbour.folder / "a" / "phasegate.yaml"
    line, gone = f"name: {name}, ", f"name: {name}, revoked: 2026-11-29T00:00:00Z, "
    file.write_text(file.read_text(encoding="utf-8").replace(line, gone), encoding="utf-8")
    well(harbour.by("fin-2", "a", "approve"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ci", ("gate", "1", "-q")),
        ("ci", ("check", "-q")),
        ("fin", ("approve",)),
        ("fin", ("advance", "1")),
        ("fin", ("ledger", "adopt", "--up-to", "4")),
    ],
)
def test_a_key_that_another_project_has_revoked_signs_nothing(
    name: str, words: tuple[str, ...], harbour: Harbour
) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    revoked_in_a(harbour, name)
    before = len(harbour.entries())
    refused = well(harbour.by(name, "b", *words), 2).output
    assert f"project p-aaaaaaaa had listed the key of '{name}' as revoked" in refused
    assert len(harbour.entries()) == before
    well(harbour.by("fin-2", "b", "advance", "1"))  # what was decided before stands


def test_nobody_goes_through_a_gate_by_a_key_that_another_project_has_revoked(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    well(harbour.by("fin-2", "b", "approve"))
    revoked_in_a(harbour, "ci")
    with monkeypatch.context() as thief:  # who has the key has a program of their own
        thief.setattr("phasegate.audit.trail.trail.refuse_revoked", lambda *_: None)
        well(harbour.by("ci", "b", "gate", "1", "-q"))
    refused = well(harbour.by("fin-2", "b", "advance", "1"), 2).output
    assert "run 1, which decided gate 1, counts for nothing" in refused
    for id_ in ("run", "1.1", "phase:1"):
        unproved = well(harbour.of("b", "prove", id_, "--run", "1"), 2).output
        assert "run 1 counts for nothing, and is not proved" in unproved
        assert "project p-aaaaaaaa had listed the key of 'ci' as revoked" in unproved
    assert "project p-aaaaaaaa had listed the key of 'ci' as revoked" in refused
    for name in IDS:
        told = " ".join(well(harbour.of(name, "verify"), 1).output.split())
        assert (
            "it came into the ledger after project p-aaaaaaaa had listed the key of 'ci' as revoked" in told
        )


def test_who_is_nobody_here_shuts_no_project_out(harbour: Harbour, tmp_path: Path) -> None:
    well(harbour.by("fin", "a", "approve"))
    harbour.project("s", "p-5555eeee", "Nobody knows", stranger="evaluator", **{"fin-3": "approver:finance"})
    file = harbour.folder / "s" / "phasegate.yaml"
    for name in ("ci", "fin"):
        key = (harbour.folder / "keys" / f"{name}.pub").read_text().strip()
        line = f"  - {{name: {name}, roles: [auditor], key: {key}, revoked: 2026-11-29T00:00:00Z}}\n"
        file.write_text(file.read_text(encoding="utf-8") + line, encoding="utf-8")
    well(harbour.by("stranger", "s", "check", "-q"), 0)
    well(harbour.by("ci", "a", "gate", "1", "-q"), 1)
    well(harbour.waive("a"))
    well(harbour.by("ci", "a", "gate", "1", "-q"))
    well(harbour.by("fin", "a", "advance", "1"))
    well(harbour.of("a", "prove", "1.1", "--run", "2", "-o", tmp_path / "proof.json"))
    for words in (["verify"], ["verify", "--quick"], ["verify", tmp_path / "proof.json"]):
        well(harbour.of("a", *words))


def test_an_id_that_was_changed_is_warned_of_in_one_line_until_it_stands_there(harbour: Harbour) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    assert changed_id(harbour, "gate", "1", code=0) == ""
    harbour.project("b", "p-cccccccc")
    told = changed_id(harbour, "gate", "1")
    assert told.startswith(CHANGED.format("Team b (p-bbbbbbbb)"))
    assert told.count("\n") == 1
    assert changed_id(harbour, "gate", "1") == ""


@pytest.mark.parametrize(
    ("title", "roles", "ledger", "warned"),
    [
        pytest.param("Team b", {"ci": "evaluator", "fin-2": "approver:x"}, None, True, id="the title"),
        pytest.param("Team c", ROLES, None, True, id="rules and signers"),
        pytest.param("Team c", {"ci": "evaluator", "fin-2": "approver:x"}, None, False, id="a new team"),
        pytest.param(
            "Team c", {"ci": "evaluator", "fin-2": "approver:x"}, "phasegate.db", True, id="the folder"
        ),
    ],
)
def test_what_looks_like_a_projects_own(
    title: str, roles: dict[str, str], ledger: str | None, warned: bool, harbour: Harbour
) -> None:
    def write(id_: str, title: str, **roles: str) -> None:
        harbour.project("b", id_, title=title, **roles)
        file = harbour.folder / "b" / "phasegate.yaml"
        file.write_text(file.read_text().replace("env:LEDGER", ledger or "env:LEDGER"))

    write(IDS["b"], "Team b", **ROLES)
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    write("p-cccccccc", title, **roles)
    told = changed_id(harbour, "check", code=0)
    assert told.startswith(CHANGED.format("Team b (p-bbbbbbbb)")) is warned
    assert (told == "") is not warned


def test_a_title_is_nobodys(harbour: Harbour) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    harbour.project("a", IDS["a"], title="Team b")
    assert "has not been decided yet" in well(harbour.by("fin", "a", "advance", "1"), 2).output
    well(harbour.by("ci", "a", "gate", "1", "-q"), 1)
    assert well(harbour.of("a", "runs")).output.count("gate 1") == 1


def test_signers_that_are_gone_are_not_forgotten_by_another_id(harbour: Harbour) -> None:
    well(harbour.by("fin", "b", "approve"))
    text = (harbour.folder / "b" / "phasegate.yaml").read_text()
    unsigned = text[: text.index("signers:")].replace(IDS["b"], "p-cccccccc")
    (harbour.folder / "b" / "phasegate.yaml").write_text(unsigned)
    gone = well(harbour.of("b", "gate", "1", "-q"), 2)
    assert "the project lists no signers, and its ledger knows some" in gone.output


def test_a_copied_project_is_the_same_one(harbour: Harbour) -> None:
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    shutil.copytree(harbour.folder / "b", harbour.folder / "copy")
    harbour.invoices("copy", 3)
    well(harbour.by("ci", "copy", "gate", "1", "-q"), 1)
    # What the copy decides is what the project decided last.
    assert "gate 1 is closed" in well(harbour.by("fin", "b", "advance", "1"), 2).output


def test_two_projects_with_one_id_do_not_go_on_behind_each_other(harbour: Harbour) -> None:
    well(harbour.by("fin", "a", "approve"))
    harbour.project("b", IDS["a"], **{"ci-2": "evaluator", "fin-2": "approver:finance"})
    for words in (["gate", "1"], ["check"]):
        refused = well(harbour.by("ci-2", "b", *words, "-q"), 2)
        assert "by a key that the project does not list" in refused.output


def test_what_is_nobodys_counts_once_it_is_adopted(harbour: Harbour) -> None:
    harbour.project("b", None)
    well(harbour.by("fin", "b", "approve"))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    size = len(harbour.entries())
    harbour.project("b", IDS["b"])
    for words in (["verify"], ["replay", "--all"], ["replay", "1"], ["report", "1"], ["show", "1"]):
        well(harbour.of("b", *words))
    assert "has no run 'latest'" in well(harbour.of("b", "show"), 2).output
    well(harbour.by("ci", "b", "gate", "1", "-q"), 3)  # the approval is nobody's
    assert "adopt" in well(harbour.of("b", "due", "--run", "1"), 2).output

    def adopt(signer: str, project: str, up_to: int) -> Result:
        return harbour.by(signer, project, "ledger", "adopt", "--up-to", up_to)

    assert "holds" in well(adopt("fin", "b", size + 99), 2).output
    assert "nobody has signed a checkpoint" in well(adopt("fin", "b", size - 1), 2).output
    assert "approves nothing" in well(adopt("ci", "b", size), 2).output
    well(adopt("fin", "b", size))
    well(harbour.by("ci", "b", "gate", "1", "-q"))
    assert "taken on" in well(adopt("fin", "b", size), 2).output
    assert "taken on for p-bbbbbbbb" in well(adopt("fin", "a", size), 2).output
    well(harbour.by("fin", "b", "advance", "1"))
    well(harbour.of("b", "due", "--run", "1"))
    for name in IDS:
        well(harbour.of(name, "verify"))
    assert "takes on what was nobody's" in well(harbour.of("b", "runs", "--all")).output
    # What b has taken on is nothing of a's.
    assert "approved" in well(harbour.by("ci", "a", "gate", "1"), 1).output


def test_what_was_revoked_does_not_come_back_by_an_adoption_that_ends_before(harbour: Harbour) -> None:
    harbour.project("a", None)
    well(harbour.by("fin", "a", "approve"))
    well(harbour.waive("a", id="W-1"))
    well(harbour.by("ci", "a", "gate", "1"))
    size = len(harbour.entries())
    well(harbour.by("fin-2", "a", "waive", "--revoke", "W-1"))
    well(harbour.by("ci", "a", "gate", "1"), 1)
    harbour.project("a", IDS["a"])
    well(harbour.by("fin", "a", "ledger", "adopt", "--up-to", size))
    well(harbour.by("ci", "a", "gate", "1"), 1)
    well(harbour.by("fin-2", "a", "advance", "1"), 2)
    well(harbour.of("a", "verify"))
