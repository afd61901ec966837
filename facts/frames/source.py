"""Sources whose rows a program gives: what the project says of reading them holds, wherever they are from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import PrivateAttr

from phasegate.facts.frames.errors import UnknownTableError
from phasegate.facts.frames.given import GivenTable
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.project import SourceFile

_ELSEWHERE = ("path", "outside", "version", "connection")
"""Where its table would be."""


class GivenSource(SourceFile):
    """A source with the rows that a program gives for it."""

    _name: str = PrivateAttr()
    _given: GivenTable = PrivateAttr()

    @property
    def given(self) -> GivenTable:
        """The rows."""
        return self._given

    @property
    def place(self) -> str:
        """The name under which they were given."""
        return f"memory:{self._name}"


def with_tables(loaded: LoadedProject, tables: Mapping[str, GivenTable]) -> LoadedProject:
    """A project with tables in place of what its sources name.

    Args:
        loaded: the project.
        tables: the tables by the names of sources, of such too for which the project names no file.

    Raises:
        UnknownTableError: if the project has no source of a name.
    """
    if not tables:
        return loaded
    project, known = loaded.project, {**loaded.pack.pack.sources, **loaded.project.sources}
    for name in tables:
        if name not in known:
            raise UnknownTableError(name, known)
    given = {name: _given(name, project.sources.get(name), table) for name, table in tables.items()}
    return replace(loaded, project=project.model_copy(update={"sources": {**project.sources, **given}}))


def _given(name: str, file: SourceFile | None, table: GivenTable) -> GivenSource:
    said = {} if file is None else {key: getattr(file, key) for key in SourceFile.model_fields}
    made = GivenSource.model_construct(**{key: each for key, each in said.items() if key not in _ELSEWHERE})
    made._name, made._given = name, table
    return made
