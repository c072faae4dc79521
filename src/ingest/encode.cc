#include "ingest/encode.h"

#include <charconv>

#include "base/bytes.h"
#include "base/counters.h"
#include "json/writer.h"
#include "otlp/any_value.h"

namespace telltale {
namespace {

constexpr std::string_view kDictionaryType = "LowCardinality(String)";
constexpr uint64_t kColumns = 22;

void AppendMember(std::string_view key, std::string_view text, std::string& out) {
  if (out.back() != '{') out += ',';
  AppendJsonString(key, out);
  out += ':';
  AppendJsonString(text, out);
}

void AppendMember(std::string_view key, uint64_t number, std::string& out) {
  if (out.back() != '{') out += ',';
  AppendJsonString(key, out);
  out += ':';
  AppendJsonUint(number, out);
}

void AppendAttributesMember(const Batch& batch, Run run, uint32_t dropped, std::string& out) {
  if (run.count > 0) {
    if (out.back() != '{') out += ',';
    out += "\"attributes\":";
    AppendAttributesJson(batch, run, out);
  }
  if (dropped > 0) AppendMember("droppedAttributesCount", dropped, out);
}

void AppendQuoted(uint64_t number, std::string& out) {
  out += '"';
  AppendJsonUint(number, out);
  out += '"';
}

}  // namespace

void AppendValueText(const Value& value, std::string& out) {
  switch (value.type) {
    case ValueType::kNone:
      return;
    case ValueType::kBool:
      out += value.boolean ? "true" : "false";
      return;
    case ValueType::kInt:
      AppendJsonInt(value.integer, out);
      return;
    case ValueType::kDouble: {
      char text[32];
      const auto end = std::to_chars(text, text + sizeof text, value.real).ptr;
      out.append(text, end);
      return;
    }
    case ValueType::kBytes:
      AppendBase64(value.text, out);
      return;
    case ValueType::kString:
    case ValueType::kArray:
    case ValueType::kMap:
      out += value.text;
      return;
  }
}

void SpanEncoder::DescribeResources(const Batch& batch) {
  services_.clear();
  resources_.resize(batch.resources.size());
  for (size_t i = 0; i < batch.resources.size(); ++i) {
    const Resource& resource = batch.resources[i];
    const Value* service = batch.Find(resource.attributes, "service.name");
    const bool named = service != nullptr && service->type == ValueType::kString && !service->text.empty();
    if (!named) Count(Counter::kResourcesWithoutServiceName);
    services_.push_back(named ? service->text : kUnknownService);

    std::string& json = resources_[i];
    json = "{";
    AppendAttributesMember(batch, resource.attributes, resource.dropped_attributes, json);
    if (!resource.schema_url.empty()) AppendMember("schemaUrl", resource.schema_url, json);
    json += '}';
  }
}

void SpanEncoder::DescribeScopes(const Batch& batch) {
  scopes_.resize(batch.scopes.size());
  for (size_t i = 0; i < batch.scopes.size(); ++i) {
    const Scope& scope = batch.scopes[i];
    std::string& json = scopes_[i];
    json = "{";
    if (!scope.name.empty()) AppendMember("name", scope.name, json);
    if (!scope.version.empty()) AppendMember("version", scope.version, json);
    AppendAttributesMember(batch, scope.attributes, scope.dropped_attributes, json);
    if (!scope.schema_url.empty()) AppendMember("schemaUrl", scope.schema_url, json);
    json += '}';
  }
}

template <typename ValueOf>
void SpanEncoder::DictionaryOf(NativeBlock& block, const Batch& batch, std::string_view name,
                               ValueOf value_of) {
  dictionary_.Clear();
  uint32_t hint = 0;
  for (const Span& span : batch.spans) dictionary_.Add(value_of(span), hint);
  block.Column(name, kDictionaryType);
  block.Dictionary(dictionary_);
}

// A map is an array of pairs: where each row ends, then all keys, then all values.
void SpanEncoder::Attributes(NativeBlock& block, const Batch& batch) {
  dictionary_.Clear();
  block.Column("attrs", "Map(LowCardinality(String), String)");
  DictionaryColumn::AppendPrefix(out_);
  uint64_t end = 0;
  for (const Span& span : batch.spans) block.Number<uint64_t>(end += span.attributes.count);
  for (const Span& span : batch.spans) {
    if (hints_.size() < span.attributes.count) hints_.resize(span.attributes.count, 0);
    const Attribute* attributes = batch.begin(span.attributes);
    for (uint32_t i = 0; i < span.attributes.count; ++i) dictionary_.Add(attributes[i].key, hints_[i]);
  }
  dictionary_.AppendBody(out_);
  for (const Span& span : batch.spans) {
    for (const Attribute* at = batch.begin(span.attributes); at != batch.end(span.attributes); ++at) {
      if (at->value.type == ValueType::kString) {
        AppendString(at->value.text, out_);
        continue;
      }
      scratch_.clear();
      AppendValueText(at->value, scratch_);
      AppendString(scratch_, out_);
    }
  }
}

void SpanEncoder::AttributeTypes(NativeBlock& block, const Batch& batch) {
  // The dictionary keeps views, so each distinct text has to stay where it is: all of
  // them are written into one buffer that is sized before the first view is taken.
  types_.clear();
  for (const Span& span : batch.spans) {
    for (const Attribute* at = batch.begin(span.attributes); at != batch.end(span.attributes); ++at) {
      types_ += static_cast<char>(at->value.type);
    }
  }
  size_t begin = 0;
  DictionaryOf(block, batch, "attr_types", [&](const Span& span) {
    const std::string_view text = std::string_view(types_).substr(begin, span.attributes.count);
    begin += span.attributes.count;
    return text;
  });
}

void SpanEncoder::Events(NativeBlock& block, const Batch& batch) {
  block.Column("events", "String");
  for (const Span& span : batch.spans) {
    scratch_.clear();
    for (uint32_t i = 0; i < span.events.count; ++i) {
      const Event& event = batch.events[span.events.begin + i];
      scratch_ += i == 0 ? "[{" : ",{";
      scratch_ += "\"timeUnixNano\":";
      AppendQuoted(event.time_unix_nano, scratch_);
      AppendMember("name", event.name, scratch_);
      AppendAttributesMember(batch, event.attributes, event.dropped_attributes, scratch_);
      scratch_ += '}';
    }
    if (span.events.count > 0) scratch_ += ']';
    block.String(scratch_);
  }
}

void SpanEncoder::Links(NativeBlock& block, const Batch& batch) {
  block.Column("links", "String");
  for (const Span& span : batch.spans) {
    scratch_.clear();
    for (uint32_t i = 0; i < span.links.count; ++i) {
      const Link& link = batch.links[span.links.begin + i];
      scratch_ += i == 0 ? "[{" : ",{";
      AppendMember("traceId", link.trace_id.Hex(), scratch_);
      AppendMember("spanId", link.span_id.Hex(), scratch_);
      if (!link.trace_state.empty()) AppendMember("traceState", link.trace_state, scratch_);
      AppendAttributesMember(batch, link.attributes, link.dropped_attributes, scratch_);
      if (link.flags != 0) AppendMember("flags", link.flags, scratch_);
      scratch_ += '}';
    }
    if (span.links.count > 0) scratch_ += ']';
    block.String(scratch_);
  }
}

Block SpanEncoder::Encode(const Batch& batch, uint64_t received_unix_ms) {
  DescribeResources(batch);
  DescribeScopes(batch);
  out_.clear();
  const auto& spans = batch.spans;
  NativeBlock block(kColumns, spans.size(), out_);

  block.Column("trace_id", "FixedString(16)");
  for (const Span& span : spans) block.Bytes(span.trace_id.view());
  block.Column("span_id", "FixedString(8)");
  for (const Span& span : spans) block.Bytes(span.span_id.view());
  block.Column("parent_id", "FixedString(8)");
  for (const Span& span : spans) block.Bytes(span.parent_span_id.view());
  block.Column("start", "DateTime64(9, 'UTC')");
  for (const Span& span : spans) block.Number(static_cast<int64_t>(span.start_unix_nano));
  block.Column("duration", "Int64");
  uint64_t backwards = 0;
  for (const Span& span : spans) {
    const auto duration = static_cast<int64_t>(span.end_unix_nano - span.start_unix_nano);
    backwards += duration < 0;
    block.Number(duration);
  }
  if (backwards > 0) Count(Counter::kSpansEndingBeforeStart, backwards);

  DictionaryOf(block, batch, "service", [&](const Span& span) { return services_[span.resource]; });
  DictionaryOf(block, batch, "name", [](const Span& span) { return span.name; });
  block.Column("kind", "UInt8");
  for (const Span& span : spans) block.Number(span.kind);
  block.Column("status", "UInt8");
  for (const Span& span : spans) block.Number(span.status_code);
  block.Column("status_message", "String");
  for (const Span& span : spans) block.String(span.status_message);
  block.Column("trace_state", "String");
  for (const Span& span : spans) block.String(span.trace_state);
  block.Column("flags", "UInt32");
  for (const Span& span : spans) block.Number(span.flags);

  Attributes(block, batch);
  AttributeTypes(block, batch);
  block.Column("dropped_attributes", "UInt32");
  for (const Span& span : spans) block.Number(span.dropped_attributes);
  block.Column("dropped_events", "UInt32");
  for (const Span& span : spans) block.Number(span.dropped_events);
  block.Column("dropped_links", "UInt32");
  for (const Span& span : spans) block.Number(span.dropped_links);

  DictionaryOf(block, batch, "resource",
               [&](const Span& span) { return std::string_view(resources_[span.resource]); });
  DictionaryOf(block, batch, "scope",
               [&](const Span& span) { return std::string_view(scopes_[span.scope]); });
  Events(block, batch);
  Links(block, batch);
  block.Column("received", "DateTime64(3, 'UTC')");
  for (size_t i = 0; i < spans.size(); ++i) block.Number(static_cast<int64_t>(received_unix_ms));

  return Block{.kind = BlockKind::kSpans, .rows = static_cast<uint32_t>(spans.size()), .bytes = out_};
}

}  // namespace telltale
