"""Set-up says in one sentence what a machine lacks: each case on a PATH made for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# What makes a real Python look like one that lacks something: run before anything else of it.
PRETENCES = {
    "complete": "",
    "3.10": "import sys; sys.version_info = (3, 10, 0)",
    "3.14": "import sys, sysconfig; sys.version_info = (3, 14, 0)",
    "3.15": "import sys; sys.version_info = (3, 15, 0)",
    "no headers": "import sysconfig; sysconfig.get_path = lambda name: '/no/such/include'",
    "no venv": """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "ensurepip" else find(name)
""",
}
BROKEN_SHIM = "#!/bin/sh\necho 'shim: command not found' >&2\nexit 127\n"
BASE_PYTHON = Path(getattr(sys, "_base_executable", sys.executable))


@dataclass(frozen=True)
class Machine:
    """What lies in the folders of PATH, and what must come of it."""

    pythons: dict[str, str] = field(default_factory=lambda: {"a/python3.11": "complete"})
    compiler: str | None = 'exec {compiler} "$@"'
    environment: dict[str, str] = field(default_factory=dict)
    chosen: str = ""
    refusal: str = ""


MACHINES = {
    "all there": Machine(chosen="a/python3.11"),
    "a plain python3 will do": Machine({"a/python3": "complete"}, chosen="a/python3"),
    "a shim that does not run hides a good one": Machine(
        {"a/python3.12": "shim", "b/python3.12": "complete"}, chosen="b/python3.12"
    ),
    "the first has no headers, the second has": Machine(
        {"a/python3.11": "no headers", "a/python3.12": "complete"}, chosen="a/python3.12"
    ),
    "named": Machine(
        {"a/python3.11": "complete", "a/mine": "complete"}, environment={"PYTHON": "mine"}, chosen="a/mine"
    ),
    "no Python": Machine({}, refusal="Python 3.11 to 3.14 is needed and none was found on PATH"),
    "a Python that is too new": Machine({"a/python3": "3.15"}, refusal="Python 3.11 to 3.14 is needed"),
    "a Python that is too old": Machine({"a/python3": "3.10"}, refusal="Python 3.11 to 3.14 is needed"),
    "the newest": Machine({"a/python3": "3.14"}, chosen="a/python3"),
    "an older one is taken first": Machine(
        {"a/python3.14": "3.14", "b/python3.11": "complete"}, chosen="b/python3.11"
    ),
    "no headers": Machine({"a/python3.12": "no headers"}, refusal="a/python3.12 has no Python.h: install"),
    "no venv": Machine({"a/python3.12": "no venv"}, refusal="a/python3.12 has no venv module: install"),
    "no compiler": Machine(compiler=None, refusal="a C compiler is needed to build the rule engine"),
    "a compiler without the C library": Machine(
        compiler="exit 1", refusal="cannot compile a file that includes Python.h"
    ),
    "named, and not there": Machine(environment={"PYTHON": "mine"}, refusal="PYTHON=mine is not a program"),
    "named, and does not run": Machine(
        {"a/mine": "shim"}, environment={"PYTHON": "mine"}, refusal="PYTHON=mine is not a Python that runs"
    ),
    "named, and too new": Machine(
        {"a/mine": "3.15"},
        environment={"PYTHON": "mine"},
        refusal="PYTHON=mine is Python 3.15, and phasegate needs",
    ),
    "named, and without headers": Machine(
        {"a/mine": "no headers"}, environment={"PYTHON": "mine"}, refusal="a/mine has no Python.h"
    ),
    "a compiler that is named and not there": Machine(
        environment={"CC": "nocc"}, refusal="'nocc' was not found"
    ),
}


def real_compiler() -> str:
    name = (sysconfig.get_config_var("CC") or "cc").split()[0]
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


@pytest.fixture
def write_program(tmp_path: Path) -> Callable[[str, str], None]:
    def write(name: str, text: str) -> None:
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)

    return write


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("name", MACHINES)
def test_machine(root: Path, tmp_path: Path, name: str, write_program: Callable[[str, str], None]) -> None:
    machine = MACHINES[name]
    for program, kind in machine.pythons.items():
        if kind == "shim":
            write_program(program, BROKEN_SHIM)
            continue
        write_program(f"{program}.site/sitecustomize.py", PRETENCES[kind])
        write_program(
            program, f'#!/bin/sh\nPYTHONPATH="{tmp_path}/{program}.site" exec "{BASE_PYTHON}" "$@"\n'
        )
    compiler = real_compiler()
    if machine.compiler:
        body = machine.compiler.format(compiler=compiler)
        write_program(f"a/{Path(compiler).name}", f"#!/bin/sh\n{body}\n")

    result = subprocess.run(
        [root / "tools" / "check_machine.sh"],
        env={"PATH": os.pathsep.join(str(tmp_path / folder) for folder in "ab"), **machine.environment},
        capture_output=True,
        text=True,
        check=False,
    )

    if machine.chosen:
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == f"{tmp_path / machine.chosen}\n"
    else:
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("phasegate: ")
        assert machine.refusal in result.stderr
        assert result.stderr.count("\n") == 1
        assert result.stderr.endswith(".\n")
