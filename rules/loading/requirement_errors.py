"""What is wrong with a ``require``, told in its author's terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.unresolved import at
from phasegate.rules.values.bounds import Bound, BoundError
from phasegate.rules.values.units import Quantity, QuantityError
from phasegate.rules.yaml.parser import Path

ANY_OF = "any_of"
_EXAMPLE = 'write a measure and its bound, such as  costs.allocated: ">= 95 %"'
_FORMS = BoundError.hint


class RequireFaults(NamedTuple):
    """What is wrong with some ``require``.

    Attributes:
        diagnostics: every problem.
        paths: where each of them is.
    """

    diagnostics: list[Diagnostic]
    paths: list[Path]


def find_require_faults(
    data: Mapping[str, Any], requires: Iterable[Path], diagnose: Callable[..., Diagnostic]
) -> RequireFaults:
    """Every problem of each ``require``, nested parts included.

    Args:
        data: the content.
        requires: the path of each.
        diagnose: makes a diagnostic at a path.
    """
    found = RequireFaults([], [])

    def noted(rule: str, message: str, path: Path, *more: Any) -> Diagnostic:
        found.paths.append(path)
        return diagnose(rule, message, path, *more)

    for path in requires:
        found.diagnostics.extend(_mapping(at(data, path), path, noted))
    return found


def _mapping(value: Any, path: Path, diagnose: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "nothing" if value is None else f"{value!r}"
        yield diagnose("bad-require", f"expected measures and their bounds, found {what}", path, _EXAMPLE)
        return
    if not value:
        yield diagnose("no-requirement", "nothing is required here, which would always pass", path, _EXAMPLE)
    for key, entry in value.items():
        inner = (*path, key)
        if key == ANY_OF:
            yield from _any_of(entry, inner, diagnose)
        elif not isinstance(entry, list):
            yield from _bound(entry, inner, diagnose)
        elif not entry:
            yield diagnose("no-requirement", f"{key!r} has an empty list of bounds", inner, _FORMS)
        else:
            for index, one in enumerate(entry):
                yield from _bound(one, (*inner, index), diagnose)


def _any_of(value: Any, path: Path, diagnose: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    if not isinstance(value, list):
        yield diagnose(
            "bad-require", "'any_of' takes a list of mappings", path, "begin each way to pass with '- '"
        )
        return
    if not value:
        yield diagnose("no-requirement", "'any_of' is empty: there is no way to pass it", path)
    for index, part in enumerate(value):
        yield from _mapping(part, (*path, index), diagnose)


def _bound(value: Any, path: Path, diagnose: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    if isinstance(value, dict | list):
        what = "a mapping" if isinstance(value, dict) else "a list"
        hint = "only 'any_of' takes mappings" if isinstance(value, dict) else _FORMS
        yield diagnose("bad-bound", f"{what} is not a bound", path, hint, "value")
    elif value is None:
        yield diagnose("bad-bound", f"{path[-1]!r} has no bound", path, _FORMS)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield diagnose(
            "bad-bound",
            f"{value} is not a bound",
            path,
            f"write '>= {value}', '== {value}' or the like",
            "value",
        )
    else:
        try:
            Bound.parse(value)
        except BoundError as error:
            yield diagnose("bad-bound", error.short, path, _meant(value) or error.hint, "value")


def _meant(text: str) -> str | None:
    """What the author of a bound that is none probably meant."""
    if text.lower() in ("yes", "no", "on", "off"):
        return "write true or false"
    try:
        Quantity.parse(text)
    except QuantityError:
        return None
    return f"write '>= {text}', '<= {text}' or the like"
