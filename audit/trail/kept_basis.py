"""What the facts of a kept run rest on: by its record, or by the rules that were kept with it."""

from __future__ import annotations

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.records.basis.parts import basis
from phasegate.records.schema import Record
from phasegate.rules.errors import PhasegateError


def with_basis(ledger: Ledger, run: KeptRun, record: Record) -> Record:
    """A record that says what its facts rest on: by itself, or by the rules that were kept with its run.

    Args:
        ledger: where the run is kept.
        run: the run.
        record: what it decided. It stays as it is where its rules can not be read any more.
    """
    if "basis" in record:
        return record
    try:
        pack = rules_of(content_of(ledger, str(run.entry["rules"]))).pack
    except PhasegateError:
        return record
    names = (fact["measure"] for fact in record["facts"])
    return {**record, "basis": basis(pack, names, record["parameters"], record["calendar"])}
