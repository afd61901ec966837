"""The changes of a module that count: those of Cosmic Ray that are another programme.

What is left out is no programme, or the same one by construction, whatever the tests are: annotations,
which nothing runs; stars that are no operator, which do not compile; imports for types; whether a class
is frozen or has slots, which `tests/house/test_dataclasses.py` holds for all of them; how much a cache
keeps, or whether it keeps anything; and `==` with a member of an enumeration instead of `is`, of which
there is one of each. All of these but the stars would survive, and all of those would be killed.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.plugins import get_operator, operator_names
from parso.tree import NodeOrLeaf

BINARY = frozenset({"term", "power", "arith_expr", "shift_expr", "expr", "and_expr", "xor_expr"})
"""What an operator between two values stands in; any other star marks arguments."""
CACHES = frozenset({"cache", "lru_cache"})


@dataclasses.dataclass(frozen=True, order=True)
class Mutant:
    """One change.

    Attributes:
        file: the module, from the root.
        line: where it begins.
        operator: the kind of the change, as Cosmic Ray calls it.
        occurrence: which of its kind in the file.
        lines: the lines that run it; empty for what runs when the module is imported.
    """

    file: str
    line: int
    operator: str
    occurrence: int
    lines: tuple[int, ...] = dataclasses.field(compare=False)


def mutants_of(path: Path, root: Path) -> Iterator[Mutant]:
    """All mutants of a module that count."""
    nodes = [(node, _annotation(node)) for node in ast_nodes(get_ast_from_path(path))]
    name = str(path.relative_to(root))
    for kind in operator_names():
        operator = get_operator(kind)
        if operator.arguments():
            continue
        numbers = itertools.count()
        for node, annotation in nodes:
            for start, end in operator().mutation_positions(node):
                number = next(numbers)
                if not annotation and not any(rule(node, kind, start) for rule in LEFT_OUT):
                    yield Mutant(name, start[0], kind, number, _lines(node, start[0], end[0]))


def _no_operator(node: NodeOrLeaf, kind: str, _: tuple[int, int]) -> bool:
    """Whether a star, or two, mark arguments or what is unpacked: in its place nothing else compiles."""
    return "BinaryOperator" in kind and node.type == "operator" and node.parent.type not in BINARY


def _import_for_types(node: NodeOrLeaf, _kind: str, _: tuple[int, int]) -> bool:
    """Whether it is the condition of imports that nothing but a checker of types needs."""
    return node.type == "if_stmt" and node.children[1].get_code().strip() == "TYPE_CHECKING"


def _cache(node: NodeOrLeaf, _kind: str, _: tuple[int, int]) -> bool:
    """Whether it is a cache, or how much that keeps: what it gives is the same."""
    decorator = _above(node, "decorator")
    return decorator is not None and decorator.children[1].get_code().partition("(")[0] in CACHES


def _frozen_or_slots(node: NodeOrLeaf, _kind: str, _: tuple[int, int]) -> bool:
    """Whether it is the option of a dataclass that a test of its own holds."""
    option = _above(node, "argument")
    told = option is not None and _above(option, "decorator") is not None
    return told and option.children[0].get_code().strip() in ("frozen", "slots")


def _same_member(node: NodeOrLeaf, kind: str, start: tuple[int, int]) -> bool:
    """Whether equality takes the place of identity, where one side is a member of an enumeration."""
    if not kind.endswith(("_Is_Eq", "_IsNot_NotEq")):
        return False
    place = next(place for place, each in enumerate(node.children) if each.start_pos == start)
    owner, _, member = node.children[place + 1].get_code().strip().rpartition(".")
    return owner[:1].isupper() and owner.isidentifier() and member.isupper()


def _above(node: NodeOrLeaf, wanted: str) -> NodeOrLeaf | None:
    """The node itself, or the nearest above it, that is of the wanted type."""
    while node is not None and node.type != wanted:
        node = node.parent
    return node


LEFT_OUT = (_no_operator, _import_for_types, _cache, _frozen_or_slots, _same_member)


def _annotation(node: NodeOrLeaf) -> bool:
    """Whether a node stands in an annotation: of a variable, a parameter, or what a function gives."""
    places = {"annassign": 1, "tfpdef": 2}
    while (above := node.parent) is not None:
        if above.type in places and above.children.index(node) == places[above.type]:
            return True
        if above.type == "funcdef" and node is above.annotation:
            return True
        node = above
    return False


def _lines(node: NodeOrLeaf, first: int, last: int) -> tuple[int, ...]:
    """The lines of the statement in a function's body; none where it runs at import."""
    statement = None
    while (above := node.parent) is not None:
        if statement is None and node.type == "simple_stmt":
            statement = node
        if above.type in ("funcdef", "lambdef") and node is above.children[-1]:
            if statement is not None:
                first, last = statement.start_pos[0], max(last, statement.end_pos[0] - 1)
            return tuple(range(first, max(first, last) + 1))
        node = above
    return ()
