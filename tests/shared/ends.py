"""What takes without end is ended: by a processor's time, of which a busy machine takes no more."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 60
"""Many times what anything here takes, and far less than what grows with the square of a megabyte."""


@contextmanager
def ends(seconds: float = SECONDS) -> Iterator[None]:
    """Fails where the block takes more than so much of the processor's time, and ends it.

    Code under test may take the error for one of its own; that it was late is then told at the end.
    """
    late = []

    def over(number: int, frame: FrameType | None) -> None:
        late.append(number)
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    assert not late, f"it took more than {seconds} seconds of the processor"
