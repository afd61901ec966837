"""Whose signature counts at which instant, to the microsecond and in any time zone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phasegate.audit.ledger.signer_lists import Listed as Lists
from phasegate.audit.signing.errors import PublicKeyError
from phasegate.audit.signing.keys import PrivateKey, PublicKey, new_key
from phasegate.audit.signing.signers import Signer, Signers, SignersError, UntrustedError, functions
from phasegate.rules.loading.project import load_project

ZONES = ("UTC", "America/New_York", "Pacific/Auckland")
TICK = dt.timedelta(microseconds=1)
START = dt.datetime(2026, 3, 8, 5, 0, tzinfo=dt.UTC)
END = dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)
REVOKED = dt.datetime(2026, 6, 30, 23, 59, 59, tzinfo=dt.UTC)
Listed = Callable[..., Signers]


@pytest.fixture
def listed(key: PrivateKey, tmp_path: Path) -> Listed:
    """Signers out of a project file whose one signer has these limits, written as they are given."""

    def read(**limits: str) -> Signers:
        rows = "".join(f"    {name}: {text}\n" for name, text in limits.items())
        (tmp_path / "phasegate.yaml").write_text(
            "phasegate: 1\nsources: {a: {path: a.csv}}\n"
            "measures: {a.rows: {title: Rows, from: a, count: 'true'}}\nrequire: {a.rows: '>= 1'}\nsigners:\n"
            f"  - name: ann\n    roles: [evaluator]\n    key: {key.public.openssh}\n{rows}"
        )
        return Signers.of(load_project(tmp_path / "phasegate.yaml").project)

    return read


def written(instant: dt.datetime, zone: str) -> str:
    """An instant as somebody in a zone writes it."""
    return instant.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize("asked_in", ZONES)
@pytest.mark.parametrize("written_in", ZONES)
@pytest.mark.parametrize(
    ("limits", "at", "why"),
    [
        ({}, START, None),
        ({"start": START}, START - TICK, "counts from 2026-03-08T05:00:00Z on only"),
        ({"start": START}, START, None),
        ({"end": END}, END - TICK, None),
        ({"end": END}, END, "counted until 2026-11-01T06:30:00Z"),
        ({"revoked": REVOKED}, REVOKED - TICK, None),
        ({"revoked": REVOKED}, REVOKED, "was revoked from 2026-06-30T23:59:59Z on"),
        ({"start": START, "end": END, "revoked": REVOKED}, START, None),
        ({"start": START, "end": END, "revoked": REVOKED}, END, "was revoked"),
        ({"start": START, "end": END, "revoked": START - TICK}, START, "was revoked"),
        ({"start": START, "end": END}, START - dt.timedelta(seconds=1), "counts from"),
        ({"start": START, "end": END}, END - dt.timedelta(seconds=1), None),
    ],
)
def test_a_signature_counts_from_its_start_until_its_end(
    listed: Listed,
    key: PrivateKey,
    limits: dict[str, dt.datetime],
    at: dt.datetime,
    why: str | None,
    written_in: str,
    asked_in: str,
) -> None:
    signers = listed(**{name: written(limit, written_in) for name, limit in limits.items()})
    there = at.astimezone(ZoneInfo(asked_in))
    if why is None:
        assert signers.who(key.public.fingerprint, there).name == "ann"
    else:
        with pytest.raises(UntrustedError, match=f"signature of 'ann' does not count at .*: it {why}"):
            signers.who(key.public.fingerprint, there)


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_in_which_a_limit_is_written_does_not_show(listed: Listed, zone: str) -> None:
    here, there = (listed(start=written(START, one), end=written(END, one)) for one in ("UTC", zone))
    assert here == there
    assert hash(here) == hash(there)
    assert here.as_document() == there.as_document()


def test_a_key_that_nobody_listed(listed: Listed, other: PrivateKey) -> None:
    with pytest.raises(UntrustedError, match=r"no signer has the key SHA256:") as caught:
        listed().who(other.public.fingerprint, START)
    assert "'signers'" in str(caught.value.hint)
    for fingerprint in ("", "ann", "SHA256:"):
        with pytest.raises(UntrustedError):
            listed().who(fingerprint, START)
        with pytest.raises(UntrustedError):
            Signers([]).who(fingerprint, START)


def test_at_an_instant_without_a_zone_no_signature_counts(listed: Listed, key: PrivateKey) -> None:
    with pytest.raises(UntrustedError, match="time zone"):
        listed().who(key.public.fingerprint, START.replace(tzinfo=None))


def signer(name: str, *roles: str, number: int | None = None, **limits: dt.datetime) -> Signer:
    """A signer with a key of its own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = (number or int.from_bytes(name.encode())).to_bytes(32, "big")
    return Signer(name, roles, PrivateKey(Ed25519PrivateKey.from_private_bytes(seed), name).public, **limits)


TEAM = (
    signer("fay", "approver:finance"),
    signer("dev", "approver:developer", "approver:finance-it"),
    signer("old", "approver:legal", end=START),
    signer("bot", "evaluator"),
    signer("eve", "auditor", revoked=REVOKED),
)


@pytest.mark.parametrize(
    ("role", "at", "names"),
    [
        ("evaluator", START, ["bot"]),
        ("auditor", START, ["eve"]),
        ("auditor", REVOKED, []),
        ("approver", START, ["dev", "fay"]),
        ("approver:", START, ["dev", "fay"]),
        ("approver", START - TICK, ["dev", "fay", "old"]),
        ("approver:finance", START, ["fay"]),
        ("approver:finance-it", START, ["dev"]),
        ("approver:fin", START, []),
        ("appr", START, []),
        ("", START, []),
        (":", START, []),
        ("EVALUATOR", START, []),
    ],
)
def test_who_has_a_role(role: str, at: dt.datetime, names: list[str]) -> None:
    assert [one.name for one in Signers(TEAM) if one.has(role) and one.why_not(at) is None] == names


def test_the_functions_that_approve_are_those_of_all_times() -> None:
    """That nobody approves for legal any more does not mean that nobody has to."""
    assert functions(TEAM) == ("developer", "finance", "finance-it", "legal")
    assert functions(Signers(reversed(TEAM))) == functions(TEAM)
    assert functions([]) == ()


def test_no_two_have_one_name_or_one_key() -> None:
    for two in (
        [signer("a", "auditor", number=1), signer("A", "auditor", number=2)],
        [signer("a", "auditor", number=1), signer("b", "auditor", number=1)],
    ):
        with pytest.raises(SignersError, match="one name or one key"):
            Signers(two)


def test_their_keys_are_found_by_fingerprint_also_where_they_no_longer_count() -> None:
    keys = Signers(TEAM).keys
    assert set(keys.values()) == {one.public for one in TEAM}
    assert all(key.fingerprint == fingerprint for fingerprint, key in keys.items())


class TestDocument:
    def test_it_is_plain_sorted_and_in_utc(self) -> None:
        auckland = dt.datetime(2026, 3, 8, 18, 0, 0, 500_000, ZoneInfo("Pacific/Auckland"))
        team = (
            signer("b", "auditor", "approver:x", number=1, start=auckland),
            signer("a", "evaluator", number=2),
        )
        assert Signers(team).as_document() == [
            {
                "name": "a",
                "roles": ["evaluator"],
                "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQiuYh1mAaOMsREipSa2ykND041ueAbDuXxoeYA/iZ0",
            },
            {
                "name": "b",
                "roles": ["approver:x", "auditor"],
                "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEy1q/atefv1q7zK/MJp2FzSZR7UuIW1hp8kGu3wpbop",
                "start": "2026-03-08T05:00:00.500000Z",
            },
        ]

    def test_it_comes_back(self) -> None:
        document = Signers(TEAM).as_document()
        again = Signers.from_document(json.loads(json.dumps(document)))
        assert again.as_document() == document
        assert [(one.name, one.public, one.end, one.revoked) for one in again] == [
            (one.name, one.public, one.end, one.revoked) for one in Signers(TEAM)
        ]
        assert len(again) == len(TEAM)
        assert Signers.from_document([]) == Signers([])

    def test_equal_lists_give_equal_bytes(self) -> None:
        from phasegate.audit.signing.canonical_json import canonical

        one, two = (Signers(team).as_document() for team in (TEAM, tuple(reversed(TEAM))))
        assert canonical(one) == canonical(two)

    def test_the_comment_of_a_key_is_not_part_of_it(self) -> None:
        one = TEAM[0]
        other = Signer(one.name, one.roles, PublicKey(one.public.raw, "another comment"))
        assert Signers([one]).as_document() == Signers([other]).as_document()

    ENTRY = {
        "name": "a",
        "roles": ["auditor"],
        "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQiuYh1mAaOMsREipSa2ykND041ueAbDuXxoeYA/iZ0",
        "start": "2026-03-08T05:00:00Z",
    }

    def test_the_entry_is_right_as_long_as_nothing_is_changed(self) -> None:
        assert Signers.from_document([self.ENTRY]).as_document() == [self.ENTRY]

    @pytest.mark.parametrize(
        "document",
        [
            None,
            {},
            "x",
            [None],
            ["x"],
            [{}],
            [{**ENTRY, "more": 1}],
            [{**ENTRY, "name": 1}],
            [{**ENTRY, "roles": "auditor"}],
            [{**ENTRY, "roles": []}],
            [{**ENTRY, "roles": [1]}],
            [{**ENTRY, "roles": ["owner"]}],
            [{**ENTRY, "roles": ["approver:"]}],
            [{**ENTRY, "roles": ["evaluator", "auditor"]}],
            [{**ENTRY, "key": 1}],
            [{**ENTRY, "key": ENTRY["key"] + " comment"}],
            [{**ENTRY, "start": None}],
            [{**ENTRY, "start": 1}],
            [{**ENTRY, "start": "2026-03-08"}],
            [{**ENTRY, "start": "2026-03-08T05:00:00"}],
            [{**ENTRY, "start": "2026-03-08T05:00:00+00:00"}],
            [{**ENTRY, "start": "2026-03-08T18:00:00+13:00"}],
            [{**ENTRY, "end": "9999-12-31T23:00:00-05:00"}],
            [ENTRY, ENTRY],
            [{**ENTRY, "name": "b"}, {**ENTRY, "key": TEAM[0].public.openssh.partition(" fay")[0]}],
        ],
    )  # fmt: skip
    def test_what_is_no_such_document_is_refused(self, document: Any) -> None:
        with pytest.raises(SignersError):
            Signers.from_document(document)

    def test_a_key_that_is_none_is_refused_as_everywhere(self) -> None:
        with pytest.raises(PublicKeyError):
            Signers.from_document([{**self.ENTRY, "key": "ssh-ed25519 AAAA"}])


OWN, PEOPLE = ("evaluator:evaluator",), ("ci:evaluator", "fin:approver:finance")


@pytest.mark.parametrize(
    ("lists", "names", "asked"),
    [
        ([], (), ()),
        ([OWN], (), ()),
        ([()], (), ()),
        ([OWN, PEOPLE], ("ci", "fin"), ("finance",)),
        ([PEOPLE, ()], ("ci", "fin"), ("finance",)),  # who empties the list forgets nobody
        ([PEOPLE, OWN], ("ci", "fin"), ("finance",)),
        ([PEOPLE, ("ci:evaluator",)], ("ci",), ("finance",)),
    ],
)
def test_a_later_list_takes_away_no_need_for_an_approval(
    lists: list[tuple[str, ...]], names: tuple[str, ...], asked: tuple[str, ...], tmp_path: Path
) -> None:
    keys = {name: new_key(tmp_path / name, name).public for name in ("evaluator", "ci", "fin")}
    found = Lists()
    for each in lists:
        people = (one.partition(":") for one in each)
        found = found.then(Signers(Signer(name, (role,), keys[name]) for name, _, role in people))
    assert (found.names, found.functions) == (names, asked)


@pytest.mark.parametrize("name", ["ANN", "ann ", "ａnn", "an\u200bn", "\ufeffAnn"])
def test_a_name_that_a_reader_takes_for_another_one_is_not_listed_beside_it(name: str) -> None:
    with pytest.raises(SignersError, match="two signers have one name"):
        Signers([signer("ann", "auditor", number=1), signer(name, "evaluator", number=2)])
