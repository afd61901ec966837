"""Whose is what a project keeps: its id, and the title under which people know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.records.schema import ProjectEntry

if TYPE_CHECKING:
    from phasegate.rules.loading.project import LoadedProject, ProjectReading


def project_entry(loaded: LoadedProject | ProjectReading) -> ProjectEntry | None:
    """Whose is what a project keeps; None for one without an id."""
    id_ = loaded.project.id
    return ProjectEntry(id=id_, title=title_of(loaded)) if id_ is not None else None


def title_of(loaded: LoadedProject | ProjectReading) -> str:
    """What the records of a project are headed with."""
    return loaded.project.title or (loaded.pack.pack.title if loaded.pack is not None else "")
