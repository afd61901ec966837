"""The first sheet of a workbook: three answers in words, with the score and the targets as charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from phasegate.reports.brief.brief import brief
from phasegate.reports.excel.workbook import LINE, MOST_DIGITS, MOST_LINES, Cell, Kind, Sheets
from phasegate.reports.text.labels import known_verdict, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.rules.values.units import PERCENT

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from phasegate.reports.brief.model import Brief, Change, EndingDay, Gate, GateChange, GateTakes, Target
    from phasegate.reports.report import Report

NAME = "Answers"
_WIDTHS = (24, 24, 56, 40, 16)
_LEAST_RUNS = 3
"""A line needs so many points; two are said, and one is no line."""
_LEAST_TARGETS = 2
"""So many bars can be compared."""
_NAMED = 6
"""So many criteria are named in one cell."""
_BESIDE, _SIZE = 575, {"width": 560, "height": 300}
"""Where the second chart of two begins, and how large they are, in points of a screen."""
_BAND = 16
"""So many lines a row of charts takes."""
_LINE, _BOUND, _SOFT = "#0A5A9C", "#16202B", "#8590A0"

_KINDS = {"success": "Success targets", "kpi": "KPIs", "annual_value": "Values", "programme": "The programme"}
_Row = tuple[Cell, ...]


def questions(report: Report, sheets: Sheets) -> None:
    """Adds the sheet.

    Args:
        report: what is told.
        sheets: those of the workbook.
    """
    _Page(sheets, brief(report)).write()


class _Page:
    """The sheet as it grows downwards."""

    def __init__(self, sheets: Sheets, told: Brief) -> None:
        self._sheets = sheets
        self._told = told
        self._sheet: Worksheet = sheets.page(NAME, _WIDTHS)
        self._next = 0
        self._slots: list[tuple[int, int]] = []

    def write(self) -> None:
        told = self._told
        self._sheets.heading(self._sheet, self._next, told.title, title=True)
        self._next += 1
        self._rows([(Cell(", ".join(told.about)),)])
        self._answer()
        self._band(self._draws_score() + bool(self._groups()))
        if told.changed is not None:
            self._changed()
        rows = [row for gate in told.takes.gates for row in _takes(gate)]
        self._table("What will it take?", told.takes.sentence, ("For", "Verdict", "To do", "Settles"), rows)
        self._score()
        self._targets()
        self._ends()
        self._rows([(Cell(each),) for each in told.unknown])

    def _draws_score(self) -> bool:
        return len(self._told.score) >= _LEAST_RUNS

    def _groups(self) -> list[list[Target]]:
        """The targets of one kind and unit that can be held against each other, the first kind first."""
        found: dict[tuple[str, str | None], list[Target]] = {}
        for each in self._told.targets:
            if not _no_bar(each):
                found.setdefault((each.kind, each.unit), []).append(each)
        return [each for each in found.values() if len(each) >= _LEAST_TARGETS]

    def _band(self, charts: int) -> None:
        """Leaves room for a row of charts, where there are some."""
        if charts:
            self._slots += [(self._next + 1, place * _BESIDE) for place in range(min(charts, 2))]
            self._next += _BAND + 1

    def _answer(self) -> None:
        told = self._told.answer
        sign = state_sign(told.state)
        self._heading("May we advance?")
        self._rows([(Cell(f"{sign.mark} {sign.word}", told.state), Cell(told.sentence))])
        self._rows([(Cell(""), Cell(each)) for each in told.because])
        counts = ", ".join(
            f"{verdict_sign(each.verdict).mark} {each.number:,} {verdict_sign(each.verdict).word}"
            for each in told.counts
        )
        self._rows([(Cell(told.counted), Cell(f"{told.score.said}: {counts}"))])
        if len(self._told.gates) > 1:
            heads = ("Gate", "State", "What keeps it", "Criteria that pass", "Due")
            self._table("", "", heads, [*map(_gate, self._told.gates)])

    def _changed(self) -> None:
        found = self._told.changed
        assert found is not None
        day = f" of {found.day}" if found.day is not None else ""
        since = f"Since run {found.run}{day}: {found.sentence}"
        if found.score is not None:
            since = f"{since} The score was {found.score.said}."
        rows = [*map(_gate_change, found.gates)]
        for listing in (found.worse, found.better, found.other):
            rows += [*map(_change, listing.shown)]
            rows += [(Cell(""), Cell(""), Cell(listing.more_said))] if listing.more else []
        rows += [(Cell("rules"), Cell(""), Cell(each)) for each in found.rules.shown]
        heads = ("Was", "Is", "What", "Why")
        self._table("What changed?", since, heads, rows)
        self._rows([(Cell(each),) for each in found.unknown])

    def _targets(self) -> None:
        """A table, and a chart for each kind and unit: bars from 0, and a mark at what is wanted."""
        kinds = list(dict.fromkeys((each.kind, each.unit) for each in self._told.targets))
        told = sorted(
            self._told.targets, key=lambda each: (kinds.index((each.kind, each.unit)), _no_bar(each))
        )
        if not told:
            return
        first = self._table("Targets", "", ("Target", "Verdict", "", "Found", "Bound"), [*map(_target, told)])
        place = {each.id: first + number for number, each in enumerate(told)}
        for group in self._groups():
            if not self._slots:
                self._band(2)
            self._bars(group[0], place[group[0].id], place[group[-1].id])

    def _bars(self, group: Target, first: int, last: int) -> None:
        chart = self._sheets.chart("column")
        names = [NAME, first, 0, last, 0]
        chart.add_series(
            {
                "name": "found", "categories": names, "values": [NAME, first, 3, last, 3],
                "fill": {"color": _LINE}, "gap": 80,
            }
        )  # fmt: skip
        wanted = self._sheets.chart("line")
        mark = {"type": "long_dash", "size": 14, "border": {"color": _BOUND}, "fill": {"color": _BOUND}}
        wanted.add_series(
            {
                "name": "bound", "categories": names, "values": [NAME, first, 4, last, 4],
                "line": {"none": True}, "marker": mark,
            }
        )  # fmt: skip
        chart.combine(wanted)
        unit = visible(group.unit or "")
        axis = {"min": 0, "num_format": "0%" if group.unit == PERCENT else "#,##0"}
        title = f"{_KINDS.get(group.kind, 'Targets')}{f', in {unit}' if unit and unit != PERCENT else ''}"
        self._placed(chart, f"{title}: found, and the bound", axis)

    def _ends(self) -> None:
        found = self._told.ends
        if found is None:
            return
        later = f"and {counted(found.beyond, 'day')} after these weeks" if found.beyond else ""
        heads = ("Day", "Shuts", "What ends", "Criteria")
        self._table("What ends next?", found.sentence or later, heads, [*map(_ending, found.days)])

    def _score(self) -> None:
        """The score over days, with a line where there are runs enough for one."""
        told = self._told.score
        if len(told) < 2:
            return
        rows = [
            (
                Cell(each.day.isoformat(), kind="date"),
                Cell(f"run {each.run}" if each.run is not None else ""),
                Cell(each.score.said),
                Cell(str(each.score.passing), kind="number"),
                Cell(str(each.score.apply), kind="number"),
            )
            for each in told
        ]
        first = self._table("Score", "", ("Day", "Run", "Score", "Pass", "Apply"), rows)
        if not self._draws_score():
            return
        last = first + len(rows) - 1
        chart = self._sheets.chart("line")
        days = [NAME, first, 0, last, 0]
        labelled = {0, len(rows) - 1}
        labels = [{} if place in labelled else {"delete": True} for place in range(len(rows))]
        chart.add_series(
            {
                "name": "pass", "categories": days, "values": [NAME, first, 3, last, 3],
                "line": {"color": _LINE, "width": 2}, "marker": {"type": "circle", "size": 5},
                "data_labels": {"value": True, "position": "above", "custom": labels},
            }
        )  # fmt: skip
        chart.add_series(
            {
                "name": "apply", "categories": days, "values": [NAME, first, 4, last, 4],
                "line": {"color": _SOFT, "dash_type": "round_dot", "width": 1.25},
            }
        )  # fmt: skip
        self._placed(chart, "Score: criteria that pass, of those that apply", {"min": 0}, days=True)

    def _placed(self, chart, title: str, axis: Mapping[str, object], *, days: bool = False) -> None:  # type: ignore[no-untyped-def]
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({**axis, "major_gridlines": {"visible": True, "line": {"color": "#E0E4E8"}}})
        chart.set_x_axis({"date_axis": True, "num_format": "d mmm"} if days else {"num_font": {"size": 8}})
        chart.set_size(_SIZE)
        row, offset = self._slots.pop(0)
        self._sheet.insert_chart(row, 0, chart, {"x_offset": offset, "description": title})

    def _heading(self, said: str) -> None:
        self._next += 1
        self._sheets.heading(self._sheet, self._next, said)
        self._next += 1

    def _table(self, title: str, said: str, heads: Sequence[str], rows: Sequence[_Row]) -> int:
        """A heading, a sentence and rows under heads; the place of the first row."""
        if title:
            self._heading(title)
        if said:
            self._rows([(Cell(said),)])
        if not rows:
            return self._next
        self._sheets.heads(self._sheet, self._next, heads)
        self._next += 1
        first = self._next
        self._rows(rows)
        return first

    def _rows(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            high = 1
            for column, cell in enumerate(row):
                alone = column == len(row) - 1
                width = sum(_WIDTHS[column:]) if alone and len(row) < 3 else _WIDTHS[column]
                if alone and len(row) < 3 and cell.text:
                    self._sheets.across(self._sheet, self._next, column, len(_WIDTHS) - 1, cell)
                else:
                    self._sheets.cell(self._sheet, self._next, column, cell)
                high = max(high, sum(1 + len(line) // width for line in cell.text.split("\n")))
            self._sheet.set_row(self._next, min(high, MOST_LINES) * LINE)
            self._next += 1


def _gate(gate: Gate) -> _Row:
    due = gate.overdue_said or (f"due {gate.due}" if gate.due is not None else "")
    through = ""
    if gate.advanced is not None:
        names = listed([each.name for each in gate.advanced.by])
        through = f"advanced {gate.advanced.day} by {names}"
    notes = "; ".join([*gate.notes, *([through] if through else [])])
    name = gate.title if gate.id == "programme" else f"{gate.id}  {gate.title}"
    return (
        Cell(name),
        _state(gate.state),
        Cell(notes),
        Cell(gate.score.said),
        Cell(due, "closed" if gate.overdue else ""),
    )


def _gate_change(change: GateChange) -> _Row:
    why = [f"{each.label}: {each.said}" for each in change.why.shown]
    more = [change.why.more_said] if change.why.more else []
    return _state(change.before), _state(change.after), Cell(change.label), Cell("; ".join([*why, *more]))


def _change(change: Change) -> _Row:
    named = []
    for each in change.criteria[:_NAMED]:
        values = [f"{one.before} → {one.after}" for one in each.moved if one.before and one.after]
        named.append(f"{each.id} {'; '.join(values)}".strip())
    more = len(change.criteria) - len(named)
    what = ", ".join([*named, *([f"and {more:,} more"] if more else [])])
    why = "; ".join(f"{each.label}: {each.said}" for each in change.why)
    return _verdict(change.before), _verdict(change.after), Cell(what), Cell(why)


def _takes(gate: GateTakes) -> Iterator[_Row]:
    late = gate.overdue_said or (f"due {gate.due}" if gate.due is not None else "")
    head = ", ".join(each for each in (gate.label, late) if each)
    for each in gate.actions.all:
        named = ", ".join(each.criteria[:_NAMED])
        more = len(each.criteria) - _NAMED
        beside = [listed(each.areas), f"owner {listed(each.owners)}" if each.owners else ""]
        beside += ["may be waived"] if each.may_be_waived else []
        settles = f"{named}{f' and {more:,} more' if more > 0 else ''}"
        about = ", ".join(part for part in beside if part)
        yield (
            Cell(head),
            _verdict(each.verdict),
            Cell(" ".join(each.steps)),
            Cell(f"{settles} ({about})" if about else settles),
        )
    for note in gate.notes:
        yield Cell(head), Cell(""), Cell(note), Cell("")


def _target(target: Target) -> _Row:
    name = f"{target.id} {target.area_title}".strip()
    kind: Kind = "percent" if target.unit == PERCENT else "number"
    places = target.places
    found, bound = Cell(target.value), Cell(target.bound)
    if places is not None:
        bound = Cell(digits_shown(places.target), kind=kind)
        if places.value is not None and places.value[0] == places.value[1]:
            found = Cell(digits_shown(places.value[0], places.target), kind=kind)
    said = f"{target.text}: {target.value}{f', {target.margin}' if target.margin else ''}"
    if target.start is not None:
        then, baseline = target.start.said, target.start.kind == "baseline"
        said = f"{said}; {f'the baseline is {then}' if baseline else f'{then} when the cycle began'}"
    return Cell(name), _verdict(target.verdict), Cell(said), found, bound


def digits_shown(number: float, bound: float | None = None) -> str:
    """A number with as many digits as Excel keeps, where it stays on its side of a bound; else with all."""
    short = float(f"{number:.{MOST_DIGITS}g}")
    aside = bound is not None and (short < bound, short > bound) != (number < bound, number > bound)
    return f"{Decimal(repr(number if aside else short)):f}"


def _ending(day: EndingDay) -> _Row:
    shuts = [*(f"gate {each}" for each in day.shuts), *(f"gate {each} is overdue" for each in day.overdue)]
    more = len(day.criteria) - _NAMED
    named = f"{', '.join(day.criteria[:_NAMED])}{f' and {more:,} more' if more > 0 else ''}"
    said = "; ".join(day.said[:2]) + (f"; and {len(day.said) - 2:,} more" if len(day.said) > 2 else "")
    return Cell(day.day.isoformat(), kind="date"), Cell(", ".join(shuts)), Cell(said), Cell(named)


def _no_bar(target: Target) -> bool:
    """Whether it has no one number: missing values may have left it open."""
    value = target.places.value if target.places is not None else None
    return value is None or value[0] != value[1]


def _verdict(word: str | None) -> Cell:
    if word is None:
        return Cell("not decided")
    sign = verdict_sign(word)
    return Cell(f"{sign.mark} {sign.word}", known_verdict(word))


def _state(word: str | None) -> Cell:
    if word is None:
        return Cell("not decided")
    sign = state_sign(word)
    return Cell(f"{sign.mark} {sign.word}", word)
