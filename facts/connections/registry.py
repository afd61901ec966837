"""The kinds of databases by their names; each is loaded where a connection of its kind is used."""

from __future__ import annotations

from importlib import import_module

from phasegate.facts.connections.base import Database
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import DATABASES, DatabaseName


def database_named(name: DatabaseName) -> Database:
    """The kind of database of a name.

    Raises:
        SourceError: if what reaches it is not installed.
    """
    try:
        found: Database = import_module(f"{__package__}.{name}.database").DATABASE
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("phasegate"):
            raise
        known = DATABASES[name]
        what = f"a {known.title} database is read by {error.name}, which is not installed"
        raise SourceError(what, f"python -m pip install 'phasegate[{known.extra}]'") from error
    return found
