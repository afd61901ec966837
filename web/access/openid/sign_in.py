"""Signs people in with a provider, and remembers it in their browser alone.

The code flow with PKCE, a state and a nonce. All that lies between leaving for the provider and coming back
is in a sealed cookie of the browser that left: whoever brings a code to another browser has signed nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from urllib.parse import parse_qsl, urlencode

from phasegate.web.access.answer import Answer
from phasegate.web.access.asked import Asked
from phasegate.web.access.errors import Refused
from phasegate.web.access.model import OpenId
from phasegate.web.access.openid.id_token import UnknownKeyError, claims_of, groups_of, person_of
from phasegate.web.access.openid.provider import Provider
from phasegate.web.access.openid.sealed_cookie import LARGEST, Cookies

CALLBACK, SIGN_OUT = "/access/callback", "/access/sign-out"
_SESSION, _LEAVING = "phasegate-session", "phasegate-sign-in"
_MINUTES_AWAY = 600
_MOST_AWAY = 4
"""Sign-ins of one browser that may be under way at once, as when all its tabs come back."""
_LONGEST_BACK = 1500


class SignIn:
    """Signs people in and out.

    Args:
        openid: how.
        provider: with whom.
        cookies: seals what browsers keep.
        url: where browsers find the pages.
        counting: the groups that some role is given to; of others nothing is kept.
    """

    def __init__(
        self, openid: OpenId, provider: Provider, cookies: Cookies, url: str, counting: frozenset[str]
    ) -> None:
        self._openid = openid
        self._provider = provider
        self._cookies = cookies
        self._url = url
        self._counting = counting

    def who(self, asked: Asked, now: int) -> tuple[str, frozenset[str]] | None:
        """The person who is signed in, and their groups; None if nobody is, or no longer."""
        value = self._cookies.sent(asked).get(self._cookies.name(_SESSION))
        said = self._cookies.open("session", value, now) if value else None
        return (said["person"], frozenset(said["groups"])) if said else None

    async def leave(self, asked: Asked, now: int) -> Answer:
        """Sends a browser to the provider, from which it comes back to the page that it asked for.

        Raises:
            Refused: if it is no page that it asked for, or the provider does not answer.
        """
        if not asked.navigates:
            raise Refused(401, "You are not signed in.")
        back = f"{asked.path}?{asked.query}" if asked.query else asked.path
        if asked.path.startswith("/access/") or len(back) > _LONGEST_BACK:
            back = "/"
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        url = await self._provider.authorization_url(state, nonce, verifier)
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "back": back}
        value = self._cookies.seal("sign-in", kept, now, _MINUTES_AWAY)
        under_way = [
            name for name in self._cookies.sent(asked) if name.startswith(self._cookies.name(_LEAVING))
        ]
        stale = under_way if len(under_way) >= _MOST_AWAY else []
        headers = [("location", url), self._cookies.set(_leaving(state), value, _MINUTES_AWAY)]
        headers += [self._cookies.forget(name.removeprefix(self._cookies.name(""))) for name in stale]
        return Answer(302, headers=tuple(headers))

    async def come_back(self, asked: Asked, now: int) -> Answer:
        """Signs in whom the provider sends back.

        Raises:
            Refused: if it sends back nobody, or nobody who left from this browser.
        """
        pairs = parse_qsl(asked.query, keep_blank_values=True, max_num_fields=20)
        given = dict(pairs)
        if len(given) < len(pairs) or not given.get("state"):
            raise Refused(400, "This is no answer of the provider.")
        name = _leaving(given["state"])
        value = self._cookies.sent(asked).get(self._cookies.name(name))
        kept = self._cookies.open("sign-in", value, now) if value else None
        if kept is None or not hmac.compare_digest(kept["state"].encode(), given["state"].encode()):
            raise Refused(400, "No sign-in is under way in this browser, or it took too long: open / again.")
        forget = (self._cookies.forget(name),)
        try:
            person, groups = await self._person(given, kept["nonce"], kept["verifier"], now)
        except Refused as refused:
            raise Refused(refused.status, refused.why, (*refused.headers, *forget)) from refused.__cause__
        session = self._cookies.seal(
            "session",
            {"person": person, "groups": sorted(groups & self._counting)},
            now,
            self._openid.seconds,
        )
        if len(session) > LARGEST:
            raise Refused(403, "You are in more groups than a browser can keep.", forget)
        kept_session = self._cookies.set(_SESSION, session, self._openid.seconds)
        return Answer(302, headers=(("location", kept["back"]), kept_session, *forget))

    async def sign_out(self, asked: Asked) -> Answer:
        """Signs somebody out here, and shows where they sign out with the provider.

        Raises:
            Refused: if another site asks for it.
        """
        if asked.method in ("GET", "HEAD"):
            form = f'<form method="post" action="{SIGN_OUT}"><button>Sign out</button></form>'
            return Answer(200, form, page=True)
        site, origin = asked.one("sec-fetch-site"), asked.one("origin")
        if asked.method != "POST" or (site != "same-origin" if site else origin != self._url):
            raise Refused(403, "Another site asks for this.")
        end = await self._provider.end_of_session()
        further = ""
        if end is not None:
            asking = urlencode({"client_id": self._openid.client})
            joined = f"{end}{'&' if '?' in end else '?'}{asking}"
            further = f'<p><a href="{html.escape(joined)}">Sign out with the provider too</a></p>'
        page = f'<p>You are signed out.</p>{further}<p><a href="/">Sign in again</a></p>'
        return Answer(200, page, (self._cookies.forget(_SESSION),), page=True)

    async def _person(
        self, given: dict[str, str], nonce: str, verifier: str, now: int
    ) -> tuple[str, frozenset[str]]:
        """The person for whom the provider answers, and their groups."""
        issuer = given.get("iss")
        if (issuer is None and await self._provider.names_itself()) or issuer not in (
            None,
            self._openid.issuer,
        ):
            raise Refused(403, "Another provider answers.")
        if given.get("error") or not given.get("code"):
            raise Refused(403, "The provider did not sign you in.")
        token = await self._provider.id_token(given["code"], verifier)
        try:
            claims = claims_of(token, await self._provider.keys(), self._openid, nonce, now)
        except UnknownKeyError:
            try:
                claims = claims_of(token, await self._provider.keys(again=True), self._openid, nonce, now)
            except UnknownKeyError as error:
                raise Refused(403, "The provider's answer can not be trusted.") from error
        return person_of(claims, self._openid), groups_of(claims, self._openid)


def _leaving(state: str) -> str:
    """The cookie of one sign-in under way."""
    return f"{_LEAVING}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
