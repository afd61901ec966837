"""A waiver as somebody asks for it on a command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pydantic import ValidationError

from phasegate.audit.errors import TrailError
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.time_zones import UTC, begin_of

_NEEDED = {"reason": "--reason", "risk_owner": "--risk-owner", "requester": "--requester", "until": "--until"}


class IncompleteWaiverError(TrailError):
    """A waiver that does not say what a waiver must."""


def asked_waiver(
    requirement: str | None,
    said: Mapping[str, object],
    approver: str,
    pack_digest: str,
    now: dt.datetime,
    zone: str = UTC,
) -> Waiver:
    """The waiver that options ask for.

    Args:
        requirement: what is excused.
        said: the options by name, as they were read.
        approver: who signs.
        pack_digest: of the rules in force.
        now: the moment of signing.
        zone: the time zone of the project, in which days begin.

    Raises:
        IncompleteWaiverError: with everything that is missing, or what is malformed.
    """
    missing = [option for name, option in _NEEDED.items() if not said[name]]
    if requirement is None or missing:
        what = ", ".join([*(["the requirement"] if requirement is None else []), *missing])
        raise IncompleteWaiverError(f"a waiver needs {what}", "phasegate waive --help shows how it is used")
    start, until = said["start"], said["until"]
    try:
        return Waiver.model_validate(
            {
                "id": said["id_"] or f"W-{now:%Y%m%dT%H%M%SZ}",
                "requirement": requirement,
                "pack_digest": pack_digest,
                "covers": said["covers"],
                "floor": said["floor"],
                "reason": said["reason"],
                "risk_owner": said["risk_owner"],
                "requester": said["requester"],
                "approver": approver,
                "granted": now,
                "start": begin_of(start, zone) if isinstance(start, dt.date) else now,
                "end": begin_of(until, zone) if isinstance(until, dt.date) else until,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise IncompleteWaiverError(f"this is no waiver: {where}: {first['msg']}") from error
