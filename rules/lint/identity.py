"""Whether a project can be told from others that keep their runs in the same place."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.loading.project import ProjectReading
from phasegate.rules.values.ledger_address import DEFAULT_LEDGER
from phasegate.rules.values.project_id import new_project_id


def nameless(reading: ProjectReading) -> Iterator[Diagnostic]:
    """A project without an id whose ledger others may share, or in which people sign.

    Args:
        reading: the project, as far as it could be read.
    """
    project = reading.project
    if project.id is None and (project.signers or project.ledger != DEFAULT_LEDGER):
        yield reading.origin.diagnose(
            "no-project-id",
            "the project has no id, by which what it keeps could be told from what other projects keep",
            ("phasegate",),
            f"write 'id: {new_project_id()}', which nobody else has, and never change it",
            severity="warning",
        )
