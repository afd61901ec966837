"""Runs pytest again and again, each time under another change of one module, in a fork of itself.

What tests need of others is imported here once; of phasegate nothing is, so that each fork imports the
changed module, and all that use it, as if the change stood in the file. No file is changed.

A request is a line of JSON on standard input, with `path` (of the module), `source` (what it says
instead), `arguments` (of pytest), `tests` (a file that names them), `cpu` (seconds of it that they may
take) and `wait` (seconds after which they are given up). The answer is a line on standard output: how it
ended, its seconds of CPU, and the end of what it printed.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

IMPORTED = (
    "click.testing", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.serialization", "durable.lang", "jsonschema", "markdown_it", "polars",
    "pydantic", "pytest", "rich.console", "sqlglot", "yaml",
)  # fmt: skip
"""What most tests import, but for plugins of pytest, which it wants to import by itself."""
FAULT = 70
"""The exit code of a fork that came to no tests."""
POLL = 0.01
"""Seconds between two looks whether a fork has ended."""


def main() -> None:
    """Answers one request after the other."""
    for name in IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryFile() as printed:
            child = os.fork()
            if child == 0:
                _run(request, printed.fileno())
            ended, cpu = _ended(child, request["wait"])
            printed.seek(max(0, printed.tell() - 3_000))
            text = printed.read().decode(errors="replace")
        sys.stdout.write(json.dumps({"ended": ended, "cpu": cpu, "printed": text}) + "\n")
        sys.stdout.flush()


def _run(request: dict[str, Any], printed: int) -> None:
    """In the fork: runs the tests, and ends."""
    code = FAULT
    try:
        os.setpgid(0, 0)
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (request["cpu"], request["cpu"]))
        os.environ["MUTANTS_TESTS"] = request["tests"]
        _change(request["path"], request["source"])
        import pytest

        code = int(pytest.main(request["arguments"]))
    except BaseException:  # noqa: BLE001 - whatever it is, it is told, and the fork ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _change(path: str, source: str) -> None:
    """Has a module say something else; what is kept compiled of it does not count."""
    original = SourceFileLoader.get_code
    changed = Path(path).resolve()

    def code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if Path(self.path).resolve() == changed:
            return compile(source, self.path, "exec", dont_inherit=True)
        return original(self, fullname)

    SourceFileLoader.get_code = code  # type: ignore[method-assign]


def _ended(child: int, wait: float) -> tuple[str, float]:
    """How a fork ended, with all that it started, and its seconds of CPU."""
    until = time.monotonic() + wait
    while True:
        found, status, used = os.wait4(child, os.WNOHANG)
        if found:
            break
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            _, _, used = os.wait4(child, 0)
            return "given up", used.ru_utime + used.ru_stime
        time.sleep(POLL)
    cpu = used.ru_utime + used.ru_stime
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "no end" if number in (signal.SIGXCPU, signal.SIGKILL) else f"signal {number}", cpu
    return f"code {os.WEXITSTATUS(status)}", cpu


if __name__ == "__main__":
    main()
