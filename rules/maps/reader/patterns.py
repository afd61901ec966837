"""Reads the small things that a map's lines hold: labels, ids, figures, money, dates, weeks."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from phasegate.rules.values.units import DAYS, PERCENT, Quantity

_NUMBER = r"\d{1,15}(?:[.,'\u00a0\u202f\u2009 ]\d{3})*(?:[.,]\d{1,9})?"
_DASH = r"[-\u2010-\u2015\u2212]"
ID = r"\d{1,4}(?:\.\d{1,4}){1,3}"
_SYMBOLS = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
_MULTIPLES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KNOWN_LABELS = (
    "last modified", "last updated", "last update", "last revised", "modified", "level", "target audience",
    "audience", "business impact", "framework integration", "business framework", "document owner", "owner",
    "owned by", "map owner", "review cycle", "review cadence", "review frequency", "review schedule",
    "next step", "version", "status", "integration flow", "flow", "coordination protocol", "protocol",
    "acceptance criteria", "acceptance criterion", "criteria", "frameworks", "total", "expected roi",
    "expected return",
)  # fmt: skip


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiles when first used: most commands read no map."""
    return re.compile(text, re.IGNORECASE)


def is_known_label(text: str) -> bool:
    """Whether a text is a label that maps of this form use, such as ``Review Cycle``."""
    label = " ".join(text.casefold().split()).strip("*_ ")
    return len(label.split()) <= 5 and label.startswith(_KNOWN_LABELS)


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure within a text: its exact value, its wording, and where it begins and ends."""

    quantity: Quantity
    shown: str
    start: int
    end: int


_BEFORE = {
    "<=": r"at most|(?:no|not) (?:more|higher|greater) than|(?:a )?max(?:imum|\.)?(?: of)?|up to|<=|\u2264",
    ">=": r"at least|(?:no|not) (?:less|lower|fewer) than|(?:a )?min(?:imum|\.)?(?: of)?|>=|\u2265",
    "<": r"(?:less|lower|fewer) than|below|under|<",
    ">": r"(?:more|higher|greater) than|above|over|>",
    "==": r"exactly|equal to|=",
}
_AFTER = {
    "<=": r"or (?:less|lower|fewer|below)|at (?:the )?most|max(?:imum|\.)?",
    ">=": r"or (?:more|higher|greater|above|better)|at (?:the )?least|min(?:imum|\.)?",
}
"""How people say what is asked of the figure that follows, or that stands before."""


def comparator(text: str, stated: Stated) -> str:
    """What a text asks of a figure in it, ``>=`` where it says nothing."""
    before, after = text[: stated.start], text[stated.end :]
    for sign, asked in _BEFORE.items():
        if _pattern(rf"(?s)(?:.*[^\w<>=])?(?:{asked})[\s:]*$").match(before):
            return sign
    for sign, asked in _AFTER.items():
        if _pattern(rf"[\s,(]*(?:{asked})(?!\w)").match(after):
            return sign
    return ">="


def without_comparator(text: str) -> str:
    """What stands before a figure without what it asks of it."""
    every = "|".join(_BEFORE.values())
    return _pattern(rf"(?:(?<=[^\w<>=])|^)(?:{every})[\s:]*$").sub("", text)


def number(text: str) -> Fraction:
    """The exact number of a text such as ``17.3``, ``16,100,000`` or ``92,5``.

    A comma or point before anything but three digits is decimal; before three digits it groups,
    unless it is the only point.
    """
    text = re.sub(r"['\s]", "", text)
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        whole = re.sub(r"[.,]", "", text[:decimal])
        return Fraction(f"{whole}.{text[decimal + 1 :]}")
    if text.count(".") == 1 and "," not in text:
        return Fraction(text)
    separator = "," if "," in text else "."
    parts = text.split(separator)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]):
        return Fraction("".join(parts))
    if len(parts) == 2:
        return Fraction(f"{parts[0]}.{parts[1]}")
    return Fraction("".join(parts))


def percents(text: str) -> list[Stated]:
    """Each percentage in a text: ``95%``, ``92.5 %``, ``60 percent``."""
    found = _pattern(rf"(?<![\d.,])[+-]?(?P<number>{_NUMBER})\s?(?:%|percent\b|per cent\b|pct\b)").finditer(
        text
    )
    return [
        Stated(
            Quantity(number(each["number"]) / 100, PERCENT), each.group().strip(), each.start(), each.end()
        )
        for each in found
    ]


def amounts(text: str) -> list[Stated]:
    """Each amount of money in a text: ``$17.3M``, ``€ 2 million``, ``450 k CHF``, ``USD 1.2 bn``."""
    symbols = r"US\$|[$€£¥₹₩]"
    multiple = r"(?:\s?(?P<multiple>thousand|million|billion|mio|mn|bn|[kmb])\b\.?)?"
    found = _pattern(
        rf"(?<!\w)(?:(?P<before>{symbols}|(?-i:[A-Z]{{3}}))\s?)?(?P<number>(?<![\d.,]){_NUMBER}){multiple}"
        rf"(?:\s?(?P<after>{symbols}|(?-i:[A-Z]{{3}})(?!\w)))?"
    ).finditer(text)
    stated = []
    for each in found:
        written = each["before"] or each["after"]
        if written is None or written in ("ROI", "KPI", "LTV"):
            continue
        currency = _SYMBOLS.get(written.upper(), written.upper())
        value = number(each["number"]) * _MULTIPLES.get((each["multiple"] or "").lower(), 1)
        stated.append(Stated(Quantity(value, currency), each.group().strip(), each.start(), each.end()))
    return stated


def date_in(text: str) -> dt.date | None:
    """The first date in a text: ``November 16, 2025``, ``16 Nov 2025``, ``2025-11-16``, ``16.11.2025``.

    None where there is none, or where day and month cannot be told apart.
    """
    month = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
    for form in (
        r"\b(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})\b",
        rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{month},?\s+(?P<year>\d{{4}})\b",
        r"\b(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})\b",
        r"\b(?P<day>1[3-9]|2\d|3[01])/(?P<number>\d{1,2})/(?P<year>\d{4})\b",
        r"\b(?P<number>\d{1,2})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>\d{4})\b",
    ):
        if found := _pattern(form).search(text):
            named = found.groupdict()
            which = (
                int(named["number"])
                if "number" in named
                else _MONTHS.index(str(named["month"])[:3].lower()) + 1
            )
            try:
                return dt.date(int(named["year"]), which, int(named["day"]))
            except ValueError:
                return None
    return None


def cycle_weeks(text: str) -> int | None:
    """The weeks of a cycle: ``8-week coordination cycles``, ``cycle of 8 weeks``, ``Cycle: 8 weeks``."""
    for form in (
        rf"\b(?P<weeks>\d{{1,3}})(?:\s|{_DASH})*weeks?\b(?=[^.;]{{0,40}}\bcycles?\b)",
        rf"\bcycles?\b[^.;]{{0,30}}?\b(?P<weeks>\d{{1,3}})(?:\s|{_DASH})*weeks?\b",
    ):
        if found := _pattern(form).search(text):
            return int(found["weeks"])
    return None


def phase_heading(text: str) -> tuple[str, str, tuple[int, int] | None] | None:
    """Id, title and weeks of a phase's heading, None for another heading."""
    found = _pattern(
        rf"^(?:phase|stage)\s+(?P<id>\d{{1,4}}|(?-i:[IVX]{{1,5}}))\b\s*(?:[:.|]|{_DASH})?\s*(?P<rest>.*)$"
    ).match(text)
    if found is None:
        return None
    return found["id"].upper(), *weeks_in(found["rest"].strip())


def weeks_in(title: str) -> tuple[str, tuple[int, int] | None]:
    """A title without the weeks that it names, and these: ``Pilot (Weeks 1-4)``."""
    weeks_form = (
        rf"[\s,:|(\[]*(?:\s{_DASH}\s*)?[(\[]?\s*\b(?:weeks?|wks?\.?)\s*(?P<first>\d{{1,3}})"
        rf"(?:\s*(?:{_DASH}|to|through|and|&)\s*(?:weeks?\s*)?(?P<last>\d{{1,3}}))?\s*[)\]]?"
    )
    weeks = None
    if span := _pattern(weeks_form).search(title):
        weeks = (int(span["first"]), int(span["last"] or span["first"]))
        title = (title[: span.start()] + " " + title[span.end() :]).strip(" :-\u2013\u2014")
    return " ".join(title.split()), weeks


def point_heading(text: str) -> tuple[str, str] | None:
    """Id and title of a heading that says that it is a point, such as ``Integration Point 1.1.1: Title``."""
    found = _pattern(
        rf"^(?:[a-z]+\s+)?(?:points?|ip)(?:\s|{_DASH})*#?(?P<id>{ID})(?![\d.]*\d)[.:)]?\s*(?:[|]|{_DASH})?\s*(?P<title>.*)$"
    ).match(text)
    return (found["id"], found["title"].strip()) if found else None


def numbered_heading(text: str) -> tuple[str, str] | None:
    """Number and title of a heading such as ``1.1 Title``, ``Section 1.1: Title`` or ``Area 2: Title``."""
    found = _pattern(
        rf"^(?:(?:section|area|domain|part)\s+)?(?P<id>\d{{1,4}}(?:\.\d{{1,4}}){{0,3}})(?:[.:)]|\s|{_DASH})+(?P<title>\S.*)$"
    ).match(text)
    return (found["id"], found["title"].strip()) if found else None


def point_references(text: str) -> tuple[list[str], str | None]:
    """The points that a phase's line names, and the title that it gives where it names one.

    Reads ``Title (Integration Point 1.1.1)``, ``Title (1.1.1)``, ``1.1.1 Title``,
    ``Integration Point 1.1.1: Title``, ``Title - Point 1.1.1`` and lists of points.
    """
    word = r"(?:integration\s+)?\b(?:points?|ips?)\b[\s:#]*"
    several = rf"{ID}(?:(?:\s*[,;/&+]\s*(?:and\s+)?|\s+and\s+)(?:{word})?{ID})*"
    for form in (
        rf"[(\[]\s*(?:{word})?(?P<ids>{several})\s*[)\]]",
        rf"^(?:{word})?(?P<ids>{several})(?=$|[\s:.)]|{_DASH})",
        rf"(?:\s*[,:|]|\s{_DASH})?\s*{word}(?P<ids>{several})",
    ):
        if found := _pattern(form).search(text):
            ids = _pattern(ID).findall(found["ids"])
            rest = text[: found.start()] + " " + text[found.end() :]
            title = " ".join(rest.split()).strip(" :-\u2013\u2014.,|")
            return ids, title if title and len(ids) == 1 else None
    return [], None


def flow_parts(text: str) -> tuple[str, ...]:
    """The flows that arrows join."""
    arrows = r"\s*(?:<?[-=\u2013\u2014\u2212]{1,2}>|<[-=]{1,2}|[\u2190-\u21ff\u27f0-\u27ff\u2b04\u2b0c])\s*"
    parts = _pattern(rf"(?:{arrows})+").split(text)
    return tuple(part.strip() for part in parts if part.strip())


def shown_quantity(quantity: Quantity) -> str:
    """A quantity as people write it: ``95 %``, ``17.3 M USD``, ``31 days``."""
    value, unit = quantity.value, quantity.unit
    if unit == PERCENT:
        return f"{_decimal(value * 100)} %"
    if unit is None or unit == DAYS:
        return f"{_decimal(value)} {unit}" if unit else _decimal(value)
    for size, suffix in ((10**6, "M"), (10**3, "k")):
        if abs(value) >= size:
            return f"{_decimal(value / size)} {suffix} {unit}"
    return f"{_decimal(value)} {unit}"


def _decimal(value: Fraction) -> str:
    whole = value * 10**9
    if whole.denominator != 1:
        return str(value)
    sign = "-" if value < 0 else ""
    text = f"{abs(whole.numerator):010d}"
    fraction = text[-9:].rstrip("0")
    return sign + text[:-9] + (f".{fraction}" if fraction else "")
