"""Who looked at evidence and when, and whom a provider could not sign in: a line of JSON for each.

Nothing of what was seen is in it, and nothing that signs anybody in.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

from phasegate.web.access.errors import Refused

_LONGEST = 300


class AccessLog:
    """Writes a line for each.

    Args:
        now: the clock.
        to: where lines go, unless a file is named.
        file: the file to which they are added.

    Raises:
        OSError: if the file can not be written.
    """

    def __init__(self, now: Callable[[], datetime], to: TextIO, file: Path | None = None) -> None:
        self._now = now
        self._to = to
        self._file = file
        if file is not None:
            self._add(file, b"")

    def looked(self, who: str, project: str, what: str, allowed: bool) -> None:
        """Writes down a look at evidence.

        Raises:
            OSError: if it can not be written.
        """
        self._write("evidence", who=who, project=project, what=what, allowed=allowed)

    def refused(self, refused: Refused) -> None:
        """Writes down why a sign-in failed, for whoever set it up: the person is told less.

        Raises:
            OSError: if it can not be written.
        """
        cause = refused.__cause__
        self._write(
            "sign-in refused", why=refused.why, cause=f"{type(cause).__name__}: {cause}" if cause else ""
        )

    def _write(self, event: str, **told: str | bool) -> None:
        when = self._now().isoformat(timespec="milliseconds")
        short = {name: each[:_LONGEST] if isinstance(each, str) else each for name, each in told.items()}
        line = json.dumps({"event": event, "when": when, **short}) + "\n"
        if self._file is None:
            self._to.write(line)
            self._to.flush()
        else:
            self._add(self._file, line.encode())

    @staticmethod
    def _add(file: Path, line: bytes) -> None:
        # Opened anew each time, so that it may be rotated; one write, so that lines of two do not mix.
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(opened, line) != len(line):
                raise OSError("the line was not written whole")
        finally:
            os.close(opened)
