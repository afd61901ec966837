"""Builds wheels of durable-rules that need no compiler: one a platform, for every Python from 3.11 on.

It calls ten functions of Python, all of the stable ABI, so that one build serves all versions
(docs/decisions/0034). Its own setup.py knows neither that nor other platforms than the one it runs on; the
sources are six files, so they are compiled here by the C compiler of `ziglang`, which brings the headers of
each platform's C library along.

Run by a Python 3.13 or newer, whose headers are used:
``python tools/engine_wheel.py --out .tmp/wheels durable_rules-2.0.28.tar.gz``.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

VERSION = "2.0.28"
SDIST = "053b26f5e48d312d4fa27995243f954671be6eece477f150c059c364eb4d7d61"
"""The digest of the sources, as requirements.lock has it."""
OLDEST_HEADERS = (3, 13)
PLATFORMS = {
    "manylinux_2_17_x86_64": "x86_64-linux-gnu.2.17",
    "manylinux_2_17_aarch64": "aarch64-linux-gnu.2.17",
    "musllinux_1_2_x86_64": "x86_64-linux-musl",
    "musllinux_1_2_aarch64": "aarch64-linux-musl",
    "macosx_11_0_x86_64": "x86_64-macos.11.0",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
}
"""Platforms as wheels call them, and as the compiler does."""
SOURCES = ("rulespy/rules", "rules/json", "rules/rete", "rules/state", "rules/events", "rules/regex")
FLAGS = (
    "-std=c99 -D_GNU_SOURCE -DNDEBUG -O2 -fwrapv -fno-sanitize=undefined -fPIC -shared -fcommon -s -w "
    "-DPyEval_CallObject=PyObject_CallObject -DPy_LIMITED_API=0x030b0000 -include stdlib.h -include stdio.h"
).split()
"""What its setup.py sets, the limited API, the name that newer Pythons have, and two headers that the limited
API no longer includes by itself."""
LIBRARY = "durable_rules_engine.abi3.so"
INFO = f"durable_rules-{VERSION}.dist-info"
SOME_DAY = (1980, 1, 1, 0, 0, 0)


def unpacked(sdist: Path, into: Path) -> Path:
    """Unpacks the sources, if they are those that the lock names."""
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SDIST:
        raise SystemExit(f"error: {sdist} has the digest {found}, and not that of durable-rules {VERSION}")
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    return into / f"durable_rules-{VERSION}"


def compiled(sources: Path, platform: str, library: Path) -> bytes:
    """The library for a platform."""
    python = ["-undefined", "dynamic_lookup"] if platform.startswith("macosx") else []
    files = [str(sources / "src" / f"{name}.c") for name in SOURCES]
    headers = [f"-I{sysconfig.get_path('include')}", f"-I{sources / 'src' / 'rules'}"]
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", PLATFORMS[platform]]
    subprocess.run([*compiler, *FLAGS, *python, *headers, *files, "-o", str(library)], check=True)
    return library.read_bytes()


def wheel(sources: Path, platform: str, library: bytes, out: Path) -> Path:
    """Packs the library and the modules beside it; the same content gives the same bytes."""
    tag = f"cp311-abi3-{platform}"
    about = f"Wheel-Version: 1.0\nGenerator: phasegate\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files = {
        f"durable/{path.name}": path.read_bytes()
        for path in sorted((sources / "libpy" / "durable").glob("*.py"))
    }
    files |= {
        LIBRARY: library,
        f"{INFO}/METADATA": (sources / "PKG-INFO").read_bytes(),
        f"{INFO}/WHEEL": about.encode(),
        f"{INFO}/licenses/LICENSE": (sources / "LICENSE").read_bytes(),
    }
    lines = [f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items()]
    files[f"{INFO}/RECORD"] = "".join([*lines, f"{INFO}/RECORD,,\n"]).encode()
    place = out / f"durable_rules-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, SOME_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name == LIBRARY else 0o644) << 16
            archive.writestr(entry, content)
    return place


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def main() -> None:
    """Builds what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sdist", type=Path, help=f"durable_rules-{VERSION}.tar.gz")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the wheels")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="not all, but these")
    asked = parser.parse_args()
    if sys.version_info < OLDEST_HEADERS:
        raise SystemExit(
            "error: run this with Python 3.13 or newer: its headers alone hide what is gone there"
        )
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        sources = unpacked(asked.sdist, Path(folder))
        for platform in asked.platform or PLATFORMS:
            library = compiled(sources, platform, Path(folder) / LIBRARY)
            print(wheel(sources, platform, library, asked.out))  # noqa: T201


if __name__ == "__main__":
    main()
