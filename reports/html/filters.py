"""Filters that need no script: radios, and rules of style that ask which one is checked.

Paper takes no notice of them, and without `:has` none are shown: a failure is never hidden by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, verdict_mark, verdict_tone
from phasegate.reports.text.labels import VERDICTS, known_verdict
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.report import Report

MOST = 12
"""Of more areas or owners nobody picks one by a row of buttons."""
PLACES = frozenset(
    [f"filter-v-{word}" for word in (*VERDICTS, "all")]
    + [f"filter-{kind}-{which}" for kind in "ao" for which in (*map(str, range(MOST)), "all")]
)
"""The ids of the radios."""


class Filters:
    """Which filters a page has, and what each thing on it belongs to.

    Args:
        report: what is told.
        brief: who settles what.
    """

    def __init__(self, report: Report, brief: Brief) -> None:
        self._report = report
        record = report.record
        named = record["areas"] if 1 < len(record["areas"]) <= MOST else {}
        self._areas = {name: place for place, name in enumerate(named)}
        self._owners: dict[str, list[str]] = {}
        for each in brief.takes.actions:
            for name in each.criteria:
                self._owners.setdefault(name, []).extend(each.owners)
        found = list(dict.fromkeys(owner for owners in self._owners.values() for owner in owners))
        self._known = {owner: place for place, owner in enumerate(found if len(found) <= MOST else [])}
        self._of_point = {each["id"]: each["area"] for each in record["points"]}
        self._kinds = {each["id"]: self._kinds_of(each["id"]) for each in record["criteria"]}

    def kinds(self, criteria: Iterable[str]) -> str:
        """The classes of what belongs to some criteria."""
        alike = {self._kinds[each] for each in criteria}
        if len(alike) == 1:  # as nearly always
            return " ".join(("f", *alike.pop()))
        return " ".join(("f", *sorted({kind for each in alike for kind in each})))

    def area(self, criterion: str) -> str | None:
        """The id of the area of a criterion or a target."""
        point = self._report.criteria[criterion]["point"]
        if point is not None:
            return self._of_point.get(point)
        area = criterion.partition("/")[0]
        return area if area in self._report.record["areas"] else None

    def _kinds_of(self, criterion: str) -> tuple[str, ...]:
        found = [f"h-{known_verdict(self._report.criteria[criterion]['verdict'])}"]
        area = self.area(criterion)
        if area in self._areas:
            found.append(f"a{self._areas[area]}")
        found += [
            f"o{self._known[owner]}" for owner in self._owners.get(criterion, ()) if owner in self._known
        ]
        return tuple(found)

    def shown(self) -> Markup | None:
        """The radios; None where there is nothing to choose."""
        sets = [
            self._set("Verdict", "v", [(word, self._verdict(word)) for word in self._words()]),
            self._set("Area", "a", [(str(at), self._area(name)) for name, at in self._areas.items()]),
            self._set("Owner", "o", [(str(at), visible(name)) for name, at in self._known.items()]),
        ]
        if not any(sets):
            return None
        return filled(
            '<div class="filters">{}</div><p class="nothing-left">Nothing here is of all that is chosen.</p>',
            joined(sets),
        )

    def _words(self) -> list[str]:
        found = {known_verdict(each["verdict"]) for each in self._report.record["criteria"]}
        return [word for word in VERDICTS if word in found]

    def _verdict(self, word: str) -> Markup:
        number = sum(known_verdict(each["verdict"]) == word for each in self._report.record["criteria"])
        return filled("{} {} <b>{}</b>", verdict_mark(word), VERDICTS[word].word, f"{number:,}")

    def _area(self, name: str) -> str:
        return f"{name} {self._report.record['areas'][name]}"

    def _set(self, title: str, kind: str, choices: Sequence[tuple[str, Markup | str]]) -> Markup | None:
        if len(choices) < 2:
            return None
        items = [
            filled(
                '<label class="filter"><input type="radio" name="{}" id="filter-{}-{}"{}>{}</label>',
                f"filter-{kind}",
                kind,
                value,
                Markup(" checked") if value == "all" else None,
                said,
            )
            for value, said in [("all", "all"), *choices]
        ]
        return filled("<fieldset><legend>{}</legend>{}</fieldset>", title, joined(items))

    def rules(self) -> str:
        """The rules of style that filter; for screens alone."""
        words, areas, owners = self._words(), list(self._areas.values()), list(self._known.values())
        if len(words) < 2 and len(areas) < 2 and len(owners) < 2:
            return ""
        rules = []
        for word in words if len(words) > 1 else ():
            chosen = f"body:has(#filter-v-{word}:checked)"
            rules.append(f"{chosen} .f:not(.h-{word}){{display:none}}")
            rules.append(
                f"{chosen} .matrix td:not(.{verdict_tone(word)}.v-{word}){{background:none;box-shadow:none;"
                "outline:0;color:var(--soft)}"
            )
        for kind, places in (("a", areas), ("o", owners)):
            for place in places if len(places) > 1 else ():
                rules.append(
                    f"body:has(#filter-{kind}-{place}:checked) .f:not(.{kind}{place}){{display:none}}"
                )
        rules += self._nothing(words, areas, owners)
        return f"@media screen{{{''.join(rules)}}}"

    def _nothing(self, words: list[str], areas: list[int], owners: list[int]) -> list[str]:
        """For each choice that leaves nothing the rule that says so."""
        have = {frozenset(each) for each in self._kinds.values()}
        places = [f"a{each}" for each in areas], [f"o{each}" for each in owners]
        pairs = [*product((f"h-{word}" for word in words), places[0] + places[1]), *product(*places)]
        rules = []
        for one, other in pairs:
            if not any(one in each and other in each for each in have):
                chosen = "".join(f":has(#{_radio(each)}:checked)" for each in (one, other))
                rules.append(f"body{chosen} .nothing-left{{display:block}}")
        return rules


def _radio(kind: str) -> str:
    return f"filter-v-{kind[2:]}" if kind.startswith("h-") else f"filter-{kind[0]}-{kind[1:]}"
