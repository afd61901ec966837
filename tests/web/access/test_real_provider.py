"""Signing in with Canaille, a provider of OpenID Connect that others wrote, over the network."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from guarded_site import Browser, Site, target_of
from made_provider import KEYS

from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

PYTHON = Path(__file__).parents[3] / ".tmp" / "openid" / "bin" / "python"
PROGRAM = Path(__file__).with_name("provider_program.py")
REQUIRED = os.environ.get("PHASEGATE_TEST_OPENID") == "1"
HERE, CLIENT, SECRET = "http://localhost:8000", "phasegate", "what the provider gave"

pytestmark = pytest.mark.slow


class Canaille:
    """The provider in a process of its own, with ada in the group finance, and bo in none."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.issuer = f"http://localhost:{port}"
        self._log = (folder / "canaille.log").open("wb")
        self._process = subprocess.Popen(
            [PYTHON, PROGRAM, str(port), CLIENT, SECRET, f"{HERE}/access/callback"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
            text=True,
        )
        assert self._answer() == "ready\n", (folder / "canaille.log").read_text()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        assert self._answer() == "done\n"

    def sends_back(self, location: str) -> str:
        """Where it sends a browser back to that came from phasegate."""
        assert location.startswith(self.issuer)
        with httpx2.Client() as client:
            answered = client.get(location)
            for _ in range(5):  # through its own pages
                if not answered.is_redirect or answered.headers["location"].startswith(HERE):
                    break
                answered = client.get(httpx2.URL(location).join(answered.headers["location"]))
        assert answered.is_redirect, answered.text
        return target_of(answered.headers["location"])

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            assert pipe is not None
            pipe.close()


@pytest.fixture(scope="module")
def canaille(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaille]:
    if not PYTHON.exists():
        if REQUIRED:
            pytest.fail("PHASEGATE_TEST_OPENID=1, and 'make openid' has not been made")
        pytest.skip("this machine has no provider of OpenID Connect; 'make openid' fetches one")
    started = Canaille(tmp_path_factory.mktemp("canaille"))
    yield started
    started.end()


@pytest.fixture
def browser(canaille: Canaille) -> Browser:
    access = {
        "url": HERE,
        "openid": {"issuer": canaille.issuer, "client": CLIENT, "scopes": ["groups"], "session": "1 minute"},
        "roles": [{"who": {"groups": ["finance"]}, "projects": ["harbour-2026"], "areas": ["1"]}],
    }
    environ = {"PHASEGATE_SESSION_KEYS": KEYS[0], "PHASEGATE_OPENID_SECRET": SECRET}
    site = Site(Access.model_validate(access), Listening("0.0.0.0"), environ)
    site.now = dt.datetime.now(dt.UTC)
    return Browser(site, "localhost:8000")


def test_people_sign_in_and_their_groups_count(browser: Browser, canaille: Canaille) -> None:
    canaille.tell("sign in ada")
    assert browser.sign_in(canaille, "/a?b=1")["location"] == "/a?b=1"
    assert browser.open("/a").body == "for ada"
    browser.cookies.clear()
    canaille.tell("sign in bo")
    browser.sign_in(canaille)
    assert browser.open("/").status == 403, browser.site.log.getvalue()


def test_a_code_counts_once_and_in_its_own_browser(browser: Browser, canaille: Canaille) -> None:
    canaille.tell("sign in ada")
    left = browser.open("/")
    target, kept = canaille.sends_back(left["location"]), dict(browser.cookies)
    assert Browser(browser.site, browser.host).open(target).status == 400
    assert browser.open(target).status == 302
    browser.cookies = kept
    assert browser.open(target).status == 403


def test_a_code_that_was_swapped_for_another_browsers_is_refused(
    browser: Browser, canaille: Canaille
) -> None:
    canaille.tell("sign in ada")
    other = Browser(browser.site, browser.host)
    theirs = canaille.sends_back(other.open("/")["location"])
    code = theirs.partition("code=")[2].partition("&")[0]
    mine = canaille.sends_back(browser.open("/")["location"])
    own = mine.partition("code=")[2].partition("&")[0]
    assert browser.open(mine.replace(own, code)).status == 403


def test_a_group_that_somebody_left_ends_with_the_sign_in(browser: Browser, canaille: Canaille) -> None:
    canaille.tell("into finance bo")
    canaille.tell("sign in bo")
    browser.sign_in(canaille)
    assert browser.open("/").status == 200
    canaille.tell("out of finance bo")
    browser.site.now += dt.timedelta(seconds=61)
    browser.sign_in(canaille)
    assert browser.open("/").status == 403, browser.site.log.getvalue()


def test_a_new_key_counts_as_soon_as_it_signs(browser: Browser, canaille: Canaille) -> None:
    canaille.tell("sign in ada")
    browser.sign_in(canaille)
    canaille.tell("new key")
    browser.cookies.clear()
    browser.site.now += dt.timedelta(seconds=15)
    assert browser.sign_in(canaille).status == 302, browser.site.log.getvalue()


def test_its_page_for_signing_out_is_shown(browser: Browser, canaille: Canaille) -> None:
    canaille.tell("sign in ada")
    browser.sign_in(canaille)
    out = browser.open("/access/sign-out", [("origin", HERE)], "POST")
    assert f'href="{canaille.issuer}' in out.body
    assert browser.cookies == {}
