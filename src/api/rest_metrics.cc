// /api/v1/metrics and /api/v1/metric_names.
#include <array>
#include <cmath>

#include "api/otlp_json.h"
#include "api/rest_parts.h"
#include "query/metrics.h"

namespace telltale {
namespace {

constexpr size_t kPageDefault = 100;

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kSum:
      return "sum";
    case MetricType::kHistogram:
      return "histogram";
    case MetricType::kExponentialHistogram:
      return "exponential_histogram";
    case MetricType::kSummary:
      return "summary";
  }
  return "gauge";
}

std::string_view TemporalityName(uint8_t temporality) {
  constexpr std::array<std::string_view, 3> kNames = {"unspecified", "delta", "cumulative"};
  return kNames[temporality < kNames.size() ? temporality : 0];
}

// Nothing for what the point does not have.
void WriteNumber(std::string_view key, double number, JsonWriter& json) {
  if (!std::isnan(number)) json.Key(key).Double(number);
}

// What a metric says of itself, then its point by the names of OTLP/JSON.
void WritePoint(const MetricRow& row, JsonWriter& json) {
  json.Key("name").String(row.name);
  json.Key("type").String(TypeName(row.type));
  json.Key("unit").String(row.unit);
  json.Key("description").String(row.description);
  if (row.type != MetricType::kGauge && row.type != MetricType::kSummary)
    json.Key("temporality").String(TemporalityName(row.temporality));
  if (row.type == MetricType::kSum) json.Key("monotonic").Bool(row.monotonic);
  json.Key("service").String(row.service);
  json.Key("timeUnixNano").IntString(row.time_unix_nano);
  if (row.start_unix_nano != 0) json.Key("startTimeUnixNano").IntString(row.start_unix_nano);
  if (row.type == MetricType::kGauge || row.type == MetricType::kSum) {
    if (row.is_integer) {
      json.Key("asInt").IntString(row.integer);
    } else {
      WriteNumber("asDouble", row.value, json);
    }
  } else {
    json.Key("count").UintString(row.count);
    WriteNumber("sum", row.sum, json);
    WriteNumber("min", row.min, json);
    WriteNumber("max", row.max, json);
    if (!row.shape.empty()) json.Raw(row.shape);  // whole members, keys and all
  }
  json.Key("attributes");
  WriteAttributes(row.attributes, json);
  if (!row.exemplars.empty()) json.Key("exemplars").Raw(row.exemplars);
  if (row.flags != 0) json.Key("flags").Uint(row.flags);
  json.Key("resource").Raw(row.resource.empty() ? "{}" : row.resource);
  json.Key("scope").Raw(row.scope.empty() ? "{}" : row.scope);
}

}  // namespace

Answer ListMetricPoints(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 7> kKnown = {"name", "service", "attribute", "start",
                                                      "end",  "limit",   "cursor"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  MetricSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.filter.range, ReadPagedRange(parameters, now));
  TELLTALE_ASSIGN_OR_RETURN(const auto name, parameters.Text("name"));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  search.filter.name = name.value_or("");
  search.filter.service = service.value_or("");
  TELLTALE_ASSIGN_OR_RETURN(search.filter.attributes, ReadAttributeFilters(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = limit ? static_cast<size_t>(*limit) : kPageDefault;

  MetricPage page;
  if (search.filter.range.start_unix_nano < search.filter.range.end_unix_nano) {
    TELLTALE_ASSIGN_OR_RETURN(page, ReadMetrics(face.engine, search));
  }
  return PageAnswer(page.rows, WritePoint, [&](JsonWriter& json) { WriteTimeCursor(page.next, json); });
}

Answer ShowMetricNames(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 3> kKnown = {"service", "start", "end"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadRange(parameters, {}));
  TELLTALE_ASSIGN_OR_RETURN(const auto names, ListMetricNames(face.engine, range, service.value_or("")));
  return ListAnswer(names, [](const MetricName& name, JsonWriter& json) {
    json.Key("name").String(name.name);
    json.Key("type").String(TypeName(name.type));
    json.Key("unit").String(name.unit);
    json.Key("description").String(name.description);
    json.Key("point_count").Uint(name.points);
    json.Key("last_unix_nano").IntString(name.last_unix_nano);
    json.Key("services").BeginArray();
    for (const std::string& each : name.services) json.String(each);
    json.EndArray();
  });
}

}  // namespace telltale
