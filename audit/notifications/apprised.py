"""The process that hands one message to Apprise: reads it from standard input, and says one word."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import sys

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
    """Sends what stands on standard input; what came of it, as `courier.bring` reads it."""
    given = json.load(sys.stdin)
    try:
        import apprise
    except ImportError:
        return "missing"
    status = _Status()
    logging.lastResort = None
    logging.getLogger("apprise").addHandler(status)
    asset = apprise.AppriseAsset(app_id="phasegate", app_desc="phasegate", app_url="", plugin_paths=[])
    service = apprise.Apprise.instantiate(given["address"], asset=asset, suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        return "address"
    told = apprise.Apprise(asset=asset)
    told.add(service)
    sent = told.notify(body=given["body"], title=given["title"], body_format=apprise.NotifyFormat.TEXT)
    return "sent" if sent else f"http {status.code}" if status.code else "refused"


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        word = main()
    sys.stdout.write(word)
