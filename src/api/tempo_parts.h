// What the files of the Tempo face share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/face.h"
#include "api/parameters.h"
#include "api/whole_traces.h"
#include "base/result.h"
#include "json/writer.h"
#include "net/http.h"
#include "query/trace_reader.h"

namespace telltale {

using Answer = Result<HttpResponse>;

// The two versions of the endpoint that shows one trace.
enum class TempoVersion { kV1, kV2 };

// GET /api/traces/{id}, /api/v2/traces/{id}: protobuf, JSON, or a text for language models.
Answer TempoTrace(const Face& face, const HttpRequest& request, TempoVersion version,
                  std::string_view id_text);
// GET /api/search
Answer TempoSearch(const Face& face, const HttpRequest& request);
// GET /api/search/tags, /api/v2/search/tags
Answer TempoTags(const Face& face, const HttpRequest& request, TempoVersion version);
// GET /api/search/tag/{name}/values, /api/v2/search/tag/{name}/values
Answer TempoTagValues(const Face& face, const HttpRequest& request, TempoVersion version,
                      std::string_view name);
// GET /api/metrics/query_range, /api/metrics/query
Answer TempoMetrics(const Face& face, const HttpRequest& request, bool is_instant);

// The spans of the first trace of a set as Tempo's own JSON: ids in base64, enums by name.
// Version 1 is a Trace with `batches`, version 2 a TraceByIDResponse.
void WriteTempoTraceJson(const TraceSet& set, TempoVersion version, WholeTraces::Sink& sink);
// The same as protobuf: version 1 a Trace, version 2 a TraceByIDResponse.
void WriteTempoTraceProtobuf(const TraceSet& set, TempoVersion version, WholeTraces::Sink& sink);

// Why a trace is not shown whole; empty: it is.
std::string PartialMessage(const Trace& trace);

// A typed text (FieldReading::typed) as an AnyValue object, and as a KeyValue of protobuf.
void WriteTypedAnyValue(std::string_view typed, JsonWriter& json);
void AppendTypedKeyValue(uint32_t field, std::string_view key, std::string_view typed, std::string& out);

// tempopb.SearchMetrics.
std::string TempoMetricsMessage(size_t traces);

bool AcceptsProtobuf(const HttpRequest& request);
// With another Content-Type. REQUIRES: of HttpResponse::Json.
HttpResponse OfType(HttpResponse response, std::string_view type);
HttpResponse ProtobufResponse(std::string body);

}  // namespace telltale
