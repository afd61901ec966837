"""No file names a registry, a machine's folders, or another's tools."""

from __future__ import annotations

import re
from pathlib import Path

# Written apart, so that this file does not name them itself.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "ana" + "conda.org", "registry." + "npmjs")
OPTIONS = ("--index" + "-url", "--extra-index" + "-url")
LINKS = "--find" + r"-links[= ]\S*://"  # a folder is the reader's own, an address is a registry
# An absolute path of one machine; a URL's path and a relative one have something before the slash.
MACHINE_PATHS = r"(?<![\w.$}/*-])/(?:root|work|opt|home/\w+|Users/\w+|tmp)/[\w.-]+"
UNWANTED = re.compile("|".join((*map(re.escape, REGISTRIES + OPTIONS), LINKS, MACHINE_PATHS)), re.IGNORECASE)


def test_no_registry_and_no_machine_path(root: Path, files: list[Path]) -> None:
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a table in another encoding, a binary one, or gone since it was listed
        found += [f"{path.relative_to(root)}: {match[0]}" for match in UNWANTED.finditer(text)]
    assert found == []


def test_the_search_would_find_them() -> None:
    for text in (
        "https://" + REGISTRIES[0] + "/simple",
        "see /ro" + "ot/x",
        "'/tm" + "p/data'",
        "/ho" + "me/ann/x",
        "--find" + "-links https:" + "//wheels.example",
    ):
        assert UNWANTED.search(text), text
    for text in ("docs/root/x", "${TMP}/tmp/a", "a /path/to/python3.12", ".tmp/pytest"):
        assert not UNWANTED.search(text), text
