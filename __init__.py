"""Decides from operational data whether a programme may advance: what programs import of it.

What is named here is what there is for them (`docs/python.md`); everything else is phasegate's own, and may
be another one tomorrow. Nothing is loaded before it is used, so that the command line starts as if this were
empty. PYTEST_DONT_REWRITE: it has no assertion (docs/decisions/0056).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from phasegate.api.project import Project
    from phasegate.api.result import Result
    from phasegate.rules.diagnostics.diagnostic import PackError
    from phasegate.rules.errors import PhasegateError

    __version__: str

__all__ = ["PackError", "PhasegateError", "Project", "Result", "__version__"]
_PLACES = {
    "PackError": ("phasegate.rules.diagnostics.diagnostic", "PackError"),
    "PhasegateError": ("phasegate.rules.errors", "PhasegateError"),
    "Project": ("phasegate.api.project", "Project"),
    "Result": ("phasegate.api.result", "Result"),
    "__version__": ("phasegate.rules.version", "VERSION"),
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'phasegate' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _PLACES[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
