"""Key files: nobody else can read them, nothing is overwritten, nothing is left half-written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.signing.errors import (
    ExposedKeyError,
    KeyExistsError,
    KeyFault,
    KeyNotKeptError,
    MissingKeyError,
    NoKeyFileError,
    UnreadableKeyError,
)
from phasegate.audit.signing.key_file import MAX_BYTES
from phasegate.audit.signing.keys import PrivateKey, new_key, read_private


@pytest.fixture
def umask() -> Iterator[Any]:
    old = os.umask(0o022)
    yield os.umask
    os.umask(old)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestReading:
    @pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o602, 0o610, 0o601, 0o644, 0o777])
    def test_a_key_that_others_can_reach_is_refused(self, key: PrivateKey, tmp_path: Path, bits: int) -> None:
        (tmp_path / "ann").chmod(bits)
        with pytest.raises(ExposedKeyError, match=f"mode {bits:04o}") as caught:
            read_private(tmp_path / "ann")
        assert str(caught.value.hint).startswith(f"'chmod 600 {tmp_path / 'ann'}'")

    @pytest.mark.parametrize("bits", [0o600, 0o400, 0o700])
    def test_a_key_of_its_owner_alone_is_read(self, key: PrivateKey, tmp_path: Path, bits: int) -> None:
        (tmp_path / "ann").chmod(bits)
        assert read_private(tmp_path / "ann").public == key.public

    def test_what_is_judged_is_the_file_that_was_opened(
        self, key: PrivateKey, other: PrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody puts another file in its place as soon as it is open."""
        (tmp_path / "ann").chmod(0o644)
        really = os.open

        def swap(path: Any, *more: Any) -> int:
            handle = really(path, *more)
            (tmp_path / "ben").replace(tmp_path / "ann")
            return handle

        monkeypatch.setattr(os, "open", swap)
        with pytest.raises(ExposedKeyError):
            read_private(tmp_path / "ann")
        assert mode(tmp_path / "ann") == 0o600

    def test_a_link_to_a_key_is_followed(self, key: PrivateKey, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "ann")
        assert read_private(tmp_path / "link").public == key.public
        (tmp_path / "ann").chmod(0o644)
        with pytest.raises(ExposedKeyError):
            read_private(tmp_path / "link")

    def test_a_pipe_is_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe", 0o600)
        with pytest.raises(NoKeyFileError, match="a pipe"):
            read_private(tmp_path / "pipe")

    def test_other_things_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(NoKeyFileError, match="a folder"):
            read_private(tmp_path)
        with pytest.raises(NoKeyFileError, match="a device"):
            read_private(Path(os.devnull))

    def test_a_huge_file_is_not_read_to_its_end(self, tmp_path: Path) -> None:
        huge = tmp_path / "huge"
        huge.touch(mode=0o600)
        os.truncate(huge, 1 << 40)
        with pytest.raises(NoKeyFileError, match="larger than 65,536 bytes"):
            read_private(huge)

    def test_the_limit_is_exact(self, key: PrivateKey, tmp_path: Path) -> None:
        text = (tmp_path / "ann").read_text()
        (tmp_path / "ann").write_text(text + "\n" * (MAX_BYTES - len(text)))
        assert read_private(tmp_path / "ann").public == key.public
        (tmp_path / "ann").write_text(text + "\n" * (MAX_BYTES + 1 - len(text)))
        with pytest.raises(NoKeyFileError):
            read_private(tmp_path / "ann")

    @pytest.mark.parametrize("name", ["none", "no/where"])
    def test_a_key_that_is_not_there(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(MissingKeyError, match="there is no key") as caught:
            read_private(tmp_path / name)
        assert "phasegate keys new" in str(caught.value.hint)

    @pytest.mark.parametrize("name", ["x" * 300, "a\x00b", "loop", "ann/below"])
    def test_a_path_that_leads_nowhere(self, key: PrivateKey, tmp_path: Path, name: str) -> None:
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        with pytest.raises(UnreadableKeyError):
            read_private(tmp_path / name)

    def test_no_file_stays_open(self, key: PrivateKey, tmp_path: Path) -> None:
        handles = Path("/proc/self/fd")
        if not handles.is_dir():
            pytest.skip("this system does not show open files")
        before = len(list(handles.iterdir()))
        for path in (tmp_path / "ann", tmp_path, tmp_path / "ann.pub"):
            for _ in range(5):
                with suppress(KeyFault):
                    read_private(path)
        assert len(list(handles.iterdir())) == before


class TestWriting:
    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277, 0o777])
    def test_the_private_key_is_its_owners_whatever_the_umask(
        self, tmp_path: Path, umask: Any, mask: int
    ) -> None:
        umask(mask)
        new_key(tmp_path / "k", "ann")
        umask(0o022)
        assert mode(tmp_path / "k") == 0o600
        assert mode(tmp_path / "k.pub") & 0o022 == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["k", "k.pub"]

    def test_it_is_closed_to_others_from_its_first_byte(
        self, tmp_path: Path, umask: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        umask(0)
        modes: list[int] = []
        really = os.fdopen

        def look(handle: int, *more: Any) -> Any:
            modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
            return really(handle, *more)

        monkeypatch.setattr(os, "fdopen", look)
        new_key(tmp_path / "k", "ann")
        assert modes == [0o600, 0o644]

    @pytest.mark.parametrize("taken", ["k", "k.pub"])
    @pytest.mark.parametrize("what", ["file", "folder", "dangling link"])
    def test_nothing_is_overwritten(self, tmp_path: Path, taken: str, what: str) -> None:
        place = tmp_path / taken
        if what == "file":
            place.write_text("mine")
        elif what == "folder":
            place.mkdir()
        else:
            place.symlink_to(tmp_path / "nowhere")
        with pytest.raises(KeyExistsError, match="there is already a file"):
            new_key(tmp_path / "k", "ann")
        assert [path.name for path in tmp_path.iterdir()] == [taken]
        assert what != "file" or place.read_text() == "mine"

    @pytest.mark.parametrize("taken", ["k", "k.pub"])
    def test_what_comes_into_the_way_in_the_last_moment_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str
    ) -> None:
        really = os.link

        def link(source: Any, target: Any, **more: Any) -> None:
            if Path(target).name == taken:
                (tmp_path / taken).write_text("mine")
            really(source, target, **more)

        monkeypatch.setattr(os, "link", link)
        with pytest.raises(KeyExistsError):
            new_key(tmp_path / "k", "ann")
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {taken: "mine"}

    @pytest.mark.parametrize("call", ["open", "fdopen", "fchmod", "fsync", "link"])
    @pytest.mark.parametrize("turn", [1, 2])
    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_a_failure_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, turn: int, error: BaseException
    ) -> None:
        if (call, turn) == ("fchmod", 2):
            turn = 1  # it is called for the private key alone
        really, turns = getattr(os, call), iter(range(1, 100))

        def fail(*arguments: Any, **more: Any) -> Any:
            if next(turns) == turn:
                raise error
            return really(*arguments, **more)

        monkeypatch.setattr(os, call, fail)
        with pytest.raises(KeyNotKeptError if isinstance(error, OSError) else KeyboardInterrupt):
            new_key(tmp_path / "k", "ann")
        assert list(tmp_path.iterdir()) == []

    def test_a_full_disk_leaves_nothing(self, tmp_path: Path) -> None:
        code = f"""
import resource, signal
from pathlib import Path
from phasegate.audit.signing.keys import new_key
from phasegate.audit.signing.errors import KeyNotKeptError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    new_key(Path({str(tmp_path / "k")!r}), "ann")
except KeyNotKeptError as error:
    print(error.message)
"""
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "File too large" in result.stdout
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("place", ["none/k", "file/k", "x" * 300, "a\x00b"])
    def test_a_place_where_no_file_can_be(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(KeyNotKeptError, match="was not made"):
            new_key(tmp_path / place, "ann")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.parametrize("name", ["", " ", "a ", "a\nssh-ed25519 AAAA", "a\x1b[2J", "x" * 121, "\u202ea"])
    def test_a_name_that_is_none(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(KeyFault, match="can not name a key"):
            new_key(tmp_path / "k", name)
        assert list(tmp_path.iterdir()) == []

    def test_of_many_at_once_one_is_made(self, tmp_path: Path) -> None:
        def make(number: int) -> PrivateKey | None:
            try:
                return new_key(tmp_path / "k", f"n{number}")
            except KeyExistsError:
                return None

        with ThreadPoolExecutor(16) as pool:
            made = [one for one in pool.map(make, range(64)) if one]
        assert len(made) == 1
        kept = read_private(tmp_path / "k")
        assert (kept.public, kept.name) == (made[0].public, made[0].name)
        assert (tmp_path / "k.pub").read_text() == f"{kept.public.openssh}\n"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["k", "k.pub"]
