"""What a run or a gate came to, as an in-toto test result, which other tools read (predicate v0.1).

See https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.audit.errors import TrailError, UnknownSubjectError
from phasegate.audit.ledger.entry_errors import EntryError, document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.in_toto import TEST_RESULT, Statement, Subject
from phasegate.audit.statements import subjects
from phasegate.audit.trail.runs import KeptRun, record_of
from phasegate.records.schema import Record
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.verdict import GateState, Verdict

_RESULTS = {GateState.OPEN.word: "PASSED", GateState.OPEN_WITH_WAIVERS.word: "WARNED"}
_NAMES = {Verdict.PASS.word: "passedTests", Verdict.WAIVED.word: "warnedTests"}


def run_result(ledger: Ledger, run: KeptRun) -> Statement:
    """The result of a run as a whole, about its record: of each criterion and target that counts.

    Raises:
        TrailError: if the ledger does not hold the run's record.
    """
    record: Record = record_of(ledger, run)
    verdicts = [
        (each["id"], each["verdict"]) for each in record["criteria"] if each["enforcement"] != "advisory"
    ]
    about = subjects.record(run.number, str(run.entry["record"]))
    return _result(about, record["outcome"], verdicts, record)


def gate_result(ledger: Ledger, run: KeptRun, gate: str) -> Statement:
    """The result of a gate that a run decided, about the gate's entry: of each point and target.

    Raises:
        UnknownSubjectError: if the run did not decide it.
        TrailError: if the run was a check, which decides no gate.
    """
    if run.entry.get("kind") != "gate":
        raise TrailError(
            f"run {run.number} is a check, and a check decides no gate", "'phasegate runs' lists the runs"
        )
    entries = {row.subject: row for row in ledger.find(("gate",), run=run.number)}
    if gate not in entries:
        raise UnknownSubjectError(gate, run.number, suggest(gate, entries, of="gates"))
    row = entries[gate]
    entry = document_of(row)
    if [entry.get(key) for key in ("entry", "id", "run")] != ["gate", gate, run.number]:
        raise EntryError(row, "is not what the ledger's index says")
    with naming(row):
        state, verdicts = entry["state"], [*entry["points"].items(), *entry["targets"].items()]
    about = subjects.gate(gate, row.seq, row.body)
    return _result(about, state, verdicts, record_of(ledger, run))


def _result(about: Subject, outcome: str, verdicts: Iterable[tuple[str, str]], record: Record) -> Statement:
    """Only what is known to be open passes; what could not be decided is a failure to those who ask."""
    tests: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for name, verdict in verdicts:
        if verdict != Verdict.NOT_APPLICABLE.word:
            tests[_NAMES.get(verdict, "failedTests")].append(name)
    rules = subjects.rules(record["pack"]["id"], record["pack"]["digest"])
    pack = {"name": rules.name, "digest": {"sha256": rules.digest.removeprefix("sha256:")}}
    return Statement(
        TEST_RESULT,
        [about],
        {"result": _RESULTS.get(outcome, "FAILED"), "configuration": [pack], **tests},
    )
