"""What is odd in a map itself. Reported, never mended."""

from __future__ import annotations

from phasegate.rules.map_figure_oddities import figure_oddities
from phasegate.rules.map_finding import Finding
from phasegate.rules.map_model import MapRead
from phasegate.rules.map_phase_oddities import phase_oddities
from phasegate.rules.map_point_oddities import point_oddities
from phasegate.rules.map_text_oddities import text_oddities


def oddities(read: MapRead) -> list[Finding]:
    """Everything odd in a map, by line."""
    found = [*point_oddities(read), *phase_oddities(read), *figure_oddities(read), *text_oddities(read)]
    return sorted(found, key=lambda finding: (finding.lines[:1], finding.kind, finding.text))
