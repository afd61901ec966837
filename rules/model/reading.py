"""How a project reads its tables, as plain data: what is approved beside the rules.

A column that is read from another one, a word that stands for true, or a day that is no business day
changes what every measure means. Whatever a project says is therefore in it, except for what is named here.
A later key is in it by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from phasegate.rules.model.project import Project, SourceFile

Reading = Mapping[str, Any]
"""The keys of a project file, those of sources by source. What has its default is left out."""
PLACES = frozenset({"path", "outside", "from", "version", "control"})
"""Keys of a source that say where a table is, in which version, and what its extract must add up to: figures
of one extract, which change with each. Another file has other rows; how they are read, and which table of it,
stays."""
ELSEWHERE = frozenset(
    {
        *("phasegate", "id", "title"),  # which project it is
        *("pack", "parameters", "harden", "measures", "require"),  # the rules, which have them already
        *("cycle", "cycle_file", "control_file"),  # the occasion: it is another one each time
        *("signers", "waivers"),  # what people say; their keys and signatures are looked at by themselves
        *("ledger", "evidence_rows", "schedules", "notifications"),  # what becomes of a decision
        "connections",  # where tables are, as paths say it of files
        "owners",  # whom it concerns
    }
)
"""Keys of a project file that say nothing of how its tables are read."""
_BESIDE_SOURCES = ELSEWHERE | {"sources"}
_OF_A_SOURCE = {
    name for name, field in SourceFile.model_fields.items()
    if (field.alias or name) in PLACES | {"contract"}  # which is a part of the rules
}  # fmt: skip


def reading_of(project: Project) -> Reading:
    """How a project reads its tables; empty where it reads all of them as the contracts name them."""
    found = _dumped(project, whole=False)
    if not (sources := {name: each for name, each in found.pop("sources").items() if each}):
        return found
    return {**found, "sources": sources}


def reading_in_force(written: Mapping[str, Any], sources: Iterable[str] = ()) -> dict[str, Any]:
    """All that a reading means, with every key that has its default.

    Args:
        written: the reading.
        sources: the names of further sources that are meant.

    Raises:
        ValueError: if it is no reading.
    """
    try:
        own = {**written.get("sources", {})}
        files = {name: {**own.get(name, {}), "path": name} for name in {**own, **dict.fromkeys(sources)}}
        project = Project.model_validate({**written, "phasegate": 1, "pack": "", "sources": files})
    except (TypeError, ValidationError) as error:
        raise ValueError("it is not how a project reads its tables") from error
    if reading_of(project) != written:
        raise ValueError("it says something of a project that is not how it reads its tables")
    found = _dumped(project, whole=True)
    return {**found, "sources": {name: found["sources"][name] for name in files}}


def _dumped(project: Project, *, whole: bool) -> dict[str, Any]:
    found = project.model_dump(
        mode="json", by_alias=True, exclude_defaults=not whole, exclude=set(_BESIDE_SOURCES)
    )
    sources = {
        name: each.model_dump(mode="json", by_alias=True, exclude_defaults=not whole, exclude=_OF_A_SOURCE)
        for name, each in project.sources.items()
    }
    return {**found, "sources": sources}
