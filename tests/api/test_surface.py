"""What programs may rely on: its names and signatures, and that importing it loads nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from syrupy.assertion import SnapshotAssertion

import phasegate as pg

LOADED = """\
import sys
before = {*sys.modules}
import phasegate
print(*sorted({*sys.modules} - before))
"""


def told(name: str, value: object) -> list[str]:
    """A name of the surface with what can be called of it, a line each."""
    if not inspect.isclass(value):
        return [f"{name}: {type(value).__name__}"]
    lines = [f"class {name}({', '.join(base.__name__ for base in value.__bases__)})"]
    for part, each in sorted(vars(value).items()):
        if part.startswith("_") and part not in ("__init__", "_repr_html_"):
            continue
        called = each.__func__ if isinstance(each, classmethod) else each
        shown = f"{inspect.signature(called)}" if inspect.isfunction(called) else f": {type(each).__name__}"
        lines.append(f"    {part}{shown}")
    return lines


def test_the_surface(snapshot: SnapshotAssertion) -> None:
    """Whoever changes this changes what others' programs rest on: it goes into the changelog."""
    lines = [line for name in pg.__all__ for line in told(name, getattr(pg, name))]
    assert "\n".join(lines) == snapshot


def test_what_is_named_is_all_that_is_there() -> None:
    assert {*pg.__all__} <= {*dir(pg)}
    assert pg.__all__ == sorted(pg.__all__)
    with pytest.raises(AttributeError, match="module 'phasegate' has no attribute 'decide'"):
        pg.decide  # noqa: B018


def test_importing_it_loads_nothing() -> None:
    """So it takes a part of what `import click` takes."""
    ended = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["phasegate"]
