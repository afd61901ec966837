"""Files from elsewhere, whatever is in them: one clear error, at once, and in little memory."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from broken import Harbour
from click.testing import Result
from ends import ends
from sizes import some

MILLION = 10**6
FILES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "a hundred megabytes of blanks": lambda path: path.write_bytes(b" " * 10**8),
    "open brackets": lambda path: path.write_bytes(b"[" * MILLION),
    "brackets": lambda path: path.write_bytes(b"[" * MILLION + b"]" * MILLION),
    "thousands of brackets": lambda path: path.write_bytes(b"[" * 3_000 + b"]" * 3_000),
    "a hundred brackets": lambda path: path.write_bytes(b"[" * 100 + b"]" * 100),
    "objects": lambda path: path.write_bytes(b'{"a":' * MILLION + b"1" + b"}" * MILLION),
    "lists side by side": lambda path: path.write_bytes(b"[" + b"[]," * (20 * MILLION) + b"[]]"),
    "keys": lambda path: path.write_bytes(
        b"{" + b",".join(b'"key %d": 1' % number for number in range(MILLION)) + b"}"
    ),
    "keys of YAML": lambda path: path.write_bytes(b"".join(b"k%d: 1\n" % each for each in range(80_000))),
    "quotes in quotes": lambda path: path.write_bytes(b"> " * 400_000),
    "lists in lists": lambda path: path.write_bytes(b"- " * 400_000),
    "one line": lambda path: path.write_bytes(b"# " + b"a *b* " * 150_000),
    "lines": lambda path: path.write_bytes(b"a\n" * MILLION),
    "a large text": lambda path: path.write_bytes(b'{"schema": "' + b"x" * 60 * MILLION + b'"}'),
    "a large number": lambda path: path.write_bytes(b'{"a":' + b"9" * 400_000 + b"}"),
    "no UTF-8": lambda path: path.write_bytes(b'{"sch\xe9ma": 1}'),
    "UTF-16": lambda path: path.write_bytes('{"schema": 1}'.encode("utf-16")),
    "NUL": lambda path: path.write_bytes(b'{"a\0b": "\0"}\0\0'),
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "nothing": lambda path: None,
}
READERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "proof": ("given", ("verify", "given")),
    "checkpoint": ("given", ("verify", "--against", "given")),
    "checkpoint of a proof": ("given", ("verify", "proof.json", "--against", "given")),
    "public key": ("given", ("verify", "--key", "given")),
    "record": ("given", ("explain", "quay", "--record", "given")),
    "record to report": ("given", ("report", "--record", "given", "--format", "html", "-o", "report.html")),
    "map": ("given", ("trace", "given")),
    "project": ("phasegate.yaml", ("check",)),
    "project to lint": ("phasegate.yaml", ("lint",)),
    "pack": ("pack/pack.yaml", ("check",)),
    "waivers": ("waivers.yaml", ("check",)),
    "private key": ("given", ("check", "--key", "given")),
    "own key": (".phasegate/evaluator", ("check",)),
    "ledger": ("given", ("runs", "--ledger", "given")),
    "own ledger": ("phasegate.db", ("check",)),
    "address": ("given", ("notify", "--test", "board")),
}
PROVES_NOTHING = 1
"""The exit code of `verify` for a file that was read and is no proof, as docs/exit-codes.md has it."""
MADE_ANEW = {("own ledger", "nothing"), ("own key", "nothing")}
MEGABYTES = 250
"""At most; 200 were measured, most of them for the 100 MB of a record."""
HANGS = 300
"""Seconds after which something waits, for a pipe that nobody writes into; none is timed that works."""


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], None]:
    """Puts a file into a place; large ones are written once."""
    kept = tmp_path_factory.mktemp("shelf")

    def put(name: str, place: Path) -> None:
        if name not in ("a pipe", "a folder", "a device", "a link to itself", "nothing"):
            if not (kept / name).exists():
                FILES[name](kept / name)
                (kept / name).chmod(0o600)
            os.link(kept / name, place)
        else:
            FILES[name](place)

    return put


@contextmanager
def bounded() -> Iterator[None]:
    """Ends what hangs, and sees that it took, where the system tells, little memory."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        held = _megabytes("VmRSS")
    except OSError:
        held = None
    before = signal.signal(signal.SIGALRM, _late)
    signal.alarm(HANGS)
    try:
        with ends():
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if held is not None:
        assert _megabytes("VmHWM") - held < MEGABYTES


def _late(number: int, frame: FrameType | None) -> None:
    pytest.fail("it waits without end")


def _megabytes(name: str) -> int:
    found = re.search(rf"{name}:\s*(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


LARGE = frozenset(
    {
        "a hundred megabytes of blanks",
        "brackets",
        "objects",
        "lists side by side",
        "keys",
        "keys of YAML",
        "quotes in quotes",
        "lists in lists",
        "one line",
        "lines",
        "a large text",
    }
)


@pytest.mark.sampled(every=4)
@pytest.mark.sampled
@pytest.mark.parametrize("reader", READERS)
def test_whatever_is_handed_over_is_one_clear_error(
    reader: str, harbour: Harbour, shelf: Callable[[str, Path], None]
) -> None:
    place, command = READERS[reader]
    if reader == "address":
        pytest.importorskip("apprise")
        harbour.edit("phasegate.yaml", "sources:\n", "notifications: {board: {to: file:given}}\nsources:\n")
    if reader == "waivers":
        harbour.edit("phasegate.yaml", "sources:\n", "waivers: waivers.yaml\nsources:\n")
    if command[0] == "verify":
        assert harbour.run("check").exit_code == 0
        assert harbour.run("prove", "run", "-o", "proof.json").exit_code == 0
    target = harbour.root / place
    large = some((name for name in FILES if name in LARGE), list(READERS).index(reader), 5, slow=3)
    for name in (name for name in FILES if name not in LARGE or name in large):
        target.parent.mkdir(exist_ok=True)
        if target.is_dir():
            target.rmdir()
        target.unlink(missing_ok=True)
        shelf(name, target)
        with bounded():
            result = harbour.run(*command)
        assert wrong_with(reader, name, target, result) is None, (
            name,
            result.output[:2_000],
            result.exception,
        )
    assert not (harbour.root / "report.html").exists()


def wrong_with(reader: str, name: str, target: Path, result: Result) -> str | None:
    """What is wrong with an answer; None if it is one clear error."""
    if (reader, name) in MADE_ANEW:
        return None if result.exit_code == 0 else "it is not made anew"
    if not isinstance(result.exception, SystemExit):
        return "it ends with an exception"
    read = target.is_file() and target.stat().st_size < 8 * 2**20
    if result.exit_code != (PROVES_NOTHING if reader == "proof" and read else 2):
        return "it ends with another code"
    said = result.output
    if "unexpected" in said or "Traceback" in said or len(said) > 4_000:
        return "it is not clear"
    return None
