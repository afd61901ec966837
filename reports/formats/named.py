"""A format of reports by its name, whoever brings it."""

from __future__ import annotations

from phasegate.reports.formats.registry import FORMATS, Format


def format_named(name: str) -> Format:
    """The format of a name: of phasegate's own, or one that a plugin brings.

    Raises:
        PluginError: if there is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    from phasegate.reports.formats.foreign import foreign_format

    return foreign_format(name)
