"""A gate that some entry says is open lets nobody pass, unless an evaluator's run decided it."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.keys import read_private

World = Any


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("claimed", [True, None, "1", [1], 2])
def test_nobody_passes_by_a_gate_that_only_claims_a_run(claimed: Any, world: World) -> None:
    """An auditor, who signs no runs, writes an open gate beside the run that found it closed."""
    world.approve()
    assert world.gate().exit_code == 1
    (closed,) = [each for kind, each in world.log() if kind == "gate" and each.get("asked")]
    key = read_private(world.folder / "keys" / "eyes")
    forged = {**closed, "state": "open", "run": claimed}
    if claimed is None:
        del forged["run"]
    draft = Draft("gate", claimed if type(claimed) is int else None, closed["subject"], forged)
    with Ledger.open(world.folder / "phasegate.db", read_only=False) as ledger:
        ledger.append(lambda _: [draft], CheckpointSigner("eyes", key.public.raw, key.sign))
    result = world.by("dev", "advance", "1")
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert all(kind != "advance" for kind, _ in world.log())
    assert world.run("verify").exit_code == 1
