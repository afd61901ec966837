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
from private_postgres import as_nobody

REQUIRED = os.environ.get("PHASEGATE_TEST_MARIADB") == "1"
GUARD = """
trap '' INT TERM HUP
cat >/dev/null
[ "$(cat "/proc/$(cat "$0/pid")/comm")" != mariadbd ] || kill -KILL "$(cat "$0/pid")"
rm -rf "$0"
"""
SETTINGS = """
[mariadbd]
datadir={folder}/data
tmpdir={folder}/tmp
socket={folder}/s
pid-file={folder}/pid
log-error={folder}/log.err
bind-address=127.0.0.1
port={port}
skip-name-resolve
innodb-buffer-pool-size=64M
innodb-log-file-size=16M
innodb-flush-log-at-trx-commit=0
innodb-flush-method=nosync
max-connections=20
log-bin={folder}/data/log-bin
sync-binlog=0
log-bin-trust-function-creators=1
{more}
"""
_PATIENCE = 60
_SETTLED = 1.15
"""Seconds after the one in which a table was altered until nobody takes it for altered since a snapshot."""


def programs() -> tuple[str, str] | None:
    """The server's programs: what sets a folder up, and the server."""
    where = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    install, server = (shutil.which(name, path=where) for name in ("mariadb-install-db", "mariadbd"))
    return (install, server) if install and server else None


class MariaServer:
    """A server in a folder of its own, reached through a socket in it, or a port of this machine.

    The folder is in ``/tmp`` and not with the test's: a socket's path has no more than 107 bytes, and the
    server, which refuses to run as root, asks whether it may read a path without the rights that it has.

    Args:
        found: its programs.
        more: further lines of its settings.
    """

    user = "tester"
    password = "canary-p4ss/word"
    changed = 0.0
    """When somebody last ran statements here, by the clock that only goes on."""

    def __init__(self, found: tuple[str, str], more: str = "") -> None:
        self._install, self._server = found
        self.host = tempfile.mkdtemp(prefix="maria", dir="/tmp")
        folder = Path(self.host)
        folder.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for place in (folder / "data", folder / "tmp"):
            place.mkdir()
        for place in (folder, folder / "data", folder / "tmp"):
            if os.geteuid() == 0:
                shutil.chown(place, "nobody")
        self.settings = folder / "settings"
        self.settings.write_text(SETTINGS.format(folder=folder, port=self.port, more=more))
        self.settings.chmod(0o644)
        self._run(
            self._install, f"--defaults-file={self.settings}", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )  # fmt: skip
        self._guard = subprocess.Popen(
            [*_before(), "sh", "-c", GUARD, self.host],
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
            f"GRANT PROXY ON ''@'%' TO {self.user}@localhost WITH GRANT OPTION",
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
                with socket.socket(socket.AF_UNIX) as there:  # the driver leaves one open that it can not use
                    there.connect(f"{self.host}/s")
                self.connect(None, user, password).close()
                return
            except Exception:  # noqa: BLE001 - whatever it is, it may be well soon
                if time.monotonic() > until or self._running.poll() is not None:
                    raise RuntimeError(Path(self.host, "log.err").read_text()) from None
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as at a power cut."""
        self._running.kill()
        self._running.wait()

    def end(self) -> None:
        self.stop()
        self._guard.communicate()
        shutil.rmtree(self.host, ignore_errors=True)  # the folder in which it stands is root's

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
            self.changed = time.time()

    def settle(self) -> None:
        """Waits until its tables are surely older than any snapshot to come."""
        time.sleep(max(int(self.changed) + _SETTLED - time.time(), 0))

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


def started(more: str = "") -> MariaServer:
    """A server, or the test is skipped."""
    found = programs()
    if found is None:
        if REQUIRED:
            pytest.fail("PHASEGATE_TEST_MARIADB=1, and this machine has no mariadbd")
        pytest.skip("this machine has no server of MariaDB")
    pytest.importorskip("pymysql") if not REQUIRED else __import__("pymysql")
    return MariaServer(found, more)


@pytest.fixture(scope="session")
def maria() -> Iterator[MariaServer]:
    server = started()
    yield server
    server.end()
