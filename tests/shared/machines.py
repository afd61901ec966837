"""A machine of a pipeline, which runs the shell of a job in a checked-out repository."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CLI = [sys.executable, "-c", "from phasegate.cli import main; main()"]
STATES = {0: "open", 1: "closed", 2: "refused", 3: "undecided"}


@dataclass(frozen=True)
class Machine:
    """Where a job runs.

    Attributes:
        home: its folder.
        repository: what was checked out there; the project lies in it.
    """

    home: Path
    repository: Path

    @property
    def program(self) -> str:
        """The folder of the command, for PATH."""
        return str(self.home / "bin")

    def install(self, folder: Path) -> Path:
        """Puts the command into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        command = folder / "phasegate"
        command.write_text(f'#!/bin/sh\nexec {shlex.join(CLI)} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        return command

    def run(self, shell: list[str], script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a script in the repository, with nothing in the environment but what is named."""
        file = self.home / "script.sh"
        file.write_text(script, encoding="utf-8")
        path = f"{self.program}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [*shell, str(file)],
            cwd=self.repository,
            env={"PATH": path, "HOME": str(self.home), "TMPDIR": str(self.home), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def ending(self, code: int, project: str = ".") -> None:
        """Makes the project one of which a gate ends with an exit code."""
        file = self.repository / project / "phasegate.yaml"
        text = file.read_text(encoding="utf-8")
        if code == 0:
            text = text.replace(">= 95 %", ">= 90 %")
        elif code == 2:
            text += "unknown: true\n"
        elif code == 3:
            (file.parent / "empty.csv").write_text("invoice,status\n", encoding="utf-8")
            text = text.replace("invoices.csv", "empty.csv")
        file.write_text(text, encoding="utf-8")
