"""Whether a project has another id than before: a mistake that looks like a new project."""

from __future__ import annotations

from pathlib import Path

from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.project_entries import named_in, owner_of
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.signers import Signers
from phasegate.records.schema import ProjectEntry


def changed_id(
    log: Finding, project: ProjectEntry | None, address: str | Path, root: Path, rules: str, signers: Signers
) -> str | None:
    """A warning that a ledger holds entries which look like the project's own, under another id.

    They do where the ledger lies in the project's own folder, where they have the project's title, or where
    they were decided under the same rules by the same signers. It is told until something of the project
    stands there under its id.

    Args:
        log: the ledger, in which the entries of all projects are found.
        project: the project as its file says it today; None without an id, which is refused elsewhere.
        address: the ledger's address.
        root: the project's folder.
        rules: the digest of the rules in force.
        signers: those whom the project lists.
    """
    names = named_in(log)
    if project is None or not names or project["id"] in names:
        return None
    own_folder = isinstance(address, Path) and address.resolve().is_relative_to(root.resolve())
    titles, listed = {}, {}
    for row in log.find(("key",)):
        if (id_ := owner_of(row)) is not None:
            document = document_of(row)
            titles[id_], listed[id_] = document["project"].get("title"), document.get("signers")
    ruled = {owner_of(row): document_of(row).get("pack") for row in log.find(("run",))}
    for id_, name in names.items():
        alike = ruled.get(id_) == rules and listed[id_] == signers.as_document()
        if own_folder or titles[id_] == project["title"] or alike:
            return (
                f"the project's id is {project['id']}, and the ledger knows it as {name}, it seems: under "
                "another id nothing of that counts; put the old one back if it was changed by mistake"
            )
    return None
