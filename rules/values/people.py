"""Texts as they read: what of them nobody sees, and how ids of people are compared."""

from __future__ import annotations

from unicodedata import category, normalize


def folded(id_: str) -> str:
    """An id of a person as it is compared: ``F-101``, ``f-101`` and a full-width one are alike.

    NFKC, case folded, without format characters (zero-width ones among them) and the white space around
    it. Two that are equal only so may be one person or two, which nobody can tell.
    """
    plain = normalize("NFKC", normalize("NFKC", id_).casefold())
    return "".join(sign for sign in plain if category(sign) != "Cf").strip()
