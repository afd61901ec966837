"""Puts reports where they were asked for: on the screen, or in a file that is never half-written."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from phasegate.reports.text.plain import encodable
from phasegate.rules.errors import PhasegateError

Json = dict[str, Any]
_ERRORS = 2
_OPENED = re.compile(r"(?:/dev|/proc/(?:self|thread-self))/fd/(\d+)|/dev/(stdout|stderr)")
_MOST_LINKS = 40
WIDTH = 100
"""Columns where no terminal tells how many it has."""


class OutputError(PhasegateError):
    """A file that could not be written."""

    def __init__(self, path: Path, error: OSError, hint: str = "nothing was changed there") -> None:
        super().__init__(f"{path} can not be written: {error.strerror or error}", hint)


class AlreadyThereError(PhasegateError):
    """A file that would have to be overwritten."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already", "choose another folder; nothing is ever overwritten")


class Screen(NamedTuple):
    """How wide a page may be, and whether escape sequences for colours are wanted."""

    width: int
    colour: bool


def screen_of(stream: TextIO | None, environ: Mapping[str, str], output: Path | None = None) -> Screen:
    """What a report is to be laid out for.

    A file gets no colours. NO_COLOR refuses colours, FORCE_COLOR asks for them where there is no
    terminal, as in CI; COLUMNS sets the width.
    """
    if stream is None or output is not None:
        return Screen(WIDTH, colour=False)
    terminal = stream.isatty()
    told = environ.get("COLUMNS", "")
    width = int(told) if told.isdecimal() and len(told) < 5 else 0
    if not width and terminal:
        try:
            width = os.get_terminal_size(stream.fileno()).columns
        except OSError:
            width = 0
    forced = environ.get("FORCE_COLOR", "") not in ("", "0")
    colour = not environ.get("NO_COLOR") and (forced or (terminal and environ.get("TERM") != "dumb"))
    return Screen(width or WIDTH, colour)


def watched(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether somebody sits before a stream and can be shown progress."""
    return stream is not None and stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


def as_json(document: object) -> str:
    """A document as JSON text, in the order that it has."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def json_text(document: Json) -> str:
    """The document on lines of its own, two spaces a level, in UTF-8 whatever its texts hold.

    `orjson` writes what `json` does, in a tenth of the time. It refuses halves of characters and numbers
    beyond 64 bits; a document that has some is written in ASCII.
    """
    from orjson import OPT_APPEND_NEWLINE, OPT_INDENT_2, JSONEncodeError, dumps

    try:
        return dumps(document, option=OPT_INDENT_2 | OPT_APPEND_NEWLINE).decode("utf-8")
    except JSONEncodeError:
        return json.dumps(document, indent=2, allow_nan=False) + "\n"


def deliver(content: str | bytes, output: Path | None, stream: TextIO | None) -> None:
    """Writes a report to a file, or to a stream as far as its encoding goes; bytes go to files alone.

    Raises:
        OverInputError: if the file is a key or a database.
        OutputError: if it can not be written.
    """
    if output is not None:
        put(output, content)
    elif stream is not None and isinstance(content, str):
        stream.write(encodable(content, stream.encoding))


def put(path: Path, content: str | bytes) -> None:
    """Writes a file as a whole, or not at all; a pipe or a device is written to, not replaced.

    What is open already, such as ``/dev/stdout``, is written to as well, whatever it leads to: it may be a
    log, of which this is one more piece.

    Raises:
        OverInputError: if it would replace a key or a database.
        OutputError: if it can not be written; a file that was there is then as it was.
    """
    from phasegate.runs.protect_inputs import spare_kept

    spare_kept(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        number = opened(path)
        piped = number is not None or (path.exists() and not path.is_file() and not path.is_dir())
        if not piped:
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise OutputError(path, error) from error
    if piped:  # by the name that was given: /dev/stdout leads to one that nobody can open
        try:
            with open(path if number is None else number, "wb", closefd=number is None) as file:
                file.write(data)
        except OSError as error:
            raise OutputError(path, error, "whatever reads there got a part of it, or nothing") from error


def opened(path: Path) -> int | None:
    """The descriptor that a path, or a link at its place, names; None where it names anything else."""
    for _ in range(_MOST_LINKS):
        path = Path.cwd() / path
        if found := _OPENED.fullmatch(str(path)):
            return _kept_apart(int(found[1]) if found[1] else 1 + (found[2] == "stderr"))
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _kept_apart(number: int) -> int:
    """Where a descriptor leads: that of errors is kept apart from what libraries write to it."""
    if number == _ERRORS:
        with suppress(OSError, ValueError, AttributeError):
            return sys.stderr.fileno()
    return number


def _replace(target: Path, data: bytes) -> None:
    """Puts a file in the place of another, with its rights; a new one has those that the umask leaves."""
    if target.is_symlink():  # all others were followed
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    rights = stat.S_IMODE(target.stat().st_mode) & 0o777 if target.exists() else None
    temporary = target.with_name(f".phasegate-{os.getpid()}.tmp")
    new = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if rights is None else 0o600)
    try:
        with os.fdopen(new, "wb") as file:
            if rights is not None:
                os.fchmod(file.fileno(), rights)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def start(folder: Path, files: Mapping[str, str], whole: Collection[str] = ()) -> list[Path]:
    """Writes the files of a new project, the first of them last; others that are there are kept.

    Args:
        folder: where they are put.
        files: their texts by name.
        whole: folders that are made of them; where there is one already, nothing is written.

    Returns:
        What was written.

    Raises:
        AlreadyThereError: if the first file is there, or one of the folders; nothing is written then.
        OutputError: if one can not be written; what was written before it is removed.
    """
    first, *others = files
    for path in (folder / name for name in (*whole, first)):
        if os.path.lexists(path):
            raise AlreadyThereError(path)
    draft = folder / f".phasegate-{secrets.token_hex(8)}"
    written: dict[Path, None] = {}
    path = folder
    try:
        for name in reversed(others):  # what the project file names is there before it
            inside = name.partition("/")[0] in whole
            path = (draft if inside else folder) / name
            if _written_new(path, files[name], {} if inside else written):
                written[folder / name] = None
        for name in whole:
            path = folder / name
            (draft / name).rename(path)
        path = folder / first
        if not _written_new(path, files[first], written):
            raise AlreadyThereError(path)
    except BaseException as error:
        for made in written:
            made.unlink(missing_ok=True)
        for name in whole:
            shutil.rmtree(folder / name, ignore_errors=True)
        if isinstance(error, OSError):
            raise OutputError(path, error) from error
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return list(written)


def _written_new(path: Path, text: str, written: dict[Path, None]) -> bool:
    """Whether a file was written where none was; it is among those that were as soon as it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            written[path] = None
            file.write(text)
    except FileExistsError:
        return False
    return True
