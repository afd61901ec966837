#!/bin/sh
# Prints the Python that phasegate can be set up with, or says in one sentence what is missing.
#
# PYTHON=... names one Python and no other is tried; without it every python3.11, python3.12 and so on,
# and python3, on PATH is, because the first of a name may be a shim that does not run.
set -u

versions="3.11 3.12 3.13 3.14"

refuse() {
    printf 'phasegate: %s\n' "$1" >&2
    exit 1
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# The sentence that says why this Python will not do; empty where it will.
fault_of() {
    "$1" - <<'PY' 2>/dev/null || echo "does not run"
import importlib.util, os, sys, sysconfig
version = "%d.%d" % sys.version_info[:2]
header = os.path.join(sysconfig.get_path("include"), "Python.h")
if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
    print("has no venv module: install it (Debian, Ubuntu: python%s-venv)" % version)
elif not os.path.exists(header):
    print("has no Python.h: install its headers (Debian, Ubuntu: python%s-dev)" % version)
PY
}

fits() {
    case " $versions " in *" ${1:-none} "*) return 0 ;; *) return 1 ;; esac
}

find_python() {
    first_fault=""
    for version in $versions ""; do
        name="python${version:-3}"
        rest="${PATH}:"
        while [ -n "$rest" ]; do
            candidate="${rest%%:*}/$name"
            rest="${rest#*:}"
            [ -x "$candidate" ] || continue
            fits "$(version_of "$candidate")" || continue
            fault="$(fault_of "$candidate")"
            [ -z "$fault" ] && { printf '%s\n' "$candidate"; return; }
            [ -n "$first_fault" ] || first_fault="$candidate $fault."
        done
    done
    [ -n "$first_fault" ] || first_fault="Python 3.11 to 3.14 is needed and none was found on PATH: install one, or name it with PYTHON=/path/to/python3.12."
    refuse "$first_fault"
}

named_python() {
    found="$(command -v "$1" 2>/dev/null)" || refuse "PYTHON=$1 is not a program that can be run."
    version="$(version_of "$found")" || refuse "PYTHON=$1 is not a Python that runs."
    fits "$version" || refuse "PYTHON=$1 is Python $version, and phasegate needs 3.11 to 3.14."
    fault="$(fault_of "$found")"
    [ -z "$fault" ] || refuse "$found $fault."
    printf '%s\n' "$found"
}

# The rule engine comes as C source, so a compiler must not only be there but work with this Python.
check_compiler() {
    compiler="${CC:-$("$1" -c 'import sysconfig; print((sysconfig.get_config_var("CC") or "cc").split()[0])')}"
    compiler="${compiler%% *}"
    command -v "$compiler" >/dev/null 2>&1 ||
        refuse "a C compiler is needed to build the rule engine and '$compiler' was not found: install one (Debian, Ubuntu: build-essential)."
    include="$("$1" -c 'import sysconfig; print(sysconfig.get_path("include"))')"
    printf '#include <Python.h>\n' | "$compiler" -I"$include" -fsyntax-only -x c - >/dev/null 2>&1 ||
        refuse "the C compiler '$compiler' cannot compile a file that includes Python.h: install the C library's headers too (Debian, Ubuntu: build-essential)."
}

# Without a subshell's exit lost: a refusal has already been printed.
python="$(if [ -n "${PYTHON:-}" ]; then named_python "$PYTHON"; else find_python; fi)" || exit 1
check_compiler "$python"
printf '%s\n' "$python"
