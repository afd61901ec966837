"""One wheel of the rule engine for every Python: built here, judged, and run on each that is at hand.

`make wheels` on Python 3.13 or newer sets up what builds and judges it; `PHASEGATE_TEST_WHEELS=1` makes it a
failure that this is missing. The wheels of other platforms are built by the same compiler, and not run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tmp" / "wheelwright"
PLATFORM = "manylinux_2_17_x86_64"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
DECIDE = """
import sys
sys.path[:0] = sys.argv[1:]
import durable_rules_engine
assert durable_rules_engine.__file__.endswith(".abi3.so"), durable_rules_engine.__file__
from phasegate.engine.inference.host import Session
from phasegate.engine.inference.rule_syntax import nothing
begin = {"kind": 0}
session = Session("test", {
    "begins": {"all": [{"m0": begin}], "run": nothing},
    "least": {"all": [{"m0": {"$gte": {"value": 2**62}}}], "run": nothing},
    "both": {"all": [{"m0": {"left": 1}}, {"m1": {"right": 1}}], "run": nothing},
})
session.begin(begin)
told = [{"value": 2**62}, {"value": 2**62 - 1}, {"left": 1}, {"right": 1}]
heeded = [session.tell(f"f{n}", fact) for n, fact in enumerate(told)]
print(heeded, sorted(rule for rule, _ in session.firings()))
session.close()
"""


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("engine_wheel", ROOT / "tools" / "engine_wheel.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pythons() -> list[str]:
    """Each version that is at hand, by the first of its programs that runs."""
    found = []
    for version in VERSIONS:
        places = [
            shutil.which(f"python{version}"),
            *Path.home().glob(f".pyenv/versions/{version}.*/bin/python"),
        ]
        if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
            places.insert(0, sys.executable)
        for place in places:
            if place and subprocess.run([place, "-c", ""], capture_output=True).returncode == 0:
                found.append(str(place))
                break
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sdists = list(TOOLS.glob("durable_rules-*.tar.gz"))
    if not sdists or not (TOOLS / ".installed").exists():
        lacking = "what builds wheels is missing; 'make wheels' on Python 3.13 or newer fetches it"
        if os.environ.get("PHASEGATE_TEST_WHEELS") == "1":
            pytest.fail(lacking)
        pytest.skip(lacking)
    out = tmp_path_factory.mktemp("wheels")
    command = [TOOLS / "bin" / "python", ROOT / "tools" / "engine_wheel.py", "--platform", PLATFORM]
    caches = {f"ZIG_{kind}_CACHE_DIR": str(ROOT / ".tmp" / "zig") for kind in ("GLOBAL", "LOCAL")}
    subprocess.run([*command, "--out", out, *sdists], check=True, env={**os.environ, **caches})
    (made,) = out.iterdir()
    return made


@pytest.mark.slow
def test_it_is_what_its_name_says(wheel: Path) -> None:
    shown = subprocess.run(
        [TOOLS / "bin" / "auditwheel", "show", wheel], capture_output=True, text=True, check=True
    ).stdout
    assert f'consistent with the following platform tag: "{PLATFORM}"' in " ".join(shown.split())
    judged = subprocess.run([TOOLS / "bin" / "abi3audit", "--strict", wheel], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.slow
def test_it_decides_the_same_on_each_python_at_hand(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    said = {
        python: subprocess.run(
            [python, "-I", "-W", "error", "-c", DECIDE, tmp_path, ROOT / ".typing"],
            capture_output=True,
            text=True,
        )
        for python in pythons()
    }
    assert said
    for python, done in said.items():
        assert (done.returncode, done.stderr) == (0, ""), python
        assert done.stdout == "[True, False, True, True] ['both', 'least']\n", python


@pytest.mark.slow
def test_pip_installs_it_where_there_is_no_compiler(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    (tmp_path / "nothing").mkdir()
    python = environment / "bin" / "python"
    install = [
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--no-index",
        "--find-links",
        wheel.parent,
    ]
    subprocess.run(
        [python, *install, "durable-rules==2.0.28"], env={"PATH": str(tmp_path / "nothing")}, check=True
    )
    subprocess.run([python, "-c", "import durable_rules_engine"], check=True)


def test_the_wheel_is_made_of_the_locked_sources() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    (version, digest), *_ = re.findall(
        r"^durable-rules==(\S+) \\\n\s+--hash=sha256:(\w+)", lock, re.MULTILINE
    )
    assert (version, digest) == (tool().VERSION, tool().SDIST)


def test_other_sources_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "durable_rules-2.0.28.tar.gz"
    other.write_bytes(b"other")
    with pytest.raises(SystemExit, match=hashlib.sha256(b"other").hexdigest()):
        tool().unpacked(other, tmp_path)
