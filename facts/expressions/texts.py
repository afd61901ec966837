"""The only texts that an expression can yield, where its own words say so: a CASE that names them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

_SAME: dict[type[Node], Callable[[str], str]] = {exp.Lower: str.lower, exp.Upper: str.upper}


def texts_of(node: Node, allowed: Callable[[Node], Collection[str]]) -> tuple[str, ...]:
    """The texts that an expression can yield, sorted; none where it may yield others.

    Args:
        node: its tree.
        allowed: the only texts that a column may hold; none where it may hold any.
    """
    found = _texts(node, allowed)
    return () if found is None else tuple(sorted(found))


def _texts(node: Node, allowed: Callable[[Node], Collection[str]]) -> frozenset[str] | None:
    node = node.unnest()
    match node:
        case exp.Literal() if node.is_string:
            return frozenset({str(node.this)})
        case exp.Null():
            return frozenset()
        case exp.Column():
            return frozenset(allowed(node)) or None
        case exp.Lower() | exp.Upper():
            inner = _texts(node.this, allowed)
            plain = inner is not None and all(text.isascii() for text in inner)
            return frozenset(map(_SAME[type(node)], inner)) if inner is not None and plain else None
        case exp.Case():
            results = [branch.args["true"] for branch in node.args["ifs"]]
            return _together(
                [*results, *([default] if (default := node.args.get("default")) else [])], allowed
            )
        case exp.Coalesce():
            return _together([node.this, *node.expressions], allowed)
    return None


def _together(nodes: list[Node], allowed: Callable[[Node], Collection[str]]) -> frozenset[str] | None:
    found = [_texts(node, allowed) for node in nodes]
    return None if None in found else frozenset().union(*(each for each in found if each is not None))
