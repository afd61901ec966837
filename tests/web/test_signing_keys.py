"""A server that others reach does not start where it could read a key that signs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import DAYS, keep, write_project

from phasegate.audit.signing.keys import new_key
from phasegate.cli import main
from phasegate.web.signing_keys import LARGEST, SigningKeyError, refuse_signing_keys

ACCESS = """\
access:
  url: https://gates.example.org
  proxies: [10.0.0.5]
  header: {user: X-Remote-User, groups: X-Remote-Groups}
  roles: [{who: {groups: [all]}, projects: ["*"], areas: ["*"]}]
"""
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n"
KEYS = {
    "the evaluator's own": (".phasegate/evaluator", None),
    "somebody's, beside the project file": ("f-101", None),
    "somebody's, in a folder": ("keys/f-101", None),
    "of another form": ("keys/key.pem", PEM),
    "behind an empty line": ("tls.txt", f"\n{PEM}"),
}
NONE = {
    "a public key": (
        "keys/f-101.pub",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2pOOV4yOKnHGVNF6G5yTA6JVAlh8z1J6 f",
    ),
    "a certificate": ("tls.pem", PEM.replace("PRIVATE KEY", "CERTIFICATE")),
    "a text that tells of keys": ("notes.md", f"Never keep\n{PEM}"),
    "a large file": ("data/large.csv", PEM + "x" * LARGEST),
    "deeper than the folders of the folder": ("data/more/key", PEM),
}


def write(folder: Path, name: str, text: str | None) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        new_key(file, "f-101")
    else:
        file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", KEYS)
def test_a_private_key_is_found(name: str, tmp_path: Path) -> None:
    file = write(tmp_path, *KEYS[name])
    with pytest.raises(SigningKeyError, match=str(file)):
        refuse_signing_keys([tmp_path / "elsewhere", tmp_path])


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_key_that_can_be_used_is_none(name: str, tmp_path: Path) -> None:
    write(tmp_path, *NONE[name])
    (tmp_path / "away").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    refuse_signing_keys([tmp_path])


def test_where_others_reach_it_nothing_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHASEGATE_PROXY_SECRET", "s" * 32)
    write_project(tmp_path, id_="harbour-programme")
    keep(tmp_path, DAYS[0])  # which makes the key of a project without signers
    (tmp_path / "phasegate.serve.yaml").write_text(ACCESS, encoding="utf-8")
    for place in (["--host", "0.0.0.0", "--port", "0"], ["--unix", "pages.sock"]):
        done = CliRunner().invoke(main, ["serve", *place])
        assert done.exit_code == 2
        assert "can be read by what serves pages to others" in " ".join(done.output.split())
    assert not (tmp_path / "pages.sock").exists()
