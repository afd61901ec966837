"""What a proxy says of whom it has signed in, and what others say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from guarded_site import Headers, Site

from phasegate.web.access.errors import AccessError
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

SECRET = "s" * 32
SHOWN = ("X-Phasegate-Proxy-Secret", SECRET)
ACCESS: dict[str, Any] = {
    "url": "https://gates.example.org",
    "proxies": ["10.0.0.5", "10.1.0.0/16", "fd00::/64"],
    "header": {"user": "X-Remote-User", "groups": "X-Remote-Groups"},
    "roles": [
        {"who": {"groups": ["finance"]}, "projects": ["harbour-2026"], "areas": ["1"], "evidence": True},
        {"who": {"people": ["ada", "Grüße, Bo"]}, "projects": ["*"], "areas": ["*"]},
    ],
}
ENVIRON = {"PHASEGATE_PROXY_SECRET": SECRET}


def site_of(listening: Listening = Listening("0.0.0.0"), environ: Any = ENVIRON, **access: Any) -> Site:  # noqa: B008
    return Site(Access.model_validate({**ACCESS, **access}), listening, environ)


USER, BO = ("X-Remote-User", "ada"), ("X-Remote-User", "bo")
IN, PROXY, TWICE = "for ", "reached through its proxy alone", "came more than once"
NOBODY, HIDDEN, ROLE = "did not say who you are", "characters that nobody sees", "has no role here"
CASES: dict[str, tuple[str | None, Headers, str]] = {
    "from the proxy": ("10.0.0.5", [SHOWN, USER], IN),
    "from one of a network": ("10.1.2.3", [SHOWN, USER], IN),
    "from one of a network, written as IPv6": ("::ffff:10.1.2.3", [SHOWN, USER], IN),
    "from one over IPv6": ("fd00::7", [SHOWN, USER], IN),
    "somebody in a group": ("10.0.0.5", [SHOWN, BO, ("X-Remote-Groups", "a, finance")], IN),
    "somebody with other letters": ("10.0.0.5", [SHOWN, ("X-Remote-User", "Grüße, Bo")], IN),
    "in any case of the header": ("10.0.0.5", [(SHOWN[0].lower(), SECRET), ("x-remote-user", "ada")], IN),
    "from outside": ("10.0.0.6", [SHOWN, USER], PROXY),
    "from this machine": ("127.0.0.1", [SHOWN, USER], PROXY),
    "from outside, without a word": ("10.0.0.6", [], PROXY),
    "from outside, as if passed on": ("10.0.0.6", [SHOWN, USER, ("X-Forwarded-For", "10.0.0.5")], PROXY),
    "from nowhere": (None, [SHOWN, USER], PROXY),
    "without the secret": ("10.0.0.5", [USER], PROXY),
    "with another secret": ("10.0.0.5", [(SHOWN[0], "t" * 32), USER], PROXY),
    "with a part of it": ("10.0.0.5", [(SHOWN[0], SECRET[:-1]), USER], PROXY),
    "with an empty one": ("10.0.0.5", [(SHOWN[0], ""), USER], PROXY),
    "with the secret twice": ("10.0.0.5", [SHOWN, SHOWN, USER], TWICE),
    "naming nobody": ("10.0.0.5", [SHOWN], NOBODY),
    "naming an empty name": ("10.0.0.5", [SHOWN, ("X-Remote-User", "  ")], NOBODY),
    "naming two": ("10.0.0.5", [SHOWN, USER, ("X-Remote-User", "bo")], TWICE),
    "naming the same twice": ("10.0.0.5", [SHOWN, USER, USER], TWICE),
    "naming another with a line below": ("10.0.0.5", [SHOWN, USER, ("X_Remote_User", "bo")], TWICE),
    "with groups twice": ("10.0.0.5", [SHOWN, USER, *[("X-Remote-Groups", "finance")] * 2], TWICE),
    "with a character that nobody sees": ("10.0.0.5", [SHOWN, ("X-Remote-User", "ada\u200b")], HIDDEN),
    "somebody without a role": ("10.0.0.5", [SHOWN, ("X-Remote-User", "bo")], ROLE),
    "somebody who looks the same": ("10.0.0.5", [SHOWN, ("X-Remote-User", "ａda")], ROLE),
    "in another case": ("10.0.0.5", [SHOWN, ("X-Remote-User", "Ada")], ROLE),
    "in a part of a group": ("10.0.0.5", [SHOWN, BO, ("X-Remote-Groups", "financex")], ROLE),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_proxys_word_counts_and_nobody_elses(name: str) -> None:
    peer, headers, told = CASES[name]
    answered = site_of().ask(headers=headers, host="gates.example.org", peer=peer)
    assert (answered.status, told in answered.body) == (200 if told == IN else 403, True), answered.body


@pytest.mark.parametrize("environ", [{}, ENVIRON])
def test_over_a_socket_in_the_file_system_who_reaches_it_is_the_proxy(environ: Any, tmp_path: Path) -> None:
    site = site_of(Listening(unix=tmp_path / "s"), environ, proxies=[])
    given = [USER, *([SHOWN] if environ else [])]
    assert site.ask(headers=given, host="gates.example.org", peer=None).body == "for ada"
    assert site.ask(headers=[USER], host="gates.example.org", peer=None).status == (403 if environ else 200)
    assert site.ask(headers=given, host="gates.example.org", peer="203.0.113.9").status == 403


@pytest.mark.parametrize(
    ("environ", "access", "told"),
    [
        ({}, {}, "PHASEGATE_PROXY_SECRET is not set"),
        ({"PHASEGATE_PROXY_SECRET": " "}, {}, "is not set"),
        ({"PHASEGATE_PROXY_SECRET": "short"}, {}, "may be guessed"),
        (ENVIRON, {"proxies": []}, "no proxy is named"),
    ],
)
def test_what_would_let_anybody_in_does_not_start(environ: Any, access: Any, told: str) -> None:
    with pytest.raises(AccessError, match=told) as refused:
        site_of(environ=environ, **access)
    assert "short" not in str(refused.value)


def test_each_look_at_evidence_is_written_down_and_nothing_of_it() -> None:
    site = site_of()
    for person, groups in (("bo", "finance"), ("ada", ""), ("ada", "finance")):
        given = [SHOWN, ("X-Remote-User", person), ("X-Remote-Groups", groups)]
        answered = site.ask("/rows", given, "gates.example.org", peer="10.0.0.5")
        assert answered.body == f"rows: {groups == 'finance'}"
    assert [(look["who"], look["allowed"]) for look in site.looks] == [
        ("bo", True),
        ("ada", False),
        ("ada", True),
    ]
    assert site.looks[0] == {
        "event": "evidence", "when": "2026-03-02T09:00:00.000+00:00", "who": "bo", "project": "harbour-2026",
        "what": "run 3, 1.1.1/framework", "allowed": True,
    }  # fmt: skip


def test_looks_go_to_a_file_of_the_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "looks.jsonl"
    for _ in range(2):
        site = site_of(log=str(file))
        given = [SHOWN, USER, ("X-Remote-Groups", "finance")]
        assert site.ask("/rows", given, "gates.example.org", peer="10.0.0.5").status == 200
    assert len(file.read_text().splitlines()) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    file.mkdir()
    with pytest.raises(IsADirectoryError):  # what can not be written down is not shown
        site.ask("/rows", given, "gates.example.org", peer="10.0.0.5")
    with pytest.raises(AccessError, match="can not be written"):
        site_of(log=str(file))


def test_people_are_counted_each_for_themselves_behind_one_proxy() -> None:
    site = site_of(rate={"per_minute": 1, "burst": 1})
    for person, status in (("ada", 200), ("ada", 429), ("Grüße, Bo", 200), ("bo", 403)):
        given = [SHOWN, ("X-Remote-User", person)]
        assert site.ask(headers=given, host="gates.example.org", peer="10.0.0.5").status == status
