"""The kinds of databases and stores by their names; each is loaded where a connection of its kind is used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from phasegate.facts.connections.base import Database
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import DATABASES, STORES, DatabaseKind, DatabaseName, StoreName

if TYPE_CHECKING:
    from phasegate.facts.connections.objects.base import Store


def database_named(name: DatabaseName) -> Database:
    """The kind of database of a name.

    Raises:
        SourceError: if what reaches it is not installed.
    """
    found: Database = _loaded(f"{__package__}.{name}.database", DATABASES[name]).DATABASE
    return found


def store_named(name: StoreName) -> Store:
    """The kind of store of a name.

    Raises:
        SourceError: if what reaches it is not installed.
    """
    found: Store = _loaded(f"{__package__}.objects.{name}", STORES[name]).STORE
    return found


def _loaded(module: str, known: DatabaseKind) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("phasegate"):
            raise
        what = f"{known.title} is read by {error.name}, which is not installed"
        raise SourceError(what, f"python -m pip install 'phasegate[{known.extra}]'") from error
