"""Every file under ``waivers/`` is a case. A file with one bad waiver is refused as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.pack_files import UnreadableFileError
from phasegate.rules.loading.waivers import load_waivers

WAIVERS = Path(__file__).parents[1] / "waivers"


@pytest.mark.parametrize("path", sorted((WAIVERS / "invalid").iterdir()), ids=lambda path: path.stem)
def test_an_invalid_file_says_everything_that_is_wrong(path: Path, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(PackError) as caught:
        load_waivers(path)
    assert str(caught.value) == snapshot
    assert caught.value.exit_code == 2


def test_a_valid_file_is_read_in_its_order() -> None:
    waivers, where = load_waivers(WAIVERS / "valid/one.yaml")
    assert [waiver.id for waiver in waivers] == ["W-1", "W-2"]
    assert (waivers[0].floor, waivers[0].covers) == ("93 %", ("fail", "stale"))
    assert (str(where("W-1")), str(where("W-2"))) == ("one.yaml:2:5", "one.yaml:14:5")


def test_an_empty_list_is_no_waiver() -> None:
    waivers, where = load_waivers(WAIVERS / "valid/none.yaml")
    assert waivers == ()
    assert str(where("W-1")) == "none.yaml:1:1"


def test_a_file_that_is_named_but_not_there_is_an_error_not_an_empty_list(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"waivers\.yaml can not be read"):
        load_waivers(tmp_path / "waivers.yaml")
