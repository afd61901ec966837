"""A distribution with plugins, put on the path as an installer would: a package and its dist-info."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


def install(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    code: str,
    entries: Mapping[str, Mapping[str, str]],
    version: str = "1.0",
) -> None:
    """Installs it for a test.

    Args:
        folder: where it is installed.
        monkeypatch: takes it from the path again.
        module: its only module, after which the distribution is called.
        code: of the module.
        entries: its entry points, by group and name.
        version: of the distribution.
    """
    for old in folder.glob(f"{module}-*.dist-info"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    about = folder / f"{module}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {module}\nVersion: {version}\n", encoding="utf-8"
    )
    told = [
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in each.items())
        for group, each in entries.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(told), encoding="utf-8")
    forget(module, monkeypatch)
    if str(folder) not in sys.path:
        monkeypatch.syspath_prepend(str(folder))


def forget(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the process had just begun: nothing of it is loaded, and no plugin was asked for."""
    from phasegate.facts.sources.formats.registry import format_named
    from phasegate.rules.loading import plugins

    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, module, raising=False)
    for each in (plugins.plugin, plugins.loaded, format_named):
        each.cache_clear()
