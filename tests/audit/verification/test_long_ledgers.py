"""A long ledger is verified in full, in the memory that a short one takes, and tells how far it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tampering import own_signers, signer_of

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.keys import read_private
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.trail.runs import content_of, find_run, record_of

_VERIFIES = """\
import re, sys
from pathlib import Path
from phasegate.audit.verification.runs import Retold
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.verification.ledger import Asked, verify

told = []
with Ledger.open(sys.argv[1]) as ledger:
    found = verify(ledger, Asked(retelling=Retold, heard=lambda read, of: told.append((read, of))))
assert found.good, found.faults
assert told == sorted(told) and told[-1] == (found.size, found.size), told[-3:]
# Not what getrusage tells: that begins with the memory of the process that started this one.
peak = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
print(found.size, found.runs, len({read // 4096 for read, _ in told}), peak)
"""


def long_ledger(folder: Path, source: Path, entries: int) -> Path:
    """The second run of the harbour over and over, each under a checkpoint with the thousand before it."""
    with Ledger.open(source / "phasegate.db") as ledger:
        run = find_run(ledger, "2")
        record, rules = record_of(ledger, run), content_of(ledger, run.entry["rules"])
        files = {digest: content_of(ledger, digest) for digest in run.entry.get("rows", ())}
    key = read_private(source / ".phasegate" / "evaluator")
    envelope = Envelope.of(run.entry["envelope"])
    own = Envelope(envelope.recorded_at, "evaluator", key.public.fingerprint)
    kept = RunDrafts(record, rules_of(rules).pack, rules, own, files)
    place = folder / f"{entries}.db"
    with Ledger.open(place, create=True) as ledger:
        ledger.append(lambda _: [own_signers(key)], signer_of(key))
        while ledger.size() < entries:
            ledger.append(
                lambda position: [
                    draft for more in range(1, 201) for draft in kept.drafts(position.newest_run + more)
                ],
                signer_of(key),
                kept.contents,
            )
    return place


def measured(place: Path) -> list[int]:
    """Entries, runs, steps of progress, and the peak of memory in kB, of a process that verifies."""
    command = [sys.executable, "-c", _VERIFIES, str(place)]
    return [*map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())]


@pytest.mark.slow
def test_a_hundred_thousand_entries_in_the_memory_of_ten_thousand(harbour: Path, tmp_path: Path) -> None:
    _, _, _, little = measured(long_ledger(tmp_path, harbour, 10_000))
    size, runs, steps, much = measured(long_ledger(tmp_path, harbour, 100_000))
    assert size >= 100_000
    assert runs > 10_000
    assert steps >= size // 4096
    assert much < little * 1.25 + 8_000
