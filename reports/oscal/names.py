"""Names as OSCAL takes them: tokens, UUIDs, one-line titles, properties and digests."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from phasegate.reports.output import Json
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.records.schema import Record

NAMESPACE = "urn:phasegate:oscal:1"
"""Of the properties that are ours, and the seed of every UUID."""
_BASE = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_PART = r"[A-Za-z0-9.\-]+(?:_[A-Za-z0-9.\-]+)*"
_PLAIN = re.compile(rf"{_PART}(?:/{_PART})*")
_STRANGE = re.compile(r"[^A-Za-z0-9.\-]+")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")


def token(kind: str, name: str) -> str:
    """An id as a token, which may neither begin with a digit nor hold a slash: ``criterion.1.1__success``.

    Different names give different tokens: one that is unlike the ids of a pack ends with its digest.
    """
    if _PLAIN.fullmatch(name):
        return f"{kind}.{name.replace('/', '__')}"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{kind}.{_STRANGE.sub('-', name)[:80]}_.{digest}"


def subject_uuid(record: Record, *names: str) -> str:
    """The UUID of what a pack names: the same in every run of a project, as OSCAL asks for, and its own."""
    project = record.get("project")
    whose = [record["pack"]["id"], record["title"]] if project is None else [project["id"]]
    return _uuid("subject", *whose, *names)


def record_uuid(digest: str, name: str) -> str:
    """The UUID of a document that tells of one record alone.

    Args:
        digest: the record's.
        name: which document, or part of it.
    """
    return _uuid("record", digest, name)


@lru_cache(maxsize=65_536)  # what refers to something has its UUID too
def _uuid(*names: str) -> str:
    return str(uuid.uuid5(_BASE, json.dumps(names)))


def line(text: str, otherwise: str = "-") -> str:
    """The text on one line without blanks at its ends, as titles and values must be."""
    return visible(text).strip() or otherwise


def props(told: dict[str, str | int | None], **others: str) -> list[Json]:
    """Properties by name, those left out that have no value.

    Args:
        told: ours.
        others: those that OSCAL itself defines.
    """
    ours = [
        {"name": name, "ns": NAMESPACE, "value": value}
        for name, found in told.items()
        if found is not None and (value := line(str(found), ""))
    ]
    return [*({"name": name, "value": value} for name, value in others.items()), *ours]


def hashes(digest: str | None) -> Json:
    """The member ``hashes`` of a link to a file; nothing where the digest is none of SHA-256."""
    found = _SHA256.fullmatch(digest or "")
    return {"hashes": [{"algorithm": "SHA-256", "value": found[1]}]} if found else {}


def filled(**members: Any) -> Json:
    """An object without the members that are empty, for which OSCAL has no form; ``_`` is written ``-``."""
    return {name.replace("_", "-"): value for name, value in members.items() if value}
