"""The OpenAPI document of the API, made from the types of its answers and the table of its addresses."""

from __future__ import annotations

from typing import Any

from phasegate.rules.loading.typed_schema import typed_schema
from phasegate.web.api import models
from phasegate.web.links import API

ANSWERS: dict[str, tuple[str, type]] = {
    "projects": ("The projects that may be read", models.Projects),
    "projects/{project}": ("A project as it stands", models.ProjectAnswer),
    "projects/{project}/runs": ("Its runs, the newest first, 100 at a time", models.Runs),
    "projects/{project}/record": ("The record of a run", models.RECORD),
    "projects/{project}/gate": ("A gate, and what it rests on", models.Part),
    "projects/{project}/point": ("A point, and what it rests on", models.Part),
    "projects/{project}/criterion": ("A criterion, and what it rests on", models.Part),
    "projects/{project}/requirement": ("A requirement, with the rows behind it", models.Part),
    "projects/{project}/changes": ("What a run decided otherwise than another", models.Changes),
    "projects/{project}/due": ("What ends by itself within 30 days", models.Due),
    "projects/{project}/statements": ("What stands in the ledger beside runs", models.Statements),
    "projects/{project}/verification": ("How far the verification has come", models.Verification),
}
"""Of each address below the API's what it gives, in words and as a type."""
_PARAMETERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "project": (
        "The key of the project: its id, or without one the name of its folder.",
        {"type": "string"},
        True,
    ),
    "id": ("What is asked about, as records name it.", {"type": "string"}, True),
    "run": ("The number of a run; the newest by its day, where it is left out.", {"type": "integer"}, False),
    "before": ("The number of a run.", {"type": "integer"}, False),
    "after": (
        "The number of a run; the newest by its day, where it is left out.",
        {"type": "integer"},
        False,
    ),
}
_STATUSES = {
    "304": "It is as it was: the ETag that was sent is the same.",
    "400": "What is asked for can not be.",
    "403": "Whoever asks may not read it.",
    "404": "It is not there, or whoever asks may not know that it is.",
    "503": "The ledger is damaged, away or another one: nothing is shown as it stands.",
}
_DEFS = "#/$defs/"


def openapi(queries: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The document.

    Args:
        queries: the parameters that each address takes, by its path.
    """
    schemas: dict[str, Any] = {}
    paths = {}
    for name, (says, kind) in ANSWERS.items():
        path = f"{API}/{name}"
        paths[path] = {"get": _operation(name, says, _component(kind, schemas), queries[path])}
    _component(models.Refusal, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "phasegate",
            "version": "1",
            "summary": "What the ledgers of some projects hold, to be read.",
            "description": "Every answer is made from the ledger as it stands, and has an ETag by its head.",
        },
        "paths": paths,
        "components": {"schemas": {name: schemas[name] for name in sorted(schemas)}},
    }


def _operation(name: str, says: str, answer: dict[str, Any], query: tuple[str, ...]) -> dict[str, Any]:
    inside = [("project", "path")] if "{project}" in name else []
    parameters = [_parameter(each, where) for each, where in [*inside, *((one, "query") for one in query)]]
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    answers: dict[str, Any] = {
        "200": {"description": says, "content": {"application/json": {"schema": answer}}}
    }
    for status, about in _STATUSES.items():
        answers[status] = {"description": about, **({} if status == "304" else {"content": refused})}
    told: dict[str, Any] = {"operationId": _id(name), "summary": says, "responses": answers}
    return {**told, "parameters": parameters} if parameters else told


def _id(name: str) -> str:
    last = name.rpartition("/")[2]
    return "project" if last == "{project}" else last


def _parameter(name: str, where: str) -> dict[str, Any]:
    says, schema, required = _PARAMETERS[name]
    return {"name": name, "in": where, "required": required, "description": says, "schema": schema}


def _component(kind: type, schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to the schema of a type, which is put among the others with all that it names."""
    schema = typed_schema(kind, kind.__name__)
    parts = schema.pop("$defs")
    schema.pop("$schema")
    for name, each in {**parts, kind.__name__: schema}.items():
        schemas.setdefault(name, _moved(each))
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _moved(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: each.replace(_DEFS, "#/components/schemas/") if key == "$ref" else _moved(each)
            for key, each in schema.items()
        }
    return [_moved(each) for each in schema] if isinstance(schema, list) else schema
