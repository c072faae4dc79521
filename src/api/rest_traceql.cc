// What a TraceQL query adds to the lists of the REST API, and /api/v1/series.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "api/rest_parts.h"
#include "query/traceql/matched_spans.h"
#include "query/traceql/metrics.h"
#include "traceql/format.h"

namespace telltale {

Result<std::shared_ptr<const TraceQuery>> ReadTraceQuery(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("q"));
  if (!text || text->empty()) return std::shared_ptr<const TraceQuery>();
  return TraceQuery::Parse(*text);
}

Status AddQuery(const Face& face, const Parameters& parameters, const TimeRange& range, CallFilter& filter) {
  TELLTALE_ASSIGN_OR_RETURN(const auto query, ReadTraceQuery(parameters));
  if (!query) return {};
  TELLTALE_ASSIGN_OR_RETURN(filter.condition, CallConditionOf(face.engine, *query, range));
  return {};
}

void WriteTyped(std::string_view typed, JsonWriter& json) {
  if (typed.empty()) {
    json.Null();
    return;
  }
  const std::string_view text = typed.substr(1);
  switch (typed.front()) {
    case 'i':
      // Above 2^53 a number would not survive a browser.
      if (int64_t number = 0;
          std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc() &&
          number > -(int64_t{1} << 53) && number < (int64_t{1} << 53)) {
        json.Int(number);
      } else {
        json.String(text);
      }
      return;
    case 'd':
      if (double number = 0;
          std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
        json.Double(number);
      } else {
        json.String(text);
      }
      return;
    case 'b':
      json.Bool(text == "true");
      return;
    case 's':
    case 'y':
      json.String(text);
      return;
    case 'a':
    case 'm':
      json.String(text.empty() ? "<list>" : text);
      return;
    default:
      json.String("<large value>");
  }
}

void WriteMatches(const TraceQuery& query, const std::vector<SpansetMatch>& sets, JsonWriter& json) {
  const std::vector<const traceql::FieldExpression*>& shown = query.plan().shown();
  json.Key("matches").BeginArray();
  for (const SpansetMatch& set : sets) {
    json.BeginObject();
    json.Key("span_count").Uint(set.matched);
    json.Key("attributes").BeginObject();
    for (const auto& [name, typed] : set.attributes) WriteTyped(typed, json.Key(name));
    json.EndObject();
    json.Key("spans").BeginArray();
    for (const SpanMatch& span : set.spans) {
      json.BeginObject();
      json.Key("span_id").String(span.span_id.Hex());
      json.Key("start_unix_nano").IntString(span.start_unix_nano);
      json.Key("duration_nano").IntString(span.duration_nano);
      json.Key("attributes").BeginObject();
      for (size_t i = 0; i < span.shown.size(); ++i) {
        if (!span.shown[i].empty()) WriteTyped(span.shown[i], json.Key(traceql::Format(*shown[i])));
      }
      json.EndObject().EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStepsWanted = 100;  // where nobody names a step
constexpr int64_t kExemplarsMax = 1'000;

void WriteLabels(const MetricSeries& series, JsonWriter& json) {
  json.Key("labels").BeginObject();
  for (const auto& [name, typed] : series.labels) WriteTyped(typed, json.Key(name));
  json.EndObject();
}

void WriteValues(const MetricSeries& series, JsonWriter& json) {
  json.Key("values").BeginArray();
  for (const double value : series.values) {
    if (std::isnan(value)) {
      json.Null();
    } else {
      json.Double(value);
    }
  }
  json.EndArray();
}

void WriteExemplars(const MetricSeries& series, JsonWriter& json) {
  json.Key("exemplars").BeginArray();
  for (const MetricExemplar& exemplar : series.exemplars) {
    json.BeginObject();
    json.Key("trace_id").String(exemplar.trace_id.Hex());
    json.Key("span_id").String(exemplar.span_id.Hex());
    json.Key("start_unix_nano").IntString(exemplar.start_unix_nano);
    json.Key("value").Double(exemplar.value);
    json.EndObject();
  }
  json.EndArray();
}

// A step that gives about a hundred of them, of a whole number of seconds.
int64_t StepFor(const TimeRange& range) {
  const int64_t length = range.end_unix_nano - range.start_unix_nano;
  return std::max(kSecond, length / kStepsWanted / kSecond * kSecond);
}

}  // namespace

Answer ShowSeries(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 5> kKnown = {"q", "start", "end", "step", "exemplars"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto query, ReadTraceQuery(parameters));
  if (!query) {
    return BadParameter("q", "", "is required",
                        "a TraceQL query with a metric: { call.kind = llm } | rate()");
  }
  MetricQuestion question;
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  TELLTALE_ASSIGN_OR_RETURN(question.range, ReadRange(parameters, LastDay(now)));
  if (question.range.end_unix_nano == TimeRange{}.end_unix_nano) question.range.end_unix_nano = now;
  TELLTALE_ASSIGN_OR_RETURN(const auto step, parameters.Duration("step"));
  if (step && *step < kSecond) {
    TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("step"));
    return BadParameter("step", text.value_or(""), "less than a second", "such as 1m or 1h");
  }
  question.step_nano = step.value_or(StepFor(question.range));
  TELLTALE_ASSIGN_OR_RETURN(const auto exemplars,
                            parameters.Integer("exemplars", {.min = 0, .max = kExemplarsMax}));
  question.exemplars_max = static_cast<size_t>(exemplars.value_or(0));
  TELLTALE_ASSIGN_OR_RETURN(const MetricAnswer answer, RunMetric(face.engine, *query, question));
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("start_unix_nano").IntString(answer.first_unix_nano);
  json.Key("step_nano").IntString(answer.step_nano);
  json.Key("series").BeginArray();
  for (const MetricSeries& series : answer.series) {
    json.BeginObject();
    WriteLabels(series, json);
    WriteValues(series, json);
    WriteExemplars(series, json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("truncated").Bool(answer.truncated).EndObject();
  return HttpResponse::Json(200, std::move(body));
}

}  // namespace telltale
