#include "calls/explain.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "calls/call_json.h"
#include "calls/log_records.h"
#include "calls/mapper.h"
#include "calls/trace_usage.h"
#include "json/tree.h"
#include "json/writer.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

// A value in a line of text.
constexpr size_t kShownBytesMax = 160;

struct Explained {
  const Span* span = nullptr;
  std::string_view scope_name;
  Explanation explanation;
  Call call;
};

// The member at a.b.c, or missing.
JsonValue AtPath(JsonValue value, std::string_view path) {
  while (!path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    value = value[path.substr(0, dot)];
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value;
}

std::string Shortened(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kShownBytesMax)) shown += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (text.size() > kShownBytesMax) shown += "... (" + std::to_string(text.size()) + " bytes)";
  return shown;
}

std::string Padded(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

void WriteTotals(const CallTotals& totals, JsonWriter& json) {
  json.BeginObject();
  json.Key("calls").Uint(totals.calls);
  json.Key("errors").Uint(totals.errors);
  json.Key("input_tokens").Int(totals.input_tokens);
  json.Key("output_tokens").Int(totals.output_tokens);
  json.Key("cache_read_tokens").Int(totals.cache_read_tokens);
  json.Key("cache_write_tokens").Int(totals.cache_write_tokens);
  json.Key("reasoning_tokens").Int(totals.reasoning_tokens);
  json.Key("calls_without_usage").Uint(totals.calls_without_usage);
  json.Key("reported_cost");
  if (totals.calls_with_cost > 0) {
    json.Double(totals.reported_cost);
  } else {
    json.Null();
  }
  json.EndObject();
}

}  // namespace

struct Explainer::Parts {
  explicit Parts(const RuleTable& the_rules) : rules(the_rules) {}

  Status Add(std::string_view bytes) {
    bytes = batch.arena.Copy(bytes);
    const size_t first = bytes.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string_view::npos && bytes[first] == '{';
    if (is_json && bytes.find("\"resourceLogs\"") != std::string_view::npos)
      return logs.AddUntrusted(bytes, batch);
    const size_t spans_before = batch.spans.size();
    if (is_json) {
      const auto refused = DecodeTracesJsonUntrusted(bytes, batch);
      if (!refused) return std::unexpected(refused.error());
      return {};
    }
    // Both requests look alike in protobuf: logs have no spans with a name and ids.
    Batch trial;
    const auto refused = DecodeTracesProtobufUntrusted(bytes, trial);
    if (refused && (!trial.spans.empty() || refused->count == 0)) {
      const auto kept = DecodeTracesProtobufUntrusted(bytes, batch);
      if (kept && batch.spans.size() > spans_before) return {};
    }
    Status as_logs = logs.AddUntrusted(bytes, batch);
    if (as_logs) return as_logs;
    if (!refused) return std::unexpected(refused.error());
    return as_logs;
  }

  void Map() {
    if (is_mapped) return;
    logs.Sort(batch);
    MapAll(batch);
  }

  void MapAll(const Batch& of) {
    is_mapped = true;
    spans = of.spans.size();
    CallMapper mapper(rules);
    std::vector<TraceCall> trace_calls;
    for (const Span& span : of.spans) {
      Explained& one = explained.emplace_back();
      one.span = &span;
      if (span.scope < of.scopes.size()) one.scope_name = of.scopes[span.scope].name;
      mapper.Map(of, span, logs.Of(span), one.call, &one.explanation);
      trace_calls.push_back({.trace_id = span.trace_id,
                             .span_id = span.span_id,
                             .parent_span_id = span.parent_span_id,
                             .start_unix_nano = span.start_unix_nano,
                             .end_unix_nano = span.end_unix_nano,
                             .scope_name = one.scope_name,
                             .call = one.call.is_call() ? &one.call : nullptr});
    }
    SettleTraceUsage(trace_calls);
    totals = TotalsOf(trace_calls);
  }

  const RuleTable& rules;
  Batch batch;
  LogRecords logs;
  std::deque<Explained> explained;
  CallTotals totals;
  size_t spans = 0;
  bool is_mapped = false;
};

Explainer::Explainer(const RuleTable& rules) : parts_(std::make_unique<Parts>(rules)) {}
Explainer::~Explainer() = default;

Status Explainer::AddUntrusted(std::string_view bytes) {
  Status whole = parts_->Add(bytes);
  const size_t first = bytes.find_first_not_of(" \t\r\n");
  if (whole || first == std::string_view::npos || bytes[first] != '{') return whole;
  // JSON lines.
  size_t lines = 0;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (Status added = parts_->Add(line); !added) return lines == 0 ? whole : added;
    ++lines;
  }
  return {};
}

void Explainer::ExplainWhole(const Batch& batch) {
  parts_->logs.AddFrom(batch, 0);
  parts_->logs.Sort(batch);
  parts_->MapAll(batch);
}

std::string Explainer::Json() {
  parts_->Map();
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("calls").BeginArray();
  for (const Explained& one : parts_->explained) {
    if (!one.call.is_call()) continue;
    json.BeginObject();
    json.Key("trace_id").String(one.span->trace_id.Hex());
    json.Key("span_id").String(one.span->span_id.Hex());
    json.Key("parent_span_id")
        .String(one.span->parent_span_id.IsZero() ? "" : one.span->parent_span_id.Hex());
    json.Key("name").String(one.span->name);
    json.Key("scope").String(one.scope_name);
    json.Key("call");
    WriteCallJson(one.call, json);
    json.Key("fields").BeginArray();
    for (const Explanation::Source& source : one.explanation.sources) {
      json.BeginObject();
      json.Key("field").String(source.field);
      json.Key("from").String(source.key);
      json.Key("rule").String(source.rule);
      json.EndObject();
    }
    json.EndArray().Key("ignored").BeginArray();
    for (const Explanation::Ignored& ignored : one.explanation.ignored) {
      json.BeginObject();
      json.Key("attribute").String(ignored.key);
      json.Key("why").String(ignored.why);
      json.Key("unmapped").Bool(ignored.is_unmapped);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
  json.Key("spans").Uint(parts_->spans);
  json.Key("totals");
  WriteTotals(parts_->totals, json);
  json.EndObject();
  return body;
}

std::string Explainer::Text() {
  parts_->Map();
  std::string out;
  JsonTree tree;
  for (const Explained& one : parts_->explained) {
    if (!one.call.is_call()) continue;
    std::string call_json;
    JsonWriter json(call_json);
    WriteCallJson(one.call, json);
    out += "span " + one.span->span_id.Hex() + "  " + Shortened(one.span->name) + "  [" +
           Shortened(one.scope_name) + "]\n";
    if (!tree.ParseUntrusted(call_json)) continue;
    for (const Explanation::Source& source : one.explanation.sources) {
      const JsonValue value = AtPath(tree.root(), source.field);
      out += "  " + Padded(source.field, 28) + ' ' + Shortened(value.json()) + "\n";
      out += "  " + Padded("", 28) + "   from " + source.key + " (" + source.rule + ")\n";
    }
    if (one.call.usage.told())
      out += "  " + Padded("usage", 28) + ' ' + Shortened(AtPath(tree.root(), "usage").json()) + "\n";
    if (!one.call.duplicate_of.IsZero())
      out += "  not counted: the same call as span " + one.call.duplicate_of.Hex() + "\n";
    if (!one.explanation.ignored.empty()) out += "  ignored\n";
    for (const Explanation::Ignored& ignored : one.explanation.ignored)
      out += "    " + Padded(ignored.key, 40) + ' ' + ignored.why + "\n";
    out += "\n";
  }
  const CallTotals& totals = parts_->totals;
  out += std::to_string(parts_->spans) + " spans, " + std::to_string(totals.calls) + " model calls (" +
         std::to_string(totals.errors) + " failed), " + std::to_string(totals.input_tokens) + " tokens in, " +
         std::to_string(totals.output_tokens) + " out\n";
  return out;
}

}  // namespace telltale
