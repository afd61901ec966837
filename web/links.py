"""Addresses of pages: ids stand in the query alone, so that none can lead anywhere else.

An id may hold any text: a slash, two dots, or a question mark. In the path of an address a browser would take
dots for the way up; as the value of a parameter each is only itself.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from phasegate.reports.html.markup import Child, Markup, tag

API = "/api/v1"


def page(project: str, name: str = "", **values: str | int | None) -> str:
    """The address of a page of a project.

    Args:
        project: the project's key.
        name: of the page, such as ``criterion``; empty for the project's first one.
        values: the parameters that have a value.
    """
    return _with(f"/p/{quote(project, safe='')}/{name}", values)


def api(project: str, name: str = "", **values: str | int | None) -> str:
    """The address of an answer of the API about a project."""
    return _with(f"{API}/projects/{quote(project, safe='')}{f'/{name}' if name else ''}", values)


def _with(path: str, values: dict[str, str | int | None]) -> str:
    given = {name: value for name, value in values.items() if value is not None and value != ""}
    return f"{path}?{urlencode(given, errors='replace')}" if given else path


def link(address: str, *children: Child, **attributes: str | bool | None) -> Markup:
    """A link."""
    return tag("a", *children, href=address, **attributes)
