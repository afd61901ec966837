"""Who looked at evidence, and when: a line of JSON for each look, without anything of what was seen."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

_LONGEST = 300


class EvidenceLog:
    """Writes a line for each look.

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

    def note(self, who: str, project: str, what: str, allowed: bool) -> None:
        """Writes down a look.

        Raises:
            OSError: if it can not be written.
        """
        told = {
            "event": "evidence",
            "when": self._now().isoformat(timespec="milliseconds"),
            "who": who[:_LONGEST],
            "project": project[:_LONGEST],
            "what": what[:_LONGEST],
            "allowed": allowed,
        }
        line = json.dumps(told) + "\n"
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
