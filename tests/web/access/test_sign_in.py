"""Signing in with a provider, and every way to be taken for somebody else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from guarded_site import Browser, Site
from joserfc import jwe, jwt
from joserfc.jwk import OctKey
from made_provider import CLIENT, ISSUER, KEYS, MadeProvider, key, signed, site_of

SESSION, LEAVING = "__Host-phasegate-session", "__Host-phasegate-sign-in-"


def again(site: Site, provider: MadeProvider, keys: str) -> Site:
    """Another server beside it, or the same one later, with its own keys."""
    other = Site(
        site.access, site.listening, {**site.environ, "PHASEGATE_SESSION_KEYS": keys}, provider.transport
    )
    other.now = site.now
    return other


def test_who_is_not_signed_in_comes_back_to_the_page_that_they_asked_for(
    browser: Browser, provider: MadeProvider
) -> None:
    back = browser.sign_in(provider, "/projects/harbour-2026?area=1")
    assert (back.status, back["location"]) == (302, "/projects/harbour-2026?area=1")
    assert browser.open("/projects/harbour-2026").body == "for u-17"
    assert list(browser.cookies) == [SESSION]


def test_cookies_are_this_hosts_alone_and_end(browser: Browser, provider: MadeProvider) -> None:
    left = browser.open("/")
    back = browser.open(provider.sends_back(left["location"]))
    for header in [*left.all("set-cookie"), *back.all("set-cookie")]:
        name, *said = header.split("; ")
        assert name.startswith("__Host-phasegate-")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} < {*said}
        assert next(int(each[8:]) for each in said if each.startswith("Max-Age=")) <= 900
        assert "harbour" not in header
        assert "u-17" not in header


def test_a_browser_on_this_machine_keeps_them_without_https(provider: MadeProvider) -> None:
    browser = Browser(site_of(provider, "http://localhost:8000"), "localhost:8000")
    browser.sign_in(provider)
    assert browser.open("/").body == "for u-17"
    assert [*browser.cookies] == ["phasegate-session"]


def change(**said: Any) -> Callable[[MadeProvider], object]:
    """Claims as given; one that is None is left out."""

    def changing(claims: dict[str, Any]) -> None:
        claims.update(said)
        for name in [name for name, value in said.items() if value is None]:
            del claims[name]

    return lambda provider: setattr(provider, "change", changing)


def late(**moved: int) -> Callable[[MadeProvider], object]:
    """Claims of a time, moved by seconds from when the token is made."""

    def changing(claims: dict[str, Any]) -> None:
        claims.update({name: claims["iat"] + by for name, by in moved.items()})

    return lambda provider: setattr(provider, "change", changing)


def sign(make: Callable[[dict[str, Any]], str]) -> Callable[[MadeProvider], object]:
    return lambda provider: setattr(provider, "sign", make)


def unsigned(claims: dict[str, Any]) -> str:
    def part(what: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'kid': 'first'})}.{part(claims)}."


def with_public_key_as_secret(claims: dict[str, Any]) -> str:
    public = key("first").as_pem(private=False)
    return jwt.encode(
        {"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public), algorithms=["HS256"]
    )


def altered(claims: dict[str, Any]) -> str:
    header, body, signature = signed(claims, "first").split(".")
    other = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "root"}
    return f"{header}.{base64.urlsafe_b64encode(json.dumps(other).encode()).decode().rstrip('=')}.{signature}"


def with_its_own_key(claims: dict[str, Any]) -> str:
    brought = key("brought").as_dict(private=False)
    header = {"alg": "ES256", "kid": "first", "jwk": brought}
    return jwt.encode(header, claims, key("brought"), algorithms=["ES256"])


FORGED = {
    "signed by nobody": sign(unsigned),
    "signed with the public key as a secret": sign(with_public_key_as_secret),
    "signed with another key of the same name": sign(lambda claims: signed(claims, "other", kid="first")),
    "signed with a key that it brings": sign(with_its_own_key),
    "signed with a key that nobody knows": sign(lambda claims: signed(claims, "other")),
    "signed, then altered": sign(altered),
    "no token": sign(lambda claims: "ey"),
    "no object": sign(lambda claims: ".".join(["e30"] * 3)),
    "of another issuer": change(iss="https://id.example.com"),
    "of an issuer with a slash more": change(iss=f"{ISSUER}/"),
    "for another client": change(aud="payroll"),
    "for nobody": change(aud=None),
    "for no client": change(aud=[]),
    "for another client too": change(aud=[CLIENT, "payroll"]),
    "for another client too, made for it": change(aud=[CLIENT, "payroll"], azp="payroll"),
    "made for another client": change(azp="payroll"),
    "expired": late(exp=-61),
    "expired never": change(exp=None),
    "expired when that is no number": change(exp="2030"),
    "expired at infinity": change(exp=float("inf")),
    "not yet valid": late(nbf=120),
    "made in the future": late(iat=120),
    "made long ago": late(iat=-700),
    "made at no time": change(iat=None),
    "without a nonce": change(nonce=None),
    "with the nonce of another sign-in": change(nonce="x" * 64),
    "of nobody": change(sub=None),
    "of an empty name": change(sub=""),
    "of a list": change(sub=["u-17"]),
    "of a name that nobody can read": change(sub="u-17\u202e"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_is_not_in_order_signs_nobody_in(
    name: str, browser: Browser, provider: MadeProvider
) -> None:
    FORGED[name](provider)
    back = browser.sign_in(provider)
    assert back.status == 403, name
    assert browser.cookies == {}
    assert browser.site.looks[-1]["event"] == "sign-in refused"
    assert "eyJ" not in browser.site.log.getvalue()
    provider.change, provider.sign = lambda claims: None, None
    assert browser.sign_in(provider).status == 302


@pytest.mark.parametrize(
    "fit",
    [
        change(aud=[CLIENT]),
        change(aud=[CLIENT, "payroll"], azp=CLIENT),
        late(exp=-30),
        late(iat=30),
        late(nbf=30),
    ],
)
def test_clocks_may_differ_a_little_and_tokens_be_for_several(
    fit: Callable[[MadeProvider], object], browser: Browser, provider: MadeProvider
) -> None:
    fit(provider)
    assert browser.sign_in(provider).status == 302


def test_what_a_token_says_beside_is_let_be(browser: Browser, provider: MadeProvider) -> None:
    provider.sign = lambda claims: signed(claims, "first", x5t="abc", typ="at+jwt")
    assert browser.sign_in(provider).status == 302
    browser.cookies.clear()
    provider.sign = lambda claims: signed(claims, "first", hint="abc")
    assert browser.sign_in(provider).status == 302


def test_keys_for_something_else_are_not_taken(browser: Browser, provider: MadeProvider) -> None:
    provider.published.append({**key("other").as_dict(private=False), "kid": "first", "use": "enc"})
    assert browser.sign_in(provider).status == 302
    provider.published.append({**key("other").as_dict(private=False), "kid": "first"})
    browser.site.later(3601)
    browser.cookies.clear()
    assert browser.sign_in(provider).status == 403  # two of one name


def test_a_cookie_of_one_sign_in_is_of_no_use_in_another(browser: Browser, provider: MadeProvider) -> None:
    first, second = browser.open("/a"), browser.open("/b")
    names = [answered.all("set-cookie")[0].partition("=")[0] for answered in (first, second)]
    browser.cookies[names[1]] = browser.cookies[names[0]]
    asked = len(provider.asked)
    assert browser.open(provider.sends_back(second["location"])).status == 400
    assert len(provider.asked) == asked


def test_a_provider_may_change_its_keys(browser: Browser, provider: MadeProvider) -> None:
    browser.sign_in(provider)
    provider.keys, provider.signs = ["first", "second"], "second"
    browser.cookies.clear()
    browser.site.later(11)
    assert browser.sign_in(provider).status == 302
    provider.keys, provider.signs = ["second"], "first"
    browser.cookies.clear()
    browser.site.later(3601)
    assert browser.sign_in(provider).status == 403  # withdrawn
    asked = provider.asked.count("/keys")
    provider.signs = "other"
    for _ in range(5):
        assert browser.sign_in(provider).status == 403
    assert provider.asked.count("/keys") == asked


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://id.example.com"},
        {"token_endpoint": "http://id.example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_provider_that_is_another_one_is_not_asked(
    said: dict[str, Any], browser: Browser, provider: MadeProvider
) -> None:
    provider.said |= said
    assert browser.open("/").status == 502


def test_while_the_provider_is_away_who_is_signed_in_stays_so(
    browser: Browser, provider: MadeProvider
) -> None:
    browser.sign_in(provider)
    provider.away = True
    assert browser.open("/").status == 200
    browser.site.later(4000)
    away = browser.open("/")
    assert (away.status, away["retry-after"]) == (503, "30")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("code=abc", 400),
        ("code=abc&state=", 400),
        ("code=abc&state=another", 400),
        ("code=abc&state={state}&state={state}", 400),
        ("code=abc&state={state}", 403),
        ("code=&state={state}", 403),
        ("error=access_denied&state={state}", 403),
        ("code={code}&state={state}&iss=https%3A%2F%2Fid.example.com", 403),
        ("code={code}&state={state}", 302),
    ],
)
def test_nobody_comes_back_who_has_not_left(
    query: str, status: int, browser: Browser, provider: MadeProvider
) -> None:
    left = browser.open("/")
    given = dict(
        part.split("=") for part in provider.sends_back(left["location"]).partition("?")[2].split("&")
    )
    assert browser.open(f"/access/callback?{query.format(**given)}").status == status


def test_a_provider_that_promises_to_say_who_it_is_must(browser: Browser, provider: MadeProvider) -> None:
    provider.said["authorization_response_iss_parameter_supported"] = True
    assert browser.sign_in(provider).status == 403
    left = browser.open("/")
    assert browser.open(provider.sends_back(left["location"], iss=ISSUER)).status == 302


def test_an_answer_is_of_the_browser_that_left_and_of_one_time(
    browser: Browser, provider: MadeProvider, site: Site
) -> None:
    left = browser.open("/")
    target = provider.sends_back(left["location"])
    kept = dict(browser.cookies)
    victim = Browser(site, "gates.example.org")
    assert victim.open(target).status == 400
    victim.open("/")  # has left for itself; the answer is not to that
    assert victim.open(target).status == 400
    assert browser.open(target).status == 302
    assert browser.open(target).status == 400  # the cookie is gone
    browser.cookies = kept
    assert browser.open(target).status == 403  # and who has kept it finds the code used
    browser.cookies = kept
    site.later(601)
    assert browser.open(target).status == 400


def test_a_token_of_one_sign_in_is_of_no_use_in_another(browser: Browser, provider: MadeProvider) -> None:
    seen: list[str] = []

    def replaying(claims: dict[str, Any]) -> str:
        seen.append(signed(claims, "first"))
        return seen[0]

    provider.sign = replaying
    assert browser.sign_in(provider).status == 302
    browser.cookies.clear()
    assert browser.sign_in(provider).status == 403


def test_tabs_may_sign_in_at_once_and_leave_no_more_than_a_few_cookies(
    browser: Browser, provider: MadeProvider
) -> None:
    first, second = browser.open("/a"), browser.open("/b")
    assert browser.open(provider.sends_back(second["location"]))["location"] == "/b"
    assert browser.open(provider.sends_back(first["location"]))["location"] == "/a"
    browser.cookies.clear()
    for _ in range(20):
        browser.open("/")
        assert len([name for name in browser.cookies if name.startswith(LEAVING)]) <= 4


@pytest.mark.parametrize(
    "target",
    ["/?next=https://evil.example", "/access/sign-in?next=//evil.example", "/access/x?next=%2F%2Fevil"],
)
def test_nothing_in_an_address_leads_elsewhere(target: str, browser: Browser, provider: MadeProvider) -> None:
    back = browser.sign_in(provider, target)
    assert back["location"] == ("/" if target.startswith("/access/") else target)


def test_only_whole_pages_lead_to_the_provider(browser: Browser) -> None:
    answered = browser.open("/style.css", [("sec-fetch-dest", "style")])
    assert (answered.status, answered.all("set-cookie")) == (401, [])


def resealed(value: str, key: bytes, **said: Any) -> str:
    """A session sealed anew with another key, or with other words."""
    plain = json.loads(jwe.decrypt_compact(value, OctKey.import_key(bytes(range(32)))).plaintext or b"")
    header = {"alg": "dir", "enc": "A256GCM"}
    return jwe.encrypt_compact(header, json.dumps(plain | said), OctKey.import_key(key))


OURS, THEIRS = bytes(range(32)), bytes(range(50, 82))
COOKIES: dict[str, Callable[[str], str]] = {
    "sealed with another key": lambda value: resealed(value, THEIRS),
    "a letter changed": lambda value: value[:-9] + ("A" if value[-9] != "A" else "B") + value[-8:],
    "cut off": lambda value: value[:-4],
    "its words in the clear": lambda value: base64.urlsafe_b64encode(b'{"person": "root"}').decode(),
    "an unsigned token": lambda value: unsigned({"person": "root", "groups": []}),
    "empty": lambda value: "",
    "long": lambda value: value + "A" * 4000,
    "letters of no alphabet": lambda value: "é" * 20,
    "of a sign-in under way": lambda value: resealed(value, OURS, use="sign-in"),
    "of another provider": lambda value: resealed(value, OURS, party=["https://id.example.com", "phasegate"]),
    "of the future": lambda value: resealed(value, OURS, **{"from": 4e9, "until": 5e9}),
}


@pytest.mark.parametrize("name", COOKIES)
def test_a_cookie_that_was_made_or_changed_is_nobodys(
    name: str, browser: Browser, provider: MadeProvider
) -> None:
    browser.sign_in(provider)
    good = browser.cookies[SESSION]
    assert resealed(good, OURS)  # so that the cases fail for what they say
    browser.cookies[SESSION] = resealed(good, OURS)
    assert browser.open("/").status == 200
    browser.cookies[SESSION] = COOKIES[name](good)
    assert browser.open("/").status == 302
    assert browser.open("/", [("cookie", f"{SESSION}={good}")]).status == 302  # neither of two is believed


def test_a_cookie_under_way_is_no_session(browser: Browser) -> None:
    browser.open("/")
    (under_way,) = browser.cookies.values()
    browser.cookies[SESSION] = under_way
    assert browser.open("/").status == 302


def test_keys_change_one_after_the_other_and_servers_share_them(
    browser: Browser, provider: MadeProvider
) -> None:
    old, new = KEYS
    browser.sign_in(provider)
    site = browser.site
    for keys, status in ((f"{old} {new}", 200), (f"{new},{old}", 200), (new, 302)):
        browser.site = again(site, provider, keys)
        assert browser.open("/").status == status, keys
        browser.cookies = {name: value for name, value in browser.cookies.items() if name == SESSION}
    browser.cookies.clear()
    browser.site = again(site, provider, f"{new} {old}")
    browser.sign_in(provider)
    browser.site = again(site, provider, new)
    assert browser.open("/").status == 200


def test_a_role_that_was_taken_away_ends_within_the_time_that_a_sign_in_holds(
    browser: Browser, provider: MadeProvider, site: Site
) -> None:
    provider.claims = {"sub": "u-18", "groups": ["finance"]}
    browser.sign_in(provider)
    provider.claims = {"sub": "u-18", "groups": []}
    site.later(899)
    assert browser.open("/").status == 200
    site.later(1)
    assert browser.sign_in(provider).status == 302
    assert browser.open("/").status == 403
    provider.claims = {"sub": "u-18", "groups": ["finance"]}
    assert browser.open("/").status == 403  # nor does it come back sooner
    site.later(900)
    browser.sign_in(provider)
    assert browser.open("/").status == 200


@pytest.mark.parametrize(
    "groups", [None, "finance", {"finance": True}, ["Finance"], [["finance"]], ["everybody"]]
)
def test_who_is_in_no_group_that_counts_sees_nothing(
    groups: object, browser: Browser, provider: MadeProvider
) -> None:
    provider.claims = {"sub": "<b>u-18</b>", "groups": groups}
    browser.sign_in(provider)
    answered = browser.open("/")
    assert answered.status == 403
    assert "&lt;b&gt;u-18&lt;/b&gt; has no role here" in answered.body


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "u-17", "email_verified": True}, 302),
        ({"email": "u-17", "email_verified": False}, 403),
        ({"email": "u-17", "email_verified": "true"}, 403),
        ({"email": "u-17"}, 403),
        ({"email_verified": True}, 403),
    ],
)
def test_an_address_names_somebody_if_the_provider_has_verified_it(
    claims: dict[str, Any], status: int, provider: MadeProvider
) -> None:
    provider.claims = {"sub": "other", **claims}
    if claims.get("email_verified") is True and status == 302:
        del provider.claims["sub"]
        assert Browser(site_of(provider, person="email"), "gates.example.org").sign_in(provider).status == 403
        provider.claims["sub"] = "other"
    browser = Browser(site_of(provider, person="email"), "gates.example.org")
    assert browser.sign_in(provider).status == status


def test_of_many_groups_those_are_kept_that_count(browser: Browser, provider: MadeProvider) -> None:
    provider.claims = {
        "sub": "u-18",
        "groups": [*(f"team-{number:04}" for number in range(2_000)), "finance"],
    }
    assert browser.sign_in(provider).status == 302
    assert browser.open("/").body == "for u-18"
    assert len(browser.cookies[SESSION]) < 600


def test_signing_out(browser: Browser, provider: MadeProvider) -> None:
    browser.sign_in(provider)
    for wrong in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "null"}, {}):
        assert browser.open("/access/sign-out", wrong.items(), "POST").status == 403
    assert "<form method" in browser.open("/access/sign-out").body
    assert browser.open("/").status == 200
    out = browser.open("/access/sign-out", [("sec-fetch-site", "same-origin"), ("origin", "null")], "POST")
    assert out.status == 200
    assert f'href="{ISSUER}/end?x=&quot;1&quot;&amp;client_id=phasegate"' in out.body
    assert browser.cookies == {}
    assert browser.open("/").status == 302
    browser.sign_in(provider)
    assert browser.open("/access/sign-out", [("origin", "https://gates.example.org")], "POST").status == 200
