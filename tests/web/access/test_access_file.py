"""The file that says who may look: what is wrong in it is told with its place, and nothing is guessed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from made_provider import ENVIRON, KEYS, MadeProvider, site_of

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.web.access.errors import AccessError
from phasegate.web.access.file import read_access
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access
from phasegate.web.access.secrets import secrets_of

URL, SITE = "url: https://gates.example.org", "https://gates.example.org"
OPENID = "openid: {issuer: https://id.example.org, client: phasegate}"
WHO = "who: {people: [ada]}"
WRONG = {
    "openid_secret: abc": ("unknown-key", "openid_secret"),
    "header: {user: X-User}": ("missing-key", "access"),
    OPENID: ("missing-key", "access"),
    f"{URL}, {OPENID}, header: {{user: X-User}}": ("bad-access", "access"),
    f"{URL}, {OPENID}, local: {{evidence: true}}": ("bad-access", "access"),
    f"roles: [{{{WHO}, projects: ['*'], areas: ['*']}}]": ("bad-access", "access"),
    "proxies: [10.0.0.5]": ("bad-access", "access"),
    f"{URL}, {OPENID}, roles: [{{who: {{}}, projects: [a], areas: [b]}}]": ("missing-key", "who"),
    f"{URL}, {OPENID}, roles: [{{{WHO}, areas: [b]}}]": ("missing-key", "{"),
    f"{URL}, {OPENID}, roles: [{{{WHO}, projects: [], areas: [b]}}]": ("empty", "["),
    f"{URL}, {OPENID}, roles: [{{{WHO}, projects: [a], areas: [1]}}]": ("wrong-type", "1"),
    "url: http://gates.example.org": ("bad-address", "http://gates.example.org"),
    "url: https://ada@gates.example.org": ("bad-address", "https://ada@gates.example.org"),
    "url: https://gates.example.org/sub": ("bad-address", f"{SITE}/sub"),
    "url: https://gates.example.org?a": ("bad-address", f"{SITE}?a"),
    "url: //gates.example.org": ("bad-address", "//gates.example.org"),
    "hosts: ['gates.example.org:80']": ("bad-address", "'gates.example.org:80'"),
    "proxies: [0.0.0.0/0]": ("bad-address", "0.0.0.0/0"),
    "proxies: ['::/0']": ("bad-address", "'::/0'"),
    "proxies: [10.0.0.1/8]": ("bad-address", "10.0.0.1/8"),
    "openid: {client: a, issuer: http://id.example.org}": ("bad-address", "http://id.example.org"),
    "openid: {issuer: https://id.example.org, client: a, algorithms: [none]}": ("unknown-word", "none"),
    "openid: {issuer: https://id.example.org, client: a, algorithms: [HS256]}": ("unknown-word", "HS256"),
    "openid: {issuer: https://id.example.org, client: a, session: 2 hours}": ("bad-quantity", "2 hours"),
    "openid: {issuer: https://id.example.org, client: a, session: 5 seconds}": ("bad-quantity", "5 seconds"),
    "header: {user: X-User, groups: x-user}": ("bad-name", "header"),
    "header: {user: 'X User'}": ("bad-name", "'X User'"),
    "rate: {per_minute: 0}": ("bad-value", "0"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, tmp_path: Path) -> None:
    file = tmp_path / "phasegate.serve.yaml"
    file.write_text(f"access: {{{text}}}\n", encoding="utf-8")
    with pytest.raises(PackError) as refused:
        read_access(file)
    (found,) = refused.value.diagnostics
    at, line = found.position, found.snippet
    assert at is not None
    assert line is not None
    assert (found.rule, line[at.column - 1 : at.column - 1 + at.width]) == WRONG[text]
    assert at.file == "phasegate.serve.yaml"


def test_a_file_with_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "phasegate.serve.yaml"
    file.write_text(
        f"""\
access:
  {URL}:8443
  hosts: [gates.internal]
  proxies: [10.0.0.0/24]
  openid:
    issuer: https://id.example.org/realms/finance
    client: phasegate
    person: email
    groups: https://example.org/groups
    scopes: [groups]
    session: 5 minutes
  roles:
    - who: {{groups: [finance], people: [ada@example.org]}}
      projects: [harbour-2026]
      areas: ["*"]
      evidence: true
  log: looks.jsonl
  rate: {{per_minute: 60, burst: 20}}
""",
        encoding="utf-8",
    )
    access = read_access(file)
    assert access.names == {"gates.example.org", "gates.internal"}
    assert [grant.evidence for grant in access.grants("ada@example.org", frozenset())] == [True]
    assert access.grants("Ada@example.org", frozenset({"Finance"})) == ()


def test_the_files_in_the_documents_are_read(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "serve-access.md").read_text(encoding="utf-8")
    files = re.findall(r"^```yaml\n(access:\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    file = tmp_path / "phasegate.serve.yaml"
    for each in files:
        file.write_text(each, encoding="utf-8")
        assert read_access(file).grants("nobody", frozenset()) == ()
    assert len(files) == 3


def test_a_file_that_is_not_there_or_empty_lets_nobody_in_from_outside(tmp_path: Path) -> None:
    with pytest.raises(PhasegateError):
        read_access(tmp_path / "phasegate.serve.yaml")
    file = tmp_path / "phasegate.serve.yaml"
    file.write_text("access: {}\n", encoding="utf-8")
    assert read_access(file) == Access()
    assert not Access().local_grants()[0].evidence


SECRETS: dict[str, tuple[dict[str, str], str]] = {
    "no key": ({"PHASEGATE_SESSION_KEYS": ""}, "PHASEGATE_SESSION_KEYS is not set"),
    "a word for a key": ({"PHASEGATE_SESSION_KEYS": "swordfish"}, "no key of 32 bytes"),
    "a key of zeros": ({"PHASEGATE_SESSION_KEYS": "A" * 43 + "="}, "no key of 32 bytes"),
    "one key twice": ({"PHASEGATE_SESSION_KEYS": f"{KEYS[0]} {KEYS[0]}"}, "one twice"),
    "no secret of the client": ({"PHASEGATE_OPENID_SECRET": ""}, "PHASEGATE_OPENID_SECRET is not set"),
    "a file that is not there": (
        {"PHASEGATE_OPENID_SECRET": "", "PHASEGATE_OPENID_SECRET_FILE": "/no/such"}, "can not be read",
    ),
    "a word and a file": ({"PHASEGATE_OPENID_SECRET_FILE": "/no/such"}, "both set"),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_missing_or_bad_keeps_the_server_from_starting(name: str) -> None:
    changed, told = SECRETS[name]
    access = site_of(MadeProvider()).access
    with pytest.raises(AccessError, match=told) as refused:
        secrets_of(access, Listening(), {**ENVIRON, **changed})
    assert "swordfish" not in str(refused.value)


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    environ = {}
    for name, value in ENVIRON.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        environ[f"{name}_FILE"] = str(tmp_path / name)
    access = site_of(MadeProvider()).access
    found = secrets_of(access, Listening(), environ)
    assert found == secrets_of(access, Listening(), ENVIRON)
    shown: Any = repr(found)
    assert not any(value in shown for value in ENVIRON.values())
    public = access.model_copy(
        update={"openid": access.openid and access.openid.model_copy(update={"public": True})}
    )
    assert secrets_of(public, Listening(), ENVIRON).client is None
