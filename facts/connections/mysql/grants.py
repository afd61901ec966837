"""What a role may do, by the words of SHOW GRANTS: whatever is not known to be harmless may write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HARMLESS = frozenset({
    "USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "SHOW_ROUTINE", "SHOW CREATE ROUTINE", "EXECUTE",
    "REFERENCES", "LOCK TABLES", "CREATE TEMPORARY TABLES", "PROCESS", "REPLICATION CLIENT", "BINLOG MONITOR",
    "SLAVE MONITOR", "REPLICA MONITOR",
})  # fmt: skip
_SANDBOX = re.compile(r"`test(\\_%)?`\.\*")
"""What a server that was just installed lets everybody write, and nobody reads."""
_TOKEN = re.compile(r"`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|\w+|\S")


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant.

    Attributes:
        privileges: what may be done, as ``SELECT``.
        on: with what, as it stands there; empty for roles.
        roles: which roles it is instead.
        passed_on: whether it may be passed on to others.
        everybody: whether it is of everybody on the server.
    """

    privileges: tuple[str, ...]
    on: str = ""
    roles: tuple[str, ...] = ()
    passed_on: bool = False
    everybody: bool = False


def read(line: str) -> Grant | None:
    """The grant of a line, None where the line takes something away or is about a default."""
    tokens = _TOKEN.findall(line)
    if tokens[:1] != ["GRANT"]:
        return None if tokens[:1] in (["REVOKE"], ["SET"]) else Grant((" ".join(tokens[:2]),))
    words, rest = _until({"ON", "TO"}, tokens[1:])
    on, to = _until({"TO"}, rest[1:]) if rest[:1] == ["ON"] else ([], rest)
    passed_on = "OPTION" in to and bool({"GRANT", "ADMIN"} & {*to})
    everybody = to[1:2] == ["PUBLIC"]
    parts = ["".join(part) if part[:1] and part[0][0] in "`'" else " ".join(part) for part in _parts(words)]
    if not on and all(part[:1] in "`'" for part in parts):
        return Grant((), roles=tuple(parts), passed_on=passed_on)
    return Grant(tuple(parts), "".join(on), (), passed_on, everybody)


def power(lines: Iterable[str]) -> str | None:
    """What a role may do that is more than to read, in words; None where there is nothing.

    Args:
        lines: what SHOW GRANTS says.
    """
    for line in lines:
        grant = read(line)
        if grant is None or (grant.everybody and _SANDBOX.fullmatch(grant.on)):
            continue
        where = f" on {grant.on}" if grant.on else ""
        for privilege in grant.privileges:
            if privilege not in _HARMLESS:
                return f"{privilege}{where}"
        if grant.passed_on:
            return f"GRANT OPTION{where}" if where else f"ADMIN OPTION for {', '.join(grant.roles)}"
    return None


def roles(lines: Iterable[str]) -> list[str]:
    """The roles that a role has, as they stand there, quoted."""
    return list(dict.fromkeys(role for line in lines if (grant := read(line)) for role in grant.roles))


def _until(words: set[str], tokens: list[str]) -> tuple[list[str], list[str]]:
    place = next((place for place, word in enumerate(tokens) if word in words), len(tokens))
    return tokens[:place], tokens[place:]


def _parts(tokens: list[str]) -> Iterator[list[str]]:
    """What stands between commas, without the columns in parentheses."""
    depth, part = 0, list[str]()
    for word in tokens:
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            yield part
            part = []
        elif not depth and word != ")":
            part.append(word)
    yield part
