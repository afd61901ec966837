"""Reading folders: what belongs to a pack, what is refused before it is read, and the digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import OtherPackError, load_pack
from phasegate.rules.loading.pack_files import (
    MAX_FILES,
    PackNotFoundError,
    UnreadableFileError,
    pack_files,
    read_limited,
)

Folder = Callable[..., Path]
PACK = (Path(__file__).parents[1] / "packs/valid/minimal/pack.yaml").read_text()


def rules(folder: Path) -> list[str]:
    """The names of the violations that reading a pack ends with."""
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return [diagnostic.rule for diagnostic in caught.value.diagnostics]


def test_only_yaml_files_that_are_not_hidden_belong_to_a_pack(folder: Folder) -> None:
    base = folder({"pack.yaml": PACK, "README.md": "{", ".x.yaml": "{", ".git/y.yaml": "{", "notes.txt": "{"})
    assert load_pack(base).files == ("pack.yaml",)


def test_files_are_put_together_in_path_order(folder: Folder) -> None:
    more = "points:\n  {}: {{title: t, criteria: [{{id: c, text: t, require: {{orders.paid: '>= 1 %'}}}}]}}\n"
    base = folder(
        {
            "pack.yaml": PACK,
            "b.yaml": more.format("b"),
            "a/z.yaml": more.format("az"),
            "a.yaml": more.format("a"),
        }
    )
    loaded = load_pack(base)
    assert loaded.files == ("a.yaml", "a/z.yaml", "b.yaml", "pack.yaml")
    assert list(loaded.pack.points) == ["a", "az", "b", "p"]
    assert str(loaded.where(("points", "az"))) == "a/z.yaml:2:3"


@pytest.mark.parametrize("name", ["no_such_pack", "developer_finanse", "../developer_finance", ""])
def test_a_pack_that_is_not_there_is_one_clear_error(name: str) -> None:
    with pytest.raises(PackNotFoundError) as caught:
        load_pack(name or Path("nowhere"))
    assert caught.value.exit_code == 2
    assert "there is no pack" in caught.value.message


def test_the_nearest_built_in_pack_is_named() -> None:
    with pytest.raises(PackNotFoundError, match="did you mean 'developer_finance'"):
        load_pack("developer_finanse")


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({}, "empty-pack"),
        ({"README.md": "nothing"}, "empty-pack"),
        ({"pack.yaml": PACK, "more.yml": "points: {}"}, "yml-file"),
        ({"pack.yaml": PACK, "a\\b.yaml": "points: {}"}, "bad-file-name"),
        ({"pack.yaml": PACK, "a\nb.yaml": "points: {}"}, "bad-file-name"),
        ({f"{number}.yaml": "" for number in range(MAX_FILES + 1)}, "too-many-files"),
    ],
    ids=["no file", "no yaml", "yml", "backslash", "newline", "many files"],
)
def test_a_folder_that_is_no_pack_is_refused(files: dict[str, str], rule: str, folder: Folder) -> None:
    base = folder(files)
    base.mkdir(exist_ok=True)
    assert rules(base) == [rule]


def test_a_link_to_a_file_outside_is_refused(folder: Folder) -> None:
    outside = folder({"secret.yaml": "password: x"}, "outside") / "secret.yaml"
    base = folder({"pack.yaml": PACK})
    (base / "link.yaml").symlink_to(outside)
    assert rules(base) == ["link-outside"]


def test_a_link_to_a_folder_is_refused_wherever_it_leads(folder: Folder) -> None:
    base = folder({"pack.yaml": PACK, "sub/x.yaml": ""})
    (base / "loop").symlink_to(base)
    assert rules(base) == ["link-outside"]


def test_a_link_to_a_file_inside_is_read_like_a_file(folder: Folder) -> None:
    base = folder({"pack.txt": PACK})
    (base / "pack.yaml").symlink_to("pack.txt")
    assert load_pack(base).files == ("pack.yaml",)


def test_a_pack_may_itself_stand_behind_a_link(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder({"pack.yaml": PACK}))
    assert load_pack(tmp_path / "link").digest == load_pack(tmp_path / "pack").digest


def test_a_file_of_50_mb_is_refused_without_being_read(folder: Folder) -> None:
    base = folder({"pack.yaml": PACK})
    with (base / "large.yaml").open("wb") as file:
        file.truncate(50_000_000)
    tracemalloc.start()
    assert rules(base) == ["file-too-large"]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UnreadableFileError, match="is not a file"):
        read_limited(tmp_path / "pipe.yaml", "pipe.yaml")


def test_a_locked_file_is_one_clear_error(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    base = folder({"pack.yaml": PACK})
    monkeypatch.setattr(Path, "open", locked)  # root may read whatever chmod says
    with pytest.raises(UnreadableFileError, match=r"pack\.yaml can not be read: Permission denied"):
        load_pack(base)


def test_every_error_of_reading_ends_with_exit_code_2() -> None:
    for error in (PackError, PackNotFoundError, UnreadableFileError):
        assert issubclass(error, PhasegateError)
        assert error.exit_code == 2


def test_the_digest_of_files_holds_names_and_bytes(folder: Folder) -> None:
    one = load_pack(folder({"pack.yaml": PACK}, "one")).files_digest
    assert load_pack(folder({"pack.yaml": PACK}, "two")).files_digest == one
    assert load_pack(folder({"renamed.yaml": PACK}, "three")).files_digest != one
    assert load_pack(folder({"pack.yaml": PACK + "# a comment\n"}, "four")).files_digest != one


def test_rules_are_named_by_what_they_say_and_known_by_their_files_too(folder: Folder) -> None:
    one = load_pack(folder({"pack.yaml": PACK}, "one"))
    same = load_pack(folder({"renamed.yaml": PACK + "# a comment\n"}, "two"))
    other = load_pack(folder({"pack.yaml": PACK.replace("The smallest pack", "Another")}, "three"))
    assert one.digest == same.digest != other.digest
    assert one.is_named(one.digest)
    assert one.is_named(one.files_digest)
    assert one.is_named(same.digest)
    assert not one.is_named(same.files_digest)  # nothing shows what these files say
    assert not one.is_named(other.digest)
    assert one.name_of(one.files_digest) == one.digest
    assert one.name_of(same.files_digest) == same.files_digest
    one.hold_to(one.files_digest)
    with pytest.raises(OtherPackError):
        one.hold_to(same.files_digest)


def test_older_records_know_rules_by_their_files_alone(folder: Folder) -> None:
    older = replace(load_pack(folder({"pack.yaml": PACK})), by_files=True)
    assert older.digest == older.files_digest
    assert not older.is_named(replace(older, by_files=False).digest)


def test_the_digest_of_files_is_the_one_that_its_docstring_says(folder: Folder) -> None:
    base = folder({"pack.yaml": PACK, "a/more.yaml": "parameters: {a: {value: 1, text: t}}\n"})
    lines = "".join(
        f"{hashlib.sha256((base / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("a/more.yaml", "pack.yaml")
    )
    assert load_pack(base).files_digest == f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_an_auditor_gets_the_same_digest_of_files_without_phasegate(folder: Folder) -> None:
    base = folder({"pack.yaml": PACK, "a/more.yaml": "parameters: {a: {value: 1, text: t}}\n"})
    said = subprocess.run(
        "sha256sum a/more.yaml pack.yaml | sha256sum", shell=True, cwd=base, capture_output=True, check=True
    )
    assert load_pack(base).files_digest == f"sha256:{said.stdout.decode().split()[0]}"


def test_the_files_of_a_pack_come_in_the_order_of_their_digest(folder: Folder) -> None:
    base = folder(dict.fromkeys(("b.yaml", "B.yaml", "a/c.yaml", "a.yaml", "a-b.yaml"), ""))
    assert list(pack_files(base)) == sorted(pack_files(base))
