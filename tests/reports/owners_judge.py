"""Judges documents by the schema of their format's owner; runs in the environment of `make validators`.

``owners_judge.py junit|sarif SCHEMA FILE...`` or ``owners_judge.py oscal FILE...`` prints what is wrong.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path


def junit(schema: str, *names: str) -> None:
    from lxml import etree

    rules = etree.XMLSchema(etree.parse(schema))
    # Long texts are meant; entities and the network stay off.
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    for name in names:
        try:
            rules.assertValid(etree.parse(name, parser))
        except (etree.DocumentInvalid, etree.XMLSyntaxError) as error:
            print(f"{Path(name).name}: {error}")


def sarif(schema: str, *names: str) -> None:
    from jsonschema import Draft202012Validator

    rules = json.loads(Path(schema).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(rules)
    validator = Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for name in names:
        for error in validator.iter_errors(json.loads(Path(name).read_text(encoding="utf-8"))):
            print(f"{Path(name).name}: {error.json_path}: {error.message[:200]}")


def oscal(*names: str) -> None:
    import trestle.core.validator_factory  # it must come first: the modules import each other
    from pydantic import ValidationError
    from trestle.core.all_validator import AllValidator
    from trestle.oscal.assessment_results import Model

    assert trestle.core.validator_factory
    logging.disable(logging.WARNING)
    for name in names:
        try:
            model = Model.model_validate_json(Path(name).read_bytes())
        except ValidationError as error:
            print(f"{Path(name).name}: {error}")
            continue
        validator = AllValidator()
        if not validator.model_is_valid(model.assessment_results, True, Path(name).parent):
            print(f"{Path(name).name}: {validator.error_msg()}")


if __name__ == "__main__":
    {"junit": junit, "sarif": sarif, "oscal": oscal}[sys.argv[1]](*sys.argv[2:])
