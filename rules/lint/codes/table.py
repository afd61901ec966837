"""Every code that a finding in rules can have, by its name, and how it is explained."""

from __future__ import annotations

from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError
from phasegate.rules.lint.codes.cases import CASES
from phasegate.rules.lint.codes.code import Code
from phasegate.rules.lint.codes.contracts import CONTRACTS
from phasegate.rules.lint.codes.files import FILES
from phasegate.rules.lint.codes.measures import MEASURES
from phasegate.rules.lint.codes.portfolio import PORTFOLIO
from phasegate.rules.lint.codes.project import PROJECT
from phasegate.rules.lint.codes.requirements import REQUIREMENTS

SECTIONS: dict[str, dict[str, Code]] = {
    "Requirements, points and phases": REQUIREMENTS,
    "Measures and their expressions": MEASURES,
    "Contracts": CONTRACTS,
    "The project": PROJECT,
    "Files": FILES,
    "Cases": CASES,
    "Portfolios": PORTFOLIO,
}
CODES: dict[str, Code] = {name: code for section in SECTIONS.values() for name, code in section.items()}


class UnknownCodeError(PhasegateError):
    """A code that no finding has."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no finding {name!r}", suggest(name, CODES, of="codes"))


def explained(name: str) -> str:
    """What a code means, with an example, as text.

    Args:
        name: the code, such as ``always-true``.

    Raises:
        UnknownCodeError: if there is none of that name.
    """
    code = CODES.get(name)
    if code is None:
        raise UnknownCodeError(name)
    return "\n".join((name, "", code.means, "", "wrong:", *_block(code.wrong), "right:", *_block(code.right)))


def _block(text: str) -> list[str]:
    return [*(f"    {line}" for line in text.expandtabs(4).splitlines()), ""]
