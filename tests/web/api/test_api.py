"""The API holds to its own document, and says what the commands say; the feed and the badge likewise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from kept_runs import DAYS, keep, write_project
from served_world import KEY, PROJECT, REQUIREMENT, asking, viewer, world
from starlette.testclient import TestClient

from phasegate.audit.trail.runs import find_run, record_of
from phasegate.records.build import to_json
from phasegate.web.api.openapi import openapi
from phasegate.web.ledgers.served import ServedProject
from phasegate.web.links import API
from phasegate.web.routes import api_queries

DOCUMENT = openapi(api_queries())
GIVEN = {
    "gate": {"id": "1"},
    "point": {"id": "1.1"},
    "criterion": {"id": "1.2/cranes"},
    "requirement": {"id": REQUIREMENT},
    "changes": {"before": "1", "after": "3"},
    "record": {"run": "2"},
}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with asking(folder, by=viewer()) as found:
        yield found


def held(answer: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    faults = [
        f"{list(each.path)}: {each.message[:200]}" for each in Draft202012Validator(whole).iter_errors(answer)
    ]
    assert faults == []


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_answers_are_as_the_document_says(client: TestClient, path: str) -> None:
    operation = DOCUMENT["paths"][path]["get"]
    address = path.replace("{project}", KEY)
    given = GIVEN.get(path.rpartition("/")[2], {})
    known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    assert set(given) <= known
    answer = client.get(address, params=given)
    assert answer.status_code == 200, answer.text
    held(answer.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])
    if "{project}" in path:
        refused = client.get(address.replace(KEY, "another"), params=given)
        assert refused.status_code == 404
        held(refused.json(), operation["responses"]["404"]["content"]["application/json"]["schema"])


def test_the_document_is_served_and_kept(client: TestClient) -> None:
    assert client.get(f"{API}/openapi.json").json() == DOCUMENT
    kept = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == DOCUMENT, "write it anew with 'make reference'"
    assert len({each["get"]["operationId"] for each in DOCUMENT["paths"].values()}) == len(DOCUMENT["paths"])
    served = {path for path in api_queries() if not path.endswith("openapi.json")}
    assert {*DOCUMENT["paths"]} == served


def test_a_record_is_the_record(client: TestClient, folder: Path) -> None:
    with ServedProject(folder, {}).opened() as opened:
        record = record_of(opened.log, find_run(opened.log, "2"))
    assert client.get(f"{API}/projects/{KEY}/record?run=2").text == to_json(record)


def test_the_feed_tells_what_turned(client: TestClient) -> None:
    answer = client.get(f"{PROJECT}feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = ET.fromstring(answer.text)
    titles = [each.findtext(f"{ATOM}title") or "" for each in feed.iter(f"{ATOM}entry")]
    assert len(titles) == 2, "the first run, and the one in which a gate turned"
    assert "gate 1: OPEN WITH WAIVERS → CLOSED" in titles[0]
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids)) == 3
    links = [each.attrib["href"] for each in feed.iter(f"{ATOM}link")]
    assert all(client.get(each).status_code == 200 for each in links)
    assert answer.text == client.get(f"{PROJECT}feed.atom").text


def test_the_badge_tells_the_state(client: TestClient) -> None:
    answer = client.get(f"{PROJECT}badge.svg?id=1")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(answer.text).attrib["aria-label"] == "gate 1: ✗ closed 2026-03-03"
    missing = client.get(f"{PROJECT}badge.svg?id=7")
    assert missing.status_code == 404
    assert "not there" in missing.text


def test_many_runs_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.web.api import answers

    monkeypatch.setattr(answers, "MOST", 2)
    write_project(tmp_path, id_=KEY)
    for day in DAYS:
        keep(tmp_path, day)
    with asking(tmp_path, by=viewer()) as client:
        found, before = [], ""
        while True:
            told = client.get(f"{API}/projects/{KEY}/runs", params={"before": before}).json()
            found += [each["run"] for each in told["runs"]]
            if told["before"] is None:
                break
            before = str(told["before"])
    assert found == [3, 2, 1]
