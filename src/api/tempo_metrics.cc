// TraceQL metrics: series over time, and one value each.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/tempo_parameters.h"
#include "api/tempo_parts.h"
#include "base/clock.h"
#include "otlp/wire_writer.h"
#include "query/traceql/metrics.h"

namespace telltale {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3'600 * kSecond;
constexpr int64_t kNanosOfMilli = 1'000'000;
constexpr int64_t kStepsWanted = 100;  // where nobody names a step
constexpr size_t kExemplarsDefault = 100;
constexpr size_t kExemplarsMax = 1'000;

// `start` and `end`, or `since` before the end; else the last hour.
Result<TimeRange> ReadRange(const Face& face, const Parameters& parameters) {
  // Refuses what no range is. Its end is a second's, and a step more than was asked for.
  TELLTALE_ASSIGN_OR_RETURN(TimeRange range, ReadTempoRange(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto end, ReadTempoTime(parameters, "end"));
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  range.end_unix_nano = end && *end > 0 ? *end : now;
  TELLTALE_ASSIGN_OR_RETURN(const auto start, ReadTempoTime(parameters, "start"));
  if (start && *start > 0) return range;
  TELLTALE_ASSIGN_OR_RETURN(const auto since_text, parameters.Text("since"));
  int64_t since = kHour;
  if (since_text) {
    const auto given = ParseTempoStepUntrusted(*since_text);
    if (!given || *given == 0)
      return Fail(ErrorCode::kInvalidInput,
                  "could not parse 'since' parameter: " + since_text->substr(0, 100), "such as 15m or 3h");
    since = *given;
  }
  range.start_unix_nano = std::max<int64_t>(0, range.end_unix_nano - since);
  return range;
}

Result<int64_t> ReadStep(const Parameters& parameters, const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("step"));
  if (!text) {
    const int64_t length = range.end_unix_nano - range.start_unix_nano;
    return std::max(kSecond, length / kStepsWanted / kSecond * kSecond);
  }
  const auto step = ParseTempoStepUntrusted(*text);
  if (!step || *step == 0) {
    return Fail(ErrorCode::kInvalidInput, "cannot parse \"" + text->substr(0, 100) + "\" to a valid duration",
                "a step such as 15s or 1m");
  }
  return *step;
}

Result<std::shared_ptr<const TraceQuery>> ReadQuery(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(auto text, parameters.Text("q"));
  if (!text) {
    // What the endpoint was first called with.
    TELLTALE_ASSIGN_OR_RETURN(text, parameters.Text("query"));
  }
  if (!text) return Fail(ErrorCode::kInvalidInput, "invalid TraceQL query: q is required");
  auto query = TraceQuery::Parse(*text);
  if (!query) query.error().message = "invalid TraceQL query: " + query.error().message;
  return query;
}

bool HasValue(const MetricSeries& series) {
  return std::ranges::any_of(series.values, [](double value) { return !std::isnan(value); });
}

using Labels = std::vector<std::pair<std::string, std::string>>;

// Where Grafana finds the trace of an exemplar.
Labels LabelsOf(const MetricExemplar& exemplar) {
  return {{"trace:id", "s" + exemplar.trace_id.Hex()}, {"span:id", "s" + exemplar.span_id.Hex()}};
}

int64_t MillisOf(const MetricAnswer& answer, size_t step) {
  return (answer.first_unix_nano + static_cast<int64_t>(step) * answer.step_nano) / kNanosOfMilli;
}

void WriteLabels(const Labels& labels, JsonWriter& json) {
  json.Key("labels").BeginArray();
  for (const auto& [name, typed] : labels) {
    json.BeginObject().Key("key").String(name).Key("value");
    WriteTypedAnyValue(typed, json);
    json.EndObject();
  }
  json.EndArray();
}

// The labels as Prometheus writes them: what tells series apart.
std::string PrometheusLabels(const MetricSeries& series) {
  std::string text = "{";
  for (const auto& [name, typed] : series.labels) {
    if (text.size() > 1) text += ", ";
    text += name + "=";
    AppendJsonString(typed.empty() ? std::string_view("nil") : std::string_view(typed).substr(1), text);
  }
  return text + "}";
}

void WriteExemplars(const MetricSeries& series, JsonWriter& json) {
  if (series.exemplars.empty()) return;
  json.Key("exemplars").BeginArray();
  for (const MetricExemplar& exemplar : series.exemplars) {
    json.BeginObject();
    WriteLabels(LabelsOf(exemplar), json);
    json.Key("value").Double(exemplar.value);
    json.Key("timestampMs").IntString(exemplar.start_unix_nano / kNanosOfMilli);
    json.EndObject();
  }
  json.EndArray();
}

// A step without a span has no sample, and the line a gap.
void WriteSamples(const MetricAnswer& answer, const MetricSeries& series, JsonWriter& json) {
  json.Key("samples").BeginArray();
  for (size_t i = 0; i < series.values.size(); ++i) {
    if (std::isnan(series.values[i])) continue;
    json.BeginObject();
    json.Key("timestampMs").IntString(MillisOf(answer, i));
    json.Key("value").Double(series.values[i]);
    json.EndObject();
  }
  json.EndArray();
}

HttpResponse AsJson(const MetricAnswer& answer, bool is_instant, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("series").BeginArray();
  for (const MetricSeries& series : answer.series) {
    if (!HasValue(series)) continue;
    json.BeginObject();
    WriteLabels(series.labels, json);
    if (is_instant) {
      // Grafana reads nothing else here, and refuses members that its version does not know.
      json.Key("value").Double(series.values.front());
    } else {
      WriteSamples(answer, series, json);
      json.Key("promLabels").String(PrometheusLabels(series));
      WriteExemplars(series, json);
    }
    json.EndObject();
  }
  json.EndArray();
  json.Key("metrics").BeginObject();
  json.Key("completedJobs").Uint(1).Key("totalJobs").Uint(1);
  json.EndObject();
  if (!message.empty() && !is_instant) {
    json.Key("status").String("PARTIAL");
    json.Key("message").String(message);
  }
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

// tempopb.QueryRangeResponse, QueryInstantResponse.
HttpResponse AsProtobuf(const MetricAnswer& answer, bool is_instant, std::string_view message) {
  std::string body;
  for (const MetricSeries& series : answer.series) {
    if (!HasValue(series)) continue;
    std::string of_series;
    for (const auto& [name, typed] : series.labels) AppendTypedKeyValue(1, name, typed, of_series);
    if (is_instant) AppendWireFixed64(2, std::bit_cast<uint64_t>(series.values.front()), of_series);
    for (size_t i = 0; i < series.values.size() && !is_instant; ++i) {
      if (std::isnan(series.values[i])) continue;
      std::string sample;
      AppendWireFixed64(1, std::bit_cast<uint64_t>(series.values[i]), sample);
      AppendWireVarint(2, static_cast<uint64_t>(MillisOf(answer, i)), sample);
      AppendWireBytes(2, sample, of_series);
    }
    for (const MetricExemplar& exemplar : series.exemplars) {
      std::string message_of;
      for (const auto& [name, typed] : LabelsOf(exemplar)) AppendTypedKeyValue(1, name, typed, message_of);
      AppendWireFixed64(2, std::bit_cast<uint64_t>(exemplar.value), message_of);
      AppendWireVarint(3, static_cast<uint64_t>(exemplar.start_unix_nano / kNanosOfMilli), message_of);
      AppendWireBytes(4, message_of, of_series);
    }
    AppendWireBytes(1, of_series, body);
  }
  AppendWireBytes(2, TempoMetricsMessage(0), body);
  if (!message.empty()) {
    AppendWireVarint(3, 1, body);
    AppendWireBytes(4, message, body);
  }
  return ProtobufResponse(std::move(body));
}

}  // namespace

Answer TempoMetrics(const Face& face, const HttpRequest& request, bool is_instant) {
  const Parameters parameters(request, {.empty_is_absent = true});
  MetricQuestion question;
  TELLTALE_ASSIGN_OR_RETURN(question.range, ReadRange(face, parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto query, ReadQuery(parameters));
  if (!is_instant) {
    TELLTALE_ASSIGN_OR_RETURN(question.step_nano, ReadStep(parameters, question.range));
    TELLTALE_ASSIGN_OR_RETURN(
        question.exemplars_max,
        ReadTempoLimit(parameters, "exemplars",
                       {.otherwise = kExemplarsDefault, .max = kExemplarsMax, .zero_is_absent = true}));
  }
  TELLTALE_ASSIGN_OR_RETURN(const MetricAnswer answer, RunMetric(face.engine, *query, question));
  const std::string message = answer.truncated ? "there are more than " + std::to_string(kMetricSeriesMax) +
                                                     " series: the largest are shown"
                                               : "";
  return AcceptsProtobuf(request) ? AsProtobuf(answer, is_instant, message)
                                  : AsJson(answer, is_instant, message);
}

}  // namespace telltale
