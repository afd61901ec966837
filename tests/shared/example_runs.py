"""Runs the shipped examples: their generators, then sources, facts and verdicts."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from phasegate.engine.columnar.evaluate import decide
from phasegate.engine.plan import Decisions
from phasegate.engine.resolve import resolve, with_covers
from phasegate.engine.scope import everything
from phasegate.engine.waivers import covers_in_force
from phasegate.facts.assemble import assemble, parameter_values
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources.open import open_source
from phasegate.rules.loading.project import load_project
from phasegate.rules.loading.waivers import load_waivers
from phasegate.rules.values.units import Quantity

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Outcome:
    """What a project's run comes to."""

    facts: FactSet
    decisions: Decisions

    @property
    def gates(self) -> dict[str, tuple[str, str]]:
        """State and own state of each gate."""
        return {name: (gate.state.word, gate.own.word) for name, gate in self.decisions.gates.items()}

    @property
    def short_of_pass(self) -> dict[str, str]:
        """The requirements that do not pass, with their verdicts."""
        return {
            name: verdict.word
            for name, verdict in self.decisions.requirements.items()
            if verdict.word != "pass"
        }


def run(root: Path, as_of: dt.date) -> Outcome:
    """Measures and decides a project."""
    loaded = load_project(root / "phasegate.yaml")
    project, pack = loaded.project, loaded.pack.pack
    given = {"cycle_start": project.cycle.start} if project.cycle else {}
    values = parameter_values(pack, as_of, given)
    opened = {
        name: open_source(name, contract, project.sources.get(name), root, as_of, project.calendar, values)
        for name, contract in pack.sources.items()
    }
    facts = assemble(pack, opened, as_of, given)
    quantities = {f":{name}": Quantity.parse(str(one.value)) for name, one in pack.parameters.items()}
    resolved = resolve(pack, facts, quantities, everything(pack))
    if project.waivers:
        waivers, _ = load_waivers(root / project.waivers)
        covers, _ = covers_in_force(waivers, as_of, loaded.pack.digest, resolved)
        resolved = with_covers(resolved, covers)
    return Outcome(facts, decide(resolved.plan, resolved.observations))


def generator(example: str) -> ModuleType:
    """The generator of an example."""
    folder = EXAMPLES / example
    name = f"{example}_generate"
    if name not in sys.modules:
        sys.path.insert(0, str(folder))
        spec = importlib.util.spec_from_file_location(name, folder / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def place(example: str, folder: Path) -> Path:
    """A copy of an example's project file in a folder, its data still to be made."""
    shutil.copy(EXAMPLES / example / "phasegate.yaml", folder)
    return folder
