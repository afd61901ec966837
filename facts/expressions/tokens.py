"""What is looked for in an expression's text before anything tries to understand it.

Comments, second statements, templates and sheer size are easiest to see, and to point at, in the
stream of tokens. Parsing deep nesting is what overflows stacks, so that is bounded here too.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from threading import local
from typing import Any
from unicodedata import category

from sqlglot import expressions as exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.expressions import Expr as Node
from sqlglot.tokenizer_core import Token, TokenType

from phasegate.facts.expressions.types import ExpressionError
from phasegate.rules.values.units import DAYS

# No dialect of one product: what is allowed is the same in all, and a dialect takes 25 ms to import.
DIALECT = Dialect.get_or_raise(None)


class _Own(local):
    """What reads texts for one thread; to be made anew for each text it would cost as much as the reading."""

    def __init__(self) -> None:
        self.tokenizer, self.parser = DIALECT.tokenizer(), DIALECT.parser()


_OWN = _Own()


def tokenized(sql: str) -> list[Token]:
    """The tokens of a text, whatever it says.

    Raises:
        SqlglotError: if there are none that it could consist of.
    """
    return _OWN.tokenizer.tokenize(sql)


def parsed(sql: str, tokens: list[Token]) -> list[Node | None]:
    """The trees of the statements in a text, likewise."""
    return _OWN.parser.parse(tokens, sql)


MAX_LENGTH, MAX_TOKENS, MAX_DEPTH = 8000, 1000, 50
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
_TEMPLATES = {TokenType.L_BRACE, TokenType.BLOCK_START, TokenType.BLOCK_END}
_VOLATILE = frozenset(
    {"now", "current_date", "current_timestamp", "current_time", "today", "getdate", "sysdate", "localtime",
     "localtimestamp", "random", "rand", "uuid", "gen_random_uuid"}
)  # fmt: skip
_STATEMENTS = frozenset(
    {"create", "drop", "alter", "insert", "update", "delete", "truncate", "attach", "copy", "pragma", "set",
     "install", "load", "call", "execute", "merge", "grant", "explain", "show", "describe", "use"}
)  # fmt: skip
_BEHIND_A_COLUMN = frozenset("= == <> != < > <= >= + - * || is in not like between and or".split())
HINT_DIVISION = "use ratio, share or mean, which keep both sides of a division exact"


def tokens_of(sql: str, max_tokens: int = MAX_TOKENS) -> list[Token]:
    """The tokens of a text; ``31 days`` among them is a call of `DAYS`.

    Raises:
        ExpressionError: if the text is too long, nested too deep, holds a comment, a second
            statement, a template or a control character, or is no SQL at all.
    """
    if len(sql) > MAX_LENGTH:
        raise ExpressionError(sql, f"the text has {len(sql)} characters, more than {MAX_LENGTH}")
    if not sql.isprintable():
        for position, character in enumerate(sql):
            if not character.isprintable() and character not in "\n\t\r" and category(character) != "Zs":
                raise ExpressionError(sql, f"there is a control character, {character!r}", position)
    try:
        tokens = tokenized(sql)
    except SqlglotError as error:
        raise ExpressionError(sql, "this is no SQL: a quote or bracket is left open") from error
    _check_spaces(sql, tokens)
    if not tokens:
        raise ExpressionError(sql, "there is nothing here", hint="comments do not count")
    if len(tokens) > max_tokens:
        what = f"the text has {len(tokens)} words and signs, more than {max_tokens}"
        raise ExpressionError(sql, what, hint="split it over several measures")
    _check_comments(sql, tokens)
    return _check_tokens(sql, _unstated(sql, _with_numbers(tokens)))


def _check_spaces(sql: str, tokens: list[Token]) -> None:
    """Refuses spaces that are no blanks, but for those within quotes: no-break spaces look like blanks."""
    if sql.isprintable():
        return
    inside = {
        place
        for token in tokens
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        for place in range(token.start, token.end + 1)
    }
    for position, character in enumerate(sql):
        if category(character) == "Zs" and character != " " and position not in inside:
            what = f"there is a space that is no blank, U+{ord(character):04X}"
            raise ExpressionError(sql, what, position, "write a blank in its place")


def _with_numbers(tokens: list[Token]) -> list[Token]:
    """The tokens, with a point and the digits behind it made one number: ``.5``."""
    kept: list[Token] = []
    for token in tokens:
        last = kept[-1] if kept else None
        if (
            token.token_type is TokenType.NUMBER
            and last is not None
            and last.token_type is TokenType.DOT
            and last.end + 1 == token.start
            and (len(kept) < 2 or kept[-2].end + 1 < last.start or kept[-2].token_type in _BEFORE_A_NUMBER)
        ):
            kept[-1] = Token(token.token_type, f".{token.text}", last.line, last.col, last.start, token.end)
        else:
            kept.append(token)
    return kept


_BEFORE_A_NUMBER = frozenset(
    {TokenType.L_PAREN, TokenType.COMMA, TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.EQ,
     TokenType.NEQ, TokenType.GT, TokenType.GTE, TokenType.LT, TokenType.LTE}
)  # fmt: skip


def _unstated(sql: str, tokens: list[Token]) -> list[Token]:
    """The tokens, with a first one that begins a statement elsewhere taken for a column's name.

    ``comment`` and ``load`` are good names for columns.
    """
    first = tokens[0]
    if first.token_type is TokenType.COMMAND:  # all that follows it is one token
        hint = f'for a column of that name write "{first.text}"'
        raise ExpressionError(sql, f"{first.text} begins a statement", first.start, hint)
    if len(tokens) == 1 or tokens[1].text.lower() not in _BEHIND_A_COLUMN:
        return tokens
    if first.token_type not in DIALECT.parser_class.STATEMENT_PARSERS:
        return tokens
    return [Token(TokenType.VAR, first.text, first.line, first.col, first.start, first.end), *tokens[1:]]


def _check_comments(sql: str, tokens: list[Token]) -> None:
    for token in tokens:
        if token.comments or token.token_type is TokenType.HINT:
            found = min(
                (at for at in (sql.find(sign) for sign in ("--", "/*", "//", "#")) if at >= 0), default=0
            )
            raise ExpressionError(sql, "comments are not allowed", found, "say it in the measure's note")
    # A comment before the first token or after the last is attached to none in some versions.
    end = tokens[-1].end + 1
    if sql[end:].strip() or sql[: tokens[0].start].strip():
        raise ExpressionError(sql, "comments are not allowed", end, "say it in the measure's note")


def _check_tokens(sql: str, tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    depth = 0
    for index, token in enumerate(tokens):
        kind, text = token.token_type, token.text.lower()
        if kind is TokenType.SEMICOLON:
            raise ExpressionError(
                sql,
                "a ';' ends the statement, and one expression is all there is",
                token.start,
                "remove the ';' and what follows it",
            )
        if kind in _TEMPLATES:
            raise ExpressionError(sql, "templates and braces are not allowed", token.start)
        if text in _VOLATILE and kind not in (TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING):
            raise refusal(sql, token.text, token.start, ())  # a word like CURRENT_DATE
        if kind in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                raise ExpressionError(sql, f"this is nested deeper than {MAX_DEPTH} levels", token.start)
        elif kind in _CLOSING:
            depth -= 1
        if index == 0 and text in _STATEMENTS and len(tokens) > 1 and tokens[1].token_type is TokenType.VAR:
            raise ExpressionError(sql, f"{token.text} is a statement, not a value", token.start)
        last = tokens[index - 1] if index else None
        if last is not None and last.token_type is TokenType.NUMBER:
            if text in ("day", "days"):
                kept[-1:] = _days(kept[-1], token)
                continue
            if kind is TokenType.VAR and last.end + 1 == token.start:
                hint = "plain digits, at most 20, and 18 after the point"
                raise ExpressionError(sql, f"{last.text}{token.text} is no number", last.start, hint)
        kept.append(token)
    return kept


def _days(number: Token, word: Token) -> Iterable[Token]:
    """``31 days`` as a call, ``days(31)``, so that what reads it knows of the word."""
    for kind, text in ((TokenType.VAR, DAYS), (TokenType.L_PAREN, "(")):
        yield Token(kind, text, number.line, number.col, number.start, number.end)
    yield number
    yield Token(TokenType.R_PAREN, ")", word.line, word.col, word.start, word.end)


def tree_of(sql: str, tokens: list[Token]) -> Node:
    """The syntax tree of a text that was checked.

    Raises:
        ExpressionError: if sqlglot can not read it, or finds more than one statement.
    """
    try:
        trees = parsed(sql, tokens)
    except RecursionError as error:
        raise ExpressionError(sql, f"this is nested deeper than {MAX_DEPTH} levels") from error
    except SqlglotError as error:
        details: list[dict[str, Any]] = getattr(error, "errors", [])
        found = details[0] if details else {}
        near = str(found.get("highlight") or "").strip()
        at = _offset(sql, int(found.get("line") or 1), int(found.get("col") or 1), near)
        what = f"this can not be read as SQL near {near!r}" if near else "this can not be read as SQL"
        raise ExpressionError(sql, what, at) from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError(sql, "one expression is all there may be")
    return trees[0]


def hold_words(sql: str, tokens: Iterable[Token], tree: Node, known: Iterable[str]) -> None:
    """Refuses words of which nothing is left in the tree: who reads SQL may pass over one in silence.

    Args:
        sql: the text.
        tokens: its tokens.
        tree: its syntax tree, all of whose nodes are carried over.
        known: the words that the tree's nodes stand for, in small letters.

    Raises:
        ExpressionError: at the first such word.
    """
    left = {value.lower() for node in tree.walk() for value in node.args.values() if isinstance(value, str)}
    left.update(known)
    for call in tree.find_all(exp.Func):  # IFNULL is COALESCE, and is carried over as such
        left.update(name.lower() for name in call.sql_names())
    for token in tokens:
        if token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
            for word in _WORD.findall(token.text.lower()):
                if word not in left:
                    raise ExpressionError(sql, f"{token.text} is a word that means nothing here", token.start)


_WORD = re.compile(r"[^\W\d]\w*")
WORDS = frozenset(
    "and or not is null true false unknown isnull notnull like between in case when then else end cast as "
    "date decimal numeric dec integer int bigint varchar string text boolean bool substring substr from "
    "for".split()
)
"""The words of expressions; the names of functions come to them."""


def _offset(sql: str, line: int, column: int, near: str) -> int:
    """Where a word starts of which sqlglot tells the line and the column of its end."""
    lines = sql.split("\n")
    end = sum(len(before) + 1 for before in lines[: line - 1]) + column
    start = sql.rfind(near, 0, end)
    return start if near and start >= 0 else max(min(end, len(sql)) - 1, 0)


def position_of(node: Node) -> int:
    """Where a node starts, as well as its tokens tell."""
    starts = [int(child.meta["start"]) for child in node.walk() if child._meta and "start" in child._meta]
    return min(starts, default=0)


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint that names the nearest of some names; empty if none is near."""
    by_folded = {other.casefold(): other for other in sorted(names)}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f"did you mean {by_folded[found[0]]}?" if found else ""


def refusal(sql: str, name: str, position: int, allowed: Iterable[str]) -> ExpressionError:
    """The error for a function that is not on the list, with what to do instead."""
    folded = name.casefold()
    if folded in _VOLATILE:
        hint = "a run decides for one date: write :as_of"
        return ExpressionError(sql, f"{name} changes with the clock or by chance", position, hint)
    if folded in ("sum", "count", "avg", "min", "max", "median", "count_if"):
        hint = "an expression sees one row; the measure's kind adds the rows up"
        return ExpressionError(sql, f"{name} is an aggregate", position, hint)
    if folded.startswith("read_") or folded.endswith("_scan") or folded in ("glob", "scan"):
        hint = "name the source in the pack and its file in the project"
        return ExpressionError(sql, f"{name} reads files", position, hint)
    if folded == "round":
        hint = "values are compared unrounded; leave it out"
        return ExpressionError(sql, "round is not allowed", position, hint)
    hint = nearest(name, allowed) or "allowed are " + ", ".join(sorted(allowed))
    return ExpressionError(sql, f"{name} is no function that is allowed here", position, hint)


def never_held(column: Node, value: Node, allowed: Iterable[str]) -> tuple[str, str | None] | None:
    """What is wrong with a column's comparison with a text that its contract rules out.

    Such a condition is false whatever the data say, and a count of it always 0.

    Args:
        column: the column.
        value: what it is compared with.
        allowed: the texts that the column may hold; none where it may hold any.

    Returns:
        The fault and a hint; None where there is no fault.
    """
    texts = sorted(allowed)
    if not texts or not isinstance(value, exp.Literal) or not value.is_string or value.name in texts:
        return None
    hint = nearest(value.name, texts) or f"it holds {', '.join(texts)}"
    return f"{column.name} is never '{value.name}': its contract does not allow that", hint
