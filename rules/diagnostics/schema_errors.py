"""What a model says against data, and where: pydantic's errors without the unions they went through."""

from __future__ import annotations

import json
import re
import types
import typing
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.yaml.parser import Path

Diagnose = Callable[..., Diagnostic]
_Model = TypeVar("_Model", bound=BaseModel)
_MOST_SUGGESTIONS = 1_000
"""So many keys that are none are held against those that there are; a file with more is no typing error."""
WRONG_TYPE = {
    "string_type": "text", "int_type": "a whole number", "bool_type": "true or false",
    "tuple_type": "a list", "list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping",
    "float_type": "a number", "date_type": "a date", "datetime_type": "a date with time and zone",
}  # fmt: skip


def validate(
    model: type[_Model], data: Mapping[str, Any], diagnose: Diagnose, told: Collection[Path] = ()
) -> tuple[_Model | None, list[Diagnostic]]:
    """Builds a model from what a file says.

    Strict: a text is no number, a number no text, and dates are written as dates.

    Args:
        model: the model to build.
        data: the file's content.
        diagnose: makes a diagnostic at a path, as `Origin.diagnose` does.
        told: places whose problems were found in another way, and told better.

    Returns:
        The model, or None and one diagnostic for each problem.
    """
    built, faults = find_faults(model, data)
    return built, diagnostics(model, outside(faults, told), diagnose)


def find_faults(model: type[_Model], data: Mapping[str, Any]) -> tuple[_Model | None, list[SchemaFault]]:
    """Builds a model, or finds what stands in the way.

    Returns:
        The model and no fault, or None and every fault.
    """
    try:
        return model.model_validate_json(json.dumps(data), strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        found = _settled([SchemaFault(one, data) for one in error.errors(include_url=False)])
    missing: dict[Path, set[str]] = defaultdict(set)
    for fault in found:
        if fault.missing is not None:
            missing[fault.path].add(fault.missing)
    excused: set[tuple[Path, str]] = set()
    for fault in [fault for fault in found if fault.type == "extra_forbidden"][:_MOST_SUGGESTIONS]:
        key, around = str(fault.path[-1]), fault.path[:-1]
        fault.owner = model_at(model, fault.loc[:-1])
        fault.near = alias(fault.owner, key) or nearest(key, keys_of(fault.owner))
        fault.meant = nearest(key, missing[around])
        if fault.meant is not None:
            excused.add((around, fault.meant))
        else:
            fault.meant = fault.near
    for fault in found:
        fault.excused = fault.missing is not None and (fault.path, fault.missing) in excused
    return None, found


def diagnostics(
    model: type[BaseModel], faults: Iterable[SchemaFault], diagnose: Diagnose
) -> list[Diagnostic]:
    """One diagnostic for each fault that does not only follow from another."""
    return [tell(model, fault, diagnose) for fault in faults if not fault.excused]


def outside(faults: Iterable[SchemaFault], places: Collection[Path]) -> list[SchemaFault]:
    """The faults that lie in none of some places."""
    known = frozenset(places)
    return [
        fault
        for fault in faults
        if not any(fault.path[:length] in known for length in range(len(fault.path) + 1))
    ]


class SchemaFault:
    """One of pydantic's errors, its place told apart from the union branches it went through.

    Attributes:
        path: the deepest part of the data on the way to it.
        value: what stands there.
        missing: the key that is not there.
        owner, near, meant: of a key that is none, the model that has no such key, the nearest of its
            keys, and the one that was probably meant.
        excused: whether the missing key is there under a name that is none.
    """

    def __init__(self, error: Any, data: Any) -> None:
        self.error = error
        self.type: str = error["type"]
        self.loc: tuple[Any, ...] = error["loc"]
        self.on_key = bool(self.loc) and self.loc[-1] == "[key]"
        self.missing = str(self.loc[-1]) if self.type == "missing" else None
        self.owner: type[BaseModel] | None = None
        self.near: str | None = None
        self.meant: str | None = None
        self.excused = False
        path: list[Any] = []
        self.branch: str | None = None
        self.branch_at: Path = ()
        for step in self.loc:
            if step in (
                data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
            ):
                data = data[step]
                path.append(step)
            elif step != "[key]" and step != self.missing and self.branch is None:
                self.branch, self.branch_at = str(step), tuple(path)
        self.path: Path = tuple(path)
        self.value = data

    @property
    def mismatch(self) -> bool:
        """Whether the whole branch is of another type than the data."""
        return self.path == self.branch_at and self.type in WRONG_TYPE

    @property
    def refusal(self) -> Exception | None:
        """The error of a model that looked at the whole and refused it; None for any other fault."""
        return (self.error.get("ctx") or {}).get("error") if self.type == "value_error" else None


def _settled(faults: list[SchemaFault]) -> list[SchemaFault]:
    """Keeps, where a value may be one of several things, the faults of the likeliest one."""
    settled: list[SchemaFault] = []
    unions: dict[Path, dict[str, list[SchemaFault]]] = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        if fault.type == "too_short" and len(fault.value) >= fault.error["ctx"]["min_length"]:
            continue  # its entries are at fault, and pydantic does not count those
        if fault.branch is None:
            settled.append(fault)
        else:
            unions[fault.branch_at][fault.branch].append(fault)
    for branches in unions.values():
        likely = [group for group in branches.values() if not group[0].mismatch]
        if likely:
            best = min(likely, key=len)
            settled += best
        else:
            settled.append(_either(group[0] for group in branches.values()))
    return settled


def _either(faults: Iterable[SchemaFault]) -> SchemaFault:
    found = list(faults)
    words = list(dict.fromkeys(WRONG_TYPE[fault.type] for fault in found))
    first = found[0]
    first.error = {**first.error, "expected": " or ".join(words)}
    return first


def keys_of(model: type[BaseModel] | None) -> list[str]:
    """The keys that a model has in YAML."""
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def alias(owner: type[BaseModel] | None, key: str) -> str | None:
    """The key in YAML of a field that Python has to call otherwise."""
    field = owner.model_fields.get(key) if owner else None
    return field.alias if field else None


def model_at(annotation: Any, loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model that describes the data at a place, found by walking the annotations."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return model_at(typing.get_args(annotation)[0], loc)
    if origin in (typing.Union, types.UnionType):
        members = typing.get_args(annotation)
        for member in members:
            if loc and getattr(member, "__name__", None) == loc[0]:
                return model_at(member, loc[1:])
        found = (model_at(member, loc) for member in members)
        return next((model for model in found if model), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, RootModel):
            return model_at(annotation.model_fields["root"].annotation, loc)
        if not loc:
            return annotation
        for name, field in annotation.model_fields.items():
            if loc[0] == (field.alias or name):
                return model_at(field.annotation, loc[1:])
        return None
    if origin is dict and loc:
        return model_at(typing.get_args(annotation)[1], loc[1:])
    if origin in (tuple, list) and loc:
        return model_at(typing.get_args(annotation)[0], loc[1:])
    return None


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


def tell(model: type[BaseModel], fault: SchemaFault, diagnose: Diagnose) -> Diagnostic:
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


def _as_text(model: type[BaseModel], fault: SchemaFault, written: str) -> str | None:
    """How a value is written as the text that is asked for there."""
    takes = _taken_by(model, fault)
    refused = takes(written)
    if refused is None:
        return f'put it in quotes: "{written}"'
    for unit in ("days", "%"):
        if takes(f"{written} {unit}") is None:
            return f'write it as "{written} {unit}"'
    return getattr(refused, "hint", None)


def _taken_by(model: type[BaseModel], fault: SchemaFault) -> Callable[[str], Exception | None]:
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


def _other(fault: SchemaFault) -> tuple[str, str, str | None]:
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
