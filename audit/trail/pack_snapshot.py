"""The rules of a run as one document, from which they can be read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NotRequired, TypedDict, cast

from phasegate.audit.errors import TrailError
from phasegate.audit.signing.canonical_json import canonical, read_canonical
from phasegate.records.reader import shape_fault
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.loading.effective_pack import changed_digest, in_force
from phasegate.rules.loading.pack import LoadedPack, pack_of
from phasegate.rules.loading.pack_files import digest_of
from phasegate.rules.loading.project import LoadedProject, inline_rules
from phasegate.rules.model.reading import reading_in_force

SCHEMA = "phasegate/rules/1"


class RulesDocument(TypedDict):
    """A pack's files as they were read, and what the project changed of it.

    ``inline`` is True where the project file carries its own rules; it is then the one file. Else
    ``reading`` is how the project reads its tables; it is there where it says anything.
    """

    schema: str
    name: str
    shown: str
    inline: bool
    files: dict[str, str]
    parameters: dict[str, str]
    harden: dict[str, str]
    reading: NotRequired[dict[str, Any]]


def rules_document(loaded: LoadedProject) -> bytes:
    """The rules of a project as canonical JSON."""
    pack, project = loaded.pack, loaded.project
    inline = project.pack is None
    document = RulesDocument(
        schema=SCHEMA,
        name=pack.name,
        shown=pack.shown,
        inline=inline,
        files={name: content.decode("utf-8") for name, content in pack.contents.items()},
        parameters={} if inline else {name: str(value) for name, value in project.parameters.items()},
        harden={} if inline else dict(project.harden),
    )
    if pack.reading and not inline:
        document["reading"] = dict(pack.reading)
    return canonical(document)


def rules_of(document: bytes) -> LoadedPack:
    """The pack that a document of rules stands for, as it held for the run.

    Raises:
        TrailError: if it is no such document.
        PackError: if this version of phasegate finds a fault in the rules.
    """
    read = _read(document)
    contents = {name: text.encode("utf-8") for name, text in sorted(read["files"].items())}
    if read["inline"]:
        if len(contents) != 1:
            raise TrailError("its rules stand in one project file, and there is not one of it")
        ((name, content),) = contents.items()
        return inline_rules(content, name)
    pack = replace(pack_of(contents, read["name"], read["shown"]), reading=read.get("reading", {}))
    loaded, faults = in_force(pack, read["parameters"], _hardened(read), Origin({}, read["name"]))
    if faults:
        raise TrailError(f"its rules do not fit together: {faults[0].message}")
    return loaded


def files_digest_of(document: bytes) -> str:
    """The digest of the files that a document of rules holds, with what the project changed of them.

    Nothing of the rules is read for it.

    Raises:
        TrailError: if it is no such document.
    """
    read = _read(document)
    digest = digest_of({name: text.encode("utf-8") for name, text in read["files"].items()})
    return digest if read["inline"] else changed_digest(digest, read["parameters"], _hardened(read))


def as_then(document: bytes, other: LoadedPack) -> LoadedPack:
    """Other rules with the parameters and the hardening that a project had, as far as they fit.

    Args:
        document: the rules of a run.
        other: rules as their files have them.

    Raises:
        TrailError: if the document is none of rules.
    """
    read, origin = _read(document), Origin({}, other.name)
    parameters = {
        name: value
        for name, value in read["parameters"].items()
        if not in_force(other, {name: value}, {}, origin)[1]
    }
    hardened = {
        name: value
        for name, value in _hardened(read).items()
        if not in_force(other, {}, {name: value}, origin)[1]
    }
    return in_force(other, parameters, hardened, origin)[0]


def _read(document: bytes) -> RulesDocument:
    read = read_canonical(document)
    if read.get("schema") != SCHEMA:
        raise TrailError(f"its rules have the schema {read.get('schema')!r}, not {SCHEMA!r}")
    if fault := shape_fault(read, RulesDocument):
        raise TrailError(f"its rules are none: {fault}")
    # The digest of files has a line for each: a name of two lines would stand for a file that is not there.
    if any("\n" in name for name in read["files"]):
        raise TrailError("its rules are none: the name of a file has two lines")
    if (reading := read.get("reading")) is not None:
        try:
            reading_in_force(reading)
        except ValueError as error:
            raise TrailError(f"its rules are none: {error}") from error
        if not reading or read["inline"]:
            raise TrailError("its rules are none: they say twice how tables are read, or nothing of it")
    return cast("RulesDocument", read)


def _hardened(read: RulesDocument) -> dict[str, Literal["soft", "hard"]]:
    found = read["harden"]
    if any(value not in ("soft", "hard") for value in found.values()):
        raise TrailError("its rules are none: something is hardened to neither soft nor hard")
    return cast("dict[str, Literal['soft', 'hard']]", found)
