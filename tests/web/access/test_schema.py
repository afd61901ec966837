"""The published schema of the file that says who may look: that of its model, and it takes what docs show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from phasegate.web.access.schema import serve_schema

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "serve-access.md").read_text(encoding="utf-8")
SHOWN = [each for each in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL) if "access:" in each]
URL = "url: https://gates.example.org"
REFUSED = (
    "openid_secret: abc",
    f"{URL}, openid: {{issuer: https://id.example.org, client: a}}, header: {{user: X-User}}",
    "header: {user: X-User}",
    f"{URL}, header: {{user: X User}}",
    f"{URL}, openid: {{issuer: https://id.example.org, client: a, algorithms: [none]}}",
    "roles: [{who: {}, projects: [a], areas: [b]}]",
    "roles: [{who: {people: [ada]}, projects: [], areas: [b]}]",
    "roles: [{who: {people: [ada]}, projects: [a], areas: [1]}]",
    "roles: [{who: {people: [ada]}, areas: [b]}]",
    "rate: {per_minute: 0}",
)


def valid(text: str) -> bool:
    return bool(Draft202012Validator(serve_schema()).is_valid(yaml.safe_load(text)))


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "docs/schema/serve.json").read_text(encoding="utf-8")
    assert published == json.dumps(serve_schema(), indent=2, ensure_ascii=False) + "\n", (
        "write it anew: phasegate schema serve -o docs/schema/serve.json"
    )


@pytest.mark.parametrize(
    "text", [each for each in SHOWN if each.lstrip("# \n").startswith(("access", "yaml"))]
)
def test_it_takes_what_is_shown(text: str) -> None:
    assert valid(text)


@pytest.mark.parametrize("text", REFUSED)
def test_it_refuses_what_the_reader_refuses(text: str) -> None:
    assert not valid(f"access: {{{text}}}")


def test_every_key_is_described_and_has_an_example_that_it_takes() -> None:
    schema = serve_schema()
    validator = Draft202012Validator(schema)
    for name, part in {"file": schema, **schema["$defs"]}.items():
        for key, about in part["properties"].items():
            own = validator.evolve(schema={**about, "$defs": schema["$defs"]})
            assert about["description"].strip(), (name, key)
            assert [own.is_valid(each) for each in about["examples"]] == [True], (name, key)
