"""What was signed under the digest of a pack's files counts for rules that say the same, for no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from phasegate.rules.loading.pack import LoadedPack, load_pack

World = Any
DAY = "2026-03-02T09:00:00+00:00"


@pytest.fixture
def by_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Does something as it was done when rules had the digest of their files."""

    def then(act: Callable[[], object]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(LoadedPack, "digest", property(lambda self: self.files_digest))
            act()

    return then


@pytest.fixture
def upgraded(world: World, by_files: Callable[[Callable[[], object]], None]) -> World:
    """Two functions approved the rules, one granted a waiver, a gate was open with it; then, an upgrade."""

    def before() -> None:
        world.approve()
        world.waive()
        assert world.gate().exit_code == 0

    by_files(before)
    return world.at(DAY)


def edit(world: World, old: str, new: str) -> None:
    file = world.folder / "pack" / "pack.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def verified(result: Result) -> None:
    assert result.exit_code == 0, result.output


def test_what_was_signed_goes_on_to_count(upgraded: World) -> None:
    result = upgraded.gate()
    assert result.exit_code == 0, result.output
    record = upgraded.record("check")
    rules = load_pack(upgraded.folder / "pack")
    assert record["pack"]["digest"] == rules.digest != rules.files_digest
    assert [(each["standing"], each["pack_digest"]) for each in record["waivers"]] == [("used", rules.digest)]
    assert upgraded.by("fin", "advance", "1").exit_code == 0
    verified(upgraded.run("verify"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pack: harbour\n", "# ours\npack: harbour\n"),
        ("enforcement: soft\n        function: finance\n", "function: finance\n        enforcement: soft\n"),
    ],
)
def test_a_comment_or_a_moved_line_after_the_upgrade_voids_nothing(
    upgraded: World, old: str, new: str
) -> None:
    edit(upgraded, old, new)
    assert upgraded.gate().exit_code == 0
    edit(upgraded, new, f"{new}# and another\n")
    assert upgraded.gate().exit_code == 0
    verified(upgraded.run("verify"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('">= 95 %"', '">= 91 %"'),
        ("status = 'reconciled'", "status <> 'open'"),
        ("text: Berth systems activated", "text: Some berth systems activated"),
        ("title: Harbour\n", "title: Harbour\nversion: '2'\n"),
    ],
)
def test_a_change_voids_approvals_and_waivers(upgraded: World, old: str, new: str) -> None:
    edit(upgraded, old, new)
    result = upgraded.gate()
    assert result.exit_code in (1, 3), result.output
    record = upgraded.record("check")
    assert record["approval"]["given"] == []
    assert [each["standing"] for each in record["waivers"]] == ["other_pack"]
    verified(upgraded.run("verify"))


def test_files_that_no_run_shows_are_not_believed_to_say_the_same(
    world: World, by_files: Callable[[Callable[[], object]], None]
) -> None:
    by_files(world.approve)  # no run was kept under these files
    edit(world, "pack: harbour\n", "# ours\npack: harbour\n")
    assert world.record("check")["approval"]["given"] == []
    edit(world, "# ours\n", "")
    assert len(world.record("check")["approval"]["given"]) == 2  # the very files are there


def test_a_pipeline_that_pins_the_digest_of_the_files_goes_on_until_they_change(upgraded: World) -> None:
    rules = load_pack(upgraded.folder / "pack")
    for pinned in (rules.files_digest, rules.digest):
        assert upgraded.by("ci", "gate", "1", "--pack-digest", pinned).exit_code == 0
    edit(upgraded, "pack: harbour\n", "# ours\npack: harbour\n")
    assert upgraded.by("ci", "gate", "1", "--pack-digest", rules.files_digest).exit_code == 2
    assert upgraded.by("ci", "gate", "1", "--pack-digest", rules.digest).exit_code == 0


def test_a_comment_voids_nothing_that_was_signed_today(world: World) -> None:
    world.approve()
    world.waive()
    assert world.gate().exit_code == 0
    edit(world, "pack: harbour\n", "# ours\n\npack: harbour\n")
    assert world.at(DAY).gate().exit_code == 0
    verified(world.run("verify"))
    verified(world.run("replay", "--all"))


def test_a_waiver_of_a_file_counts_under_either_digest(
    programme: Callable[[bool], None], run: Callable[..., Result], tmp_path: Path
) -> None:
    programme(True)
    rules, waivers = load_pack(tmp_path / "pack"), tmp_path / "waivers.yaml"
    text = waivers.read_text(encoding="utf-8")
    assert run("gate", "1").exit_code == 0
    waivers.write_text(text.replace(rules.digest, rules.files_digest), encoding="utf-8")
    assert run("gate", "1").exit_code == 0
    waivers.write_text(text.replace(rules.digest, f"sha256:{'0' * 64}"), encoding="utf-8")
    assert run("gate", "1").exit_code == 1


# What an approver is shown


def test_whoever_approves_is_shown_what_changed_since(world: World) -> None:
    first = world.by("fin", "approve").stderr
    assert "No rules were approved for finance before" in first
    world.by("dev", "approve")
    world.gate()
    edit(world, '">= 95 %"', '">= 85 %"')
    edit(world, "enforcement: soft", "enforcement: hard")
    told = " ".join(world.at(DAY).by("fin", "approve").stderr.split())
    assert "fin approved rules for finance on 2026-03-01T12:00:00Z. Since then: 2 changes." in told
    assert "enforcement: criterion 1.1/systems is hard, and was soft." in told
    assert (
        "bound: criterion 1.1/systems asks for invoices.reconciled >= 85 %, and asked for "
        "invoices.reconciled >= 95 %." in told
    )
    again = " ".join(world.by("fin", "approve").stderr.split())
    assert "they say the same as those in force" in again


def test_whoever_approves_is_told_where_nobody_knows_what_changed(world: World) -> None:
    world.by("fin", "approve")
    edit(world, '">= 95 %"', '">= 85 %"')
    told = " ".join(world.by("fin", "approve").stderr.split())
    assert "the ledger keeps no run under them, so that nobody can tell what changed" in told


def test_what_is_shown_is_what_was_approved_before_the_upgrade(upgraded: World) -> None:
    edit(upgraded, "pack: harbour\n", "# ours\npack: harbour\n")
    assert "they say the same as those in force" in " ".join(upgraded.by("fin", "approve").stderr.split())


def test_a_project_that_gets_an_id_and_a_comment_at_once_needs_an_adoption_and_no_more(
    upgraded: World,
) -> None:
    size = len(upgraded.log())
    upgraded.more = "id: p-12345678\n"
    upgraded.write()
    edit(upgraded, "pack: harbour\n", "# ours\npack: harbour\n")
    assert upgraded.gate().exit_code == 1
    verified(upgraded.by("fin", "ledger", "adopt", "--up-to", size))
    assert upgraded.gate().exit_code == 0
    assert upgraded.by("dev", "advance", "1").exit_code == 0
    verified(upgraded.run("verify"))
