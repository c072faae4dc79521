// Jaeger's query API, version 1: what Jaeger's UI before v2.20, Grafana and scripts ask.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/face.h"
#include "api/jaeger_filter.h"
#include "api/jaeger_json.h"
#include "api/parameters.h"
#include "json/writer.h"
#include "query/call_rows.h"
#include "query/catalogue.h"
#include "query/trace_reader.h"
#include "query/trace_search.h"

namespace telltale {
namespace {

constexpr int64_t kTwoDaysNanos = 2 * 86'400'000'000'000;
constexpr int64_t kDayMillis = 86'400'000;
constexpr size_t kTracesDefault = 20;
constexpr int64_t kTracesMax = 1'500;
constexpr int64_t kMicrosMax = std::numeric_limits<int64_t>::max() / 1'000;
constexpr int64_t kMillisMax = std::numeric_limits<int64_t>::max() / 1'000'000;

using Answer = Result<HttpResponse>;

// {"data":...,"total":n,"limit":0,"offset":0,"errors":null}
template <typename WriteData>
void WriteEnvelope(size_t total, WriteData write_data, JsonWriter& json) {
  json.BeginObject().Key("data");
  write_data(json);
  json.Key("total").Uint(total).Key("limit").Int(0).Key("offset").Int(0).Key("errors").Null();
  json.EndObject();
}

template <typename WriteData>
HttpResponse Envelope(size_t total, WriteData write_data) {
  std::string body;
  JsonWriter json(body);
  WriteEnvelope(total, write_data, json);
  return HttpResponse::Json(200, std::move(body));
}

HttpResponse JaegerError(const Error& error) {
  CountQueryError(error);
  const int status = HttpStatusOf(error.code);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("data").Null();
  json.Key("total").Int(0).Key("limit").Int(0).Key("offset").Int(0);
  json.Key("errors").BeginArray().BeginObject();
  json.Key("code").Int(status);
  json.Key("msg").String(error.hint.empty() ? error.message : error.message + " (" + error.hint + ")");
  json.EndObject().EndArray().EndObject();
  HttpResponse response = HttpResponse::Json(status, std::move(body));
  if (error.code == ErrorCode::kUnavailable) response.headers.Add("Retry-After", "1");
  return response;
}

Answer Services(const Face& face) {
  TELLTALE_ASSIGN_OR_RETURN(const auto services, ListServices(face.engine, {}));
  return Envelope(services.size(), [&](JsonWriter& json) {
    json.BeginArray();
    for (const Service& service : services) json.String(service.name);
    json.EndArray();
  });
}

// The older form: names only.
Answer OperationNames(const Face& face, const std::string& service) {
  TELLTALE_ASSIGN_OR_RETURN(const auto operations, ListOperations(face.engine, service, {}));
  std::set<std::string_view> names;
  for (const Operation& operation : operations) names.insert(operation.name);
  return Envelope(names.size(), [&](JsonWriter& json) {
    json.BeginArray();
    for (const std::string_view name : names) json.String(name);
    json.EndArray();
  });
}

Answer Operations(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  if (!service) return Fail(ErrorCode::kInvalidInput, "parameter 'service' is required");
  TELLTALE_ASSIGN_OR_RETURN(const auto kind, parameters.Text("spanKind"));
  TELLTALE_ASSIGN_OR_RETURN(auto operations, ListOperations(face.engine, *service, {}));
  if (kind)
    std::erase_if(operations,
                  [&](const Operation& operation) { return JaegerSpanKind(operation.kind) != *kind; });
  return Envelope(operations.size(), [&](JsonWriter& json) {
    json.BeginArray();
    for (const Operation& operation : operations) {
      json.BeginObject();
      json.Key("name").String(operation.name);
      json.Key("spanKind").String(operation.kind == 0 ? "" : JaegerSpanKind(operation.kind));
      json.EndObject();
    }
    json.EndArray();
  });
}

void WriteTraces(const TraceSet& set, const CallRows& calls, WholeTraces::Sink& sink) {
  const auto write_data = [&](JsonWriter& json) {
    JaegerTraceWriter writer(set, calls);
    json.BeginArray();
    for (const Trace& trace : set.traces) {
      if (!writer.Write(trace, sink)) return;
    }
    json.EndArray();
  };
  WriteEnvelope(0, write_data, sink.json);
}

// Whole traces, with what is stored of their calls.
Answer TracesAnswer(const Face& face, TraceSet set) {
  std::vector<TraceId> ids;
  for (const Trace& trace : set.traces) ids.push_back(trace.trace_id);
  TELLTALE_ASSIGN_OR_RETURN(CallRows rows, ReadCallsOfTraces(face.engine, ids));
  auto calls = std::make_shared<const CallRows>(std::move(rows));
  return face.whole_traces.Answer(std::move(set), [calls](const TraceSet& traces, WholeTraces::Sink& sink) {
    WriteTraces(traces, *calls, sink);
  });
}

// `start` and `end` are microseconds; the UI sends `lookback` as well, for itself.
Result<TimeRange> ReadRange(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Integer("start", {.min = 0, .max = kMicrosMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto end, parameters.Integer("end", {.min = 0, .max = kMicrosMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto lookback_text, parameters.Text("lookback"));
  const auto lookback = lookback_text ? ParseDurationUntrusted(*lookback_text) : std::nullopt;
  TimeRange range;
  range.end_unix_nano = end ? *end * 1'000 : static_cast<int64_t>(face.clock.UnixNanos());
  range.start_unix_nano =
      start ? *start * 1'000 : std::max<int64_t>(0, range.end_unix_nano - lookback.value_or(kTwoDaysNanos));
  if (range.start_unix_nano > range.end_unix_nano) {
    return BadParameter("start", std::to_string(*start), "start time must be before end time");
  }
  return range;
}

Result<TraceSearch> ReadSearch(const Face& face, const Parameters& parameters) {
  TraceSearch search;
  SpanFilter& filter = search.filter;
  TELLTALE_ASSIGN_OR_RETURN(filter.range, ReadRange(face, parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  if (!service) return Fail(ErrorCode::kInvalidInput, "parameter 'service' is required");
  filter.service = *service;
  TELLTALE_ASSIGN_OR_RETURN(const auto operation, parameters.Text("operation"));
  filter.operation = operation.value_or("");
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_min, parameters.Duration("minDuration"));
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_max, parameters.Duration("maxDuration"));
  if (filter.duration_nano_min && filter.duration_nano_max &&
      *filter.duration_nano_max < *filter.duration_nano_min) {
    return Fail(ErrorCode::kInvalidInput, "'maxDuration' should be greater than 'minDuration'");
  }
  for (const std::string& tag : parameters.Texts("tag")) TELLTALE_RETURN_IF_ERROR(AddJaegerTag(tag, filter));
  for (const std::string& tags : parameters.Texts("tags"))
    TELLTALE_RETURN_IF_ERROR(AddJaegerTagsUntrusted("tags", tags, filter));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = 1'000'000}));
  search.limit = limit ? static_cast<size_t>(std::min(*limit, kTracesMax)) : kTracesDefault;
  return search;
}

Result<std::vector<TraceId>> ReadIds(const std::vector<std::string>& texts) {
  std::vector<TraceId> ids;
  for (const std::string& text : texts) {
    const auto id = ParseTraceIdUntrusted(text);
    if (!id) return BadParameter("traceID", text, "not a trace id", "1 to 32 hex digits, not all zeros");
    if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

Answer Search(const Face& face, const Parameters& parameters) {
  const std::vector<std::string> id_texts = parameters.Texts("traceID");
  std::vector<TraceId> ids;
  if (!id_texts.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(ids, ReadIds(id_texts));
  } else {
    TELLTALE_ASSIGN_OR_RETURN(const TraceSearch search, ReadSearch(face, parameters));
    TELLTALE_ASSIGN_OR_RETURN(const FoundTraces found, FindTraces(face.engine, search));
    for (const MatchRow& trace : found.traces) ids.push_back(trace.trace_id);
  }
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, ids, {}));
  return TracesAnswer(face, std::move(set));
}

Answer OneTrace(const Face& face, std::string_view id_text) {
  const auto id = ParseTraceIdUntrusted(id_text);
  if (!id) return BadParameter("traceID", id_text, "not a trace id", "1 to 32 hex digits, not all zeros");
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, std::array{*id}, {}));
  if (set.traces.empty()) return Fail(ErrorCode::kNotFound, "trace not found");
  return TracesAnswer(face, std::move(set));
}

Answer Dependencies(const Face& face, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto end, parameters.Integer("endTs", {.min = 0, .max = kMillisMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto lookback,
                            parameters.Integer("lookback", {.min = 0, .max = kMillisMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  const int64_t end_nano = end ? *end * 1'000'000 : static_cast<int64_t>(face.clock.UnixNanos());
  const int64_t lookback_nano = lookback.value_or(kDayMillis) * 1'000'000;
  const TimeRange range{.start_unix_nano = std::max<int64_t>(0, end_nano - lookback_nano),
                        .end_unix_nano = end_nano};
  TELLTALE_ASSIGN_OR_RETURN(auto dependencies, ListDependencies(face.engine, range));
  if (service) {
    std::erase_if(dependencies,
                  [&](const Dependency& link) { return link.parent != *service && link.child != *service; });
  }
  return Envelope(0, [&](JsonWriter& json) {
    json.BeginArray();
    for (const Dependency& link : dependencies) {
      json.BeginObject();
      json.Key("parent").String(link.parent);
      json.Key("child").String(link.child);
      json.Key("callCount").Uint(link.calls);
      json.EndObject();
    }
    json.EndArray();
  });
}

// nullopt: no such path.
std::optional<Answer> Route(const Face& face, const HttpRequest& request) {
  constexpr std::string_view kTrace = "/api/traces/";
  constexpr std::string_view kServices = "/api/services/";
  constexpr std::string_view kOperations = "/operations";
  const Parameters parameters(request, {.empty_is_absent = true});
  const std::string_view path = request.path;
  if (path == "/api/services") return Services(face);
  if (path == "/api/operations") return Operations(face, parameters);
  if (path == "/api/traces") return Search(face, parameters);
  if (path == "/api/dependencies") return Dependencies(face, parameters);
  if (path.starts_with(kTrace)) return OneTrace(face, path.substr(kTrace.size()));
  if (path.starts_with(kServices) && path.ends_with(kOperations) &&
      path.size() > kServices.size() + kOperations.size()) {
    const size_t length = path.size() - kServices.size() - kOperations.size();
    return OperationNames(face, std::string(path.substr(kServices.size(), length)));
  }
  return std::nullopt;
}

}  // namespace

HttpResponse AnswerJaeger(const Face& face, const HttpRequest& request) {
  std::optional<Answer> answer = Route(face, request);
  if (!answer) return NoSuchPath(request);
  if (!*answer) return JaegerError(answer->error());
  return **std::move(answer);
}

}  // namespace telltale
