"""What runs served pages: each file judged by its owner's schema or program, and held to what the code says.

No image is built here. `make validators` fetches what judges; ``PHASEGATE_TEST_VALIDATORS=1`` makes it a
failure if that is missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from phasegate.commands.serve import serve
from phasegate.web.access import health, secrets

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNIT = DEPLOY / "systemd" / "phasegate-pages.service"
JUDGE = ROOT / ".tmp" / "validators" / "bin" / "python"
NOBODY = 10001
"""The user of the image."""
EXPOSED = 2.0
"""As systemd counts, from 0 to 10."""


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def manifest(kind: str) -> dict[str, Any]:
    (found,) = (each for each in map(read, MANIFESTS) if each["kind"] == kind)
    return found


def stages() -> dict[str, str]:
    """The stages of the image by their names; the last one has none."""
    _, *found = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    named = [(re.match(r"\S+ AS (\S+)", each), each) for each in found]
    return {name[1] if name else "": each for name, each in named}


def by_compose_schema(text: str, folder: Path) -> int:
    file = folder / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    judge = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", file]
    return subprocess.run(judge, capture_output=True).returncode


@pytest.mark.slow
def test_compose_by_its_schema(tmp_path: Path) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert by_compose_schema(text, tmp_path) == 0
    assert by_compose_schema(text.replace("read_only", "readonly"), tmp_path) != 0


@pytest.mark.slow
def test_manifests_by_the_schema_of_kubernetes(tmp_path: Path) -> None:
    if not JUDGE.exists():
        if os.environ.get("PHASEGATE_TEST_VALIDATORS") == "1":
            pytest.fail(f"{JUDGE} is missing; 'make validators' fetches it")
        pytest.skip(f"{JUDGE.name} is missing; 'make validators' fetches it")
    wrong = tmp_path / "wrong.yaml"
    deployment = next(each for each in MANIFESTS if read(each)["kind"] == "Deployment")
    wrong.write_text(deployment.read_text(encoding="utf-8").replace("readOnlyRoot", "readonlyRoot"))
    judge = [JUDGE, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", "1.37"]
    done = subprocess.run([*judge, *MANIFESTS, wrong], capture_output=True, text=True)
    told = done.stdout.splitlines()
    assert [line.split()[0] for line in told] == ["INFO"] * len(MANIFESTS) + ["ERROR"], done.stdout
    assert "readonlyRootFilesystem" in told[-1]
    assert len(MANIFESTS) == 4


@pytest.mark.slow
def test_the_unit_by_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    unit, program = tmp_path / UNIT.name, Path(sys.executable).parent / "phasegate"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/local/bin/phasegate", str(program)))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True
    )
    level = re.search(r"exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert level is not None, judged.stderr
    assert float(level[1]) <= EXPOSED


def test_the_image_of_pages_runs_as_nobody_and_brings_no_compiler() -> None:
    pages = stages()["pages"]
    assert f"\nUSER {NOBODY}\n" in pages
    assert "apt-get" not in pages
    assert pages.index("\nUSER ") < pages.index("\nENTRYPOINT ")
    assert health.READY in pages
    assert "'.[postgres,serve]'" in stages()["build-pages"]
    for name, stage in stages().items():
        assert ("pip" in stage) == name.startswith("build"), name


def started() -> dict[str, list[str]]:
    """What is written after the program's name, wherever pages are served."""
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    unit = re.search(r"^ExecStart=\S+ (.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    image = re.search(r"^CMD (.*)$", stages()["pages"], re.MULTILINE)
    assert unit is not None
    assert image is not None
    return {
        "compose": read(COMPOSE)["services"]["pages"]["command"],
        "kubernetes": container["args"],
        "systemd": unit[1].split(),
        "image": json.loads(image[1]),
    }


@pytest.mark.parametrize("where", ["compose", "kubernetes", "systemd", "image"])
def test_pages_are_served_with_options_that_there_are(where: str) -> None:
    name, *args = started()[where]
    assert name == "serve"
    given, _, _ = serve.make_parser(click.Context(serve)).parse_args(args)
    assert given.keys() >= ({"unix"} if where == "systemd" else {"host", "port"})
    assert given.get("port", "8000") == "8000"


def test_pages_get_no_folder_in_which_a_key_may_lie() -> None:
    volumes = read(COMPOSE)["services"]["pages"]["volumes"]
    assert [re.sub(r"\$\{PROJECT[^}]*\}", "PROJECT", each) for each in volumes] == [
        f"PROJECT/{name}:/project/{name}:ro" for name in ("phasegate.yaml", "phasegate.serve.yaml")
    ]
    assert "\nInaccessiblePaths=-/srv/phasegate/.phasegate\n" in UNIT.read_text(encoding="utf-8")


def test_every_service_is_confined_and_the_ledger_reached_by_no_port() -> None:
    compose = read(COMPOSE)
    services = compose["services"]
    assert sorted(services) == ["check", "database", "pages"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user") == "postgres" or service["build"]["target"] == "pages", name
    assert compose["networks"]["ledger"]["internal"] is True
    assert services["database"]["networks"] == ["ledger"]
    assert {name: each.get("ports") for name, each in services.items()} == {
        "database": None, "check": None, "pages": ["127.0.0.1:8000:8000"],
    }  # fmt: skip
    assert services["pages"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["database"]["healthcheck"]["test"][1] == "pg_isready"


def test_pages_may_read_the_ledger_alone() -> None:
    services = read(COMPOSE)["services"]
    assert services["pages"]["environment"]["PHASEGATE_LEDGER"].startswith("postgresql://phasegate_reader@")
    assert not any("writer" in secret or "owner" in secret for secret in services["pages"]["secrets"])


def test_secrets_come_from_files_and_are_called_as_the_code_calls_them() -> None:
    compose = read(COMPOSE)
    used = {name for service in compose["services"].values() for name in service["secrets"]}
    assert used == compose["secrets"].keys()
    assert all(each == {"file": f"secrets/{name}"} for name, each in compose["secrets"].items())
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            secret = "PASS" in name or "SECRET" in name or "KEY" in name
            assert value.startswith("/run/secrets/") == secret, name
            assert not secret or value.removeprefix("/run/secrets/") in service["secrets"]
    known = {secrets.SESSION_KEYS, secrets.CLIENT_SECRET}
    pages = compose["services"]["pages"]["environment"]
    assert known == {name.removesuffix("_FILE") for name in pages if "SECRET" in name or "KEYS" in name}
    assert all(f"{name}_FILE=%d/" in UNIT.read_text(encoding="utf-8") for name in known)
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    assert {each["name"] for each in container["env"]} == known | {"PHASEGATE_LEDGER"}
    assert all([*each["valueFrom"]] == ["secretKeyRef"] for each in container["env"])


def test_pods_are_confined_and_asked_as_the_code_answers() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == NOBODY
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    probes = {
        name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")
    }
    assert probes == {"startup": health.LIVES, "liveness": health.LIVES, "readiness": health.READY}
    assert container["readinessProbe"]["timeoutSeconds"] > health.LONGEST


def test_two_servers_stay_and_all_manifests_mean_the_same_ones() -> None:
    deployment, service = manifest("Deployment"), manifest("Service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["replicas"] == 2
    assert manifest("PodDisruptionBudget")["spec"]["minAvailable"] == 1
    assert service["spec"]["type"] == "ClusterIP"
    selected = [
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ]
    assert selected == [labels] * 4
    assert manifest("NetworkPolicy")["spec"]["policyTypes"] == ["Ingress", "Egress"]
