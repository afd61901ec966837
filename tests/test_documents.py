"""Every command and script in the documents about the trail runs, and prints what they say.

Keys are made from a counter here, so that a document can show them. The names of ledgers, and what rests
on the versions of what is installed, are others each time: what a document shows of them stands for what
is printed, also in the commands that follow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from doctest import DocTestParser, Example
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from installed import install
from web_service import Service, service

from phasegate import cli
from phasegate.api import clock

__all__ = ["service"]
ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^(?:<!-- (\w+): ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HASH = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])")
CHANGING = (
    (HASH, "ROOT"),
    (re.compile(r"phasegate\.local/[0-9a-f]{32}"), "LEDGER"),
    (re.compile(r"\bp-[0-9a-f]{16}\b"), "PROJECT"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"(?<=\u2014 evaluator )[A-Za-z0-9+/]{91}="), "SIGNATURE"),
    (re.compile(r"\bin [0-9.]+s$", re.MULTILINE), "in SECONDS"),
)
NOW = cli.now
"""The clock of this machine."""
TOOLS = ("openssl", "ssh-keygen", "sha256sum", "jq")
PYTEST = "env -u CI -u PYTEST_ADDOPTS -u PYTEST_XDIST_WORKER"
"""Nothing of these tests' own run is told to the pytest of a document."""
SHIM = """\
import datetime as dt, pathlib, sys
from phasegate import cli
moment = dt.datetime.fromisoformat(pathlib.Path({clock!r}).read_text())
cli.now = lambda: moment
cli.main()
"""


@dataclass
class Reader:
    """Somebody who does what a document says, in an empty folder."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    service: Service
    roots: dict[str, str] = field(default_factory=dict)
    printed: list[tuple[str, str, str]] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)

    def follow(self, text: str) -> None:
        """Goes through a document: writes its files, sets the clock, runs its commands."""
        for marker, value, kind, block in BLOCK.findall(text):
            if marker == "file":
                path = self.folder / value
                path.parent.mkdir(exist_ok=True)
                path.write_text(block, encoding="utf-8")
                if value == "pyproject.toml":
                    self.install(tomllib.loads(block)["project"])
            elif marker == "at":
                self.at(value)
            elif marker == "pipeline":
                self.pipeline(block)
            elif marker == "arrived":
                self.arrived(int(value), block)
            if kind == "console":
                for command, shown in runs(block):
                    self.type(command, shown)
            elif kind == "pycon":
                for example in DocTestParser().get_examples(block):
                    self.program(example)

    def at(self, moment: str) -> None:
        """Sets the clock."""
        now = dt.datetime.fromisoformat(moment)
        self.monkeypatch.setattr(cli, "now", lambda: now)
        self.monkeypatch.setattr(clock, "now", lambda: now)
        (self.folder.parent / "clock").write_text(moment, encoding="utf-8")

    def install(self, project: dict[str, Any]) -> None:
        """Installs the distribution whose module was written before."""
        name = project["name"]
        code = (self.folder / f"{name}.py").read_text(encoding="utf-8")
        entries = project["entry-points"]
        install(self.folder.parent / "bin", self.monkeypatch, name, code, entries, project["version"])

    def type(self, command: str, shown: str) -> None:
        """Runs a command, and keeps what it printed beside what the document shows."""
        for root, actual in self.roots.items():
            command = command.replace(root, actual)
        name, *args = shlex.split(command.replace("\\\n", ""))
        if name == "phasegate":
            text = CliRunner().invoke(cli.main, args).output
        else:
            text = self.shell(command)
        self.roots.update(zip(HASH.findall(shown), HASH.findall(text), strict=False))
        self.printed.append((command, shown, text))

    def program(self, example: Example) -> None:
        """Types a statement of Python."""
        printed = io.StringIO()
        with redirect_stdout(printed):
            try:
                exec(compile(example.source, "document", "single"), self.names)
            except Exception as error:  # noqa: BLE001 - whatever it is, the document may show it
                head = "Traceback (most recent call last):\n"
                printed.write(head + "".join(traceback.format_exception_only(error)))
        self.printed.append((example.source, example.want, printed.getvalue()))

    def arrived(self, number: int, shown: str) -> None:
        """Looks up a message that the team got, the first one being 1."""
        got = self.service.got[number - 1]
        self.printed.append((f"message {number}", shown, f"{got['title']}\n\n{got['message']}\n"))

    def shell(self, script: str, **environ: str) -> str:
        """Runs a script of the system's shell."""
        path = f"{self.folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.folder,
            env={**os.environ, **environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def pipeline(self, block: str) -> None:
        """Runs the script of a pipeline's step, its secret at hand."""
        script = re.sub(r"(?m)^ {4}", "", block.partition("run: |\n")[2])
        secret = (self.folder / "keys" / "ci").read_text(encoding="utf-8").rstrip("\n")
        key = self.folder / "secret"
        text = self.shell(script, EVALUATOR_KEY=secret, PHASEGATE_KEY=str(key), PHASEGATE_REFERENCE="job 17")
        self.printed.append(("pipeline", "", text.splitlines()[-1]))


def runs(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, with what is printed for it; a command may go on after a backslash."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", part)
        assert command is not None
        yield command[0].rstrip("\n"), part[command.end() :]


def alike(printed: str, shown: str) -> bool:
    """Whether a text is what a document shows; three dots on a line stand for any lines."""
    for pattern, name in CHANGING:
        printed, shown = pattern.sub(name, printed), pattern.sub(name, shown)
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(parts), printed) is not None


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service) -> Reader:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    number = count()
    make: Callable[[bytes], Ed25519PrivateKey] = Ed25519PrivateKey.from_private_bytes
    monkeypatch.setattr(
        Ed25519PrivateKey, "generate", lambda: make(hashlib.sha256(b"key %d" % next(number)).digest())
    )
    for name in ("COLUMNS", "FORCE_COLOR", "PHASEGATE_KEY", "PHASEGATE_REFERENCE", "PHASEGATE_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "shim.py"
    shim.write_text(SHIM.format(clock=str(tmp_path / "clock")), encoding="utf-8")
    command = tmp_path / "bin" / "phasegate"  # not a script of Python: its path may hold a blank
    call = shlex.join([sys.executable, str(shim)])
    command.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    tests = tmp_path / "bin" / "pytest"
    call = shlex.join([sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(folder)])
    tests.write_text(
        f'#!/bin/sh\nexec {PYTEST} {call} -p no:cacheprovider -p no:randomly "$@"\n', encoding="utf-8"
    )
    tests.chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TEAM_CHANNEL", service.address)
    made = Reader(folder, monkeypatch, service)
    made.at("2026-03-02T09:00:00+00:00")
    return made


def test_the_tutorial_goes_from_nothing_to_the_step_through_a_gate_in_one_sitting(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the clock of this machine: nothing that it says waits for another day."""
    monkeypatch.setattr(cli, "now", NOW)
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    ends = NOW().date() + dt.timedelta(days=31)
    reader.follow(re.sub("<!-- at: .*\n", "", text).replace("2026-04-01", str(ends)))
    day = re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")
    for command, shown, printed in reader.printed:
        assert alike(day.sub("DAY", printed), day.sub("DAY", shown)), f"$ {command}\n{printed}"
    assert reader.printed[-1][2].startswith("f-101 lets the programme go through gate 1")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("signing.md", 11),
        ("for-auditors.md", 11),
        ("tutorial.md", 8),
        pytest.param("reports.md", 10, marks=pytest.mark.slow),
        ("over-time.md", 18),
        ("portfolio.md", 6),
        ("schedules.md", 6),
        pytest.param("three-months.md", 15, marks=pytest.mark.slow),
        ("notifications.md", 8),
        ("programs.md", 18),
        ("python.md", 15),
        ("plugins.md", 4),
        ("what-if.md", 6),
        ("mistakes.md", 4),
    ],
)
def test_a_document_says_what_is_printed(name: str, least: int, reader: Reader) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for tool in TOOLS:
        if tool in text and shutil.which(tool) is None:
            pytest.skip(f"this system has no {tool}")
    if "openssl" in text and not re.match("OpenSSL ([3-9]|[1-9][0-9])", reader.shell("openssl version")):
        pytest.skip("this system has another openssl than OpenSSL 3, which reads files as they are")
    reader.follow(text)
    assert len(reader.printed) >= least
    if shown := text.count("<!-- arrived: "):
        assert len(reader.service.got) == shown
    for command, shown, printed in reader.printed:
        if command == "pipeline":
            assert re.fullmatch(r".* Gate 1 is \w+: .* Exit code [0-3]\.", printed), printed
        else:
            assert alike(printed, shown), f"$ {command}\n{printed}"


@pytest.mark.slow
def test_recipes_do_the_same_by_the_library(reader: Reader) -> None:
    """Where there is no program `jq`, and in a newer version than Debian's."""
    python = ROOT / ".tmp" / "validators" / "bin" / "python"
    if not python.exists():
        if os.environ.get("PHASEGATE_TEST_VALIDATORS") == "1":
            pytest.fail("'make validators' fetches what this needs")
        pytest.skip("the environment of 'make validators' is missing")
    program = reader.folder.parent / "bin" / "jq"
    call = shlex.join([str(python), str(ROOT / "tests" / "shared" / "jq_by_library.py")])
    program.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    reader.follow((ROOT / "docs" / "programs.md").read_text(encoding="utf-8"))
    assert len(reader.printed) >= 18
    for command, shown, printed in reader.printed:
        assert alike(printed, shown), f"$ {command}\n{printed}"
