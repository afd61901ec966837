"""Where a rule stands: a file, a line, and a URI that stays a relative one."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from phasegate.reports.text.dates import day, last_day, moment, up_to
from phasegate.reports.text.locations import location, uri


@pytest.mark.parametrize(
    ("at", "file", "line"),
    [
        ("points/area_1.yaml:50", "points/area_1.yaml", 50),
        ("a:b.yaml:7", "a:b.yaml", 7),
        ("pack.yaml", "pack.yaml", None),
        ("pack.yaml:", "pack.yaml:", None),
        ("pack.yaml:0", "pack.yaml:0", None),
        ("pack.yaml:-1", "pack.yaml:-1", None),
        ("pack.yaml:١", "pack.yaml:١", None),
        ("pack.yaml:1\n", "pack.yaml:1\n", None),
        (":5", ":5", None),
        ("", "", None),
        (f"pack.yaml:{'9' * 5000}", f"pack.yaml:{'9' * 5000}", None),
    ],
)
def test_place(at: str, file: str, line: int | None) -> None:
    assert location(at) == (file, line)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("points/area_1.yaml", "points/area_1.yaml"),
        ("../packs/pack.yaml", "../packs/pack.yaml"),
        ("my pack/größe.yaml", "my%20pack/gr%C3%B6%C3%9Fe.yaml"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("//host/x.yaml", "file:////host/x.yaml"),
        ("/etc/pack.yaml", "file:///etc/pack.yaml"),
        ("a#b?c%20\\d", "a%23b%3Fc%2520%5Cd"),
        ("\x00\n::error::", "%00%0A%3A%3Aerror%3A%3A"),
    ],
)
def test_uri(file: str, expected: str) -> None:
    found = uri(file)
    assert found == expected
    assert urlsplit(found).netloc == ""
    assert unquote(urlsplit(found).path) == file


@pytest.mark.parametrize(
    ("text", "first", "then"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026-04-01T12:30:00Z", None, "2026-04-01T12:30:00Z"),
        ("2026-02-30", None, None),
        ("2026-02-30T00:00:00Z", None, None),
        ("20260301", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_day_and_moment(text: str, first: str | None, then: str | None) -> None:
    assert (day(text), moment(text)) == (first, then)


@pytest.mark.parametrize(
    ("end", "last", "said"),
    [
        ("2026-04-01T00:00:00Z", "2026-03-31", "up to and including 2026-03-31"),
        ("2026-04-01T17:30:00Z", "2026-03-31", "up to and including 2026-03-31"),  # that day not as a whole
        ("2026-03-01T00:00:00Z", "2026-02-28", "up to and including 2026-02-28"),
        ("2026-04-01", "2026-03-31", "up to and including 2026-03-31"),
        ("0001-01-01T00:00:00Z", None, "until 0001-01-01"),
        ("some day", None, "until some day"),
        ("\x1b[2J", None, "until \ufffd[2J"),
    ],
)
def test_the_last_day_of_what_ends(end: str, last: str | None, said: str) -> None:
    assert (last_day(end), up_to(end)) == (last, said)
