"""The rules as a project has them: a pack with its own figures, and stricter where it says so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.loading.hardening import harden
from phasegate.rules.loading.pack import LoadedPack, PackReading
from phasegate.rules.model.pack import Enforcement, Pack
from phasegate.rules.values.units import Quantity
from phasegate.rules.yaml.parser import Path as TreePath

_Read = TypeVar("_Read", bound=LoadedPack | PackReading)


def in_force(
    loaded: _Read,
    parameters: Mapping[str, str | int],
    hardened: Mapping[str, Enforcement],
    origin: Origin,
    unread: Unread | None = None,
) -> tuple[_Read, list[Diagnostic]]:
    """A pack as it holds for a project.

    Its digests are others where the project changes anything: a project that sets parameters or hardens
    criteria holds itself to other rules than the pack alone, and what pins a digest, a waiver or a
    pipeline, must notice that.

    Args:
        loaded: the pack as its files have it.
        parameters: the project's figures in place of the pack's.
        hardened: the project's enforcement by criterion.
        origin: finds the lines of the project file.
        unread: what of the pack could not be read; nothing is said of that.

    Returns:
        The pack, and what is wrong with the project's changes.
    """
    unread = unread or Unread()
    pack, faults = harden(loaded.pack, hardened, origin.diagnose, unread)
    pack, more = _with_parameters(pack, parameters, origin, unread)
    digest = changed_digest(loaded.files_digest, parameters, hardened)
    return replace(loaded, pack=pack, files_digest=digest), [*faults, *more]


def changed_digest(
    digest: str, parameters: Mapping[str, str | int], hardened: Mapping[str, Enforcement]
) -> str:
    """The digest of a pack's files and of what a project changes of them, if it changes anything."""
    if not parameters and not hardened:
        return digest
    changes = {
        "parameters": {name: str(value) for name, value in parameters.items()},
        "harden": dict(hardened),
    }
    text = f"{digest}\n{json.dumps(changes, sort_keys=True, ensure_ascii=True)}\n"
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _with_parameters(
    pack: Pack, parameters: Mapping[str, str | int], origin: Origin, unread: Unread
) -> tuple[Pack, list[Diagnostic]]:
    """The pack with the project's figures in place of its own."""
    faults: list[Diagnostic] = []
    changed = dict(pack.parameters)
    for name, value in parameters.items():
        path: TreePath = ("parameters", name)
        declared = pack.parameters.get(name)
        if unread.covers(("parameters", name)):
            continue
        if declared is None:
            message = f"the pack knows no parameter {name!r}"
            hint = suggest(name, pack.parameters, of="parameters")
            faults.append(origin.diagnose("unknown-parameter", message, path, hint))
            continue
        unit, due = (Quantity.parse(str(one)).unit for one in (value, declared.value))
        if unit != due:
            message = (
                f"{name!r} is set in {unit or 'plain numbers'}, the pack has it in {due or 'plain numbers'}"
            )
            hint = f"the pack's own value is {declared.value}"
            faults.append(origin.diagnose("unit-mismatch", message, path, hint, "value"))
        changed[name] = declared.model_copy(update={"value": value})
    return (pack.model_copy(update={"parameters": changed}) if parameters else pack), faults
