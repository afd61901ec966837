"""How columns become days and moments: from text, or from the type that a file has.

A ``datetime`` column holds its instants as the clocks of the project's zone show them, without a zone: a
moment then belongs to the day that is written in it, in every condition and query alike, and a ``date``
column over the same instants holds that very day (docs/decisions/0028).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import polars as pl

from phasegate.rules.values.time_zones import UTC, is_utc

_DAY = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
# No place on earth is further from UTC than 14 hours.
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-3])(?::?[0-5][0-9])?|[+-]14(?::?00)?)"
_MOMENT = rf"\A({_DAY}{_CLOCK})\z"
_INSTANT = rf"\A({_DAY}{_CLOCK} ?{_OFFSET})\z"
_DIRECTIVE = re.compile(r"%[-_0]?(:{0,3}#?z|\.?[0-9]*[A-Za-z%+])")
_UTC_IN_WORDS = re.compile(r"(?:Z|UTC|GMT|[+-]00(?::?00)?)\s*\Z")
_OF_THE_CLOCK = frozenset("HkIlMSTRrXcpP+")


@dataclass(frozen=True, slots=True)
class Zones:
    """Where clocks stood, and where days are counted.

    Attributes:
        source: the zone of moments that are written without an offset.
        project: the zone whose days count.
    """

    source: str = UTC
    project: str = UTC

    @property
    def plain(self) -> bool:
        """Whether what is written without an offset is what counts, at every moment of the year."""
        return is_utc(self.source) and is_utc(self.project)


EVERYWHERE_UTC = Zones()


def day_from_text(text: pl.Expr, form: str | None, zones: Zones) -> pl.Expr:
    """The days that texts name; of a text with a time, the day of that moment in the project's zone.

    Args:
        text: the texts.
        form: how they are written, as ``%d.%m.%Y``; None for ISO 8601.
        zones: of the source and the project.
    """
    if form is not None:
        wanted = _directives(form)
        if _names_instant(form) or (wanted & _OF_THE_CLOCK and zones.source != zones.project):
            return moment_from_text(text, form, zones).dt.date()
        return _of_our_era(text.str.to_date(form, strict=False))
    length = text.str.len_bytes()
    day = pl.when((length == 10) & _four_digits(text)).then(text).str.to_date("%Y-%m-%d", strict=False)
    common, odd = _clock(pl.when(length > 10).then(text), zones)
    return pl.coalesce(day, common.dt.date(), _odd(odd, zones).dt.date())


def moment_from_text(text: pl.Expr, form: str | None, zones: Zones) -> pl.Expr:
    """The moments that texts name, as the clocks of the project's zone show them.

    A text that is a day is the first moment of that day, in any zone.

    Args:
        text: the texts.
        form: how they are written, as ``%d.%m.%Y %H:%M``; None for ISO 8601.
        zones: of the source and the project.
    """
    if form is not None:
        return _of_our_era(_by_form(text, form, zones))
    common, odd = _clock(text, zones)
    length = odd.str.len_bytes()
    day = pl.when((length == 10) & _four_digits(odd)).then(odd).str.to_date("%Y-%m-%d", strict=False)
    rest = pl.when(length > 10).then(odd)
    return pl.coalesce(common, day.cast(pl.Datetime("us")), _odd(rest, zones))


def moment_from_type(moment: pl.Expr, found: pl.Datetime, zones: Zones) -> pl.Expr:
    """Moments of a file with types, as the clocks of the project's zone show them, in microseconds.

    Args:
        moment: the column.
        found: its type; without a zone it is a moment of the source's zone.
        zones: of the source and the project.
    """
    moment = moment.cast(pl.Datetime("us", found.time_zone))
    return _written(moment, zones) if found.time_zone is None else _shown(moment, zones.project)


def _by_form(text: pl.Expr, form: str, zones: Zones) -> pl.Expr:
    if _names_offset(form):
        # "%#z" reads all that "%z" does, and "Z" and "+02" besides.
        form = _DIRECTIVE.sub(lambda part: "%#z" if part[1].endswith("z") else part[0], form)
        instant = text.str.to_datetime(form, strict=False, time_unit="us")
        return _shown(instant, zones.project)
    moment = text.str.to_datetime(form, strict=False, time_unit="us", ambiguous="null")
    if _names_instant(form):
        return _shown(moment.dt.replace_time_zone(UTC), zones.project)
    wanted = _directives(form)
    return _written(moment, zones) if wanted & _OF_THE_CLOCK else moment


def _directives(form: str) -> set[str]:
    return {part[-1] for part in _DIRECTIVE.findall(form)}


def _names_offset(form: str) -> bool:
    return bool(_directives(form) & {"z", "+"})


def _names_instant(form: str) -> bool:
    """Whether a form is of instants, whatever clocks show: with an offset, in UTC, or seconds since 1970.

    ``%H:%M:%SZ`` says UTC as well as ``%z`` would read it.
    """
    wanted = _directives(form)
    in_utc = wanted & _OF_THE_CLOCK and _UTC_IN_WORDS.search(_DIRECTIVE.sub("\0", form))
    return _names_offset(form) or "s" in wanted or bool(in_utc)


def _clock(text: pl.Expr, zones: Zones) -> tuple[pl.Expr, pl.Expr]:
    """Timestamps in the most common forms, and the texts in all others.

    Everything else costs a regular expression; where a text is null, polars is done at once. Which form
    a text has is told by its shape alone: polars would read it anew for each question about its value.
    """
    length = text.str.len_bytes()
    in_utc = (length == 20) & text.str.ends_with("Z")
    # A year of four digits; a 60th second would belong to the next day.
    common = text.str.contains(r"\A[1-9].{15}:[0-5]") & ((length == 19) | in_utc)
    odd = pl.when(~common).then(text)
    if zones.plain:
        return _read(pl.when(common).then(text)), odd
    instant = _shown(_read(pl.when(common & in_utc).then(text)).dt.replace_time_zone(UTC), zones.project)
    moment = _written(_read(pl.when(common & ~in_utc).then(text)), zones)
    return pl.coalesce(moment, instant), odd


def _four_digits(text: pl.Expr) -> pl.Expr:
    """Whether a text begins like a year of four digits, and not as ``0024`` or ``+024`` do."""
    return text.str.slice(0, 1).is_between(pl.lit("1"), pl.lit("9"))


def _read(text: pl.Expr) -> pl.Expr:
    plain = text.str.replace("T", " ", literal=True).str.strip_suffix("Z")
    return plain.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")


def _odd(text: pl.Expr, zones: Zones) -> pl.Expr:
    """Timestamps in all forms of ISO 8601 that are read, as the clocks of the project's zone show them."""
    # Each step reads the one before it once: an expression that reads one twice holds it twice.
    zoned = text.str.extract(_INSTANT).str.replace("T", " ", literal=True)
    for sign in "+-Z":
        zoned = zoned.str.replace(f" {sign}", sign, literal=True)
    zoned = zoned.str.replace(r"\A(.{16})([Z+-])", "${1}:00${2}")
    instant = zoned.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", strict=False, time_unit="us")
    bare = text.str.extract(_MOMENT).str.replace("T", " ", literal=True)
    bare = bare.str.replace(r"\A(.{16})\z", "${1}:00")
    moment = bare.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    return pl.coalesce(_shown(instant, zones.project), _written(moment, zones))


def _shown(instant: pl.Expr, zone: str) -> pl.Expr:
    """What the clocks of a zone show at instants."""
    return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def _written(moment: pl.Expr, zones: Zones) -> pl.Expr:
    """What the clocks of the project's zone showed when those of the source's showed something.

    What the source's clocks skipped never was, and is null. Of what they showed twice nobody can tell
    which it was: the first, if both belong to one day of the project, and else null too.
    """
    if zones.plain:
        return moment
    first = moment.dt.replace_time_zone(zones.source, ambiguous="earliest", non_existent="null")
    if zones.source == zones.project:
        return pl.when(first.is_not_null()).then(moment)
    shown = _shown(first, zones.project)
    if is_utc(zones.source):
        return shown
    last = moment.dt.replace_time_zone(zones.source, ambiguous="latest", non_existent="null")
    return pl.when(shown.dt.date() == _shown(last, zones.project).dt.date()).then(shown)


def _of_our_era(date: pl.Expr) -> pl.Expr:
    """Null where the year has fewer than four digits: ``24`` would be read as the year 24."""
    return pl.when(date >= dt.date(1000, 1, 1)).then(date)
