"""Official gRPC and OpenTelemetry classes of Python as an OTLP client. Reads cases as JSON, prints counts of codes by case."""
import json
import sys
import time

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

COMPRESSION = {"gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def request(size):
    span = trace_pb2.Span(trace_id=b"\x01" * 16, span_id=b"\x02" * 8, name="x" * max(1, size))
    scope = trace_pb2.ScopeSpans(spans=[span])
    return trace_service_pb2.ExportTraceServiceRequest(resource_spans=[trace_pb2.ResourceSpans(scope_spans=[scope])])


def channel(case):
    options = [("grpc.max_send_message_length", -1)]
    if "keepalive_ms" in case:
        options += [
            ("grpc.keepalive_time_ms", case["keepalive_ms"]),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
        ]
    compression = COMPRESSION.get(case.get("compression"))
    tls = case.get("tls")
    if tls is None:
        return grpc.insecure_channel(case["target"], options, compression)
    pair = (read(tls["key"]), read(tls["cert"])) if "cert" in tls else (None, None)
    return grpc.secure_channel(case["target"], grpc.ssl_channel_credentials(read(tls["ca"]), *pair), options, compression)


def run(case):
    counts = {}
    with channel(case) as open_channel:
        if "method" in case:
            call = open_channel.unary_unary(case["method"], lambda m: m.SerializeToString(), lambda b: b)
        else:
            call = trace_service_pb2_grpc.TraceServiceStub(open_channel).Export
        for _ in range(case.get("calls", 1)):
            try:
                call(request(case.get("size", 0)), timeout=case.get("timeout_ms", 10_000) / 1000)
                code = "OK"
            except grpc.RpcError as error:
                code = error.code().name
            counts[code] = counts.get(code, 0) + 1
            time.sleep(case.get("gap_ms", 0) / 1000)
    return counts


print(json.dumps({case["name"]: run(case) for case in json.load(sys.stdin)}))
