"""The rules that somebody names: by a digest, a folder, a pack, or a revision of the project in git."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from phasegate.audit.statements.project_ledger import project_ledger
from phasegate.audit.trail.named_rules import rules_named
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.git_revision import rules_at
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.loading.pack_files import built_in_packs
from phasegate.rules.loading.project import PROJECT_FILE, find_project, load_project

_DIGEST = re.compile(r"sha256:[0-9a-f]{8,64}")


class UnknownRulesError(PhasegateError):
    """A digest that names neither the rules in force nor those of any run."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"no rules are known under {digest}: the ledger keeps no run that was decided by them",
            "name a folder or a git revision that has them",
        )


class RulesMeant:
    """Finds rules.

    Args:
        project: where the project is looked for.
        ledger: the ledger that keeps rules; None for the project's.
        environ: the environment.
    """

    def __init__(self, project: Path, ledger: str | None, environ: Mapping[str, str]) -> None:
        self._project = project
        self._ledger = ledger
        self._environ = environ

    def by(self, given: str | None) -> LoadedPack:
        """The rules that are meant.

        Args:
            given: a digest, or how it begins; a folder of a pack or a project; a built-in pack; or a git
                revision, for the project's rules as they were then. None for those in force.

        Raises:
            UnknownRulesError: if a digest names none.
            PhasegateError: if there are none, or they have faults.
        """
        if given is None:
            return load_project(find_project(self._project)).pack
        if _DIGEST.fullmatch(given):
            return self._named(given)
        if given in built_in_packs():
            return load_pack(given)
        if Path(given).exists():
            folder = Path(given)
            file = folder / PROJECT_FILE if folder.is_dir() else folder
            return load_project(file).pack if file.is_file() else load_pack(folder)
        return rules_at(find_project(self._project), given)

    def _named(self, digest: str) -> LoadedPack:
        with suppress(PhasegateError):  # the ledger may know them where the project has faults
            current = self.by(None)
            if any(each.startswith(digest) for each in (current.digest, current.files_digest)):
                return current
        with project_ledger(self._ledger, self._project, self._environ) as log:
            found = rules_named(log, log.content, digest)
        if found is None:
            raise UnknownRulesError(digest)
        return found
