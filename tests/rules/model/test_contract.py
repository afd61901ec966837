"""What a contract says of its columns."""

from __future__ import annotations

from phasegate.rules.model.contract import Contract


def test_the_only_texts_that_columns_hold() -> None:
    columns = {
        "status": {"type": "string", "allowed": ["open", "closed"]},
        "note": {"type": "string"},
        "level": {"type": "integer", "allowed": ["1", "2"]},
    }
    contract = Contract.model_validate({"title": "A risk", "columns": columns})
    assert contract.texts == {"status": ("open", "closed")}
