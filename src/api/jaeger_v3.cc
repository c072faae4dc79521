// Jaeger's query API, version 3: OTLP/JSON in the envelope of grpc-gateway, as Jaeger's
// UI asks it after v2.20 (jaeger-idl, proto/api_v3/query_service.proto).
#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/face.h"
#include "api/jaeger_filter.h"
#include "api/jaeger_json.h"
#include "api/otlp_json.h"
#include "api/parameters.h"
#include "json/writer.h"
#include "query/catalogue.h"
#include "query/trace_reader.h"
#include "query/trace_search.h"

namespace telltale {
namespace {

constexpr int64_t kDayNanos = 86'400'000'000'000;
constexpr size_t kTracesDefault = 100;
constexpr int64_t kTracesMax = 1'500;

using Answer = Result<HttpResponse>;

// A query parameter has a name in camel case, as protobuf's JSON spells it, and older
// names that clients still send.
struct Name {
  std::string_view camel;
  std::string_view snake;
  std::string_view older = {};
};

constexpr Name kService{"query.serviceName", "query.service_name"};
constexpr Name kOperation{"query.operationName", "query.operation_name", "query.span_name"};
constexpr Name kStartMin{"query.startTimeMin", "query.start_time_min"};
constexpr Name kStartMax{"query.startTimeMax", "query.start_time_max"};
constexpr Name kDurationMin{"query.durationMin", "query.duration_min"};
constexpr Name kDurationMax{"query.durationMax", "query.duration_max"};
constexpr Name kDepth{"query.searchDepth", "query.search_depth", "query.num_traces"};
constexpr Name kStart{"startTime", "start_time"};
constexpr Name kEnd{"endTime", "end_time"};
constexpr Name kSpanKind{"spanKind", "span_kind"};

HttpResponse GatewayError(const Error& error) {
  CountQueryError(error);
  const int status = HttpStatusOf(error.code);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("error").BeginObject();
  json.Key("httpCode").Int(status);
  json.Key("message").String(error.hint.empty() ? error.message : error.message + " (" + error.hint + ")");
  json.EndObject().EndObject();
  HttpResponse response = HttpResponse::Json(status, std::move(body));
  if (error.code == ErrorCode::kUnavailable) response.headers.Add("Retry-After", "1");
  return response;
}

// Which of the names the request uses; the camel-case one when none.
std::string_view Used(const Parameters& parameters, const Name& name) {
  for (const std::string_view spelling : {name.camel, name.snake, name.older}) {
    if (!spelling.empty() && !parameters.Texts(spelling).empty()) return spelling;
  }
  return name.camel;
}

Result<TimeRange> ReadRange(const Face& face, const Parameters& parameters, const Name& from,
                            const Name& to) {
  TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Time(Used(parameters, from)));
  TELLTALE_ASSIGN_OR_RETURN(const auto end, parameters.Time(Used(parameters, to)));
  TimeRange range;
  range.end_unix_nano = end.value_or(static_cast<int64_t>(face.clock.UnixNanos()));
  range.start_unix_nano = start.value_or(std::max<int64_t>(0, range.end_unix_nano - kDayNanos));
  if (range.start_unix_nano > range.end_unix_nano) {
    return BadParameter(from.camel, std::to_string(range.start_unix_nano), "after " + std::string(to.camel));
  }
  return range;
}

Result<TraceSearch> ReadSearch(const Face& face, const Parameters& parameters) {
  TraceSearch search;
  SpanFilter& filter = search.filter;
  for (const Name& name : {kStartMin, kStartMax}) {
    if (parameters.Texts(Used(parameters, name)).empty()) return BadParameter(name.camel, "", "is required");
  }
  TELLTALE_ASSIGN_OR_RETURN(filter.range, ReadRange(face, parameters, kStartMin, kStartMax));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text(Used(parameters, kService)));
  TELLTALE_ASSIGN_OR_RETURN(const auto operation, parameters.Text(Used(parameters, kOperation)));
  filter.service = service.value_or("");
  filter.operation = operation.value_or("");
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_min, parameters.Duration(Used(parameters, kDurationMin)));
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_max, parameters.Duration(Used(parameters, kDurationMax)));
  constexpr std::string_view kAttributes = "query.attributes";
  TELLTALE_ASSIGN_OR_RETURN(const auto attributes, parameters.Text(kAttributes));
  if (attributes) TELLTALE_RETURN_IF_ERROR(AddJaegerTagsUntrusted(kAttributes, *attributes, filter));
  constexpr std::string_view kFilter = "query.filter";
  TELLTALE_ASSIGN_OR_RETURN(const auto expression, parameters.Text(kFilter));
  // Leaving out a condition would answer with more than was asked for.
  if (expression)
    return BadParameter(kFilter, *expression, "structured filters are not supported", "use query.attributes");
  TELLTALE_ASSIGN_OR_RETURN(const auto depth,
                            parameters.Integer(Used(parameters, kDepth), {.min = 0, .max = 1'000'000}));
  search.limit = depth && *depth > 0 ? static_cast<size_t>(std::min(*depth, kTracesMax)) : kTracesDefault;
  return search;
}

// Spans of one trace by resource and scope, in the order in which those came.
bool WriteResourceSpans(const TraceSet& set, const Trace& trace, WholeTraces::Sink& sink) {
  JsonWriter& json = sink.json;
  std::map<uint32_t, std::map<uint32_t, std::vector<const SpanRow*>>> groups;
  for (const TraceSpan& span : trace.spans) groups[span.resource][span.scope].push_back(&span.row);
  std::string scratch;
  for (const auto& [resource_number, scopes] : groups) {
    const OtlpHead resource = SplitHead(set.resources[resource_number], scratch);
    json.BeginObject();
    json.Key("resource").Raw(resource.object);
    if (!resource.schema_url.empty()) json.Key("schemaUrl").Raw(resource.schema_url);
    json.Key("scopeSpans").BeginArray();
    for (const auto& [scope_number, rows] : scopes) {
      const OtlpHead scope = SplitHead(set.scopes[scope_number], scratch);
      json.BeginObject();
      json.Key("scope").Raw(scope.object);
      if (!scope.schema_url.empty()) json.Key("schemaUrl").Raw(scope.schema_url);
      json.Key("spans").BeginArray();
      for (const SpanRow* row : rows) {
        json.BeginObject();
        WriteSpanMembers(*row, OtlpJsonStyle::kProtobuf, json);
        json.EndObject();
        if (!sink.Flush()) return false;
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
  return true;
}

void WriteTraces(const TraceSet& set, WholeTraces::Sink& sink) {
  sink.json.BeginObject().Key("result").BeginObject().Key("resourceSpans").BeginArray();
  for (const Trace& trace : set.traces) {
    if (!WriteResourceSpans(set, trace, sink)) return;
  }
  sink.json.EndArray().EndObject().EndObject();
}

Answer TracesAnswer(const Face& face, TraceSet set) {
  if (set.traces.empty()) return Fail(ErrorCode::kNotFound, "No traces found");
  return face.whole_traces.Answer(std::move(set), WriteTraces);
}

Answer SearchTraces(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const TraceSearch search, ReadSearch(face, parameters));
  TELLTALE_ASSIGN_OR_RETURN(const FoundTraces found, FindTraces(face.engine, search));
  std::vector<TraceId> ids;
  for (const MatchRow& trace : found.traces) ids.push_back(trace.trace_id);
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, ids, {}));
  return TracesAnswer(face, std::move(set));
}

Answer OneTrace(const Face& face, const Parameters& parameters, std::string_view id_text) {
  const auto id = ParseTraceIdUntrusted(id_text);
  if (!id) return BadParameter("trace_id", id_text, "not a trace id", "1 to 32 hex digits, not all zeros");
  // Only read to refuse what is not a time: a trace is shown whole.
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(face, parameters, kStart, kEnd));
  (void)range;
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, std::array{*id}, {}));
  return TracesAnswer(face, std::move(set));
}

void WriteSummary(const TraceSummary& summary, JsonWriter& json) {
  json.BeginObject();
  json.Key("traceId").String(summary.trace_id.Hex());
  json.Key("rootServiceName").String(summary.root_missing ? "" : summary.service);
  json.Key("rootOperationName").String(summary.root_missing ? "" : summary.name);
  json.Key("minStartTimeUnixNano").IntString(summary.start_unix_nano);
  json.Key("maxEndTimeUnixNano").IntString(summary.end_unix_nano);
  json.Key("spanCount").Uint(summary.spans);
  json.Key("errorSpanCount").Uint(summary.errors);
  json.Key("orphanSpanCount").Uint(summary.orphans);
  json.Key("services").BeginArray();
  for (const ServiceCount& service : summary.services) {
    json.BeginObject();
    json.Key("name").String(service.name);
    json.Key("spanCount").Uint(service.spans);
    json.Key("errorSpanCount").Uint(service.errors);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

Answer Summaries(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const TraceSearch search, ReadSearch(face, parameters));
  TELLTALE_ASSIGN_OR_RETURN(const FoundTraces found, FindTraces(face.engine, search));
  TELLTALE_ASSIGN_OR_RETURN(auto summaries, SummariseTraces(face.engine, found.traces));
  TELLTALE_RETURN_IF_ERROR(CountOrphans(face.engine, summaries));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("summaries").BeginArray();
  for (const TraceSummary& summary : summaries) WriteSummary(summary, json);
  json.EndArray().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer Services(const Face& face) {
  TELLTALE_ASSIGN_OR_RETURN(const auto services, ListServices(face.engine, {}));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("services").BeginArray();
  for (const Service& service : services) json.String(service.name);
  json.EndArray().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer Operations(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  if (!service) return BadParameter("service", "", "is required");
  TELLTALE_ASSIGN_OR_RETURN(const auto kind, parameters.Text(Used(parameters, kSpanKind)));
  TELLTALE_ASSIGN_OR_RETURN(const auto operations, ListOperations(face.engine, *service, {}));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("operations").BeginArray();
  for (const Operation& operation : operations) {
    // Jaeger shows a span without a kind as an internal one.
    const std::string_view name = JaegerSpanKind(operation.kind == 0 ? uint8_t{1} : operation.kind);
    if (kind && *kind != name) continue;
    json.BeginObject().Key("name").String(operation.name).Key("spanKind").String(name).EndObject();
  }
  json.EndArray().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer Dependencies(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(face, parameters, kStart, kEnd));
  TELLTALE_ASSIGN_OR_RETURN(const auto dependencies, ListDependencies(face.engine, range));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("dependencies").BeginArray();
  for (const Dependency& link : dependencies) {
    json.BeginObject();
    json.Key("parent").String(link.parent);
    json.Key("child").String(link.child);
    json.Key("callCount").UintString(link.calls);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

// nullopt: no such path.
std::optional<Answer> Route(const Face& face, const HttpRequest& request) {
  constexpr std::string_view kTrace = "/api/v3/traces/";
  const Parameters parameters(request, {.empty_is_absent = true});
  const std::string_view path = request.path;
  if (path == "/api/v3/services") return Services(face);
  if (path == "/api/v3/operations") return Operations(face, parameters);
  if (path == "/api/v3/traces") return SearchTraces(face, parameters);
  if (path == "/api/v3/trace-summaries") return Summaries(face, parameters);
  if (path == "/api/v3/dependencies") return Dependencies(face, parameters);
  if (path.starts_with(kTrace)) return OneTrace(face, parameters, path.substr(kTrace.size()));
  return std::nullopt;
}

}  // namespace

HttpResponse AnswerJaegerV3(const Face& face, const HttpRequest& request) {
  std::optional<Answer> answer = Route(face, request);
  if (!answer) return NoSuchPath(request);
  if (!*answer) return GatewayError(answer->error());
  return **std::move(answer);
}

}  // namespace telltale
