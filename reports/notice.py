"""What somebody is told of a run: a title and a text for mail, chat and whatever else takes messages."""

from __future__ import annotations

import datetime as dt
import re
from string import Template
from typing import TYPE_CHECKING

from phasegate.audit.changes.due import Due
from phasegate.audit.notifications.courier import Message
from phasegate.reports.changed import criteria_changed, gates_changed
from phasegate.reports.due import endings_told
from phasegate.reports.page import Page
from phasegate.reports.plain import counted, listed, visible
from phasegate.reports.sentences import gate_label, outcome_line
from phasegate.reports.signs import state_sign

if TYPE_CHECKING:
    from phasegate.audit.notifications.news import News
    from phasegate.rules.notification import Notification

WIDTH = 88
MOST = 20
"""So many criteria, and so many endings, are named in one message."""
_FEW = 3
"""So many gates are named in its title."""
_LONGEST_TITLE = 200
_CALL = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[!@#])", re.IGNORECASE)
"""What calls everybody of a chat together, were it said there."""


def notice(news: News, notification: Notification, title: str) -> Message:
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
        "gates": _gates(news),
        "verdicts": _verdicts(news),
        "due": _due(news, notification.days),
        "more": f"phasegate diff {news.since} {news.run.number}"
        if 0 < news.since < news.run.number
        else f"phasegate report {news.run.number}",
    }
    words = {name: _CALL.sub(lambda found: f"{found[0]}\u200b", text) for name, text in words.items()}
    head = _harmless(Template(notification.title).substitute(words))
    return Message(head[:_LONGEST_TITLE], Template(notification.body).substitute(words).strip())


def summary(news: News) -> str:
    """The news in one line: the gates that changed, how many criteria did, and how much is due."""
    told = [
        f"{gate_label(each.id)} {state_sign(each.after).verb[0]}"
        if each.after
        else f"{gate_label(each.id)} is gone"
        for each in news.gates[:_FEW]
    ]
    if len(news.gates) > _FEW:
        told.append(f"{counted(len(news.gates) - _FEW, 'more gate')} changed")
    if news.criteria and not news.gates:
        told.append(f"{counted(len(news.criteria), 'criterion', 'criteria')} changed")
    if news.due:
        told.append(f"{counted(len(news.due), 'thing')} will end soon")
    return listed(told)


def _gates(news: News) -> str:
    page = Page(WIDTH, colour=False)
    gates_changed(news.gates, page)
    return page.text()


def _verdicts(news: News) -> str:
    page = Page(WIDTH, colour=False)
    # Of which rows they are, nothing is said: a message goes where not everybody may see them.
    criteria_changed(news.criteria, {}, page, MOST)
    return page.text()


def _due(news: News, days: int) -> str:
    if not news.due:
        return ""
    page = Page(WIDTH, colour=False)
    today = dt.date.fromisoformat(news.record["as_of"])
    found = Due(news.run, news.record, today, today + dt.timedelta(days=days), news.due)
    page.heading("Due", f"within {counted(days, 'day')}")
    endings_told(found, page, MOST)
    return page.text()


def _harmless(text: str) -> str:
    return visible(text).strip()
