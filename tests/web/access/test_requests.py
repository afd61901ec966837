"""What is asked of every request, whoever sends it, and what every answer says."""

from __future__ import annotations

from typing import Any

import pytest
from guarded_site import Browser, Site
from made_provider import MadeProvider

from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

HERE = "for who is on this machine"


@pytest.fixture
def here() -> Site:
    """Pages on this machine, where nobody signs in."""
    return Site(Access())


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "[::1]"]
)
def test_this_machine_is_asked_by_its_own_names(host: str, here: Site) -> None:
    assert here.ask(host=host).body == HERE


@pytest.mark.parametrize(
    "host",
    [
        "gates.example.org", "localhost.example.org", "127.0.0.1.example.org", "evil-localhost",
        "localhost@evil", "2130706433", "127.1", "0.0.0.0:8000", "localhost:8000:80", "localhost/",
        "localhost:80x", "::1", "", None,
    ],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_refused(host: str | None, here: Site) -> None:
    assert here.ask(host=host).status == 421


def test_two_hosts_are_none(here: Site) -> None:
    assert here.ask(headers=[("host", "localhost:8000")]).status == 421


def test_other_names_are_said_in_the_file_and_where_one_signs_in_only_those(site: Site) -> None:
    here = Site(Access(hosts=("gates.internal",)))
    assert here.ask(host="gates.internal:8000").status == 200
    assert site.ask(host="gates.example.org").status == 302
    assert site.ask(host="localhost").status == 421


@pytest.mark.parametrize(
    "path",
    [
        "//", "//evil.example", "/a//b", "/./a", "/../a", "/a/..", "/a/.", "/a/../b", "a", "", "*", "http://evil/",
        "/%2e%2e/a", "/%2E/", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a;b", "/a%3bb", "/%252e%252e", "/a%00",
        "/a%0d%0aset-cookie:x", "/a%0", "/a%zz", "/a b", "/a\x00", "/a\n", "/é", "/a%7f", "/.%2e/", "/#a",
    ],
)  # fmt: skip
def test_a_path_that_can_be_read_in_two_ways_is_not_read(path: str, here: Site) -> None:
    assert here.ask(path).status == 400


@pytest.mark.parametrize(
    "path",
    ["/", "/a", "/a/", "/a/1.1.1/b", "/...", "/a..b", "/.a", "/a%C3%A9", "/a%20b", "/a?b=%2e%2e//;", "/a:b"],
)
def test_other_paths_are(path: str, here: Site) -> None:
    assert here.ask(path).status == 200


@pytest.mark.parametrize(
    ("target", "status"),
    [("/?a\x00", 400), ("/?a b", 400), ("/?é", 400), ("/?" + "a" * 9000, 414), ("/" + "a" * 3000, 414)],
)
def test_queries_are_held_to_characters_and_length(target: str, status: int, here: Site) -> None:
    assert here.ask(target).status == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"])
def test_pages_are_read_and_nothing_else(method: str, here: Site) -> None:
    answered = here.ask(method=method)
    assert (answered.status, answered["allow"]) == (405, "GET, HEAD")


def test_an_answer_to_head_has_no_body(here: Site) -> None:
    assert here.ask(host="evil.example", method="HEAD").body == ""


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("same-origin", "no-cors", "style", 200),
        ("none", "navigate", "document", 200),
        ("cross-site", "navigate", "document", 200),  # a link
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "cors", "empty", 403),
        ("same-site", "no-cors", "script", 403),
    ],
)
def test_another_site_may_link_to_a_page_and_not_use_it(
    site: str, mode: str, dest: str, status: int, here: Site
) -> None:
    sent = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]
    assert here.ask(headers=sent).status == status


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "X_Real_IP",
    ],
)
def test_where_nobody_signs_in_nothing_is_passed_on(name: str, here: Site) -> None:
    assert here.ask(headers=[(name, "203.0.113.9")]).status == 403


EVERYWHERE = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def test_every_answer_tells_browsers_what_they_must_not(
    here: Site, browser: Browser, provider: MadeProvider
) -> None:
    signed_in = browser.sign_in(provider)
    answers = [
        here.ask(), here.ask(host="evil.example"), here.ask("//"), here.ask("/healthz"),
        here.ask(method="PUT"),
        browser.open("/"), signed_in, browser.open("/access/sign-out"), browser.open("/access/callback"),
    ]  # fmt: skip
    for answered in answers:
        assert {name: answered[name] for name in EVERYWHERE} == EVERYWHERE
        assert "geolocation=()" in answered["permissions-policy"]
    for answered in answers[5:]:
        assert answered["cache-control"] == "private, no-store"
        assert answered["strict-transport-security"].startswith("max-age=31536000")
    assert answers[0]["cache-control"] == "public, max-age=60"  # the page's own word, where all may see it
    assert answers[0].all("strict-transport-security") == []
    assert answers[0].all("set-cookie") == []


def test_a_page_that_breaks_says_as_much() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("a secret")

    site = Site(Access(), app=broken)
    with pytest.raises(ValueError, match="a secret"):  # for the server to tell
        site.ask()
    start, body = site.sent
    assert start["status"] == 500
    assert body["body"] == b"Something went wrong.\n"
    assert (b"x-content-type-options", b"nosniff") in start["headers"]


def test_nothing_but_pages_is_served(here: Site) -> None:
    import asyncio

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    asyncio.run(here.guard({"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_probes_are_answered_whoever_asks_and_by_whatever_name(site: Site) -> None:
    assert [site.ask(path, host="10.0.0.7:8000").status for path in ("/healthz", "/readyz")] == [200, 200]
    site.ready = False
    assert site.ask("/healthz").status == 200
    assert site.ask("/readyz").status == 200  # asked a moment ago
    again = Site(Access(), ready=False)
    answered = again.ask("/readyz")
    assert (answered.status, answered.body) == (503, "not ready\n")


def test_whatever_goes_wrong_a_server_that_can_not_be_asked_is_not_ready() -> None:
    import asyncio

    from phasegate.web.access.health import Health

    async def broken() -> bool:
        raise OSError("connection to db-1 refused")

    answer = asyncio.run(Health(broken).answer("/readyz"))
    assert answer is not None
    assert (answer.status, answer.text) == (503, "not ready\n")


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    site = Site(Access.model_validate({"rate": {"per_minute": 6, "burst": 3}}))
    assert [site.ask().status for _ in range(4)] == [200, 200, 200, 429]
    site.later(4)
    assert site.ask()["retry-after"] == "6"
    site.later(6)
    assert [site.ask().status for _ in range(2)] == [200, 429]
    assert site.ask(peer="127.0.0.2").status == 200
    assert site.ask("/healthz").status == 200


@pytest.mark.parametrize(
    ("listening", "loopback"),
    [
        (Listening("127.0.0.1"), True), (Listening("127.8.0.1"), True), (Listening("::1"), True),
        (Listening("localhost"), True), (Listening("0.0.0.0"), False), (Listening("::"), False),
        (Listening(""), False), (Listening("10.0.0.5"), False), (Listening("localhost.example.org"), False),
        (Listening("127.1"), False),
    ],
)  # fmt: skip
def test_what_others_reach_is_not_served_without_a_sign_in(listening: Listening, loopback: bool) -> None:
    from phasegate.web.access.errors import AccessError

    if loopback:
        Site(Access(), listening)
    else:
        with pytest.raises(AccessError, match="nobody signs in"):
            Site(Access(), listening)
