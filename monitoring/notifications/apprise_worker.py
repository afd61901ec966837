"""The process that hands one message to Apprise: reads it from standard input, and says one word."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import resource
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import Response
    from requests.sessions import SessionRedirectMixin

SECONDS = 60
"""After so long this process ends by itself: whoever began it may have died."""
MEMORY = 1 << 30
"""Bytes that it may have, whatever a service answers."""
_STATUS = re.compile(r"error=([1-5][0-9]{2})\b")


class _Status(logging.Handler):
    """Takes from what Apprise logs the number that a service answered with, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.code: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Looks at a line."""
        if found := _STATUS.search(record.getMessage()):
            self.code = found[1]


def main() -> str:
    """Sends what stands on standard input; what came of it, as `transport.bring` reads it."""
    given = json.load(sys.stdin)
    try:
        import apprise
    except ImportError:
        return "missing"
    status = _Status()
    logging.lastResort = None
    logging.getLogger("apprise").addHandler(status)
    asset = apprise.AppriseAsset(app_id="phasegate", app_desc="phasegate", app_url="", plugin_paths=[])
    _keep_to_posting()
    service = apprise.Apprise.instantiate(given["address"], asset=asset, suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        return "address"
    if service.overflow_mode == apprise.OverflowMode.UPSTREAM:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE  # of a message in parts, some would come twice
    told = apprise.Apprise(asset=asset)
    told.add(service)
    sent = told.notify(body=given["body"], title=given["title"], body_format=apprise.NotifyFormat.TEXT)
    return "sent" if sent else f"http {status.code}" if status.code else "refused"


def _keep_to_posting() -> None:
    """Lets no redirect turn a message into the reading of some page, which would count as taken."""
    from requests.sessions import SessionRedirectMixin

    follow = SessionRedirectMixin.get_redirect_target

    def target(self: SessionRedirectMixin, answer: Response) -> str | None:
        return follow(self, answer) if answer.status_code in (307, 308) else None

    SessionRedirectMixin.get_redirect_target = target  # type: ignore[assignment, method-assign]  # there is no setting


if __name__ == "__main__":
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        word = main()
    sys.stdout.write(word)
