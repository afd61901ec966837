"""A fault of a pack, before anybody knows in which line it stands."""

from __future__ import annotations

from typing import Literal, NamedTuple

from phasegate.rules.diagnostics.diagnostic import Severity
from phasegate.rules.yaml.parser import Path

ANY = "\0"
"""Stands for each step of a path; no key in YAML can be written like that."""


class Problem(NamedTuple):
    """What a check found.

    Attributes:
        rule: the violation's name, in kebab case.
        message: what is wrong.
        path: where in the pack: keys and list indices from its top.
        hint: what to do about it.
        part: whether the key or the value at the path is meant.
        severity: whether the pack can still be used.
        rests: the parts elsewhere for whose content, or absence, it is a problem; where one of them
            could not be read, nobody knows. `ANY` stands for each step.
        beside: another part that it is about, whose place is told with the hint.
    """

    rule: str
    message: str
    path: Path
    hint: str | None = None
    part: Literal["key", "value"] = "key"
    severity: Severity = "error"
    rests: tuple[Path, ...] = ()
    beside: Path | None = None
