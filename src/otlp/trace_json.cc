#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/counters.h"
#include "json/writer.h"
#include "otlp/any_value.h"
#include "otlp/entity_refs.h"
#include "otlp/json_repair.h"
#include "otlp/json_scalars.h"
#include "otlp/refusals.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// A thread keeps its reader between requests up to this size, so that one huge
// request does not hold memory for ever.
constexpr size_t kReaderKeptBytesMax = 2 << 20;

// protobuf's JSON form has two names for every field: its own and the proto's.
template <typename Field>
struct Name {
  std::string_view camel;
  std::string_view snake;
  Field field;
};

// Null for a key that OTLP does not have.
template <typename Field, size_t kCount>
const Name<Field>* FindName(const Name<Field> (&names)[kCount], std::string_view key) {
  for (const Name<Field>& name : names) {
    if (key == name.camel || key == name.snake) return &name;
  }
  return nullptr;
}

enum class ResourceSpansField { kResource, kScopeSpans, kSchemaUrl };
constexpr Name<ResourceSpansField> kResourceSpansNames[] = {
    {"resource", "resource", ResourceSpansField::kResource},
    {"scopeSpans", "scope_spans", ResourceSpansField::kScopeSpans},
    {"schemaUrl", "schema_url", ResourceSpansField::kSchemaUrl},
};

enum class ScopeSpansField { kScope, kSpans, kSchemaUrl };
constexpr Name<ScopeSpansField> kScopeSpansNames[] = {
    {"scope", "scope", ScopeSpansField::kScope},
    {"spans", "spans", ScopeSpansField::kSpans},
    {"schemaUrl", "schema_url", ScopeSpansField::kSchemaUrl},
};

// One list serves Resource, InstrumentationScope, Event and Link: where two of them
// have a name, it means the same.
enum class PartField {
  kName,
  kVersion,
  kTime,
  kTraceId,
  kSpanId,
  kTraceState,
  kFlags,
  kAttributes,
  kDroppedAttributes,
  kEntityRefs
};
constexpr Name<PartField> kPartNames[] = {
    {"name", "name", PartField::kName},
    {"version", "version", PartField::kVersion},
    {"timeUnixNano", "time_unix_nano", PartField::kTime},
    {"traceId", "trace_id", PartField::kTraceId},
    {"spanId", "span_id", PartField::kSpanId},
    {"traceState", "trace_state", PartField::kTraceState},
    {"flags", "flags", PartField::kFlags},
    {"attributes", "attributes", PartField::kAttributes},
    {"droppedAttributesCount", "dropped_attributes_count", PartField::kDroppedAttributes},
    {"entityRefs", "entity_refs", PartField::kEntityRefs},
};

enum class EntityRefField { kSchemaUrl, kType, kIdKeys, kDescriptionKeys };
constexpr Name<EntityRefField> kEntityRefNames[] = {
    {"schemaUrl", "schema_url", EntityRefField::kSchemaUrl},
    {"type", "type", EntityRefField::kType},
    {"idKeys", "id_keys", EntityRefField::kIdKeys},
    {"descriptionKeys", "description_keys", EntityRefField::kDescriptionKeys},
};

enum class SpanField {
  kTraceId,
  kSpanId,
  kTraceState,
  kParentSpanId,
  kName,
  kKind,
  kStart,
  kEnd,
  kAttributes,
  kDroppedAttributes,
  kEvents,
  kDroppedEvents,
  kLinks,
  kDroppedLinks,
  kStatus,
  kFlags,
};
constexpr Name<SpanField> kSpanNames[] = {
    {"traceId", "trace_id", SpanField::kTraceId},
    {"spanId", "span_id", SpanField::kSpanId},
    {"parentSpanId", "parent_span_id", SpanField::kParentSpanId},
    {"name", "name", SpanField::kName},
    {"kind", "kind", SpanField::kKind},
    {"startTimeUnixNano", "start_time_unix_nano", SpanField::kStart},
    {"endTimeUnixNano", "end_time_unix_nano", SpanField::kEnd},
    {"attributes", "attributes", SpanField::kAttributes},
    {"droppedAttributesCount", "dropped_attributes_count", SpanField::kDroppedAttributes},
    {"events", "events", SpanField::kEvents},
    {"droppedEventsCount", "dropped_events_count", SpanField::kDroppedEvents},
    {"status", "status", SpanField::kStatus},
    {"links", "links", SpanField::kLinks},
    {"droppedLinksCount", "dropped_links_count", SpanField::kDroppedLinks},
    {"traceState", "trace_state", SpanField::kTraceState},
    {"flags", "flags", SpanField::kFlags},
};

enum class ValueField { kString, kBool, kInt, kDouble, kArray, kMap, kBytes };
constexpr Name<ValueField> kValueNames[] = {
    {"stringValue", "string_value", ValueField::kString},
    {"intValue", "int_value", ValueField::kInt},
    {"boolValue", "bool_value", ValueField::kBool},
    {"doubleValue", "double_value", ValueField::kDouble},
    {"arrayValue", "array_value", ValueField::kArray},
    {"kvlistValue", "kvlist_value", ValueField::kMap},
    {"bytesValue", "bytes_value", ValueField::kBytes},
};

constexpr std::string_view kKindNames[] = {"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL",
                                           "SPAN_KIND_SERVER",      "SPAN_KIND_CLIENT",
                                           "SPAN_KIND_PRODUCER",    "SPAN_KIND_CONSUMER"};
constexpr std::string_view kStatusNames[] = {"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"};

template <size_t kSize>
bool ParseId(std::string_view hex, Id<kSize>& id) {
  return ParseHex(hex, id.bytes.data(), kSize);
}

// What an object says about one of the parts around spans; each kind of part uses its own.
struct Part {
  std::string_view name;
  std::string_view version;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view trace_state;
  uint64_t time = 0;
  uint32_t flags = 0;
  uint32_t dropped_attributes = 0;
  Run attributes;
  std::optional<element> entity_refs;
};

// The members of a span that are read once its own fields are complete.
struct SpanParts {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_span_id;
  std::optional<element> attributes;
  std::optional<element> events;
  std::optional<element> links;
  uint32_t links_refused = 0;
};

struct ValueMember {
  ValueField field;
  element json;
};

bool IsNested(ValueField field) {
  return field == ValueField::kArray || field == ValueField::kMap;
}

class TracesReader {
 public:
  explicit TracesReader(Batch& out) : out_(&out) {}

  // False when the shape around the spans is not OTLP; why() says where.
  bool ReadRequest(element json);
  RefusedItems Publish() const;
  const std::string& why() const { return why_; }

 private:
  bool ReadResourceSpans(element json);
  bool ReadResource(std::optional<element> json, Resource& resource);
  bool AppendEntityRef(element json, EntityRefsWriter& refs);
  bool ReadScopeSpans(element json, uint32_t resource);
  bool ReadScope(std::optional<element> json, Scope& scope);
  void ReadSpan(element json, uint32_t resource, uint32_t scope);
  bool ReadSpanFields(element json, Span& span, SpanParts& parts);
  bool ReadSpanField(SpanField field, element json, Span& span, SpanParts& parts);
  bool ReadStatus(element json, Span& span);
  bool ReadEvents(std::optional<element> json, Span& span);
  bool ReadLinks(SpanParts& parts, Span& span);
  bool KeepIds(const SpanParts& parts, Span& span);

  bool ReadPart(element json, Part& part);
  bool ReadPartField(PartField field, element json, Part& part);
  bool ReadAttributes(std::optional<element> json, Run& run);
  bool ReadAttribute(element json, Attribute& attribute);
  bool ReadValue(element json, Value& value);
  bool ChooseMember(element json, std::optional<ValueMember>& chosen);
  bool ReadScalar(const ValueMember& member, Value& value);
  bool ReadInt(element json, Value& value);
  bool ReadBytes(element json, Value& value);
  // Append to text_.
  bool AppendValue(element json, int depth);
  bool AppendNested(const ValueMember& member, int depth);
  bool AppendMember(element json, int depth);

  // Calls `read` with each element of a list; null is an empty list.
  template <typename Read>
  bool ForEach(std::optional<element> json, std::string_view what, const Read& read) {
    if (!json || json->is_null()) return true;
    array items;
    if (json->get_array().get(items) != simdjson::SUCCESS)
      return Broken(std::string(what) + " is not a list");
    for (const element item : items) {
      if (!read(item)) return false;
    }
    return true;
  }

  // Text that lives as long as the batch.
  bool CopyText(element json, std::string_view& text) {
    if (!ReadText(json, text)) return false;
    text = out_->arena.Copy(text);
    return true;
  }

  // Notes the innermost thing that is wrong; always false.
  bool Broken(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }

  Batch* out_;
  Refusals refusals_{Signal::kTraces};
  uint64_t spans_seen_ = 0;
  uint64_t integers_kept_as_double_ = 0;
  std::string why_;
  std::string text_;   // the nested value being written
  std::string bytes_;  // the last bytesValue
};

RefusedItems TracesReader::Publish() const {
  if (integers_kept_as_double_ > 0) Count(Counter::kJsonIntegersKeptAsDouble, integers_kept_as_double_);
  return refusals_.Publish();
}

bool TracesReader::ReadRequest(element json) {
  object request;
  if (json.get_object().get(request) != simdjson::SUCCESS) return Broken("the request is not an object");
  for (const auto [key, member] : request) {
    if (key != "resourceSpans" && key != "resource_spans") continue;
    if (!ForEach(member, "resourceSpans", [&](element item) { return ReadResourceSpans(item); }))
      return false;
  }
  return true;
}

bool TracesReader::ReadResourceSpans(element json) {
  object resource_spans;
  if (json.get_object().get(resource_spans) != simdjson::SUCCESS) {
    return Broken("an element of resourceSpans is not an object");
  }
  const size_t spans_before = out_->spans.size();
  const size_t attributes_before = out_->attributes.size();
  const auto index = static_cast<uint32_t>(out_->resources.size());
  Resource& resource = out_->resources.emplace_back();
  std::optional<element> resource_json;
  std::optional<element> scopes_json;
  for (const auto [key, member] : resource_spans) {
    const Name<ResourceSpansField>* name = FindName(kResourceSpansNames, key);
    if (name == nullptr) continue;
    if (name->field == ResourceSpansField::kResource) resource_json = member;
    if (name->field == ResourceSpansField::kScopeSpans) scopes_json = member;
    if (name->field == ResourceSpansField::kSchemaUrl && !CopyText(member, resource.schema_url)) {
      return Broken("schemaUrl is not a string");
    }
  }
  if (!ReadResource(resource_json, resource)) return false;
  if (!ForEach(scopes_json, "scopeSpans", [&](element item) { return ReadScopeSpans(item, index); }))
    return false;
  if (out_->spans.size() == spans_before) {
    out_->resources.pop_back();
    out_->attributes.resize(attributes_before);
  }
  return true;
}

bool TracesReader::ReadResource(std::optional<element> json, Resource& resource) {
  if (!json || json->is_null()) return true;
  Part part;
  if (!ReadPart(*json, part)) return Broken("resource cannot be read");
  resource.attributes = part.attributes;
  resource.dropped_attributes = part.dropped_attributes;
  if (!part.entity_refs || part.entity_refs->is_null()) return true;
  text_.clear();
  EntityRefsWriter refs(text_);
  if (!ForEach(part.entity_refs, "entityRefs", [&](element item) { return AppendEntityRef(item, refs); })) {
    return Broken("entityRefs cannot be read");
  }
  resource.entity_refs = out_->arena.Copy(refs.Finish());
  return true;
}

bool TracesReader::AppendEntityRef(element json, EntityRefsWriter& refs) {
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  std::string_view schema_url;
  std::string_view type;
  std::optional<element> id_keys;
  std::optional<element> description_keys;
  for (const auto [key, member] : fields) {
    const Name<EntityRefField>* name = FindName(kEntityRefNames, key);
    if (name == nullptr) continue;
    if (name->field == EntityRefField::kSchemaUrl && !ReadText(member, schema_url)) return false;
    if (name->field == EntityRefField::kType && !ReadText(member, type)) return false;
    if (name->field == EntityRefField::kIdKeys) id_keys = member;
    if (name->field == EntityRefField::kDescriptionKeys) description_keys = member;
  }
  const auto append_key = [&](element item) {
    std::string_view key;
    if (item.get_string().get(key) != simdjson::SUCCESS) return false;
    refs.Key(key);
    return true;
  };
  refs.Begin(schema_url, type);
  refs.BeginIdKeys();
  if (!ForEach(id_keys, "idKeys", append_key)) return false;
  refs.BeginDescriptionKeys();
  if (!ForEach(description_keys, "descriptionKeys", append_key)) return false;
  refs.End();
  return true;
}

bool TracesReader::ReadScopeSpans(element json, uint32_t resource) {
  object scope_spans;
  if (json.get_object().get(scope_spans) != simdjson::SUCCESS) {
    return Broken("an element of scopeSpans is not an object");
  }
  const size_t spans_before = out_->spans.size();
  const size_t attributes_before = out_->attributes.size();
  const auto index = static_cast<uint32_t>(out_->scopes.size());
  Scope& scope = out_->scopes.emplace_back();
  std::optional<element> scope_json;
  std::optional<element> spans_json;
  for (const auto [key, member] : scope_spans) {
    const Name<ScopeSpansField>* name = FindName(kScopeSpansNames, key);
    if (name == nullptr) continue;
    if (name->field == ScopeSpansField::kScope) scope_json = member;
    if (name->field == ScopeSpansField::kSpans) spans_json = member;
    if (name->field == ScopeSpansField::kSchemaUrl && !CopyText(member, scope.schema_url)) {
      return Broken("schemaUrl is not a string");
    }
  }
  if (!ReadScope(scope_json, scope)) return false;
  const auto read_span = [&](element item) {
    ReadSpan(item, resource, index);
    return true;
  };
  if (!ForEach(spans_json, "spans", read_span)) return false;
  if (out_->spans.size() == spans_before) {
    out_->scopes.pop_back();
    out_->attributes.resize(attributes_before);
  }
  return true;
}

bool TracesReader::ReadScope(std::optional<element> json, Scope& scope) {
  if (!json || json->is_null()) return true;
  Part part;
  if (!ReadPart(*json, part)) return Broken("scope cannot be read");
  scope.name = out_->arena.Copy(part.name);
  scope.version = out_->arena.Copy(part.version);
  scope.attributes = part.attributes;
  scope.dropped_attributes = part.dropped_attributes;
  return true;
}

void TracesReader::ReadSpan(element json, uint32_t resource, uint32_t scope) {
  const size_t attributes_before = out_->attributes.size();
  const size_t events_before = out_->events.size();
  const size_t links_before = out_->links.size();
  Span& span = out_->spans.emplace_back();
  span.resource = resource;
  span.scope = scope;
  ++spans_seen_;

  SpanParts parts;
  bool kept = ReadSpanFields(json, span, parts) && ReadAttributes(parts.attributes, span.attributes) &&
              ReadEvents(parts.events, span) && ReadLinks(parts, span);
  if (!kept) {
    refusals_.Add(Refusal::kMalformed, "span " + std::to_string(spans_seen_) + ": " + why_);
    why_.clear();
  } else {
    kept = KeepIds(parts, span);
  }
  if (kept) {
    refusals_.AddLinks(parts.links_refused);
    return;
  }
  out_->spans.pop_back();
  out_->attributes.resize(attributes_before);
  out_->events.resize(events_before);
  out_->links.resize(links_before);
}

bool TracesReader::KeepIds(const SpanParts& parts, Span& span) {
  const auto refuse = [&](Refusal reason, std::string_view id) {
    refusals_.Add(reason, "span " + std::to_string(spans_seen_) + ": " + std::to_string(id.size()) +
                              " characters where hex digits belong");
    return false;
  };
  if (!ParseId(parts.trace_id, span.trace_id) || span.trace_id.IsZero()) {
    return refuse(Refusal::kTraceId, parts.trace_id);
  }
  if (!ParseId(parts.span_id, span.span_id) || span.span_id.IsZero()) {
    return refuse(Refusal::kSpanId, parts.span_id);
  }
  if (!parts.parent_span_id.empty() && !ParseId(parts.parent_span_id, span.parent_span_id)) {
    return refuse(Refusal::kParentId, parts.parent_span_id);
  }
  if (span.start_unix_nano > kTimeUnixNanoMax || span.end_unix_nano > kTimeUnixNanoMax) {
    refusals_.Add(Refusal::kTime, "span " + std::to_string(spans_seen_));
    return false;
  }
  return true;
}

bool TracesReader::ReadSpanFields(element json, Span& span, SpanParts& parts) {
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return Broken("it is not an object");
  for (const auto [key, member] : fields) {
    const Name<SpanField>* name = FindName(kSpanNames, key);
    if (name != nullptr && !ReadSpanField(name->field, member, span, parts)) {
      return Broken(std::string(name->camel) + " cannot be read");
    }
  }
  return true;
}

bool TracesReader::ReadSpanField(SpanField field, element json, Span& span, SpanParts& parts) {
  switch (field) {
    case SpanField::kTraceId:
      return ReadText(json, parts.trace_id);
    case SpanField::kSpanId:
      return ReadText(json, parts.span_id);
    case SpanField::kTraceState:
      return CopyText(json, span.trace_state);
    case SpanField::kParentSpanId:
      return ReadText(json, parts.parent_span_id);
    case SpanField::kName:
      return CopyText(json, span.name);
    case SpanField::kKind:
      return ReadEnum(json, kKindNames, span.kind);
    case SpanField::kStart:
      return ReadUint64(json, span.start_unix_nano);
    case SpanField::kEnd:
      return ReadUint64(json, span.end_unix_nano);
    case SpanField::kAttributes:
      parts.attributes = json;
      return true;
    case SpanField::kDroppedAttributes:
      return ReadUint32(json, span.dropped_attributes);
    case SpanField::kEvents:
      parts.events = json;
      return true;
    case SpanField::kDroppedEvents:
      return ReadUint32(json, span.dropped_events);
    case SpanField::kLinks:
      parts.links = json;
      return true;
    case SpanField::kDroppedLinks:
      return ReadUint32(json, span.dropped_links);
    case SpanField::kStatus:
      return ReadStatus(json, span);
    case SpanField::kFlags:
      return ReadUint32(json, span.flags);
  }
  return true;
}

bool TracesReader::ReadStatus(element json, Span& span) {
  span.status_code = 0;
  span.status_message = {};
  if (json.is_null()) return true;
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  for (const auto [key, member] : fields) {
    if (key == "code" && !ReadEnum(member, kStatusNames, span.status_code)) return false;
    if (key == "message" && !CopyText(member, span.status_message)) return false;
  }
  return true;
}

bool TracesReader::ReadEvents(std::optional<element> json, Span& span) {
  span.events.begin = static_cast<uint32_t>(out_->events.size());
  const bool read = ForEach(json, "events", [&](element item) {
    Part part;
    if (out_->events.size() >= kEventsMax) return Broken("too many events in one request");
    if (!ReadPart(item, part)) return Broken("an event cannot be read");
    out_->events.push_back({.time_unix_nano = part.time,
                            .name = out_->arena.Copy(part.name),
                            .attributes = part.attributes,
                            .dropped_attributes = part.dropped_attributes});
    return true;
  });
  span.events.count = static_cast<uint32_t>(out_->events.size()) - span.events.begin;
  return read;
}

bool TracesReader::ReadLinks(SpanParts& parts, Span& span) {
  span.links.begin = static_cast<uint32_t>(out_->links.size());
  const bool read = ForEach(parts.links, "links", [&](element item) {
    const size_t attributes_before = out_->attributes.size();
    Part part;
    Link link;
    if (!ReadPart(item, part)) return Broken("a link cannot be read");
    if (!ParseId(part.trace_id, link.trace_id) || link.trace_id.IsZero() ||
        !ParseId(part.span_id, link.span_id) || link.span_id.IsZero()) {
      out_->attributes.resize(attributes_before);
      ++parts.links_refused;
      return true;
    }
    link.trace_state = out_->arena.Copy(part.trace_state);
    link.attributes = part.attributes;
    link.dropped_attributes = part.dropped_attributes;
    link.flags = part.flags;
    out_->links.push_back(link);
    return true;
  });
  span.links.count = static_cast<uint32_t>(out_->links.size()) - span.links.begin;
  // A sender's count can already be the largest there is.
  const uint64_t dropped = uint64_t{span.dropped_links} + parts.links_refused;
  span.dropped_links =
      static_cast<uint32_t>(std::min<uint64_t>(dropped, std::numeric_limits<uint32_t>::max()));
  return read;
}

bool TracesReader::ReadPart(element json, Part& part) {
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  for (const auto [key, member] : fields) {
    const Name<PartField>* name = FindName(kPartNames, key);
    if (name != nullptr && !ReadPartField(name->field, member, part)) {
      return Broken(std::string(name->camel) + " cannot be read");
    }
  }
  return true;
}

bool TracesReader::ReadPartField(PartField field, element json, Part& part) {
  switch (field) {
    case PartField::kName:
      return ReadText(json, part.name);
    case PartField::kVersion:
      return ReadText(json, part.version);
    case PartField::kTime:
      return ReadUint64(json, part.time);
    case PartField::kTraceId:
      return ReadText(json, part.trace_id);
    case PartField::kSpanId:
      return ReadText(json, part.span_id);
    case PartField::kTraceState:
      return ReadText(json, part.trace_state);
    case PartField::kFlags:
      return ReadUint32(json, part.flags);
    case PartField::kAttributes:
      return ReadAttributes(json, part.attributes);
    case PartField::kDroppedAttributes:
      return ReadUint32(json, part.dropped_attributes);
    case PartField::kEntityRefs:
      part.entity_refs = json;
      return true;
  }
  return true;
}

bool TracesReader::ReadAttributes(std::optional<element> json, Run& run) {
  run.begin = static_cast<uint32_t>(out_->attributes.size());
  const bool read = ForEach(json, "attributes", [&](element item) {
    if (out_->attributes.size() >= kAttributesMax) return Broken("too many attributes in one request");
    return ReadAttribute(item, out_->attributes.emplace_back()) || Broken("an attribute cannot be read");
  });
  run.count = static_cast<uint32_t>(out_->attributes.size()) - run.begin;
  return read;
}

bool TracesReader::ReadAttribute(element json, Attribute& attribute) {
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  for (const auto [key, member] : fields) {
    if (key == "key" && !CopyText(member, attribute.key)) return false;
    if (key == "value" && !ReadValue(member, attribute.value)) return false;
  }
  return true;
}

// Of several members the last one wins; one that is null is not there. Values without
// a member are left empty.
bool TracesReader::ChooseMember(element json, std::optional<ValueMember>& chosen) {
  if (json.is_null()) return true;
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  for (const auto [key, member] : fields) {
    const Name<ValueField>* name = FindName(kValueNames, key);
    if (name != nullptr && !member.is_null()) chosen = ValueMember{name->field, member};
  }
  return true;
}

bool TracesReader::ReadValue(element json, Value& value) {
  value = {};
  std::optional<ValueMember> member;
  if (!ChooseMember(json, member)) return false;
  if (!member) return true;
  if (!IsNested(member->field)) {
    if (!ReadScalar(*member, value)) return false;
    value.text = out_->arena.Copy(value.text);
    return true;
  }
  text_.clear();
  if (!AppendNested(*member, 1)) return false;
  value.type = member->field == ValueField::kArray ? ValueType::kArray : ValueType::kMap;
  value.text = out_->arena.Copy(text_);
  return true;
}

// The value's text points into the JSON reader or into bytes_.
bool TracesReader::ReadScalar(const ValueMember& member, Value& value) {
  switch (member.field) {
    case ValueField::kString:
      value.type = ValueType::kString;
      return ReadText(member.json, value.text);
    case ValueField::kBool:
      value.type = ValueType::kBool;
      return member.json.get_bool().get(value.boolean) == simdjson::SUCCESS;
    case ValueField::kInt:
      return ReadInt(member.json, value);
    case ValueField::kDouble:
      value.type = ValueType::kDouble;
      return ReadDouble(member.json, value.real);
    case ValueField::kBytes:
      return ReadBytes(member.json, value);
    case ValueField::kArray:
    case ValueField::kMap:
      break;
  }
  return false;
}

// JavaScript calls every whole number an integer, 1e22 too.
bool TracesReader::ReadInt(element json, Value& value) {
  value.type = ValueType::kInt;
  std::string_view text;
  if (json.get_int64().get(value.integer) == simdjson::SUCCESS) return true;
  if (json.get_string().get(text) == simdjson::SUCCESS && ParseNumber(text, value.integer)) return true;
  double real;
  if (!ReadDouble(json, real) || !IsWhole(real)) return false;
  if (real >= -kInt64End && real < kInt64End) {
    value.integer = static_cast<int64_t>(real);
    return true;
  }
  value.type = ValueType::kDouble;
  value.real = real;
  ++integers_kept_as_double_;
  return true;
}

bool TracesReader::ReadBytes(element json, Value& value) {
  std::string_view text;
  if (!ReadText(json, text)) return false;
  std::optional<std::string> bytes = ParseBase64(text);
  if (!bytes) return Broken("bytesValue is not base64");
  bytes_ = *std::move(bytes);
  value.type = ValueType::kBytes;
  value.text = bytes_;
  return true;
}

bool TracesReader::AppendValue(element json, int depth) {
  if (depth > kValueDepthMax) return Broken("an attribute value is nested too deep");
  std::optional<ValueMember> member;
  if (!ChooseMember(json, member)) return false;
  if (member && IsNested(member->field)) return AppendNested(*member, depth);
  Value value;
  if (member && !ReadScalar(*member, value)) return false;
  AppendAnyValueJson(value, text_);
  return true;
}

bool TracesReader::AppendNested(const ValueMember& member, int depth) {
  const bool is_array = member.field == ValueField::kArray;
  object fields;
  if (member.json.get_object().get(fields) != simdjson::SUCCESS) return false;
  std::optional<element> values;
  for (const auto [key, inner] : fields) {
    if (key == "values") values = inner;
  }
  text_ += is_array ? "{\"arrayValue\":{\"values\":[" : "{\"kvlistValue\":{\"values\":[";
  bool first = true;
  const bool read = ForEach(values, "values", [&](element item) {
    if (!first) text_ += ',';
    first = false;
    return is_array ? AppendValue(item, depth + 1) : AppendMember(item, depth + 1);
  });
  text_ += "]}}";
  return read;
}

bool TracesReader::AppendMember(element json, int depth) {
  object fields;
  if (json.get_object().get(fields) != simdjson::SUCCESS) return false;
  std::string_view key_text;
  std::optional<element> value;
  for (const auto [key, member] : fields) {
    if (key == "key" && !ReadText(member, key_text)) return false;
    if (key == "value") value = member;
  }
  text_ += "{\"key\":";
  AppendJsonString(key_text, text_);
  text_ += ",\"value\":";
  if (!value) {
    text_ += "{}";
  } else if (!AppendValue(*value, depth)) {
    return false;
  }
  text_ += '}';
  return true;
}

// As JSON, repaired where our reader is stricter than that.
simdjson::error_code ParseUntrusted(std::string_view bytes, simdjson::dom::parser& reader, element& json) {
  const auto parse = [&](std::string_view text) { return reader.parse(text.data(), text.size()).get(json); };
  if (MayHoldMinusZeroUntrusted(bytes)) {
    const std::string rewritten = RewriteNumbersUntrusted(bytes);
    if (rewritten != bytes) return ParseUntrusted(rewritten, reader, json);
  }
  simdjson::error_code error = parse(bytes);
  std::string text;
  if (error == simdjson::NUMBER_ERROR) {
    text = RewriteNumbersUntrusted(bytes);
    error = parse(text);
  }
  if (error == simdjson::STRING_ERROR) {
    text = RewriteNumbersUntrusted(ReplaceLoneSurrogatesUntrusted(bytes));
    error = parse(text);
    if (error == simdjson::SUCCESS) Count(Counter::kJsonTextRepaired);
  }
  return error;
}

}  // namespace

Result<RefusedItems> DecodeTracesJsonUntrusted(std::string_view bytes, Batch& out) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidInput,
                "read an OTLP trace request: " + std::to_string(bytes.size()) + " bytes: " + std::string(why),
                "send an ExportTraceServiceRequest as JSON: {\"resourceSpans\":[...]}");
  };
  if (bytes.empty()) return refuse("no JSON");

  thread_local simdjson::dom::parser kept_reader;
  simdjson::dom::parser large_reader;
  simdjson::dom::parser& reader = bytes.size() > kReaderKeptBytesMax ? large_reader : kept_reader;
  element json;
  const simdjson::error_code error = ParseUntrusted(bytes, reader, json);
  if (error != simdjson::SUCCESS) return refuse(std::string("not JSON: ") + simdjson::error_message(error));

  TracesReader traces(out);
  if (!traces.ReadRequest(json)) return refuse(traces.why());
  return traces.Publish();
}

}  // namespace telltale
