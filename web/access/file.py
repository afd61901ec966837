"""Reads who may look from a file, ``phasegate.serve.yaml``."""

from __future__ import annotations

from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.diagnostics.schema_errors import validate
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.loading.pack_files import read_limited, read_trees
from phasegate.rules.model.base import Model
from phasegate.web.access.model import Access

SERVE_FILE = "phasegate.serve.yaml"


class ServeFile(Model):
    """What a served page is set up with.

    Attributes:
        access: who may look.
    """

    access: Access = Access()


def read_access(path: Path) -> Access:
    """Reads who may look.

    Args:
        path: the file.

    Raises:
        PackError: with every problem of it.
        PhasegateError: if it can not be read.
    """
    name = path.name
    trees, faults = read_trees({name: read_limited(path, name)})
    if faults:
        raise PackError(faults, name)
    found, faults = validate(ServeFile, trees[0].data, Origin({(): (trees[0], ())}, name).diagnose)
    if found is None:
        raise PackError(faults, name)
    return found.access
