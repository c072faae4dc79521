#include "cli/trace_summary.h"

#include <string_view>
#include <vector>

#include "cli/span_tree.h"
#include "cli/text.h"
#include "json/writer.h"

namespace telltale {
namespace {

double Milliseconds(uint64_t nanos) {
  return static_cast<double>(nanos) / 1e6;
}

// Negative for what came before the trace's own start.
double MillisecondsBetween(uint64_t from, uint64_t to) {
  return to >= from ? Milliseconds(to - from) : -Milliseconds(from - to);
}

std::string_view StatusName(int code) {
  return code == 2 ? "error" : code == 1 ? "ok" : "unset";
}

std::string_view KindName(int kind) {
  constexpr std::string_view kNames[] = {"unspecified", "internal", "server",
                                         "client",      "producer", "consumer"};
  return kind >= 0 && kind < 6 ? kNames[kind] : kNames[0];
}

void WriteAttributes(const std::vector<ShownAttribute>& attributes, JsonWriter& json) {
  json.Key("attributes").BeginObject();
  for (const ShownAttribute& attribute : attributes) {
    json.Key(attribute.key);
    if (attribute.is_string) {
      json.String(attribute.value);
    } else {
      json.Raw(attribute.value);
    }
  }
  json.EndObject();
}

void WriteEvents(const ShownTrace& trace, const ShownSpan& span, JsonWriter& json) {
  if (span.events.empty()) return;
  json.Key("events").BeginArray();
  for (const ShownEvent& event : span.events) {
    json.BeginObject().Key("name").String(event.name);
    json.Key("time_ms").Double(MillisecondsBetween(trace.start_unix_nano, event.time_unix_nano));
    WriteAttributes(event.attributes, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteLinks(const ShownSpan& span, JsonWriter& json) {
  if (span.links.empty()) return;
  json.Key("links").BeginArray();
  for (const ShownLink& link : span.links) {
    json.BeginObject().Key("trace_id").String(link.trace_id).Key("span_id").String(link.span_id);
    WriteAttributes(link.attributes, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteSpan(const ShownTrace& trace, const ShownSpan& span, JsonWriter& json) {
  json.BeginObject();
  json.Key("name").String(span.name);
  json.Key("duration_ms").Double(Milliseconds(span.duration_nanos()));
  WriteAttributes(span.attributes, json);
  json.Key("span_id").String(span.span_id);
  json.Key("parent_span_id");
  if (span.parent_span_id.empty()) {
    json.Null();
  } else {
    json.String(span.parent_span_id);
  }
  json.Key("service").String(span.service);
  json.Key("kind").String(KindName(span.kind));
  json.Key("start_ms").Double(MillisecondsBetween(trace.start_unix_nano, span.start_unix_nano));
  json.Key("status").String(StatusName(span.status_code));
  if (!span.status_message.empty()) json.Key("status_message").String(span.status_message);
  WriteEvents(trace, span, json);
  WriteLinks(span, json);
  json.EndObject();
}

void WriteCompleteness(const ShownTrace::Completeness& completeness, JsonWriter& json) {
  json.Key("completeness").BeginObject();
  json.Key("complete").Bool(completeness.complete);
  json.Key("root_missing").Bool(completeness.root_missing);
  json.Key("missing_parents").BeginArray();
  for (const std::string& id : completeness.missing_parents) json.String(id);
  json.EndArray();
  json.Key("duplicate_spans").Uint(completeness.duplicate_spans);
  json.Key("dropped_attributes").Uint(completeness.dropped_attributes);
  json.Key("dropped_events").Uint(completeness.dropped_events);
  json.Key("dropped_links").Uint(completeness.dropped_links);
  json.Key("missing_content").Uint(completeness.missing_content);
  json.Key("truncated").Bool(completeness.truncated);
  json.EndObject();
}

}  // namespace

std::string TraceSummaryJson(const ShownTrace& trace) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("trace_id").String(trace.trace_id);
  json.Key("start").String(FormatUtcTime(trace.start_unix_nano));
  json.Key("duration_ms").Double(Milliseconds(trace.duration_nano));
  json.Key("span_count").Uint(trace.span_count);
  json.Key("error_count").Uint(trace.error_count);
  json.Key("services").BeginArray();
  for (const ShownTrace::Service& service : trace.services) json.String(service.name);
  json.EndArray();
  WriteCompleteness(trace.completeness, json);
  json.Key("totals").Raw(trace.totals_json);
  json.Key("spans").BeginArray();
  for (const TreeRow& row : OrderAsTree(trace.spans, {})) {
    if (row.span == TreeRow::kNoSpan) continue;
    std::string line;
    JsonWriter span_json(line);
    WriteSpan(trace, trace.spans[row.span], span_json);
    json.Raw("\n" + line);
  }
  if (!trace.spans.empty()) out.push_back('\n');
  json.EndArray().EndObject();
  return out + "\n";
}

}  // namespace telltale
