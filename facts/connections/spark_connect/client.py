"""One session of a Spark Connect server: settings, schemas, and the rows of a query as Arrow batches."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from phasegate.facts.connections.spark_connect.address import Address
from phasegate.facts.connections.spark_connect.faults import BrokenOffError
from phasegate.facts.connections.spark_connect.protocol import CALLS, MESSAGE, OF_OPERATION, SERVICE, STREAMED
from phasegate.facts.connections.spark_connect.quiet import grpc

_MESSAGE_AT_MOST = 1 << 27
_SHORT = 60.0
"""Seconds that a call may take that reads no rows."""
_CLOSING = 5.0
_EMPTY_ANSWERS = 3
_A_WHILE = 5.0


class Batch(NamedTuple):
    """Some rows of an answer.

    Attributes:
        arrow: a stream of Arrow's IPC format.
        rows: how many they are, as the server says.
    """

    arrow: bytes
    rows: int


class Client:
    """A session.

    Args:
        address: where the server is.
        tls: whether the channel is encrypted, and the server's certificate checked.
    """

    def __init__(self, address: Address, *, tls: bool) -> None:
        options = [("grpc.max_receive_message_length", _MESSAGE_AT_MOST)]
        if tls:
            self._channel = grpc.secure_channel(
                address.target, grpc.ssl_channel_credentials(), options=options
            )
        else:
            self._channel = grpc.insecure_channel(address.target, options=options)
        self._calls = {name: self._call(name) for name in CALLS}
        self._headers = list(address.headers)
        if address.token is not None:
            self._headers.append(("authorization", f"Bearer {address.token}"))
        self._user = MESSAGE["UserContext"](user_id=address.user)
        self._own = address.session is None
        self._session = address.session or str(uuid.uuid4())
        self._server_session = ""

    def _call(self, name: str) -> Any:
        asked, answered = CALLS[name]
        make = self._channel.unary_stream if name in STREAMED else self._channel.unary_unary
        return make(
            f"/{SERVICE}/{name}",
            request_serializer=MESSAGE[asked].SerializeToString,
            response_deserializer=MESSAGE[answered].FromString,
        )

    def set_up(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Makes settings of the session, and reads them back."""
        request = self._request("ConfigRequest")
        for key, value in settings.items():
            request.operation.set.pairs.add(key=key, value=value)
        self._ask("Config", request)
        request = self._request("ConfigRequest")
        request.operation.get.keys.extend(settings)
        return {pair.key: pair.value for pair in self._ask("Config", request).pairs}

    def schema(self, query: str) -> list[Any]:
        """The columns of a query."""
        request = self._request("AnalyzePlanRequest")
        request.schema.plan.root.sql.query = query
        return list(self._ask("AnalyzePlan", request).schema.schema.struct.fields)

    def files(self, query: str) -> list[str]:
        """The files that a query reads, none where it reads no files."""
        request = self._request("AnalyzePlanRequest")
        request.input_files.plan.root.sql.query = query
        return list(self._ask("AnalyzePlan", request).input_files.files)

    def command(self, statement: str, seconds: float) -> None:
        """Runs a statement that gives no rows."""
        for _ in self._executed(seconds, statement=statement):
            pass

    def rows(self, query: str, seconds: float) -> Generator[Batch, None, None]:
        """The rows of a query, some at a time; where nobody asks for more it is given up.

        Raises:
            grpc.RpcError: what the server says.
            BrokenOffError: if these were not all.
        """
        seen = 0
        for batch in self._executed(seconds, query=query):
            elsewhere = batch.HasField("start_offset") and batch.start_offset != seen
            if elsewhere or batch.num_chunks_in_batch > 1:
                raise BrokenOffError
            seen += batch.row_count
            yield Batch(batch.data, batch.row_count)

    def _executed(
        self, seconds: float, *, query: str | None = None, statement: str | None = None
    ) -> Generator[Any, None, None]:
        end = time.monotonic() + seconds
        request = self._request("ExecutePlanRequest", operation_id=str(uuid.uuid4()))
        if query is not None:
            request.plan.root.sql.query = query
        else:
            request.plan.command.sql_command.input.sql.query = statement
        # A server that may be asked to go on sends no more than is taken, and says when it has said all.
        request.request_options.add().reattach_options.reattachable = True
        answers = self._stream("ExecutePlan", request, seconds)
        last, empty, complete = "", 0, False
        try:
            while not complete:
                began, came = time.monotonic(), False
                for answer in answers:
                    self._same_session(answer)
                    last, came = answer.response_id, True
                    if answer.HasField("arrow_batch"):
                        yield answer.arrow_batch
                    complete = complete or answer.HasField("result_complete")
                # A server ends its part after some minutes, and is asked for the rest.
                empty = 0 if came or time.monotonic() - began > _A_WHILE else empty + 1
                if complete:
                    return
                if empty == _EMPTY_ANSWERS or not last:
                    raise BrokenOffError
                again = self._request(
                    "ReattachExecuteRequest", operation_id=request.operation_id, last_response_id=last
                )
                answers = self._stream("ReattachExecute", again, max(end - time.monotonic(), 0.0))
        finally:
            answers.cancel()
            self._release(request.operation_id, complete=complete)

    def _stream(self, name: str, request: Any, seconds: float) -> Any:
        return self._calls[name](request, timeout=seconds, metadata=self._headers)

    def _release(self, operation: str, *, complete: bool) -> None:
        """Lets the server forget a query, and end it first where it is not through."""
        with suppress(grpc.RpcError):
            if not complete:
                given_up = self._request(
                    "InterruptRequest", interrupt_type=OF_OPERATION, operation_id=operation
                )
                self._ask("Interrupt", given_up, _CLOSING)
        with suppress(grpc.RpcError):
            request = self._request("ReleaseExecuteRequest", operation_id=operation)
            request.release_all.SetInParent()
            self._ask("ReleaseExecute", request, _CLOSING)

    def close(self) -> None:
        """Ends the session, where it is not somebody else's."""
        with suppress(grpc.RpcError):
            if self._own and self._server_session:
                self._ask("ReleaseSession", self._request("ReleaseSessionRequest"), _CLOSING)
        self._channel.close()

    def _request(self, name: str, **fields: object) -> Any:
        request = MESSAGE[name](
            session_id=self._session, user_context=self._user, client_type="phasegate", **fields
        )
        if "client_observed_server_side_session_id" in request.DESCRIPTOR.fields_by_name:
            request.client_observed_server_side_session_id = self._server_session
        return request

    def _ask(self, name: str, request: Any, seconds: float = _SHORT) -> Any:
        answer = self._calls[name](request, timeout=seconds, metadata=self._headers)
        if "server_side_session_id" in answer.DESCRIPTOR.fields_by_name:
            self._same_session(answer)
        return answer

    def _same_session(self, answer: Any) -> None:
        """A server that has started anew knows nothing of what was set up."""
        found = answer.server_side_session_id
        if self._server_session and found != self._server_session:
            raise BrokenOffError
        self._server_session = found
