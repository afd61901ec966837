"""What is downloaded: proofs, the files of rows, and reports; each as the command of its name makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.trail.runs import content_of
from phasegate.audit.verification.make_proof import make_proof
from phasegate.audit.verification.proof_subject import entry_of, file_name
from phasegate.web.cache import Answer
from phasegate.web.errors import NotAllowedError, NotThereError
from phasegate.web.narrow import area_of
from phasegate.web.pages.whole_report import FILES
from phasegate.web.pages.whole_report import told as told_run

if TYPE_CHECKING:
    from phasegate.audit.ledger.store import Row
    from phasegate.web.asked import Asked

_BINARY = "application/octet-stream"


def proof(asked: Asked) -> Answer:
    """The proof of what a run decided about an id; the file that `prove` writes."""
    given = asked.id()
    if not asked.viewer.may_read_whole(asked.key) and given not in _readable(asked):
        raise _not_there(asked, given)  # before it is looked for: what is alike would be proposed
    row = entry_of(asked.ledger.log, asked.run, given)
    _refuse(asked, row)
    text = make_proof(asked.ledger.log, row)
    return Answer(text.encode(), "application/json", file=_safe(file_name(given, asked.run.number)))


def _refuse(asked: Asked, row: Row) -> None:
    """Lets nobody have in a proof what they may not read; a proof holds rows of its evidence."""
    if asked.viewer.may_read_whole(asked.key) and row.kind in ("run", "gate"):
        return
    if row.kind not in ("point", "target"):
        raise NotAllowedError("what all areas of this project make together")
    subject = str(document_of(row).get("id"))
    points = {each["id"]: each["area"] for each in asked.record["points"]}
    readable = {*points, *(each["id"] for each in asked.record["criteria"])}
    if subject not in readable:
        raise _not_there(asked, subject)
    area = points[subject] if row.kind == "point" else area_of(asked.record, subject)
    if not asked.viewer.may_see_evidence(asked.key, area):
        raise NotAllowedError("the evidence in this proof")
    asked.looks.append((f"run {asked.run.number}, {subject}", area))


def _readable(asked: Asked) -> set[str]:
    """The ids of what has a proof that somebody who may not read all areas may have."""
    record = asked.record
    return {each["id"] for each in (*record["points"], *record["criteria"], *record["requirements"])}


def _not_there(asked: Asked, given: str) -> NotThereError:
    return NotThereError(f"run {asked.run.number} decided nothing called {given!r} that you may read")


def rows(asked: Asked) -> Answer:
    """The file of the rows behind a requirement; the one that `evidence` writes."""
    requirement = asked.requirement()
    found = next(iter(asked.with_rows(requirement).get("rows", ())), None)
    if found is None or found["digest"] not in asked.run.entry.get("rows", ()):
        raise NotThereError("no file of rows is kept with the run that you may have")
    data = content_of(asked.ledger.log, found["digest"])
    name = file_name(requirement["id"], asked.run.number).removeprefix("proof-").removesuffix(".json")
    return Answer(data, _BINARY, file=_safe(f"rows-{name}.parquet"))


def report(asked: Asked) -> Answer:
    """A run in a format of reports; the file that `report` writes."""
    from phasegate.reports.formats.registry import FORMATS

    name = asked.given("format", "html")
    if name not in FILES:
        raise NotThereError(f"a run is not to be had as {name!r} here", f"the formats are {', '.join(FILES)}")
    if not asked.viewer.may_see_evidence(asked.key):
        raise NotAllowedError("the rows in this report")
    asked.looks.append((f"run {asked.run.number}, all", None))
    told = FORMATS[name].render(told_run(asked, asked.ledger.record(asked.run)))
    data = told.encode("utf-8", "replace") if isinstance(told, str) else told
    ending = (*FORMATS[name].endings, ".txt")[0]
    return Answer(data, _BINARY, file=_safe(f"run-{asked.run.number}{ending}"))


def _safe(name: str) -> str:
    """A name as a header takes it."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "-" for each in name)
