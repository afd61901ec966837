"""Where objects are: a bucket and a key, and which keys a glob means."""

from __future__ import annotations

import pytest

from phasegate.rules.values.object_path import has_keys, is_object, object_path
from phasegate.rules.values.paths import PathError


@pytest.mark.parametrize(
    ("written", "begins", "flat", "named"),
    [
        ("s3://bucket/a.csv", "a.csv", True, "a"),
        ("s3://bucket/u/2026-01.csv.gz", "u/2026-01.csv.gz", True, "2026-01"),
        ("s3://bucket/u/2026-*.csv", "u/2026-", True, "u"),
        ("s3://bucket/*.csv", "", True, "bucket"),
        ("s3://bucket/u/**/*.csv", "u/", False, "u"),
        ("s3://bucket/u/**", "u/", False, "u"),
        ("s3://bucket/u?/a.csv", "u", False, "bucket"),
    ],
)
def test_what_a_path_begins_with_is_listed(written: str, begins: str, flat: bool, named: str) -> None:
    found = object_path(written)
    assert (found.bucket, found.begins, found.flat, found.named) == ("bucket", begins, flat, named)
    assert found.is_glob is (begins != found.key)
    assert found.shown(found.key) == written


@pytest.mark.parametrize(
    "written",
    [
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3://b/a",
        "s3:///a",
        "s3://Bucket/a",
        "s3://buck et/a",
        "s3://bucket/a/",
        "s3://bucket/a\x00",
        "s3://arn:aws:s3:::bucket/a",
        "s3://" + "b" * 64 + "/a",
        "s3://bucket/" + "ü" * 513,
    ],
)
def test_what_is_no_place_is_refused(written: str) -> None:
    with pytest.raises(PathError):
        object_path(written)


@pytest.mark.parametrize(
    "written", ["s3://AKID:s3cret@bucket/a", "s3://AKID:s3/cret@bucket/a", "s3://AKID@bucket/a"]
)
def test_keys_in_a_path_are_refused_and_not_told_again(written: str) -> None:
    with pytest.raises(PathError) as caught:
        object_path(written)
    assert "AKID" not in f"{caught.value}"
    assert has_keys(written) is (":" in written[5:])


def test_what_is_no_object_is_none() -> None:
    assert not any(
        is_object(each) for each in (None, "a.csv", "s3", "s3:/a", "gs://b/a", "./s3://b/a", "S3://b/a")
    )
