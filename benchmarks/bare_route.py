"""A route of Starlette that serves bytes from a file, and nothing else: what a served page is held against.

    python bare_route.py PORT FILE

The file is a pickle of a list of bodies; each is at its number: `/0`, `/1` and so on.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODIES: list[bytes] = pickle.loads(Path(sys.argv[2]).read_bytes())


async def body(request: Request) -> Response:
    """One of them."""
    return Response(BODIES[request.path_params["number"]], media_type="text/html; charset=utf-8")


uvicorn.run(
    Starlette(routes=[Route("/{number:int}", body)]),
    port=int(sys.argv[1]),
    log_level="critical",
    access_log=False,
    loop="asyncio",
    http="h11",
)
