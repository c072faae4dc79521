"""A trace as /api/v1 tells it, read back into OTLP messages, so that what came out can be
held against what went in, field by field."""

import base64
import math

from google.protobuf import json_format
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2


def any_value(of):
    made = common_pb2.AnyValue()
    assert len(of) <= 1, of
    for kind, value in of.items():
        if kind == "stringValue":
            made.string_value = value
        elif kind == "boolValue":
            made.bool_value = value
        elif kind == "intValue":
            assert isinstance(value, str), "64-bit integers are strings in OTLP/JSON"
            made.int_value = int(value)
        elif kind == "doubleValue":
            made.double_value = float(value)  # "NaN" and "Infinity" are strings
        elif kind == "bytesValue":
            made.bytes_value = base64.b64decode(value, validate=True)
        elif kind == "arrayValue":
            made.array_value.SetInParent()
            made.array_value.values.extend(any_value(v) for v in value.get("values", []))
        elif kind == "kvlistValue":
            made.kvlist_value.SetInParent()
            made.kvlist_value.values.extend(key_values(value.get("values", [])))
        else:
            raise AssertionError(f"unknown kind of value: {kind}")
    return made


def key_values(of):
    return [common_pb2.KeyValue(key=a["key"], value=any_value(a["value"])) for a in of]


def span(of):
    return trace_pb2.Span(
        trace_id=bytes.fromhex(of["traceId"]),
        span_id=bytes.fromhex(of["spanId"]),
        parent_span_id=bytes.fromhex(of["parentSpanId"]),
        trace_state=of.get("traceState", ""),
        flags=of.get("flags", 0),
        name=of["name"],
        kind=of["kind"],
        start_time_unix_nano=int(of["startTimeUnixNano"]),
        end_time_unix_nano=int(of["endTimeUnixNano"]),
        attributes=key_values(of.get("attributes", [])),
        dropped_attributes_count=of.get("droppedAttributesCount", 0),
        events=[_event(e) for e in of.get("events", [])],
        dropped_events_count=of.get("droppedEventsCount", 0),
        links=[_link(link) for link in of.get("links", [])],
        dropped_links_count=of.get("droppedLinksCount", 0),
        status=trace_pb2.Status(code=of["status"]["code"], message=of["status"].get("message", "")),
    )


def _event(of):
    return trace_pb2.Span.Event(
        time_unix_nano=int(of["timeUnixNano"]),
        name=of["name"],
        attributes=key_values(of.get("attributes", [])),
        dropped_attributes_count=of.get("droppedAttributesCount", 0),
    )


def _link(of):
    return trace_pb2.Span.Link(
        trace_id=bytes.fromhex(of["traceId"]),
        span_id=bytes.fromhex(of["spanId"]),
        trace_state=of.get("traceState", ""),
        attributes=key_values(of.get("attributes", [])),
        dropped_attributes_count=of.get("droppedAttributesCount", 0),
        flags=of.get("flags", 0),
    )


def resource(of):
    return resource_pb2.Resource(
        attributes=key_values(of.get("attributes", [])),
        dropped_attributes_count=of.get("droppedAttributesCount", 0),
        entity_refs=[json_format.ParseDict(ref, common_pb2.EntityRef()) for ref in of.get("entityRefs", [])],
    )


def scope(of):
    return common_pb2.InstrumentationScope(
        name=of.get("name", ""),
        version=of.get("version", ""),
        attributes=key_values(of.get("attributes", [])),
        dropped_attributes_count=of.get("droppedAttributesCount", 0),
    )


class Told:
    """One span with everything around it, comparable and printable."""

    def __init__(self, span, resource, resource_schema, scope, scope_schema):
        self.parts = {
            "span": plain(span),
            "resource": plain(resource),
            "resource schema": resource_schema,
            "scope": plain(scope),
            "scope schema": scope_schema,
        }

    def __eq__(self, other):
        return self.parts == other.parts

    def __repr__(self):
        return repr(self.parts)


def from_request(request):
    """Every span of an OTLP request: (trace id, span id) -> what was told under these ids,
    a list because nothing stops a client from using an id twice."""
    told = {}
    for group in request.resource_spans:
        for scoped in group.scope_spans:
            for one in scoped.spans:
                told.setdefault((one.trace_id.hex(), one.span_id.hex()), []).append(
                    Told(one, group.resource, group.schema_url, scoped.scope, scoped.schema_url)
                )
    return _in_order(told)


def from_trace(trace):
    """Every span of GET /api/v1/traces/{id}, likewise."""
    told = {}
    for one in trace["spans"]:
        group, scoped = trace["resources"][one["resource"]], trace["scopes"][one["scope"]]
        told.setdefault((one["traceId"], one["spanId"]), []).append(
            Told(span(one), resource(group), group.get("schemaUrl", ""), scope(scoped), scoped.get("schemaUrl", ""))
        )
    return _in_order(told)


def _in_order(told):
    return {ids: sorted(spans, key=repr) for ids, spans in told.items()}


def differences(sent, shown):
    """The fields in which two tellings of the same spans differ, in words short enough to read."""
    found = [f"only sent: {ids}" for ids in sent.keys() - shown.keys()]
    found += [f"only shown: {ids}" for ids in shown.keys() - sent.keys()]
    for ids in sent.keys() & shown.keys():
        if len(sent[ids]) != len(shown[ids]):
            found.append(f"{ids}: sent {len(sent[ids])} times, shown {len(shown[ids])} times")
        for one, other in zip(sent[ids], shown[ids]):
            for name in one.parts:
                found += _paths(f"{ids[1]} {name}", one.parts[name], other.parts[name])
    return found


def _paths(where, sent, shown):
    if sent == shown:
        return []
    if isinstance(sent, tuple) and isinstance(shown, tuple) and len(sent) == len(shown) and len(sent) > 0:
        found = []
        for index, (one, other) in enumerate(zip(sent, shown)):
            named = isinstance(one, tuple) and one and isinstance(one[0], str)
            found += _paths(f"{where}/{one[0] if named else index}", one, other)
        return found
    return [f"{where}: sent {sent!r:.300}, shown {shown!r:.300}"]


def plain(message):
    """A message as nested tuples in which NaN equals itself and -0.0 is not 0.0."""
    fields = []
    for descriptor, value in message.ListFields():
        if descriptor.is_repeated:
            value = tuple(_plain_value(v) for v in value)
        else:
            value = _plain_value(value)
        # A status that is unset is no status; entity references are still in development in OTLP.
        if (descriptor.name, value) != ("status", ()) and descriptor.name != "entity_refs":
            fields.append((descriptor.name, value))
    return tuple(fields)


def _plain_value(value):
    if hasattr(value, "ListFields"):
        return plain(value)
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value)
    return value
