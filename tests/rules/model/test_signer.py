"""The signers and the ledger of a project file: what is taken, and what is refused at which place."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, render_all
from phasegate.rules.loading.project import load_project
from phasegate.rules.model.project import Project
from phasegate.rules.model.role import approves_for, is_role
from phasegate.rules.values.ledger_address import (
    LedgerAddressError,
    given_address,
    has_password,
    ledger_address,
)

Marked = Callable[[Diagnostic], str]

# RFC 8032, section 7.1: the public keys of its first tests.
RAW = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
)


def line(raw: bytes) -> str:
    return "ssh-ed25519 " + base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + raw).decode()


A, B, C = (line(bytes.fromhex(raw)) for raw in RAW)
HEAD = """phasegate: 1
sources: {a: {path: a.csv}}
measures: {a.rows: {title: Rows, from: a, count: "true"}}
require: {a.rows: ">= 1"}
"""
BOT = f"  - {{name: bot, roles: [evaluator], key: {A}}}\n"


def project(folder: Path, rest: str) -> Project:
    (folder / "phasegate.yaml").write_text(HEAD + rest)
    return load_project(folder / "phasegate.yaml").project


def refused(folder: Path, rest: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(PackError) as caught:
        project(folder, rest)
    assert caught.value.exit_code == 2
    return caught.value.diagnostics


def test_signers_are_read_with_their_roles_and_times(tmp_path: Path) -> None:
    rest = f"""signers:
{BOT}  - name: finance-lead
    roles: ["approver:finance", auditor]
    key: "{B} ann@example"
    start: 2026-01-01T00:00:00Z
    end: 2026-12-31T19:00:00-05:00
    revoked: 2026-07-01T12:00:00+12:00
"""
    bot, lead = project(tmp_path, rest).signers
    assert (bot.name, bot.roles, bot.key, bot.start, bot.end, bot.revoked) == (
        "bot", ("evaluator",), A, None, None, None,
    )  # fmt: skip
    assert lead.roles == ("approver:finance", "auditor")
    assert lead.key == f"{B} ann@example"
    assert (lead.start, lead.end, lead.revoked) == (
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
    )
    assert [limit.utcoffset() for limit in (lead.start, lead.end, lead.revoked) if limit] == [
        dt.timedelta()
    ] * 3


def test_a_project_that_says_nothing_lists_none_and_keeps_its_ledger_beside_it(tmp_path: Path) -> None:
    read = project(tmp_path, "")
    assert (read.signers, read.ledger) == ((), "phasegate.db")


@pytest.mark.parametrize(
    ("role", "function"),
    [
        ("evaluator", None),
        ("auditor", None),
        ("approver:finance", "finance"),
        ("approver:IT.ops-2_b", "IT.ops-2_b"),
    ],
)
def test_roles(role: str, function: str | None) -> None:
    assert is_role(role)
    assert approves_for(role) == function


@pytest.mark.parametrize(
    "text",
    [
        *("", "owner", "Evaluator", "finance", "approver", "approver:", "approver: a", "approver:a b"),
        *("approver:finance\n", "approver:a:b"),
    ],
)
def test_what_is_no_role(text: str) -> None:
    assert not is_role(text)
    assert approves_for(text) is None


def signer(name: str = "a", roles: str = "[auditor]", key: str = B, **more: str) -> str:
    """A row of the list, in one line."""
    keys = {"name": name, "roles": roles, "key": key, **more}
    return "  - {" + ", ".join(f"{key}: {text}" for key, text in keys.items() if text) + "}\n"


@pytest.mark.parametrize(
    ("row", "rule", "marked_text"),
    [
        (signer(key=""), "missing-key", "{"),
        (signer(name="a b"), "bad-name", "a b"),
        (signer(roles="[]"), "empty", "["),
        (signer(roles="[audit]"), "unknown-role", "audit"),
        (signer(roles="auditor"), "wrong-type", "auditor"),
        (signer(key="ssh-rsa AAAA"), "bad-key", "ssh-rsa AAAA"),
        (signer(key=B[:-4]), "bad-key", B[:-4]),
        (signer(key="1"), "wrong-type", "1"),
        (signer(name="bot"), "duplicate-name", "bot"),
        (signer(name="BOT"), "duplicate-name", "BOT"),
        (signer(key=f"{A} x"), "one-key", f"{A} x"),
        (signer(roles="[evaluator, approver:x]"), "one-person", "["),
        (signer(roles="[auditor, auditor]"), "duplicate-role", "["),
        (
            signer(start="2026-03-08T00:00:00+13:00", end="2026-03-07T11:00:00Z"),
            "empty-period",
            "2026-03-07T11:00:00Z",
        ),
        (signer(end="2026-03-07T11:00:00"), "no-time-zone", "2026-03-07T11:00:00"),
        (signer(end="9999-12-31T23:00:00-05:00"), "bad-date", "9999-12-31T23:00:00-05:00"),
        (signer(until="x"), "unknown-key", "until"),
    ],
)
def test_a_signer_is_refused_where_it_is_wrong(
    tmp_path: Path, marked: Marked, row: str, rule: str, marked_text: str
) -> None:
    found = refused(tmp_path, f"signers:\n{BOT}{row}")
    assert [(one.rule, marked(one)) for one in found] == [(rule, marked_text)]


@pytest.mark.parametrize(
    ("rest", "rule", "marked_text"),
    [
        ("signers: []\n", "empty", "["),
        (f"signers:\n{signer()}", "no-evaluator", "signers"),
        ("ledger: 1\n", "wrong-type", "1"),
        ("ledger: ''\n", "bad-ledger", "''"),
        ("ledger: ../phasegate.db\n", "bad-ledger", "../phasegate.db"),
        ("ledger: /var/phasegate.db\n", "bad-ledger", "/var/phasegate.db"),
        ("ledger: mysql://host/db\n", "bad-ledger", "mysql://host/db"),
        ("ledger: sqlite:///phasegate.db\n", "bad-ledger", "sqlite:///phasegate.db"),
        ("ledger: 'env:'\n", "bad-name", "'env:'"),
        ("ledger: env:A-B\n", "bad-name", "env:A-B"),
    ],
)
def test_refused_where_it_stands(
    tmp_path: Path, marked: Marked, rest: str, rule: str, marked_text: str
) -> None:
    found = refused(tmp_path, rest)
    assert [(one.rule, marked(one)) for one in found] == [(rule, marked_text)]


def test_a_key_that_can_not_be_read_hides_no_evaluator_but_no_other_fault(tmp_path: Path) -> None:
    """That there is no evaluator is not said: the signer with the broken key may be one."""
    late = {"start": "soon", "end": "2000-01-01T00:00:00Z"}
    rows = f"signers:\n{signer('bot', '[evaluator]', 'ssh-rsa AAAA')}{signer()}{signer(key=C, **late)}"
    found = refused(tmp_path, rows)
    places = [(one.rule, one.position.line) for one in found if one.position]
    assert places == [("bad-key", 6), ("duplicate-name", 8), ("bad-date", 8)]


def test_faults_are_told_to_people(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    found = refused(
        tmp_path,
        f"""ledger: ../elsewhere.db
signers:
  - name: lead
    roles: [auditr, "approver:the boss"]
    key: from="10.0.0.1" {A}
  - name: lead
    roles: [owner]
    key: ssh-ed25519 AAAA
  - name: Lead
    roles: [evaluator, "approver:finance"]
    key: {B}
  - name: other
    roles: [auditor]
    key: {B} again
    start: 2026-06-01T00:00:00Z
    end: 2026-06-01T00:00:00Z
  - name: weak
    roles: [auditor]
    key: ssh-ed25519 {line(bytes(32))[12:]}
""",
    )
    assert render_all(found) == snapshot


def test_the_documented_example_is_right(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs/project-file.md").read_text()
    example = text.partition("## Ledger and signers\n```yaml\n")[2].partition("```")[0]
    assert [one.name for one in project(tmp_path, example).signers] == ["pipeline", "f-101"]


class TestLedger:
    @pytest.mark.parametrize(
        "written",
        [
            "phasegate.db",
            "trail/phasegate.db",
            "postgresql://host/trail",
            "postgres://ann@host:5432/trail?sslmode=verify-full",
            "env:PHASEGATE_LEDGER",
        ],
    )
    def test_taken(self, tmp_path: Path, written: str) -> None:
        assert project(tmp_path, f"ledger: {written}\n").ledger == written

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://ann:pa55word@host/trail",
            "postgres://ann:pa55word@host/trail",
            "postgresql://ann@host/trail?password=pa55word",
            "postgresql://ann@host/trail?sslmode=require&password=pa55word",
            "postgresql://ann:@host/trail",
            "postgresql://ann@corp:pa55word@host/trail",
            "postgresql://ann:pa55word@[host/trail",
            "postgresql://ann:pa55word/x@host/trail",
            "postgresql://ann:pa55word?x@host/trail",
            "postgresql://ann@host/trail?sslpassword=pa55word",
            "host=h user=ann password=pa55word dbname=trail",
            "dbname = trail password = pa55word",
            "PASSWORD=pa55word host=h",
        ],
    )
    def test_a_password_does_not_stand_in_a_file_and_is_not_shown(self, tmp_path: Path, address: str) -> None:
        found = refused(tmp_path, f"ledger: '{address}'\n")
        assert [one.rule for one in found] == ["password"]
        assert "pa55word" not in render_all(found)
        assert "phasegate.yaml:5:" in render_all(found)

    @pytest.mark.parametrize(
        "address", ["phasegate.db", "postgresql://host/db", "postgresql://a@[::1]:5432/password"]
    )
    def test_what_carries_none(self, address: str) -> None:
        assert not has_password(address)

    def test_where_it_is(self, tmp_path: Path) -> None:
        variables = {
            "P": "trail/a.db",
            "Q": str(tmp_path.parent / "b.db"),
            "R": " postgresql://u:p@h/d ",
            "S": " ",
        }
        assert ledger_address("a.db", tmp_path, variables) == tmp_path / "a.db"
        assert ledger_address("postgresql://h/d", tmp_path, variables) == "postgresql://h/d"
        assert ledger_address("env:P", tmp_path, variables) == tmp_path / "trail/a.db"
        assert ledger_address("env:Q", tmp_path, variables) == tmp_path.parent / "b.db"
        assert ledger_address("env:R", tmp_path, variables) == "postgresql://u:p@h/d"
        for name in ("env:S", "env:T"):
            with pytest.raises(LedgerAddressError, match=f"{name[4:]} says, and that variable is not set"):
                ledger_address(name, tmp_path, variables)

    def test_a_variable_with_another_address_shows_its_beginning_only(self, tmp_path: Path) -> None:
        with pytest.raises(LedgerAddressError, match="begins with 'mysql://'") as caught:
            ledger_address("env:P", tmp_path, {"P": "mysql://u:pa55word@h/d"})
        assert "pa55word" not in str(caught.value)

    @pytest.mark.parametrize(
        "written", ["host=h password=pa55word", "dbname=d user=u", " port = 5432 sslpassword=pa55word"]
    )
    def test_settings_are_no_name_of_a_file(self, tmp_path: Path, written: str) -> None:
        for said in (
            lambda: ledger_address("env:P", tmp_path, {"P": written}),
            lambda: ledger_address(written, tmp_path, {}),
            lambda: given_address(written),
        ):
            with pytest.raises(LedgerAddressError, match="is written as settings") as caught:
                said()
            assert "pa55word" not in str(caught.value)
        for path in ("host", "passwords=1.db", "trail/host=1.db", "my host=x"):
            assert given_address(path) == Path(path)

    def test_a_link_that_leads_out_of_the_folder_is_refused(self, tmp_path: Path) -> None:
        inside = tmp_path / "project"
        inside.mkdir()
        (inside / "trail").symlink_to(tmp_path)
        assert [one.rule for one in refused(inside, "ledger: trail/phasegate.db\n")] == ["bad-ledger"]
