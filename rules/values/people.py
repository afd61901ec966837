"""Ids of people, and how they are compared."""

from __future__ import annotations

from unicodedata import category, normalize

_WHITE_SPACE = "\t\n\v\f\r \x85\u1680\u2028\u2029"
"""What NFKC leaves of Unicode's white space."""


def folded(id_: str) -> str:
    """An id of a person as it is compared: ``F-101``, ``f-101`` and a full-width one are alike.

    NFKC, case folded, without format characters (zero-width ones among them) and the white space around
    it. Two that are equal only so may be one person or two, which nobody can tell.
    """
    plain = "".join(sign for sign in normalize("NFKC", id_) if category(sign) != "Cf")
    return normalize("NFKC", plain.casefold()).strip(_WHITE_SPACE)
