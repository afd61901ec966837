"""What is odd in a map itself. Reported, never mended."""

from __future__ import annotations

from phasegate.rules.maps.checks.figures import figure_oddities
from phasegate.rules.maps.checks.finding import Finding
from phasegate.rules.maps.checks.phases import phase_oddities
from phasegate.rules.maps.checks.points import point_oddities
from phasegate.rules.maps.checks.wording import text_oddities
from phasegate.rules.maps.reader.model import MapRead


def oddities(read: MapRead) -> list[Finding]:
    """Everything odd in a map, by line."""
    found = [*point_oddities(read), *phase_oddities(read), *figure_oddities(read), *text_oddities(read)]
    return sorted(found, key=lambda finding: (finding.lines[:1], finding.kind, finding.text))
