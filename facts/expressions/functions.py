"""The functions that expressions may call, CASE and CAST among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeGuard

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.operators import compared, holds, settled, shifted, truth
from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.tree import FALSE, NULL, TRUE, Op, Tree, as_decimal, case, integer, op
from phasegate.facts.expressions.typed import (
    LIST,
    ONE,
    PAIR,
    READERS,
    Reading,
    alike,
    as_date,
    as_number,
    day,
    hold_arguments,
    iso_date,
    name_of,
    of_one_width,
    read_node,
)
from phasegate.facts.expressions.types import (
    DEFAULT_TAGS,
    NUMBERS,
    SURE,
    Lack,
    Name,
    Origin,
    Part,
    Typed,
    hidden_person,
    hidden_tag,
)
from phasegate.rules.diagnostics.suggestions import with_article
from phasegate.rules.values.units import DAYS, TIMES

_TAG_KEY = re.compile(r'^[^"\\$\x00-\x1f]{1,128}$')


def _arguments(node: Node) -> list[Node]:
    first = [node.this] if isinstance(node.this, Node) else []
    return [*first, *(node.args.get("expressions") or [])]


def _same(reading: Reading, node: Node, items: list[tuple[Node, Typed]]) -> list[Typed]:
    """Values of one type, for CASE, COALESCE and their like; decimals get one scale. Nulls stay."""
    present = [(item, typed) for item, typed in items if typed.type != "null"]
    kinds = {typed.type for _, typed in present} - {"any"}
    if len(kinds) > 1 and kinds <= {"date", "datetime", "string"}:
        made = alike(reading, node, present)
    elif kinds <= NUMBERS:
        made = of_one_width(reading, node, [typed for _, typed in present])
    elif len(kinds) > 1:
        first, second = sorted(kinds)[:2]
        what = f"its branches are {with_article(first)} and {with_article(second)}"
        raise reading.refuse(node, what, "make them one type")
    else:
        made = [typed for _, typed in present]
    remaining = iter(made)
    return [typed if typed.type == "null" else next(remaining) for _, typed in items]


def _of(
    same: list[Typed],
    tree: Tree,
    varies: bool | None = None,
    lacks: frozenset[Lack] | None = None,
    person: Tree | None = None,
) -> Typed:
    """What has the type of values that were made the same."""
    first = next((typed for typed in same if typed.type != "null"), same[0])
    kept = person if first.type == "string" else None
    whole = Typed(tree, first.type, first.scale, per=first.per, unit=first.unit, varies=varies)
    return whole._replace(lacks=lacks, person=kept)


def _persons(values: list[Typed]) -> list[Typed]:
    """Texts as they are compared where ids of people are."""
    return [typed._replace(tree=typed.person or typed.tree) for typed in values]


def _trees(values: list[Typed]) -> list[Tree]:
    return [typed.tree for typed in values]


def _all_of(reading: Reading, items: list[Node], depth: int) -> list[tuple[Node, Typed]]:
    return [(item, read_node(reading, item, depth)) for item in items]


def _extreme(reading: Reading, node: Node, depth: int) -> Typed:
    items = _all_of(reading, _arguments(node), depth)
    if len(items) < 2:
        raise reading.refuse(node, f"{name_of(node)} takes two values or more")
    same = _same(reading, node, items)
    name = "least" if isinstance(node, exp.Least) else "greatest"
    # Engines leave nulls out; a missing value must not become the smaller or the greater one.
    unsure = [typed.tree for (_, read), typed in zip(items, same, strict=True) if read.nullable]

    def called(values: list[Typed]) -> Op:
        extreme = op(name, *_trees(values))
        return op("unless null", extreme, *unsure) if unsure else extreme

    return _of(same, called(same), person=called(_persons(same)))


def _coalesce(reading: Reading, node: Node, depth: int) -> Typed:
    read = _all_of(reading, _arguments(node), depth)
    same = _same(reading, node, read)
    decided = False if same[0].literal is not None else None  # nothing behind a literal is ever taken
    filled = SURE if any(not typed.nullable for _, typed in read) else None
    person = op("coalesce", *_trees(_persons(same)))
    return _of(same, op("coalesce", *_trees(same)), decided, filled, person)


def _nullif(reading: Reading, node: Node, depth: int) -> Typed:
    read = _all_of(reading, [node.this, node.args["expression"]], depth)
    first, second = same = _same(reading, node, read)
    varies = False if first.parts == second.parts else None
    lacks = reading.lacking | {Lack("NULLIF")}
    test = reading.same(node, [first, second], lambda two: holds(two[0], "=", two[1]))
    # Engines' own take nothing for another value, and do not compare as `holds` does.
    person = op("null if", test, first.person or first.tree)
    return _of(same, op("null if", test, first.tree), varies, lacks, person)


def _abs(reading: Reading, node: Node, depth: int) -> Typed:
    typed = as_number(reading, node.this, read_node(reading, node.this, depth))
    return Typed(op("abs", typed.tree), "decimal", typed.scale, per=typed.per, unit=typed.unit)


def _text(reading: Reading, node: Node, item: Node, depth: int) -> Typed:
    typed = read_node(reading, item, depth)
    if typed.type not in ("string", "any"):
        raise reading.refuse(node, f"{name_of(node)} needs a text, this is {with_article(typed.type)}")
    return typed


def _text_function(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _text(reading, node, node.this, depth)
    if isinstance(node, exp.Length):
        return Typed(op("length", typed.tree), "integer")
    return Typed(op(name_of(node), typed.tree), "string", person=typed.person)


def _replace(reading: Reading, node: Node, depth: int) -> Typed:
    old, new = node.args["expression"], node.args.get("replacement")
    if not _written_text(old) or not old.name:
        raise reading.refuse(
            node, "replace takes what it looks for as a text in quotes", "replace(a, '-', '')"
        )
    if not _written_text(new):
        raise reading.refuse(node, "replace takes three texts, the last in quotes", "replace(a, '-', '')")
    items = [node.this, old, new]
    texts = [_text(reading, node, item, depth) for item in items]
    person = op("replace", *_trees(_persons(texts)))
    return Typed(op("replace", *_trees(texts)), "string", person=person)


def _written_text(item: Node | None) -> TypeGuard[exp.Literal]:
    return isinstance(item, exp.Literal) and bool(item.is_string)


def _substring(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _text(reading, node, node.this, depth)
    places: list[Tree] = []
    for key in ("start", "length"):
        item = node.args.get(key)
        if item is None and key == "length":
            continue
        places.append(_place(reading, node, item, 1 if key == "start" else 0))
    person = op("substr", typed.person or typed.tree, *places)
    return Typed(op("substr", typed.tree, *places), "string", person=person)


def _split_part(reading: Reading, node: Node, depth: int) -> Typed:
    sign, place = node.args.get("delimiter"), node.args.get("part_index")
    if not _written_text(sign) or not sign.name:
        what = "split_part takes what stands between the parts as a text in quotes"
        raise reading.refuse(node, what, "split_part(a, '-', 1)")
    texts = [_text(reading, node, item, depth) for item in (node.this, sign)]
    where = _place(reading, node, place, 1)
    person = op("split_part", *_trees(_persons(texts)), where)
    return Typed(op("split_part", *_trees(texts), where), "string", person=person)


def _place(reading: Reading, node: Node, item: Node | None, least: int) -> Op:
    """A place in a text, counted from 1, or a length."""
    if (
        not isinstance(item, exp.Literal)
        or item.is_string
        or not item.name.isdecimal()
        or not least <= int(item.name) < 10**6
    ):
        what = f"{name_of(node)} takes a whole number of at least {least} here"
        raise reading.refuse(node, what, "substr(a, 1, 4), split_part(a, '-', 2): the first is 1")
    return integer(int(item.name))


def _case(reading: Reading, node: Node, depth: int) -> Typed:
    branches: list[Node] = node.args["ifs"]
    conditions: list[Typed] = []
    results: list[tuple[Node, Typed]] = []
    for branch in branches:
        if node.this is not None:
            pair = [node.this, branch.this]
            conditions.append(settled(reading, compared(reading, node, exp.EQ, pair, depth)))
        else:
            conditions.append(truth(reading, branch.this, depth))
        results.append((branch, read_node(reading, branch.args["true"], depth)))
    default = node.args.get("default")
    if default is not None:
        results.append((default, read_node(reading, default, depth)))
    if all(typed.type == "null" for _, typed in results):
        raise reading.refuse(node, "every branch of this CASE is NULL")
    same = _same(reading, node, results)

    def branches_of(values: list[Typed]) -> Op:
        pairs = zip(conditions, values, strict=False)
        branches = [(test.tree, result.tree, test.nullable) for test, result in pairs]
        return case(branches, values[-1].tree if default is not None else None)

    read = [typed for _, typed in results]
    found = _of(
        same,
        branches_of(same),
        _case_varies(conditions, same),
        _case_lacks(conditions, read),
        branches_of(_persons(same)),
    )
    texts = frozenset[Origin]().union(*(typed.texts or () for typed in read))
    return found._replace(texts=texts, undecided=_case_undecided(conditions, same))


def _case_undecided(conditions: list[Typed], results: list[Typed]) -> tuple[Part, ...]:
    """Whether a CASE is null because something is missing, and not because no branch has a value."""
    parts: list[Part] = ["(CASE"]
    for test, result in zip(conditions, results, strict=False):
        parts += [" WHEN ", *test.parts, " IS NULL THEN TRUE"] if test.nullable else []
        parts += [" WHEN ", *test.parts, " THEN ", *_undecided(result)]
    default = results[len(conditions) :]
    return (*parts, " ELSE ", *(_undecided(default[0]) if default else parts_of(FALSE)), " END)")


def _undecided(typed: Typed) -> tuple[Part, ...]:
    if typed.undecided is not None:
        return typed.undecided
    lacking = any(lack.cell for lack in typed.lacks or ())
    return ("(", *typed.parts, " IS NULL)") if lacking else parts_of(FALSE)


def _case_lacks(conditions: list[Typed], results: list[Typed]) -> frozenset[Lack]:
    """What may be missing so that a CASE is null: nothing that its conditions ask about before."""
    lacks: set[Lack] = set()
    passed: set[tuple[Part, ...]] = set()  # conditions that do not hold from here on
    for test, result in zip(conditions, results, strict=False):
        lacks |= {each for each in test.lacks or () if each.empty not in passed}
        here = {each for each in result.lacks or () if each.filled != test.parts}
        lacks |= {each for each in here if each.empty not in passed}
        passed.add(test.parts)
    if len(results) == len(conditions):
        return frozenset({*lacks, Lack("CASE without ELSE")})
    return frozenset({*lacks, *(each for each in results[-1].lacks or () if each.empty not in passed)})


def _case_varies(conditions: list[Typed], results: list[Typed]) -> bool:
    """Whether a CASE depends on the rows: what is never reached decides nothing."""
    reached, tested = [], False
    for test, result in zip(conditions, results, strict=False):
        if test.tree != FALSE:
            reached.append(result)
            tested = tested or bool(test.varies)
        if test.tree == TRUE:
            break
    else:  # no result of its own is NULL
        reached += results[len(conditions) :] or [Typed(NULL, "null")]
    different = len({_meant(each) for each in reached}) > 1
    return any(each.varies for each in reached) or (tested and different)


def _meant(typed: Typed) -> Decimal | Tree:
    """What is equal for equal values, as far as that can be told: 1 and 1.0 are."""
    return Decimal(typed.literal) if typed.literal and typed.type in NUMBERS else typed.tree


def _cast(reading: Reading, node: Node, depth: int) -> Typed:
    typed = read_node(reading, node.this, depth)
    if typed.per != 1:
        raise reading.refuse(node, "this CAST would round", "use seconds_between, which is exact")
    to: Any = node.args["to"]
    hold_arguments(reading, to, LIST)
    kind = to.this.name if isinstance(to.this, exp.DType) else str(to.this)
    if kind == "DATE" and typed.literal is not None and typed.type == "string":
        return Typed(iso_date(reading, node, typed.literal), "date")
    if kind == "DATE" and typed.type in ("date", "datetime"):
        return as_date(typed)
    if kind == "DECIMAL" and typed.type in NUMBERS | {"string"}:
        sizes = [_size(size) for size in to.expressions]
        if len(sizes) != 2 or not 0 <= sizes[1] <= min(sizes[0], 18):
            raise reading.refuse(node, "a DECIMAL needs its digits", "DECIMAL(38, 2)")
        if typed.type == "decimal" and typed.scale > sizes[1]:
            hint = "values are compared unrounded; leave the CAST out, or declare a smaller scale"
            raise reading.refuse(node, "this CAST would round", hint)
        text = typed.type == "string"
        exact = op("decimal of text", typed.tree, note=sizes[1]) if text else as_decimal(typed.tree, sizes[1])
        return Typed(exact, "decimal", sizes[1], unit=typed.unit)
    if to.expressions:
        what = f"CAST to {kind}({to.expressions[0].name}) would cut"
        raise reading.refuse(node, what, "leave the length out; substr(a, 1, 4) cuts")
    if kind in ("INT", "BIGINT") and typed.type in ("integer", "boolean", "string"):
        whole = {"boolean": "whole of truth", "string": "whole of text"}.get(typed.type, "whole")
        return Typed(op(whole, typed.tree), "integer", unit=typed.unit)
    if kind in ("VARCHAR", "TEXT") and typed.type in ("string", "integer", "date"):
        text_of = {"integer": "text of number", "date": "text of day"}.get(typed.type, "text")
        return Typed(op(text_of, typed.tree), "string", person=typed.person)
    if kind == "BOOLEAN" and typed.type == "boolean":
        return typed
    hint = "allowed are DECIMAL(38, s), INTEGER, VARCHAR, DATE and BOOLEAN, where nothing is lost"
    raise reading.refuse(node, f"{with_article(typed.type)} is not cast to {kind} here", hint)


def _size(size: Node) -> int:
    """One of the numbers of DECIMAL(38, 2); -1 where it is anything else."""
    plain = isinstance(size.this, exp.Literal) and size.name.isdecimal() and not size.args.get("expression")
    return int(size.name) if plain else -1


def _month_of(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    return Typed(op("month of", day(reading, items[0], depth).tree), "integer")


def _days_between(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    first, second = (day(reading, item, depth).tree for item in items)
    return Typed(op("days between", first, second), "integer", unit=DAYS)


def _time_between(unit: str) -> Callable[[Reading, Node, list[Node], int], Typed]:
    """Reads a length of time between two moments: as seconds, exact to the microsecond.

    Args:
        unit: what the function counts it in.
    """

    def read(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
        both = _all_of(reading, items, depth)
        for item, typed in both:
            if typed.type not in ("datetime", "any"):
                what = f"a moment is needed here, this is {with_article(typed.type)}"
                raise reading.refuse(item, what, "days_between(a, b) counts days" * (typed.type == "date"))
        seconds = op("seconds between", *(typed.tree for _, typed in both))
        return Typed(seconds, "decimal", 6, per=TIMES[unit], unit=unit)

    return read


def _date_plus(reading: Reading, node: Node, items: list[Node], depth: int) -> Typed:
    return shifted(reading, node, day(reading, items[0], depth), read_node(reading, items[1], depth), 1)


def _tag(reading: Reading, node: Node, items: list[Node], _: int) -> Typed:
    key = items[-1]
    column = items[0].name if len(items) == 2 else DEFAULT_TAGS
    if len(items) == 2 and not isinstance(items[0], exp.Column):
        raise reading.refuse(node, "tag takes a column and a key", "tag('owner') or tag(Labels, 'owner')")
    if not _written_text(key) or not _TAG_KEY.match(str(key.this)):
        raise reading.refuse(node, "tag takes its key as a text in quotes", "tag('owner')")
    where = items[0] if len(items) == 2 else None
    tree = reading.tag(node, where, column, str(key.this))
    lacks = frozenset({Lack(column, parts_of(tree), str(key.this))})
    texts = reading.tag_origin(where, column, str(key.this))
    person = Name(hidden_person(hidden_tag(column, str(key.this))))
    return Typed(tree, "string", varies=True, lacks=lacks, texts=texts, person=person)


def _days(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    """``31 days``."""
    return read_node(reading, items[0], depth)._replace(unit=DAYS)


_OWN: dict[str, tuple[Callable[[Reading, Node, list[Node], int], Typed], tuple[int, ...]]] = {
    "month_of": (_month_of, (1,)),
    "days_between": (_days_between, (2,)),
    "date_plus": (_date_plus, (2,)),
    "tag": (_tag, (1, 2)),
    DAYS: (_days, (1,)),
    "seconds_between": (_time_between("seconds"), (2,)),
    "minutes_between": (_time_between("minutes"), (2,)),
    "hours_between": (_time_between("hours"), (2,)),
}


def _own(reading: Reading, node: Node, depth: int) -> Typed:
    found = _OWN.get(str(node.this).lower())
    if found is None:
        raise reading.not_allowed(node)
    reader, counts = found
    items: list[Node] = node.args.get("expressions") or []
    if len(items) not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise reading.refuse(node, f"{node.this} takes {wanted} arguments, here are {len(items)}")
    return reader(reading, node, items, depth)


READERS.update(
    {
        exp.Least: (_extreme, LIST),
        exp.Greatest: (_extreme, LIST),
        exp.Coalesce: (_coalesce, LIST),
        exp.Nullif: (_nullif, PAIR),
        exp.Abs: (_abs, ONE),
        exp.Lower: (_text_function, ONE),
        exp.Upper: (_text_function, ONE),
        exp.Trim: (_text_function, ONE),
        exp.Length: (_text_function, ONE),
        exp.Replace: (_replace, frozenset({"this", "expression", "replacement"})),
        exp.Substring: (_substring, frozenset({"this", "start", "length"})),
        exp.SplitPart: (_split_part, frozenset({"this", "delimiter", "part_index"})),
        exp.Case: (_case, frozenset({"this", "ifs", "default"})),
        exp.Cast: (_cast, frozenset({"this", "to"})),
        exp.Anonymous: (_own, LIST),
    }
)
