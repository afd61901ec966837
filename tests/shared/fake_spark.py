"""A Spark Connect server in this process: tables are frames, and what goes wrong is told beforehand."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from phasegate.facts.connections.spark_connect.protocol import CALLS, MESSAGE, SERVICE, STREAMED
from phasegate.facts.connections.spark_connect.quiet import grpc

TYPES = {
    pl.Int64(): "long", pl.String(): "string", pl.Boolean(): "boolean", pl.Date(): "date",
    pl.Float64(): "double", pl.Datetime("us", "UTC"): "timestamp", pl.Datetime("us"): "timestamp_ntz",
}  # fmt: skip
NAMED = re.compile(r"SELECT (?P<what>.+) FROM `finance`\.`(?P<table>[a-z]+)`")
Answers = list[Any]


@dataclass
class FakeSpark:
    """A server.

    Attributes:
        tables: of the schema ``finance``, by name.
        batch: so many rows are in an answer.
        files: those that a table is read from.
        bent: what becomes of the answers to a query; a grpc.StatusCode among them ends it with that.
        asked: every query and statement, in order.
        settings: those of the session.
        calls: the names of all calls.
        heads: the metadata of each.
        session: by which the server tells this session from others.
    """

    tables: dict[str, pl.DataFrame]
    batch: int = 2
    files: dict[str, list[str]] = field(default_factory=dict)
    bent: Callable[[str, Answers], Answers] = lambda query, answers: answers
    asked: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    session: str = "s-1"
    token: str | None = None
    said: str = "secret words of the server about sc://db.internal.example"
    _kept: dict[str, Answers] = field(default_factory=dict)

    def start(self, credentials: Any = None) -> int:
        """Its port on this machine."""
        self._server = grpc.server(ThreadPoolExecutor(4))
        handlers = {name: self._handler(name) for name in CALLS}
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
        where = "127.0.0.1:0"
        made = (
            self._server.add_secure_port(where, credentials)
            if credentials
            else self._server.add_insecure_port(where)
        )
        self._server.start()
        return int(made)

    def end(self) -> None:
        """Whoever still waits for it is told."""
        ended: threading.Event = self._server.stop(None)
        ended.wait(5)

    def _handler(self, name: str) -> Any:
        asked, answered = CALLS[name]
        streamed = name in STREAMED
        make = grpc.unary_stream_rpc_method_handler if streamed else grpc.unary_unary_rpc_method_handler

        def behave(request: Any, context: Any) -> Any:
            self.calls.append(name)
            self.heads.append(dict(context.invocation_metadata()))
            if self.token and self.heads[-1].get("authorization") != f"Bearer {self.token}":
                context.abort(grpc.StatusCode.UNAUTHENTICATED, self.said)
            return getattr(self, f"_{name.lower()}")(request, context)

        def stream(request: Any, context: Any) -> Iterator[Any]:
            yield from behave(request, context)

        return make(
            stream if streamed else behave,
            request_deserializer=MESSAGE[asked].FromString,
            response_serializer=MESSAGE[answered].SerializeToString,
        )

    def _config(self, request: Any, context: Any) -> Any:
        for pair in request.operation.set.pairs:
            self.settings[pair.key] = self.fixed.get(pair.key, pair.value)
        told = [MESSAGE["KeyValue"](key=key, value=self.settings[key]) for key in request.operation.get.keys]
        return MESSAGE["ConfigResponse"](pairs=told, server_side_session_id=self.session)

    def _analyzeplan(self, request: Any, context: Any) -> Any:
        answer = MESSAGE["AnalyzePlanResponse"](server_side_session_id=self.session)
        files = request.HasField("input_files")
        table = self._named((request.input_files if files else request.schema).plan.root.sql.query, context)[
            1
        ]
        if files:
            answer.input_files.files.extend(self.files.get(table, []))
        for name, kind in {} if files else self.tables[table].schema.items():
            made = answer.schema.schema.struct.fields.add(name=name, nullable=True)
            if isinstance(kind, pl.Decimal):
                made.data_type.decimal.precision, made.data_type.decimal.scale = 12, kind.scale
            else:
                getattr(made.data_type, TYPES[kind]).SetInParent()
        return answer

    def _named(self, query: str, context: Any) -> tuple[str, str]:
        found = NAMED.fullmatch(query)
        if found is None or found["table"] not in self.tables:
            context.abort(grpc.StatusCode.INTERNAL, f"[TABLE_OR_VIEW_NOT_FOUND] {self.said}")
        return found["what"], found["table"]

    def _executeplan(self, request: Any, context: Any) -> Iterator[Any]:
        query = request.plan.root.sql.query or request.plan.command.sql_command.input.sql.query
        self.asked.append(query)
        answers = self.bent(query, self._answers(query, context))
        self._kept[request.operation_id] = answers
        yield from self._sent(answers, context)

    def _reattachexecute(self, request: Any, context: Any) -> Iterator[Any]:
        kept = self._kept.get(request.operation_id)
        if kept is None:
            context.abort(grpc.StatusCode.INTERNAL, f"[INVALID_HANDLE.OPERATION_NOT_FOUND] {self.said}")
        ids = [getattr(each, "response_id", None) for each in kept]
        rest = kept[ids.index(request.last_response_id) + 1 :]
        yield from self._sent(rest[1:] if rest[:1] == [PAUSE] else rest, context)

    def _sent(self, answers: Answers, context: Any) -> Iterator[Any]:
        for each in answers:
            if isinstance(each, grpc.StatusCode):
                context.abort(each, self.said)
            if each is PAUSE:
                return
            yield each

    def _answers(self, query: str, context: Any) -> Answers:
        if query == "SELECT version()":
            frames = [pl.DataFrame({"version()": ["4.2.1 abc"]})]
        elif query.startswith("SHOW TABLES IN `finance`"):
            rows = {"namespace": "finance", "tableName": list(self.tables), "isTemporary": False}
            frames = [
                pl.DataFrame(
                    rows, schema={"namespace": pl.String, "tableName": pl.String, "isTemporary": pl.Boolean}
                )
            ]
        elif query == "SHOW SCHEMAS":
            frames = [pl.DataFrame({"namespace": ["finance"]})]
        elif query.startswith("REFRESH TABLE"):
            frames = []
        else:
            frames = self._selected(*self._named(query, context), context)
        answers, seen = [], 0
        for frame in frames:
            text = io.BytesIO()
            frame.write_ipc_stream(text, compat_level=pl.CompatLevel.oldest())
            batch = MESSAGE["ArrowBatch"](row_count=frame.height, data=text.getvalue(), start_offset=seen)
            answers.append(MESSAGE["ExecutePlanResponse"](arrow_batch=batch))
            seen += frame.height
        answers.append(MESSAGE["ExecutePlanResponse"](result_complete=MESSAGE["ResultComplete"]()))
        for number, each in enumerate(answers):
            each.response_id, each.server_side_session_id = f"r-{number}", self.session
        return answers

    def _selected(self, what: str, table: str, context: Any) -> list[pl.DataFrame]:
        frame = self.tables[table]
        if what == "count(*)":
            return [pl.DataFrame({"count(1)": [frame.height]})]
        if "_metadata" in what:
            context.abort(grpc.StatusCode.INTERNAL, f"[UNRESOLVED_COLUMN] {self.said}")
        chosen = frame.select(name.strip("`") for name in what.split(", "))
        return list(chosen.iter_slices(self.batch)) or [chosen]

    def _releaseexecute(self, request: Any, context: Any) -> Any:
        self._kept.pop(request.operation_id, None)
        return MESSAGE["ReleaseExecuteResponse"]()

    def _interrupt(self, request: Any, context: Any) -> Any:
        return MESSAGE["InterruptResponse"]()

    def _releasesession(self, request: Any, context: Any) -> Any:
        return MESSAGE["ReleaseSessionResponse"]()


PAUSE = object()
"""Among answers: here the server ends its part, and is asked for the rest."""
