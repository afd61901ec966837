"""Rules and their changes in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phasegate.rules.changes.owners import MEASURED, Owner
from phasegate.rules.model.canonical import IN_ORDER, READING
from phasegate.rules.model.requirements import ANY_OF

_PLAIN = {"title", "text", "name"}
"""Keys whose part says by itself what it is."""


def shown(part: Any) -> str:
    """A part of a pack as people would say it."""
    if part is None or part in ([], {}):
        return "none"
    if isinstance(part, bool):
        return str(part).lower()
    if isinstance(part, dict):
        told = ((key, each) for key, each in part.items() if each is not None)
        return ", ".join(f"{_key(key)} {_inner(each)}" for key, each in told)
    if isinstance(part, list):
        return ", ".join(map(_inner, part))
    return " ".join(str(part).split()) or f'"{part}"'


def _inner(part: Any) -> str:
    return f"({shown(part)})" if isinstance(part, dict | list) and part else shown(part)


def asked(lines: Any) -> str:
    """What must hold: a whole ``require``, or what stands behind a fact in it."""
    if isinstance(lines, str):
        return lines
    if isinstance(lines, list):
        return " and ".join(each if isinstance(each, str) else f"({asked(each)})" for each in lines)
    pairs = lines[IN_ORDER] if IN_ORDER in lines else list(lines.items())
    return " and ".join(line_said(fact, bound) for fact, bound in pairs)


def line_said(fact: str, bound: Any) -> str:
    """One line of a ``require``."""
    if fact == ANY_OF:
        return " or ".join(f"({asked(each)})" for each in bound)
    return f"{fact} {asked(bound)}"


def said_of(owner: Owner, part: Mapping[str, Any]) -> str:
    """All that a part says, which is new or gone."""
    told = []
    for key, each in part.items():
        if key == "require":
            told.append(f"it asks for {asked(each)}")
        elif key in _PLAIN or owner.path == (key,):
            told.append(shown(each))
        else:
            told.append(f"{_key(key)} {_inner(each)}")
    return "; ".join(told) or "nothing more"


def turned(owner: Owner, old: Any, new: Any) -> str:
    """What is said of a part, and what was said before."""
    rest = tuple(each for each in owner.rest if each != MEASURED)
    if rest[:1] == ("require",) and len(rest) > 1:
        fact = rest[1]
        if old is None:
            return f"{owner} asks for {line_said(fact, new)} too"
        if new is None:
            return f"{owner} no longer asks for {line_said(fact, old)}"
        return f"{owner} asks for {line_said(fact, new)}, and asked for {line_said(fact, old)}"
    if rest == ("require",):
        return f"{owner} asks for {asked(new)}, and asked for {asked(old)}"
    if rest == ("bound",):
        return f"{owner} must be {new}, and had to be {old}"
    if rest in (("enforcement",), ("value",)):
        return f"{owner} is {new}, and was {old}"
    if rest == ("max_age",):
        ages = ["of any age" if each is None else f"{each} old" for each in (new, old)]
        return f"the evidence of {owner} may be {ages[0]}, and might be {ages[1]}"
    if rest == ("after",):
        waited = [f"for {shown(each)}" if each else "for no other" for each in (new, old)]
        return f"{owner} waits {waited[0]}, and waited {waited[1]}"
    if rest == ("max_waivers",):
        most = ["any number of waivers" if each is None else f"at most {each} waivers" for each in (new, old)]
        return f"{owner} takes {most[0]}, and took {most[1]}"
    if owner.rest == (MEASURED,):
        return f"{owner} is measured by {shown(new)}, and was by {shown(old)}"
    if owner.path[:1] == (READING,) and rest[:1] == ("rename",):
        columns = [shown(each or rest[1]) for each in (new, old)]
        return f"{owner}: column {rest[1]} is read from {columns[0]}, and was from {columns[1]}"
    aspect = " ".join(_key(each) for each in rest)
    return f"{owner}: {aspect} is {_quoted(rest, new)}, and was {_quoted(rest, old)}"


def _quoted(rest: tuple[str, ...], part: Any) -> str:
    texts = {"title", "text", "note", "name", "items", "must", "do"}
    return f"“{shown(part)}”" if part is not None and rest[0] in texts else shown(part)


def _key(key: str) -> str:
    return key.replace("_", " ")
