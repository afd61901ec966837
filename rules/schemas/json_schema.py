"""JSON Schema of what people write, for editors that complete and check YAML."""

from __future__ import annotations

import inspect
import re
from typing import Any, Literal, get_args

from pydantic import BaseModel

from phasegate.rules.cases.model import CaseFile
from phasegate.rules.model.connection import DATABASES, STORES
from phasegate.rules.model.measure_kinds import KINDS
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Project
from phasegate.rules.model.waiver import WaiverFile
from phasegate.rules.portfolio.model import PortfolioFile
from phasegate.rules.schemas.examples import with_examples

SchemaKind = Literal["project", "pack", "waivers", "case", "portfolio"]
SCHEMA_KINDS: tuple[SchemaKind, ...] = get_args(SchemaKind)
_MODELS: dict[SchemaKind, type[BaseModel]] = {
    "project": Project,
    "pack": Pack,
    "waivers": WaiverFile,
    "case": CaseFile,
    "portfolio": PortfolioFile,
}
_TITLES = {
    "project": "phasegate project file",
    "pack": "a file of a phasegate pack",
    "waivers": "phasegate waiver file",
    "case": "a file of cases that test the rules of a phasegate pack",
    "portfolio": "phasegate portfolio file",
}
_ATTRIBUTES = re.compile(
    r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.+?)(?=^ {4}\w|\Z)", re.MULTILINE | re.DOTALL
)


def schema_file(kind: SchemaKind) -> str:
    """The name of the file beside those of a kind that has their schema."""
    return f"{kind}.schema.json"


def modeline(kind: SchemaKind) -> str:
    """The comment by which editors find the schema of a file: beside it, so that they ask no network."""
    return f"# yaml-language-server: $schema={schema_file(kind)}"


def json_schema(kind: SchemaKind) -> dict[str, Any]:
    """The JSON Schema of a kind of file.

    A pack may be spread over several files, so that a file of it needs none of the top-level keys.

    Returns:
        A schema of draft 2020-12, the same for the same models.
    """
    schema = schema_of(_MODELS[kind])
    _as_read(schema)
    if "Measure" in schema.get("$defs", {}):
        schema["$defs"]["Measure"]["oneOf"] = [{"required": [kind]} for kind in KINDS]
    if "SourceFile" in schema.get("$defs", {}):
        schema["$defs"]["SourceFile"]["oneOf"] = [
            {"required": ["path"]},
            {"required": ["from", "table"], "not": {"required": ["path"]}},
        ]
        schema["$defs"]["Connection"]["oneOf"] = [{"required": [name]} for name in (*DATABASES, *STORES)]
    if "PortfolioProject" in schema.get("$defs", {}):
        schema["$defs"]["PortfolioProject"]["oneOf"] = [
            {"required": ["path"], "not": {"anyOf": [{"required": ["ledger"]}, {"required": ["project"]}]}},
            {"required": ["ledger", "project"], "not": {"required": ["path"]}},
        ]
        schema["$defs"]["RollUp"]["oneOf"] = [{"required": ["at_least"]}, {"required": ["weighted"]}]
    if kind == "pack":
        schema.pop("required", None)
    schema["title"] = _TITLES[kind]
    with_examples(schema, _MODELS[kind].__name__)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_of(top: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model and of all that it leads to, with what their docstrings say of each key."""
    schema = top.model_json_schema(by_alias=True)
    models = {model.__name__: model for model in _reachable(top)}
    for name, definition in schema.get("$defs", {}).items():
        _describe(definition, models.get(name))
    _describe(schema, top)
    return schema


def _reachable(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all that its fields lead to."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one not in found:
                found.add(one)
                waiting += [field.annotation for field in one.model_fields.values()]
        else:
            waiting += get_args(one)
    return found


def _describe(schema: dict[str, Any], model: type[BaseModel] | None) -> None:
    """Puts what the model's docstring says to its keys into the schema."""
    schema.pop("title", None)
    properties: dict[str, Any] = schema.get("properties", {})
    for entry in properties.values():
        entry.pop("title", None)
    if model is None or not model.__doc__:
        return
    schema["description"] = _one_line(inspect.cleandoc(model.__doc__).partition("\n\nAttributes:\n")[0])
    texts = {
        name: _one_line(found["text"])
        for kind in reversed(model.__mro__)  # the docstring of a model tells its own keys
        for found in _ATTRIBUTES.finditer(
            inspect.cleandoc(kind.__doc__ or "").partition("\n\nAttributes:\n")[2]
        )
        for name in found["names"].split(", ")
        if name in model.model_fields
    }
    for name, field in model.model_fields.items():
        entry = properties.get(field.alias or name)
        if entry is not None and name in texts:
            entry.setdefault("description", texts[name])


def _as_read(schema: Any) -> None:
    """Says what the reader does: numbers with a point stay texts, ids are held to their pattern."""
    if isinstance(schema, list):
        for entry in schema:
            _as_read(entry)
    elif isinstance(schema, dict):
        in_letters = str(schema.get("pattern", "")).startswith("^[a-z]")
        if (
            schema.get("type") == "string"
            and not schema.keys() & {"enum", "format", "const"}
            and not in_letters
        ):
            schema["type"] = ["string", "number"]
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for entry in schema.values():
            _as_read(entry)


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
