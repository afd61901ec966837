"""The one form in which a document is hashed and signed: canonical JSON (RFC 8785), without fractions.

Numbers are whole and at most 2^53 - 1; whatever else must be exact is a text. `orjson` then writes what
RFC 8785 asks for, but for keys beyond U+FFFF, which sort by UTF-16 code units: objects that have some are
put in order by hand.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NoReturn

from orjson import OPT_SORT_KEYS, dumps, loads

from phasegate.rules.errors import PhasegateError

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON takes for the same."""
MAX_DEPTH = 64
"""How deeply a document may be nested."""
_LAST_OF_ONE_UNIT = "\uffff"
_PLAIN = frozenset((str, bool, type(None)))
"""Types whose values are canonical by themselves."""
_OF_PARTS = (dict, list, tuple)
# The first bytes, in UTF-8, of the characters that UTF-16 writes with two units; without any of them,
# its order is that of code points.
_OF_TWO_UNITS = [bytes([lead]) for lead in range(0xF0, 0xF5)]
_NEITHER_SPACE_NOR_STRUCTURE = bytes(set(range(256)) - set(b' \t\n\r"{}[],:'))
# Takes a text that never ends for one, so that it looks at every character once.
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_ALIKE = bytes.maketrans(b"{}", b"[]")
_FORM: dict[str, Any] = {
    "ensure_ascii": False, "allow_nan": False, "separators": (",", ":"), "check_circular": False
}  # fmt: skip
_encode = json.JSONEncoder(sort_keys=True, **_FORM).encode
_encode_as_is = json.JSONEncoder(**_FORM).encode


class CanonicalError(PhasegateError):
    """A document that has no canonical form, or bytes that are none."""


def canonical(document: object) -> bytes:
    """The bytes of a document.

    Raises:
        CanonicalError: if it holds a fraction, a number beyond 2^53 - 1, a text that is no Unicode, a
            key that is no text, anything that is no JSON, or is nested more than 64 deep.
    """
    plain = _checked(document, MAX_DEPTH)
    with suppress(TypeError):  # half of a character, or a tuple whose members have names
        return dumps(document, option=OPT_SORT_KEYS) if plain else dumps(_ordered(document))
    try:
        return _encode_as_is(_ordered(document)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError("a text holds half of a character (a lone surrogate)") from error


def digest_of(content: bytes) -> str:
    """The address of some content: ``sha256:...`` of its bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def alike(one: object, other: object) -> bool:
    """Whether two documents have the same canonical form; both must have one."""
    return dumps(one, option=OPT_SORT_KEYS) == dumps(other, option=OPT_SORT_KEYS)


def read_canonical(body: bytes) -> dict[str, Any]:
    """The object that canonical bytes stand for.

    They are read, written again and compared: another order, a second key of one name, white space, and
    any other spelling is refused.

    Raises:
        CanonicalError: if they are not canonical JSON, or no object.
    """
    try:
        document = loads(body)
        if type(document) is dict and canonical(document) == body:
            return document
    except (ValueError, CanonicalError):
        pass
    return _read_slowly(body)


def _read_slowly(body: bytes) -> dict[str, Any]:
    """Reads bytes with the standard library, and says what is wrong with them."""
    try:
        text = body.decode("utf-8")
        # Looked at before anything recurses.
        if _deep(_outside(body.replace(b"\\\\", b"").replace(b'\\"', b""))):
            _refuse_deep(text)
        document, _ = _decode(text)
    except ValueError as error:
        raise CanonicalError("this is not canonical: it is no JSON") from error
    if type(document) is not dict:
        raise CanonicalError("this is not canonical: it is no object")
    if (_encode_as_is(_ordered(document)) if _sorts_otherwise(body) else _encode(document)) != text:
        raise CanonicalError("this is not canonical: written again, it has other bytes")
    return document


def _sorts_otherwise(body: bytes) -> bool:
    return not body.isascii() and any(lead in body for lead in _OF_TWO_UNITS)


def _outside(body: bytes) -> bytes:
    """Brackets, commas, colons and space outside of texts; in those no quote may be escaped."""
    # Between two texts of JSON there is always a comma, colon or bracket: two quotes side by side are one
    # text, of which nothing was left.
    left = body.translate(None, _NEITHER_SPACE_NOR_STRUCTURE).replace(b'""', b"")
    return b"".join(left.split(b'"')[::2])


def _deep(structure: bytes) -> bool:
    """Whether the brackets of a document are nested more than 64 deep, or are not even."""
    left = structure.translate(_ALIKE, b",: \t\n\r")
    for _ in range(MAX_DEPTH):
        if not left:
            return False
        left = left.replace(b"[]", b"")  # the innermost ones, and no others: what is left is not seen again
    return bool(left)


def _whole(number: str) -> int:
    # 16 digits and a sign; what is longer is not even converted, which would take its time.
    if len(number) > 17 or not -LARGEST <= (value := int(number)) <= LARGEST:
        raise CanonicalError(f"this is not canonical: {number[:40]} is beyond 2^53 - 1")
    if number == "-0":
        raise CanonicalError("this is not canonical: -0 is written 0")
    return value


def _refuse(number: str) -> NoReturn:
    raise CanonicalError(f"this is not canonical: {number[:40]} is no whole number")


_NUMBERS: dict[str, Any] = {"parse_int": _whole, "parse_float": _refuse, "parse_constant": _refuse}
_decode = json.JSONDecoder(**_NUMBERS).raw_decode


def _refuse_deep(text: str) -> None:
    depth = 0
    for token in _TEXT_OR_BRACKET.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise CanonicalError(f"this is not canonical: it is nested more than {MAX_DEPTH} deep")
        elif first != '"':
            depth -= 1


def _checked(value: object, depth: int) -> bool:
    """Sees that a value has a canonical form; whether its keys sort by code points as by UTF-16 units."""
    if type(value) in _PLAIN:
        return True
    if not isinstance(value, _OF_PARTS):
        _check_number(value)
        return True
    if depth == 0:
        raise CanonicalError(f"the document is nested more than {MAX_DEPTH} deep")
    plain = True
    parts: Iterable[Any] = value
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                raise CanonicalError(f"a key is of type {type(key).__name__} and no text")
            if not key.isascii() and max(key) > _LAST_OF_ONE_UNIT:
                plain = False
        parts = value.values()
    for part in parts:
        kind = type(part)  # most are seen to be canonical here, without a call
        if kind in _PLAIN or (kind is int and -LARGEST <= part <= LARGEST):
            continue
        if not _checked(part, depth - 1):
            plain = False
    return plain


def _check_number(value: object) -> None:
    if not isinstance(value, int):
        what = value if isinstance(value, float) else f"something of type {type(value).__name__}"
        raise CanonicalError(f"{what} is no whole number, text, list or object")
    if not -LARGEST <= value <= LARGEST:
        raise CanonicalError("a whole number is beyond 2^53 - 1", "write it as a text")


def _ordered(value: object) -> object:
    """The same with the keys of every object in the order of their UTF-16 code units."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    return value
