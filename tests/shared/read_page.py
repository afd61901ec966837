"""The page as another program reads it: its elements, its texts, and what leads where."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = frozenset({"br", "input", "meta", "wbr"})
CLASSES = frozenset(
    """aim alarm answer area asked asks band bar bars because begin big blank bound box brief cap changes
    chip counts cycle date day days dot dots drawn ends error f fail fails figures filter filters
    findings first fold gate gated gates group halves held how-many id in-short key knot
    lane late lede level line
    lines many mark matrix maybe measured more none note nothing-left now number off-paper on one-column open
    paper part part-of pass past patch plain plot quiet rail requirement rows rows-of said scale score
    section shuts sign signed since skip soft soon sources stacked story strip strong takes tick to-sign
    today told top two unbroken unseen w waived way ways wide word
    """.split()
)
OF_FILTERS = re.compile(
    r"[hv]-(fail|error|stale|unknown|waived|pass|not_applicable)|[ao][0-9]{1,2}"
).fullmatch
"""Every class that the page may have; texts from outside are none."""


class Page(HTMLParser):
    """A page that was read.

    Attributes:
        structure: what begins and ends, in order, each with the names of its attributes.
        texts: the texts between.
        ids: the places that can be linked to.
        links: where links lead.
        words: the values of attributes that are for people.
        tips: the text of each title of a picture, and of the page.
    """

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.structure: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(written)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join([*self.texts, *self.words])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        assert not [name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc")]
        shape = [name for name in names if name != "class"]  # how long a text is may decide on a class
        if tag != "wbr":  # or on where it may break
            self.structure.append(f"<{tag} {' '.join(shape)}>")
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("aria-label", "title"):
                self.words.append(value or "")
            elif name == "class":
                others = set((value or "").split()) - CLASSES
                assert [each for each in others if not OF_FILTERS(each)] == []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self.structure.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"] and data.strip():
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:100]}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data[:100]}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data[:100]}")
