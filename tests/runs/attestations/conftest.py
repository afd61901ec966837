"""A project whose board decides on paper: what the minutes say, people attest."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from phasegate import cli
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.in_toto import ATTESTATION, REVOCATION, Statement, Subject, sign_statement
from phasegate.audit.signing.keys import PrivateKey, new_key

PACK = """\
pack: board
title: Board
points:
  "1.1": {title: Decide, criteria: [{id: decided, text: The board has decided, require: {minuted: true}}]}
  "1.2": {title: Fund, criteria: [{id: funded, text: Funded, require: {minuted: true, vote: ">= 75 %"}}]}
  "1.3": {title: Call, criteria: [{id: called, text: Everybody was called, require: {called: ">= 95 %"}}]}
sources:
  calls: {title: one call, columns: {call: {type: string}, status: {type: string}}}
measures:
  called: {title: Calls that were answered, from: calls, ratio: {of: status = 'answered'}}
  minuted: {title: The board has minuted the decision, by: point, attested: {by: auditor}, max_age: 90 days}
  vote: {title: Votes in favour, attested: {by: "approver:finance"}, unit: "%", valid: [0 %, 100 %]}
"""
PROJECT = """\
phasegate: 1
title: Board
pack: pack
sources: {calls: {path: calls.csv}}
"""
ROLES = {
    "ci": ["evaluator"],
    "aud": ["auditor"],
    "aud-2": ["auditor"],
    "fin": ["approver:finance"],
    "all": ["auditor", "evaluator"],
}
MONDAY = "2026-03-09T09:00:00"


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


class Board:
    """The project, its people, and a clock that stands where it is set."""

    pack = PACK

    def __init__(self, folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._keys, self._monkeypatch = folder, keys, monkeypatch
        self.keys: dict[str, PrivateKey] = {}
        for name in [*ROLES, "nobody"]:
            self.keys[name] = new_key(keys / name, name)
        (folder / "pack").mkdir()
        (folder / "pack" / "pack.yaml").write_text(PACK)
        (folder / "calls.csv").write_text("call,status\n1,answered\n2,answered\n")
        (folder / "minutes.txt").write_text("The board decides.\n")
        self.signers: dict[str, dict[str, Any]] = {
            name: {"name": name, "roles": roles, "key": self.keys[name].public.openssh}
            for name, roles in ROLES.items()
        }
        self.write()

    def write(self, pack: str = PACK) -> None:
        """Writes the project file, and the pack."""
        listed = json.dumps(list(self.signers.values()))
        (self.folder / "phasegate.yaml").write_text(
            PROJECT + (f"signers: {listed}\n" if self.signers else "")
        )
        (self.folder / "pack" / "pack.yaml").write_text(pack)

    def run(self, *args: str | Path, by: str | None = None, at: str = MONDAY) -> Result:
        """A command line, at a moment in UTC."""
        self._monkeypatch.chdir(self.folder)
        self._monkeypatch.setattr(cli, "now", lambda: instant(at))
        key = ["--key", str(self._keys / by)] if by is not None else []
        return CliRunner().invoke(cli.main, [*map(str, args), *key])

    def attest(self, *changes: str | Path, by: str = "aud", at: str = MONDAY) -> Result:
        """Attests that point 1.1 is minuted; options that are given again count instead."""
        given = {
            "--point": "1.1",
            "--value": "true",
            "--evidence": "minutes.txt",
            "--until": "2026-06-01",
        }
        words = list(map(str, changes))
        measure = words.pop(0) if words and not words[0].startswith("--") else "minuted"
        given |= dict(zip(words[::2], words[1::2], strict=True))
        options = [word for name, value in given.items() if value for word in (name, value)]
        return self.run("attest", measure, *options, by=by, at=at)

    def record(self, *ids: str, at: str = "2026-03-10T09:00:00") -> dict[str, Any]:
        """What a check finds; it is kept."""
        result = self.run("check", *ids, "--format", "json", by="ci", at=at)
        assert result.exit_code in (0, 1, 3), result.output
        return json.loads(result.stdout)

    def fact(self, id_: str = "minuted[1.1]", at: str = "2026-03-10T09:00:00") -> dict[str, Any]:
        """One fact of a check."""
        return next(each for each in self.record(at=at)["facts"] if each["id"] == id_)

    def standing(self, at: str = "2026-03-10T09:00:00") -> list[tuple[str, str]]:
        """What became of each attestation: fact and standing."""
        return [(each["fact"], each["standing"]) for each in self.record(at=at)["attestations"]]

    def say(
        self,
        predicate: Mapping[str, object],
        by: str = "aud",
        subjects: Mapping[str, str] | None = None,
        kind: str = "attestation",
    ) -> None:
        """Puts a statement into the ledger behind the back of every check, as somebody with access could."""
        with Ledger.open(self.folder / "phasegate.db", read_only=False) as ledger:
            about = [
                Subject(name, digest) for name, digest in (subjects or {"minutes.txt": self.digest}).items()
            ]
            said = Statement(
                {"attestation": ATTESTATION, "revocation": REVOCATION}[kind],
                about,
                {**predicate, "ledger": ledger.origin},
            )
            key = self.keys["ci"]
            signer = CheckpointSigner("ci", key.public.raw, key.sign)
            envelope = {"envelope": sign_statement(said, self.keys[by])}
            ledger.append(lambda _: [Draft(kind, None, str(predicate.get("id", "")), envelope)], signer)

    def kept(self) -> list[str]:
        """The kinds of the entries in the ledger, in their order."""
        if not (self.folder / "phasegate.db").exists():
            return []
        with Ledger.open(self.folder / "phasegate.db") as ledger:
            return [row.kind for row in ledger.rows()]

    @property
    def digest(self) -> str:
        """The digest of the minutes, computed by another way."""
        import hashlib

        return "sha256:" + hashlib.new("sha256", (self.folder / "minutes.txt").read_bytes()).hexdigest()


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    for name in ("PHASEGATE_KEY", "PHASEGATE_REFERENCE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "project").mkdir()
    (tmp_path / "keys").mkdir()
    return Board(tmp_path / "project", tmp_path / "keys", monkeypatch)


@pytest.fixture
def predicate() -> dict[str, object]:
    """What the command would sign, for somebody who writes it by hand."""
    return {
        "id": "A-1",
        "fact": "minuted",
        "slice": "1.1",
        "statement": "The board has minuted the decision",
        "value": True,
        "role": "auditor",
        "signed": "2026-03-09T09:00:00Z",
        "start": "2026-03-09T09:00:00Z",
        "end": "2026-06-01T00:00:00Z",
        "comment": None,
        "by": "aud",
    }
