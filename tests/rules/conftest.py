"""What the tests of the reader share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.rules.diagnostics.diagnostic import Diagnostic

Marked = Callable[[Diagnostic], str]
Folder = Callable[..., Path]


@pytest.fixture
def marked() -> Marked:
    """The text that a diagnostic's carets stand under."""

    def text(diagnostic: Diagnostic) -> str:
        at, line = diagnostic.position, diagnostic.snippet
        assert at is not None
        return (line or "")[at.column - 1 : at.column - 1 + at.width]

    return text


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes files by relative path and returns their folder."""

    def write(files: dict[str, str | bytes], name: str = "pack") -> Path:
        base = tmp_path / name
        for relative, content in files.items():
            path = base / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return base

    return write
