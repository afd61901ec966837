"""No module waits for itself: imports lead one way, those inside functions included."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest
from grimp import ImportGraph


def circle(graph: ImportGraph) -> list[str]:
    """The modules of one circle, the first one again at its end; empty where there is none."""
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.fixture
def graph() -> ImportGraph:
    """Who imports whom at run time; what types alone need may lead back."""
    return grimp.build_graph("phasegate", exclude_type_checking_imports=True, cache_dir=None)


def test_no_module_is_in_a_circle(graph: ImportGraph) -> None:
    assert len(graph.modules) > 500, "the whole house is read"
    assert circle(graph) == []


def test_a_circle_is_seen(graph: ImportGraph) -> None:
    base, kind = "phasegate.facts.measures.base", "phasegate.facts.measures.kinds.counts"
    graph.add_import(importer=base, imported=kind)
    assert {base, kind} <= set(circle(graph))
