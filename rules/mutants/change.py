"""One thing changed in a pack, and the pack as it is then."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.yaml.parser import Path


class _Gone:
    """Stands for what is left out."""


GONE: Final = _Gone()


class Change(NamedTuple):
    """One thing that is said otherwise.

    Attributes:
        path: where it stands in the pack.
        value: what is said there; `GONE` where nothing is.
        told: the change in words, such as ``>= 95 % -> > 95 %``.
        text: the text that is there, where a part of it is changed.
        at: where in that text the change begins.
    """

    path: Path
    value: Any
    told: str
    text: str = ""
    at: int = 0


def changed(pack: Pack, path: Path, value: Any) -> Pack:
    """A pack with something else at a path; the part around it is read anew.

    Args:
        pack: the pack.
        path: from its top: a section, the name of a part, and where in that.
        value: what stands there; `GONE` for nothing.

    Raises:
        pydantic.ValidationError: if the part can not be so.
    """
    section = str(path[0])
    if section == PROGRAMME:
        return pack.model_copy(update={section: _part(pack.programme, path[1:], value)})
    parts, name = getattr(pack, section), path[1]
    return pack.model_copy(update={section: {**parts, name: _part(parts[name], path[2:], value)}})


def _part(part: BaseModel, path: Path, value: Any) -> BaseModel:
    data = part.model_dump(by_alias=True, exclude_unset=True)
    return type(part).model_validate(_with(data, path, value))


def _with(data: Any, path: Path, value: Any) -> Any:
    """Plain data with something else at a path."""
    step, *rest = path
    inner = _with(_at(data, step), tuple(rest), value) if rest else value
    if isinstance(data, list | tuple):
        kept = [inner if place == step else each for place, each in enumerate(data)]
        return [each for each in kept if each is not GONE]
    kept_keys = {**(data or {}), step: inner}
    return {key: each for key, each in kept_keys.items() if each is not GONE}


def _at(data: Any, step: str | int) -> Any:
    if isinstance(data, list | tuple):
        return data[int(step)]
    return (data or {}).get(step)
