"""YAML read into plain data that knows where each part stands.

YAML 1.2 core schema: ``no``, ``on`` and ``12:30:45`` are texts, only ``true`` and ``false`` are
truth values. A number with a point stays the text that was written, so that ``0.95`` is exactly
that. What YAML offers beyond plain data (aliases, tags, merge keys, several documents) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.yaml.syntax_errors import (
    HALF,
    HALVES,
    MAX_DEPTH,
    explain_syntax,
    find_unseen,
    unseen_fault,
)

MAX_BYTES = 1_000_000
MAX_NODES = 200_000
MAX_ENTRIES = 10_000
"""Of one mapping or list: nobody wrote more by hand, and each that is wrong is explained by itself."""
MAX_FAULTS = 100
"""After so many problems in one file the rest are not looked for."""

Step = str | int
Path = tuple[Step, ...]
_NUMBER = re.compile(
    r"(?P<int>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<none>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBER_START = frozenset("0123456789+-.")
_MAX_DIGITS = 30
_TOO_MANY = f"the file holds more than {MAX_NODES:,} values"
_SPLIT = "split it into several files"
_FILL = "write its content or delete it"
_WRITE_OUT = "write the value out where it is needed"


class EntryEvents(NamedTuple):
    """The parser's events of an entry: its key (the item itself in a list) and its value."""

    key: Any
    value: Any


class Node:
    """A mapping or a list, with the place of each entry."""

    __slots__ = ("children", "data", "is_mapping", "places")

    def __init__(self, data: Any) -> None:
        self.data = data
        self.is_mapping = isinstance(data, dict)
        self.places: dict[Step, EntryEvents] = {}
        self.children: dict[Step, Node] = {}


class Tree:
    """A YAML file as plain data with positions.

    Attributes:
        file: the path as it is shown.
        data: the file's mapping: dicts, lists, texts, whole numbers, truth values, None.
    """

    def __init__(self, file: str, text: str, root: Node) -> None:
        self.file = file
        self.data: dict[str, Any] = root.data
        self._text = text
        self._root = root
        self._lines: list[str] | None = None
        self._masked: tuple[str, ...] = ()

    def mask(self, secrets: Iterable[str]) -> None:
        """Shows stars for some texts in whatever is shown of the file."""
        self._masked = tuple(each for each in secrets if each)

    def shown(self, text: str) -> str:
        """A text without what is masked."""
        for secret in self._masked:
            text = text.replace(secret, "*" * len(secret))
        return text

    def snippet(self, number: int) -> str | None:
        """A line as it may be shown; None where what is masked may stand in it in other characters."""
        if any(secret not in self._text for secret in self._masked):
            return None
        return self.shown(self.line(number))

    def position(self, path: Path, part: str = "key") -> Position:
        """Where the path's last step stands; the nearest enclosing entry if the path leads on.

        Args:
            path: keys and indices from the top.
            part: ``key`` for the key, ``value`` for the value that stands after it.
        """
        node, place = self._root, None
        for index, step in enumerate(path):
            if step not in node.places:
                part = "key"
                break
            place = node.places[step]
            if step not in node.children:
                if index + 1 < len(path):
                    part = "value"
                break
            node = node.children[step]
        if place is None:
            return Position(self.file, 1, 1, max(1, len(self.line(1).rstrip())))
        written = place.value.start_mark.index < place.value.end_mark.index  # an empty value has no place
        return self._span(place.value if part == "value" and written else place.key)

    def line(self, number: int) -> str:
        """A line of the file, counted from 1."""
        if self._lines is None:
            self._lines = self._text.splitlines()
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def diagnose(
        self, rule: str, message: str, path: Path, hint: str | None = None, part: str = "key"
    ) -> Diagnostic:
        """A diagnostic that points at an entry of this file."""
        at = self.position(path, part)
        return Diagnostic(rule, self.shown(message), at, hint and self.shown(hint), self.snippet(at.line))

    def _span(self, event: Any) -> Position:
        start, end = event.start_mark, event.end_mark
        style = getattr(event, "flow_style", None)  # None for scalars
        if style:
            width = 1
        elif style is None and end.line == start.line and end.column > start.column:
            width = end.column - start.column
        else:
            width = max(1, len(self.line(start.line).rstrip()) - start.column)
        return Position(self.file, start.line + 1, start.column + 1, width)


class YamlError(Exception):
    """A file that can not be read as plain YAML.

    Attributes:
        diagnostics: its problems.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} problems")
        self.diagnostics = diagnostics


class EventSource(Protocol):
    """What is used of a PyYAML parser."""

    def get_event(self) -> Any:
        """The next event of the document."""


def parse_yaml(content: bytes, file: str) -> Tree:
    """Reads the bytes of a YAML file.

    Args:
        content: the file's bytes, UTF-8.
        file: the path as it is to be shown.

    Raises:
        YamlError: with every problem that was found.
    """
    if len(content) > MAX_BYTES:
        raise YamlError([too_large(file)])
    if content.startswith(b"\xef\xbb\xbf"):
        raise YamlError(
            [
                _at_start(
                    "byte-order-mark",
                    "the file begins with a byte order mark",
                    file,
                    "save it as UTF-8 without BOM",
                )
            ]
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        message = f"byte {content[error.start]:#04x} is not UTF-8"
        at = Position(file, line, column)
        raise YamlError([Diagnostic("not-utf-8", message, at, "save the file as UTF-8")]) from None
    unseen = find_unseen(text)
    if unseen is not None:
        raise YamlError([unseen_fault(text, unseen, file)])
    return _Reader(text, file).read()


def too_large(file: str) -> Diagnostic:
    """The diagnostic of a file above the size limit."""
    return _at_start(
        "file-too-large", f"the file is larger than {MAX_BYTES:,} bytes", file, "split it into several files"
    )


def _at_start(rule: str, message: str, file: str, hint: str) -> Diagnostic:
    return Diagnostic(rule, message, Position(file, 1, 1), hint)


def _parser(text: str) -> EventSource:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast
    parser: EventSource = loader(text)
    return parser


class _EnoughError(Exception):
    """Reading on would bring no more."""


class _Reader:
    """Turns the parser's events into nodes, with a stack of its own in place of recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.faults: list[Diagnostic] = []
        self.lines: list[str] | None = None
        self.count = 0
        self.documents = 0
        self.top: Node | None = None
        self.stack: list[Node] = []
        self.node: Any = None  # the container that is being filled; None before and after the top one
        self.key: Any = None  # inside a mapping, the event of the key in hand
        self.name: Any = None  # its text

    def read(self) -> Tree:
        with suppress(_EnoughError):
            self._read_events(_parser(self.text))
            if self.count > MAX_NODES:
                self._stop(None, "too-many-nodes", _TOO_MANY, _SPLIT)
            if self.top is None and not self.faults:
                self._stop(None, "empty-file", "the file is empty", _FILL)
        if self.faults or self.top is None:
            raise YamlError(self.faults)
        return Tree(self.file, self.text, self.top)

    def _read_events(self, parser: EventSource) -> None:
        from yaml import YAMLError, events

        handlers: dict[type, Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.MappingStartEvent: self._open,
            events.SequenceStartEvent: self._open,
            events.MappingEndEvent: self._close,
            events.SequenceEndEvent: self._close,
            events.AliasEvent: self._alias,
            events.DocumentStartEvent: self._document,
            events.DocumentEndEvent: self._ignore,
            events.StreamStartEvent: self._ignore,
            events.StreamEndEvent: self._ignore,
        }
        get = parser.get_event
        try:
            while (event := get()) is not None:
                handlers[event.__class__](event)
        except YAMLError as error:
            self.faults.append(explain_syntax(error, self.text, self.file))

    def _scalar(self, event: Any) -> None:
        self.count += 1
        if event.anchor or event.tag:
            self._refuse_anchor_or_tag(event)
        node = self.node
        if node is None:
            self._refuse_top(event)
        elif not node.is_mapping:
            self._another(event, node)
            node.places[len(node.data)] = EntryEvents(event, event)
            node.data.append(self._value(event))
        elif self.key is None:
            self._another(event, node)
            self.key, self.name = event, self._key(event, node)
        else:
            node.data[self.name] = self._value(event)
            node.places[self.name] = EntryEvents(self.key, event)
            self.key = None

    def _open(self, event: Any) -> None:
        from yaml.events import MappingStartEvent

        self.count += 1
        if self.count > MAX_NODES:
            self._stop(event, "too-many-nodes", _TOO_MANY, _SPLIT)
        if event.anchor or event.tag:
            self._refuse_anchor_or_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._stop(event, "too-deep", f"nested more than {MAX_DEPTH} levels deep", "write it flatter")
        child = Node({} if isinstance(event, MappingStartEvent) else [])
        node = self.node
        if node is None:
            if not child.is_mapping:
                self._refuse_top(event)
            self.top = child
        elif not node.is_mapping:
            self._another(event, node)
            index = len(node.data)
            node.places[index] = EntryEvents(event, event)
            node.children[index] = child
            node.data.append(child.data)
        elif self.key is None:
            self._stop(
                event,
                "key-not-text",
                "a list or mapping can not be a key",
                "write a plain text before the ':'",
            )
        else:
            node.data[self.name] = child.data
            node.places[self.name] = EntryEvents(self.key, event)
            node.children[self.name] = child
            self.key = None
        self.stack.append(node)
        self.node = child

    def _close(self, _event: Any) -> None:
        self.node = self.stack.pop()

    def _another(self, event: Any, node: Node) -> None:
        if len(node.data) >= MAX_ENTRIES:
            what = "mapping" if node.is_mapping else "list"
            message = f"this {what} has more than {MAX_ENTRIES:,} entries"
            self._stop(event, "too-many-entries", message, _SPLIT)

    def _alias(self, event: Any) -> None:
        self._fault(event, "alias", f"an alias, '*{event.anchor}'", _WRITE_OUT)
        if self.node is None or (self.node.is_mapping and self.key is None):
            raise _EnoughError
        if not self.node.is_mapping:
            self.node.data.append(None)
        self.key = None

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            hint = "one file holds one document: remove '---' or split the file"
            self._stop(event, "several-documents", "a second document begins here", hint)
        if event.version or event.tags:
            self._fault(event, "directive", "a YAML directive", "remove the lines that begin with '%'")

    def _ignore(self, _event: Any) -> None:
        """Ends of documents and of the stream say nothing that is needed."""

    def _key(self, event: Any, node: Node) -> str:
        """The text of a key; numbers count as the text that was written."""
        name: str = event.value
        plain = event.implicit[0]
        if plain and name == "<<":
            self._fault(event, "merge-key", "a merge key, '<<'", "write the keys out where they are needed")
        elif not name:
            self._fault(event, "empty-key", "a key without text", "write a name before the ':'")
        elif plain and name in _WORDS:
            self._fault(event, "key-not-text", f"{name} can not be a key", f'put it in quotes: "{name}"')
        elif name in node.places:
            first = node.places[name].key.start_mark.line + 1
            self._fault(
                event,
                "duplicate-key",
                f"{name!r} stands twice in this mapping",
                f"it stands first on line {first}",
            )
        if not name.isprintable():
            self._fault(event, "control-character", "a key with a control character", "remove it")
        return name

    def _no_unseen(self, event: Any, text: str) -> None:
        if HALF.search(text):  # libyaml takes none
            self._fault(event, "yaml-syntax", "half a character", HALVES)
        elif find_unseen(text) is not None:
            self._fault(event, "control-character", "a text with an escaped control character", "remove it")

    def _value(self, event: Any) -> Any:
        """A scalar by the core schema."""
        text: str = event.value
        if not event.implicit[0]:
            if not text.isprintable():
                self._no_unseen(event, text)
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMBER_START or not (found := _NUMBER.fullmatch(text)):
            return text
        if found["none"]:
            self._fault(
                event, "not-finite", f"{text} is no number to hold anything against", "write a finite number"
            )
        if found["int"] is None:
            return text
        if len(text) > _MAX_DIGITS:
            self._fault(
                event,
                "number-too-long",
                f"a number of {len(text)} digits",
                "put it in quotes if it is a text",
            )
            return text
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))

    def _refuse_anchor_or_tag(self, event: Any) -> None:
        if event.anchor:
            self._fault(
                event, "anchor", f"an anchor, '&{event.anchor}'", "write the value out where it is needed"
            )
        if event.tag:
            hint = (
                "put a text that begins with '!' in quotes" if event.tag.startswith("!") else "remove the tag"
            )
            self._fault(event, "tag", f"a tag, '{event.tag}'", hint)

    def _refuse_top(self, event: Any) -> None:
        if getattr(event, "value", None) == "" and event.implicit[0]:
            self._stop(None, "empty-file", "the file is empty", _FILL)
        self._stop(
            event, "not-a-mapping", "the file must be a mapping of keys to values", "write 'key: value' lines"
        )

    def _fault(self, event: Any, rule: str, message: str, hint: str | None = None) -> None:
        if self.lines is None:
            self.lines = self.text.splitlines()
        if event is None:
            at, line = Position(self.file, 1, 1), self.lines[0] if self.lines else None
        else:
            mark, end = event.start_mark, event.end_mark
            line = self.lines[mark.line] if mark.line < len(self.lines) else ""
            width = end.column - mark.column if end.line == mark.line else len(line) - mark.column
            at = Position(self.file, mark.line + 1, mark.column + 1, max(1, width))
        self.faults.append(Diagnostic(rule, message, at, hint, line))
        if len(self.faults) >= MAX_FAULTS:
            raise _EnoughError

    def _stop(self, event: Any, rule: str, message: str, hint: str | None = None) -> None:
        self._fault(event, rule, message, hint)
        raise _EnoughError
