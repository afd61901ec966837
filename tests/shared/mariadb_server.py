"""A MariaDB server of the tests' own: no network but the loopback, no other user's data, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from postgres_server import as_nobody

REQUIRED = os.environ.get("PHASEGATE_TEST_MARIADB") == "1"
GUARD = """
trap '' INT TERM HUP
cat >/dev/null
[ "$(cat "/proc/$(cat "$0")/comm")" != mariadbd ] || kill -KILL "$(cat "$0")"
[ -z "$1" ] || rm -rf "$1"
"""
SETTINGS = """
[mariadbd]
datadir={data}
socket={host}/s
pid-file={host}/pid
log-error={host}/log
bind-address=127.0.0.1
port={port}
skip-name-resolve
innodb-buffer-pool-size=64M
innodb-log-file-size=64M
innodb-flush-log-at-trx-commit=0
innodb-flush-method=nosync
max-connections=20
log-bin={data}/log-bin
sync-binlog=0
{more}
"""
_PATIENCE = 60


def programs() -> tuple[str, str] | None:
    """The server's programs: what sets a folder up, and the server."""
    where = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    install, server = (shutil.which(name, path=where) for name in ("mariadb-install-db", "mariadbd"))
    return (install, server) if install and server else None


class MariaServer:
    """A server whose data are in a folder, reached through a socket in it, or a port of this machine.

    Args:
        folder: an empty one.
        found: its programs.
        more: further lines of its settings.
    """

    user = "tester"
    password = "canary-p4ss/word"

    def __init__(self, folder: Path, found: tuple[str, str], more: str = "") -> None:
        self._install, self._server = found
        # A socket's path has no more than 107 bytes; the folder of a test may be longer.
        self._short = Path(tempfile.mkdtemp(prefix="my", dir="/tmp")) if len(bytes(folder)) > 85 else None
        self.host = str(self._short or folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        data = folder / "data"
        data.mkdir()
        for place in (folder, Path(self.host), data):
            if os.geteuid() == 0:
                shutil.chown(place, "nobody")
        self.settings = folder / "settings"
        self.settings.write_text(SETTINGS.format(data=data, host=self.host, port=self.port, more=more))
        self.settings.chmod(0o644)
        self._run(
            self._install, f"--defaults-file={self.settings}", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )  # fmt: skip
        self._guard = subprocess.Popen(
            [*_before(), "sh", "-c", GUARD, f"{self.host}/pid", self._short or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # whoever presses Ctrl-C does not reach it
        )
        self.start("root", "")
        self.execute(
            None,
            f"ALTER USER root@localhost IDENTIFIED BY '{self.password}'",
            f"CREATE USER {self.user}@localhost IDENTIFIED BY '{self.password}'",
            f"GRANT ALL ON *.* TO {self.user}@localhost WITH GRANT OPTION",
            user="root",
            password="",
        )

    def start(self, user: str | None = None, password: str | None = None) -> None:
        self._running = subprocess.Popen(
            [*_before(), self._server, f"--defaults-file={self.settings}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect(None, user, password).close()
                return
            except Exception:  # noqa: BLE001 - whatever it is, it may be well soon
                if time.monotonic() > until or self._running.poll() is not None:
                    raise RuntimeError(Path(self.host, "log").read_text()) from None
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as at a power cut."""
        self._running.kill()
        self._running.wait()

    def end(self) -> None:
        self.stop()
        self._guard.communicate()

    def connect(
        self, database: str | None = None, user: str | None = None, password: str | None = None
    ) -> Any:
        """A connection of the server's owner, or of somebody else."""
        import pymysql

        return pymysql.connect(
            unix_socket=f"{self.host}/s",
            user=user or self.user,
            password=self.password if password is None else password,
            database=database,
            autocommit=True,
            ssl_disabled=True,
        )

    def execute(self, database: str | None, *statements: str, **login: str) -> None:
        """Runs statements as the server's owner, or as somebody else."""
        connection = self.connect(database, **login)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def url(self, database: str = "", user: str | None = None, password: str | None = None) -> str:
        """An address through the socket."""
        secret = quote(password or self.password, safe="")
        where = quote(f"{self.host}/s", safe="")
        return f"mysql://{user or self.user}:{secret}@/{database}?socket={where}"

    def _run(self, *command: str) -> None:
        ended = subprocess.run(
            [*_before(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
        if ended.returncode:
            raise RuntimeError(f"{command[0]}: {ended.stdout.decode()}")


def _before() -> Sequence[str]:
    """The server refuses to run as root; its folders are root's alone."""
    return as_nobody() if os.geteuid() == 0 else ()


def started(folder: Path, more: str = "") -> MariaServer:
    """A server, or the test is skipped."""
    found = programs()
    if found is None:
        if REQUIRED:
            pytest.fail("PHASEGATE_TEST_MARIADB=1, and this machine has no mariadbd")
        pytest.skip("this machine has no server of MariaDB")
    pytest.importorskip("pymysql") if not REQUIRED else __import__("pymysql")
    return MariaServer(folder, found, more)


@pytest.fixture(scope="session")
def maria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaServer]:
    server = started(tmp_path_factory.mktemp("maria"))
    yield server
    server.end()
