#include "api/tempo_llm.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <vector>

#include "api/otlp_json.h"
#include "api/rest_parts.h"
#include "api/tempo_parts.h"
#include "json/tree.h"
#include "json/writer.h"
#include "trace/call.h"

namespace telltale {
namespace {

constexpr size_t kDepthMax = 64;  // deeper spans are left out: readers of JSON have limits of their own
constexpr size_t kContentBytes = 1'000;  // of what was asked, and of what was answered
constexpr size_t kValueBytes = 200;
constexpr size_t kAttributesMax = 20;  // of a span that is no call
constexpr size_t kEventsMax = 5;
constexpr double kNanosOfMilli = 1e6;

constexpr std::string_view kKindNames[] = {"", "", "server", "client", "producer", "consumer"};

// At most `bytes_max` of it, no character cut in two.
std::string Shortened(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

void WriteText(std::string_view key, std::string_view text, size_t bytes_max, JsonWriter& json) {
  if (!text.empty()) json.Key(key).String(Shortened(text, bytes_max));
}

void WriteTokens(std::string_view key, int64_t tokens, JsonWriter& json) {
  if (tokens != Usage::kNotTold) json.Key(key).Int(tokens);
}

std::string TextOf(const Call& call, const Message& message) {
  std::string text;
  for (uint32_t i = 0; i < message.parts.count; ++i) {
    const MessagePart& part = call.parts[message.parts.begin + i];
    if (part.type == PartType::kReasoning) continue;
    if (!text.empty()) text += '\n';
    if (part.type == PartType::kToolCall || part.type == PartType::kServerToolCall) {
      text.append(part.name).append("(").append(part.arguments.substr(0, kContentBytes)).append(")");
    } else if (part.type == PartType::kBlob) {
      text.append("<").append(part.mime_type).append(">");
    } else {
      text.append(part.text.substr(0, kContentBytes + 1));
    }
    if (text.size() > kContentBytes) break;
  }
  return text;
}

// What a call was asked last, and what it answered.
void WriteContent(std::string_view key, const Call& call, const CallContent& content, JsonWriter& json) {
  std::string text(content.value.substr(0, kContentBytes + 1));
  for (size_t i = content.messages.size(); i > 0 && text.empty(); --i)
    text = TextOf(call, content.messages[i - 1]);
  WriteText(key, text, kContentBytes, json);
}

void WriteCost(const Cost& cost, JsonWriter& json) {
  if (cost.total != Cost::kNotTold) {
    json.Key("costUsd").Double(Dollars(cost.total));
  } else {
    json.Key("cost").String(CostStatusName(cost.status));
  }
}

void WriteCallOf(const BatchCalls::Priced& priced, JsonWriter& json) {
  const Call& call = priced.call;
  json.Key("call").BeginObject();
  json.Key("kind").String(CallKindName(call.kind));
  WriteText("model", call.response.model.empty() ? call.request.model : call.response.model, kValueBytes,
            json);
  WriteText("provider", call.provider, kValueBytes, json);
  WriteText("agent", call.agent.name, kValueBytes, json);
  WriteText("tool", call.tool.name, kValueBytes, json);
  WriteTokens("inputTokens", call.usage.input_tokens, json);
  WriteTokens("cachedTokens", call.usage.cache_read_tokens, json);
  WriteTokens("outputTokens", call.usage.output_tokens, json);
  if (IsModelCall(call.kind) && call.counts()) WriteCost(priced.cost, json);
  if (!call.duplicate_of.IsZero()) json.Key("sameCallAs").String(call.duplicate_of.Hex());
  if (!call.response.finish_reasons.empty()) {
    json.Key("finishReason")
        .String(kFinishReasonNames[static_cast<size_t>(call.response.finish_reasons.front().reason)]);
  }
  if (call.time_to_first_token) json.Key("firstTokenMs").Double(*call.time_to_first_token * 1e3);
  WriteText("arguments", call.tool.arguments, kContentBytes, json);
  WriteText("result", call.tool.result, kContentBytes, json);
  WriteContent("input", call, call.input, json);
  WriteContent("output", call, call.output, json);
  WriteText("errorType", call.error.type, kValueBytes, json);
  WriteText("errorMessage", call.error.message, kContentBytes, json);
  json.EndObject();
}

void WriteValue(const StoredAttribute& attribute, JsonWriter& json) {
  double number = 0;
  switch (attribute.type) {
    case ValueType::kBool:
      json.Bool(attribute.text == "true");
      return;
    case ValueType::kInt:
      json.Raw(attribute.text);
      return;
    case ValueType::kDouble:
      std::from_chars(attribute.text.data(), attribute.text.data() + attribute.text.size(), number);
      json.Double(number);
      return;
    default:
      json.String(Shortened(attribute.text, kValueBytes));
  }
}

void WriteSomeAttributes(const StoredAttributes& attributes, JsonWriter& json) {
  if (attributes.count == 0) return;
  json.Key("attributes").BeginObject();
  AttributeReader reader(attributes);
  StoredAttribute attribute;
  for (size_t i = 0; i < kAttributesMax && reader.Next(attribute); ++i)
    WriteValue(attribute, json.Key(attribute.key));
  json.EndObject();
  if (attributes.count > kAttributesMax)
    json.Key("attributesLeftOut").Uint(attributes.count - kAttributesMax);
}

// Names, and of exceptions what they say.
void WriteEvents(std::string_view text, JsonWriter& json) {
  JsonTree tree;
  if (text.empty() || !tree.ParseUntrusted(text)) return;
  Arena arena;
  json.Key("events").BeginArray();
  size_t shown = 0;
  for (const JsonValue event : tree.root().items()) {
    if (shown++ == kEventsMax) break;
    json.BeginObject();
    json.Key("name").String(Shortened(event["name"].Text(arena), kValueBytes));
    for (const JsonValue attribute : event["attributes"].items()) {
      const std::string_view key = attribute["key"].Text(arena);
      if (key == "exception.type" || key == "exception.message")
        WriteText(key, attribute["value"]["stringValue"].Text(arena), kContentBytes, json);
    }
    json.EndObject();
  }
  json.EndArray();
}

class Writer {
 public:
  Writer(const TraceSet& set, const TraceCalls& calls)
      : trace_(set.traces.front()), calls_(calls), json_(body_), written_(trace_.spans.size(), false) {
    FindRoots();
  }

  std::string Write() {
    json_.BeginObject().Key("trace").BeginObject();
    json_.Key("traceId").String(trace_.trace_id.Hex());
    json_.Key("startTimeUnixNano").IntString(trace_.start_unix_nano);
    json_.Key("durationMs").Double(Millis(trace_.end_unix_nano - trace_.start_unix_nano));
    json_.Key("spanCount").Uint(trace_.spans.size());
    json_.Key("errorCount")
        .Uint(static_cast<uint64_t>(
            std::ranges::count_if(trace_.spans, [](const TraceSpan& span) { return span.row.status == 2; })));
    WriteSums();
    WriteText("partial", PartialMessage(trace_), kContentBytes, json_);
    json_.Key("spans").BeginArray();
    for (const size_t root : roots_) WriteTree(root);
    json_.EndArray();
    if (shown_ < trace_.spans.size()) json_.Key("spansLeftOut").Uint(trace_.spans.size() - shown_);
    json_.EndObject().EndObject();
    return std::move(body_);
  }

 private:
  static double Millis(int64_t nanos) { return static_cast<double>(nanos) / kNanosOfMilli; }

  void FindRoots() {
    const size_t count = trace_.spans.size();
    std::map<SpanId, size_t> places;
    for (size_t i = 0; i < count; ++i) places.emplace(trace_.spans[i].row.span_id, i);
    children_.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const auto parent = places.find(trace_.spans[i].row.parent_id);
      const bool has_parent = parent != places.end() && parent->second != i;
      if (has_parent) children_[parent->second].push_back(i);
      if (!has_parent) roots_.push_back(i);
    }
    // Spans whose parents are a circle hang under no root: the first of each is one.
    std::vector<bool> reached(count, false);
    std::vector<size_t> open = roots_;
    for (size_t i = 0; i <= count; ++i) {
      while (!open.empty()) {
        const size_t span = open.back();
        open.pop_back();
        if (reached[span]) continue;
        reached[span] = true;
        open.insert(open.end(), children_[span].begin(), children_[span].end());
      }
      if (i == count || reached[i]) continue;
      roots_.push_back(i);
      open.push_back(i);
    }
  }

  void WriteSums() {
    if (!calls_.mapped() || calls_.totals().calls == 0) return;
    json_.Key("calls").BeginObject();
    json_.Key("count").Uint(calls_.totals().calls);
    json_.Key("errors").Uint(calls_.totals().errors);
    json_.Key("inputTokens").Int(calls_.totals().input_tokens);
    json_.Key("outputTokens").Int(calls_.totals().output_tokens);
    if (calls_.costs().computed_calls + calls_.costs().reported_calls > 0)
      json_.Key("costUsd").Double(Dollars(calls_.costs().total));
    if (calls_.costs().unpriced_calls > 0) json_.Key("unpricedCalls").Uint(calls_.costs().unpriced_calls);
    json_.EndObject();
  }

  // Without recursion: parents before children, their objects open meanwhile.
  void WriteTree(size_t root) {
    if (shown_ == kSpansForModelsMax) return;
    struct Open {
      size_t span;
      size_t next_child = 0;
      bool has_list = false;
    };
    std::vector<Open> path;
    const auto open = [&](size_t span) {
      WriteMembers(span, path.empty() ? std::string_view() : trace_.spans[path.back().span].row.service);
      path.push_back({.span = span});
    };
    open(root);
    while (!path.empty()) {
      Open& top = path.back();
      if (top.next_child == children_[top.span].size()) {
        if (top.has_list) json_.EndArray();
        json_.EndObject();
        path.pop_back();
        continue;
      }
      const size_t child = children_[top.span][top.next_child++];
      if (written_[child] || shown_ == kSpansForModelsMax || path.size() == kDepthMax) continue;
      if (!top.has_list) json_.Key("spans").BeginArray();
      top.has_list = true;
      open(child);
    }
  }

  // Begins the span's object.
  void WriteMembers(size_t span, std::string_view service_of_parent) {
    written_[span] = true;
    ++shown_;
    const SpanRow& row = trace_.spans[span].row;
    json_.BeginObject();
    json_.Key("spanId").String(row.span_id.Hex());
    json_.Key("name").String(Shortened(row.name, kValueBytes));
    if (row.service != service_of_parent) json_.Key("service").String(row.service);
    if (row.kind < std::size(kKindNames)) WriteText("kind", kKindNames[row.kind], kValueBytes, json_);
    json_.Key("startMs").Double(Millis(row.start_unix_nano - trace_.start_unix_nano));
    json_.Key("durationMs").Double(Millis(row.duration_nano));
    if (row.status == 2) {
      json_.Key("error").String(row.status_message.empty() ? "true"
                                                           : Shortened(row.status_message, kContentBytes));
    }
    if (const BatchCalls::Priced* call = calls_.Of(span)) {
      WriteCallOf(*call, json_);
    } else {
      WriteSomeAttributes(row.attributes, json_);
    }
    WriteEvents(row.events, json_);
  }

  const Trace& trace_;
  const TraceCalls& calls_;
  std::string body_;
  JsonWriter json_;
  std::vector<std::vector<size_t>> children_;
  std::vector<size_t> roots_;
  std::vector<bool> written_;
  size_t shown_ = 0;
};

}  // namespace

std::string TraceForModels(const TraceSet& set, const TraceCalls& calls) {
  return Writer(set, calls).Write();
}

}  // namespace telltale
