"""The published JSON Schema is that of the models, and says yes and no where the reader does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from phasegate.records.published.record_schema import record_schema
from phasegate.rules.model.measure_kinds import KINDS
from phasegate.rules.schemas.json_schema import SCHEMA_KINDS, SchemaKind, json_schema

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_the_published_schema_is_current(kind: SchemaKind) -> None:
    published = (ROOT / f"docs/schema/{kind}.json").read_text()
    assert published == json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n", (
        f"write it anew: phasegate schema {kind} -o docs/schema/{kind}.json"
    )


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_no_mapping_takes_keys_that_its_model_does_not(kind: SchemaKind) -> None:
    schema = json_schema(kind)
    for definition in [schema, *schema["$defs"].values()]:
        if "properties" in definition:
            assert definition["additionalProperties"] is False


def test_keys_are_named_as_they_are_written_and_described() -> None:
    measure = json_schema("pack")["$defs"]["Measure"]
    assert {"from", "by", "where", *KINDS} <= set(measure["properties"])
    assert measure["properties"]["min_rows"]["description"].startswith("fewer rows than this")
    assert measure["oneOf"] == [{"required": [kind]} for kind in KINDS]


def test_a_file_of_a_pack_needs_no_key_of_the_others() -> None:
    assert "required" not in json_schema("pack")
    assert json_schema("project")["required"] == ["phasegate"]


def test_ids_are_held_to_their_pattern_and_may_look_like_numbers() -> None:
    pack = json_schema("pack")
    assert pack["properties"]["points"]["additionalProperties"] is False
    assert pack["$defs"]["Phase"]["properties"]["points"]["items"]["type"] == ["string", "number"]


@pytest.mark.parametrize("kind", [*SCHEMA_KINDS, "record"])
def test_every_key_is_described_and_has_an_example_that_it_takes(kind: Any) -> None:
    schema = record_schema() if kind == "record" else json_schema(kind)
    validator = Draft202012Validator(schema)
    lacking, refused = [], []
    for name, part in {kind: schema, **schema["$defs"]}.items():
        for key, about in part.get("properties", {}).items():
            if not about.get("description", "").strip() or not about.get("examples"):
                lacking.append(f"{name}.{key}")
            own = validator.evolve(schema={**about, "$defs": schema["$defs"]})
            refused += [
                (name, key, example) for example in about.get("examples", ()) if not own.is_valid(example)
            ]
    assert (lacking, refused) == ([], [])
