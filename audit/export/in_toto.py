"""Signs what a run came to, for tools that read in-toto statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.export.entries import write_new
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.in_toto import sign_statement
from phasegate.audit.signing.keys import PrivateKey, read_private
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.test_result import gate_result, run_result
from phasegate.audit.trail.run_key import KEY, OWN_KEY, evaluator
from phasegate.audit.trail.runs import find_run
from phasegate.rules.loading.project import ProjectNotFoundError, find_project, load_project


def export_result(ledger: Ledger, run: str, gate: str | None, key: PrivateKey, out: Path) -> str:
    """Writes the result of a run, or of one of its gates, in an envelope that a key signs.

    Args:
        ledger: opened for reading.
        run: the run as somebody names it.
        gate: the gate; None for the run as a whole.
        key: who says it.
        out: the file, which must not be there yet.

    Returns:
        The result in one word.

    Raises:
        TrailError: if the run or the gate is not there, or the file can not be written.
    """
    found = find_run(ledger, run)
    statement = run_result(ledger, found) if gate is None else gate_result(ledger, found, gate)
    write_new(out, sign_statement(statement, key))
    return str(statement.predicate["result"])


def signing_key(project: Path, key: Path | None, now: dt.datetime, environ: Mapping[str, str]) -> PrivateKey:
    """The key of an evaluator that is at hand; none is made here, for nobody would know it.

    Args:
        project: where the project is looked for, whose signers count where it lists any.
        key: the file of the key; None for the one of the environment, or the project's own.
        now: the moment of signing.
        environ: the environment.

    Raises:
        TrailError: if there is none, or its signer is no evaluator.
        UntrustedError: if the project does not list the key.
        KeyFault: if it can not be used.
    """
    try:
        loaded = load_project(find_project(project))
    except ProjectNotFoundError:
        loaded = None
    named = key or (Path(environ[KEY]) if environ.get(KEY) else None)
    if named is None and loaded is not None and not loaded.project.signers:
        own = loaded.root / OWN_KEY
        named = own if own.exists() else None
    if named is None:
        raise TrailError("no key of an evaluator is at hand to sign", f"name its file with --key or in {KEY}")
    private = read_private(named)
    if loaded is not None and loaded.project.signers:
        evaluator(Signers.of(loaded.project), private, now)
    return private
