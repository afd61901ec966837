"""A real MariaDB server: who may read it, over what, and nothing of the address is shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from certificates import certificate
from erp_database import SECRET, Erp
from mariadb_server import MariaServer, started

from phasegate.facts.connections import tables
from phasegate.facts.connections.mysql import database
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.05)


GRANTS = {
    "INSERT ON {db}.t": "INSERT on `{db}`.`t`",
    "UPDATE (i) ON {db}.t": "UPDATE on `{db}`.`t`",
    "DELETE ON `{db}%`.*": "DELETE on `{db}%`.*",
    "INSERT ON *.*": "INSERT on *.*",
    "FILE ON *.*": "FILE on *.*",
    "SUPER ON *.*": "SUPER on *.*",
    "DROP ON other.*": "DROP on `other`.*",
    "ALTER ON {db}.t": "ALTER on `{db}`.`t`",
    "TRIGGER ON {db}.*": "TRIGGER on `{db}`.*",
    "EVENT ON {db}.*": "EVENT on `{db}`.*",
    "CREATE USER ON *.*": "CREATE USER on *.*",
    "RELOAD ON *.*": "RELOAD on *.*",
    "ALL ON other.*": "ALL PRIVILEGES on `other`.*",
    "ALTER ROUTINE ON {db}.*": "ALTER ROUTINE on `{db}`.*",
    "SET USER ON *.*": "SET USER on *.*",
    "PROXY ON '{user}'@localhost": "PROXY on",
    "{role}": "INSERT on `{db}`.*",
    "{outer}": "INSERT on `{db}`.*",
    "SELECT ON {db}.t WITH GRANT OPTION": "GRANT OPTION on `{db}`.`t`",
    "{harmless} WITH ADMIN OPTION": "ADMIN OPTION for `{harmless}`",
}


ROLES = ("{role}", "{outer}")


@pytest.mark.parametrize(
    ("grant", "active"), [*((grant, False) for grant in GRANTS), *((role, True) for role in ROLES)]
)
def test_a_role_that_may_write_is_refused_unless_the_project_says_so(
    maria_erp: Erp, grant: str, active: bool
) -> None:
    name = maria_erp.name
    names = {"db": name, "role": f"w_{name}", "outer": f"o_{name}", "harmless": f"h_{name}"}
    names["user"] = "tester"
    maria_erp.run(
        "CREATE TABLE t (i int)", "CREATE DATABASE IF NOT EXISTS other",
        *(f"CREATE ROLE {each}_{name}" for each in "who"),
        f"GRANT INSERT ON {name}.* TO w_{name}", f"GRANT w_{name} TO o_{name}",
        f"GRANT SELECT ON {name}.* TO h_{name}",
    )  # fmt: skip
    reader = f"reader_{name}"
    what, _, option = grant.format(**names).partition(" WITH ")
    maria_erp.run(f"GRANT {what} TO {reader} {f'WITH {option}' if option else ''}")
    if active:
        maria_erp.run(f"SET DEFAULT ROLE {what} FOR {reader}")
    found = maria_erp.state(f"{name}.t", WHOLE)
    assert "its role may do more than read: " + GRANTS[grant].format(**names) in found.reason
    assert "IDENTIFIED" not in found.reason, "no hash of a password"
    maria_erp.as_role(reader, privileged=True)
    assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"


@pytest.mark.parametrize(
    "grant",
    [
        "SHOW VIEW ON {db}.*", "EXECUTE ON {db}.*", "PROCESS ON *.*", "SHOW DATABASES ON *.*",
        "LOCK TABLES ON {db}.*", "CREATE TEMPORARY TABLES ON {db}.*", "SELECT ON *.*",
        "BINLOG MONITOR ON *.*", "h_{db}",
    ],
)  # fmt: skip
def test_a_role_that_may_only_look_is_not(maria_erp: Erp, grant: str) -> None:
    name = maria_erp.name
    maria_erp.run("CREATE TABLE t (i int)", f"CREATE ROLE h_{name}", f"GRANT SELECT ON {name}.* TO h_{name}")
    maria_erp.run(f"GRANT {grant.format(db=name)} TO reader_{name}")
    assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"


def test_what_a_role_alone_gives_is_read_by_a_default_role(maria_erp: Erp) -> None:
    """The roles that were taken on to look at them are given back."""
    name = maria_erp.name
    maria_erp.run(
        "CREATE TABLE t (i int)", f"CREATE ROLE h_{name}", f"GRANT SELECT ON {name}.* TO h_{name}",
        f"CREATE USER d_{name} IDENTIFIED BY '{SECRET}'", f"GRANT h_{name} TO d_{name}",
    )  # fmt: skip
    socket = f"{maria_erp.server.host}/s"
    maria_erp.monkeypatch.setenv("ERP_URL", f"mysql://d_{name}:{quote(SECRET, safe='')}@/?socket={socket}")
    assert "does not exist" in maria_erp.state(f"{name}.t", WHOLE).reason
    maria_erp.run(f"SET DEFAULT ROLE h_{name} FOR d_{name}")
    assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "ORACLE"])
def test_roles_are_known_by_their_names_however_the_server_quotes_them(maria_erp: Erp, mode: str) -> None:
    name = maria_erp.name
    maria_erp.run(
        "CREATE TABLE t (i int)", f"CREATE ROLE h_{name}", f"GRANT SELECT ON {name}.* TO h_{name}",
        f"GRANT h_{name} TO reader_{name}", f"CREATE ROLE w_{name}", f"GRANT INSERT ON {name}.* TO w_{name}",
        f"SET GLOBAL sql_mode = '{mode}'",
    )  # fmt: skip
    try:
        assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"
        maria_erp.run(f"GRANT w_{name} TO reader_{name}")
        assert f"INSERT on `{name}`.*" in maria_erp.state(f"{name}.t", WHOLE).reason
    finally:
        maria_erp.run("SET GLOBAL sql_mode = DEFAULT")


def test_what_everybody_may_write_counts_but_for_the_sandbox_of_a_new_server(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run("CREATE TABLE t (i int)")
    maria_erp.run("GRANT ALL ON test.* TO PUBLIC", "GRANT ALL ON `test\\_%`.* TO PUBLIC")
    try:
        assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"
        maria_erp.run(f"GRANT INSERT ON {name}.* TO PUBLIC")
        assert f"INSERT on `{name}`.*" in maria_erp.state(f"{name}.t", WHOLE).reason
    finally:
        maria_erp.run("REVOKE ALL ON test.* FROM PUBLIC", "REVOKE ALL ON `test\\_%`.* FROM PUBLIC")
        maria_erp.run(f"REVOKE INSERT ON {name}.* FROM PUBLIC")


ADDRESSES = {
    "wrong password": "mysql://{user}:wr0ng-one@/{name}?socket={socket}",
    "no such role": "mysql://nobody:wr0ng-one@/{name}?socket={socket}",
    "no such database": "mysql://{user}:{secret}@/none?socket={socket}",
    "nobody there": "mysql://{user}:{secret}@/none?socket=/nowhere/s",
    "no port": "mysql://{user}:{secret}@localhost:1/none",
    "no host": "mysql://{user}:{secret}@wr0ng-one.invalid/none",
    "no address": "{user}:{secret}",
    "another kind": "postgresql://{user}:{secret}@localhost/erp",
    "not encoded": "mysql://{user}:pa/ss@wr0ng-one/none",
    "not to be read": "mysql://{user}:wr0ng-one@[/none",
    "bad percent": "mysql://{user}:wr0ng-one%ff@localhost/none",
    "nobody": "mysql://localhost/none?socket={socket}",
    "a setting that is none": "mysql://{user}:{secret}@localhost/none?local_infile=1",
    "no such file": "mysql://{user}:{secret}@localhost/none?ssl_ca=/wr0ng-one",
    "no TLS": "mysql://{user}:{secret}@127.0.0.1:{port}/{name}",
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_no_failure_shows_an_address_or_a_password(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    server = maria_erp.server
    assert isinstance(server, MariaServer)
    values = {
        "user": f"reader_{maria_erp.name}", "name": maria_erp.name, "secret": quote(SECRET, safe=""),
        "socket": f"{server.host}/s", "port": server.port,
    }  # fmt: skip
    address = ADDRESSES[case].format(**values)
    monkeypatch.setenv("ERP_URL", address)
    found = maria_erp.state(f"{maria_erp.name}.t", WHOLE)
    assert found.status == "error"
    assert "'erp'" in found.reason
    told = repr(found).replace("erp:" + maria_erp.name, "") + "".join(capfd.readouterr())
    secrets = (
        SECRET,
        values["secret"],
        "wr0ng-one",
        server.host,
        "localhost",
        "127.0.0.1",
        "reader_",
        address,
    )
    for secret in secrets:
        assert str(secret) not in told


def test_nothing_of_an_address_is_in_what_a_command_prints(maria_erp: Erp, tmp_path: Path) -> None:
    """Not even where a programme's fault would be printed with all that led to it."""
    project = "phasegate: 1\nid: p-7d20c41f9be65a38\nconnections: {erp: {mysql: env:ERP_URL}}\n"
    (tmp_path / "phasegate.yaml").write_text(project)
    address = f"mysql://ada:{quote(SECRET, safe='')}@127.0.0.1:1/erp"
    ended = subprocess.run(
        [sys.executable, "-m", "phasegate", "sources"],
        capture_output=True, text=True, cwd=tmp_path, env={"ERP_URL": address, "PATH": "/usr/bin"},
    )  # fmt: skip
    assert ended.returncode == 2
    assert "the server can not be reached" in ended.stdout
    for secret in (SECRET, quote(SECRET, safe=""), "ada", "127.0.0.1"):
        assert secret not in ended.stdout + ended.stderr


def test_a_wrong_password_is_tried_once(maria_erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times would lock accounts."""
    tries = []
    wire = database.Wire
    monkeypatch.setattr(database, "Wire", lambda *a, **k: (tries.append(1), wire(*a, **k))[1])
    maria_erp.as_role(f"reader_{maria_erp.name}", "wrong")
    assert "is refused by the server" in maria_erp.state(f"{maria_erp.name}.t", WHOLE).reason
    assert len(tries) == 1


@pytest.mark.parametrize("password", ["", "pä ss%wörd/✓:@?#", "'\"\\"])
def test_a_password_may_be_any(maria_erp: Erp, password: str) -> None:
    name = maria_erp.name
    with maria_erp.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET NAMES utf8mb4")
        cursor.execute(f"CREATE USER p_{name} IDENTIFIED BY %s", (password,))
        cursor.execute(f"GRANT SELECT ON {name}.* TO p_{name}")
    maria_erp.run("CREATE TABLE t (i int)")
    maria_erp.monkeypatch.setenv(
        "ERP_URL", f"mysql://p_{name}:{quote(password, safe='')}@/?socket={maria_erp.server.host}/s"
    )
    assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MariaServer, Path]]:
    folder = tmp_path_factory.mktemp("certificates")
    certificate(folder)
    lines = [f"ssl-{key}={folder}/{file}" for key, file in (("cert", "server.pem"), ("key", "server.key"))]
    for place in (folder, *folder.iterdir()):
        place.chmod(0o755)
    server = started("\n".join(lines))
    server.execute(
        None, "CREATE DATABASE erp", "CREATE TABLE erp.t (i int)",
        f"CREATE USER reader IDENTIFIED BY '{SECRET}' REQUIRE SSL", "GRANT SELECT ON erp.* TO reader",
        f"CREATE USER plain IDENTIFIED BY '{SECRET}'", "GRANT SELECT ON erp.* TO plain",
    )  # fmt: skip
    yield server, folder
    server.end()


@pytest.mark.parametrize(
    ("tls", "host", "root", "status"),
    [
        ("verify-full", "localhost", "root.pem", "ok"),
        ("verify-full", "127.0.0.1", "root.pem", "error"),
        ("verify-full", "localhost", "other.pem", "error"),
        ("verify-full", "localhost", None, "error"),
        ("verify-ca", "127.0.0.1", "root.pem", "ok"),
        ("verify-ca", "127.0.0.1", "other.pem", "error"),
        ("verify-ca", "localhost", None, "error"),
        ("require", "127.0.0.1", None, "ok"),
        ("off", "127.0.0.1", None, "ok"),
    ],
)
def test_a_certificate_is_looked_at(
    encrypted: tuple[MariaServer, Path], maria_erp: Erp, tls: str, host: str, root: str | None, status: str
) -> None:
    server, folder = encrypted
    maria_erp.server, maria_erp.given = server, {"tls": tls}
    more = f"?ssl_ca={quote(str(folder / root), safe='')}" if root else ""
    address = f"mysql://reader:{quote(SECRET, safe='')}@{host}:{server.port}/erp{more}"
    maria_erp.monkeypatch.setenv("ERP_URL", address)
    found = maria_erp.state("erp.t", WHOLE)
    assert found.status == status, found.reason
    if status == "error":
        assert "the connection 'erp' is refused: no TLS as it is asked for" in found.reason
    for secret in (SECRET, quote(SECRET, safe=""), str(folder), "127.0.0.1", "localhost"):
        assert secret not in repr(found)


def test_off_is_read_without_tls_too(maria_erp: Erp) -> None:
    server: Any = maria_erp.server
    maria_erp.run("CREATE TABLE t (i int)")
    maria_erp.given = {"tls": "off"}
    secret = quote(SECRET, safe="")
    maria_erp.monkeypatch.setenv(
        "ERP_URL", f"mariadb://reader_{maria_erp.name}:{secret}@127.0.0.1:{server.port}/"
    )
    assert maria_erp.state(f"{maria_erp.name}.t", WHOLE).status == "ok"
    for tls in ("verify-full", "verify-ca", "require"):
        maria_erp.given = {"tls": tls}
        assert "no TLS as it is asked for" in maria_erp.state(f"{maria_erp.name}.t", WHOLE).reason
