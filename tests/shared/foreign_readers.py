"""Reads the formats as a stranger does who knows the format alone, and tells verdicts by id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from phasegate.reports.text.labels import VERDICTS

SILENT = {
    "github": frozenset({"pass", "not_applicable", "open"}),
    "code-scanning": frozenset({"pass", "not_applicable", "waived"}),
}
"""The verdicts and states that some formats say nothing of."""
WORDS = {sign.word: verdict for verdict, sign in VERDICTS.items()}


class Read(NamedTuple):
    """What a reader learns: verdicts by criterion, those that count apart from advisory ones, and states."""

    binding: dict[str, str]
    advisory: dict[str, str]
    gates: dict[str, str]

    def without(self, silent: frozenset[str]) -> Read:
        """The same without some verdicts and states."""
        return Read(*({k: v for k, v in part.items() if v not in silent} for part in self))


def read_json(text: str) -> Read:
    record = json.loads(text)
    found = Read({}, {}, {each["id"]: each["state"] for each in record["gates"]})
    for each in record["criteria"]:
        kind = found.advisory if each["enforcement"] == "advisory" else found.binding
        kind[each["id"]] = each["verdict"]
    return found


def read_junit(text: str) -> Read:
    found = Read({}, {}, {})
    allowed = {"failure": {"fail", "closed"}, "skipped": {"waived", "not_applicable", "open_with_waivers"}}
    suites = list(ET.fromstring(text.encode()))
    names = [each.get("name") for each in suites]
    assert names[: names.index("gates")] in ([], ["run"]), "gates come first"
    for suite, case in ((each, case) for each in suites for case in each.iter("testcase")):
        name, group = case.get("name", ""), case.get("group")
        if group == "run":
            continue
        verdict = "open" if group == "gate" else "pass"
        for mark in case:
            verdict = mark.get("type", "")
            if verdict == "advisory":
                verdict = mark.get("message", "").removeprefix("advisory: ")
            else:
                expected = allowed.get(mark.tag)
                assert verdict in expected if expected else verdict not in set.union(*allowed.values())
        part = {"gate": found.gates, "advisory": found.advisory}.get(group or "", found.binding)
        if case.get("classname") != suite.get("name"):  # of the requirements of one criterion the worst tells
            criterion = case.get("classname", "")
            assert name.startswith(f"{criterion}/")
            part[criterion] = min(part.get(criterion, verdict), verdict, key=list(VERDICTS).index)
            continue
        assert name not in part
        part[name] = verdict
    return found


ABOUT_GATES = frozenset({"gate-not-open", "run-not-open"})
"""Rules of SARIF that are not of a criterion: what keeps a gate shut although criteria may be well."""


def read_sarif(text: str) -> Read:
    (run,) = json.loads(text)["runs"]
    rules = run["tool"]["driver"]["rules"]
    (invocation,) = run["invocations"]
    found = Read({}, {}, {each["id"]: each["state"] for each in run["properties"]["gates"]})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail")
        if result["ruleId"] not in ABOUT_GATES:
            _put(found, result["ruleId"], _of_sarif(result), result["properties"]["advisory"])
    assert len(found.binding) + len(found.advisory) + len(ABOUT_GATES) == len(rules)
    told = invocation["toolExecutionNotifications"]
    named = [each["associatedRule"] for each in told if "associatedRule" in each]
    assert all(rules[each["index"]]["id"] == each["id"] for each in named)
    every = {**found.binding, **found.advisory}
    assert {each["id"] for each in named} == {name for name, verdict in every.items() if verdict == "error"}
    assert invocation["executionSuccessful"] == all(each["level"] != "error" for each in told)
    assert bool(invocation["exitCode"]) == any(each["descriptor"]["id"] == "run-not-open" for each in told)
    return found


def read_alerts(text: str) -> Read:
    """What code scanning makes of results: an alert each, by their level alone."""
    (run,) = json.loads(text)["runs"]
    rules = run["tool"]["driver"]["rules"]
    found = Read({}, {}, {each["id"]: each["state"] for each in run["properties"]["gates"]})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"], "suppressions" in result) == ("fail", False)
        assert len(result["locations"]) == 1
        if result["ruleId"] not in ABOUT_GATES:
            verdict, advisory = result["properties"]["verdict"], result["level"] == "note"
            assert advisory or result["level"] == ("error" if verdict in ("fail", "error") else "warning")
            _put(found, result["ruleId"], verdict, advisory)
    if run["invocations"][0]["exitCode"]:
        assert {"error", "warning"} & {each["level"] for each in run["results"]}, (
            "a shut gate without an alert"
        )
    return found


def _of_sarif(result: dict[str, Any]) -> str:
    told: str = result["properties"]["verdict"]
    if result["kind"] == "fail":
        assert result.get("suppressions") or told in ("fail", "error")
        return "waived" if result.get("suppressions") else told
    kinds = {"pass": "pass", "notApplicable": "not_applicable"}
    assert result["kind"] in (*kinds, "open", "informational")
    return kinds.get(result["kind"], told)


def _put(found: Read, name: str, verdict: str, advisory: bool) -> None:
    part = found.advisory if advisory else found.binding
    assert name not in part
    part[name] = verdict


class Annotation(NamedTuple):
    """What GitHub's runner makes of one line."""

    level: str
    properties: dict[str, str]
    message: str


def annotations(text: str) -> list[Annotation]:
    """Reads lines as the runner does (actions/runner, ActionCommand.cs); none may be anything else."""
    assert not text or text.endswith("\n")
    return [_command(line) for line in re.split("\r\n|\r|\n", text)[:-1]]


def _command(line: str) -> Annotation:
    assert line.startswith("::")
    told, end, data = line[2:].partition("::")
    assert end
    level, _, properties = told.partition(" ")
    assert level in ("error", "warning", "notice")
    pairs = [each.partition("=")[::2] for each in properties.split(",")]
    assert len(dict(pairs)) == len(pairs)
    assert set(dict(pairs)) <= {"file", "line", "title"}
    unescaped = {name: _unescaped(value, "\r\n:,%") for name, value in pairs}
    return Annotation(level, unescaped, _unescaped(data, "\r\n%"))


def _unescaped(text: str, characters: str) -> str:
    for each in characters:
        text = text.replace(f"%{ord(each):02X}", each)
    return text


def read_github(text: str) -> Read:
    """What has an annotation: a pass and what does not apply have none."""
    states = {"CLOSED": "closed", "UNDECIDED": "undecided", "OPEN WITH WAIVERS": "open_with_waivers"}
    levels = {"fail": "error", "error": "error", "waived": "notice"}
    gate_levels = {"closed": "error", "undecided": "warning", "open_with_waivers": "notice"}
    found = Read({}, {}, {})
    for level, properties, _ in annotations(text):
        title = properties["title"]
        state, colon, gate = title.partition(": ")
        if colon and state in states:
            assert level == gate_levels[states[state]]
            name = "programme" if gate == "the programme gate" else gate.removeprefix("gate ")
            found.gates[name] = states[state]
        elif title != "The run is not open":
            advisory = title.startswith("advisory, ")
            word, _, name = title.removeprefix("advisory, ").partition(" ")
            assert level == ("notice" if advisory else levels.get(WORDS[word], "warning"))
            _put(found, name, WORDS[word], advisory)
    return found


def read_oscal(text: str) -> Read:
    document = json.loads(text)["assessment-results"]
    (result,) = document["results"]
    risks = {each["uuid"]: each for each in result.get("risks", [])}
    reasons = {
        "pass": "satisfied",
        "fail": "not-satisfied",
        "other": "not-satisfied",
        "waived": "not-satisfied",
    }
    found = Read({}, {}, {})
    for finding in result.get("findings", []):
        own = props(finding)
        status = finding["target"]["status"]
        assert reasons[status["reason"]] == status["state"]
        if "outcome" in own:
            assert status == {"state": "not-satisfied", "reason": "other"}
            continue
        told = own.get("verdict") or own.get("state") or ""
        if status["reason"] == "other":
            assert told in ("error", "stale", "unknown", "undecided")
        elif "criterion" in own:
            assert told == status["reason"]
        if status["reason"] == "waived" and "criterion" in own:
            related = [risks[each["risk-uuid"]] for each in finding["related-risks"]]
            assert {each["status"] for each in related} == {"deviation-approved"}
        if "criterion" in own:
            _put(found, own["criterion"], told, False)
        else:
            found.gates[own["gate"]] = told
    for observation in result.get("observations", []):
        own = props(observation)
        if "criterion" in own and "requirement" not in own:
            advisory = own["enforcement"] == "advisory"
            assert advisory or own["verdict"] == "not_applicable"
            _put(found, own["criterion"], own["verdict"], advisory)
    return found


def props(part: dict[str, Any]) -> dict[str, str]:
    found = {each["name"]: each["value"] for each in part.get("props", [])}
    assert len(found) == len(part.get("props", []))
    return found


READERS: dict[str, Callable[[str], Read]] = {
    "json": read_json,
    "junit": read_junit,
    "sarif": read_sarif,
    "code-scanning": read_alerts,
    "oscal": read_oscal,
    "github": read_github,
}
