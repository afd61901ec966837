"""What a shell proposes at the Tab key: ids and measures of the nearest project, and runs of its ledger.

It is asked while somebody types. So it is fast, says nothing where something is wrong, reads the files of
rules and a ledger in a file, and opens no table, asks no server and writes nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    shell_complete,
    split_arg_string,
)

from phasegate.commands.console import tell

if TYPE_CHECKING:
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.rules.model.pack import Pack

PROGRAM = "phasegate"
COMPLETE = "_PHASEGATE_COMPLETE"
"""The variable in which a shell says what it wants to know; it counts for a bare command alone."""
Proposal = tuple[str, str]
"""What may stand there, and what it is in a few words."""
Proposer = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*")
"""The shell takes what is proposed as if it were typed: nothing is proposed that means more to it."""
MOST = 1_000
MOST_RUNS = 50
MOST_NUMBERS = 100_000
"""So many of the newest runs are gone through for those whose number begins with what was typed."""


def _proposing(find: Callable[[click.Context, str], Iterable[Proposal]]) -> Proposer:
    """Proposes what is found and goes on from what was typed; nothing where anything is wrong."""

    def propose(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem[str]]:
        from phasegate.reports.text.plain import visible

        try:
            fitting = (
                CompletionItem(value, help=visible(about) or None)
                for value, about in find(ctx, typed)
                if value.startswith(typed) and _PLAIN.fullmatch(value)
            )
            return list(islice(fitting, MOST))
        except Exception:  # noqa: BLE001 - whatever it is, the command itself will tell it
            return []

    return propose


def _pack(ctx: click.Context) -> Pack:
    from phasegate.rules.loading.project import find_project, read_project

    reading = read_project(find_project(Path(ctx.params.get("project") or ".")))
    if reading.pack is None:
        raise LookupError("nothing of the rules can be read")
    return reading.pack.pack


def _next_level(ids: Mapping[str, str], typed: str) -> Iterator[Proposal]:
    """The ids that go on from what was typed; what stands below one only once that one is typed in full."""
    for value, about in ids.items():
        rest = value.removeprefix(typed)
        if "/" not in rest or (typed in ids and rest.startswith("/") and "/" not in rest[1:]):
            yield value, about


def _ids_of(pack: Pack) -> dict[str, str]:
    """What ``check`` takes, by what each is."""
    from phasegate.rules.model.pack import PROGRAMME
    from phasegate.rules.model.requirements import targets

    found = {PROGRAMME: pack.title}
    found |= {f"phase:{name}": phase.title for name, phase in pack.phases.items()}
    for name, area in pack.areas.items():
        found |= {name: area.title, **area.sections}
    found |= {name: point.title for name, point in pack.points.items()}
    found |= {name: criterion.text for name, criterion in pack.criteria()}
    return found | {name: target.name for name, target, *_ in targets(pack)}


def _measures_of(pack: Pack) -> dict[str, str]:
    return {name: measure.title or "" for name, measure in pack.measures.items()}


def _requirements_of(pack: Pack, waivable: bool = False) -> dict[str, str]:
    from phasegate.rules.model.requirements import bounds_of

    return {
        f"{name}/{fact}": criterion.text
        for name, criterion in pack.criteria()
        if not waivable or criterion.enforcement == "soft"
        for fact, *_ in bounds_of(criterion.require, ())
    }


def _runs(ctx: click.Context, typed: str) -> Iterator[Proposal]:
    from phasegate.audit.statements.project_ledger import glanced_project_ledger

    where = ctx.params.get("ledger"), Path(ctx.params.get("project") or ".")
    with glanced_project_ledger(*where, os.environ) as log:
        newest = log.store.newest_run()
        yield "latest", "the newest run"
        fitting = (
            number
            for number in range(newest, max(0, newest - MOST_NUMBERS), -1)
            if str(number).startswith(typed) and log.find(("run",), run=number)
        )
        for number in islice(fitting, MOST_RUNS):
            yield str(number), _about_run(log, number)


def _about_run(log: Ledger, number: int) -> str:
    """What a run decided, in a few words; none where its entry can not be read."""
    from phasegate.audit.errors import TrailError
    from phasegate.audit.trail.runs import find_run

    try:
        entry = find_run(log, str(number)).entry
    except TrailError:
        return ""
    what = " ".join([entry["kind"], *entry["scope"][:3]])
    return f"{what} as of {entry['as_of']}: {entry['outcome'].replace('_', ' ')}"


ids = _proposing(lambda ctx, typed: _next_level(_ids_of(_pack(ctx)), typed))
"""Points, criteria, targets, areas, sections, phases and the programme."""


@_proposing
def ids_and_measures(ctx: click.Context, typed: str) -> Iterator[Proposal]:
    """Ids, and measures too."""
    pack = _pack(ctx)
    yield from _next_level(_ids_of(pack), typed)
    yield from _measures_of(pack).items()


@_proposing
def ids_and_requirements(ctx: click.Context, typed: str) -> Iterator[Proposal]:
    """Ids down to the single requirement."""
    pack = _pack(ctx)
    yield from _next_level(_ids_of(pack) | _requirements_of(pack), typed)


@_proposing
def phases(ctx: click.Context, _: str) -> Iterator[Proposal]:
    """The gates: phases, and the programme."""
    from phasegate.rules.model.pack import PROGRAMME

    pack = _pack(ctx)
    for name, phase in pack.phases.items():
        yield name, phase.title
    yield PROGRAMME, pack.title


@_proposing
def points(ctx: click.Context, _: str) -> Iterator[Proposal]:
    """The points."""
    for name, point in _pack(ctx).points.items():
        yield name, point.title


@_proposing
def measures(ctx: click.Context, _: str) -> Iterator[Proposal]:
    """The measures."""
    yield from _measures_of(_pack(ctx)).items()


@_proposing
def attested_measures(ctx: click.Context, _: str) -> Iterator[Proposal]:
    """The measures that somebody attests."""
    for name, measure in _pack(ctx).measures.items():
        if measure.attested is not None:
            yield name, measure.title or ""


@_proposing
def codes(_: click.Context, __: str) -> Iterator[Proposal]:
    """The codes of findings."""
    from phasegate.rules.lint.codes.table import CODES

    for name, code in CODES.items():
        yield name, code.means.partition(".")[0]


waivable = _proposing(lambda ctx, _: _requirements_of(_pack(ctx), waivable=True).items())
"""The requirements that may be waived."""
runs = _proposing(_runs)
"""The runs of the ledger, the newest first; none of a ledger on a server, which is not asked."""


class OurBash(BashComplete):
    """Bash takes an id such as ``phase:2`` for three words, and replaces what stands after the colon."""

    _joined = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, and that one."""
        last = int(os.environ["COMP_CWORD"])
        words = split_arg_string(os.environ["COMP_WORDS"])[: last + 1]
        words += [""] * (last + 1 - len(words))
        joined: list[str] = []
        for place, word in enumerate(words):
            follows = place > 0 and words[place - 1] == ":"
            if len(joined) > 1 and (word == ":" or follows):
                joined[-1] += word
            else:
                joined.append(word)
        typed = joined[-1]
        if typed != words[-1] or typed == ":":
            self._joined = typed[: typed.rfind(":") + 1]
        return joined[1:-1], typed

    def format_completion(self, item: CompletionItem[str]) -> str:
        """An item, without what stands before the last colon already."""
        return f"{item.type},{item.value.removeprefix(self._joined)}"


def answer(command_line: click.Group, asked: str) -> bool:
    """Tells a shell what may follow, or how it is to ask; while somebody types, no fault is told.

    Args:
        command_line: whose commands they are.
        asked: what the shell asks, as `COMPLETE` has it.

    Returns:
        Whether it could be told.
    """
    add_completion_class(OurBash)
    try:
        if shell_complete(command_line, {}, PROGRAM, COMPLETE, asked) == 0:
            return True
    except BaseException:  # noqa: BLE001 - an interruption too
        return False
    shells = "take bash_source, zsh_source or fish_source"
    tell(f"error: {COMPLETE} asks for {asked!r}\nhelp: {shells}", err=True)
    return False
