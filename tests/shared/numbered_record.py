"""Records with the numbers for programs that older saved ones do not have."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

from phasegate.engine.plan import Requirement, tests_of
from phasegate.records.facts import recorded_fact
from phasegate.records.numbers import requirement_numbers
from phasegate.records.rows_behind import limits_of, written
from phasegate.records.schema import SCHEMA, Record
from phasegate.rules.values.bounds import Bound


def numbered(record: Record) -> Record:
    """The record as one of today's schema has it; the given one stays as it is."""
    found = copy.deepcopy(record)
    found["schema"] = SCHEMA
    facts = {each["id"]: recorded_fact(each) for each in found["facts"]}
    for each in found["requirements"]:
        bound = Bound.parse(written(each["bound"]))
        if bound.operator not in ("is", "in"):
            bound = replace(bound, limits=limits_of(bound, each))
        asked = Requirement(each["id"], "m", "", each["bound"], each["unit"], tests_of(bound))
        told: Any = requirement_numbers(asked, facts[each["fact"]], dt.date.fromisoformat(found["as_of"]))
        each.update(told)
    return found
