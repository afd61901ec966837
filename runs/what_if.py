"""A run under rules as they are supposed: what would follow from them, by which nothing is decided."""

from __future__ import annotations

from dataclasses import replace

from phasegate.records.schema import SupposedEntry, WhatIfEntry
from phasegate.records.waivers import as_under
from phasegate.rules.changes.what_if import WhatIf, WhatIfError, supposed
from phasegate.rules.loading.project import LoadedProject
from phasegate.runs.collect_statements import Presented
from phasegate.runs.preflight import pack_faults


def suppose(
    loaded: LoadedProject, presented: Presented, what_if: WhatIf
) -> tuple[LoadedProject, Presented, WhatIfEntry]:
    """The project under the rules that are supposed, what people present to it then, and what is supposed.

    Waivers that count under the rules in force count under these too, unless none is to.

    Args:
        loaded: the project, free of lint errors.
        presented: the statements of people that count or were refused under the rules in force.
        what_if: what is supposed.

    Raises:
        WhatIfError: if the rules would be wrong, or have not what is supposed of them.
    """
    rules, told = supposed(loaded.pack, what_if)
    faults = [each for each in pack_faults(rules, oddities=False) if each.severity == "error"] if told else []
    if faults:
        raise WhatIfError(faults[0].message, faults[0].hint)
    waivers = as_under(presented.waivers, loaded.pack.digest, rules.digest)
    return (
        replace(loaded, pack=rules),
        replace(presented, waivers=() if what_if.without_waivers else waivers),
        WhatIfEntry(
            rules=[SupposedEntry(what=each.what, id=each.id, was=each.was, now=each.now) for each in told],
            without_waivers=what_if.without_waivers,
        ),
    )
