"""What was written for those who work without phasegate, in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import counted

if TYPE_CHECKING:
    from phasegate.audit.export.entries import Exported
    from phasegate.audit.signing.keys import PublicKey


def entries(folder: Path, found: Exported) -> str:
    """That the log was written."""
    what = [counted(found.entries, "entry", "entries"), counted(found.keys, "key")]
    if found.documents:
        what.append(counted(found.documents, "document"))
    return f"wrote {folder}: {', '.join(what)}, and the checkpoint over all entries"


def result(file: Path, word: str, by: PublicKey) -> str:
    """That a result was written."""
    return f"wrote {file}: {word}, signed by {by.fingerprint}"
