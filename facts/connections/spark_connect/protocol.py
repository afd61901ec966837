"""What of the Spark Connect protocol is spoken: its messages, by the numbers that they have on the wire.

Seven calls of the protocol are made; Spark's own client would bring pandas and PyArrow for them
(docs/decisions/0050). Field numbers never change within the protocol, and fields that are not named here are
passed over; a slow test holds the table against those that Spark brings.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "phasegate.spark"
_HEAD = "session_id 1 string, user_context 2 UserContext"
MESSAGES = {
    "UserContext": "user_id 1 string",
    "KeyValue": "key 1 string, value 2 string",
    "SQL": "query 1 string",
    "Relation": "sql 10 SQL",
    "SqlCommand": "input 6 Relation",
    "Command": "sql_command 5 SqlCommand",
    "Plan": "root 1 Relation, command 2 Command",
    "ReattachOptions": "reattachable 1 bool",
    "RequestOption": "reattach_options 1 ReattachOptions",
    "ExecutePlanRequest": f"{_HEAD}, plan 3 Plan, client_type 4 string, request_options 5 RequestOption*, "
    "operation_id 6 string, client_observed_server_side_session_id 8 string",
    "ArrowBatch": "row_count 1 int64, data 2 bytes, start_offset 3 int64?, num_chunks_in_batch 5 int64",
    "ResultComplete": "",
    "ExecutePlanResponse": "arrow_batch 2 ArrowBatch, response_id 13 string, "
    "result_complete 14 ResultComplete, server_side_session_id 15 string",
    "ReattachExecuteRequest": f"{_HEAD}, operation_id 3 string, client_type 4 string, "
    "last_response_id 5 string, client_observed_server_side_session_id 6 string",
    "ReleaseAll": "",
    "ReleaseExecuteRequest": f"{_HEAD}, operation_id 3 string, client_type 4 string, "
    "release_all 5 ReleaseAll",
    "ReleaseExecuteResponse": "",
    "InterruptRequest": f"{_HEAD}, client_type 3 string, interrupt_type 4 int32, operation_id 6 string",
    "InterruptResponse": "",
    "ReleaseSessionRequest": f"{_HEAD}, client_type 3 string",
    "ReleaseSessionResponse": "",
    "Set": "pairs 1 KeyValue*",
    "Get": "keys 1 string*",
    "Operation": "set 1 Set, get 2 Get",
    "ConfigRequest": f"{_HEAD}, operation 3 Operation, client_type 4 string, "
    "client_observed_server_side_session_id 8 string",
    "ConfigResponse": "pairs 2 KeyValue*, server_side_session_id 4 string",
    "OfPlan": "plan 1 Plan",
    "AnalyzePlanRequest": f"{_HEAD}, client_type 3 string, schema 4 OfPlan, input_files 9 OfPlan, "
    "client_observed_server_side_session_id 17 string",
    "SchemaAnswer": "schema 1 DataType",
    "InputFiles": "files 1 string*",
    "AnalyzePlanResponse": "schema 2 SchemaAnswer, input_files 7 InputFiles, "
    "server_side_session_id 15 string",
    "Any": "",
    "Decimal": "scale 1 int32, precision 2 int32",
    "Text": "collation 2 string",
    "Padded": "length 1 int32",
    "StructField": "name 1 string, data_type 2 DataType, nullable 3 bool, metadata 4 string",
    "Struct": "fields 1 StructField*",
    "DataType": "null 1 Any, binary 2 Any, boolean 3 Any, byte 4 Any, short 5 Any, integer 6 Any, "
    "long 7 Any, float 8 Any, double 9 Any, decimal 10 Decimal, string 11 Text, char 12 Padded, "
    "var_char 13 Padded, "
    "date 14 Any, timestamp 15 Any, timestamp_ntz 16 Any, calendar_interval 17 Any, "
    "year_month_interval 18 Any, day_time_interval 19 Any, array 20 Any, struct 21 Struct, map 22 Any, "
    "udt 23 Any, unparsed 24 Any, variant 25 Any, geometry 26 Any, geography 27 Any, time 28 Any",
}
"""Each message with its fields: name, number and type; a star where there may be many, a question mark
where it is told whether there is one."""
CALLS = {
    "ExecutePlan": ("ExecutePlanRequest", "ExecutePlanResponse"),
    "ReattachExecute": ("ReattachExecuteRequest", "ExecutePlanResponse"),
    "ReleaseExecute": ("ReleaseExecuteRequest", "ReleaseExecuteResponse"),
    "Interrupt": ("InterruptRequest", "InterruptResponse"),
    "ReleaseSession": ("ReleaseSessionRequest", "ReleaseSessionResponse"),
    "Config": ("ConfigRequest", "ConfigResponse"),
    "AnalyzePlan": ("AnalyzePlanRequest", "AnalyzePlanResponse"),
}
"""What is asked and answered by each call."""
STREAMED = frozenset({"ExecutePlan", "ReattachExecute"})
"""Calls that are answered by many messages."""
OF_OPERATION = 3
"""How `Interrupt` is told that it is about one operation."""
SERVICE = "spark.connect.SparkConnectService"

_TYPES = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
}


def _classes() -> dict[str, Any]:
    """The class of each message, in a pool that no other speaker of the protocol shares."""
    file = descriptor_pb2.FileDescriptorProto(name="spark.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in filter(None, fields.split(", ")):
            key, number, kind = field.split(" ")
            made = message.field.add(name=key, number=int(number))
            made.label = made.LABEL_REPEATED if kind.endswith("*") else made.LABEL_OPTIONAL
            if kind.endswith("?"):
                made.proto3_optional, made.oneof_index = True, len(message.oneof_decl)
                message.oneof_decl.add(name=f"_{key}")
            kind = kind.rstrip("*?")
            if kind in _TYPES:
                made.type = _TYPES[kind]
            else:
                made.type, made.type_name = made.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in MESSAGES
    }


MESSAGE: dict[str, Any] = _classes()
"""The class of each message by its name."""
