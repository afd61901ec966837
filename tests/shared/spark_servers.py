"""Spark Connect servers of the tests' own, on this machine alone, gone at the end: Sail, and Spark itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECRET = "lake-t0ken-s3cret"
_PATIENCE = 180
GUARD = """
trap '' INT TERM HUP
place="$0"
"$@" </dev/null >"$place/log" 2>&1 &
echo $! >"$place/pid"
cat >/dev/null
kill -KILL "$(cat "$place/pid")"
"""
SPARK = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.authenticate.token": SECRET,
    "spark.connect.execute.reattachable.senderMaxStreamSize": "50k",  # it is asked for the rest now and then
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
}


class Lake:
    """A server, and a session of it in which the tests make tables.

    Args:
        folder: an empty one.
        kind: ``sail`` or ``spark``.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.session = str(uuid.uuid4())
        self.start()

    def start(self) -> None:
        """Its tables are gone where it keeps them in memory, as Sail does."""
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if self.kind == "sail":
            sail = ROOT / ".tmp/sail/bin/sail"
            command = [str(sail), "spark", "server", "--port", str(self.port), "-C", str(self.folder)]
        else:
            home = next((ROOT / ".tmp/spark/lib").glob("python*/site-packages/pyspark"))
            environ |= {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
            given = {
                **SPARK,
                "spark.connect.grpc.binding.port": str(self.port),
                "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
                "spark.local.dir": str(self.folder / "local"),
            }
            settings = [part for key, value in given.items() for part in ("--conf", f"{key}={value}")]
            command = [
                str(home / "bin/spark-submit"), "--master", "local[2]", *settings,
                "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
            ]  # fmt: skip
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, str(self.folder), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=environ,
            start_new_session=True,  # whoever presses Ctrl-C does not reach it
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self.client()
                return
            except Exception as error:  # whatever it is, it is not there yet
                if time.monotonic() > end or self._guard.poll() is not None:
                    log = (self.folder / "log").read_text()
                    raise RuntimeError(f"{self.kind} does not start: {error}\n{log[-3000:]}") from error
                time.sleep(0.2)

    def client(self) -> Any:
        """Speaks in the tests' session."""
        from phasegate.facts.connections.spark_connect.address import parsed
        from phasegate.facts.connections.spark_connect.client import Client

        made = Client(parsed("lake", self.url), tls=False)
        made.set_up({"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"})
        return made

    @property
    def url(self) -> str:
        """The address that a project reads by; it names the session, for Sail keeps a catalogue for each."""
        shared = f";session_id={self.session}" if self.kind == "sail" else ""
        return f"sc://127.0.0.1:{self.port}/;token={SECRET};user_id=tester{shared}"

    def run(self, *statements: str) -> None:
        """Runs statements in the tests' session."""
        client = self.client()
        for statement in statements:
            client.command(statement, 120.0)
        client.close()

    def kill(self) -> None:
        """At once, as at a power cut."""
        self._guard.communicate()

    def end(self) -> None:
        """Its folder goes with it."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _needed(kind: str) -> None:
    """Skips, or fails where it must be there, what needs a server that is not here."""
    lacking = ""
    if not (ROOT / f".tmp/{kind}/.installed").exists():
        lacking = f"{kind} is not here; 'make spark' fetches it"
    elif kind == "spark" and shutil.which("java") is None:
        lacking = "Spark runs on Java, and this machine has none"
    if lacking and os.environ.get(f"PHASEGATE_TEST_{kind.upper()}") == "1":
        pytest.fail(f"PHASEGATE_TEST_{kind.upper()}=1, and {lacking}")
    if lacking:
        pytest.skip(lacking)


def _lake(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    _needed(kind)
    made = Lake(tmp_path_factory.mktemp(kind), kind)
    yield made
    made.end()


@pytest.fixture
def spark_packages() -> Path:
    """Where Python's part of Spark is."""
    _needed("spark")
    return next((ROOT / ".tmp/spark/lib").glob("python*/site-packages"))


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    yield from _lake("sail", tmp_path_factory)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    yield from _lake("spark", tmp_path_factory)


@pytest.fixture
def own_sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """One that may be killed."""
    yield from _lake("sail", tmp_path_factory)
