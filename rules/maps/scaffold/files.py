"""The files of a pack that a document becomes."""

from __future__ import annotations

from collections.abc import Mapping

from phasegate.rules.maps.reader.model import MapRead
from phasegate.rules.maps.scaffold.pack import pack_of_document
from phasegate.rules.maps.scaffold.text import yaml_lines
from phasegate.rules.schemas.json_schema import modeline

_HEADS: Mapping[str, tuple[str, ...]] = {
    "pack.yaml": (
        "What the document of 'map' plans. 'phasegate trace' holds the pack against it.",
        "Everything is hard, so that no waiver opens a gate: write 'enforcement: soft' where one may.",
    ),
    "points.yaml": (
        "The points of the document with their criteria. Each criterion asks for what somebody has to",
        "attest; bind it to measures of tables as soon as there are some.",
    ),
    "measures.yaml": (
        "What people attest, one measure a criterion and one a figure: 'phasegate attest ID'.",
        "Where a table shows it, replace 'attested' by what is measured in it.",
    ),
}


def scaffold(read: MapRead) -> dict[str, str]:
    """The files by name, each with a head that says what it is for.

    Args:
        read: the document.

    Raises:
        UnfitDocumentError: with everything that keeps the document from becoming a pack.
    """
    files = pack_of_document(read)
    return {
        name: "\n".join([modeline("pack"), *(f"# {line}" for line in _HEADS[name]), *yaml_lines(data)]) + "\n"
        for name, data in files.items()
    }
