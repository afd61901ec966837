"""No command that fails over a connection shows a password, wherever in or beside the address that stands."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from erp_database import Erp

from phasegate import cli
from phasegate.facts.connections import tables

pytestmark = pytest.mark.slow
SECRET = "c4.nary'p4.ss w/.rd"
"""Its parts have a point each: no signature, key or digest has such a part by chance."""
IN_URL, IN_WORDS = quote(SECRET, safe=""), SECRET.replace("'", r"\'")
PROJECT = """phasegate: 1
id: p-7d20c41f9be65a38
connections:
  erp: {{postgres: env:ERP_URL, tls: {tls}, timeout: 5 seconds}}
sources:
  t:
    from: erp
    table: finance.t
    contract: {{title: t, columns: {{i: {{type: integer}}}}}}
measures:
  rows: {{title: Rows, from: t, count: i > 0}}
require: {{rows: ">= 1"}}
"""
ADDRESSES = {
    "wrong": f"postgresql://reader:{IN_URL}@/{{name}}?host={{host}}",
    "as a key": f"postgresql://reader@/{{name}}?host={{host}}&password={IN_URL}",
    "twice": f"postgresql://reader:{IN_URL}@/{{name}}?host={{host}}&password=other",
    "as the name": f"postgresql://{IN_URL}@/{{name}}?host={{host}}",
    "as the database": f"postgresql://reader:x@/{IN_URL}?host={{host}}",
    "as the host": f"postgresql://reader:x@{IN_URL}/{{name}}",
    "as a folder": f"postgresql://reader:x@/{{name}}?host=/{IN_URL}",
    "as the port": f"postgresql://reader:x@localhost:{IN_URL}/{{name}}",
    "as an option": f"postgresql://reader:x@/{{name}}?host={{host}}&options=-c%20{IN_URL}%3D1",
    "as an unknown key": f"postgresql://reader:x@/{{name}}?host={{host}}&{IN_URL}=1",
    "as the password of a key": f"postgresql://reader:x@/{{name}}?host={{host}}&sslpassword={IN_URL}&sslkey=/x",
    "as a certificate": f"postgresql://reader:x@127.0.0.1:1/{{name}}?sslrootcert=/{IN_URL}",
    "as a service": f"postgresql://reader:x@/{{name}}?service={IN_URL}",
    "several hosts": f"postgresql://reader:{IN_URL}@127.0.0.1:1,localhost:2/{{name}}",
    "in words": f"host={{host}} dbname={{name}} user=reader password='{IN_WORDS}'",
    "in words that do not end": f"host={{host}} user=reader password='{IN_WORDS}",
    "not encoded": f"postgresql://reader:{SECRET}@/{{name}}?host={{host}}",
    "half encoded": f"postgresql://reader:%{SECRET}@/{{name}}",
    "alone": SECRET,
    "no bytes of UTF-8": f"postgresql://reader:{IN_URL}\udcff@/{{name}}?host={{host}}",
    "of a file": "postgresql://reader@/{name}?host={host}&passfile={folder}/pgpass",
    "of the environment": "postgresql://reader@/{name}?host={host}",
    "of another kind": f"mysql://reader:{IN_URL}@localhost/{{name}}",
}
COMMANDS = (
    ("check",),
    ("check", "--format", "json"),
    ("check", "--format", "html", "-o", "report.html"),
    ("gate", "programme"),
    ("sources",),
    ("sources", "--propose", "finance.t"),
    ("lint",),
    ("explain", "rows"),
    ("evidence", "rows"),
    ("schedule", "run"),
)


@pytest.fixture
def project(erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tables, "_PAUSE", 0)
    monkeypatch.chdir(tmp_path)
    erp.run("CREATE TABLE finance.t (i int)", "INSERT INTO finance.t VALUES (1)")
    (tmp_path / "phasegate.yaml").write_text(PROJECT.format(tls="verify-full"))
    (tmp_path / "pgpass").write_text("*:*:*:*:" + SECRET.replace(":", r"\:") + "\n")
    (tmp_path / "pgpass").chmod(0o600)
    return tmp_path


@pytest.mark.parametrize("case", ADDRESSES)
def test_no_output_and_no_file_has_the_password(
    erp: Erp, project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    host = quote(erp.server.host, safe="/")
    address = ADDRESSES[case].format(name=erp.name, host=host, folder=project)
    monkeypatch.setenv("ERP_URL", address)
    if case == "of the environment":
        monkeypatch.setenv("PGPASSWORD", SECRET)
    told = []
    for command in COMMANDS:
        result = CliRunner().invoke(cli.main, command)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            command,
            result.exception,
        )
        assert result.exit_code != 0 or command[0] not in ("check", "gate"), command
        told.append(result.output)
    told += [*capfd.readouterr()]
    told += [
        path.read_bytes().decode("utf-8", "replace")
        for path in project.rglob("*")
        if path.is_file() and path.name != "pgpass"
    ]
    assert "erp" in "".join(told)
    for secret in (SECRET, IN_URL, IN_WORDS, "p4.ss", "c4.nary", "w/.rd"):
        assert all(secret not in each for each in told), secret


VARIABLES = {
    "PGOPTIONS": "-c row_security=on -c TimeZone=America/New_York -c DateStyle=German "
    "-c extra_float_digits=-10 -c search_path=finance -c default_transaction_isolation=serializable",
    "PGTZ": "America/New_York",
    "PGDATESTYLE": "German",
    "PGCLIENTENCODING": "latin1",
    "PGSSLMODE": "disable",
    "PGAPPNAME": "x",
    "PGTARGETSESSIONATTRS": "any",
}


def test_what_the_surroundings_say_changes_no_value(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    erp.run(
        "CREATE TABLE finance.t (i int, day date, at timestamptz, rate float8, name text)",
        "INSERT INTO finance.t VALUES (1, '2026-01-31', '2026-01-31 23:30+00', 0.123456789012345, 'Zoë ✓')",
    )
    before = erp.state("finance.t")
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    after = erp.state("finance.t")
    assert (before.status, after.status) == ("ok", "ok")
    assert after.digest == before.digest
    assert after.table is not None
    assert before.table is not None
    assert after.table.rows == before.table.rows
