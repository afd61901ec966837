"""The published schema of records."""

from __future__ import annotations

from typing import Any

from phasegate.records.published.keys import described
from phasegate.records.schema import Record


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record, of each edition."""
    from phasegate.rules.loading.typed_schema import typed_schema

    schema = typed_schema(Record, "phasegate record")
    described(schema, "Record")
    return schema
