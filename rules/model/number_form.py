"""What a project says of how a source writes numbers, where it contradicts itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.model.project import Project, SourceFile
from phasegate.rules.values.currencies import CURRENCIES

_PARTS = "%‰‱٪％"
_SIGN_HINT = "set the sign that stands beside the amounts, such as $ or EUR"
_SIGNS = '0123456789+-()%"eE'
_MULTIPLES = frozenset("k m mm mn mio mln mrd mld bn b t tsd thousand million billion".split())
_RULE = "contradictory-reading"


def number_form_faults(project: Project, origin: Origin) -> Iterator[Diagnostic]:
    """Options by which no number could be read, or one could be read in two ways."""
    for name, source in project.sources.items():
        for option, message, hint in (*_sign_faults(source), *_truth_faults(source)):
            yield origin.diagnose(_RULE, message, ("sources", name, option), hint, "value")


def _sign_faults(source: SourceFile) -> Iterator[tuple[str, str, str]]:
    point = "," if source.decimal_comma else "."
    thousands, currency = source.thousands, source.currency_sign
    if thousands == point:
        other = "." if source.decimal_comma else ","
        message = f"{thousands!r} is the sign between thousands and the decimal sign too"
        hint = "remove 'decimal_comma'" if source.decimal_comma else "set decimal_comma: true"
        yield "thousands", message, f"{hint}, or set thousands: '{other}'"
    elif thousands is not None and (thousands.isalnum() or thousands in _SIGNS):
        message = f"{thousands!r} can not stand between thousands: it is part of numbers themselves"
        yield "thousands", message, "set the sign that the file has there, such as ',' or ' '"
    if currency is None:
        return
    if currency != currency.strip() or any(sign.isdigit() for sign in currency):
        message = f"{currency!r} is no sign of a currency"
        yield "currency_sign", message, "write it without digits and blanks around it, such as $ or EUR"
    elif all(sign in (*_SIGNS, ".", ",", thousands) for sign in currency):
        message = f"{currency!r} is no sign of a currency: it is part of numbers themselves"
        yield "currency_sign", message, _SIGN_HINT
    elif any(sign in "()" or unicodedata.category(sign) in ("Pd", "Sm") for sign in currency):
        message = f"{currency!r} is no sign of a currency: it says whether an amount is below zero"
        yield "currency_sign", message, _SIGN_HINT
    elif any(sign in _PARTS for sign in currency) or _multiplies(currency):
        message = f"{currency!r} is no sign of a currency: it says by what an amount is multiplied"
        yield "currency_sign", message, "write the amounts out in the file"


def _multiplies(currency: str) -> bool:
    """Whether a sign stands for thousands or millions, as ``k``, ``M€`` and ``TEUR`` do."""
    if currency in CURRENCIES:
        return False
    rest = "".join(sign for sign in currency if unicodedata.category(sign) != "Sc")
    rest = rest[:-3] if rest[-3:] in CURRENCIES else rest
    return rest.rstrip(".").casefold() in _MULTIPLES


def _truth_faults(source: SourceFile) -> Iterator[tuple[str, str, str]]:
    true = {word.lower() for word in source.true_values}
    for word in source.false_values:
        if word.lower() in true:
            option = "false_values" if "false_values" in source.model_fields_set else "true_values"
            yield option, f"{word!r} is both true and false", "name each text once"
    for option in ("true_values", "false_values"):
        for word in getattr(source, option):
            if word in source.null_values:
                yield option, f"{word!r} is a missing value too", "remove it here or from 'null_values'"
