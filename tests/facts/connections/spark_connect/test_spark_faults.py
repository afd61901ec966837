"""What speaks Spark Connect may do anything: rows are all and of one moment, or there are none."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_spark import PAUSE, FakeSpark

from phasegate.facts.connections import tables
from phasegate.facts.connections.spark_connect import client
from phasegate.facts.connections.spark_connect.address import parsed
from phasegate.facts.connections.spark_connect.database import encrypted as encrypted_channel
from phasegate.facts.connections.spark_connect.quiet import grpc
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.passes import Reading
from phasegate.records.facts import source_entry
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

SECRET = "t0ken-s3cret"
COSTS = pl.DataFrame(
    {
        "no": ["a", "b", None, "d\te\\", ""],
        "amount": pl.Series(["1.50", "-2.00", None, "0.10", "3.00"]).cast(pl.Decimal(12, 2)),
        "at": pl.Series([dt.datetime(2026, 1, 31, 23, 30, n) for n in range(5)]).dt.replace_time_zone("UTC"),
    }
)
PEOPLE = pl.DataFrame({"name": ["ada"]})


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSpark]:
    monkeypatch.setattr(tables, "_PAUSE", 0.01)
    server = FakeSpark({"costs": COSTS, "people": PEOPLE}, files={"costs": ["file:/lake/1.parquet"]})
    port = server.start()
    server.token = SECRET
    monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{port}/;token={SECRET};x-cluster=c1")
    yield server
    server.end()


def read(*names: str, **given: object) -> Reading:
    connection = Connection.model_validate({"spark_connect": "env:SPARK_REMOTE", **given})
    names = names or ("costs",)
    files = {
        name: SourceFile.model_validate({"from": "lake", "table": f"finance.{name.rstrip('_')}"})
        for name in names
    }
    contracts = {name: Contract(title=name, infer=True) for name in names}
    opened = open_sources(contracts, files, Path(), dt.date(2026, 6, 1), connections={"lake": connection})
    reading = Reading(opened, opened)
    reading.read_small()
    reading.diagnose()
    for name, state in reading.states.items():
        told = repr((state, source_entry(state, files[name])))
        assert not any(word in told for word in (SECRET, "127.0.0.1", "secret words", "db.internal"))
    return reading


def test_rows_are_those_of_the_table(spark: FakeSpark) -> None:
    reading = read()
    assert reading.frames["costs"].collect().rows() == [
        (no or None, amount, at.replace(tzinfo=None)) for no, amount, at in COSTS.rows()
    ]
    state = reading.states["costs"]
    assert state.table is not None
    assert state.table.server == "Spark 4.2.1"
    assert state.table.snapshot.startswith("files sha256:")
    assert state.table.types == {"no": "string", "amount": "decimal(12,2)", "at": "timestamp"}
    assert all(head["x-cluster"] == "c1" for head in spark.heads)


def test_settings_are_made_first_and_the_session_is_ended(spark: FakeSpark) -> None:
    read()
    assert spark.calls[0] == "Config"
    assert spark.calls[-1] == "ReleaseSession"
    assert spark.settings["spark.sql.session.timeZone"] == "UTC"
    assert spark.settings["spark.sql.ansi.enabled"] == "true"
    assert spark.settings["spark.sql.files.ignoreMissingFiles"] == "false"
    assert not [each for each in spark.asked if each.split()[0] not in ("SELECT", "SHOW", "REFRESH")]


def test_a_server_that_does_not_let_a_setting_be_made_is_refused(spark: FakeSpark) -> None:
    spark.fixed["spark.sql.files.ignoreCorruptFiles"] = "true"
    found = read().states["costs"]
    assert "does not let spark.sql.files.ignoreCorruptFiles be 'false'" in found.reason


def test_a_server_that_ends_its_part_is_asked_for_the_rest(spark: FakeSpark) -> None:
    first = read().states["costs"]
    spark.bent = lambda query, answers: [part for each in answers for part in (each, PAUSE)]
    other = read().states["costs"]
    assert (other.status, other.rows, other.digest) == ("ok", 5, first.digest)
    assert "ReattachExecute" in spark.calls


def rows_only(bend: Callable[[list[Any]], list[Any]]) -> Callable[[str, list[Any]], list[Any]]:
    return lambda query, answers: bend(answers) if "`no`" in query else answers


def changed(answers: list[Any], place: int, **fields: object) -> list[Any]:
    for key, value in fields.items():
        target = (
            answers[place] if key in answers[place].DESCRIPTOR.fields_by_name else answers[place].arrow_batch
        )
        setattr(target, key, value)
    return answers


WRONG: dict[str, tuple[Callable[[list[Any]], list[Any]], str]] = {
    "no end": (lambda all_: all_[:-1], "was lost"),
    "nothing at all": (lambda all_: [], "was lost"),
    "a batch is left out": (lambda all_: [all_[0], *all_[2:]], "was lost"),
    "a batch comes twice": (lambda all_: [all_[0], *all_], "was lost"),
    "the last batch is left out": (lambda all_: [*all_[:2], all_[-1]], "changed while it was read"),
    "fewer rows than told": (lambda all_: changed(all_, 0, row_count=9), "was lost"),
    "no Arrow": (lambda all_: changed(all_, 0, data=b"something"), "was lost"),
    "half of Arrow": (lambda all_: changed(all_, 0, data=all_[0].arrow_batch.data[:-80]), "was lost"),
    "a part of a batch": (lambda all_: changed(all_, 0, num_chunks_in_batch=2), "was lost"),
    "another session": (lambda all_: changed(all_, 1, server_side_session_id="s-2"), "was lost"),
    "gone": (lambda all_: [all_[0], grpc.StatusCode.UNAVAILABLE], "was lost"),
    "given up": (lambda all_: [all_[0], grpc.StatusCode.ABORTED], "was lost"),
    "a failed plan": (lambda all_: [grpc.StatusCode.INTERNAL], "the server says INTERNAL"),
    "a plan that fails later": (lambda all_: [*all_[:-1], grpc.StatusCode.INTERNAL], "server says INTERNAL"),
    "no right": (lambda all_: [grpc.StatusCode.PERMISSION_DENIED], "is refused by the server"),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("bend", "said"), WRONG.values(), ids=WRONG)
def test_what_is_not_all_is_an_error_and_never_fewer_rows(
    spark: FakeSpark, bend: Callable[[list[Any]], list[Any]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_A_WHILE", 60.0)
    spark.bent = rows_only(bend)
    found = read().states["costs"]
    assert found.status == "error"
    assert found.rows == 0
    assert said in found.reason
    times = sum("`no`" in query for query in spark.asked)
    assert times == (3 if "was lost" in said or "changed" in said else 1), "what may pass is tried again"


def test_what_passes_is_read_once_more(spark: FakeSpark) -> None:
    first = [True]
    spark.bent = rows_only(
        lambda all_: [all_[0], grpc.StatusCode.UNAVAILABLE] if first and first.pop() else all_
    )
    assert read().states["costs"].rows == 5


def grown(spark: FakeSpark) -> None:
    spark.tables["costs"] = pl.concat([COSTS, COSTS])


def shrunk(spark: FakeSpark) -> None:
    spark.tables["costs"] = COSTS.head(1)


def rewritten(spark: FakeSpark) -> None:
    spark.files["costs"] = ["file:/lake/2.parquet"]


def dropped(spark: FakeSpark) -> None:
    del spark.tables["costs"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("change", [grown, shrunk, rewritten, dropped])
def test_a_table_that_changes_while_others_are_read_is_no_table(
    spark: FakeSpark, change: Callable[[FakeSpark], None]
) -> None:
    """Costs is read first; it is another one once people was."""

    def bent(query: str, answers: list[Any]) -> list[Any]:
        if query == "SELECT version()":  # the snapshot begins
            spark.tables["costs"], spark.files["costs"] = COSTS, ["file:/lake/1.parquet"]
        elif "`name`" in query:
            change(spark)
        return answers

    spark.bent = bent
    found = read("costs", "people").states
    assert {name: state.status for name, state in found.items()} == {"costs": "error", "people": "error"}


def test_a_table_that_changes_between_two_sources_of_it_is_no_table(spark: FakeSpark) -> None:
    times: list[str] = []

    def bent(query: str, answers: list[Any]) -> list[Any]:
        if "`no`" in query:
            times.append(query)
            spark.files["costs"] = [f"file:/lake/{(len(times) + 1) // 2 + 1}.parquet"]  # after each first one
        return answers

    spark.bent = bent
    found = read("costs", "costs_").states
    assert {name: state.status for name, state in found.items()} == {"costs": "error", "costs_": "error"}


def test_of_a_table_without_files_that_is_said(spark: FakeSpark) -> None:
    found = read("people").states["people"]
    assert found.table is not None
    assert found.table.snapshot == "none: the server tells of no files"


def test_a_wrong_token_is_refused_at_once(spark: FakeSpark) -> None:
    spark.token = "another"
    assert "is refused by the server" in read().states["costs"].reason
    assert len(spark.calls) == 1


def test_a_server_that_is_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.01)
    monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:1/;token={SECRET}")
    assert "the connection 'lake': the server can not be reached" in read().states["costs"].reason


def test_a_server_that_is_silent_is_given_up(spark: FakeSpark) -> None:
    def late(all_: list[Any]) -> list[Any]:
        time.sleep(1.5)
        return all_

    spark.bent = rows_only(late)
    assert "took longer than 1 seconds" in read(timeout="1 seconds").states["costs"].reason


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("finance.nothing", "does not exist"),
        ("finance.cost", "did you mean 'finance.costs'"),
        ("costs", "does not exist"),
        ("a.b.c.d", "does not exist"),
        ("finance.costs` WHERE false --", "does not exist"),
        ("FINANCE.costs", "can not be read: the server says TABLE_OR_VIEW_NOT_FOUND"),
    ],
)
def test_a_table_is_one_that_the_catalogue_has(spark: FakeSpark, written: str, said: str) -> None:
    source = SourceFile.model_validate({"from": "lake", "table": written})
    opened = open_sources(
        {"one": Contract(title="t", infer=True)},
        {"one": source},
        Path(),
        dt.date(2026, 6, 1),
        connections={"lake": Connection(spark_connect="env:SPARK_REMOTE")},
    )
    reading = Reading(opened, opened)
    reading.read_small()
    assert said in reading.states["one"].reason


@pytest.mark.parametrize(
    "address",
    ["", "nothing", "http://x", "sc://", "sc://u:p@host", "sc://host/path", "sc://host:port", "sc://host/;token",
     "sc://host/;session_id=1", "sc://host/;token=%ff", "sc://host?x=1"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_a_word_of_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_REMOTE", address)
    reason = read().states["costs"].reason
    assert "no address" in reason or "is not set" in reason
    assert not address or f"{address}'" not in reason


@pytest.mark.parametrize("tls", ["verify-ca", "require"])
def test_what_grpc_does_not_know_of_tls_is_refused(tls: str, spark: FakeSpark) -> None:
    assert f"Spark Connect has no tls: {tls}" in read(tls=tls).states["costs"].reason
    assert spark.calls == []


def test_sums_of_money_stay_exact(spark: FakeSpark) -> None:
    spark.tables["costs"] = pl.DataFrame(
        {"no": ["x"], "amount": pl.Series(["9" * 36 + ".99"]).cast(pl.Decimal(38, 2))}
    )
    assert read().frames["costs"].collect()["amount"].item() == Decimal("9" * 36 + ".99")


@pytest.mark.parametrize(
    ("address", "tls", "encrypted"),
    [
        ("sc://lake.example", "verify-full", True),
        ("sc://lake.example/;use_ssl=false", "verify-full", True),
        ("sc://10.0.0.1:443", "verify-full", True),
        ("sc://127.0.0.1.example", "verify-full", True),
        ("sc://localhost", "verify-full", False),
        ("sc://127.0.0.1:15002", "verify-full", False),
        ("sc://[::1]:15002", "verify-full", False),
        ("sc://localhost/;use_ssl=true", "verify-full", True),
        ("sc://lake.example", "off", False),
        ("sc://lake.example/;use_ssl=true", "off", True),
    ],
)
def test_tls_is_asked_for_wherever_others_may_listen(address: str, tls: str, encrypted: bool) -> None:
    connection = Connection.model_validate({"spark_connect": "env:X", "tls": tls})
    assert encrypted_channel("lake", parsed("lake", address), connection) is encrypted


def certificate(folder: Path) -> tuple[bytes, bytes]:
    """A key and a certificate of its own for localhost; the certificate stands in root.pem too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1))
        .not_valid_after(dt.datetime(2099, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = made.public_bytes(serialization.Encoding.PEM)
    (folder / "root.pem").write_bytes(text)
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *private), text


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_server_without_a_certificate_that_is_trusted_is_refused_without_a_word(
    encrypted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = FakeSpark({"costs": COSTS})
    port = server.start(grpc.ssl_server_credentials([certificate(tmp_path)]) if encrypted else None)
    monkeypatch.setenv("SPARK_REMOTE", f"sc://localhost:{port}/;use_ssl=true;token={SECRET}")
    assert "refused: no TLS as it is asked for" in read().states["costs"].reason
    assert (server.calls, capfd.readouterr().err) == ([], "")
    server.end()


@pytest.mark.slow
def test_a_server_whose_root_is_known_is_read(tmp_path: Path) -> None:
    """In a process of its own: gRPC reads its roots once."""
    server = FakeSpark({"costs": COSTS}, token=SECRET)
    port = server.start(grpc.ssl_server_credentials([certificate(tmp_path)]))
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\nid: p-5c1e8a94d2f07b36\nconnections:\n  lake: {spark_connect: env:SPARK_REMOTE}\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "phasegate", "sources"],
        env={
            **os.environ,
            "SPARK_REMOTE": f"sc://localhost:{port}/;use_ssl=true;token={SECRET}",
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(tmp_path / "root.pem"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    server.end()
    assert ended.stdout.startswith("lake  Spark 4.2.1  1 table\n"), ended.stdout + ended.stderr
    assert ended.stderr == ""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012", "DIVIDE_BY_ZERO"),
        ("\n[PARSE_SYNTAX_ERROR.NO_SUCH] near 'x'", "PARSE_SYNTAX_ERROR.NO_SUCH"),
        (
            "Job aborted: org.apache.spark.SparkArithmeticException: [CAST_INVALID_INPUT] The value 'ada'",
            "CAST_INVALID_INPUT",
        ),
        ("(java.lang.IllegalStateException) of ada", "java.lang.IllegalStateException"),
        ("the value '[ADA_LOVELACE]' is no number", "INTERNAL"),
        ("Cannot cast string ada to int", "INTERNAL"),
        ("", "INTERNAL"),
    ],
)
def test_of_what_a_server_says_only_the_class_is_told(spark: FakeSpark, said: str, told: str) -> None:
    spark.said = said
    spark.bent = rows_only(lambda all_: [grpc.StatusCode.INTERNAL])
    assert read().states["costs"].reason == f"lake:finance.costs can not be read: the server says {told}"
