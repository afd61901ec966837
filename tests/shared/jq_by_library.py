"""What documents use of `jq`, by the library of that name; runs in the environment of `make validators`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jq


def main(*arguments: str) -> int:
    flags, plain, named = set(), [], {}
    waiting = list(arguments)
    while waiting:
        each = waiting.pop(0)
        if each == "--slurpfile":
            name, path = waiting.pop(0), waiting.pop(0)
            named[name] = [json.loads(Path(path).read_text(encoding="utf-8"))]
        elif each.startswith("-"):
            flags |= set(each[1:])
        else:
            plain.append(each)
    program = jq.compile(plain[0], args=named)
    given = (
        program.input_value(None) if "n" in flags else program.input_text(Path(plain[1]).read_text("utf-8"))
    )
    results = given.all()
    for each in results:
        raw = "r" in flags and isinstance(each, str)
        print(each if raw else json.dumps(each, ensure_ascii=False, separators=(",", ":")))
    if "e" in flags:
        return 4 if not results else int(results[-1] in (None, False))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
