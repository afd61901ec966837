"""Who is told when something changed, where, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from phasegate.rules.model.base import DaysText, Id, Model, UnfitError
from phasegate.rules.model.role import ATTESTER, EVALUATOR
from phasegate.rules.model.signer import read_role
from phasegate.rules.values.units import days_in

LONGEST = 3_660
"""Days that can be looked ahead: ten years."""
About = Literal["gates", "verdicts", "due"]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"(?!postgres(ql)?:)\b[a-z][a-z0-9+.-]*://|\bmailtos?:", re.IGNORECASE)
VARIABLE, FILE = "env:", "file:"
TITLE = "$title: $summary"
BODY = "$outcome\nRun $run, as of $as_of.\n$gates$verdicts$due\nMore: $more"
WORDS = ("title", "run", "as_of", "outcome", "summary", "gates", "verdicts", "due", "more")
"""What a template can name."""


def _is_place(text: str) -> bool:
    """Whether a text says where an address stands, and is none itself."""
    if text.startswith(VARIABLE):
        return _NAME.fullmatch(text.removeprefix(VARIABLE)) is not None
    return text.startswith(FILE) and bool(text.removeprefix(FILE).strip()) and "://" not in text


def _to(text: str) -> str:
    """Where a secret stands; an address itself is one, and no project file keeps secrets."""
    if _is_place(text):
        return text
    raise UnfitError(
        "secret-address",
        "an address of a service carries what lets anybody write to it, and does not belong here",
        "write env:NAME for a variable that holds it, or file:PATH for a file that does",
    )


def _role(text: str) -> str:
    if text == EVALUATOR:
        raise UnfitError(
            "unknown-role",
            f"no criterion is the concern of an {EVALUATOR} alone",
            "leave 'roles' out to tell of everything",
        )
    return read_role(text)


def _within(text: str) -> str:
    if days_in(text) > LONGEST:
        raise UnfitError("too-far", f"{text} is further than any programme looks", f"up to {LONGEST} days")
    return text


class Notification(Model):
    """Who is told, and of what.

    Attributes:
        to: ``env:NAME`` or ``file:PATH``: where the address of the service stands, as Apprise has it.
        areas: the areas whose criteria and gates are told of; nothing for all.
        roles: likewise those who approve for a criterion, or attest what it asks for.
        about: whether it is told of gates, of verdicts, and of what is due.
        within: how far ahead is looked for what is due.
        title, body: templates of the message.
    """

    to: Annotated[str, Field(max_length=1000), AfterValidator(_to)]
    areas: tuple[Id, ...] = ()
    roles: tuple[
        Annotated[str, AfterValidator(_role), Field(json_schema_extra={"pattern": ATTESTER})], ...
    ] = ()
    about: tuple[About, ...] = Field(default=("gates", "verdicts", "due"), min_length=1)
    within: Annotated[DaysText, AfterValidator(_within)] = "14 days"
    title: Annotated[str, Field(min_length=1, max_length=500)] = TITLE
    body: Annotated[str, Field(min_length=1, max_length=20_000)] = BODY

    @property
    def days(self) -> int:
        """How many days ahead is looked."""
        return days_in(self.within)

    def file(self, root: Path) -> Path | None:
        """The file that holds the address; None where a variable does.

        Args:
            root: the project's folder, from which a path is read.
        """
        return root / self.to.removeprefix(FILE).strip() if self.to.startswith(FILE) else None

    @property
    def variable(self) -> str:
        """The variable that holds the address, where no file does."""
        return self.to.removeprefix(VARIABLE).strip()


def addresses(written: object) -> Iterator[str]:
    """The addresses of services that stand where they do not belong, in whatever was written there.

    Args:
        written: what a project file has under ``notifications``, or all of it.
    """
    if isinstance(written, str) and _ADDRESS.search(written):
        yield written
    elif isinstance(written, dict):
        if isinstance(to := written.get("to"), str) and len(to) > len(FILE) and not _is_place(to):
            yield to
        for key, part in written.items():
            yield from addresses(key)
            yield from addresses(part)
    elif isinstance(written, list):
        for part in written:
            yield from addresses(part)


def template_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a template, and where in it: its line and column; None if nothing is."""
    for found in Template.pattern.finditer(text):
        word = found["named"] or found["braced"]
        if found["escaped"] is not None or (word in WORDS):
            continue
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        place = f"in its line {line}, column {column}"
        if word is None:
            return f"a '$' that begins no name {place}", "write $$ for a dollar sign"
        return f"${word} {place} is nothing that a message can name", word
    return None
