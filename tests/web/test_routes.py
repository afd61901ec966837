"""Every address: it answers, it is guarded, it is harmless whatever is asked, and it only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hostile_text import TEXTS
from served_world import KEY, NOBODY, REQUIREMENT, Read, asking, viewer, world
from sizes import some
from starlette.testclient import TestClient

from phasegate.web.permission import Needs
from phasegate.web.routes import PAGES, Page

GIVEN = {"id": "1.1/systems", "run": "3", "before": "1", "after": "3", "q": "crane", "format": "json"}
IDS = {"gate": "1", "point": "1.1", "requirement": REQUIREMENT}
TRAVERSING = ("../../etc/passwd", "..%2f..%2f", "....//", "/etc/passwd", "1.1/../../x", "%00", "a" * 3_000)
HOSTILE = (*TEXTS.values(), *TRAVERSING)
OF_PROJECT = [each for each in PAGES if "{project}" in each.path]
named = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)


def address(page: Page, project: str = KEY, **changed: str) -> str:
    """A request for a page of the project that has what it asks for."""
    given = {"id": IDS.get(page.seeks or "", GIVEN["id"])}
    values = {name: {**GIVEN, **given, **changed}[name] for name in page.query if name in {*GIVEN, *changed}}
    path = page.path.replace("{project}", project)
    return f"{path}?{urlencode(values, errors='replace')}" if values else path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with asking(folder, by=viewer()) as found:
        yield found


@named
def test_it_answers(client: TestClient, page: Page) -> None:
    answer = client.get(address(page))
    assert answer.status_code == 200, answer.text
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "text/html":
        Read(answer.text)
    elif kind == "application/json":
        json.loads(answer.content)
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    head = client.head(address(page))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(client.get(address(page)).content))


@named
def test_it_only_reads(client: TestClient, page: Page) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = client.request(method, address(page))
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


@named
def test_what_was_not_changed_is_not_sent_again(client: TestClient, page: Page) -> None:
    first = client.get(address(page))
    if not page.held:
        assert first.headers["cache-control"] == "no-store"
        return
    again = client.get(address(page), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address(page), headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


@named
def test_nobody_comes_in_by_another_way_than_the_guards(folder: Path, page: Page) -> None:
    with asking(folder) as client:
        answer = client.get(address(page))
    assert answer.status_code == 403
    assert "1.1" not in answer.text


@pytest.mark.parametrize("page", OF_PROJECT, ids=lambda page: page.path)
def test_each_asks_whether_the_viewer_may(folder: Path, page: Page) -> None:
    for who in (NOBODY, viewer("another-programme")):
        with asking(folder, by=who) as client:
            answer = client.get(address(page))
        assert answer.status_code == 404, "that there is such a project is told to nobody who may not read it"
        assert "Berth" not in answer.text
    with asking(folder, by=viewer(areas="2")) as client:
        answer = client.get(address(page))
    assert page.needs in (Needs.PART, Needs.WHOLE)
    expected = {403} if page.needs is Needs.WHOLE else {200, 404}
    assert answer.status_code in expected
    assert "Berth" not in answer.text, "a title of an area that may not be read"


@pytest.mark.parametrize("page", OF_PROJECT, ids=lambda page: page.path)
def test_rows_are_for_those_who_may_see_them(folder: Path, page: Page) -> None:
    """And each look at them is written down, also where the answer was made before, or is known already."""
    looks: list[tuple[str, str, str, bool]] = []
    with asking(folder, by=viewer(looks=looks)) as client:
        first = client.get(address(page))
        shown = "F-16" in first.text or page.path.endswith(("/rows", "/proof", "/report"))
        assert bool(looks) is shown
        again = client.get(address(page), headers={"If-None-Match": first.headers.get("etag", "")})
        assert again.status_code in (200, 304)
        assert len(looks) == 2 * len(looks[: len(looks) // 2])
    assert {(who, project, allowed) for who, project, _, allowed in looks} <= {("f-7", KEY, True)}
    with asking(folder, by=viewer(evidence=False)) as client:
        answer = client.get(address(page))
    assert answer.status_code in (
        (403, 404) if page.path.endswith(("/evidence", "/rows", "/proof", "/report")) else (200,)
    )
    assert "F-16" not in answer.text


@pytest.mark.sampled
@pytest.mark.parametrize("page", [each for each in PAGES if each.query], ids=lambda page: page.path)
def test_hostile_text_is_harmless(client: TestClient, page: Page) -> None:
    """In the fast tests each text is tried at some pages, and each page with some texts."""
    for at, name in enumerate(page.query, PAGES.index(page)):
        for text in some(HOSTILE, at, 5):
            answer = client.get(address(page, **{name: text}))
            assert answer.status_code in (200, 400, 404), (name, text)
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.headers["content-type"].startswith("text/html"):
                assert "<script>alert" not in answer.text
                Read(answer.text)
            elif answer.headers["content-type"].startswith("application/json"):
                json.loads(answer.content)


@pytest.mark.parametrize(
    "path", ["/p/../etc/passwd/", "/p/%2e%2e/", f"/p/{KEY}/nothing", "/api/v1/nothing", "/p/x/", "/x"]
)
def test_what_is_not_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    if path.startswith("/api/"):
        assert answer.json()["error"]["status"] == 404
    else:
        Read(answer.text)


def test_an_error_that_nobody_foresaw_shows_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.web.pages import people

    def broken(*_: object) -> None:
        raise RuntimeError("a password")

    monkeypatch.setattr(people, "listed", broken)
    with asking(folder, by=viewer()) as client:
        client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        answer = client.get(f"/p/{KEY}/people")
    assert answer.status_code == 500
    assert "password" not in answer.text
    Read(answer.text)
