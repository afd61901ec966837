"""What libraries that are not of Python write to the error stream by themselves, which is told at the end.

Rust prints each panic, with a place in its own source and a backtrace, before anybody can catch it, and polars
lets nobody change that. Where a file is damaged so that polars panics, phasegate tells which file that is, in
one sentence; what Rust has to say would stand around it.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress

_ERRORS = 2
_MOST = 1 << 16
"""Bytes that are kept, which is what a pipe holds."""
_PANIC = re.compile(rb"^\n?thread '[^\n]*' [^\n]*panicked at ", re.MULTILINE)


class Apart:
    """The error stream for Python alone, from now on; whatever else writes to it is kept.

    Where the process is ended from within a library, as for lack of memory, what it said goes with it.
    """

    def __init__(self) -> None:
        self._kept: int | None = None
        with suppress(OSError, AttributeError, ValueError):  # no such stream, or a system that has it otherwise
            stream = sys.stderr
            if stream.fileno() != _ERRORS:
                return
            stream.flush()
            kept, given = os.pipe()
            os.set_blocking(kept, False)
            os.set_blocking(given, False)
            sys.stderr = os.fdopen(
                os.dup(_ERRORS), "w", buffering=1, encoding=stream.encoding, errors=stream.errors
            )
            os.dup2(given, _ERRORS)
            os.close(given)
            self._kept = kept

    def tell(self) -> None:
        """Tells what was kept, up to a panic: what that came from is told already, by whoever caught it."""
        if self._kept is None:
            return
        with suppress(OSError, ValueError):  # there is nothing, or nobody hears it
            told = os.read(self._kept, _MOST)
            sys.stderr.flush()
            panic = _PANIC.search(told)
            os.write(sys.stderr.fileno(), told[: panic.start()] if panic else told)


def errors() -> int:
    """Where the error stream of the process goes."""
    with suppress(OSError, AttributeError, ValueError):
        return sys.stderr.fileno()
    return _ERRORS
