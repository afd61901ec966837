"""Metrics as a collector reads them: by name and labels, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable

Series = tuple[str, frozenset[tuple[str, str]]]
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (-?[0-9.]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')
ABOUT = re.compile(r"# (HELP|TYPE) ([a-z_]+) (.+)")


class FaultyPageError(AssertionError):
    """What a collector refuses: it shows nothing of the page then, or one of two series."""


def read(*pages: str) -> dict[Series, float]:
    """The series of some pages, as the text collector of one host takes them together.

    Raises:
        FaultyPageError: for a line that is none of the format, a series that stands twice, and a metric that
            two pages tell of in other words.
    """
    found: dict[Series, float] = {}
    about: dict[tuple[str, str], str] = {}
    for page in pages:
        if page and not page.endswith("\n"):
            raise FaultyPageError("the last line has no end")
        told: set[tuple[str, str]] = set()
        for line in page.splitlines():
            if match := ABOUT.fullmatch(line):
                key = match[1], match[2]
                if key in told or about.setdefault(key, match[3]) != match[3]:
                    raise FaultyPageError(line)
                told.add(key)
                continue
            match = SAMPLE.fullmatch(line)
            if match is None:
                raise FaultyPageError(line)
            series = match[1], frozenset((name, _read(value)) for name, value in LABEL.findall(match[2]))
            if series in found or {("HELP", match[1]), ("TYPE", match[1])} - told:
                raise FaultyPageError(line)
            found[series] = float(match[3])
    return found


def of(found: dict[Series, float], name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """The series of one metric by the values of some labels."""
    return {
        tuple(dict(series[1])[label] for label in labels): value
        for series, value in found.items()
        if series[0] == name
    }


def states(found: dict[Series, float], *labels: str) -> dict[tuple[str, ...], str]:
    """The state of each gate, by the values of some labels."""
    told = of(found, "phasegate_gate_state", *labels, "state")
    shown: dict[tuple[str, ...], list[str]] = {}
    for key, value in told.items():
        shown.setdefault(key[:-1], []).extend([key[-1]] * int(value))
    assert all(len(each) == 1 for each in shown.values()), shown
    return {key: each for key, (each,) in shown.items()}


def _read(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)


def projects_of(found: Iterable[Series]) -> set[str]:
    """The projects that any series is of."""
    return {dict(labels)["project"] for _, labels in found}
