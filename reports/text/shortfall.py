"""What a machine or an installation lacks, told as what it is and not as a fault of phasegate."""

from __future__ import annotations

import errno
import sys

from phasegate.reports.text.plain import visible

_PACKAGES = {
    "durable": "durable-rules",
    "durable_rules_engine": "durable-rules",
    "markdown_it": "markdown-it-py",
    "yaml": "pyyaml",
}
"""Packages that are called otherwise than the modules in them."""
_POLARS = {"_polars_runtime_32": "polars-runtime-32", "polars._plr": "polars-runtime-32"}
_MEMORY = "end something else, or raise the limit of this process (ulimit -v, or that of its container)"
_THREADS = "raise the limit (ulimit -u, ulimit -v), or ask for fewer: POLARS_MAX_THREADS=1"
_INSTALL = "install phasegate once more into this environment: pip brings what it needs"
_BUILD = (
    "install phasegate once more into this environment, and let the rule engine be built for its Python: "
    "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject python -m pip install --force-reinstall --no-deps "
    "--no-cache-dir durable-rules==2.0.28; or take the wheel of it that comes with a release"
)


def shortfall(error: BaseException) -> tuple[str, str] | None:
    """What is missing, and what to do about it; None where an error tells of something else.

    Args:
        error: whatever ended a command.
    """
    said = visible(str(error).strip().partition("\n")[0])
    if isinstance(error, MemoryError) or _is_system(error, errno.ENOMEM) or _no_room_for_a_library(said):
        return "there is not enough memory", _MEMORY
    if "start new thread" in said or "ThreadPoolBuildError" in said or _is_system(error, errno.EAGAIN):
        return "the system gives no further thread or process", _THREADS
    if isinstance(error, ImportError):
        package = _package(error.name or "")
        hint = _BUILD if package == "durable-rules" else _INSTALL
        return f"{package} is needed, and can not be loaded: {said}", hint
    if isinstance(error, NameError | AttributeError) and _polars_is_a_shell():
        return "polars-runtime-32 is needed, and can not be loaded", _INSTALL
    return None


def _is_system(error: BaseException, number: int) -> bool:
    return isinstance(error, OSError) and error.errno == number


def _no_room_for_a_library(said: str) -> bool:
    return "failed to map segment" in said or "annot allocate memory" in said


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return _POLARS.get(module) or _POLARS.get(top) or _PACKAGES.get(top, top or "a package")


def _polars_is_a_shell() -> bool:
    """Whether polars was loaded without its compiled part: it only warns of that."""
    return "polars" in sys.modules and "polars._plr" not in sys.modules
