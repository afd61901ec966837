"""What was decided, for programs: gates, verdicts and facts as frames, the rows behind them, and reports."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    import polars as pl

    from phasegate.records.schema import Record, RequirementEntry
    from phasegate.reports.report import Report


class UndecidedIdError(PhasegateError):
    """An id that was not decided."""

    def __init__(self, given: str, hint: str | None) -> None:
        super().__init__(f"the run decided no {given!r}", hint)


class SeveralRequirementsError(PhasegateError):
    """An id of several requirements that have rows, each of columns of its own."""

    def __init__(self, given: str, found: list[str]) -> None:
        super().__init__(
            f"{given!r} stands for {len(found)} requirements that have rows", f"name one: {found}"
        )


class NoRowsError(PhasegateError):
    """A verdict behind which there are no rows at hand, though it is none that passes."""

    def __init__(self, requirement: RequirementEntry, why: str, hint: str | None = None) -> None:
        super().__init__(f"there are no rows of {requirement['id']} ({requirement['verdict']}): {why}", hint)


class UnknownReportError(PhasegateError):
    """A format that no report has."""

    def __init__(self, form: str, hint: str | None) -> None:
        super().__init__(f"there is no format {form!r}", hint)


class Result:
    """What was decided. Made by `Project.check`.

    Args:
        report: the record with what is known beside it.
        rows: the rows behind verdicts as Parquet, by digest.
    """

    def __init__(self, report: Report, rows: Mapping[str, bytes]) -> None:
        self._report, self._rows = report, rows

    def __repr__(self) -> str:
        kept = "not kept" if self.run is None else f"run {self.run}"
        return f"<phasegate.Result {self.outcome} as of {self.record['as_of']}, {kept}>"

    @property
    def record(self) -> Record:
        """The whole document, as ``phasegate check --format json`` writes it."""
        return self._report.record

    @property
    def outcome(self) -> str:
        """``open``, ``open_with_waivers``, ``closed``, ``undecided`` or ``nothing``."""
        return self.record["outcome"]

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0 where it is open, with waivers or without, and nowhere else."""
        return self._report.code

    @property
    def run(self) -> int | None:
        """The number of the run in the ledger; None where it was not kept."""
        return self._report.kept.run if self._report.kept is not None else None

    @cached_property
    def gates(self) -> pl.DataFrame:
        """The gates, a row each, with their ``state`` and the ``reasons`` for it."""
        from phasegate.api.frames import gates_frame

        return gates_frame(self.record)

    @cached_property
    def verdicts(self) -> pl.DataFrame:
        """The requirements, a row each, with their ``verdict``, what was ``observed``, and the ``reason``."""
        from phasegate.api.frames import verdicts_frame

        return verdicts_frame(self._report)

    @cached_property
    def facts(self) -> pl.DataFrame:
        """The facts, a row each: ``value``, or ``low`` and ``high`` where missing values leave it open."""
        from phasegate.api.frames import facts_frame

        return facts_frame(self.record)

    def failing_rows(self, id: str) -> pl.DataFrame:  # noqa: A002 - as commands call it
        """The rows that keep a requirement from passing, personal columns masked; none where it passes.

        Args:
            id: of the requirement, its criterion, its measure, or whatever stands for one that has rows.

        Raises:
            UndecidedIdError: if it was not decided.
            SeveralRequirementsError: if it stands for several that have rows.
            NoRowsError: if it does not pass for another reason than its rows, or they are not at hand.
        """
        import polars as pl

        from phasegate.runs.evidence import requirements_named

        asked = requirements_named(self.record, id)
        if not asked:
            from phasegate.rules.diagnostics.suggestions import suggest

            known = [each["id"] for each in (*self.record["requirements"], *self.record["facts"])]
            raise UndecidedIdError(id, suggest(id, known, of="ids"))
        told = {each["requirement"]: each for each in self.record.get("rows", ())}
        found = [each["id"] for each in asked if each["id"] in told]
        if len(found) > 1:
            raise SeveralRequirementsError(id, found)
        if not found:
            self._refuse_without_rows(asked)
            return pl.DataFrame()
        entry = told[found[0]]
        if entry["digest"] not in self._rows:
            requirement = next(each for each in asked if each["id"] == found[0])
            more = f"they take {entry['size']:,} bytes, and are not held"
            raise NoRowsError(requirement, more, "keep the run, and ask 'phasegate evidence' for them")
        return pl.read_parquet(io.BytesIO(self._rows[entry["digest"]]))

    def report(self, form: str = "markdown") -> str | bytes:
        """What was decided as a report, in any format of ``phasegate check --format``, plugins' included.

        Args:
            form: the name of the format.

        Raises:
            UnknownReportError: if there is no such format.
        """
        from phasegate.reports.formats.registry import FORMATS

        if form in FORMATS:
            return FORMATS[form].render(self._report)
        from phasegate.reports.formats.foreign import foreign_format
        from phasegate.rules.diagnostics.suggestions import suggest
        from phasegate.rules.loading.plugins import names_of

        if form not in (others := names_of("report")):
            raise UnknownReportError(form, suggest(form, [*FORMATS, *others], of="formats"))
        return foreign_format(form).render(self._report)

    def _repr_html_(self) -> str:
        from phasegate.reports.html.notebook import render_notebook

        return render_notebook(self._report)

    def _refuse_without_rows(self, asked: Sequence[RequirementEntry]) -> None:
        from phasegate.rules.model.verdict import SETTLED

        for each in asked:
            if each["verdict"] not in SETTLED:
                why = each["reason"] or "no single rows are at fault"
                hint = (
                    "a sum and the like have none, nor has anything where the project has 'evidence_rows: 0'"
                )
                raise NoRowsError(each, why, hint)
