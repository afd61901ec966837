"""Canonical JSON: the bytes of a document, held against another implementation of RFC 8785."""

from __future__ import annotations

import json
from collections import OrderedDict
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from phasegate.audit.signing.canonical_json import (
    LARGEST,
    MAX_DEPTH,
    CanonicalError,
    canonical,
    read_canonical,
)

# Characters around each border of the order and of the spelling: what is escaped, the last before the
# surrogates, the first after them, and the first and last that UTF-16 writes with two units.
BORDERS = "\x00\x08\t\n\x0b\x1f \"'/\\aAz\x7f\x80\xe9\u2028\ud7ff\ue000\ufb33\uffff\U00010000\U0010ffff"
TEXTS = st.text() | st.text(alphabet=BORDERS) | st.text(alphabet="ab ,:{}[]-0\xe9", max_size=4)
WHOLE = st.integers(-LARGEST, LARGEST)
PLAIN = st.none() | st.booleans() | WHOLE | TEXTS
DOCUMENTS = st.recursive(
    PLAIN,
    lambda parts: st.lists(parts, max_size=5) | st.dictionaries(TEXTS, parts, max_size=6),
    max_leaves=30,
)
OBJECTS = st.dictionaries(TEXTS, DOCUMENTS, max_size=6)
ANYTHING = st.recursive(
    PLAIN | st.floats() | st.integers() | st.text(alphabet=st.characters()),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(TEXTS, parts, max_size=4),
    max_leaves=10,
)


class Pair(NamedTuple):
    one: int
    other: object


class Verdict(StrEnum):
    PASS = "pass"


@pytest.mark.parametrize(
    ("document", "body"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        (OrderedDict(b=1, a=2), '{"a":2,"b":1}'),
        ({"a": Pair(1, {"b": "\u20ac"})}, '{"a":[1,{"b":"\u20ac"}]}'),
        ({"": 0, "1": 1, "10": 2, "2": 3}, '{"":0,"1":1,"10":2,"2":3}'),
        ([LARGEST, -LARGEST], "[9007199254740991,-9007199254740991]"),
        ("€$\x0f\nA'\"\\/", '"€$\\u000f\\nA\'\\"\\\\/"'),
        ("\b\t\n\f\r\x00\x1f\x7f\u2028", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'),
        # The keys of RFC 8785, section 3.2.3: the smiling face stands before the Hebrew letter.
        (
            dict.fromkeys(["€", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"], 0),
            '{"\\r":0,"1":0,"\x80":0,"\xf6":0,"€":0,"\U0001f600":0,"\ufb33":0}',
        ),
        ([{"a": {"\ufb33": 1, "\U0001f600": 2}}], '[{"a":{"\U0001f600":2,"\ufb33":1}}]'),
    ],
)
def test_the_bytes_of_a_document(document: object, body: str) -> None:
    assert canonical(document) == body.encode()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"a": 0.5}, "0.5 is no whole number"),
        ({"a": -0.0}, "-0.0 is no whole number"),
        ({"a": 1.0}, "1.0 is no whole number"),
        ({"a": float("nan")}, "nan is no whole number"),
        ({"a": float("inf")}, "inf is no whole number"),
        ({"a": LARGEST + 1}, "beyond 2^53 - 1"),
        ({"a": -LARGEST - 1}, "beyond 2^53 - 1"),
        ({"a": 10**5000}, "beyond 2^53 - 1"),
        ({"a": "\ud800"}, "lone surrogate"),
        ({"\udfff": 1}, "lone surrogate"),
        ({1: "a"}, "a key is of type int"),
        ({None: "a"}, "a key is of type NoneType"),
        ({True: "a"}, "a key is of type bool"),
        ({Verdict.PASS: 1}, "a key is of type Verdict"),
        ({"a": Verdict.PASS}, "of type Verdict"),
        ({"a": Decimal(1)}, "of type Decimal"),
        ({"a": b"bytes"}, "of type bytes"),
        ({"a": {"one", "two"}}, "of type set"),
        (object(), "of type object"),
    ],
)
def test_a_document_without_a_canonical_form_is_refused(document: object, says: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        canonical(document)
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "it is no JSON"),
        (b"{", "it is no JSON"),
        (b'{"a":}', "it is no JSON"),
        (b'{"a":01}', "it is no JSON"),
        (b'{"a":"\n"}', "it is no JSON"),
        (b'{"a":"\xff"}', "it is no JSON"),
        (b'{"a":"\xed\xa0\x80"}', "it is no JSON"),
        (b"\xef\xbb\xbf{}", "it is no JSON"),
        (b" {}", "it is no JSON"),
        (b"[]", "it is no object"),
        (b'"a"', "it is no object"),
        (b"null", "it is no object"),
        (b'{"a":0.5}', "0.5 is no whole number"),
        (b'{"a":1e2}', "1e2 is no whole number"),
        (b'{"a":1E400}', "1E400 is no whole number"),
        (b'{"a":-0.0}', "-0.0 is no whole number"),
        (b'{"a":NaN}', "NaN is no whole number"),
        (b'{"a":-Infinity}', "-Infinity is no whole number"),
        (b'{"a":-0}', "-0 is written 0"),
        (b'{"a":9007199254740992}', "9007199254740992 is beyond 2^53 - 1"),
        (b'{"a":-9007199254740992}', "-9007199254740992 is beyond 2^53 - 1"),
        (b'{"a":' + b"9" * 5000 + b"}", "is beyond 2^53 - 1"),
        (b"{} ", "other bytes"),
        (b"{}{}", "other bytes"),
        (b"{}\n", "other bytes"),
        (b'{"a": 1}', "other bytes"),
        (b'{"b":1,"a":2}', "other bytes"),
        (b'{"a":1,"a":1}', "other bytes"),
        (b'{"a":1,"a":2}', "other bytes"),
        (b'{"a":"\\u0041"}', "other bytes"),
        (b'{"a":"\\/"}', "other bytes"),
        (b'{"a":"\\u000F"}', "other bytes"),
        (b'{"a":"\\u000a"}', "other bytes"),
        (b'{"a":"\\ud800"}', "other bytes"),
        (b'{"a":"\\ud83d\\ude00"}', "other bytes"),
        ('{"\ufb33":1,"\U0001f600":2}'.encode(), "other bytes"),
        ('{"a":{"\ufb33":1,"\U0001f600":2}}'.encode(), "other bytes"),
    ],
)
def test_bytes_that_are_not_canonical_are_refused(body: bytes, says: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        read_canonical(body)
    assert caught.value.message.startswith("this is not canonical: ")
    assert says in caught.value.message


def test_an_error_quotes_no_more_than_the_beginning_of_a_number() -> None:
    with pytest.raises(CanonicalError) as caught:
        read_canonical(b'{"a":0.' + b"1" * 100_000 + b"}")
    assert len(caught.value.message) < 120


@given(DOCUMENTS)
@example({"\ufb33": {"\U0001f600": 1, "\uffff": 2}, "\U00010000": 3})
def test_the_bytes_are_those_of_another_implementation(document: object) -> None:
    assert canonical(document) == rfc8785.dumps(document)


@given(OBJECTS)
def test_what_is_written_is_read_again(document: dict[str, Any]) -> None:
    assert read_canonical(canonical(document)) == document


@given(ANYTHING)
def test_whatever_is_accepted_is_accepted_by_another_implementation(document: Any) -> None:
    try:
        body = canonical(document)
    except CanonicalError:
        return
    assert body == rfc8785.dumps(document)


@given(OBJECTS, st.data())
def test_an_edit_is_refused_unless_the_bytes_are_canonical_again(
    document: dict[str, Any], data: st.DataObject
) -> None:
    body = canonical(document)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(start + 3, len(body))))
    put = data.draw(st.binary(max_size=3) | st.text(alphabet='{}[],:"\\ \n0-.eE', max_size=3).map(str.encode))
    edited = body[:start] + put + body[end:]
    try:
        read = read_canonical(edited)
    except CanonicalError:
        return
    assert rfc8785.dumps(json.loads(edited)) == edited
    assert read == json.loads(edited)


@given(st.binary() | st.text(alphabet='{}[],:"\\ 0-.eEnulltruefas').map(str.encode))
def test_bytes_of_any_kind_raise_no_other_error(body: bytes) -> None:
    try:
        read = read_canonical(body)
    except CanonicalError:
        return
    assert canonical(read) == body


def nested(depth: int) -> bytes:
    """An object, and lists in it."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_a_document_may_be_nested_as_deeply_as_allowed() -> None:
    body = nested(MAX_DEPTH)
    assert canonical(read_canonical(body)) == body


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"":', b"}]")])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_bytes_nested_deeper_are_refused(depth: int, opening: bytes, closing: bytes, closed: bool) -> None:
    body = b'{"a":' + opening * (depth - 1) + (closing * (depth - 1) + b"}") * closed
    with pytest.raises(CanonicalError, match="nested more than 64 deep"):
        read_canonical(body)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000])
def test_a_document_nested_deeper_is_refused(depth: int) -> None:
    lists: list[Any] = []
    objects: dict[str, Any] = {}
    for _ in range(depth - 1):
        lists, objects = [lists], {"a": objects}
    for document in (lists, objects):
        with pytest.raises(CanonicalError, match="nested more than 64 deep"):
            canonical(document)


def test_a_document_that_holds_itself_is_refused() -> None:
    document: dict[str, Any] = {}
    document["a"] = [document]
    with pytest.raises(CanonicalError, match="nested more than 64 deep"):
        canonical(document)


@pytest.mark.parametrize(
    "document",
    [
        {"a": "[" * 1000 + "{" * 1000},
        {"a": '\\"[' * 1000},
        {"[" * 1000: "\\"},
        {"a": [[]] * 1000},
        {"a": [{"b": [{}]}] * 1000},
        {"a": "\n[\n{" * 1000},
    ],
)
def test_brackets_in_texts_and_side_by_side_are_no_depth(document: dict[str, Any]) -> None:
    assert read_canonical(canonical(document)) == document


@pytest.mark.parametrize("text", ["1", '"x"', '"\\\\"', '"\\"[[[{{{"', '"\\\\\\"]"', '"[[["'])
@pytest.mark.parametrize(("begins", "ends"), [('{"a":', "}"), ("[", "]")])
def test_depth_is_that_of_brackets_outside_of_texts(text: str, begins: str, ends: str) -> None:
    for depth in (63, 64, 65, 66, 200, 5_000):
        document = f'{{"a":{begins * (depth - 1)}{text}{ends * (depth - 1)}}}'
        if depth <= 64:
            assert read_canonical(document.encode())
        else:
            with pytest.raises(CanonicalError, match="nested more than 64 deep"):
                read_canonical(document.encode())
