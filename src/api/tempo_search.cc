// Traces that a TraceQL query or tags find.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/tempo_parameters.h"
#include "api/tempo_parts.h"
#include "otlp/wire_writer.h"
#include "query/trace_search.h"
#include "query/traceql/search.h"
#include "traceql/format.h"
#include "traceql/parse.h"

namespace telltale {
namespace {

using traceql::FieldExpression;

constexpr size_t kTracesDefault = 20;
constexpr size_t kTracesMax = 1'000;
constexpr size_t kSpansDefault = 3;  // of each set
constexpr size_t kSpansMax = 1'000;
constexpr int64_t kNanosOfMilli = 1'000'000;
// What Tempo says where it has no root.
constexpr std::string_view kNoRoot = "<root span not yet received>";

// Appends a stage that keeps the traces that last this long.
Status AddTraceDuration(const Parameters& parameters, traceql::Query& query) {
  TELLTALE_ASSIGN_OR_RETURN(const auto shortest, parameters.Duration("minDuration"));
  TELLTALE_ASSIGN_OR_RETURN(const auto longest, parameters.Duration("maxDuration"));
  if (shortest && longest && *shortest > *longest)
    return Fail(ErrorCode::kInvalidInput, "invalid maxDuration: must be greater than minDuration");
  for (const auto& [comparison, nanos] : {std::pair(">=", shortest), std::pair("<=", longest)}) {
    if (!nanos) continue;
    TELLTALE_ASSIGN_OR_RETURN(
        traceql::Query filter,
        ParseTraceQl("{ trace:duration " + std::string(comparison) + " " + std::to_string(*nanos) + "ns }"));
    query.stages.push_back(std::move(filter.stages.front()));
  }
  return {};
}

std::unexpected<Error> InvalidQuery(Error error) {
  error.message = "invalid TraceQL query: " + error.message;
  return std::unexpected(std::move(error));
}

Result<traceql::Query> ReadQueryTree(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("q"));
  TELLTALE_ASSIGN_OR_RETURN(const auto tags_text, parameters.Text("tags"));
  if (text && tags_text)
    return Fail(ErrorCode::kInvalidInput, "invalid request: can't specify tags and q in the same query");
  std::string query_text = text.value_or("{}");
  if (tags_text) {
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<TempoTag> tags, ParseLogfmtUntrusted(*tags_text));
    query_text = tags.empty() ? "{}" : QueryOfTags(tags);
  }
  auto query = ParseTraceQl(query_text);
  if (!query) return InvalidQuery(std::move(query).error());
  return query;
}

Result<std::shared_ptr<const TraceQuery>> ReadQuery(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(traceql::Query tree, ReadQueryTree(parameters));
  TELLTALE_RETURN_IF_ERROR(AddTraceDuration(parameters, tree));
  auto query = std::make_shared<const TraceQuery>(std::move(tree));
  if (Status fits = query->plan().Check(); !fits) return InvalidQuery(std::move(fits).error());
  return query;
}

// How Tempo names a field in its answers: attributes without their scope.
std::string NameOf(const FieldExpression& field) {
  if (const auto* attribute = std::get_if<traceql::AttributeField>(&field.node)) return attribute->key;
  return traceql::Format(field);
}

// Told of every span in members of their own.
bool IsTold(const FieldExpression& field) {
  const auto* intrinsic = std::get_if<traceql::IntrinsicField>(&field.node);
  if (intrinsic == nullptr || intrinsic->of_parent) return false;
  switch (intrinsic->intrinsic) {
    case traceql::Intrinsic::kName:
    case traceql::Intrinsic::kDuration:
    case traceql::Intrinsic::kSpanId:
    case traceql::Intrinsic::kTraceId:
    case traceql::Intrinsic::kTraceDuration:
    case traceql::Intrinsic::kRootName:
    case traceql::Intrinsic::kRootService:
      return true;
    default:
      return false;
  }
}

bool IsName(const FieldExpression& field) {
  const auto* intrinsic = std::get_if<traceql::IntrinsicField>(&field.node);
  return intrinsic != nullptr && !intrinsic->of_parent && intrinsic->intrinsic == traceql::Intrinsic::kName;
}

// A value as an answer shows it: a table shows durations as they are.
std::string ShownText(std::string_view typed, traceql::ValueType type) {
  double nanos = 0;
  if (type == traceql::ValueType::kDuration && !typed.empty() &&
      std::from_chars(typed.data() + 1, typed.data() + typed.size(), nanos).ec == std::errc()) {
    return "s" + traceql::Format(traceql::Literal(traceql::Duration{static_cast<int64_t>(nanos)}));
  }
  return std::string(typed);
}

// What a query shows of a span: the fields that are no members of their own, by name.
class ShownFields {
 public:
  explicit ShownFields(const TraceQuery& query) : fields_(query.plan().shown()) {
    for (const FieldExpression* field : fields_) names_.push_back(NameOf(*field));
  }

  std::string_view SpanName(const SpanMatch& span) const {
    for (size_t i = 0; i < span.shown.size(); ++i) {
      if (IsName(*fields_[i]) && span.shown[i].size() > 1) return std::string_view(span.shown[i]).substr(1);
    }
    return {};
  }

  template <typename Write>
  void ForEach(const SpanMatch& span, Write write) const {
    for (size_t i = 0; i < span.shown.size(); ++i) {
      if (!IsTold(*fields_[i]) && !span.shown[i].empty())
        write(names_[i], ShownText(span.shown[i], fields_[i]->type));
    }
  }

 private:
  const std::vector<const FieldExpression*>& fields_;
  std::vector<std::string> names_;
};

// What is said of a trace beside its spans.
struct TraceHead {
  explicit TraceHead(const TraceSummary& summary)
      : id(summary.trace_id.Hex()),
        service(summary.root_missing ? kNoRoot : std::string_view(summary.service)),
        name(summary.root_missing ? kNoRoot : std::string_view(summary.name)),
        start_unix_nano(std::max<int64_t>(0, summary.start_unix_nano)),
        duration_ms(std::clamp<int64_t>((summary.end_unix_nano - summary.start_unix_nano) / kNanosOfMilli, 0,
                                        UINT32_MAX)) {}

  std::string id;
  std::string_view service;
  std::string_view name;
  int64_t start_unix_nano;
  int64_t duration_ms;
};

class JsonAnswer {
 public:
  explicit JsonAnswer(const TraceQuery& query) : shown_(query), json_(body_) {
    json_.BeginObject().Key("traces").BeginArray();
  }

  void Add(const TraceSummary& summary, const std::vector<SpansetMatch>& sets) {
    const TraceHead head(summary);
    json_.BeginObject();
    json_.Key("traceID").String(head.id);
    json_.Key("rootServiceName").String(head.service);
    json_.Key("rootTraceName").String(head.name);
    json_.Key("startTimeUnixNano").IntString(head.start_unix_nano);
    if (head.duration_ms > 0) json_.Key("durationMs").Int(head.duration_ms);
    // The older member has the first set.
    if (!sets.empty()) {
      json_.Key("spanSet");
      AddSet(sets.front());
    }
    json_.Key("spanSets").BeginArray();
    for (const SpansetMatch& set : sets) AddSet(set);
    json_.EndArray();
    json_.Key("serviceStats").BeginObject();
    for (const ServiceCount& service : summary.services) {
      json_.Key(service.name).BeginObject();
      json_.Key("spanCount").Uint(service.spans);
      if (service.errors > 0) json_.Key("errorCount").Uint(service.errors);
      json_.EndObject();
    }
    json_.EndObject().EndObject();
  }

  HttpResponse Take(size_t traces) {
    json_.EndArray();
    json_.Key("metrics").BeginObject();
    json_.Key("inspectedTraces").Uint(traces);
    json_.Key("completedJobs").Uint(1).Key("totalJobs").Uint(1);
    json_.EndObject().EndObject();
    return HttpResponse::Json(200, std::move(body_));
  }

 private:
  void AddSet(const SpansetMatch& set) {
    json_.BeginObject();
    json_.Key("spans").BeginArray();
    for (const SpanMatch& span : set.spans) AddSpan(span);
    json_.EndArray();
    json_.Key("matched").Uint(set.matched);
    if (!set.attributes.empty()) {
      json_.Key("attributes").BeginArray();
      for (const auto& [name, typed] : set.attributes) AddAttribute(name, typed);
      json_.EndArray();
    }
    json_.EndObject();
  }

  void AddSpan(const SpanMatch& span) {
    json_.BeginObject();
    json_.Key("spanID").String(span.span_id.Hex());
    if (const std::string_view name = shown_.SpanName(span); !name.empty()) json_.Key("name").String(name);
    json_.Key("startTimeUnixNano").IntString(span.start_unix_nano);
    json_.Key("durationNanos").IntString(std::max<int64_t>(0, span.duration_nano));
    json_.Key("attributes").BeginArray();
    shown_.ForEach(span, [&](std::string_view name, std::string_view typed) { AddAttribute(name, typed); });
    json_.EndArray().EndObject();
  }

  void AddAttribute(std::string_view name, std::string_view typed) {
    json_.BeginObject().Key("key").String(name).Key("value");
    WriteTypedAnyValue(typed, json_);
    json_.EndObject();
  }

  const ShownFields shown_;
  std::string body_;
  JsonWriter json_;
};

// tempopb.SearchResponse.
class ProtobufAnswer {
 public:
  explicit ProtobufAnswer(const TraceQuery& query) : shown_(query) {}

  void Add(const TraceSummary& summary, const std::vector<SpansetMatch>& sets) {
    const TraceHead head(summary);
    std::string trace;
    AppendWireBytes(1, head.id, trace);
    AppendWireBytes(2, head.service, trace);
    AppendWireBytes(3, head.name, trace);
    AppendWireVarint(4, static_cast<uint64_t>(head.start_unix_nano), trace);
    if (head.duration_ms > 0) AppendWireVarint(5, static_cast<uint64_t>(head.duration_ms), trace);
    if (!sets.empty()) AppendWireBytes(6, SetOf(sets.front()), trace);
    for (const SpansetMatch& set : sets) AppendWireBytes(7, SetOf(set), trace);
    for (const ServiceCount& service : summary.services) {
      std::string stats;
      AppendWireVarint(1, service.spans, stats);
      if (service.errors > 0) AppendWireVarint(2, service.errors, stats);
      std::string entry;
      AppendWireBytes(1, service.name, entry);
      AppendWireBytes(2, stats, entry);
      AppendWireBytes(8, entry, trace);
    }
    AppendWireBytes(1, trace, body_);
  }

  HttpResponse Take(size_t traces) {
    AppendWireBytes(2, TempoMetricsMessage(traces), body_);
    return ProtobufResponse(std::move(body_));
  }

 private:
  std::string SetOf(const SpansetMatch& set) const {
    std::string message;
    for (const SpanMatch& span : set.spans) AppendWireBytes(1, SpanOf(span), message);
    AppendWireVarint(2, set.matched, message);
    for (const auto& [name, typed] : set.attributes) AppendTypedKeyValue(3, name, typed, message);
    return message;
  }

  std::string SpanOf(const SpanMatch& span) const {
    std::string message;
    AppendWireBytes(1, span.span_id.Hex(), message);
    if (const std::string_view name = shown_.SpanName(span); !name.empty()) AppendWireBytes(2, name, message);
    AppendWireVarint(3, static_cast<uint64_t>(span.start_unix_nano), message);
    AppendWireVarint(4, static_cast<uint64_t>(std::max<int64_t>(0, span.duration_nano)), message);
    shown_.ForEach(span, [&](std::string_view name, std::string_view typed) {
      AppendTypedKeyValue(5, name, typed, message);
    });
    return message;
  }

  const ShownFields shown_;
  std::string body_;
};

template <typename Format>
HttpResponse AnswerAs(const TraceQuery& query, const std::vector<TraceSummary>& summaries,
                      const std::map<TraceId, const TraceMatch*>& matches) {
  Format answer(query);
  for (const TraceSummary& summary : summaries) answer.Add(summary, matches.at(summary.trace_id)->sets);
  return answer.Take(summaries.size());
}

}  // namespace

Answer TempoSearch(const Face& face, const HttpRequest& request) {
  const Parameters parameters(request, {.empty_is_absent = true});
  TraceQlSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.filter.range, ReadTempoRange(parameters));
  TELLTALE_ASSIGN_OR_RETURN(
      search.limit, ReadTempoLimit(parameters, "limit", {.otherwise = kTracesDefault, .max = kTracesMax}));
  TELLTALE_ASSIGN_OR_RETURN(
      search.spans_max, ReadTempoLimit(parameters, "spss", {.otherwise = kSpansDefault, .max = kSpansMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto query, ReadQuery(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const TraceQlPage page, SearchTraces(face.engine, *query, search));
  std::vector<MatchRow> rows;
  std::map<TraceId, const TraceMatch*> matches;
  for (const TraceMatch& trace : page.traces) {
    rows.push_back(trace.match);
    matches.emplace(trace.match.trace_id, &trace);
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto summaries, SummariseTraces(face.engine, rows));

  return AcceptsProtobuf(request) ? AnswerAs<ProtobufAnswer>(*query, summaries, matches)
                                  : AnswerAs<JsonAnswer>(*query, summaries, matches);
}

}  // namespace telltale
