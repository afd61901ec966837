"""What statements are about, by one name each: whoever reads several of them sees what is the same.

Waivers are about the requirement that they name, and attestations about the files that they rest on: these
have the names that the rules and the project give them.
"""

from __future__ import annotations

from phasegate.audit.signing.canonical_json import digest_of
from phasegate.audit.signing.in_toto import Subject


def rules(pack: str, digest: str) -> Subject:
    """The rules that were decided under, or that are approved: by the id of their pack."""
    return Subject(pack, digest)


def gate(name: str, seq: int, body: bytes) -> Subject:
    """A gate as a run decided it: its entry in the ledger."""
    return Subject(f"gate {name}, entry {seq}", digest_of(body))


def record(run: int, digest: str) -> Subject:
    """What a run decided as a whole."""
    return Subject(f"record of run {run}", digest)
