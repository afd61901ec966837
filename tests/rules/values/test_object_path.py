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
        ("s3://bucket/u/v/a.b.csv", "u/v/a.b.csv", True, "a"),
        ("s3://bucket/u/v/*.csv", "u/v/", True, "v"),
        ("s3://bucket/u/a[0-9].csv", "u/a", True, "u"),
        ("s3://bucket/u/a?/v/*", "u/a", False, "u"),
        ("s3://bucket/u/a**", "u/a", False, "u"),
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
        "s3://bucket/" + "a" * 1025,
        "s3://ab/a",
    ],
)
def test_what_is_no_place_is_refused(written: str) -> None:
    with pytest.raises(PathError):
        object_path(written)


@pytest.mark.parametrize("written", ["s3://" + "b" * 63 + "/a", "s3://abc/" + "ü" * 512])
def test_a_place_may_be_as_long_as_a_store_takes(written: str) -> None:
    assert object_path(written).shown(object_path(written).key) == written


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("s3://" + "B" * 90 + "/a", "'" + "B" * 80 + "' is no name of a bucket"),
        ("s3://bucket/\0" + "a" * 300, f"{'s3://bucket/' + chr(0) + 'a' * 187!r} names no object"),
    ],
)
def test_what_is_refused_is_told_shortly(written: str, why: str) -> None:
    with pytest.raises(PathError) as caught:
        object_path(written)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize(
    ("key", "above"),
    [
        ("*.csv", []),
        ("a.csv", [""]),
        ("u/*.csv", [""]),
        ("u/v/*.csv", ["u/", ""]),
        ("u/v/w/a*", ["u/v/w/", "u/v/", "u/", ""]),
    ],
)
def test_the_folders_above(key: str, above: list[str]) -> None:
    assert object_path(f"s3://bucket/{key}").folders_above == above


@pytest.mark.parametrize(
    ("glob", "meant", "others"),
    [
        ("a.csv", ["a.csv"], ["b.csv", "u/a.csv", "a.csv/b", "A.csv"]),
        ("*.csv", ["a.csv", "-.csv"], [".csv", ".a.csv", "u/a.csv", "a.csvx", "z.txt"]),
        (".*", [".a", "."], ["a"]),
        ("u/?", ["u/a"], ["u/ab", "u/", "u/.", "v/a", "u/a/b"]),
        ("**", ["a", "u/a", "u//a", "u/v/w/a"], [".a", "u/.a", ".u/a", "u/", "u/v/.w/a", "u/.v/w/a"]),
        ("u/**/a", ["u/a", "u/v/a", "u//a", "u/v/w/a", "u/a/a"], ["a", "u/.v/a", "u/v/b", "u/v/a/b", "v/a"]),
        ("**/v/*", ["v/a", "u/v/a", "u/w/v/a"], ["v", "v/.a", "u/a", "v/u/a", ".u/v/a"]),
        ("u/**/**", ["u/a", "u/v/a"], ["u/.a", "v/a"]),
        ("[ab]", ["a", "b"], ["c", "ab", ""]),
    ],
)
def test_which_keys_a_glob_means(glob: str, meant: list[str], others: list[str]) -> None:
    path = object_path(f"s3://bucket/{glob}")
    assert [key for key in (*meant, *others) if path.matches(key)] == meant


@pytest.mark.parametrize(
    "written", ["s3://AKID:s3cret@bucket/a", "s3://AKID:s3/cret@bucket/a", "s3://AKID@bucket/a"]
)
def test_keys_in_a_path_are_refused_and_not_told_again(written: str) -> None:
    with pytest.raises(PathError) as caught:
        object_path(written)
    assert "AKID" not in f"{caught.value}"
    assert has_keys(written) is (":" in written[5:])


@pytest.mark.parametrize(
    ("written", "has"),
    [
        ("s3://a:b/c", True),
        ("s3://a/b:c", False),
        ("s3://a:b@c/d", True),
        ("s3://a/b:c@d", True),
        ("s3://a@b/c", False),
        ("a:b@c", False),
    ],
)
def test_a_colon_before_an_at_or_in_the_bucket_may_be_a_key(written: str, has: bool) -> None:
    assert has_keys(written) is has


def test_what_is_no_object_is_none() -> None:
    assert not any(
        is_object(each) for each in (None, "a.csv", "s3", "s3:/a", "gs://b/a", "./s3://b/a", "S3://b/a")
    )
