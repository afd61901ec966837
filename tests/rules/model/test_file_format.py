"""The options of a file: how far their numbers may go."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from phasegate.rules.model.file_format import FileOptions


@pytest.mark.parametrize(
    ("option", "taken", "refused"),
    [
        ("skip_rows", (0, 10_000), (-1, 10_001)),
        ("header_row", (1, 10_000), (0, 10_001)),
        ("version", (0, 10**9), (-1, "1", 1.0)),
        ("separator", (";", "\t"), ("", ";;")),
    ],
)
def test_an_option_has_its_limits(
    option: str, taken: tuple[object, ...], refused: tuple[object, ...]
) -> None:
    for value in taken:
        assert getattr(FileOptions.model_validate({option: value}), option) == value
    for value in refused:
        with pytest.raises(ValidationError):
            FileOptions.model_validate({option: value})


def test_what_is_not_said() -> None:
    plain = FileOptions()
    assert (plain.encoding, plain.skip_rows, plain.header_row, plain.version) == ("utf-8", 0, None, None)
