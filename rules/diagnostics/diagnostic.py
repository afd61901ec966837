"""Diagnostics: what is wrong in a file, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from phasegate.rules.diagnostics.position import Position
from phasegate.rules.errors import PhasegateError

Severity = Literal["error", "warning"]
_LINE_SHOWN = 110
_BEFORE_CARET = 60


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    Attributes:
        rule: the violation's name in kebab case, such as ``unknown-key``.
        message: what is wrong, one line.
        position: where; None for what concerns a folder as a whole.
        hint: what to do about it.
        snippet: the source line at the position.
        severity: an error stops the run, a warning does not.
    """

    rule: str
    message: str
    position: Position | None
    hint: str | None = None
    snippet: str | None = None
    severity: Severity = "error"

    def render(self) -> str:
        """The diagnostic as text: one line, the source line with carets, and the help."""
        place = f"{self.position} " if self.position else ""
        level = "warning: " if self.severity == "warning" else ""
        lines = [f"{place}{self.rule}  {level}{_visible(self.message)}"]
        if self.position and self.snippet is not None:
            lines += _source(self.position, self.snippet)
        if self.hint:
            lines.append(f"help: {_visible(self.hint)}")
        return "\n".join(lines)


class PackError(PhasegateError):
    """A pack, project file or waiver file that can not be used; it names every problem at once.

    Attributes:
        diagnostics: the problems in the order of files and lines.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], what: str = "the pack") -> None:
        self.diagnostics = in_order(diagnostics)
        self.what = what
        super().__init__(f"{what} has {count_problems(self.diagnostics)}")

    def __str__(self) -> str:
        return render_all(self.diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, line, column and rule; what is told of one place only once, as it was told first."""
    first: dict[object, Diagnostic] = {}
    for one in diagnostics:
        first.setdefault((one.position, one.rule, one.message), one)
    return tuple(sorted(first.values(), key=_order))


def render_all(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as text, a blank line between them, the count at the end."""
    blocks = [diagnostic.render() for diagnostic in diagnostics]
    return "\n\n".join([*blocks, f"Found {count_problems(diagnostics)}."])


def count_problems(diagnostics: Sequence[Diagnostic]) -> str:
    """``2 problems``, ``1 problem and 3 warnings``, ``no problems``."""
    warnings = sum(diagnostic.severity == "warning" for diagnostic in diagnostics)
    errors = len(diagnostics) - warnings
    parts = [_counted(errors, "problem")] if errors or not warnings else []
    if warnings:
        parts.append(_counted(warnings, "warning"))
    return " and ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    at = diagnostic.position
    place = (at.file, at.line, at.column) if at else ("", 0, 0)
    return (*place, diagnostic.rule, diagnostic.message)


def _visible(text: str) -> str:
    """The text without characters that could steer a terminal."""
    return "".join(char if char.isprintable() else " " if char in "\t\r\n" else "\ufffd" for char in text)


def _source(position: Position, snippet: str) -> list[str]:
    start = max(0, position.column - 1 - _BEFORE_CARET)
    if len(snippet) <= _LINE_SHOWN:
        start = 0
    shown = _visible(snippet[start : start + _LINE_SHOWN])
    offset = position.column - 1 - start
    width = max(1, min(position.width, len(shown) - offset))
    gutter = " " * len(str(position.line))
    return [
        f"{gutter} |",
        f"{position.line} | {shown}".rstrip(),
        f"{gutter} | {' ' * offset}{'^' * width}",
    ]


def failure(error: PhasegateError) -> str:
    """What went wrong, in one sentence; of a faulty pack its first fault."""
    if not isinstance(error, PackError) or not error.diagnostics:
        return error.message
    first = error.diagnostics[0]
    at = f"{first.position.file}:{first.position.line}: " if first.position else ""
    return f"{error.message}: {at}{first.message}"
