"""The one form in which a document is hashed and signed: canonical JSON (RFC 8785), without fractions.

Numbers are whole and at most 2^53 - 1; whatever else must be exact is a text. The C encoder of
`json` then writes what RFC 8785 asks for, but for keys beyond U+D7FF, which sort by UTF-16 code units:
objects that have some are put in order by hand.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from phasegate.rules.errors import PhasegateError

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON takes for the same."""
MAX_DEPTH = 64
"""How deeply a document may be nested."""
_FIRST_SURROGATE = "\ud800"
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
    try:
        return (_encode(document) if plain else _encode_as_is(_ordered(document))).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError("a text holds half of a character (a lone surrogate)") from error


def read_canonical(body: bytes) -> dict[str, Any]:
    """The object that canonical bytes stand for.

    The bytes are written again and compared: another order, a second key of one name, white space,
    and any other spelling is refused.

    Raises:
        CanonicalError: if they are not canonical JSON, or no object.
    """
    try:
        document = json.loads(body.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        why = error if isinstance(error, CanonicalError) else "it is no JSON"
        raise CanonicalError(f"this is not canonical: {why}") from error
    if not isinstance(document, dict):
        raise CanonicalError("this is not canonical: it is no object")
    if canonical(document) != body:
        raise CanonicalError("this is not canonical: written again, it has other bytes")
    return document


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number} is no whole number")


def _checked(value: object, depth: int) -> bool:
    """Sees that a value has a canonical form; whether its keys sort by code points as by UTF-16 units."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise CanonicalError(f"{value} is beyond 2^53 - 1", "write it as a text")
        return True
    if depth == 0:
        raise CanonicalError(f"the document is nested more than {MAX_DEPTH} deep")
    plain = True
    if isinstance(value, dict):
        for key, part in value.items():
            if type(key) is not str:
                raise CanonicalError(f"{key!r} is a key and no text")
            plain = plain and (key.isascii() or max(key) < _FIRST_SURROGATE)
            plain = _checked(part, depth - 1) and plain
        return plain
    if isinstance(value, list | tuple):
        for part in value:
            plain = _checked(part, depth - 1) and plain
        return plain
    raise CanonicalError(f"{value!r} is no whole number, text, list or object")


def _ordered(value: object) -> object:
    """The same with the keys of every object in the order of their UTF-16 code units."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    return value
