"""What to do about cells that break a contract, told by what they look like.

An option is advised only where the cells can be read with it. Which option that may be is told by a few
of them; whether it leaves the others readable, by the whole column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal

import polars as pl

from phasegate.facts.contracts.clauses import whole
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS, NUMBER, integer_from_text, number_text
from phasegate.facts.violations.broken_cells import Broken, set_options
from phasegate.facts.violations.date_forms import hint_of_dates
from phasegate.facts.violations.number_forms import (
    COMMA,
    Options,
    Value,
    number_options,
    quoted,
    still_to_set,
    with_options,
    written_either_way,
)

# What programs write of a date that is not set.
_NO_DAY = r"000[01]-0[01]-0[01](?:[t ]00:00(?::00(?:\.0+)?)?z?)?"
_NOTHING = re.compile(rf"(?i)n/?a|n\.a\.|#n/a|nan|null|none|nil|-+|\?+|\.|tbd|{_NO_DAY}")
_SEPARATOR = re.compile(r"[;\t|]")
_DOUBTED = re.compile(r" \((REAL|TEXT|inexact)\)\Z")
"""How a value ends that is stored as another thing; see `facts.sources.formats.staged_tables`."""
_TRUE = frozenset("yes y t x on ja j wahr oui si vrai".split())
_FALSE = frozenset("no n f off nein falsch non faux".split())
_ASCII_NUMBER = re.compile(r"[0-9eE+.-]+")
_SCALE_AT_MOST = 18
CORRECT = "correct it in the file"


def hint_of(broken: Broken) -> str:
    """What to do; it names no value of a personal column."""
    match broken.clause.kind:
        case "null":
            return _of_null(broken)
        case "type":
            return _of_type(broken)
        case "scale":
            return _of_scale(broken)
        case "finite":
            return "leave such rows out, or leave the cell empty where nothing was measured"
        case "min" | "max":
            end = broken.clause.kind
            return f"{CORRECT}, or change '{end}' of {broken.name} in the contract"
        case "allowed" | "regex":
            return _of_words(broken)
        case "past" if not broken.column.past:  # the day on which a row was brought up to date
            return CORRECT
        case "past":
            return f"{CORRECT}, or take 'past' off {broken.name} where it may lie ahead"
        case _:
            return CORRECT


def hint_of_alike(columns: Sequence[str], key: bool) -> str:
    """What to do about rows that are alike where they must not be."""
    if key:
        return "remove the row that is there twice, or add to 'key' the column that tells them apart"
    return f"remove the row that is there twice, or take 'unique' off {columns[0]}"


def hint_of_row(empty: Sequence[str]) -> str:
    """What to do about rows in which something does not hold.

    Args:
        empty: the columns that it is about and that may be empty.
    """
    if not empty:
        return CORRECT
    return f"{CORRECT}; where {empty[0]} may be empty, say so in 'holds': '{empty[0]} IS NULL OR ...'"


def hint_of_lacking(columns: Sequence[str]) -> str:
    """What to do about rows that lack what would tell them from others."""
    named = " and ".join(columns)
    return f"fill in {named}: nobody can tell whether a row without it is another one once more"


def _of_null(broken: Broken) -> str:
    name = broken.name
    if name in broken.contract.must_exist:
        # To allow it to be empty would not help: nobody could tell whether the row counts yet.
        dated = name in (broken.contract.event, broken.contract.recorded, broken.contract.period_end)
        why = "when the row counts" if dated else "what is converted by the row"
        why = "how old the row is" if name == broken.contract.updated else why
        return f"fill it in or leave the row out of the file: without {name} nobody can tell {why}"
    return f"fill it in, or write 'nullable: true' for {name} in the contract if it may be empty"


def _of_type(broken: Broken) -> str:
    told = broken.column.personal
    texts = broken.texts
    if not texts:
        return _too_large(broken)
    if (doubted := _DOUBTED.search(texts[0])) is not None:
        return _of_doubt(broken, doubted[1])
    if blank := [text for text in texts if not text.strip()]:
        return (
            f"{set_options(['trim: true'])}{_and_nullable(broken)}" if len(blank) == len(texts) else CORRECT
        )
    words = list(dict.fromkeys(text.strip() for text in texts if _NOTHING.fullmatch(text.strip())))
    if words and not told:
        nulls = ", ".join(quoted(each) for each in ["", *words])
        return f"{set_options([f'null_values: [{nulls}]'])}{_and_nullable(broken)} where nothing was written"
    signs = {found[0] for text in texts if (found := _SEPARATOR.search(text))}
    if len(signs) == 1 and all(_SEPARATOR.search(text) for text in texts) and not told:
        return f"is a whole line in one column? {set_options([f'separator: {quoted(*signs)}'])}"
    return {
        "integer": _of_integer,
        "decimal": _of_number,
        "float": _of_number,
        "boolean": _of_boolean,
        "date": hint_of_dates,
        "datetime": hint_of_dates,
    }.get(broken.column.type, _of_anything)(broken)


def _of_doubt(broken: Broken, doubt: str) -> str:
    if doubt == "TEXT":
        return f"it is stored as a text where others are numbers: {CORRECT}"
    digits = "" if doubt == "REAL" else " of more digits than one holds"
    as_float = f"write 'type: float' for {broken.name} in the contract if it may be one"
    return f"it is stored as a binary float{digits}: {as_float}, or keep such numbers as texts"


def _of_anything(broken: Broken) -> str:
    return f"{CORRECT}, or write 'type: string' for {broken.name} in the contract"


def _of_integer(broken: Broken) -> str:
    numbers = [_number(text) for text in broken.texts]
    if all(number is not None for number in numbers):
        whole_ones = all(number == int(number) for number in numbers if number is not None)
        scale = ", scale: 0" if whole_ones and not any("." in text for text in broken.texts) else ""
        return f"write 'type: decimal{scale}' for {broken.name} in the contract"
    return _of_number(broken)


def _decimal(broken: Broken, scale: str = "") -> str:
    return f"write 'type: decimal'{scale} for {broken.name} in the contract"


def _that_help(broken: Broken, text: str) -> Options | None:
    """The options that a source has yet to set, if the text is read with them; None if nothing helps."""
    comma = broken.decimal_comma
    options = still_to_set(number_options(text, comma), broken.reading.numbers)
    if not options:
        return None
    whole = broken.column.type == "integer" and _fractions(broken, options)
    return options if whole or broken.reads(text, options) else None


def _fractions(broken: Broken, options: Mapping[str, Value]) -> bool:
    """Whether texts of an integer column are numbers if read with some options, and not all whole ones."""
    form = with_options(broken.reading.numbers, options)
    number = number_text(pl.col("text").str.strip_chars(), form)
    broken_up = number.str.contains(NUMBER) & integer_from_text(number).is_null()
    return bool(pl.DataFrame({"text": broken.texts}).select(broken_up.any()).item())


def _number(text: str) -> Decimal | None:
    try:  # Decimal takes blanks around, digits of other scripts and lines between them
        number = Decimal(text) if _ASCII_NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _too_large(broken: Broken) -> str:
    """A number of the file's own type that its contract's does not hold."""
    if broken.column.type == "integer":
        numbers = [_number(str(value)) for value in broken.values]
        whole_ones = all(number is not None and number == int(number) for number in numbers)
        return _decimal(broken, " with 'scale: 0'" if whole_ones else "")
    return f"write a smaller 'scale' for {broken.name} in the contract"


def _of_number(broken: Broken) -> str:
    column, texts = broken.column, broken.texts
    comma = broken.decimal_comma
    long = [number for text in texts if (number := _number(text)) is not None]
    if long and column.type == "decimal" and not comma:
        return _of_long(broken, long)
    found = [_that_help(broken, text) for text in texts]
    options: Options = {}
    for each in found:
        options |= each or {}
    given = broken.reading.numbers.currency_sign
    signs = {str(each["currency_sign"]) for each in found if each and "currency_sign" in each}
    signs |= {given} if signs and given is not None else set()
    if len(signs) > 1 and not column.personal:
        both = " and ".join(map(quoted, sorted(signs)))
        return f"keep one currency in the column, and name it in another: these have {both}"
    if column.personal:  # a sign may be somebody's, too
        options = {option: value for option, value in options.items() if value is True}
    if options:
        return _of_options(broken, options, None in found)
    if column.type == "integer" and _fractions(broken, {}):
        return _decimal(broken)
    if comma and all("." in text for text in texts):
        return "take 'decimal_comma' off the source if these have a decimal point"
    return _of_anything(broken)


def _of_long(broken: Broken, long: Sequence[Decimal]) -> str:
    digits = max(number.adjusted() + 1 for number in long)
    if len(long) < len(broken.texts) or digits > DECIMAL_DIGITS:
        return _of_anything(broken)
    least = f"a 'scale' of {DECIMAL_DIGITS - digits} or less"
    return f"a decimal has {DECIMAL_DIGITS} digits: write {least} for {broken.name} in the contract"


def _of_options(broken: Broken, options: Options, others: bool) -> str:
    """Advice to set options with which some of the texts are read, and perhaps others are not."""
    fractions = broken.column.type == "integer" and _fractions(broken, options)
    if [*options] == [COMMA] and not fractions and broken.unread(broken.with_decimal_comma) >= broken.rows:
        return f"write these with a decimal point, as others are; '{COMMA}: true' would read these alone"
    rest = [f"correct those of another form ({CORRECT})"] if others else []
    if "percent" in options and broken.held() > broken.rows:
        # A percent sign in one row and none in another leaves open what the other means.
        rest.append("give the whole column a percent sign and set percent: true, or take it off")
        options.pop("percent")
    told = [f"{each}: {'true' if value is True else quoted(value)}" for each, value in options.items()]
    advice = [set_options(told)] if told else []
    if fractions:
        rest.append(_decimal(broken))
    if written_either_way(broken.texts, options):
        advice.append(f"or {COMMA}: true if the comma is the decimal sign")
    return ", ".join([*advice, *(rest if not advice else [f"and {each}" for each in rest])])


def _of_boolean(broken: Broken) -> str:
    words = list(dict.fromkeys(text.strip() for text in broken.texts))
    true = [word for word in words if word.lower() in _TRUE]
    false = [word for word in words if word.lower() in _FALSE]
    if len(true) + len(false) < len(words) or broken.column.personal:
        return "say which words stand for what: true_values: [...] and false_values: [...] for the source"
    told = (("true_values", ("true", "1"), true), ("false_values", ("false", "0"), false))
    return set_options(
        # What is read already is kept: the words that are named take the place of the usual ones.
        [f"{option}: [{', '.join(map(quoted, (*usual, *words)))}]" for option, usual, words in told if words]
    )


def _of_scale(broken: Broken) -> str:
    texts, most = [str(value) for value in broken.values], 0
    for text in texts:
        plain = text.replace(",", ".") if broken.decimal_comma else text
        number = _number(plain)
        exponent = number.normalize().as_tuple().exponent if number is not None else None
        most = max(most, -exponent if isinstance(exponent, int) else 0)
    if broken.column.scale < most <= _SCALE_AT_MOST:
        return f"write 'scale: {most}' for {broken.name} in the contract, or round it in the file"
    return "round it in the file"


def _of_words(broken: Broken) -> str:
    end: Literal["allowed", "pattern"] = "allowed" if broken.clause.kind == "allowed" else "pattern"
    change = f"{CORRECT}, or change '{end}' of {broken.name} in the contract"
    texts = broken.texts
    if texts and all(text != text.strip() and _fits(broken, text.strip()) for text in texts):
        return set_options(["trim: true"])
    if texts and not broken.column.personal and end == "allowed":
        words = {word.casefold(): word for word in broken.column.allowed or ()}
        meant = list(dict.fromkeys(words.get(text.strip().casefold()) for text in texts))
        if None not in meant:
            return f"write {', '.join(quoted(each) for each in meant if each)} as the contract does"
    return change


def _fits(broken: Broken, text: str) -> bool:
    column = broken.column
    if column.allowed is not None and text not in column.allowed:
        return False
    if column.pattern is None:
        return True
    return bool(pl.select(pl.lit(text).str.contains(whole(column.pattern))).item())


def _and_nullable(broken: Broken) -> str:
    if broken.column.nullable:
        return ""
    return f" and 'nullable: true' for {broken.name} in the contract"
