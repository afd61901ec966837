"""Snapshots of reports, by syrupy: one file a snapshot, in the format and with the ending of the report."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from phasegate.records.build import exit_code
from phasegate.reports.formats.registry import FORMATS, Format
from phasegate.reports.report import Report

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

    from phasegate.records.schema import Record

ANY = "any"
"""Stands for each version in a snapshot."""
_OTHERS = {"oscal": "json", "code-scanning": "sarif"}
"""The endings of formats that no short ending tells; the name of such a snapshot tells the format too."""


def settled(record: Record) -> Record:
    """A record without what another installation would change alone.

    That is the versions that decided it, and the bytes of Parquet files, which another polars writes
    otherwise. Formats tell both, and the digest of the record covers them. All else follows from the
    project's rules, its tables and the day.
    """
    made: Record = {**record, "versions": dict.fromkeys(record["versions"], ANY)}
    if "rows" in record:
        made["rows"] = [{**each, "digest": ANY, "size": 0} for each in record["rows"]]
    return made


class ReportSnapshot(SingleFileSnapshotExtension):
    """A report as the text of a file, line by line.

    Attributes:
        form: its format.
    """

    _write_mode = WriteMode.TEXT
    form: ClassVar[Format]

    def serialize(self, data: Any, **_: Any) -> str:
        """The report of a record; lines end with a line feed alone, as a repository keeps them.

        Raises:
            TypeError: if it is no record.
        """
        if not isinstance(data, dict) or not {"schema", "versions", "outcome"} <= set(data):
            raise TypeError(f"report_snapshot is compared with a record, not with {type(data).__name__}")
        record: Record = settled(data)  # type: ignore[arg-type]  # it has what tells a record
        text = self.form.render(Report(record, exit_code(record["outcome"])))
        assert isinstance(text, str)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name of the test, with the format where the ending does not tell it."""
        name = super().get_snapshot_name(test_location=test_location, index=index)
        alone = cls.form.endings and cls.form.name not in _OTHERS
        return name if alone else f"{name}[{cls.form.name}]"


@cache
def extension_for(name: str) -> type[ReportSnapshot]:
    """The extension of syrupy for a format.

    Raises:
        ValueError: if there is none of that name, or it is no text, which nobody could compare.
    """
    forms = {each.name: each for each in FORMATS.values() if each.text}
    if name not in forms:
        raise ValueError(f"no snapshot is made of the format {name!r}; there are {', '.join(forms)}")
    told = forms[name]

    class Made(ReportSnapshot):
        form = told
        file_extension = _OTHERS.get(name) or (told.endings[0][1:] if told.endings else "txt")

    return Made
