// What the files of the REST face share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/face.h"
#include "api/parameters.h"
#include "base/result.h"
#include "json/writer.h"
#include "net/http.h"
#include "query/calls.h"
#include "query/filter.h"
#include "query/logs.h"
#include "query/span_reader.h"
#include "query/trace_calls.h"
#include "query/trace_search.h"
#include "query/traceql/search.h"

namespace telltale {

using Answer = Result<HttpResponse>;

inline constexpr int64_t kPageMax = 1'000;

// `start` and `end`; with only an end the day before it is meant.
Result<TimeRange> ReadRange(const Parameters& parameters, const TimeRange& otherwise);

// The ids of a path.
Result<TraceId> ReadTraceIdUntrusted(std::string_view text);
Result<SpanKey> ReadSpanKeyUntrusted(std::string_view trace_id, std::string_view span_id);

// kNotFound.
std::unexpected<Error> NoSuchTrace(const TraceId& id);

// The day before `now`: what a list shows when nobody names a time.
TimeRange LastDay(int64_t now);

// The filter of a list of traces; its time range is of the last day.
Status RefuseUnknownBesideSpanFilter(const Parameters& parameters, std::span<const std::string_view> own);
Result<SpanFilter> ReadSpanFilter(const Parameters& parameters, int64_t now);

// The repeated parameter `attribute`: key=value, or a key alone.
Result<std::vector<AttributeFilter>> ReadAttributeFilters(const Parameters& parameters);

// Writes {"items":[...],"next":...}; `write_next` writes the value.
template <typename Items, typename WriteItem, typename WriteNext>
HttpResponse PageAnswer(const Items& items, WriteItem write_item, WriteNext write_next) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const auto& item : items) {
    json.BeginObject();
    write_item(item, json);
    json.EndObject();
  }
  json.EndArray().Key("next");
  write_next(json);
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

// A list that is never cut: "next" is null.
template <typename Items, typename WriteItem>
HttpResponse ListAnswer(const Items& items, WriteItem write_item) {
  return PageAnswer(items, write_item, [](JsonWriter& json) { json.Null(); });
}

// Pages by time: `cursor` is where the next page's range ends.
Result<TimeRange> ReadPagedRange(const Parameters& parameters, int64_t now);
void WriteTimeCursor(const std::optional<int64_t>& next, JsonWriter& json);

// The members of a log record's object, without its braces.
void WriteLogMembers(const LogRow& row, JsonWriter& json);

// What the calls of each trace of a page add up to.
Result<std::map<TraceId, CallSums>> SumCallsOf(Engine& engine, const std::vector<TraceSummary>& summaries);
// The members of a found trace's object.
void WriteSummary(const TraceSummary& summary, const std::map<TraceId, CallSums>& sums, JsonWriter& json);

double Dollars(PicoDollars amount);

// The object of a call with its cost, and of a trace's totals: null where the trace is too
// large to be mapped.
void WriteCall(const Call& call, const Cost& cost, JsonWriter& json);
void WriteCallTotals(const TraceCalls& calls, JsonWriter& json);
// The members of that object, without the braces.
void WriteCallSums(const CallTotals& totals, const CostTotals& costs, JsonWriter& json);
// The object of a stored call, with its cost.
void WriteStoredCall(const CallRow& row, JsonWriter& json);
// A stored call, without messages: the members of its object.
void WriteCallRow(const CallRow& row, JsonWriter& json);
// The server's own, or the one of the prices that are built in.
const Pricer& PricerOf(const Face& face);
// The server's own, or the ones that are built in.
const RuleTable& RulesOf(const Face& face);

// The parameter `q`, a TraceQL query; null where there is none.
Result<std::shared_ptr<const TraceQuery>> ReadTraceQuery(const Parameters& parameters);
// `q` as a condition on calls, over the range that is read.
Status AddQuery(const Face& face, const Parameters& parameters, const TimeRange& range, CallFilter& filter);
// A typed text (FieldReading::typed) as the JSON value that it is.
void WriteTyped(std::string_view typed, JsonWriter& json);
// The member `matches`: sets of spans that a query found in one trace.
void WriteMatches(const TraceQuery& query, const std::vector<SpansetMatch>& sets, JsonWriter& json);

// What a query with a metric answers.
Answer ShowSeries(const Face& face, const HttpRequest& request);
Answer ListLogs(const Face& face, const HttpRequest& request);
Answer ListStoredCalls(const Face& face, const HttpRequest& request);
Answer SearchStoredText(const Face& face, const HttpRequest& request);
Answer AggregateCalls(const Face& face, const HttpRequest& request);
Answer ShowSkeleton(const Face& face, const HttpRequest& request, const TraceId& id);
// One span with everything that is known of it.
Answer ShowSpan(const Face& face, const HttpRequest& request, const SpanKey& key);
// Everything below /api/v1/calls/: one call, and its long texts by themselves.
Answer ShowCall(const Face& face, const HttpRequest& request, std::string_view path);
Answer ListConversations(const Face& face, const HttpRequest& request);
Answer ShowConversation(const Face& face, const HttpRequest& request, std::string_view id);
Answer ListUsers(const Face& face, const HttpRequest& request);
// Server-sent events, for as long as the client listens.
Answer FollowStored(const Face& face, const HttpRequest& request);
Answer ListMetricPoints(const Face& face, const HttpRequest& request);
Answer ShowMetricNames(const Face& face, const HttpRequest& request);
// POST: prices stored calls again.
Answer Reprice(const Face& face, const HttpRequest& request);
// POST: says how a request or a stored trace is mapped.
Answer ExplainBody(const Face& face, const HttpRequest& request);
// POST: runs a SELECT of the client's own.
Answer AskSql(const Face& face, const HttpRequest& request);
// What such a SELECT may name.
Answer ShowSqlSchema(const HttpRequest& request);
// POST: asks no store, only counts.
Answer CountTokens(const HttpRequest& request);

}  // namespace telltale
