"""Commands as a person would type them: nothing is signed here, so pages show what to type elsewhere.

Whatever stands in a record may come from data. It is quoted, so that whoever copies a line into a shell runs
this command and no other; a line that could not be typed as it is shown is not shown.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from phasegate.reports.explain.attestations import ATTESTED
from phasegate.reports.html.markup import Markup, tag
from phasegate.rules.model.verdict import WAIVABLE

if TYPE_CHECKING:
    from phasegate.records.schema import FactEntry, GateEntry, Record, RequirementEntry

_LONGEST = 900
_SAFE_DAY, _SAFE_WHO = "YYYY-MM-DD", "WHO"


def typed(*words: str) -> str | None:
    """A command line; None where it could not be typed as it would be shown.

    Args:
        words: of it, without ``phasegate``. What is named may begin as an option does, and stands last.
    """
    line = shlex.join(["phasegate", *words])
    return line if line.isprintable() and "  " not in line and len(line) <= _LONGEST else None


def named(command: str, subject: str, *options: str) -> str | None:
    """A command about one thing, whose name is taken for nothing else."""
    return (
        typed(command, *options, "--", subject)
        if subject.startswith("-")
        else typed(command, subject, *options)
    )


def shown(about: str, line: str | None) -> Markup | None:
    """What a command does, and how it is typed."""
    return None if line is None else tag("div", tag("p", about), tag("pre", tag("code", line), tabindex="0"))


def approvals(record: Record) -> list[Markup]:
    """How the rules are approved for each function that has not signed."""
    digest = record["pack"]["digest"]
    lines = [
        shown(
            f"To approve the rules for {function}:",
            typed("approve", "--pack-digest", digest, "--function", function),
        )
        for function in record["approval"]["missing"]
    ]
    return [each for each in lines if each is not None]


def advance(gate: GateEntry) -> list[Markup]:
    """How the programme goes through an open gate."""
    if gate["state"] not in ("open", "open_with_waivers"):
        return []
    lines = [
        shown("To decide it for today, before anybody signs:", named("gate", gate["id"])),
        shown("To sign that the programme goes through it:", named("advance", gate["id"])),
    ]
    return [each for each in lines if each is not None]


def waive(requirement: RequirementEntry, enforcement: str) -> Markup | None:
    """How a waiver is granted; None for what none is taken for."""
    if enforcement != "soft" or requirement["verdict"] not in WAIVABLE:
        return None
    words = ["--covers", requirement["verdict"], "--reason", "REASON", "--risk-owner", _SAFE_WHO]
    words += ["--requester", _SAFE_WHO, "--until", _SAFE_DAY]
    line = named("waive", requirement["id"], *words)
    return shown(f"To grant a waiver for {requirement['id']}, as an approver:", line)


def attest(fact: FactEntry) -> Markup | None:
    """How somebody vouches for a value; None for what is measured."""
    if fact["kind"] != ATTESTED:
        return None
    point = ["--point", fact["slice"]] if fact["slice"] else []
    words = [*point, "--value", "VALUE", "--evidence", "FILE", "--until", _SAFE_DAY]
    return shown(f"To attest {fact['id']}:", named("attest", fact["measure"], *words))
