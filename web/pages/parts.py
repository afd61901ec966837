"""What several pages have: the proof of a figure, its requirements, its history, its commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.audit.verification.proof_subject import file_name
from phasegate.reports.brief.imperative import steps
from phasegate.reports.html.anchors import Anchors, Kind
from phasegate.reports.html.markup import Child, Markup, filled, joined, parted, section, tag, verdict
from phasegate.reports.html.requirement import RequirementMarkup
from phasegate.reports.text.plain import moment
from phasegate.reports.text.sentences import gate_label
from phasegate.rules.model.verdict import HOLDING, SETTLED, WORST_FIRST
from phasegate.web import commands
from phasegate.web.links import api, link, page
from phasegate.web.narrow import area_of
from phasegate.web.shell import bullets, code, first_of, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phasegate.records.schema import CriterionEntry, RequirementEntry
    from phasegate.web.asked import Asked

CRITERIA = ("Criterion", "Verdict", "What is asked", "Enforcement", "What it takes")
MOST_STEPS = 3
"""So many of what settles a criterion are told in a table; its own page tells all of them."""


class Places(Anchors):
    """Where each thing of a record is told on a server: on a page of its own.

    Args:
        asked: what is asked for.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._own: dict[Kind, set[str]] = {
            "criterion": {each["id"] for each in asked.record["criteria"]},
            "point": {each["id"] for each in asked.record["points"]},
            "gate": {each["id"] for each in asked.record["gates"]},
        }

    def place(self, kind: Kind, name: str) -> str | None:
        """No place of this page: each thing has a page of its own."""
        return None

    def link(self, kind: Kind, name: str, *children: Child) -> Markup:
        """A link to the page of a thing; the same without one, where it has none."""
        shown = children or (parted(name),)
        if name not in self._own.get(kind, ()):
            return joined(shown)
        return link(page(self._asked.key, kind, id=name, run=self._asked.run_given), *shown)


def prove(asked: Asked, given: str, what: str, kind: str | None = None, area: str | None = None) -> Markup:
    """Where the proof of a figure is got, and by which lines it is verified elsewhere.

    Args:
        asked: what is asked for.
        given: what the run decided, as `prove` takes it.
        what: the same in words.
        kind: the name of the answer of the API that has it; None where none has.
        area: the area that it belongs to; None of what belongs to none.
    """
    number = asked.run.number
    verify = commands.typed("verify", file_name(given, number))
    again = commands.typed("prove", given, "--run", str(number)) if not given.startswith("-") else None
    name = given.removeprefix("phase:") if kind == "gate" else given
    if kind == "gate" or asked.viewer.may_see_evidence(asked.key, area):
        address = page(asked.key, "proof", id=given, run=number)
        got = tag(
            "p",
            link(address, "Download the proof of ", parted(what), f" in run {number}", download=True),
            ".",
        )
    else:
        got = tag("p", "Its proof holds rows behind verdicts, which you may not see.")
    return section(
        "prove",
        "Prove this",
        got,
        commands.shown("Whoever has the file verifies it anywhere, with no ledger and no network:", verify),
        commands.shown("Whoever has the ledger writes the same file with:", again),
        tag("p", link(api(asked.key, kind, id=name, run=number), "The same for programs (JSON)"), ".")
        if kind is not None
        else None,
    )


def found_in(asked: Asked) -> Markup:
    """Which run tells what the page shows."""
    run = asked.run
    told = [
        "Found by ",
        link(page(asked.key, "run", run=run.number), f"run {run.number}"),
        f", as of {run.entry['as_of']}, recorded {moment(run.envelope['recorded_at'])}",
        f" by {run.envelope['evaluator']}.",
    ]
    return tag("p", *told, class_="soft")


def criteria_table(asked: Asked, criteria: Sequence[CriterionEntry], label: str, caption: str) -> Markup:
    """Criteria, each with its verdict and what it takes to pass."""
    places = Places(asked)
    rows = [
        (
            places.link("criterion", each["id"]),
            verdict(each["verdict"]),
            each["text"],
            each["enforcement"],
            _takes(asked, each),
        )
        for each in criteria
    ]
    return table(label, caption, CRITERIA, rows)


def _takes(asked: Asked, criterion: CriterionEntry) -> Markup:
    """What settles a criterion, as the report says it; nothing of one that is settled already."""
    name, word = criterion["id"], criterion["verdict"]
    if word in HOLDING:
        return joined(["" if word in SETTLED else "Nothing while it is waived."])
    told = steps(asked.report, criterion)
    whole = page(asked.key, "criterion", id=name, run=asked.run_given)
    return joined(told) if len(told) == 1 else bullets(*first_of(told, MOST_STEPS, whole))


def requirements(asked: Asked, told: Sequence[RequirementEntry]) -> Markup:
    """Requirements with all that the record has of them, each with a link to its page and its rows."""
    report = replace(asked.report, past=asked.past)
    written = RequirementMarkup(report, Places(asked), None)
    return joined([joined([written.whole(each), _beside(asked, each)]) for each in told])


def worst_first(told: Iterable[RequirementEntry]) -> list[RequirementEntry]:
    """Requirements, those first that are furthest from passing."""
    places = {word: place for place, word in enumerate(WORST_FIRST)}
    return sorted(told, key=lambda each: places.get(each["verdict"], -1))


def _beside(asked: Asked, each: RequirementEntry) -> Markup:
    links = [
        link(
            page(asked.key, "requirement", id=each["id"], run=asked.run_given),
            "Requirement ",
            parted(each["id"]),
        )
    ]
    if asked.viewer.may_see_evidence(asked.key, area_of(asked.record, each["criterion"])):
        evidence = page(asked.key, "evidence", id=each["id"], run=asked.run_given)
        links.append(link(evidence, "Rows behind ", parted(each["id"])))
    return tag("p", joined(links, filled(" {} ", "·")))


def signing(asked: Asked, told: Iterable[RequirementEntry], *more: Markup) -> Markup | None:
    """What a person types to approve, waive, attest or advance; None where there is nothing to sign."""
    lines: list[Markup] = [*more, *commands.approvals(asked.record)]
    facts: set[str] = set()
    for each in told:
        fact, criterion = asked.report.facts[each["fact"]], asked.report.criteria[each["criterion"]]
        if (line := commands.waive(each, criterion["enforcement"])) is not None:
            lines.append(line)
        if fact["id"] not in facts and each["verdict"] != "pass":
            facts.add(fact["id"])
            if (line := commands.attest(fact)) is not None:
                lines.append(line)
    if not lines:
        return None
    about = (
        "Nothing is signed here. A person types this in the folder of the project, with a key of their own."
    )
    return section("sign", "To sign", tag("p", about, class_="soft"), *lines)


def gates_of(asked: Asked, criterion: CriterionEntry) -> Markup | None:
    """The gates in which a criterion counts."""
    if criterion["enforcement"] == "advisory":
        return tag("p", "It is advisory: it is shown, and closes no gate.")
    places = Places(asked)
    held = [
        places.link("gate", each["id"], gate_label(each["id"]))
        for each in asked.record["gates"]
        if criterion["id"] in each["targets"] or criterion["point"] in each["points"]
    ]
    return tag("p", "It counts in ", joined(held, ", "), ".") if held else None


def digest(said: str) -> Markup:
    """A digest."""
    return code(said)
