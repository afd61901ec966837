"""Where the parts of a pack were written, when several files make one."""

from __future__ import annotations

from collections.abc import Mapping

from phasegate.rules.diagnostics.diagnostic import Diagnostic, Severity
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.yaml.parser import Path, Tree


class Origin:
    """Finds the file and line of a part of the whole.

    Args:
        homes: for the beginning of a path, the file that holds it and how the path begins there.
            The longest beginning that fits is taken.
        name: what positions name where no file fits.
    """

    def __init__(self, homes: Mapping[Path, tuple[Tree, Path]], name: str) -> None:
        self._homes = dict(homes)
        self._name = name

    def position(self, path: Path, part: str = "key") -> Position:
        """Where a path stands, such as ``("points", "1.1.1", "criteria", 2, "require", "a.b")``.

        Args:
            path: keys and indices from the top of the whole.
            part: ``key`` or ``value``.
        """
        home = self._home(path)
        if home is None:
            return Position(self._name, 1, 1)
        tree, there = home
        return tree.position(there, part)

    def diagnose(
        self,
        rule: str,
        message: str,
        path: Path,
        hint: str | None = None,
        part: str = "key",
        severity: Severity = "error",
    ) -> Diagnostic:
        """A diagnostic that points at a part of the whole."""
        home = self._home(path)
        if home is None:
            return Diagnostic(rule, message, Position(self._name, 1, 1), hint, None, severity)
        tree, there = home
        at = tree.position(there, part)
        hint = hint and tree.shown(hint)
        return Diagnostic(rule, tree.shown(message), at, hint, tree.snippet(at.line), severity)

    def _home(self, path: Path) -> tuple[Tree, Path] | None:
        for length in range(len(path), -1, -1):
            if found := self._homes.get(path[:length]):
                tree, start = found
                return tree, start + path[length:]
        return None
