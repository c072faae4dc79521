// The REST API, /api/v1: spec/openapi.yaml.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/face.h"
#include "api/otlp_json.h"
#include "api/parameters.h"
#include "api/rest_parts.h"
#include "base/counters.h"
#include "json/writer.h"
#include "net/gzip.h"
#include "query/calls.h"
#include "query/catalogue.h"
#include "query/trace_calls.h"
#include "query/trace_reader.h"
#include "query/trace_search.h"
#include "query/traceql/search.h"

namespace telltale {
namespace {

constexpr size_t kPageDefault = 50;
constexpr int64_t kSpansMax = 100'000;
constexpr size_t kLogsMax = 10'000;
constexpr int64_t kMatchesMax = 1'000;  // spans of a set that a list shows

constexpr std::array<std::string_view, 3> kStatusNames = {"unset", "ok", "error"};

std::string_view StatusName(uint8_t status) {
  return kStatusNames[std::min<size_t>(status, 2)];
}

Result<TraceSearch> ReadSearch(const Parameters& parameters, int64_t now) {
  constexpr std::array<std::string_view, 4> kOwn = {"q", "spans", "limit", "cursor"};
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideSpanFilter(parameters, kOwn));
  TraceSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.filter, ReadSpanFilter(parameters, now));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = limit ? static_cast<size_t>(*limit) : kPageDefault;
  TELLTALE_ASSIGN_OR_RETURN(const auto cursor, parameters.Text("cursor"));
  if (cursor) {
    TELLTALE_ASSIGN_OR_RETURN(search.cursor, ParseCursorUntrusted(*cursor));
  }
  return search;
}

// With `q`: the traces that a TraceQL query finds.
Result<TraceQlPage> FindListed(const Face& face, const Parameters& parameters, const TraceQuery* query,
                               const TraceSearch& search) {
  TELLTALE_ASSIGN_OR_RETURN(const auto spans, parameters.Integer("spans", {.min = 0, .max = kMatchesMax}));
  if (query != nullptr) {
    return SearchTraces(face.engine, *query,
                        {.filter = search.filter,
                         .limit = search.limit,
                         .cursor = search.cursor,
                         .spans_max = static_cast<size_t>(spans.value_or(0))});
  }
  TELLTALE_ASSIGN_OR_RETURN(const FoundTraces found, FindTraces(face.engine, search));
  TraceQlPage page{.traces = {}, .next = found.next};
  for (const MatchRow& match : found.traces) page.traces.push_back({.match = match, .sets = {}});
  return page;
}

Answer ListTraces(const Face& face, const HttpRequest& request) {
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  const Parameters parameters(request);
  TELLTALE_ASSIGN_OR_RETURN(const TraceSearch search, ReadSearch(parameters, now));
  TELLTALE_ASSIGN_OR_RETURN(const auto query, ReadTraceQuery(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const TraceQlPage found, FindListed(face, parameters, query.get(), search));
  std::vector<MatchRow> rows;
  std::map<TraceId, const TraceMatch*> matches;
  for (const TraceMatch& trace : found.traces) {
    rows.push_back(trace.match);
    matches.emplace(trace.match.trace_id, &trace);
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto summaries, SummariseTraces(face.engine, rows));
  TELLTALE_ASSIGN_OR_RETURN(const auto sums, SumCallsOf(face.engine, summaries));

  const auto write = [&](const TraceSummary& summary, JsonWriter& json) {
    WriteSummary(summary, sums, json);
    const std::vector<SpansetMatch>& sets = matches.at(summary.trace_id)->sets;
    if (!sets.empty()) WriteMatches(*query, sets, json);
  };
  return PageAnswer(summaries, write, [&](JsonWriter& json) {
    if (found.next) {
      json.String(EncodeCursor(*found.next));
    } else {
      json.Null();
    }
  });
}

void WriteServicesOf(const Trace& trace, JsonWriter& json) {
  struct Counts {
    uint64_t spans = 0;
    uint64_t errors = 0;
  };
  std::map<std::string_view, Counts> services;
  for (const TraceSpan& span : trace.spans) {
    Counts& counts = services[span.row.service];
    ++counts.spans;
    if (span.row.status == 2) ++counts.errors;
  }
  json.Key("services").BeginArray();
  for (const auto& [name, counts] : services) {
    json.BeginObject();
    json.Key("name").String(name);
    json.Key("span_count").Uint(counts.spans);
    json.Key("error_count").Uint(counts.errors);
    json.EndObject();
  }
  json.EndArray();
}

void WriteCompleteness(const Completeness& completeness, JsonWriter& json) {
  json.Key("completeness").BeginObject();
  json.Key("complete").Bool(completeness.complete());
  json.Key("root_missing").Bool(completeness.root_missing);
  json.Key("missing_parents").BeginArray();
  for (const SpanId& id : completeness.missing_parents) json.String(id.Hex());
  json.EndArray();
  json.Key("duplicate_spans").Uint(completeness.duplicate_spans);
  json.Key("dropped_attributes").Uint(completeness.dropped_attributes);
  json.Key("dropped_events").Uint(completeness.dropped_events);
  json.Key("dropped_links").Uint(completeness.dropped_links);
  json.Key("missing_content").Uint(completeness.missing_chunks);
  json.Key("truncated").Bool(completeness.truncated);
  json.EndObject();
}

void WriteTexts(std::string_view key, const std::vector<std::string_view>& texts, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string_view text : texts) json.Raw(text.empty() ? "{}" : text);
  json.EndArray();
}

void WriteTrace(const TraceSet& set, const LogPage& logs, const TraceCalls& calls, WholeTraces::Sink& sink) {
  const Trace& trace = set.traces.front();
  JsonWriter& json = sink.json;
  json.BeginObject();
  json.Key("trace_id").String(trace.trace_id.Hex());
  json.Key("start_unix_nano").IntString(trace.start_unix_nano);
  json.Key("duration_nano").IntString(trace.end_unix_nano - trace.start_unix_nano);
  json.Key("span_count").Uint(trace.spans.size());
  json.Key("error_count")
      .Uint(static_cast<uint64_t>(
          std::ranges::count_if(trace.spans, [](const TraceSpan& span) { return span.row.status == 2; })));
  WriteServicesOf(trace, json);
  WriteCompleteness(trace.completeness, json);
  json.Key("totals");
  WriteCallTotals(calls, json);
  WriteTexts("resources", set.resources, json);
  WriteTexts("scopes", set.scopes, json);
  json.Key("spans").BeginArray();
  for (size_t i = 0; i < trace.spans.size(); ++i) {
    const TraceSpan& span = trace.spans[i];
    json.BeginObject();
    WriteSpanMembers(span.row, OtlpJsonStyle::kRest, json);
    json.Key("service").String(span.row.service);
    json.Key("resource").Uint(span.resource);
    json.Key("scope").Uint(span.scope);
    if (const BatchCalls::Priced* call = calls.Of(i)) {
      json.Key("call");
      WriteCall(call->call, call->cost, json);
    }
    json.EndObject();
    if (!sink.Flush()) return;
  }
  json.EndArray().Key("logs").BeginArray();
  for (const LogRow& log : logs.rows) {
    json.BeginObject();
    WriteLogMembers(log, json);
    json.EndObject();
    if (!sink.Flush()) return;
  }
  json.EndArray().Key("logs_truncated").Bool(logs.rows.size() == kLogsMax || logs.truncated).EndObject();
}

Answer ShowTrace(const Face& face, const HttpRequest& request, std::string_view id_text) {
  constexpr std::array<std::string_view, 1> kKnown = {"limit"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kSpansMax}));
  TELLTALE_ASSIGN_OR_RETURN(const TraceId id, ReadTraceIdUntrusted(id_text));
  TELLTALE_ASSIGN_OR_RETURN(
      TraceSet set,
      ReadTraces(face.engine, std::array{id}, {.spans_max = static_cast<size_t>(limit.value_or(kSpansMax))}));
  if (set.traces.empty()) return NoSuchTrace(id);
  TELLTALE_ASSIGN_OR_RETURN(LogPage page, ReadLogsOfTrace(face.engine, id, kLogsMax));
  auto logs = std::make_shared<const LogPage>(std::move(page));
  // The set's texts stay where they are when it moves.
  const auto calls = std::make_shared<TraceCalls>(PricerOf(face), RulesOf(face));
  calls->Map(set, set.traces.front(), *logs);
  return face.whole_traces.Answer(std::move(set),
                                  [logs, calls](const TraceSet& traces, WholeTraces::Sink& sink) {
                                    WriteTrace(traces, *logs, *calls, sink);
                                  });
}

Answer ShowServices(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 2> kKnown = {"start", "end"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(parameters, {}));
  TELLTALE_ASSIGN_OR_RETURN(const auto services, ListServices(face.engine, range));
  return ListAnswer(services, [](const Service& service, JsonWriter& json) {
    json.Key("name").String(service.name);
    json.Key("span_count").Uint(service.spans);
    json.Key("error_count").Uint(service.errors);
    json.Key("last_seen_unix_nano").IntString(service.last_seen_unix_nano);
  });
}

Answer ShowOperations(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 3> kKnown = {"service", "start", "end"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  if (!service || service->empty()) {
    return BadParameter("service", "", "is required", "the names are at /api/v1/services");
  }
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(parameters, {}));
  TELLTALE_ASSIGN_OR_RETURN(const auto operations, ListOperations(face.engine, *service, range));
  return ListAnswer(operations, [](const Operation& operation, JsonWriter& json) {
    json.Key("name").String(operation.name);
    json.Key("kind").Uint(operation.kind);
    json.Key("span_count").Uint(operation.spans);
  });
}

Answer ShowAttributeKeys(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 3> kKnown = {"service", "start", "end"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(parameters, {}));
  TELLTALE_ASSIGN_OR_RETURN(const auto keys, ListAttributeKeys(face.engine, service.value_or(""), range));
  return ListAnswer(keys, [](const std::string& key, JsonWriter& json) { json.Key("key").String(key); });
}

std::string_view SeverityName(CounterSeverity severity) {
  switch (severity) {
    case CounterSeverity::kInfo:
      return "info";
    case CounterSeverity::kOdd:
      return "odd";
    case CounterSeverity::kLoss:
      return "loss";
  }
  return "info";
}

Answer ShowCounters(const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  std::array<Counter, kCounterCount> counters;
  for (size_t i = 0; i < counters.size(); ++i) counters[i] = static_cast<Counter>(i);
  return ListAnswer(counters, [](Counter counter, JsonWriter& json) {
    const CounterInfo& info = InfoOf(counter);
    json.Key("name").String(info.name);
    json.Key("severity").String(SeverityName(info.severity));
    json.Key("meaning").String(info.meaning);
    json.Key("value").Uint(CounterValue(counter));
  });
}

void WriteOptionalTime(std::string_view key, const std::optional<int64_t>& time, JsonWriter& json) {
  json.Key(key);
  if (time) {
    json.IntString(*time);
  } else {
    json.Null();
  }
}

Answer ShowStats(const Face& face, const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  TELLTALE_ASSIGN_OR_RETURN(const StoreStats stats, ReadStoreStats(face.engine));
  const ServerState state = face.options.state ? face.options.state() : ServerState{};
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("version").String(face.options.version);
  json.Key("uptime_seconds").Double(state.uptime_seconds);
  json.Key("spans_stored").Uint(stats.spans);
  // Counting traces means reading every trace id: not for a page that refreshes.
  json.Key("traces").Null();
  json.Key("disk_bytes").Uint(stats.disk_bytes);
  json.Key("log_bytes").Uint(state.log_bytes);
  json.Key("log_lag_bytes").Uint(state.log_lag_bytes);
  WriteOptionalTime("oldest_unix_nano", stats.oldest_unix_nano, json);
  WriteOptionalTime("newest_unix_nano", stats.newest_unix_nano, json);
  json.Key("memory_bytes").Uint(state.memory_bytes);
  json.Key("receivers").BeginObject();
  if (!state.otlp_grpc.empty()) json.Key("otlp_grpc").String(state.otlp_grpc);
  if (!state.otlp_http.empty()) json.Key("otlp_http").String(state.otlp_http);
  json.EndObject().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

// Everything below /api/v1/traces/.
Answer AnswerTrace(const Face& face, const HttpRequest& request, std::string_view path) {
  constexpr std::string_view kSpans = "/spans/";
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view id = path.substr(0, end);
  const std::string_view rest = path.substr(end);
  if (rest.empty()) return ShowTrace(face, request, id);
  if (rest == "/skeleton") {
    TELLTALE_ASSIGN_OR_RETURN(const TraceId trace_id, ReadTraceIdUntrusted(id));
    return ShowSkeleton(face, request, trace_id);
  }
  // An id with a slash in it is none.
  if (!rest.starts_with(kSpans)) return ShowTrace(face, request, path);
  TELLTALE_ASSIGN_OR_RETURN(const SpanKey key, ReadSpanKeyUntrusted(id, rest.substr(kSpans.size())));
  return ShowSpan(face, request, key);
}

Answer Route(const Face& face, const HttpRequest& request, bool& found) {
  constexpr std::string_view kTrace = "/api/v1/traces/";
  constexpr std::string_view kCall = "/api/v1/calls/";
  constexpr std::string_view kConversation = "/api/v1/conversations/";
  const std::string_view path = request.path;
  if (path == "/api/v1/traces") return ListTraces(face, request);
  if (path.starts_with(kTrace)) return AnswerTrace(face, request, path.substr(kTrace.size()));
  if (path == "/api/v1/services") return ShowServices(face, request);
  if (path == "/api/v1/operations") return ShowOperations(face, request);
  if (path == "/api/v1/attribute_keys") return ShowAttributeKeys(face, request);
  if (path == "/api/v1/calls") return ListStoredCalls(face, request);
  if (path == "/api/v1/search") return SearchStoredText(face, request);
  if (path.starts_with(kCall)) return ShowCall(face, request, path.substr(kCall.size()));
  if (path == "/api/v1/conversations") return ListConversations(face, request);
  if (path.starts_with(kConversation)) {
    // Whatever follows is the id, slashes too.
    return ShowConversation(face, request, path.substr(kConversation.size()));
  }
  if (path == "/api/v1/users") return ListUsers(face, request);
  if (path == "/api/v1/tail") return FollowStored(face, request);
  if (path == "/api/v1/aggregate") return AggregateCalls(face, request);
  if (path == "/api/v1/series") return ShowSeries(face, request);
  if (path == "/api/v1/logs") return ListLogs(face, request);
  if (path == "/api/v1/metrics") return ListMetricPoints(face, request);
  if (path == "/api/v1/metric_names") return ShowMetricNames(face, request);
  if (path == "/api/v1/counters") return ShowCounters(request);
  if (path == "/api/v1/reprice") return Reprice(face, request);
  if (path == "/api/v1/explain") return ExplainBody(face, request);
  if (path == "/api/v1/sql") return AskSql(face, request);
  if (path == "/api/v1/sql/schema") return ShowSqlSchema(request);
  if (path == "/api/v1/tokens") return CountTokens(request);
  if (path == "/api/v1/stats") return ShowStats(face, request);
  found = false;
  return HttpResponse();
}

}  // namespace

Status RefuseUnknownBesideSpanFilter(const Parameters& parameters, std::span<const std::string_view> own) {
  std::vector<std::string_view> known = {"service",      "operation", "status", "min_duration",
                                         "max_duration", "attribute", "start",  "end"};
  known.insert(known.end(), own.begin(), own.end());
  return parameters.RefuseUnknown(known);
}

Result<SpanFilter> ReadSpanFilter(const Parameters& parameters, int64_t now) {
  SpanFilter filter;
  TELLTALE_ASSIGN_OR_RETURN(filter.range, ReadRange(parameters, LastDay(now)));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  TELLTALE_ASSIGN_OR_RETURN(const auto operation, parameters.Text("operation"));
  filter.service = service.value_or("");
  filter.operation = operation.value_or("");
  TELLTALE_ASSIGN_OR_RETURN(const auto status, parameters.Text("status"));
  if (status) {
    const auto at = std::ranges::find(kStatusNames, *status);
    if (at == kStatusNames.end())
      return BadParameter("status", *status, "not a status", "error, ok or unset");
    filter.status = static_cast<uint8_t>(at - kStatusNames.begin());
  }
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_min, parameters.Duration("min_duration"));
  TELLTALE_ASSIGN_OR_RETURN(filter.duration_nano_max, parameters.Duration("max_duration"));
  TELLTALE_ASSIGN_OR_RETURN(filter.attributes, ReadAttributeFilters(parameters));
  return filter;
}

void WriteSummary(const TraceSummary& summary, const std::map<TraceId, CallSums>& sums, JsonWriter& json) {
  json.Key("trace_id").String(summary.trace_id.Hex());
  json.Key("service").String(summary.service);
  json.Key("name").String(summary.name);
  json.Key("root_missing").Bool(summary.root_missing);
  json.Key("start_unix_nano").IntString(summary.start_unix_nano);
  json.Key("duration_nano").IntString(summary.end_unix_nano - summary.start_unix_nano);
  json.Key("span_count").Uint(summary.spans);
  json.Key("error_count").Uint(summary.errors);
  json.Key("status").String(StatusName(summary.status));
  json.Key("services").BeginArray();
  for (const ServiceCount& service : summary.services) {
    json.BeginObject();
    json.Key("name").String(service.name);
    json.Key("span_count").Uint(service.spans);
    json.Key("error_count").Uint(service.errors);
    json.EndObject();
  }
  json.EndArray();
  json.Key("totals");
  const auto of_trace = sums.find(summary.trace_id);
  if (of_trace == sums.end()) {
    json.Null();
    return;
  }
  json.BeginObject();
  WriteCallSums(of_trace->second.tokens, of_trace->second.cost, json);
  json.EndObject();
}

// Their spans are within the times of the summaries.
Result<std::map<TraceId, CallSums>> SumCallsOf(Engine& engine, const std::vector<TraceSummary>& summaries) {
  if (summaries.empty()) return std::map<TraceId, CallSums>();
  std::vector<TraceId> ids;
  TimeRange range{.start_unix_nano = summaries.front().start_unix_nano,
                  .end_unix_nano = summaries.front().end_unix_nano};
  for (const TraceSummary& summary : summaries) {
    ids.push_back(summary.trace_id);
    range.start_unix_nano = std::min(range.start_unix_nano, summary.start_unix_nano);
    range.end_unix_nano = std::max(range.end_unix_nano, summary.end_unix_nano);
  }
  ++range.end_unix_nano;
  return SumCallsOfTraces(engine, ids, range);
}

HttpResponse AnswerRest(const Face& face, const HttpRequest& request) {
  bool found = true;
  Answer answer = Route(face, request, found);
  if (!found) return NoSuchPath(request);
  if (!answer) return ErrorAnswer(answer.error());
  return *std::move(answer);
}

}  // namespace telltale
