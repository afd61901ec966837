"""Which files a refused command line was to write, and what is said of those that were there."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

_OUTPUT = re.compile(r"--output(?:=(.*))?|-[qv]*o(.*)", re.DOTALL)
"""``--output FILE``, ``--output=FILE``, ``-o FILE``, ``-oFILE``, and the last two behind flags."""

WRITES_NO_REPORT = frozenset(
    "why-not facts runs evidence diff trend due baseline schedule notify keys waive attest approve advance "
    "verify prove replay checkpoint ledger init lint serve test sources trace schema help".split()
)
"""The commands that write no report of a run: refused, they leave what another one wrote.

What is none of the commands may be one that was misspelt.
"""


def withdrawn(words: Sequence[str]) -> str:
    """Removes the earlier reports that a refused command line was to replace.

    Its words are read as they stand: whatever was wrong with them, or came before they were understood, what
    they name is still where a pipeline looks for the reports of this run. What a command line names for
    anything else too, and what its project reads, is never touched.

    Args:
        words: the command line, without the program.

    Returns:
        What was done, as lines to stand behind an error; nothing where no file was there.
    """
    try:
        return _withdrawn(words)
    except Exception as error:  # noqa: BLE001 - nothing stands before what the run was refused for
        return f"\nhelp: nobody could see whether reports of an earlier run are left: {type(error).__name__}"


def _withdrawn(words: Sequence[str]) -> str:
    if next((word for word in words if not word.startswith("-")), "") in WRITES_NO_REPORT:
        return ""
    named, others = _outputs(words)
    there = [each for each in named if each.is_file()]
    if not there:  # nothing more is imported for an error that leaves nothing behind
        return ""
    from phasegate.reports.text.plain import visible
    from phasegate.reports.withdrawal import withdraw

    found = withdraw(each for each in there if not _read(each, others))
    lines = []
    if found.removed:
        lines.append(f"a refused run leaves no report: removed {', '.join(map(str, found.removed))}")
    if found.left:
        lines.append(f"left as it was, for it is no report of a run: {', '.join(map(str, found.left))}")
    lines += [f"{path} is not of this run, and can not be removed: {why}" for path, why in found.stuck]
    return "".join(f"\nhelp: {visible(line)}" for line in lines)


def _outputs(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The files that reports were to go to, and all other words."""
    outputs: list[Path] = []
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":  # no option comes after it
            others.extend(rest)
        elif (found := _OUTPUT.fullmatch(word)) is None:
            others.append(word)
        elif (value := found[1] if found[1] is not None else found[2] or next(rest, "-")) != "-":
            outputs.append(Path(value))
    return outputs, others


def _read(output: Path, others: Sequence[str]) -> bool:
    """Whether the command, or its project, reads the file that a report was to go to."""
    from phasegate.runs.protect_inputs import OverInputError, spare_kept, spare_named

    values = [word.partition("=")[2] if word.startswith("-") else word for word in others]
    for value in values:
        with suppress(OSError, ValueError):
            if output.samefile(value):
                return True
    after = dict(pairwise(others))
    project = after.get("--project") or next(
        (word.partition("=")[2] for word in others if word.startswith("--project=")), "."
    )
    try:
        spare_kept(output)
        spare_named(output, {"project": Path(project)}, os.environ)
    except OverInputError:
        return True
    except Exception:  # noqa: BLE001 - what reads a project may be what is missing: it names nothing then
        return False
    return False
