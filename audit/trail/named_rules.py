"""The rules that a ledger keeps of its runs, by the digests that name them.

What was signed before the digest was that of what rules say names the digest of their files. The rules of
every run are kept, so that it can be shown which files these were, and whether they say what is in force.
Nothing has to be believed for that: kept files either have the digest that was signed, or they have not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from phasegate.audit.ledger.store import Finding, Row
from phasegate.audit.trail.pack_snapshot import files_digest_of, rules_of
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack

_RULES = re.compile(rb'"rules":"sha256:([0-9a-f]{64})"')
Documents = Callable[[str], Iterable[bytes]]
"""Gives the rules that were kept of runs under a digest; documents that may be anything."""


def with_earlier_names(rules: LoadedPack, digests: Iterable[str], kept: Documents) -> LoadedPack:
    """Rules that know which of some digests name them.

    Args:
        rules: those in force.
        digests: what statements are about.
        kept: gives kept rules.
    """
    if rules.by_files:
        return rules
    unknown = sorted({digest for digest in digests if not rules.is_named(digest)})
    found = {digest for digest in unknown if any(_say(rules, digest, each) for each in kept(digest))}
    return replace(rules, earlier=rules.earlier | found) if found else rules


def _say(rules: LoadedPack, digest: str, document: bytes) -> bool:
    """Whether a document holds files of a digest that say what some rules say.

    How tables were read in that run stands beside a pack's files, and nobody signed it with them.
    """
    try:
        return files_digest_of(document) == digest and rules_of(document).said_by_files == rules.said_by_files
    except (PhasegateError, UnicodeError):
        return False


def kept_in(log: Finding, content: Callable[[str], bytes | None]) -> Documents:
    """The rules that a ledger keeps of its runs, the newest first.

    Args:
        log: finds the entries of runs, once that is needed.
        content: gives a kept content by its address; None where there is none.
    """
    rows: list[Row] = []

    def documents(digest: str) -> Iterator[bytes]:
        if not rows:
            rows.extend(log.find(("run",)))
        found = (_address(row.body) for row in reversed(rows) if digest.encode() in row.body)
        for address in dict.fromkeys(found):
            with suppress(PhasegateError):  # `verify` tells of content that is missing or damaged
                document = content(address) if address is not None else None
                if document is not None:
                    yield document

    return documents


def rules_named(log: Finding, content: Callable[[str], bytes | None], digest: str) -> LoadedPack | None:
    """The rules that a digest names, as a ledger keeps them of a run; None where it keeps none.

    Of a pack that is named by its files it is not known how its tables were read when that was signed.

    Args:
        log: finds the entries of runs.
        content: gives a kept content by its address.
        digest: of what they say, or of their files; or how it begins.
    """
    documents = kept_in(log, content)
    for document in documents(digest):
        with suppress(PhasegateError, UnicodeError):
            rules = rules_of(document)
            if rules.digest.startswith(digest):
                return rules
            if rules.files_digest.startswith(digest):
                return rules.as_files_say()
    for document in documents(""):  # no entry has the digest of files any more
        with suppress(PhasegateError, UnicodeError):
            if files_digest_of(document).startswith(digest):
                return rules_of(document).as_files_say()
    return None


def _address(body: bytes) -> str | None:
    """Where the entry of a run says that its rules are kept; whatever stands there is held to its digest."""
    found = _RULES.search(body)
    return found[1].decode() if found else None
