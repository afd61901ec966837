"""The entries of a run: what it decided as a whole, and one for each point, target and gate.

An entry says what was decided; the evidence that it names by digest says why: the facts, their
sources, the measures and the waivers, so that one entry can be proved and repeated by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.signing.canonical_json import canonical, digest_of
from phasegate.audit.trail.entry_schema import PARTS, Told, of_record
from phasegate.records.schema import FactEntry, Record
from phasegate.records.waivers import instant
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who recorded a run, and when: what is no part of what was decided.

    Attributes:
        recorded_at: the moment, in UTC.
        evaluator: the name of the key that signs the run.
        fingerprint: of that key.
        reference: what else tells the run, such as the address of a pipeline's job.
    """

    recorded_at: dt.datetime
    evaluator: str
    fingerprint: str
    reference: str | None = None

    @staticmethod
    def of(document: Mapping[str, Any]) -> Envelope:
        """Reads what `document` wrote.

        Raises:
            ValueError: if it is anything else.
        """
        try:
            at = dt.datetime.fromisoformat(document["recorded_at"])
            found = Envelope(at, document["evaluator"], document["fingerprint"], document["reference"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("this is no envelope of a run") from error
        if at.utcoffset() is None or found.document() != document:
            raise ValueError("this is no envelope of a run")
        return found

    def document(self) -> dict[str, str | None]:
        """The envelope as entries have it."""
        return {
            "recorded_at": instant(self.recorded_at.replace(microsecond=0)),
            "evaluator": self.evaluator,
            "fingerprint": self.fingerprint,
            "reference": self.reference,
        }


class RunDrafts:
    """What a run is kept as: the entries, and the contents that they name by digest.

    Args:
        record: what was decided.
        pack: the rules that it was decided by.
        rules: the same as they are kept.
        envelope: who recorded it.
        files: further files to be kept, by digest: the rows behind verdicts.

    Attributes:
        contents: by the digest of each.
        digest: of the record.
    """

    def __init__(
        self,
        record: Record,
        pack: Pack,
        rules: bytes,
        envelope: Envelope,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self.contents = {digest.removeprefix("sha256:"): file for digest, file in files.items()}
        self._told = Told(record)
        self._pack = pack
        self._envelope = envelope
        self._written = _Written()
        whole: Mapping[str, Any] = record
        rest = {name: part for name, part in whole.items() if name not in PARTS}
        self.digest = digest_of(self._written.document(whole))
        self._rules = self._keep(rules)
        self._parts = {name: self._keep(self._written.part(whole[name])) for name in PARTS}
        self._parts["rest"] = self._keep(self._written.document(rest))
        self._evidence = {name: self._keep(self._proved(why)) for name, why in self._told.evidence()}

    def drafts(self, run: int) -> list[Draft]:
        """The entries of the run, the run itself first.

        Args:
            run: its number in the ledger.
        """
        return [self._run(run), *self._decided(run)]

    def _keep(self, content: bytes) -> str:
        digest = digest_of(content)
        self.contents[digest.removeprefix("sha256:")] = content
        return digest

    def _run(self, run: int) -> Draft:
        beside = {"parts": self._parts, "rules": self._rules, "envelope": self._envelope.document()}
        return self._draft("run", run, str(run), {**self._told.run(), **beside})

    def _decided(self, run: int) -> Iterator[Draft]:
        for kind, name, document in self._told.decided():
            beside = {} if kind == "gate" else {"evidence": self._evidence[name]}
            yield self._draft(kind, run, name, {**document, **beside})

    def _draft(self, kind: str, run: int, subject: str, document: Mapping[str, Any]) -> Draft:
        record = self._told.record
        common = {
            "run": run,
            "record": self.digest,
            "pack": record["pack"]["digest"],
            "as_of": record["as_of"],
            **of_record(record),
        }
        return Draft(kind, run, subject, {**document, **common})

    def _proved(self, why: Mapping[str, Any]) -> bytes:
        """Some evidence as it is kept, with how its facts were computed."""
        return self._written.document({**why, "measures": self._measures(why["facts"])})

    def _measures(self, facts: Iterable[FactEntry]) -> dict[str, Any]:
        """How the facts were computed, in the words of the pack."""
        names = {measure_of(self._pack, fact["measure"]) for fact in facts}
        return {
            name: self._pack.measures[name].model_dump(
                mode="json", by_alias=True, exclude_defaults=True, exclude={"title", "note"}
            )
            for name in sorted(name for name in names if name is not None)
        }


class _Written:
    """Canonical JSON of documents that share parts: a part is written once, and joined from then on."""

    def __init__(self) -> None:
        self._parts: dict[int, tuple[object, bytes]] = {}  # the part itself too, so that its id stays its own

    def document(self, document: Mapping[str, Any]) -> bytes:
        """A document whose keys are plain ASCII."""
        pairs = (b'"%s":%s' % (key.encode("ascii"), self.part(document[key])) for key in sorted(document))
        return b"{%s}" % b",".join(pairs)

    def part(self, value: object) -> bytes:
        """What stands behind a key: a list is joined from its parts."""
        if not isinstance(value, list):
            return canonical(value)
        return b"[%s]" % b",".join(map(self._once, value))

    def _once(self, part: object) -> bytes:
        known = self._parts.get(id(part))
        if known is None:
            known = self._parts[id(part)] = (part, canonical(part))
        return known[1]
