"""Where in a file a part of a text stands, however its lines are folded."""

from __future__ import annotations

from phasegate.rules.diagnostics.position import Position
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.yaml.parser import Path


def place_of(loaded: LoadedPack, path: Path, text: str = "", at: int = 0) -> Position:
    """The line and column of a part of a pack, and of what stands in its text.

    Args:
        loaded: the pack with its files.
        path: where the part stands.
        text: its text, as it was read.
        at: where in the text.

    Returns:
        The place; that of the whole text where its characters are written in another way.
    """
    whole = loaded.where(path, "value")
    content = loaded.contents.get(whole.file.removeprefix(loaded.shown))
    if not text or content is None:
        return whole
    lines = content.decode(errors="replace").splitlines()
    line, column = whole.line - 1, whole.column - 1
    opening = lines[line][column : column + 1]
    if opening in (">", "|"):  # the text begins with the line after
        line, column = line + 1, 0
    elif opening in ("'", '"'):
        column += 1
    wanted = "".join(text[:at].split())
    passed = 0
    while line < len(lines):
        written = lines[line]
        while column < len(written):
            if written[column].isspace():
                column += 1
                continue
            if passed == len(wanted):
                return Position(whole.file, line + 1, column + 1)
            if written[column] != wanted[passed]:
                return whole
            if opening == "'" and written[column : column + 2] == "''":
                column += 1
            passed, column = passed + 1, column + 1
        line, column = line + 1, 0
    return whole
