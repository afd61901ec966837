"""YAML 1.2 core schema, plain data only; everything else is refused where it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from ends import ends
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.yaml import parser
from phasegate.rules.yaml.parser import MAX_BYTES, MAX_DEPTH, Tree, YamlError, parse_yaml
from phasegate.rules.yaml.syntax_errors import HALVES


@pytest.fixture(autouse=True, params=["libyaml", "pure"], scope="module")
def _loader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything holds with libyaml and without it."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pure":
            patch.delattr(yaml, "CSafeLoader")
        yield


def read(text: str | bytes) -> Tree:
    return parse_yaml(text if isinstance(text, bytes) else text.encode(), "x.yaml")


def faults(text: str | bytes) -> list[Diagnostic]:
    with pytest.raises(YamlError) as caught:
        read(text)
    return caught.value.diagnostics


SCALARS = [
    ("no", "no"),
    ("Yes", "Yes"),
    ("on", "on"),
    ("off", "off"),
    ("y", "y"),
    ("true", True),
    ("True", True),
    ("FALSE", False),
    ("~", None),
    ("", None),
    ("null", None),
    ("Null", None),
    ("'null'", "null"),
    ('"true"', "true"),
    ("12", 12),
    ("+12", 12),
    ("-12", -12),
    ("012", 12),
    ("0o17", 15),
    ("0x1F", 31),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("12:30:45", "12:30:45"),
    ("190:20:30", "190:20:30"),
    ("0.95", "0.95"),
    ("0.950", "0.950"),
    (".5", ".5"),
    ("1e5", "1e5"),
    ("1.1.1", "1.1.1"),
    ("2026-01-31", "2026-01-31"),
    ("2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
    ("'12'", "12"),
    ("95 %", "95 %"),
    ("<= 31 days", "<= 31 days"),
    ("'>= 95 %'", ">= 95 %"),
    ("in [low, medium]", "in [low, medium]"),
    ("1.10", "1.10"),
    ("=", "="),
    ("- ", [None]),
    ("[1, 0.5, no]", [1, "0.5", "no"]),
    ("{a: 1}", {"a": 1}),
    ("|\n  one\n  two\n", "one\ntwo\n"),
    (">-\n  one\n  two\n", "one two"),
    ("naïve – 日本", "naïve – 日本"),
]


@pytest.mark.parametrize(("written", "value"), SCALARS, ids=[written for written, _ in SCALARS])
def test_a_scalar_is_read_by_the_core_schema(written: str, value: object) -> None:
    found = (
        read(f"a: {written}\n").data["a"]
        if not written.startswith("- ")
        else read(f"a:\n{written}\n").data["a"]
    )
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["1", "1.1", "1.10", "0x1", "no", "2026-01-31", "'1'", '"1"'])
def test_a_key_is_the_text_that_was_written(key: str) -> None:
    assert list(read(f"{key}: x\n").data) == [key.strip("'\"")]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
FAULTS: list[tuple[str, str | bytes, str, tuple[int, int], str]] = [
    # what, the file, the rule, line and column, a word of the message or hint
    ("empty", "", "empty-file", (1, 1), "empty"),
    ("only a comment", "# nothing\n", "empty-file", (1, 1), "empty"),
    ("only a marker", "---\n", "empty-file", (1, 1), "empty"),
    ("a list", "- a\n- b\n", "not-a-mapping", (1, 1), "key: value"),
    ("a text", "hello\n", "not-a-mapping", (1, 1), "key: value"),
    ("null byte", "a: b\nc: \x00\n", "control-character", (2, 4), "U+0000"),
    ("escape", "a: \x1b[31m\n", "control-character", (1, 4), "U+001B"),
    ("escaped control character", 'a: "\\e[31m"\n', "control-character", (1, 4), "escaped"),
    ("next line", "a: b\x85c: d\n", "control-character", (1, 5), "U+0085"),
    ("line separator", "a: b\u2028c: d\n", "control-character", (1, 5), "LINE SEPARATOR".lower()),
    ("right to left", "a: b\nb: x\u202ey\n", "control-character", (2, 5), "right-to-left"),
    ("byte order mark inside", "a: b\ufeff\n", "control-character", (1, 5), "U+FEFF"),
    ("byte order mark", b"\xef\xbb\xbfa: 1\n", "byte-order-mark", (1, 1), "BOM"),
    ("latin1", "a: b\nc: caf\xe9\n".encode("latin1"), "not-utf-8", (2, 7), "0xe9"),
    ("utf-16", "a: 1\n".encode("utf-16"), "not-utf-8", (1, 1), "UTF-8"),
    ("cut in a character", "a: é".encode()[:-1], "not-utf-8", (1, 4), "UTF-8"),
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1), "line 1"),
    ("duplicate quoted key", "a: 1\n'a': 3\n", "duplicate-key", (2, 1), "line 1"),
    ("duplicate number key", "x:\n  1: a\n  '1': b\n", "duplicate-key", (3, 3), "line 2"),
    ("duplicate key in flow", "x: {a: 1, a: 2}\n", "duplicate-key", (1, 11), "line 1"),
    ("alias", "a: 1\nb: *c\n", "alias", (2, 4), "*c"),
    ("alias bomb", BOMB, "anchor", (1, 4), "&a"),
    ("anchor", "a: &x 1\n", "anchor", (1, 4), "&x"),
    ("anchor on a mapping", "a: &x\n  b: 1\n", "anchor", (1, 4), "&x"),
    ("merge key", "a: 1\nb:\n  <<: {c: 1}\n", "merge-key", (3, 3), "<<"),
    ("python tag", "a: !!python/object:os.system x\n", "tag", (1, 4), "python"),
    ("own tag", "a: !thing {b: 1}\n", "tag", (1, 4), "!thing"),
    ("core tag", "a: !!str 1\n", "tag", (1, 4), "remove the tag"),
    ("tag by mistake", "a: != 3\n", "tag", (1, 4), "quotes"),
    ("two documents", "a: 1\n---\nb: 2\n", "several-documents", (2, 1), "split the file"),
    ("directive", "%YAML 1.1\n---\na: no\n", "directive", (1, 1), "%"),
    ("tab", "a:\n\tb: 1\n", "tab-indentation", (2, 1), "spaces"),
    ("tab behind spaces", "a:\n  \tb: 1\n", "tab-indentation", (2, 3), "spaces"),
    ("list as key", "? [a]\n: b\n", "key-not-text", (1, 3), "key"),
    ("mapping as key", "{a: 1}: b\n", "key-not-text", (1, 1), "key"),
    ("null as key", "a: 1\n~: b\n", "key-not-text", (2, 1), "quotes"),
    ("truth as key", "true: b\n", "key-not-text", (1, 1), "quotes"),
    ("empty key", "'': b\n", "empty-key", (1, 1), "name"),
    ("nan", "a: 1\nb: .nan\n", "not-finite", (2, 4), "finite"),
    ("infinity", "a: [1, -.Inf]\n", "not-finite", (1, 8), "finite"),
    ("endless number", f"a: {'9' * 5000}\n", "number-too-long", (1, 4), "digits"),
    ("deep flow", "a: " + "[" * 900 + "]" * 900, "too-deep", (1, MAX_DEPTH + 3), "50"),
    (
        "deep block",
        "".join(f"{' ' * n}a:\n" for n in range(1000)),
        "too-deep",
        (MAX_DEPTH + 1, MAX_DEPTH + 1),
        "50",
    ),
    ("deep list", "a:\n" + "- " * 1000 + "x\n", "too-deep", (2, 2 * MAX_DEPTH - 1), "50"),
    ("too large", b"a: " + b"x" * MAX_BYTES, "file-too-large", (1, 1), "1,000,000"),
    ("bound without quotes", "a:\n  b: >= 95 %\n", "yaml-syntax", (2, 7), '">= 95 %"'),
    ("quote not closed", 'a: 1\nb: "c\nd: 1\n', "yaml-syntax", (2, 4), "not closed"),
    ("bracket not closed", "a: [1\n", "yaml-syntax", (2, 1), "not closed"),
    ("colon in a text", "a: b: c\n", "yaml-syntax", (1, 5), "quotes"),
    ("at sign", "a: @b\n", "yaml-syntax", (1, 4), "quotes"),
    ("per cent", "a: %b\n", "yaml-syntax", (1, 4), "quotes"),
    ("bad indentation", "a:\n    b: 1\n  c: 2\n", "yaml-syntax", (3, 3), "indentation"),
    ("dash beside a key", "a: 1\n- b\n", "yaml-syntax", (2, 1), ""),
    ("bad escape", 'a: "\\d"\n', "yaml-syntax", (1, 5), "backslash"),
]


@pytest.mark.parametrize(
    ("text", "rule", "place", "word"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_what_is_no_plain_yaml_is_refused_where_it_stands(
    text: str | bytes, rule: str, place: tuple[int, int], word: str
) -> None:
    with ends():
        first = faults(text)[0]
    assert first.position is not None
    assert (first.rule, first.position.line, first.position.column) == (rule, *place)
    assert word in f"{first.message} {first.hint}"


@pytest.mark.parametrize("halves", [r"\ud83c\udf89", r"\ud83c", r"\udf89 a"])
def test_halves_of_a_character_are_refused(halves: str) -> None:
    (fault,) = faults(f'a: "{halves}"\n')
    assert (fault.position and fault.position.line, fault.hint) == (1, HALVES)


def test_what_is_deeper_than_the_parser_goes_is_too_deep_as_well() -> None:
    assert [(fault.rule, "50" in fault.message) for fault in faults("a: " + "[" * 5000)] == [
        ("too-deep", True)
    ]


@pytest.mark.parametrize("entry", ["1,", "[],", "{},"])
def test_more_values_than_anybody_writes_are_refused(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MAX_NODES", 1000)
    assert [fault.rule for fault in faults(f"a: [{entry * 1000}]")] == ["too-many-nodes"]
    assert len(read(f"a: [{entry * 997}]").data["a"]) == 997  # the mapping, its key and the list are three


def test_all_faults_of_a_file_are_told_together() -> None:
    found = faults("a: &x 1\nb: *x\na: 2\nc: .nan\nd: !t e\n")
    assert [fault.rule for fault in found] == ["anchor", "alias", "duplicate-key", "not-finite", "tag"]


def test_a_file_full_of_faults_does_not_flood() -> None:
    assert len(faults("a: 1\n" * 5000)) == 100


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_for_every_line_end(line_end: str) -> None:
    tree = read(f"a: 1{line_end}# é{line_end}b:{line_end}  c: x{line_end}")
    assert str(tree.position(("b", "c"))) == "x.yaml:4:3"
    assert tree.line(4) == "  c: x"


PLACES = """\
top: one
points:
  1.1.1:
    criteria:
      - id: a
        require: {x.y: '>= 1', z: [1, true]}
"""


@pytest.mark.parametrize(
    ("path", "part", "text"),
    [
        (("top",), "key", "top"),
        (("top",), "value", "one"),
        (("points", "1.1.1"), "key", "1.1.1"),
        (("points", "1.1.1", "criteria", 0, "id"), "value", "a"),
        (("points", "1.1.1", "criteria", 0, "require", "x.y"), "key", "x.y"),
        (("points", "1.1.1", "criteria", 0, "require", "x.y"), "value", "'>= 1'"),
        (("points", "1.1.1", "criteria", 0, "require", "z", 1), "key", "true"),
        (("points", "1.1.1", "criteria", 0, "require", "w"), "key", "require"),
        (("points", "1.1.1", "criteria", 7), "value", "criteria"),
        (("points", "9"), "key", "points"),
        (("top", "further", "on"), "key", "one"),
        ((), "key", "top: one"),
        (("nowhere",), "key", "top: one"),
    ],
)
def test_a_path_finds_the_nearest_place_that_was_written(
    path: tuple[str | int, ...], part: str, text: str
) -> None:
    tree = read(PLACES)
    at = tree.position(path, part)
    assert tree.line(at.line)[at.column - 1 : at.column - 1 + at.width] == text


WORDS = st.text(
    st.characters(whitelist_categories=("L", "N", "P", "S", "Zs"), max_codepoint=0x2FFF), min_size=1
).filter(lambda text: text.isprintable() and text != "<<")
TREES = st.recursive(
    WORDS | st.integers(-(10**9), 10**9) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, TREES, min_size=1, max_size=4), st.booleans())
def test_plain_data_comes_back_as_it_was_written(data: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, width=10**6, sort_keys=False)
    tree = read(text)
    assert _as_text(tree.data) == _as_text(data)


def _as_text(value: object) -> object:
    """Data with its scalars as texts: how a bare word resolves is the table's business."""
    if isinstance(value, dict):
        return {key: _as_text(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_as_text(entry) for entry in value]
    return str(value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert all(diagnostic.render() for diagnostic in _read_or_faults(content))


@given(st.text("ab:-[]{}&*!|>'\"%@` \n\t#,?0.~", max_size=60))
def test_any_punctuation_is_read_or_refused(text: str) -> None:
    assert all(diagnostic.render() for diagnostic in _read_or_faults(text.encode()))


def _read_or_faults(content: bytes) -> list[Diagnostic]:
    """Nothing if the bytes are read, else what is wrong with them, which is never nothing."""
    try:
        parse_yaml(content, "x.yaml")
    except YamlError as error:
        return error.diagnostics or pytest.fail("refused without a reason")
    return []
