"""Numbers as people write them: which options of a source read one, told by its shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from phasegate.facts.contracts.numbers import NumberForm
from phasegate.rules.values.currencies import CURRENCIES

Value = str | Literal[True]
Options = dict[str, Value]
"""Options of a source by their names."""
_CURRENCY = r"(?:A|AU|C|CA|US|R|HK|MX|NZ|NT|S)?\$|[^\w\s.,:;|/\\()+%'\"#*-]|[A-Z]{3}|kr|zł"
_SIGN = re.compile(rf"^([+-]?)({_CURRENCY})\s?(?=[-+]?[\d.])|(?<=\d)\s?({_CURRENCY})$")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([, '’\u00a0\u202f_])\d{3}(\1\d{3})*(\.\d*)?")
_GROUPED_COMMA = re.compile(
    r"[+-]?\d{1,3}([. '’\u00a0\u202f_])\d{3}(\1\d{3})*,\d*|[+-]?\d{1,3}(\.)\d{3}(\.\d{3})+"
)
_COMMA = re.compile(r"[+-]?\d*,\d+")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
COMMA = "decimal_comma"


def number_options(text: str, decimal_comma: bool) -> Options | None:
    """The options with which a text is read as a number.

    Args:
        text: a text that is no number as it is.
        decimal_comma: whether the decimal point is a comma already.

    Returns:
        The options; None where none reads it.
    """
    found: Options = {}
    core = text.strip()
    if core != text:
        found["trim"] = True
    if core.startswith("(") and core.endswith(")"):
        found["accounting"] = True
        core = core[1:-1].strip()
    if core.endswith("%"):
        found["percent"] = True
        core = core[:-1].rstrip()
    if (match := _SIGN.search(core)) and _is_currency(match[2] or match[3]):
        found["currency_sign"] = match[2] or match[3]
        core = _SIGN.sub(r"\1", core, count=1)
    if _PLAIN.fullmatch(core) and not (decimal_comma and "." in core):
        return found or None
    if decimal_comma:
        core = core.translate(str.maketrans(",.", ".,"))
        match = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", core)
        return found | {"thousands": "."} if match else None
    if match := _GROUPED.fullmatch(core):
        return found | {"thousands": match[1]}
    if match := _GROUPED_COMMA.fullmatch(core):
        return found | {"thousands": match[1] or match[3], COMMA: True}
    return found | {COMMA: True} if _COMMA.fullmatch(core) else None


def still_to_set(options: Mapping[str, Value] | None, form: NumberForm) -> Options | None:
    """Those options that a form does not have; None where it has them all, and they did not help."""
    return {
        each: value for each, value in (options or {}).items() if getattr(form, each, None) != value
    } or None


def with_options(form: NumberForm, options: Mapping[str, Value]) -> NumberForm:
    """A form with some options more; blanks are no matter of forms."""
    return replace(form, **{each: value for each, value in options.items() if each != "trim"})  # type: ignore[arg-type]


def _is_currency(sign: str) -> bool:
    """Whether a sign names a currency; a minus, a per mille or a million beside a number does not."""
    return sign in CURRENCIES or sign in ("kr", "zł") or unicodedata.category(sign[-1]) == "Sc"


def written_either_way(texts: Sequence[str], options: Mapping[str, Value]) -> bool:
    """Whether all commas could be decimal ones as well as thousands: ``1,234``."""
    grouped = [text for text in texts if "," in text]
    return options.get("thousands") == "," and all(_EITHER.fullmatch(each) for each in grouped)


def quoted(text: str) -> str:
    """A text in the quotes of YAML, which tell a blank from another."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown) + '"'
