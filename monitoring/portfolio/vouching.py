"""Who vouches today for what a run decided: for the run, for its rules, and for the statements in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phasegate.audit.ledger.checkpoint import NoteError, SignedNote, read_checkpoint
from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.trail.revoked_keys import words_of
from phasegate.audit.verification.run_signers import Recorder
from phasegate.audit.verification.trusted_keys import names_and_keys, signer_of
from phasegate.records.time_zone import zone_of
from phasegate.rules.model.role import EVALUATOR
from phasegate.runs.collect_statements import signed

if TYPE_CHECKING:
    import datetime as dt

    from phasegate.audit.ledger.entry import Position
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.signing.signers import Signers
    from phasegate.audit.trail.runs import KeptRun
    from phasegate.records.schema import Record
    from phasegate.rules.loading.pack import LoadedPack


@dataclass(frozen=True)
class Vouching:
    """Asks whose word counts today in the ledger of a project that lists signers.

    Attributes:
        whole: the ledger, in which the entries of all projects are found.
        log: the same, in which those of the project are.
        at: the same as a position.
        signers: those whom the project lists.
        project: its id; None for one without.
        now: this moment.
    """

    whole: Position
    log: Ledger
    at: Position
    signers: Signers
    project: str | None
    now: dt.datetime

    def against(self, run: KeptRun) -> str | None:
        """What speaks against the signature under a run, in a sentence; None if nothing does."""
        note = self._over(run)
        by = signer_of(note, names_and_keys(self.signers, EVALUATOR)) if note is not None else None
        if by is None:
            return f"run {run.number} was signed by no evaluator whom the project lists"
        words = words_of(self.whole, before=run.seq)
        recorder = Recorder.of(run.seq, run.envelope, self.project, self.signers, words)
        why = recorder.against(*by)
        return f"run {run.number} does not count: {why}" if why is not None else None

    def not_in_force(self, record: Record, rules: LoadedPack) -> tuple[list[str], list[tuple[str, str]]]:
        """What a run rests on that nobody vouches for any more.

        Args:
            record: what it decided.
            rules: those that it was decided under.

        Returns:
            The functions of which the rules lack an approval, and the statements that count no more, each by
            its kind and id.
        """
        found = signed(
            self.signers, rules, zone_of(record), (), self.at, self.now, today=True, content=self.log.content
        )
        standing = {
            *(
                ("waiver", each.waiver.id)
                for each in found.waivers
                if each.refused is None and each.waiver.revoked is None
            ),
            *(
                ("attestation", each.given.attestation.id)
                for each in found.attestations
                if each.given.refused is None and each.given.revoked is None
            ),
        }
        gone = [each for each in dict.fromkeys(_rested_on(record)) if each not in standing]
        return found.approval["missing"], gone

    def _over(self, run: KeptRun) -> SignedNote | None:
        """The first checkpoint over a run; None where it can not be read."""
        later = (row for row in self.whole.find(("checkpoint",)) if row.seq > run.seq)
        row = next(later, None)
        note = str(document_of(row).get("note")) if row is not None else self.whole.note
        try:
            return read_checkpoint(note or "")[1]
        except NoteError:
            return None


def _rested_on(record: Record) -> Iterator[tuple[str, str]]:
    """The statements that a run went by, each by its kind and id."""
    yield from (("waiver", each["waiver"]) for each in record["requirements"] if each["waiver"])
    yield from (("attestation", each["id"]) for each in record["attestations"] if each["standing"] == "used")
