#include "api/rest_parts.h"

#include <optional>

namespace telltale {
namespace {

constexpr int64_t kDayNanos = 86'400'000'000'000;
// Each one is a condition on every row read.
constexpr size_t kAttributesMax = 20;

Result<AttributeFilter> ReadAttribute(const std::string& text) {
  const size_t equals = text.find('=');
  AttributeFilter attribute{.key = text.substr(0, equals), .value = std::nullopt};
  if (attribute.key.empty()) {
    return BadParameter("attribute", text, "has no key", "write key=value, or key alone for any value");
  }
  if (equals != std::string::npos) attribute.value = text.substr(equals + 1);
  return attribute;
}

}  // namespace

Result<TraceId> ReadTraceIdUntrusted(std::string_view text) {
  const auto id = ParseTraceIdUntrusted(text);
  if (!id) return BadParameter("trace_id", text, "not a trace id", "1 to 32 hex digits, not all zeros");
  return *id;
}

Result<SpanKey> ReadSpanKeyUntrusted(std::string_view trace_id, std::string_view span_id) {
  SpanKey key;
  TELLTALE_ASSIGN_OR_RETURN(key.trace_id, ReadTraceIdUntrusted(trace_id));
  const auto id = ParseSpanIdUntrusted(span_id);
  if (!id) return BadParameter("span_id", span_id, "not a span id", "1 to 16 hex digits, not all zeros");
  key.span_id = *id;
  return key;
}

std::unexpected<Error> NoSuchTrace(const TraceId& id) {
  return Fail(ErrorCode::kNotFound, "find trace " + id.Hex() + ": the store has no span of it",
              "a span can be found within a second of its arrival; older ones go with --retention-days and "
              "--retention-bytes");
}

TimeRange LastDay(int64_t now) {
  return {.start_unix_nano = std::max<int64_t>(0, now - kDayNanos), .end_unix_nano = now};
}

Result<TimeRange> ReadRange(const Parameters& parameters, const TimeRange& otherwise) {
  TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Time("start"));
  TELLTALE_ASSIGN_OR_RETURN(const auto end, parameters.Time("end"));
  TimeRange range = otherwise;
  if (end) range.end_unix_nano = *end;
  if (start) {
    range.start_unix_nano = *start;
  } else if (end && otherwise.start_unix_nano > 0) {
    range.start_unix_nano = std::max<int64_t>(0, *end - kDayNanos);
  }
  return range;
}

Result<TimeRange> ReadPagedRange(const Parameters& parameters, int64_t now) {
  TELLTALE_ASSIGN_OR_RETURN(TimeRange range, ReadRange(parameters, LastDay(now)));
  TELLTALE_ASSIGN_OR_RETURN(const auto cursor, parameters.Integer("cursor", {.min = 0, .max = INT64_MAX}));
  if (cursor) range.end_unix_nano = std::min(range.end_unix_nano, *cursor);
  range.start_unix_nano = std::max<int64_t>(0, range.start_unix_nano);
  return range;
}

void WriteTimeCursor(const std::optional<int64_t>& next, JsonWriter& json) {
  if (next) {
    json.IntString(*next);
  } else {
    json.Null();
  }
}

Result<std::vector<AttributeFilter>> ReadAttributeFilters(const Parameters& parameters) {
  const std::vector<std::string> texts = parameters.Texts("attribute");
  if (texts.size() > kAttributesMax) {
    return BadParameter("attribute", texts.back(),
                        "more than " + std::to_string(kAttributesMax) + " of them");
  }
  std::vector<AttributeFilter> filters;
  for (const std::string& text : texts) {
    TELLTALE_ASSIGN_OR_RETURN(AttributeFilter attribute, ReadAttribute(text));
    filters.push_back(std::move(attribute));
  }
  return filters;
}

}  // namespace telltale
