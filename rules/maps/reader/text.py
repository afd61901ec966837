"""The text of a map: what it may be, before anybody reads Markdown out of it."""

from __future__ import annotations

from phasegate.rules.errors import PhasegateError

MAX_BYTES = 5_000_000
MAX_LINES = 100_000
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class MapError(PhasegateError):
    """A document that cannot be read as a map.

    Attributes:
        file: the document, as the caller named it.
        line: where it was noticed, from 1; None where no line is to blame.
    """

    def __init__(self, file: str, line: int | None, why: str, hint: str) -> None:
        self.file = file
        self.line = line
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {why}", hint)


def decode_map(data: bytes, name: str) -> str:
    """The text of a document's bytes.

    Args:
        data: the bytes, at most ``MAX_BYTES``.
        name: how messages call the document.

    Raises:
        MapError: if the bytes are too many, or are not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    if data.startswith(_UTF16):
        raise MapError(name, 1, "the document is UTF-16, not UTF-8", "save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        why = f"byte {data[error.start]:#04x} is not UTF-8"
        raise MapError(name, line, why, "save the document as UTF-8 text") from error


def clean_text(text: str, name: str) -> str:
    r"""The text with ``\n`` line ends and without a byte order mark.

    Raises:
        MapError: if the text is too large, or holds what no text document holds.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_large(name)
    text = text.removeprefix(_BOM).replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_LINES:
        raise MapError(
            name, None, f"the document has more than {MAX_LINES:,} lines", "name the map, not a collection"
        )
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        raise MapError(name, line, "a NUL character: this is no text", "name the map's Markdown file")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise MapError(name, line, "a lone surrogate is not text", "save the document as UTF-8") from error
    return text


def _too_large(name: str) -> MapError:
    limit = f"{MAX_BYTES // 1_000_000} MB"
    return MapError(name, None, f"the document is larger than {limit}", "name the map's Markdown file")
