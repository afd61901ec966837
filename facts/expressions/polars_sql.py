"""What is written for polars, held to what was read before it runs.

An expression is read once, by `parser` or `query`; what comes of it are parts:
fixed words and signs of ours, with names, texts and parameters between them. Here the parts become
one text, and the text is read again:

- its tokens must be those of the same parts with harmless names and texts in the place of the
  author's, one by one: no name and no text of his can end where it should not, or become a word;
- its tree may hold nothing but what `_WRITTEN` names, and reads no other tables and columns than the
  parts name.

So what was checked is what runs, whatever somebody wrote, and whatever a later change here forgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError
from sqlglot.expressions import Expr as Node
from sqlglot.tokenizer_core import Token

from phasegate.facts.expressions.slots import Values, filled
from phasegate.facts.expressions.tokens import parsed, tokenized
from phasegate.facts.expressions.types import ExpressionError, Name, Part, Slot, Text

_HARMLESS = "\u00a7"  # a sign that none of our words has
_PAIR = frozenset({"this", "expression"})
_ONE = frozenset({"this"})
_LIST = frozenset({"this", "expressions"})
_WRITTEN: dict[type[Node], frozenset[str]] = {
    exp.Select: frozenset({"expressions", "from_", "joins", "where", "group", "having", "with_", "distinct"}),
    exp.Union: frozenset({"this", "expression", "distinct", "with_"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.With: frozenset({"expressions"}), exp.CTE: frozenset({"this", "alias"}), exp.TableAlias: _ONE,
    exp.Table: frozenset({"this", "alias"}), exp.From: _ONE,
    exp.Join: frozenset({"this", "side", "kind", "on", "using"}),
    exp.Where: _ONE, exp.Having: _ONE, exp.Group: frozenset({"expressions"}),
    exp.Alias: frozenset({"this", "alias"}), exp.Identifier: frozenset({"this", "quoted"}),
    exp.Distinct: frozenset({"expressions"}), exp.Star: frozenset(),
    exp.Column: frozenset({"this", "table"}),
    exp.Literal: frozenset({"this", "is_string"}), exp.Boolean: _ONE, exp.Null: frozenset(),
    exp.Paren: _ONE, exp.And: _PAIR, exp.Or: _PAIR, exp.Not: _ONE, exp.Is: _PAIR,
    exp.EQ: _PAIR, exp.NEQ: _PAIR, exp.GT: _PAIR, exp.GTE: _PAIR, exp.LT: _PAIR, exp.LTE: _PAIR,
    exp.In: frozenset({"this", "expressions", "query"}), exp.Exists: _ONE, exp.Like: _PAIR,
    exp.Add: _PAIR, exp.Sub: _PAIR, exp.Mul: _PAIR, exp.Neg: _ONE,
    exp.Sum: _ONE, exp.Count: frozenset({"this", "big_int"}), exp.Min: _ONE, exp.Max: _ONE,
    exp.Least: _LIST | {"ignore_nulls"}, exp.Greatest: _LIST | {"ignore_nulls"},
    exp.Coalesce: _LIST | {"coalesce"}, exp.Nullif: _PAIR, exp.Abs: _ONE,
    exp.Lower: _ONE, exp.Upper: _ONE, exp.Trim: _PAIR | {"position"}, exp.Length: _ONE,
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.SplitPart: frozenset({"this", "delimiter", "part_index"}),
    exp.Extract: _PAIR, exp.Var: _ONE,
    exp.Case: frozenset({"this", "ifs", "default"}), exp.If: frozenset({"this", "true"}),
    exp.Cast: frozenset({"this", "to"}), exp.TryCast: frozenset({"this", "to", "safe", "requires_string"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}), exp.DataTypeParam: _ONE,
}  # fmt: skip


def quoted(part: Name | Text) -> str:
    """A name or a text as SQL; the one place where either is put into quotes."""
    sign = '"' if isinstance(part, Name) else "'"
    return sign + part.text.replace(sign, sign * 2) + sign


def written(sql: str, parts: Sequence[Part], values: Values, *, query: bool = False) -> str:
    """The text of what was read, with its parameters filled in.

    Args:
        sql: the text as its author wrote it, for messages.
        parts: what was read of it.
        values: the values of parameters.
        query: whether it is a whole query, and not an expression over one row.

    Raises:
        UnboundParameterError: if a parameter has no value.
        ExpressionError: if a value does not fit its place, or the text is not what was read.
    """
    fixed = [filled(sql, part, values) if isinstance(part, Slot) else part for part in parts]
    text = "".join(part if isinstance(part, str) else quoted(part) for part in fixed)
    known = (text, tuple(fixed), query)
    if known in _HELD:
        return text
    own = [part for part in fixed if not isinstance(part, str)]
    try:
        tokens = _held(text, "".join(_harmless(fixed)), own)
        _hold_tree(text, tokens, {part.text for part in own if isinstance(part, Name)}, query)
    except _TooDeepError as error:
        hint = "name a part of it in WITH" if query else "derive a column from a part of it"
        raise ExpressionError(sql, "this is nested too deep for polars", hint=hint) from error
    except (SqlglotError, RecursionError, _OtherwiseError) as error:
        what = "what would run is not what was read"
        hint = "give the column or the source a name of letters, digits and underscores"
        raise ExpressionError(sql, what, hint=hint) from error
    if len(_HELD) >= _MOST_HELD:
        _HELD.clear()
    _HELD.add(known)
    return text


_HELD: set[tuple[str, tuple[str | Name | Text, ...], bool]] = set()
"""Texts that were found to be what was read, with that: one run asks for the same again and again."""
_MOST_HELD = 10_000


class _OtherwiseError(Exception):
    """A text that says something else than what was read."""


class _TooDeepError(Exception):
    """A text of more levels than polars reads: at 50 it gives up, and may take minutes to do so."""


MAX_LEVELS = 45
_LEVELS = frozenset(
    kind
    for kind in _WRITTEN
    if issubclass(
        kind, exp.Paren | exp.Func | exp.Not | exp.Neg | exp.Query | exp.Subquery | exp.Join | exp.CTE
    )
    and not issubclass(kind, exp.And | exp.Or | exp.If)
)
"""What polars' parser counts as a level: brackets, calls and queries."""
_RIGHT = frozenset(kind for kind in _WRITTEN if issubclass(kind, exp.Binary | exp.In))
"""Of which it counts what stands right of a sign as one."""
_OF_QUERIES = frozenset(kind for kind in _WRITTEN if issubclass(kind, exp.Query | exp.AggFunc | exp.Star))
"""What no expression over one row may hold."""


def _harmless(parts: Iterable[str | Name | Text]) -> Iterable[str]:
    """The same with names and texts of which nobody doubts how they are read."""
    place = 0
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            yield quoted(type(part)(f"{_HARMLESS}{place}"))
            place += 1


def _held(text: str, harmless: str, own: Sequence[Name | Text]) -> list[Token]:
    """The tokens of a text, which are those of its harmless twin but for names and texts."""
    tokens, expected = tokenized(text), tokenized(harmless)
    if len(tokens) != len(expected):
        raise _OtherwiseError
    for token, wanted in zip(tokens, expected, strict=True):
        meant = own[int(wanted.text[1:])].text if wanted.text.startswith(_HARMLESS) else wanted.text
        if token.token_type is not wanted.token_type or token.text != meant or token.comments:
            raise _OtherwiseError
    return tokens


def _hold_tree(text: str, tokens: list[Token], names: set[str], query: bool) -> None:
    trees = parsed(text, tokens)
    if len(trees) != 1 or trees[0] is None:
        raise _OtherwiseError
    waiting = [(trees[0], 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_LEVELS:
            raise _TooDeepError
        kind, args = type(node), node.args
        allowed = _WRITTEN.get(kind)
        if allowed is None or not allowed.issuperset([key for key, value in args.items() if value]):
            raise _OtherwiseError
        if not query and kind in _OF_QUERIES:
            raise _OtherwiseError
        # A name without quotes would be a word of ours, taken for a column.
        if kind is exp.Identifier and not (args.get("quoted") and node.name in names):
            raise _OtherwiseError
        if kind is exp.Table and not isinstance(node.this, exp.Identifier):
            raise _OtherwiseError  # a function that makes a table
        level, right = kind in _LEVELS, kind in _RIGHT
        for child in node.iter_expressions():
            waiting.append((child, depth + (level or (right and child is not node.this))))
