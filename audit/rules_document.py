"""The rules of a run as one document, from which they can be read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.canonical import canonical, read_canonical
from phasegate.rules.in_force import in_force
from phasegate.rules.load import LoadedPack, pack_of
from phasegate.rules.origin import Origin
from phasegate.rules.project_file import LoadedProject, inline_rules

SCHEMA = "phasegate/rules/1"


class RulesDocument(TypedDict):
    """A pack's files as they were read, and what the project changed of it.

    ``inline`` is True where the project file carries its own rules; it is then the one file.
    """

    schema: str
    name: str
    shown: str
    inline: bool
    files: dict[str, str]
    parameters: dict[str, str]
    harden: dict[str, str]


def rules_document(loaded: LoadedProject) -> bytes:
    """The rules of a project as canonical JSON."""
    pack, project = loaded.pack, loaded.project
    inline = project.pack is None
    return canonical(
        RulesDocument(
            schema=SCHEMA,
            name=pack.name,
            shown=pack.shown,
            inline=inline,
            files={name: content.decode("utf-8") for name, content in pack.contents.items()},
            parameters={} if inline else {name: str(value) for name, value in project.parameters.items()},
            harden={} if inline else dict(project.harden),
        )
    )


def rules_of(document: bytes) -> LoadedPack:
    """The pack that a document of rules stands for, as it held for the run.

    Raises:
        TrailError: if it is no such document.
        PackError: if this version of phasegate finds a fault in the rules.
    """
    read: Mapping[str, Any] = read_canonical(document)
    if read.get("schema") != SCHEMA:
        raise TrailError(f"its rules have the schema {read.get('schema')!r}, not {SCHEMA!r}")
    contents = {name: text.encode("utf-8") for name, text in sorted(read["files"].items())}
    if read["inline"]:
        ((name, content),) = contents.items()
        return inline_rules(content, name)
    pack = pack_of(contents, read["name"], read["shown"])
    loaded, faults = in_force(pack, read["parameters"], read["harden"], Origin({}, read["name"]))
    if faults:
        raise TrailError(f"its rules do not fit together: {faults[0].message}")
    return loaded
