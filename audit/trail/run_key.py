"""The key that signs runs: one that is named, or the project's own where it lists no signers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.signing.errors import KeyExistsError, KeyNotKeptError
from phasegate.audit.signing.keys import PrivateKey, new_key, read_private
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.rules.model.role import EVALUATOR

KEY = "PHASEGATE_KEY"
"""The variable that names the file of the key, where no option does."""
OWN_KEY = Path(".phasegate", "evaluator")


class NoKeyError(TrailError):
    """Nobody is there to sign what is to be kept."""

    def __init__(self) -> None:
        super().__init__(
            "the project lists signers, and no key of an evaluator is at hand to sign the run",
            f"name its file with --key or in {KEY}; --no-ledger tries things out without keeping them",
        )


def run_key(root: Path, key: Path | None, environ: Mapping[str, str], *, listed: bool) -> PrivateKey:
    """The key that signs runs.

    Args:
        root: the folder of the project.
        key: the file that was named for it; None for the one that the environment names.
        environ: the environment.
        listed: whether the project lists signers, so that its own key would not do.

    Raises:
        NoKeyError: if none is named, and the project's own would not do.
        KeyFault: if the key can not be used.
    """
    named = key or (Path(environ[KEY]) if environ.get(KEY) else None)
    if named is not None:
        return read_private(named)
    if listed:
        raise NoKeyError
    return own_key(root)


def evaluator(signers: Signers, key: PrivateKey, now: dt.datetime) -> Signer:
    """The signer behind a key that signs runs.

    Raises:
        UntrustedError: if the project does not list the key, or not at this moment.
        TrailError: if the signer is no evaluator.
    """
    signer = signers.who(key.public.fingerprint, now)
    if not signer.has(EVALUATOR):
        raise TrailError(
            f"{signer.name!r} is no evaluator, and only evaluators sign runs",
            f"its roles are {', '.join(signer.roles)}",
        )
    return signer


def own_key(root: Path) -> PrivateKey:
    """The key of a project that lists no signers, made the first time that it is needed.

    Raises:
        KeyFault: if it can not be made, or not be used.
    """
    path = root / OWN_KEY
    if not path.exists():
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            ignore = path.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise KeyNotKeptError(path, error.strerror or str(error)) from error
        with suppress(KeyExistsError):  # another run makes it at this moment
            return new_key(path, EVALUATOR)
    return read_private(path)
