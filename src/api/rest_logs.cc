// /api/v1/logs.
#include <array>

#include "api/otlp_json.h"
#include "api/rest_parts.h"
#include "base/bytes.h"

namespace telltale {
namespace {

constexpr size_t kPageDefault = 100;

// The least SeverityNumber of each range that OpenTelemetry names.
struct Severity {
  std::string_view name;
  uint8_t least;
};
constexpr std::array<Severity, 6> kSeverities = {
    {{"trace", 1}, {"debug", 5}, {"info", 9}, {"warn", 13}, {"error", 17}, {"fatal", 21}}};

Result<std::optional<uint8_t>> ReadSeverity(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("severity"));
  if (!text) return std::optional<uint8_t>();
  for (const Severity& severity : kSeverities) {
    if (*text == severity.name) return std::optional(severity.least);
  }
  return BadParameter("severity", *text, "not a severity", "trace, debug, info, warn, error or fatal");
}

Result<LogSearch> ReadSearch(const Parameters& parameters, int64_t now) {
  constexpr std::array<std::string_view, 11> kKnown = {"trace_id", "span_id",  "service",   "event",
                                                       "text",     "severity", "attribute", "start",
                                                       "end",      "limit",    "cursor"};
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  LogSearch search;
  LogFilter& filter = search.filter;
  TELLTALE_ASSIGN_OR_RETURN(filter.range, ReadPagedRange(parameters, now));
  TELLTALE_ASSIGN_OR_RETURN(const auto trace_id, parameters.Text("trace_id"));
  if (trace_id) {
    filter.trace_id = ParseTraceIdUntrusted(*trace_id);
    if (!filter.trace_id)
      return BadParameter("trace_id", *trace_id, "not a trace id", "1 to 32 hex digits, not all zeros");
    // A trace is asked for whole, however old it is.
    TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Time("start"));
    if (!start) filter.range.start_unix_nano = 0;
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto span_id, parameters.Text("span_id"));
  if (span_id) {
    SpanId id;
    if (!ParseHex(*span_id, id.bytes.data(), id.bytes.size()) || id.IsZero())
      return BadParameter("span_id", *span_id, "not a span id", "16 hex digits, not all zeros");
    filter.span_id = id;
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto service, parameters.Text("service"));
  TELLTALE_ASSIGN_OR_RETURN(const auto event, parameters.Text("event"));
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("text"));
  filter.service = service.value_or("");
  filter.event_name = event.value_or("");
  filter.text = text.value_or("");
  TELLTALE_ASSIGN_OR_RETURN(filter.severity_min, ReadSeverity(parameters));
  TELLTALE_ASSIGN_OR_RETURN(filter.attributes, ReadAttributeFilters(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = limit ? static_cast<size_t>(*limit) : kPageDefault;
  return search;
}

}  // namespace

void WriteLogMembers(const LogRow& row, JsonWriter& json) {
  json.Key("timeUnixNano").UintString(row.sent_time_unix_nano);
  json.Key("observedTimeUnixNano").UintString(row.observed_time_unix_nano);
  json.Key("time_unix_nano").IntString(row.time_unix_nano);
  if (!row.trace_id.IsZero()) json.Key("traceId").String(row.trace_id.Hex());
  if (!row.span_id.IsZero()) json.Key("spanId").String(row.span_id.Hex());
  json.Key("severityNumber").Uint(row.severity_number);
  if (!row.severity_text.empty()) json.Key("severityText").String(row.severity_text);
  if (!row.event_name.empty()) json.Key("eventName").String(row.event_name);
  json.Key("body");
  WriteAnyValue(row.body, json);
  json.Key("attributes");
  WriteAttributes(row.attributes, json);
  if (row.dropped_attributes > 0) json.Key("droppedAttributesCount").Uint(row.dropped_attributes);
  if (row.flags != 0) json.Key("flags").Uint(row.flags);
  json.Key("service").String(row.service);
  json.Key("resource").Raw(row.resource.empty() ? "{}" : row.resource);
  json.Key("scope").Raw(row.scope.empty() ? "{}" : row.scope);
}

Answer ListLogs(const Face& face, const HttpRequest& request) {
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  TELLTALE_ASSIGN_OR_RETURN(const LogSearch search, ReadSearch(Parameters(request), now));
  LogPage page;
  if (search.filter.range.start_unix_nano < search.filter.range.end_unix_nano) {
    TELLTALE_ASSIGN_OR_RETURN(page, ReadLogs(face.engine, search));
  }
  return PageAnswer(page.rows, WriteLogMembers, [&](JsonWriter& json) { WriteTimeCursor(page.next, json); });
}

}  // namespace telltale
