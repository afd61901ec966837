"""Codes of findings about portfolio files."""

from __future__ import annotations

from phasegate.rules.lint.codes.code import Code

PORTFOLIO: dict[str, Code] = {
    "bad-rollup": Code(
        "A rule of a portfolio contradicts itself, or can never hold.",
        'rollup: {at_least: 2, weighted: "80 %"}',
        "rollup: {at_least: 2}",
    ),
    "bad-project": Code(
        "A project of a portfolio is said to be in two places.",
        "- {path: ../harbour, ledger: ../harbour/phasegate.db}",
        "- {path: ../harbour}",
    ),
    "project-twice": Code(
        "A portfolio names a project twice, so that it would count twice.",
        "- {path: ../harbour}\n- {path: ../harbour/}",
        "- {path: ../harbour}",
    ),
}
