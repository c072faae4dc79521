#include "cli/api_answers.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "json/writer.h"

namespace telltale {
namespace {

// The order of members is the server's.
using Json = nlohmann::ordered_json;

// Deeper values are shown as null: nobody reads them, and we recurse.
constexpr int kValueDepthMax = 64;
// An attribute value may be kValueDepthMax deep, with about five brackets a level; a
// document that is deeper than this would only be there to break us.
constexpr int kBracketDepthMax = 2000;

std::unexpected<Error> NotTheAnswer(std::string_view what, std::string_view why) {
  return Fail(ErrorCode::kCorrupt, "read " + std::string(what) + ": " + std::string(why),
              "is it a Telltale server that answers there, and of this version? telltale doctor looks");
}

const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string Text(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

bool Flag(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

// Numbers come as JSON numbers or, where they pass 2^53, as decimal strings.
uint64_t Number(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  if (value == nullptr) return 0;
  if (value->is_number_unsigned()) return value->get<uint64_t>();
  if (value->is_number_float() && value->get<double>() >= 0 && value->get<double>() < 1e18) {
    return static_cast<uint64_t>(value->get<double>());
  }
  uint64_t number = 0;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

int SmallNumber(const Json& object, const char* name) {
  return static_cast<int>(std::min<uint64_t>(Number(object, name), 1000));
}

const Json& Array(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json* value = Find(object, name);
  return value != nullptr && value->is_array() ? *value : empty;
}

// How deep brackets nest outside of strings, of a text that need not be JSON.
int BracketDepth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

Result<Json> Parse(std::string_view what, std::string_view body, const char* array_name) {
  if (BracketDepth(body) > kBracketDepthMax) return NotTheAnswer(what, "the answer is nested too deep");
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return NotTheAnswer(what, "the answer is not JSON");
  const Json* items = array_name == nullptr ? &json : Find(json, array_name);
  if (!json.is_object() || items == nullptr || (array_name != nullptr && !items->is_array())) {
    return NotTheAnswer(what, std::string("the answer is not an object") +
                                  (array_name != nullptr ? std::string(" with ") + array_name : ""));
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void AppendPlainValue(const Json& value, int depth, std::string& out);

void AppendPlainMap(const Json& value, int depth, std::string& out) {
  JsonWriter json(out);
  json.BeginObject();
  for (const Json& entry : Array(value, "values")) {
    std::string plain;
    const Json* inner = Find(entry, "value");
    AppendPlainValue(inner != nullptr ? *inner : Json(), depth + 1, plain);
    json.Key(Text(entry, "key")).Raw(plain);
  }
  json.EndObject();
}

void AppendPlainArray(const Json& value, int depth, std::string& out) {
  JsonWriter json(out);
  json.BeginArray();
  for (const Json& entry : Array(value, "values")) {
    std::string plain;
    AppendPlainValue(entry, depth + 1, plain);
    json.Raw(plain);
  }
  json.EndArray();
}

void AppendInteger(const Json& value, std::string& out) {
  int64_t number = 0;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  } else if (value.is_number_integer()) {
    number = value.get<int64_t>();
  }
  AppendJsonInt(number, out);
}

// OTLP/JSON writes NaN and the infinities as strings.
void AppendReal(const Json& value, std::string& out) {
  if (value.is_number()) {
    AppendJsonDouble(value.get<double>(), out);
  } else {
    AppendJsonString(value.is_string() ? value.get_ref<const std::string&>() : "NaN", out);
  }
}

// One OTLP/JSON AnyValue as plain JSON; bytes stay base64.
void AppendPlainValue(const Json& value, int depth, std::string& out) {
  if (!value.is_object() || value.empty() || depth > kValueDepthMax) {
    out += "null";
    return;
  }
  const auto member = value.begin();
  const std::string& type = member.key();
  const Json& inner = *member;
  if ((type == "stringValue" || type == "bytesValue") && inner.is_string()) {
    AppendJsonString(inner.get_ref<const std::string&>(), out);
  } else if (type == "intValue") {
    AppendInteger(inner, out);
  } else if (type == "doubleValue") {
    AppendReal(inner, out);
  } else if (type == "boolValue" && inner.is_boolean()) {
    out += inner.get<bool>() ? "true" : "false";
  } else if (type == "arrayValue") {
    AppendPlainArray(inner, depth, out);
  } else if (type == "kvlistValue") {
    AppendPlainMap(inner, depth, out);
  } else {
    out += "null";
  }
}

// The AnyValue that is the member `name` of an object.
ShownAttribute ReadValue(const Json& from, const char* name) {
  ShownAttribute attribute;
  const Json* value = Find(from, name);
  if (value == nullptr) {
    attribute.value = "null";
    return attribute;
  }
  const Json* text = Find(*value, "stringValue");
  if (text != nullptr && text->is_string()) {
    attribute.value = text->get<std::string>();
    attribute.is_string = true;
  } else {
    AppendPlainValue(*value, 0, attribute.value);
  }
  return attribute;
}

ShownAttribute ReadAttribute(const Json& from) {
  ShownAttribute attribute = ReadValue(from, "value");
  attribute.key = Text(from, "key");
  return attribute;
}

// TRACE is 1 to 4, TRACE1 to TRACE4 in full, and so on in fours.
std::string SeverityName(int number) {
  constexpr std::string_view kNames[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  if (number < 1 || number > 24) return {};
  return std::string(kNames[(number - 1) / 4]);
}

// A repeated key keeps its first place and its last value, as everywhere in Telltale.
std::vector<ShownAttribute> ReadAttributes(const Json& object) {
  std::vector<ShownAttribute> attributes;
  std::unordered_map<std::string, size_t> place;
  for (const Json& entry : Array(object, "attributes")) {
    ShownAttribute attribute = ReadAttribute(entry);
    const auto [found, is_new] = place.emplace(attribute.key, attributes.size());
    if (is_new) {
      attributes.push_back(std::move(attribute));
    } else {
      attributes[found->second] = std::move(attribute);
    }
  }
  return attributes;
}

ShownEvent ReadEvent(const Json& from) {
  return {.time_unix_nano = Number(from, "timeUnixNano"),
          .name = Text(from, "name"),
          .attributes = ReadAttributes(from)};
}

ShownSpan ReadSpan(const Json& from) {
  ShownSpan span{.span_id = Text(from, "spanId"),
                 .parent_span_id = Text(from, "parentSpanId"),
                 .name = Text(from, "name"),
                 .service = Text(from, "service"),
                 .start_unix_nano = Number(from, "startTimeUnixNano"),
                 .end_unix_nano = Number(from, "endTimeUnixNano"),
                 .kind = SmallNumber(from, "kind"),
                 .attributes = ReadAttributes(from)};
  if (const Json* status = Find(from, "status"); status != nullptr) {
    span.status_code = SmallNumber(*status, "code");
    span.status_message = Text(*status, "message");
  }
  for (const Json& event : Array(from, "events")) span.events.push_back(ReadEvent(event));
  for (const Json& link : Array(from, "links")) {
    span.links.push_back({Text(link, "traceId"), Text(link, "spanId"), ReadAttributes(link)});
  }
  return span;
}

ShownTrace::Completeness ReadCompleteness(const Json& trace) {
  ShownTrace::Completeness completeness;
  const Json* from = Find(trace, "completeness");
  if (from == nullptr) return completeness;
  completeness.complete = Flag(*from, "complete");
  completeness.root_missing = Flag(*from, "root_missing");
  completeness.truncated = Flag(*from, "truncated");
  completeness.duplicate_spans = Number(*from, "duplicate_spans");
  completeness.dropped_attributes = Number(*from, "dropped_attributes");
  completeness.dropped_events = Number(*from, "dropped_events");
  completeness.dropped_links = Number(*from, "dropped_links");
  completeness.missing_content = Number(*from, "missing_content");
  for (const Json& id : Array(*from, "missing_parents")) {
    if (id.is_string()) completeness.missing_parents.push_back(id.get<std::string>());
  }
  return completeness;
}

ShownTrace::Totals ReadTotals(const Json& trace) {
  ShownTrace::Totals totals;
  const Json* from = Find(trace, "totals");
  if (from == nullptr || !from->is_object()) return totals;
  totals.calls = Number(*from, "calls");
  totals.input_tokens = Number(*from, "input_tokens");
  totals.output_tokens = Number(*from, "output_tokens");
  totals.json = Dump(*from);
  const Json* cost = Find(*from, "cost");
  if (cost == nullptr) return totals;
  totals.unpriced_calls = Number(*cost, "unpriced_calls");
  if (const Json* total = Find(*cost, "total"); total != nullptr && total->is_number())
    totals.cost = Dump(*total);
  return totals;
}

}  // namespace

const ShownAttribute* ShownSpan::Find(std::string_view key) const {
  const auto found = std::ranges::find(attributes, key, &ShownAttribute::key);
  return found == attributes.end() ? nullptr : &*found;
}

Result<ListedTraces> ReadListedTracesUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of traces", body, "items"));
  ListedTraces page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) {
    page.items.push_back({.trace_id = Text(item, "trace_id"),
                          .service = Text(item, "service"),
                          .name = Text(item, "name"),
                          .status = Text(item, "status"),
                          .root_missing = Flag(item, "root_missing"),
                          .start_unix_nano = Number(item, "start_unix_nano"),
                          .duration_nano = Number(item, "duration_nano"),
                          .span_count = Number(item, "span_count"),
                          .error_count = Number(item, "error_count"),
                          .json = Dump(item)});
  }
  return page;
}

Result<ShownTrace> ReadShownTraceUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the trace", body, "spans"));
  ShownTrace trace{.trace_id = Text(json, "trace_id"),
                   .start_unix_nano = Number(json, "start_unix_nano"),
                   .duration_nano = Number(json, "duration_nano"),
                   .span_count = Number(json, "span_count"),
                   .error_count = Number(json, "error_count"),
                   .completeness = ReadCompleteness(json),
                   .totals = ReadTotals(json)};
  for (const Json& service : Array(json, "services")) {
    trace.services.push_back(
        {Text(service, "name"), Number(service, "span_count"), Number(service, "error_count")});
  }
  for (const Json& span : Array(json, "spans")) trace.spans.push_back(ReadSpan(span));
  return trace;
}

Result<ListedLogs> ReadListedLogsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of logs", body, "items"));
  ListedLogs page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) {
    ListedLog log{.time_unix_nano = Number(item, "time_unix_nano"),
                  .trace_id = Text(item, "traceId"),
                  .service = Text(item, "service"),
                  .severity = Text(item, "severityText"),
                  .severity_number = SmallNumber(item, "severityNumber"),
                  .event_name = Text(item, "eventName"),
                  .body = ReadValue(item, "body"),
                  .json = Dump(item)};
    if (log.severity.empty()) log.severity = SeverityName(log.severity_number);
    page.items.push_back(std::move(log));
  }
  return page;
}

Result<std::vector<CounterReading>> ReadCountersUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the counters", body, "items"));
  std::vector<CounterReading> counters;
  for (const Json& item : Array(json, "items")) {
    counters.push_back(
        {Text(item, "name"), Text(item, "severity"), Text(item, "meaning"), Number(item, "value")});
  }
  return counters;
}

Result<ServerStats> ReadServerStatsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the server's stats", body, nullptr));
  if (Find(json, "version") == nullptr) return NotTheAnswer("the server's stats", "it holds no version");
  ServerStats stats{.version = Text(json, "version"),
                    .uptime_seconds = Number(json, "uptime_seconds"),
                    .spans_stored = Number(json, "spans_stored"),
                    .log_lag_bytes = Number(json, "log_lag_bytes"),
                    .newest_unix_nano = Number(json, "newest_unix_nano")};
  if (const Json* receivers = Find(json, "receivers"); receivers != nullptr) {
    stats.otlp_grpc = Text(*receivers, "otlp_grpc");
    stats.otlp_http = Text(*receivers, "otlp_http");
  }
  return stats;
}

Result<std::vector<std::string>> ReadKeysUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the attribute keys", body, "items"));
  std::vector<std::string> keys;
  for (const Json& item : Array(json, "items")) keys.push_back(Text(item, "key"));
  return keys;
}

}  // namespace telltale
