"""A project with some runs, and pages of it as somebody may see them, asked for in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from kept_runs import DAYS, keep, write_project
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from phasegate.web.access.viewer import ALL, VIEWER, Grant, Viewer
from phasegate.web.app import make_app
from phasegate.web.config import Config

KEY = "harbour-programme"
PROJECT = f"/p/{KEY}/"
NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
NOTHING: Mapping[str, str] = {}
REQUIREMENT = "1.1/systems/invoices.reconciled"
VOID = frozenset({"br", "input", "link", "meta", "wbr"})
LOCAL = ("/", "#", "?")


def world(folder: Path) -> Path:
    """A project of which two runs pass what the third finds failed, and a gate that was decided last."""
    write_project(folder, waived=True, id_=KEY)
    keep(folder, DAYS[0])
    keep(folder, DAYS[1])
    write_project(folder, open_invoices=(1, 2, 3, 4, 7, 16), waived=True, id_=KEY)
    keep(folder, DAYS[2])
    keep(folder, DAYS[2], gate="1")
    return folder


def viewer(
    projects: str = ALL, areas: str = ALL, *, evidence: bool = True, looks: list[Any] | None = None
) -> Viewer:
    """Somebody who may see some of it, and whose looks at evidence are noted."""
    noted = looks if looks is not None else []
    grant = Grant(frozenset({projects}), frozenset({areas}), evidence)
    return Viewer("f-7", (grant,), lambda *look: noted.append(look))


NOBODY = Viewer("f-0", (), lambda *_: None)


@contextmanager
def asking(
    *folders: Path,
    by: Viewer | None = None,
    verifies: bool = False,
    now: dt.datetime = NOW,
    environ: Mapping[str, str] = NOTHING,
    clock: Callable[[], dt.datetime] | None = None,
) -> Iterator[TestClient]:
    """A client of the application; without a viewer its requests come by another way than the guard's."""
    app = make_app(Config.of(folders, clock or (lambda: now), environ, verifies=verifies))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        known = {VIEWER: by} if by is not None and scope["type"] == "http" else {}
        await app({**scope, **known}, receive, send)

    with TestClient(guarded, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


class Read(HTMLParser):
    """A page as another program reads it; it holds what every page must.

    Attributes:
        elements: the names of all elements.
        links: where links and forms lead.
        roles: landmarks, each by its element and what it is called.
        ids: the places that can be linked to.
        refresh: whether the page asks for itself again.
        text: all that is said.
    """

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.refresh: str | None = None
        self.text = ""
        self._open: list[str] = []
        assert written.startswith('<!DOCTYPE html>\n<html lang="en">')
        self.feed(written)
        self.close()
        assert self._open == []
        assert len(self.ids) == len(set(self.ids))
        assert {self.elements.count(each) for each in ("h1", "main", "title", "head", "body")} == {1}
        assert self.elements.count("header") <= 1
        assert self.elements.count("footer") <= 1
        assert not {"script", "iframe", "object", "embed", "img", "base"} & {*self.elements}
        assert all(link.startswith(LOCAL) and not link.startswith("//") for link in self.links), self.links
        inside = [link[1:] for link in self.links if link.startswith("#")]
        assert {*inside} <= {*self.ids}, "a link leads to no place of the page"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert not [name for name in given if name.startswith("on") or name in ("style", "src", "srcdoc")]
        self.elements.append(tag)
        self.links += [given[name] or "" for name in ("href", "action") if name in given]
        if "id" in given:
            self.ids.append(given["id"] or "")
        if given.get("http-equiv") == "refresh":
            self.refresh = given["content"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:100]}")
