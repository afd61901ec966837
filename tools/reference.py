"""Writes the reference: every command with its options, every key of files, and the API of a server.

python tools/reference.py            writes docs/reference/
python tools/reference.py --check    ends with 1 where what stands there is not what would be written
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from words_of_rules import words_of_rules

from phasegate import cli
from phasegate.reports.output import json_text
from phasegate.rules.lint.codes.table import SECTIONS
from phasegate.rules.schemas.json_schema import json_schema
from phasegate.web.access.schema import serve_schema
from phasegate.web.api.openapi import openapi
from phasegate.web.routes import api_queries

PLACE = Path(__file__).resolve().parent.parent / "docs" / "reference"
HEAD = "<!-- Written by tools/reference.py: `make reference` writes it anew. -->\n"
FILES = {
    "project": "The project file",
    "pack": "The files of a pack",
    "waivers": "The file of waivers",
    "case": "The files of cases",
    "portfolio": "The file of a portfolio",
    "serve": "The file of who may look",
}
WITHOUT_KEYS = {
    "Require": "[bounds by fact](../packs.md)",
    "GivenRow": "[rows](../testing.md#what-a-case-gives)",
}
"""Parts that have no keys of their own."""
_IN_CELL = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;"})


def commands() -> str:
    """A section for each command."""
    lines = [HEAD, "# Commands", ""]
    lines += ["Every command takes `--help`. Exit codes are told [here](../exit-codes.md).", ""]
    # A command keeps the first help option that it is asked for: with a parent, that of the command line.
    context = click.Context(cli.main, info_name="phasegate", **cli.main.context_settings)
    for name, command in cli.main.commands.items():
        lines += _command(click.Context(command, info_name=name, parent=context), 2)
    return "\n".join(lines)


def _command(context: click.Context, level: int) -> Iterator[str]:
    command, path = context.command, context.command_path
    if isinstance(command, click.Group):
        yield from (f"{'#' * level} {path}", "", _prose(command.help), "")
        for name, each in command.commands.items():
            yield from _command(click.Context(each, info_name=name, parent=context), level + 1)
        return
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield from (f"{'#' * level} {path}", "", "```text", re.sub(r"\s+", " ", usage), "```", "")
    yield from (_prose(command.help), "")
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield from ("| option | says |", "|---|---|")
        for option in options:
            names, about = option.get_help_record(context) or ("", "")
            yield f"| `{names.translate(_IN_CELL)}` | {about.translate(_IN_CELL)} |"
        yield ""


def _prose(text: str | None) -> str:
    return "\n\n".join(re.sub(r"\s+", " ", part).strip() for part in (text or "").split("\n\n"))


def keys_of(kind: str) -> str:
    """A section for each part of a kind of file."""
    schema: dict[str, Any] = serve_schema() if kind == "serve" else json_schema(kind)  # type: ignore[arg-type]
    lines = [HEAD, f"# {FILES[kind]}", "", _prose(schema.get("description")), ""]
    lines += _keys(schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part:
            lines += [f"## {name}", "", _prose(part.get("description")), "", *_keys(part)]
    return "\n".join(lines)


def _keys(part: Mapping[str, Any]) -> Iterator[str]:
    required = set(part.get("required", ()))
    yield from ("| key | takes | default | says | such as |", "|---|---|---|---|---|")
    for name, about in part.get("properties", {}).items():
        default = "required" if name in required else _value(about.get("default"))
        example = json.dumps(about["examples"][0], ensure_ascii=False)
        cells = (text.translate(_IN_CELL) for text in (_type(about), about["description"]))
        kind, words = cells
        yield f"| `{name}` | {kind} | {default} | {words} | `{example.replace('|', chr(92) + '|')}` |"
    yield ""


def _value(value: object) -> str:
    return "" if value is None or value in ("", [], {}) else f"`{value}`".replace("'", "")


def _type(about: Mapping[str, Any]) -> str:
    """What a key takes, in words; a part of its own is a link."""
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return WITHOUT_KEYS.get(name) or f"[{name}](#{name.lower()})"
    if "enum" in about or "const" in about:
        return " ".join(f"`{each}`" for each in about.get("enum", [about.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in about:
            kinds = [_type(each) for each in about[several] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    kind = about.get("type", "anything")
    if kind == "array":
        return f"a list of {_type(about.get('items', {}))}"
    if kind == "object" and about.get("patternProperties"):
        return f"names, each with {' or '.join(map(_type, about['patternProperties'].values()))}"
    if kind == "object" and isinstance(about.get("additionalProperties"), dict):
        return f"names, each with {_type(about['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def findings() -> str:
    """A section for each group of findings, with what each means and an example."""
    lines = [HEAD, "# Findings of lint", ""]
    lines += ["`phasegate lint --explain CODE` says the same of one. What lint can and can not find of an"]
    lines += ["author's mistakes is told [here](../mistakes.md).", ""]
    for title, codes in SECTIONS.items():
        lines += [f"## {title}", ""]
        for name, code in sorted(codes.items()):
            lines += [f"### {name}", "", code.means, "", "```text"]
            lines += ["wrong:", *_indented(code.wrong), "right:", *_indented(code.right), "```", ""]
    return "\n".join(lines)


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.expandtabs(4).splitlines())


def pages() -> dict[str, str]:
    """Every page by its file's name."""
    found = {
        "commands.md": commands(),
        "findings.md": findings(),
        "words.md": words_of_rules(HEAD),
        **{f"{kind}.md": keys_of(kind) for kind in FILES},
        "openapi.json": json_text(openapi(api_queries())),
    }
    return {name: text.rstrip() + "\n" for name, text in found.items()}


def main() -> int:
    """Writes or compares the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and compare")
    given = parser.parse_args()
    differing = []
    for name, text in pages().items():
        path = PLACE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differing.append(name)
        if not given.check:
            PLACE.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    click.echo(f"{'other than written' if given.check else 'wrote'}: {', '.join(differing) or 'nothing'}")
    return int(given.check and bool(differing))


if __name__ == "__main__":
    raise SystemExit(main())
