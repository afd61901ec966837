"""What the guard answers itself, and what every answer says to browsers."""

from __future__ import annotations

import html
from dataclasses import dataclass

from starlette.types import Message, Send

from phasegate.web.access.errors import Refused
from phasegate.web.access.model import Access

_ALWAYS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
_NOT_KEPT = {"cache-control": "private, no-store"}
_ENCRYPTED = {"strict-transport-security": "max-age=31536000"}


@dataclass(frozen=True)
class Answer:
    """An answer of the guard's own.

    Attributes:
        status: the status of HTTP.
        text: a text, or a part of a page where `page` says so.
        headers: what else it says, cookies among it.
        page: whether the text is HTML.
    """

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    page: bool = False

    async def send(self, send: Send, body: bool) -> None:
        """Sends it; without its body where only its headers were asked for."""
        text = f"<!doctype html><html lang=en><title>phasegate</title>{self.text}" if self.page else self.text
        content = text.encode()
        kind = "text/html" if self.page else "text/plain"
        headers = [
            ("content-type", f"{kind}; charset=utf-8"),
            ("content-length", str(len(content))),
            ("cache-control", "no-store"),
            *self.headers,
        ]
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            }
        )
        await send({"type": "http.response.body", "body": content if body else b""})


def refusal(refused: Refused) -> Answer:
    """The answer to a request that is not answered."""
    return Answer(refused.status, f"{refused.why}\n", refused.headers)


def without_role(name: str, sign_out: str | None) -> Answer:
    """The answer to somebody who is known, and has no role here."""
    out = f'<form method="post" action="{sign_out}"><button>Sign out</button></form>' if sign_out else ""
    return Answer(403, f"<p>{html.escape(name)} has no role here.</p>{out}", page=True)


def sealed(send: Send, access: Access) -> Send:
    """A way to send answers that says to browsers what every answer must, whatever the answer said of it."""
    must = {**_ALWAYS, **(_NOT_KEPT if access.signs_in else {}), **(_ENCRYPTED if access.encrypted else {})}
    raw = [(name.encode(), value.encode()) for name, value in must.items()]
    names = {name for name, _ in raw}

    async def sealing(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if bytes(pair[0]).lower() not in names]
            message = {**message, "headers": [*kept, *raw]}
        await send(message)

    return sealing
