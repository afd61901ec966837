"""Time zones that a project file names and that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.model.project import Project
from phasegate.rules.values.time_zones import is_utc, zone_fault
from phasegate.rules.yaml.parser import Path as TreePath

_OFFSET = re.compile(r"[+-](?!00(?::?00)?\s*\Z)(?:0[0-9]|1[0-4])(?::?[0-5][0-9])?\s*\Z")
_CLOCK = re.compile(r"%(?:%|[-_0]?([HkIlMSTRrXc]))")
_NAMED_ZONE = re.compile(r"%(?:%|(Z))")


def zone_faults(project: Project, origin: Origin) -> Iterator[Diagnostic]:
    """Zones of the project and its sources that do not exist, and formats that read none.

    Args:
        project: the project file's content.
        origin: the project file.
    """
    named: list[tuple[TreePath, str | None]] = [(("time_zone",), project.time_zone)]
    named += [(("sources", name, "time_zone"), each.time_zone) for name, each in project.sources.items()]
    for path, zone in named:
        if zone is not None and not is_utc(zone) and (wrong := zone_fault(zone)) is not None:
            yield origin.diagnose("bad-zone", wrong[0], path, wrong[1], "value")
    for name, source in project.sources.items():
        for key in ("date_format", "datetime_format"):
            form: str | None = getattr(source, key)
            if form is not None and any(part[1] for part in _NAMED_ZONE.finditer(form)):
                # What stands there would be passed over, and the moment taken for one of another zone.
                message = f"{form!r} has %Z, the abbreviation of a zone, which names none for certain"
                hint = "'%z' reads an offset, as +02:00; 'time_zone' says how moments without one are read"
                yield origin.diagnose("bad-format", message, ("sources", name, key), hint, "value")
            elif form is not None and any(part[1] for part in _CLOCK.finditer(form)) and _OFFSET.search(form):
                message = f"{form!r} ends in an offset that would not be read"
                hint = "write '%z' for it: it reads any, as +02:00"
                yield origin.diagnose("bad-format", message, ("sources", name, key), hint, "value")
