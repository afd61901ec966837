"""What a project file names wrongly: paths that leave its folder, sources and columns that are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import nearest, suggest
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.loading.hardening import enforcements
from phasegate.rules.model.connection import DATABASES, Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.file_format import FILE_FORMATS, FORMAT_OPTIONS, about_format, titles_with
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Project, SourceFile
from phasegate.rules.values.object_path import is_object, object_path
from phasegate.rules.values.paths import PathError, resolve_inside
from phasegate.rules.yaml.parser import Path as TreePath

_OF_FILES = ("format", "outside", *(key for key in FORMAT_OPTIONS if key != "table"))
"""Keys of a source that say nothing of a table in a database."""
_READ = "remove it, and the table is read row by row"
_COMPUTED = ("compute", "'compute' is about a table in a database, and this one is in files", "remove it")


def path_faults(project: Project, root: Path, origin: Origin, unread: Unread) -> Iterator[Diagnostic]:
    """Paths that leave the project's folder."""
    named: list[tuple[TreePath, str, bool]] = [
        (("sources", name, "path"), source.path, source.outside)
        for name, source in project.sources.items()
        if source.path is not None
    ]
    if project.waivers is not None:
        named.append((("waivers",), project.waivers, False))
    for where, path, allowed in named:
        try:
            if where[0] == "sources" and is_object(path):
                object_path(path)
            else:
                resolve_inside(root, path, allowed)
        except PathError as error:
            if unread.covers((*where[:2], "outside")):
                continue
            hint = error.hint if where[0] == "sources" else "keep the file in the project's folder"
            yield origin.diagnose("path-outside", error.message, where, hint, "value")
            continue
        if where == ("waivers",) and not (root / path).is_file():
            message = f"there is no file {path!r}"
            hint = "without it nobody knows what is waived: put it there, or remove this line"
            yield origin.diagnose("unreadable-file", message, where, hint, "value")


def table_faults(project: Project, origin: Origin, unread: Unread) -> Iterator[Diagnostic]:
    """What is said of how a file is written, and contradicts itself or the file's format."""
    for name, source in project.sources.items():
        path: TreePath = ("sources", name)
        of_a_database = [] if source.path is None or source.compute is None else [_COMPUTED]
        for key, message, hint in (*of_a_database, *_table_faults(source)):
            if not any(unread.covers((*path, other)) for other in (*_OF_FILES, "path", "from")):
                yield origin.diagnose("bad-table", message, (*path, key), hint)


def format_faults(project: Project, origin: Origin) -> Iterator[Diagnostic]:
    """Formats that phasegate does not have, and no distribution that is installed brings."""
    for name, source in project.sources.items():
        if source.format is None or source.format in FILE_FORMATS:
            continue
        from phasegate.rules.loading.plugins import PluginError, names_of, plugin

        where: TreePath = ("sources", name, "format")
        try:
            plugin("format", source.format, tuple(FILE_FORMATS))
        except PluginError as error:
            known = [*FILE_FORMATS, *names_of("format")]
            if source.format in known:
                yield origin.diagnose("unknown-word", error.message, where, error.hint, "value")
                continue
            shown = [repr(each) for each in FILE_FORMATS]
            message = f"expected {', '.join(shown[:-1])} or {shown[-1]}, found {source.format!r}"
            meant = nearest(source.format, known)
            hint = f"did you mean {meant!r}?" if meant else error.hint
            yield origin.diagnose("unknown-word", message, where, hint, "value")


def _table_faults(source: SourceFile) -> Iterator[tuple[str, str, str]]:
    """The key of each, what is wrong, and what to write."""
    if source.path is None:
        for key in _OF_FILES:
            if getattr(source, key) != SourceFile.model_fields[key].default:
                yield key, f"{key!r} is about files, and this table is in a database", "remove it"
        return
    form = source.format_of(source.path)
    others = tuple(source.options_of_others(form)) if form else ()
    for key in others:
        yield key, f"{key!r} is about {titles_with(key)} files, and this is {form}", "remove it"
    if others:
        return
    if form and (misfit := source.columns_misfit(form)) is not None:
        yield "columns", f"'columns' of a {about_format(form).title} file says {misfit}", "write it so"
        return
    if source.header is False and not source.columns:
        hint = "name them in the file's order, as in columns: [id, amount]"
        yield "header", "without a header nobody knows what the columns are", hint
    if source.names and source.header is not False:
        hint = "add 'header: false' if the file has none; 'rename' gives its columns other names"
        yield "columns", "'columns' names the columns of a file without a header", hint
    twice = next((column for column in source.names if source.names.count(column) > 1), None)
    if twice is not None:
        yield "columns", f"'columns' names {twice!r} more than once", "give each column a name of its own"
    if source.header_row is not None and source.header is False:
        hint = "remove it, or 'header: false'; 'skip_rows' leaves out lines above a table without a header"
        message = "'header_row' is the line of a header, and 'header: false' says there is none"
        yield "header_row", message, hint
    if source.header_row is not None and source.skip_rows:
        message = "'header_row' and 'skip_rows' both say how many lines stand above the table"
        yield "skip_rows", message, "keep one of them"


def connection_faults(project: Project, origin: Origin, unread: Unread) -> Iterator[Diagnostic]:
    """Tables of connections that there are not, and tables without a schema."""
    for name, source in project.sources.items():
        if source.connection is None:
            continue
        unknown = source.connection not in project.connections
        if unknown and not unread.covers(("connections", source.connection)):
            message = f"there is no connection {source.connection!r}"
            hint = suggest(source.connection, project.connections, of="connections")
            yield origin.diagnose("unknown-connection", message, ("sources", name, "from"), hint, "value")
        elif not unknown and not _leads_there(project.connections[source.connection], source):
            leads = "a store of objects" if source.objects is None else "a database"
            hint = f"name {'objects by path' if source.objects is None else 'a table'}, or another connection"
            message = f"the connection {source.connection!r} leads to {leads}"
            yield origin.diagnose("bad-table", message, ("sources", name, "from"), hint, "value")
        if source.objects is not None and source.outside:
            message = "'outside' is about files, and these are objects of a store"
            yield origin.diagnose("bad-table", message, ("sources", name, "outside"), "remove it")
        if source.table is None or source.objects is not None:
            continue
        if source.compute is not None and not unknown and (kind := _only_read(project, source)) is not None:
            message = f"nothing is computed in {kind} yet"
            yield origin.diagnose("bad-table", message, ("sources", name, "compute"), _READ)
        if "." not in source.table and not unread.covers(("sources", name, "table")):
            hint = "write the schema before it, as in finance.invoices; 'phasegate sources' lists the tables"
            message = f"the table {source.table!r} may stand in several schemas"
            yield origin.diagnose("bad-table", message, ("sources", name, "table"), hint, "value")


def _only_read(project: Project, source: SourceFile) -> str | None:
    """What the database of a source is called, where its tables may not stay."""
    connection = project.connections.get(source.connection or "")
    if connection is None or connection.store is not None or DATABASES[connection.database].computes:
        return None
    return DATABASES[connection.database].title


def _leads_there(connection: Connection, source: SourceFile) -> bool:
    if source.path is not None and source.objects is None:  # an address that is none: its path tells
        return True
    return (connection.store is None) is (source.objects is None)


def own_rules_faults(project: Project, origin: Origin) -> Iterator[Diagnostic]:
    """Rules of its own in a project that names a pack."""
    hint = "put it into the pack, or remove 'pack'"
    for key in ("measures", "require"):
        if getattr(project, key):
            yield origin.diagnose("pack-and-own-rules", f"{key!r} beside 'pack'", (key,), hint)
    for name, source in project.sources.items():
        if source.contract is not None:
            path = ("sources", name, "contract")
            yield origin.diagnose("pack-and-own-rules", "a contract beside 'pack'", path, hint)


def source_faults(project: Project, pack: Pack, origin: Origin, unread: Unread) -> Iterator[Diagnostic]:
    """Sources and columns that the pack does not have.

    Args:
        project: the project.
        pack: its pack.
        origin: the project file.
        unread: what of the pack could not be read; nothing is said of that.
    """
    for name, source in project.sources.items():
        contract = pack.sources.get(name)
        if contract is not None:
            yield from column_faults(name, source, contract, origin, unread)
        elif not unread.covers(("sources", name)):
            message = f"the pack knows no source {name!r}"
            hint = suggest(name, pack.sources, of="sources")
            yield origin.diagnose("unknown-source", message, ("sources", name), hint)


def column_faults(
    name: str, source: SourceFile, contract: Contract, origin: Origin, unread: Unread
) -> Iterator[Diagnostic]:
    """Renamed and totalled columns that the contract does not have."""
    path: TreePath = ("sources", name)
    named = [((*path, "rename", old), new, "value") for old, new in source.rename.items()]
    sums = source.control.sums if source.control else {}
    named += [((*path, "control", "sums", column), column, "key") for column in sums]
    for where, column, part in named:
        known = column in contract.columns or contract.infer
        if not known and not unread.covers((*path, "columns", column)):
            message = f"the contract of {name!r} has no column {column!r}"
            hint = suggest(column, contract.columns, of="columns")
            yield origin.diagnose("unknown-column", message, where, hint, part)


def owner_faults(project: Project, pack: Pack, origin: Origin, unread: Unread) -> list[Diagnostic]:
    """A diagnostic for each owner of nothing; none where not all of the pack could be read.

    Args:
        project: the project.
        pack: its pack.
        origin: where the project file stands.
        unread: what of the pack could not be read.
    """
    if unread:
        return []
    known = dict.fromkeys((*pack.areas, *pack.points, *enforcements(pack), *pack.sources, *project.sources))
    return [
        origin.diagnose(
            "unknown-criterion",
            f"there is no area, point, criterion, target or source {name!r}",
            ("owners", name),
            suggest(name, known, of="names"),
        )
        for name in project.owners
        if name not in known
    ]
