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

class Writer {
 public:
  Writer(const TraceQuery& query, JsonWriter& json) : shown_(query.plan().shown()), json_(json) {
    for (const FieldExpression* field : shown_) names_.push_back(NameOf(*field));
  }

  void WriteTrace(const TraceSummary& summary, const std::vector<SpansetMatch>& sets) {
    json_.BeginObject();
    json_.Key("traceID").String(summary.trace_id.Hex());
    json_.Key("rootServiceName").String(summary.root_missing ? kNoRoot : summary.service);
    json_.Key("rootTraceName").String(summary.root_missing ? kNoRoot : summary.name);
    json_.Key("startTimeUnixNano").IntString(summary.start_unix_nano);
    const int64_t millis = (summary.end_unix_nano - summary.start_unix_nano) / kNanosOfMilli;
    if (millis > 0) json_.Key("durationMs").Int(std::min<int64_t>(millis, UINT32_MAX));
    // The older member has the first set.
    if (!sets.empty()) WriteSet(sets.front(), json_.Key("spanSet"));
    json_.Key("spanSets").BeginArray();
    for (const SpansetMatch& set : sets) WriteSet(set, json_);
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

 private:
  void WriteSet(const SpansetMatch& set, JsonWriter& json) {
    json.BeginObject();
    json.Key("spans").BeginArray();
    for (const SpanMatch& span : set.spans) WriteSpan(span);
    json.EndArray();
    json.Key("matched").Uint(set.matched);
    if (!set.attributes.empty()) {
      json.Key("attributes").BeginArray();
      for (const auto& [name, typed] : set.attributes) WriteAttribute(name, typed, traceql::ValueType::kAny);
      json.EndArray();
    }
    json.EndObject();
  }

  void WriteSpan(const SpanMatch& span) {
    json_.BeginObject();
    json_.Key("spanID").String(span.span_id.Hex());
    for (size_t i = 0; i < span.shown.size(); ++i) {
      if (IsName(*shown_[i]) && span.shown[i].size() > 1) json_.Key("name").String(span.shown[i].substr(1));
    }
    json_.Key("startTimeUnixNano").IntString(span.start_unix_nano);
    json_.Key("durationNanos").IntString(std::max<int64_t>(0, span.duration_nano));
    json_.Key("attributes").BeginArray();
    for (size_t i = 0; i < span.shown.size(); ++i) {
      if (!IsTold(*shown_[i]) && !span.shown[i].empty())
        WriteAttribute(names_[i], span.shown[i], shown_[i]->type);
    }
    json_.EndArray().EndObject();
  }

  void WriteAttribute(std::string_view name, std::string_view typed, traceql::ValueType type) {
    json_.BeginObject().Key("key").String(name).Key("value");
    double nanos = 0;
    if (type == traceql::ValueType::kDuration && !typed.empty() &&
        std::from_chars(typed.data() + 1, typed.data() + typed.size(), nanos).ec == std::errc()) {
      // A table shows it as it is.
      const traceql::Duration duration{static_cast<int64_t>(nanos)};
      json_.BeginObject().Key("stringValue").String(traceql::Format(traceql::Literal(duration))).EndObject();
    } else {
      WriteTypedAnyValue(typed, json_);
    }
    json_.EndObject();
  }

  const std::vector<const FieldExpression*>& shown_;
  std::vector<std::string> names_;
  JsonWriter& json_;
};

}  // namespace

void WriteTypedAnyValue(std::string_view typed, JsonWriter& json) {
  const std::string_view text = typed.empty() ? typed : typed.substr(1);
  json.BeginObject();
  double number = 0;
  switch (typed.empty() ? '\0' : typed.front()) {
    case 'i':
      json.Key("intValue").String(text);
      break;
    case 'd':
      std::from_chars(text.data(), text.data() + text.size(), number);
      json.Key("doubleValue").Double(number);
      break;
    case 'b':
      json.Key("boolValue").Bool(text == "true");
      break;
    case '\0':
      json.Key("stringValue").String("nil");
      break;
    case 's':
    case 'y':
      json.Key("stringValue").String(text);
      break;
    case 'a':
    case 'm':
      json.Key("stringValue").String(text.empty() ? "<list>" : text);
      break;
    default:
      json.Key("stringValue").String("<large value>");
  }
  json.EndObject();
}

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

  std::string body;
  JsonWriter json(body);
  Writer writer(*query, json);
  json.BeginObject().Key("traces").BeginArray();
  for (const TraceSummary& summary : summaries)
    writer.WriteTrace(summary, matches.at(summary.trace_id)->sets);
  json.EndArray();
  json.Key("metrics").BeginObject();
  json.Key("inspectedTraces").Uint(rows.size());
  json.Key("completedJobs").Uint(1).Key("totalJobs").Uint(1);
  json.EndObject().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

}  // namespace telltale
