"""Who approved the rules and took the programme through its gates, and what is still to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import LONGEST, Markup, filled, joined, lede, section, table, text
from phasegate.reports.html.plots.days import full_day
from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import approval_line

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief, Signature, SignLine
    from phasegate.reports.report import Report

EVERY = 8
"""A line may break after so many characters of a digest."""


def sign_off(report: Report, brief: Brief) -> Markup:
    """Signatures, and lines for a meeting; a name on paper is a note, a signature stands in the ledger."""
    signed = brief.signed
    rows = [_signature("The rules", "approved", each) for each in signed.approved]
    for through in signed.advanced:
        gate = next((each.label for each in brief.gates if each.id == through.gate), through.gate)
        what = f"{gate[:1].upper()}{gate[1:]}, as run {through.run} found it"
        rows += [_signature(what, "advanced", each) for each in through.by]
    heads = ("when", "what", "act", "who", "fingerprint of the key")
    parts: list[Markup | None] = [
        lede(approval_line(report.record)),
        joined([Markup("<h3>Signed</h3>"), table("Signed", heads, rows, "plain signed", scrolls=True)])
        if rows
        else None,
    ]
    if signed.lines:
        lines = [_line(each) for each in signed.lines]
        blank = ("what", "for", "name", "date", "signature")
        parts += [
            Markup("<h3>Still to be signed</h3>"),
            Markup(
                '<p class="note">A name on this sheet is a note for the meeting; '
                "only a signature in the ledger counts: <code>phasegate approve</code>, "
                "<code>phasegate advance GATE</code>.</p>"
            ),
            table("Still to be signed", blank, lines, "plain to-sign stacked"),
        ]
    return section("sign-off", "Sign-off", *parts)


def _signature(what: str, act: str, by: Signature) -> Markup:
    role = filled(' <span class="soft">{}</span>', by.role) if by.role else None
    return filled(
        '<tr><td class="held">{}</td><td>{}</td><td>{}</td><td><b>{}</b>{}</td><td>{}</td></tr>',
        full_day(by.day) if by.day else "not known",
        what,
        act,
        by.name,
        role,
        filled("<code>{}</code>", breaking(by.fingerprint)) if by.fingerprint else "not known",
    )


def _line(line: SignLine) -> Markup:
    why = filled('<span class="quiet"> {}</span>', line.why_not) if line.why_not else None
    return filled(
        '<tr class="line"><td>{}{}</td><td>{}</td><td class="blank"></td><td class="blank"></td>'
        '<td class="blank"></td></tr>',
        line.what[:1].upper() + line.what[1:],
        why,
        line.role,
    )


def breaking(digest: str) -> Markup:
    """A digest that breaks every few characters, and nowhere else."""
    shown = visible(digest)
    if len(shown) > LONGEST:  # it is none, and is cut as every text is
        return text(shown)
    return joined([shown[at : at + EVERY] for at in range(0, len(shown), EVERY)], "<wbr>")
