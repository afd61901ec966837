"""A portfolio that pins who may sign for a project, and which checkpoint its ledger goes on from."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.checkpoint import in_a_line, read_checkpoint
from phasegate.audit.ledger.ledger import Ledger

WHERE = {"ledger": "ledger: phasegate.db, project: harbour.0001", "path": "path: ."}


@pytest.fixture
def decided(world: Any) -> Any:
    """A project whose gate 1 an evaluator found open, under rules that both functions approved."""
    world.more = "id: harbour.0001\n"
    world.write(">= 80 %")
    world.approve()
    assert world.gate().exit_code == 0
    return world


def lines(world: Any, **listed: str) -> str:
    """The lines that pin the signers of the world; others by their names, without those that are empty."""
    wanted = {**world.listed, **{name.replace("_", "-"): roles for name, roles in listed.items()}}
    found = []
    for name, roles in wanted.items():
        if roles:
            key = (world.folder / "keys" / f"{name}.pub").read_text(encoding="utf-8").strip()
            shown = roles if roles.startswith("[") else f"['{roles}']"
            found.append(f"{{name: {name}, roles: {shown}, key: '{key}'}}")
    return ", ".join(found)


def checkpoint(path: Path) -> str:
    """The newest checkpoint of a ledger, in a line."""
    with Ledger.open(path) as ledger:
        found = read_checkpoint(ledger.newest_checkpoint() or "")[0]
    return in_a_line(found.size, found.root)


def row(world: Any, where: str, *, signers: str | None = None, kept: str | None = None) -> Any:
    """The row of the world's project in a portfolio that pins some of it."""
    given = [WHERE[where]]
    given += [f"signers: [{signers}]"] if signers is not None else []
    given += [f"checkpoint: '{kept}'"] if kept is not None else []
    file = world.folder / "phasegate.portfolio.yaml"
    entry = "".join(f"    {each}\n" for each in given[0].split(", ") + given[1:])
    file.write_text(f"phasegate: 1\ntitle: x\nprojects:\n  -\n{entry}", encoding="utf-8")
    done = world.run("portfolio", "--file", file, "--gate", "1", "--format", "json")
    assert done.exit_code in (0, 1, 3), done.output
    (found,) = json.loads(done.stdout)["projects"]
    return found


@pytest.mark.parametrize("where", WHERE)
def test_what_is_as_it_is_pinned_stands_as_it_does_without(where: str, decided: Any) -> None:
    kept = decided.folder / "kept.txt"
    done = decided.run("checkpoint")
    kept.write_text(done.stdout, encoding="utf-8")
    for given in (checkpoint(decided.folder / "phasegate.db"), "kept.txt"):
        found = row(decided, where, signers=lines(decided), kept=given)
        assert (found["standing"], found["signers"], found["notes"]) == ("open", "portfolio", [])
    loose = row(decided, where)
    assert loose["standing"] == "open"
    assert (loose["signers"], len(loose["notes"])) == (("ledger", 1) if where == "ledger" else ("project", 0))


OTHERS: dict[str, tuple[dict[str, str], str]] = {
    "one signer more": ({"dev": ""}, "dev may sign there, and no line pins that"),
    "one signer less": ({"stranger": "evaluator"}, "the project does not list stranger, whom a line pins"),
    "another role": ({"fin": "auditor"}, "fin has other roles than the line that pins it"),
}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", OTHERS)
def test_whoever_is_listed_otherwise_is_an_error(name: str, where: str, decided: Any) -> None:
    change, says = OTHERS[name]
    found = row(decided, where, signers=lines(decided, **change))
    assert (found["standing"], says in found["why"][0]) == ("error", True), found["why"]


def test_a_key_that_is_given_up_counts_no_more_and_is_no_error(decided: Any) -> None:
    pinned = lines(decided)
    decided.write(">= 80 %", dev="revoked: 2026-02-01T00:00:00Z")
    found = row(decided, "path", signers=pinned)
    assert (found["standing"], found["why"]) == ("undecided", ["the rules are not approved for developer"])
    back = f"{pinned[:-1]}, revoked: 2026-01-01T00:00:00Z}}"
    assert "has more time than the line that pins it" in row(decided, "path", signers=back)["why"][0]


def forged(world: Any) -> None:
    """The ledger written anew from its first entry, by somebody who lists a key of their own."""
    (world.folder / "phasegate.db").unlink()
    listed, world.listed = world.listed, {"stranger": "evaluator", "eyes": "['approver:finance']"}
    world.write(">= 0 %")
    world.listed = listed
    assert world.by("eyes", "approve").exit_code == 0
    assert world.by("stranger", "gate", "1").exit_code == 0


def put_back(world: Any) -> None:
    """A copy from before the newest run, which shut the gate."""
    path = world.folder / "phasegate.db"
    kept = world.folder / "older.db"
    shutil.copy(path, kept)
    world.write(">= 95 %")
    world.approve()
    assert world.gate().exit_code == 1
    world.newest = checkpoint(path)
    shutil.copy(kept, path)


def test_a_ledger_that_was_written_anew_is_open_by_itself_and_an_error_by_what_is_pinned(
    decided: Any,
) -> None:
    signers, kept = lines(decided), checkpoint(decided.folder / "phasegate.db")
    forged(decided)
    assert row(decided, "ledger")["standing"] == "open"
    assert "no line pins that" in row(decided, "ledger", signers=signers)["why"][0]
    assert "does not go on from the checkpoint" in row(decided, "ledger", kept=kept)["why"][0]


def test_an_older_copy_is_open_by_itself_and_an_error_by_a_checkpoint(decided: Any) -> None:
    put_back(decided)
    assert row(decided, "path", signers=lines(decided))["standing"] == "open"
    found = row(decided, "path", kept=decided.newest)
    assert (found["standing"], found["gates"]) == ("error", [])
    assert "as if an older copy had been put back" in found["why"][0]


NO_CHECKPOINT: dict[str, tuple[Callable[[str], str], str]] = {
    "another root": (lambda line: f"{line.split()[0]} {base64.b64encode(bytes(32)).decode()}", "are others"),
    "no root": (lambda line: f"{line.split()[0]} x", "is no checkpoint"),
    "no such file": (lambda _: "gone.txt", "can not be read"),
}


@pytest.mark.parametrize("name", NO_CHECKPOINT)
def test_what_is_no_checkpoint_of_it_is_an_error(name: str, decided: Any) -> None:
    change, says = NO_CHECKPOINT[name]
    kept = change(checkpoint(decided.folder / "phasegate.db"))
    found = row(decided, "path", kept=kept)
    assert (found["standing"], says in found["why"][0]) == ("error", True), found["why"]
