"""Where pages are listened for, and who can open what."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from phasegate.web.access.errors import AccessError
from phasegate.web.access.listening import ListenError, Listening
from phasegate.web.access.model import Access
from phasegate.web.access.secrets import secrets_of


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A short path: that of a socket has no more than 107 bytes."""
    monkeypatch.chdir(tmp_path)
    return Path("pages.sock")


def test_a_socket_of_the_file_system_is_its_owners_and_its_groups_alone(path: Path) -> None:
    for _ in range(2):  # the second time in place of one whose server is gone
        with Listening(unix=path).bind():
            assert path.stat().st_mode & 0o777 == 0o660


def test_what_is_no_socket_stays_where_it_is(path: Path) -> None:
    path.write_text("a letter", encoding="utf-8")
    with pytest.raises(ListenError):
        Listening(unix=path).bind()
    assert path.read_text(encoding="utf-8") == "a letter"


def test_a_port_that_is_taken_or_none_is_told() -> None:
    with Listening("127.0.0.1", 0).bind() as taken:
        taken.listen()
        with pytest.raises(ListenError, match="nothing can listen"):
            Listening("127.0.0.1", taken.getsockname()[1]).bind()
    for wrong in (Listening("127.0.0.1", 70_000), Listening("no.such.name.invalid", 0)):
        with pytest.raises(ListenError):
            wrong.bind()


@pytest.mark.parametrize(
    ("host", "family"),
    [("127.0.0.1", socket.AF_INET), ("localhost", socket.AF_INET), ("::1", socket.AF_INET6)],
)
def test_loopback_in_both_worlds(host: str, family: int) -> None:
    with Listening(host, 0).bind() as bound:
        assert bound.family == family


def test_a_socket_of_the_file_system_needs_a_sign_in_too(path: Path) -> None:
    from guarded_site import Site

    with pytest.raises(AccessError, match="nobody signs in"):
        Site(Access(), Listening(unix=path))
    assert secrets_of(Access(), Listening(unix=path), {}).proxy is None
