"""Who is told: where addresses may stand, and where one does that must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from phasegate.rules.model.notification import Notification, addresses


@pytest.mark.parametrize(
    ("to", "file", "variable"),
    [
        ("env:TEAM_URL", None, "TEAM_URL"),
        ("file:secrets/team.txt", Path("/srv/secrets/team.txt"), "file:secrets/team.txt"),
        ("file: team.txt ", Path("/srv/team.txt"), "file: team.txt"),
        ("file:/etc/team.txt", Path("/etc/team.txt"), "file:/etc/team.txt"),
    ],
)
def test_an_address_stands_in_a_file_or_a_variable(to: str, file: Path | None, variable: str) -> None:
    found = Notification.model_validate({"to": to})
    assert (found.file(Path("/srv")), found.variable) == (file, variable)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"to": "slack://a/b/c"}, "an address of a service"),
        ({"to": "env:"}, "an address of a service"),
        ({"to": "env:1A"}, "an address of a service"),
        ({"to": "file:"}, "an address of a service"),
        ({"to": "file: "}, "an address of a service"),
        ({"to": "file:slack://a"}, "an address of a service"),
        ({"to": "TEAM_URL"}, "an address of a service"),
        ({"to": "env:A", "within": "3661 days"}, "further than any programme looks"),
        ({"to": "env:A", "within": "2 hours"}, "is no number of days"),
        ({"to": "env:A", "about": []}, "at least 1 item"),
        ({"to": "env:A", "about": ["all"]}, "'gates'"),
        ({"to": "env:A", "roles": ["evaluator"]}, "no criterion is the concern of an evaluator"),
        ({"to": "env:A", "title": ""}, "at least 1 character"),
        ({"to": "env:A", "title": "a" * 501}, "at most 500 characters"),
        ({"to": "env:A", "body": "a" * 20_001}, "at most 20000 characters"),
        ({"to": "env:" + "A" * 997}, "at most 1000 characters"),
    ],
)
def test_what_is_no_notification(written: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Notification.model_validate(written)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("written", "days"),
    [({}, 14), ({"within": "3660 days"}, 3_660), ({"within": "1 day"}, 1), ({"within": "0 days"}, 0)],
)
def test_how_far_ahead_is_looked(written: dict[str, Any], days: int) -> None:
    found = Notification.model_validate({"to": "env:" + "A" * 996, "title": "a" * 500, **written})
    assert found.days == days


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("slack://a/b", ["slack://a/b"]),
        ("see mailto:a@b", ["see mailto:a@b"]),
        ("MAILTOS:a@b", ["MAILTOS:a@b"]),
        ("postgresql://a/b", []),
        ("postgres://a/b", []),
        ("plain", []),
        (5, []),
        (None, []),
        (["a", "https://b", ["https://c"]], ["https://b", "https://c"]),
        ({"to": "env:A"}, []),
        ({"to": "file:a"}, []),
        ({"to": "hunter22"}, ["hunter22"]),
        ({"to": "short"}, []),  # no longer than 'file:' is
        ({"to": "longer"}, ["longer"]),
        ({"to": "env:1-"}, ["env:1-"]),
        ({"to": 5, "title": "https://a"}, ["https://a"]),
        ({"https://a": {"to": "slack://b"}}, ["https://a", "slack://b", "slack://b"]),
    ],
)
def test_addresses_that_stand_where_none_belongs(written: object, found: list[str]) -> None:
    assert [*addresses(written)] == found
