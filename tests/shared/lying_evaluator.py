"""A run as its evaluator kept it, and ways in which another one could have lied of it."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import canonical, read_canonical
from phasegate.audit.signing.keys import PrivateKey, read_private
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.trail.runs import content_of, find_run, record_of
from phasegate.records.schema import Record

Drafts = list[Draft]
Contents = dict[str, bytes]
Change = Callable[[Drafts, Contents], object]


class Honest:
    """The second run of the harbour, as it was kept, and the key that signed it."""

    def __init__(self, folder: Path) -> None:
        with Ledger.open(folder / "phasegate.db") as ledger:
            run = find_run(ledger, "2")
            self.record = record_of(ledger, run)
            self.rules = content_of(ledger, run.entry["rules"])
            self.files = {digest: content_of(ledger, digest) for digest in run.entry.get("rows", ())}
        self.key: PrivateKey = read_private(folder / ".phasegate" / "evaluator")
        self.envelope = Envelope(
            dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), "evaluator", self.key.public.fingerprint
        )

    def drafts(self, record: Record | None = None) -> RunDrafts:
        pack = rules_of(self.rules).pack
        return RunDrafts(record or self.record, pack, self.rules, self.envelope, self.files)


@pytest.fixture(scope="module")
def honest(harbour: Path) -> Honest:
    return Honest(harbour)


def on(kind: str, subject: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """Changes the document of one entry."""

    def changed(drafts: Drafts, _: Contents) -> None:
        (at,) = [i for i, each in enumerate(drafts) if (each.kind, each.subject) == (kind, subject)]
        document = copy.deepcopy(dict(drafts[at].document))
        change(document)
        drafts[at] = replace(drafts[at], document=document)

    return changed


def sets(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(values)


def without(*names: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: [document.pop(name) for name in names]


def named(parts: Any, name: str) -> Any:
    (found,) = [each for each in parts if each["id"] == name]
    return found


def evidence(change: Callable[[dict[str, Any]], object]) -> Change:
    """Changes the evidence of point 1.1, and names the changed one."""

    def changed(drafts: Drafts, contents: Contents) -> None:
        digest = drafts[1].document["evidence"].removeprefix("sha256:")
        document = read_canonical(contents.pop(digest))
        change(document)
        data = canonical(document)
        new = hashlib.sha256(data).hexdigest()
        contents[new] = data
        on("point", "1.1", sets(evidence=f"sha256:{new}"))(drafts, contents)

    return changed
