"""What a model says against data, told to the person who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.schema_errors import WRONG_TYPE, Diagnose, Fault, keys_of, model_at
from phasegate.rules.diagnostics.suggestions import nearest

_LIMITS = {
    "greater_than_equal": ("below the smallest that is allowed", "ge"),
    "less_than_equal": ("above the greatest that is allowed", "le"),
}
_NOUNS = {
    "Elsewhere": "an amount of another source",
    "BusinessDaysAfter": "a derived date",
    "BusinessDaysSince": "a derived number of days",
    "SourceFile": "a source",
    "CycleStart": "a cycle",
    "Attested": "'attested'",
}


def tell(model: type[BaseModel], fault: Fault, diagnose: Diagnose) -> Diagnostic:
    """The diagnostic of a fault.

    Args:
        model: the model that found it.
        fault: the fault.
        diagnose: makes a diagnostic at a path, as `Origin.diagnose` does.
    """
    if fault.type == "extra_forbidden":
        names = keys_of(fault.owner)
        others = f"its keys are {', '.join(names)}" if names else None
        hint = f"did you mean {fault.near!r}?" if fault.near else others
        message = f"{str(fault.path[-1])!r} is no key of {_noun(fault.owner)}"
        return diagnose("unknown-key", message, fault.path, hint)
    if fault.missing is not None and isinstance(fault.value, list):
        message = f"expected {int(fault.missing) + 1} values, found {len(fault.value)}"
        return diagnose("bad-value", message, fault.path, None, "value")
    if fault.missing is not None:
        owner = model_at(model, fault.loc[:-1])
        return diagnose("missing-key", f"{_noun(owner)} needs {fault.missing!r}", fault.path)
    part = "key" if fault.on_key or isinstance(fault.value, dict) else "value"
    if fault.type in WRONG_TYPE:
        expected = fault.error.get("expected") or WRONG_TYPE[fault.type]
        hint = None
        if expected.startswith("a date"):
            hint = f"write it as 2026-01-31{'' if expected == 'a date' else 'T00:00:00Z'}"
        message = f"expected {expected}, found {_found(fault.value)}"
        found = diagnose("wrong-type", message, fault.path, hint, part)
        if expected.startswith("text") and _is_plain(fault.value):
            return replace(found, hint=_as_text(model, fault, _written(found, fault.value)))
        return found
    rule, message, hint = _other(fault)
    return diagnose(rule, message, fault.path, hint, part)


def _written(found: Diagnostic, value: Any) -> str:
    """A value as it is written in the file: a number loses its zeros in front once it is read."""
    at, line = found.position, found.snippet
    written = line[at.column - 1 : at.column - 1 + at.width].strip() if at is not None and line else ""
    same = written.lstrip("+-0") == str(value).lstrip("-") or (isinstance(value, int) and value == 0)
    return written if same and written else str(value).lower()


def _as_text(model: type[BaseModel], fault: Fault, written: str) -> str | None:
    """How a value is written as the text that is asked for there."""
    takes = _taken_by(model, fault)
    refused = takes(written)
    if refused is None:
        return f'put it in quotes: "{written}"'
    for unit in ("days", "%"):
        if takes(f"{written} {unit}") is None:
            return f'write it as "{written} {unit}"'
    return getattr(refused, "hint", None)


def _taken_by(model: type[BaseModel], fault: Fault) -> Callable[[str], Exception | None]:
    """What says why a text can not stand at the place of a fault; nothing where it can, or nobody knows."""
    owner = model_at(model, fault.loc[:-1])
    keys = {} if owner is None else {field.alias or name: field for name, field in owner.model_fields.items()}
    field = keys.get(str(fault.loc[-1])) if fault.loc else None
    if field is None:
        return lambda _: None
    annotation: Any = Annotated[field.annotation, "as in YAML", *field.metadata]
    asked: TypeAdapter[Any] = TypeAdapter(annotation)

    def refusal(text: str) -> Exception | None:
        try:
            asked.validate_python(text)
        except ValidationError as error:
            return (error.errors(include_url=False)[0].get("ctx") or {}).get("error") or error
        return None

    return refusal


def _other(fault: Fault) -> tuple[str, str, str | None]:
    context: dict[str, Any] = fault.error.get("ctx") or {}
    shown = fault.path[-1] if fault.on_key and fault.path else fault.value
    if fault.type == "literal_error":
        expected = str(context.get("expected", ""))
        options = re.findall(r"'([^']*)'", expected)
        match = nearest(str(fault.value), options)
        return (
            "unknown-word",
            f"expected {expected}, found {_found(fault.value)}",
            f"did you mean {match!r}?" if match else None,
        )
    if fault.type == "string_pattern_mismatch":
        return (
            "bad-name",
            f"{shown!r} is not written as it must be",
            _pattern_hint(str(context.get("pattern"))),
        )
    if fault.type == "value_error":
        cause = context.get("error")
        hint = getattr(cause, "hint", None)
        return getattr(cause, "rule", "bad-value"), getattr(cause, "short", None) or str(cause), hint
    if fault.type in ("date_parsing", "date_from_datetime_parsing"):
        return "bad-date", f"{fault.value!r} is not a date", "write it as 2026-01-31"
    if fault.type.startswith("datetime"):
        return (
            "bad-date",
            f"{fault.value!r} is not a date with time and zone",
            "write it as 2026-01-31T00:00:00Z",
        )
    if fault.type in _LIMITS:
        how, key = _LIMITS[fault.type]
        return "bad-value", f"{fault.value} is {how}, {context[key]}", None
    if fault.type in ("too_short", "string_too_short") and (not fault.value or _is_blank(fault.value)):
        return "empty", f"{fault.path[-1]!r} is empty" if fault.path else "it is empty", None
    message = str(fault.error["msg"]).removeprefix("Input ").removeprefix("Value ")
    return "bad-value", f"{_found(fault.value)} {message}" if _is_plain(fault.value) else message, None


def _pattern_hint(pattern: str) -> str:
    if pattern.startswith("^sha256"):
        return "write sha256: and 64 hexadecimal digits"
    if "_.\\-" in pattern:
        return "use letters, digits, '.', '-' and '_', and begin with a letter or digit"
    return "use letters, digits and '_', and begin with a letter"


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | bool)


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return "a list" if isinstance(value, list) else "a mapping"


def _noun(model: type[BaseModel] | None) -> str:
    if model is None:
        return "this mapping"
    if model.__name__ in _NOUNS:
        return _NOUNS[model.__name__]
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
