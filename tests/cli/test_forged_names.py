"""Rules that a ledger keeps are files that a pack can have: no name of one stands for two."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from phasegate.audit.signing.canonical_json import canonical
from phasegate.audit.trail import pack_snapshot
from phasegate.rules.loading.pack import LoadedPack

World = Any
STRICT = """\
points:
  "1.3":
    title: Yard planning
    criteria:
      - {id: systems, text: Yard systems activated, require: {invoices.reconciled: ">= 100 %"}}
"""


def test_no_name_of_a_kept_file_hides_another_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluator keeps one file under the names of two; then nobody would miss the other one."""
    world.write(">= 80 %")
    strict = world.folder / "pack" / "strict.yaml"
    strict.write_text(STRICT, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(LoadedPack, "digest", property(lambda self: self.files_digest))
        world.approve()
        honest = pack_snapshot.rules_document

        def forged(loaded: Any) -> bytes:
            document = json.loads(honest(loaded))
            beside = hashlib.sha256(document["files"].pop("strict.yaml").encode()).hexdigest()
            (only,) = document["files"].values()
            document["files"] = {f"pack.yaml\n{beside}  strict.yaml": only}
            return canonical(document)

        patch.setattr(pack_snapshot, "rules_document", forged)
        world.by("ci", "check")
    strict.unlink()
    result = world.at("2026-03-02T09:00:00+00:00").gate()
    assert world.record("check")["approval"]["given"] == []
    assert result.exit_code == 3, result.output
