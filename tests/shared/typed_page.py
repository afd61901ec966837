"""A page of the documents, typed as its reader would: files are written, statements run, commands shown."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Callable, Collection
from pathlib import Path

from click.testing import CliRunner

from phasegate import cli

SOURCES = Path(__file__).parents[2] / "docs" / "sources"
BLOCK = re.compile(r"^(?:<!-- file: ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = re.compile(r"\s[A-Za-z0-9+/]{43}=")
VERSION = re.compile(r"(PostgreSQL|MariaDB|Spark)(?: Connect server)?\s+[0-9.]+")


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The file, the kind and the text of each block."""
    found: list[tuple[str, str, str]] = BLOCK.findall(page.read_text(encoding="utf-8"))
    return found


def project_of(page: Path) -> str:
    """The project file of a page, the first where it has others beside it."""
    return next(text for file, _, text in blocks(page) if file)


def alike(text: str) -> str:
    """What is the same on each machine and each day."""
    return VERSION.sub(r"\1 VERSION", ROOT.sub(" ROOT", text)).rstrip()


def in_one_line(text: str) -> list[str]:
    """Likewise where a version stands in a sentence, whose lines end elsewhere with another one."""
    return alike(" ".join(text.split())).split()


def follow(
    page: Path,
    run: Callable[..., object] | None = None,
    hidden: Collection[str] = (),
    same: Callable[[str], object] = alike,
) -> int:
    """Types a page in the folder that one is in, and holds what comes against what it shows.

    Args:
        page: the page.
        run: runs statements of its SQL.
        hidden: what no command may show.
        same: what of an output is the same each time.

    Returns:
        How many commands it has.
    """
    typed = 0
    for file, kind, block in blocks(page):
        if file:
            Path(file).write_text(block, encoding="utf-8")
        if file.endswith(".py"):
            runpy.run_path(file)
        if kind == "sql":
            assert run is not None
            run(*(statement for statement in block.split(";\n") if statement.strip()))
        for part in block.split("$ phasegate ")[1:] if kind == "console" else ():
            command, _, shown = part.partition("\n")
            output = CliRunner().invoke(cli.main, shlex.split(command)).output
            assert same(output) == same(shown), output
            assert not [each for each in hidden if each in output]
            typed += 1
    return typed
