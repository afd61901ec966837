"""What somebody is told of a run: a title and a text for mail, chat and whatever else takes messages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from string import Template
from typing import TYPE_CHECKING

from phasegate.monitoring.history.due import Due
from phasegate.monitoring.notifications.transport import Message
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.reports.text.sentences import gate_label, outcome_line
from phasegate.reports.views.diff import criteria_changed, gates_changed
from phasegate.reports.views.due import EndingWords, endings_told, weeks_said

if TYPE_CHECKING:
    from phasegate.monitoring.history.diff import GateChange
    from phasegate.monitoring.notifications.changes import Changes
    from phasegate.rules.model.notification import Notification

WIDTH = 88
MOST = 20
"""So many criteria, and so many endings, are named in one message."""
_FEW = 3
"""So many gates are named in its title."""
_LONGEST_TITLE = 200
_LONGEST_BLOCK = 6_000
"""Characters that gates, verdicts and what is due have at most, each."""
_CALL = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[!@#])", re.IGNORECASE)
"""What calls everybody of a chat together, were it said there."""


def notice(news: Changes, notification: Notification, title: str) -> Message:
    """Puts news into words, by the templates of whoever is told.

    Args:
        news: what is new to somebody.
        notification: who is told, and by which templates.
        title: the project's.
    """
    record = news.record
    words = {
        "title": _harmless(title),
        "run": str(news.run.number),
        "as_of": visible(record["as_of"]),
        "outcome": outcome_line(record, None, strict=False),
        "summary": summary(news),
        "gates": _bounded(_gates(news)),
        "verdicts": _bounded(_verdicts(news)),
        "due": _bounded(_due(news, notification.days)),
        "more": f"phasegate diff {news.since} {news.run.number}"
        if 0 < news.since < news.run.number
        else f"phasegate report {news.run.number}",
    }
    words = {name: _CALL.sub(lambda found: f"{found[0]}\u200b", text) for name, text in words.items()}
    head = _harmless(Template(notification.title).substitute(words))
    body = Template(notification.body).substitute(words).strip()
    # No service takes a message without a text, such as that of a template that tells of what did not change.
    return Message(head[:_LONGEST_TITLE], body or words["summary"])


def summary(news: Changes) -> str:
    """The news in one line: gates by their states, else how many criteria changed, and what is due."""
    told = list(_gates_said(news.gates))
    if news.criteria and not told:
        told.append(f"{counted(len(news.criteria), 'criterion', 'criteria')} changed")
    if news.due:
        told.append(_due_said(news))
    return "; ".join(told)


def _gates_said(gates: Sequence[GateChange]) -> Iterator[str]:
    states: dict[str | None, list[str]] = {}
    for each in gates:
        states.setdefault(each.after, []).append(gate_label(each.id))
    for state, labels in states.items():
        verb = state_sign(state).verb if state is not None else ("is gone", "are gone")
        named = labels if len(labels) <= _FEW else [*labels[:_FEW], f"{len(labels) - _FEW:,} more"]
        yield f"{listed(named)} {verb[len(labels) > 1]}"


def _due_said(news: Changes) -> str:
    today = dt.date.fromisoformat(news.record["as_of"])
    days = sorted({*news.due.days.values()})
    words = EndingWords(news.record)
    said = [words.on_day(each[0]) for each in words.together(_due_of(news).endings)]
    said += [f"{gate_label(each.gate)}: {weeks_said(each, today)}" for each in news.due.phases]
    if len(said) == 1:
        return said[0]
    when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
    return f"{len(said):,} things end {when}"


def _due_of(news: Changes) -> Due:
    today = dt.date.fromisoformat(news.record["as_of"])
    until = max(news.due.days.values(), default=today)
    return Due(news.run, news.record, today, until, news.due.endings, news.due.phases)


def _bounded(text: str) -> str:
    """The first lines of a block that has very many."""
    if len(text) <= _LONGEST_BLOCK:
        return text
    lines = text[:_LONGEST_BLOCK].splitlines()[:-1]
    return "\n".join([*lines, f"and {text.count(chr(10)) - len(lines):,} more lines", ""])


def _gates(news: Changes) -> str:
    page = Page(WIDTH, colour=False)
    gates_changed(news.gates, page)
    return page.text()


def _verdicts(news: Changes) -> str:
    page = Page(WIDTH, colour=False)
    # Of which rows they are, nothing is said: a message goes where not everybody may see them.
    criteria_changed(news.criteria, {}, page, MOST)
    return page.text()


def _due(news: Changes, days: int) -> str:
    if not news.due:
        return ""
    page = Page(WIDTH, colour=False)
    page.heading("Due", f"within {counted(days, 'day')}")
    endings_told(_due_of(news), page, MOST)
    return page.text()


def _harmless(text: str) -> str:
    return visible(text).strip()
