"""A portfolio as one page: it needs no script, asks for nothing, and reads without its style too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.first import boxed
from phasegate.reports.html.markup import (
    Child,
    Markup,
    contents,
    filled,
    joined,
    lede,
    section,
    state,
    state_chip,
    state_tone,
    table,
    tag,
    void,
)
from phasegate.reports.html.rows import STACKED, row
from phasegate.reports.html.style import STYLE, policy
from phasegate.reports.portfolio.words import (
    asked_said,
    counts_said,
    ends_said,
    ends_shortly,
    last_run_said,
    overdue_lines,
    run_said,
    score_said,
    sign_of,
    verdict_said,
    verified_said,
    verified_shortly,
)
from phasegate.reports.text.plain import counted, moment
from phasegate.reports.text.sentences import gate_label, passing

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import GateRow, Portfolio, PortfolioRow
    from phasegate.monitoring.portfolio.standing import Standing

_HEADS = ("Project", "State", "Gates", "Score", "Overdue", "Ends next", "Last run", "Verified")
_GATES = ("Gate", "Today", "As decided", "Criteria that pass", "Overdue", "What is otherwise today")


def render(found: Portfolio, *, width: int, colour: bool) -> str:  # noqa: ARG001 - as all formats
    """The page: the verdict, all projects in one table, then each by itself."""
    return "".join(_parts(found))


def _parts(found: Portfolio) -> Iterator[str]:
    standing = found.rolled_up.standing
    title = found.title if len(found.title) <= 60 else f"{found.title[:57]}..."
    yield '<!DOCTYPE html>\n<html lang="en"><head>'
    yield void("meta", charset="utf-8")
    yield void("meta", http_equiv="Content-Security-Policy", content=policy())
    yield void("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield void("meta", name="referrer", content="no-referrer")
    yield tag("title", f"{title}, {moment(found.now)}")
    yield tag("style", Markup(STYLE))
    yield "</head><body>"
    yield tag("a", "To the verdict", href="#verdict", class_="skip")
    yield tag(
        "header",
        tag("h1", found.title),
        contents([("projects", "Projects"), ("each", "Each project")]),
        tag("p", f"Read {moment(found.now)}."),
        class_="top",
    )
    yield "<main>"
    yield boxed(
        sign_of(standing),
        state_tone(standing.word),
        "May the portfolio advance?",
        filled('<p class="said">{}</p><p class="because">{}</p>', verdict_said(found), asked_said(found)),
        counts(found.rows),
    )
    yield section("projects", "Projects", _table(found.rows))
    yield section("each", "Each project", *(_story(each, place) for place, each in enumerate(found.rows)))
    yield "</main>"
    yield tag(
        "footer",
        tag("p", "A project stands as its ledger says, less what has ended since. Nothing was run for this."),
        class_="soft",
    )
    yield "</body></html>\n"


def counts(rows: Sequence[PortfolioRow]) -> Markup:
    """How many projects stand where, the worst first."""
    found = Counter(row.standing for row in rows)
    items = [
        filled("<li>{} <b>{}</b> {}</li>", sign_of(each).mark, f"{found[each]:,}", sign_of(each).word)
        for each in sorted(found, reverse=True)
    ]
    return filled(
        '<ul class="counts"><li>{}:</li> {}</ul>', counted(len(rows), "project"), joined(items, " ")
    )


def _table(rows: Sequence[PortfolioRow]) -> Markup:
    made = table(
        "Projects", _HEADS, (_row(each, place) for place, each in enumerate(rows)), STACKED, scrolls=True
    )
    return joined([lede("The worst first; each leads to why it stands so."), made])


def _row(project: PortfolioRow, place: int) -> Markup:
    days = counted(project.overdue_days, "day") if project.overdue_days else None
    return row(
        tag("a", project.name, href=f"#project-{place}"),
        state_chip(project.standing.word),
        at_a_glance(project.gates, lambda gate: gate.id),
        score_said(project),
        tag("strong", days) if days else None,
        ends_shortly(project),
        last_run_said(project),
        joined(verified_shortly(project), "<br>"),
        heads=_HEADS,
    )


def at_a_glance(gates: Sequence[GateRow], shown: Callable[[GateRow], Child]) -> Markup:
    """The gates of each state together, the worst first, each as it is to be shown."""
    alike: dict[Standing, list[Child]] = {}
    for each in sorted(gates, key=lambda gate: -gate.standing):
        alike.setdefault(each.standing, []).append(shown(each))
    told = [joined([state(standing.word), " ", joined(names, ", ")]) for standing, names in alike.items()]
    return joined(told, "<br>")


def _story(row: PortfolioRow, place: int) -> Markup:
    word = row.standing.word
    pairs: list[tuple[str, str | Markup]] = [
        ("Project", tag("code", row.project) if row.project else ""),
        ("Cycle", row.cycle or ""),
        ("Criteria", counts_said(row)),
        ("Overdue", joined(overdue_lines(row), "<br>")),
        ("Ends next", ends_said(row) if row.last_run is not None else ""),
        ("Newest run", f"{run_said(row)}, of {last_run_said(row)}" if row.last_run is not None else ""),
        ("Ledger", row.ledger),
        ("Verified", verified_said(row)),
        ("Checkpoint", tag("code", f"{row.verified.size} {row.verified.root}") if row.verified else ""),
    ]
    told = [filled("<div><dt>{}</dt><dd>{}</dd></div>", name, said) for name, said in pairs if said]
    return tag(
        "details",
        tag("summary", state_chip(word), " ", tag("h3", row.name)),
        tag("ul", *(tag("li", each) for each in row.why)) if row.why else None,
        *(tag("p", f"Help: {each}") for each in row.hints),
        *(tag("p", f"Note: {each}") for each in row.notes),
        tag("dl", *told, class_="told"),
        _gates(row) if row.gates else None,
        id=f"project-{place}",
        open=not row.standing.opens,
    )


def _gates(row: PortfolioRow) -> Markup:
    said = "A gate is never told to be better than the newest run found that decided it."
    return joined([lede(said), table(f"Gates of {row.name}", _GATES, map(_gate, row.gates), scrolls=True)])


def _gate(gate: GateRow) -> Markup:
    word, label = gate.standing.word, gate_label(gate.id)
    return row(
        f"{label[:1].upper()}{label[1:]}, {gate.title}",
        state_chip(word),
        joined([state(gate.decided), f" by run {gate.run:,} of {gate.as_of}"]),
        passing(gate.score),
        counted(gate.overdue_days, "day") if gate.overdue_days else None,
        joined(gate.why, "<br>"),
    )
