"""gRPC, which writes nothing by itself: of a failed handshake it would tell the terminal, addresses included.

It asks for the variable when it is loaded; that of whoever runs phasegate stays what it was.
"""

from __future__ import annotations

import os

_VARIABLE = "GRPC_VERBOSITY"
_before = os.environ.get(_VARIABLE)
os.environ[_VARIABLE] = "NONE"
import grpc  # noqa: E402 - as is said above

if _before is None:
    del os.environ[_VARIABLE]
else:
    os.environ[_VARIABLE] = _before

__all__ = ["grpc"]
