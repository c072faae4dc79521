// Spans as OTLP/JSON: what the REST API and Jaeger's v3 API share. Stored JSON (events,
// links, arrays and maps) is pasted as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/writer.h"
#include "query/columns.h"
#include "query/trace_reader.h"

namespace telltale {

// The end as it was sent: start plus duration, also where that is before the start.
uint64_t EndUnixNano(const SpanRow& row);

// The value of an attribute, or a body, as an AnyValue object.
void WriteAnyValue(const StoredAttribute& attribute, JsonWriter& json);

// [{"key":...,"value":{...}},...]
void WriteAttributes(const StoredAttributes& attributes, JsonWriter& json);

// The members of a span's object, without its braces. REST writes the parent of a root
// as "" and a status always with its code; protobuf's JSON leaves both out.
enum class OtlpJsonStyle { kRest, kProtobuf };
void WriteSpanMembers(const SpanRow& row, OtlpJsonStyle style, JsonWriter& json);

// A stored resource or scope without its schema URL, which OTLP keeps outside of it:
// `object` is the rest as JSON, in the text or in `scratch`.
struct OtlpHead {
  std::string_view object;
  std::string_view schema_url;  // as JSON, with quotes; empty when there is none
};
OtlpHead SplitHead(std::string_view text, std::string& scratch);

// A number as text that is valid in JSON; "NaN" and the infinities become strings.
void WriteDoubleText(std::string_view text, JsonWriter& json);

}  // namespace telltale
