"""What a pack is made of is not changed once it is read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from phasegate.rules.model.pack import Criterion, Require


def test_what_is_read_stays_as_it_is() -> None:
    require = Require.model_validate({"m": ">= 1", "any_of": [{"n": True}, {"o": "== 3"}]})
    criterion = Criterion.model_validate({"id": "c", "text": "so", "require": require})
    for part in (require, criterion):
        name = next(iter(type(part).model_fields), "root")
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, None)
