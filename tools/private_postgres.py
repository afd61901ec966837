"""A PostgreSQL server of one's own: no network, and gone with the process that started it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote


def binaries() -> Path | None:
    """The folder of the server's programs, the newest one."""
    places = [Path("/usr/lib/postgresql")]
    if config := shutil.which("pg_config"):
        found = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        if Path(found.stdout.strip(), "initdb").exists():
            return Path(found.stdout.strip())
    found_here = [path.parent for place in places for path in place.glob("*/bin/initdb")]
    return max(found_here, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), default=None)


GUARD = """
trap '' INT TERM HUP
cat >/dev/null
"$0" -D "$1" -m immediate -w stop
[ -z "$2" ] || rm -rf "$2"
"""


class Server:
    """A cluster in a folder, reached through a socket in it.

    Args:
        folder: an empty folder of its own.
        programs: where `initdb` and `pg_ctl` are.
        password: of its owner.
    """

    user = "tester"

    def __init__(self, folder: Path, programs: Path, password: str = "canary-p4ss/word") -> None:  # noqa: S107 - of tests
        self._programs, self.password = programs, password
        self._data = folder / "data"
        self._log = folder / "log"
        self._made = 0
        # A socket's path has no more than 107 bytes; the folder of a test may be longer.
        self._short = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp")) if len(bytes(folder)) > 85 else None
        self.host = str(self._short or folder)
        for place in (folder, Path(self.host)):
            if os.geteuid() == 0:
                shutil.chown(place, "nobody")
        secret = folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self._run(
            "initdb",
            "--no-sync",
            "-D",
            self._data,
            "-U",
            self.user,
            "-A",
            "scram-sha-256",
            "--pwfile",
            secret,
        )
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.host}'\n")
        self._guard = self._guarded()
        self.start()

    def _guarded(self) -> subprocess.Popen[bytes]:
        """A process that ends the server once this one has ended, however that is: its input ends then."""
        command: list[str | Path] = [
            "sh",
            "-c",
            GUARD,
            self._programs / "pg_ctl",
            self._data,
            self._short or "",
        ]
        if os.geteuid() == 0:
            command = [*as_nobody(), *command]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # whoever presses Ctrl-C does not reach it
        )

    def settings(self, **given: object) -> None:
        """Begins anew with further settings."""
        self.stop()
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in given.items())
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._run("pg_ctl", "-D", self._data, "-l", self._log, "-w", "start")

    def stop(self) -> None:
        """At once, as at a power cut: what is not on the disk is lost."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def end(self) -> None:
        """Stops it for good."""
        self._guard.communicate()
        if self._short:
            shutil.rmtree(self._short, ignore_errors=True)

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """The address of one of its databases, for its owner or another role."""
        secret = quote(password or self.password, safe="")
        return f"postgresql://{user or self.user}:{secret}@/{database}?host={quote(self.host, safe='')}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"ledger_{self._made}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, address: str, *statements: str) -> None:
        """Runs statements in a database as its owner."""
        import psycopg

        url = address if "://" in address else self.url(address)
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]  # texts of the tests themselves

    def _run(self, program: str, *given: str | Path) -> None:
        command: list[str | Path] = [self._programs / program, *given]
        if os.geteuid() == 0:
            # The server refuses to run as root; the folders above are root's alone.
            command = [*as_nobody(), *command]
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
        )
        if ended.returncode:
            log = self._log.read_text() if self._log.exists() else ""
            raise RuntimeError(f"{program}: {ended.stdout.decode()}\n{log}")


def as_nobody() -> Sequence[str]:
    """What stands before a command that root runs as nobody."""
    # The one of the two that root has in a container as well.
    search = "+dac_override"
    return (
        *("setpriv", "--reuid", "nobody", "--regid", str(pwd.getpwnam("nobody").pw_gid), "--clear-groups"),
        *("--inh-caps", search, "--ambient-caps", search, "--"),
    )
