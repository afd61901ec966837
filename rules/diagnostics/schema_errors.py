"""What a model says against data, and where: pydantic's errors without the unions they went through."""

from __future__ import annotations

import json
import types
import typing
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

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


def find_faults(model: type[_Model], data: Mapping[str, Any]) -> tuple[_Model | None, list[Fault]]:
    """Builds a model, or finds what stands in the way.

    Returns:
        The model and no fault, or None and every fault.
    """
    try:
        return model.model_validate_json(json.dumps(data), strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        found = _settled([Fault(one, data) for one in error.errors(include_url=False)])
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


def diagnostics(model: type[BaseModel], faults: Iterable[Fault], diagnose: Diagnose) -> list[Diagnostic]:
    """One diagnostic for each fault that does not only follow from another."""
    from phasegate.rules.diagnostics.schema_words import tell

    return [tell(model, fault, diagnose) for fault in faults if not fault.excused]


def outside(faults: Iterable[Fault], places: Collection[Path]) -> list[Fault]:
    """The faults that lie in none of some places."""
    known = frozenset(places)
    return [
        fault
        for fault in faults
        if not any(fault.path[:length] in known for length in range(len(fault.path) + 1))
    ]


class Fault:
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


def _settled(faults: list[Fault]) -> list[Fault]:
    """Keeps, where a value may be one of several things, the faults of the likeliest one."""
    settled: list[Fault] = []
    unions: dict[Path, dict[str, list[Fault]]] = defaultdict(lambda: defaultdict(list))
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


def _either(faults: Iterable[Fault]) -> Fault:
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
