"""Formats of reports that plugins bring: a record in, a text or bytes out.

A plugin is a function that is given the record and gives what is written. It is in no record: what it writes
follows from one, and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phasegate.reports.formats.registry import FORMATS, Format
from phasegate.rules.loading.plugins import Plugin, PluginError, loaded, plugin, reason

if TYPE_CHECKING:
    from phasegate.reports.report import Report

_OF_NO_FILE = r"(?!)"
"""No file is taken for a report of a plugin: nobody but the plugin knows how these look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFormat(Format):
    """A format that a plugin brings.

    Attributes:
        plugin: what it is.
        function: what renders it.
    """

    plugin: Plugin
    function: Callable[[Any], object]

    def render(self, report: Report) -> str | bytes:
        """The report as it is written; the plugin gets a record of its own, which it can not change.

        Raises:
            PluginError: with what the plugin raises, or if it gives no text and no bytes, or none at all.
        """
        by = self.plugin.shown
        try:
            made = self.function(json.loads(json.dumps(report.record)))
        except Exception as error:
            raise PluginError(f"{by} can not tell this record: {reason(error)}") from error
        if not isinstance(made, str | bytes):
            raise PluginError(f"{by} gives a {type(made).__name__}, and neither text nor bytes")
        if not made:
            raise PluginError(f"{by} gives nothing")
        return made


def foreign_format(name: str) -> ForeignFormat:
    """The format of a name.

    Raises:
        PluginError: if no plugin brings it, or it can not be loaded.
    """
    found = plugin("report", name, tuple(FORMATS))
    endings = tuple(ending for each in FORMATS.values() for ending in each.endings)
    return ForeignFormat(
        name, found.shown, "", _OF_NO_FILE, also=endings, plugin=found, function=loaded(found)
    )
