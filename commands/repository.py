"""Where the files of rules lie in the repository that a pipeline has checked out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phasegate.records.schema import Record

WORKSPACE = "GITHUB_WORKSPACE"
"""The variable in which GitHub Actions names the folder of the repository."""


def files_in_repository(record: Record, project: Path, environ: Mapping[str, str]) -> dict[str, str] | None:
    """The paths of the files that rules stand in, from the root of the repository.

    Lines hold for the rules that were decided by alone: where the project has others by now, no file is
    named, and neither is one for a pack that comes with phasegate.

    Args:
        record: what names them, relative to the project or to a pack that comes with phasegate.
        project: where the project is looked for.
        environ: the environment, which names the repository.

    Returns:
        Path by name, without the files that are not there; None where no repository is named.
    """
    from phasegate.reports.text.locations import place
    from phasegate.rules.errors import PhasegateError
    from phasegate.rules.loading.pack import built_in_packs
    from phasegate.rules.loading.project import find_project, read_project

    if not environ.get(WORKSPACE):
        return None
    repository = Path(environ[WORKSPACE]).resolve()
    try:
        reading = read_project(find_project(project))
    except PhasegateError:
        return {}
    pack, root = reading.pack, reading.root.resolve()
    if pack is None or pack.digest != record["pack"]["digest"] or pack.name in built_in_packs():
        return {}
    found: dict[str, str] = {}
    for name in {place(each["at"]).file for each in (*record["criteria"], *record["requirements"])}:
        path = Path(os.path.normpath(root / name))
        with suppress(OSError, ValueError):  # a name that no file system takes is none of a file
            if path.is_relative_to(repository) and path.is_file():
                found[name] = path.relative_to(repository).as_posix()
    return found
