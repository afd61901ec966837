"""The published schema of the file that says who may look, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phasegate.rules.schemas.examples import with_examples
from phasegate.rules.schemas.json_schema import schema_of
from phasegate.web.access.file import ServeFile

_EXAMPLES: Mapping[str, Any] = {
    "Access.header": {"user": "X-Remote-User", "groups": "X-Remote-Groups"},
    "Access.hosts": ["gates.internal"],
    "Access.log": "looks.ndjson",
    "Access.openid": {"issuer": "https://id.example.org/realms/harbour", "client": "phasegate"},
    "Access.proxies": ["10.0.0.5", "10.1.0.0/24"],
    "Access.url": "https://gates.example.org",
    "Access.roles": [{"who": {"groups": ["harbour"]}, "projects": ["*"], "areas": ["*"]}],
    "Header.groups": "X-Remote-Groups",
    "Header.secret": "X-Proxy-Secret",
    "Header.separator": ";",
    "Header.user": "X-Remote-User",
    "OpenId.algorithms": ["ES256"],
    "OpenId.client": "phasegate",
    "OpenId.groups": "roles",
    "OpenId.issuer": "https://id.example.org/realms/harbour",
    "OpenId.person": "email",
    "OpenId.scopes": ["groups"],
    "OpenId.session": "30 minutes",
    "Role.areas": ["1", "4"],
    "Role.projects": ["harbour.3f0c96d1"],
    "Role.who": {"groups": ["harbour"]},
    "ServeFile.access": {"local": {"evidence": True}},
    "Who.groups": ["harbour"],
    "Who.people": ["ada"],
    "burst": 200,
    "per_minute": 600,
}


def serve_schema() -> dict[str, Any]:
    """The JSON Schema of ``phasegate.serve.yaml``; names are texts there, whatever they look like."""
    schema = schema_of(ServeFile)
    schema["$defs"]["Access"]["not"] = {"required": ["header", "openid"]}
    schema["$defs"]["Access"]["dependentRequired"] = {
        "header": ["url"],
        "openid": ["url"],
    }
    schema["$defs"]["Who"]["anyOf"] = [{"required": ["groups"]}, {"required": ["people"]}]
    schema["title"] = "phasegate file of who may look at served pages"
    with_examples(schema, ServeFile.__name__, _EXAMPLES)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
