#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "otlp/attribute_wire.h"
#include "otlp/entity_refs.h"
#include "otlp/refusals.h"
#include "otlp/trace_decoder.h"
#include "otlp/wire_reader.h"

namespace telltale {
namespace {

// Field tags of opentelemetry/proto/trace/v1/trace.proto and its neighbours.
constexpr uint32_t BytesTag(uint32_t field) {
  return WireTag(field, WireType::kBytes);
}
constexpr uint32_t VarintTag(uint32_t field) {
  return WireTag(field, WireType::kVarint);
}
constexpr uint32_t Fixed64Tag(uint32_t field) {
  return WireTag(field, WireType::kFixed64);
}
constexpr uint32_t Fixed32Tag(uint32_t field) {
  return WireTag(field, WireType::kFixed32);
}

namespace request {
constexpr uint32_t kResourceSpans = BytesTag(1);
}
namespace resource_spans {
constexpr uint32_t kResource = BytesTag(1);
constexpr uint32_t kScopeSpans = BytesTag(2);
constexpr uint32_t kSchemaUrl = BytesTag(3);
}  // namespace resource_spans
namespace resource_field {
constexpr uint32_t kAttributes = BytesTag(1);
constexpr uint32_t kDroppedAttributes = VarintTag(2);
constexpr uint32_t kEntityRefs = BytesTag(3);
}  // namespace resource_field
namespace entity_ref {
constexpr uint32_t kSchemaUrl = BytesTag(1);
constexpr uint32_t kType = BytesTag(2);
constexpr uint32_t kIdKeys = BytesTag(3);
constexpr uint32_t kDescriptionKeys = BytesTag(4);
}  // namespace entity_ref
namespace scope_spans {
constexpr uint32_t kScope = BytesTag(1);
constexpr uint32_t kSpans = BytesTag(2);
constexpr uint32_t kSchemaUrl = BytesTag(3);
}  // namespace scope_spans
namespace scope_field {
constexpr uint32_t kName = BytesTag(1);
constexpr uint32_t kVersion = BytesTag(2);
constexpr uint32_t kAttributes = BytesTag(3);
constexpr uint32_t kDroppedAttributes = VarintTag(4);
}  // namespace scope_field
namespace span_field {
constexpr uint32_t kTraceId = BytesTag(1);
constexpr uint32_t kSpanId = BytesTag(2);
constexpr uint32_t kTraceState = BytesTag(3);
constexpr uint32_t kParentSpanId = BytesTag(4);
constexpr uint32_t kName = BytesTag(5);
constexpr uint32_t kKind = VarintTag(6);
constexpr uint32_t kStart = Fixed64Tag(7);
constexpr uint32_t kEnd = Fixed64Tag(8);
constexpr uint32_t kAttributes = BytesTag(9);
constexpr uint32_t kDroppedAttributes = VarintTag(10);
constexpr uint32_t kEvents = BytesTag(11);
constexpr uint32_t kDroppedEvents = VarintTag(12);
constexpr uint32_t kLinks = BytesTag(13);
constexpr uint32_t kDroppedLinks = VarintTag(14);
constexpr uint32_t kStatus = BytesTag(15);
constexpr uint32_t kFlags = Fixed32Tag(16);
}  // namespace span_field
namespace event_field {
constexpr uint32_t kTime = Fixed64Tag(1);
constexpr uint32_t kName = BytesTag(2);
constexpr uint32_t kAttributes = BytesTag(3);
constexpr uint32_t kDroppedAttributes = VarintTag(4);
}  // namespace event_field
namespace link_field {
constexpr uint32_t kTraceId = BytesTag(1);
constexpr uint32_t kSpanId = BytesTag(2);
constexpr uint32_t kTraceState = BytesTag(3);
constexpr uint32_t kAttributes = BytesTag(4);
constexpr uint32_t kDroppedAttributes = VarintTag(5);
constexpr uint32_t kFlags = Fixed32Tag(6);
}  // namespace link_field
namespace status_field {
constexpr uint32_t kMessage = BytesTag(2);
constexpr uint32_t kCode = VarintTag(3);
}  // namespace status_field

// No span that is kept is smaller: its two ids with their tags and sizes.
constexpr size_t kSpanBytesMin = 28;

// protobuf cuts a varint to the width of its field.
bool ReadUint32(WireReader& in, uint32_t& number) {
  uint64_t wide;
  if (!in.ReadVarint(wide)) return false;
  number = static_cast<uint32_t>(wide);
  return true;
}

bool ReadEnum(WireReader& in, uint32_t largest, uint8_t& number) {
  uint32_t wide;
  if (!ReadUint32(in, wide)) return false;
  number = wide <= largest ? static_cast<uint8_t>(wide) : 0;
  return true;
}

bool IsTraceId(std::string_view bytes) {
  return bytes.size() == 16 && !TraceId::FromBytes(bytes).IsZero();
}
bool IsSpanId(std::string_view bytes) {
  return bytes.size() == 8 && !SpanId::FromBytes(bytes).IsZero();
}

// The parts of a span that are looked at once all its fields have been seen.
struct SpanParts {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_span_id;
  // The span's bytes from the first event or link on; empty without one.
  std::string_view events;
  std::string_view links;
  uint32_t links_refused = 0;
};

class TracesReader {
 public:
  TracesReader(std::string_view bytes, Batch& out) : bytes_(bytes), out_(&out), attributes_(out.arena) {}

  Result<RefusedSpans> Read() {
    if (!ReadRequest()) {
      return Fail(ErrorCode::kInvalidInput,
                  "read an OTLP trace request: " + std::to_string(bytes_.size()) + " bytes: " + broken_,
                  "send an ExportTraceServiceRequest as protobuf");
    }
    return refusals_.Publish();
  }

 private:
  bool ReadRequest();
  bool ReadResourceSpans(std::string_view bytes);
  bool ReadResource(std::string_view bytes, Resource& resource, EntityRefsWriter& refs);
  bool AppendEntityRef(std::string_view bytes, EntityRefsWriter& refs);
  bool ReadScopeSpans(std::string_view bytes, uint32_t resource);
  bool ReadScopeHead(std::string_view bytes, Scope& scope, size_t& span_count);
  bool ReadScope(std::string_view bytes, Scope& scope);
  void ReadSpan(std::string_view bytes, uint32_t resource, uint32_t scope);
  bool ReadSpanFields(std::string_view bytes, Span& span, SpanParts& parts);
  bool ReadStatus(std::string_view bytes, Span& span);
  bool ReadEvents(std::string_view bytes, Span& span);
  bool ReadEvent(std::string_view bytes, Event& event);
  bool ReadLinks(SpanParts& parts, Span& span);
  bool ReadLink(std::string_view bytes, Link& link, bool& ids_right);
  bool ReadAttribute(WireReader& in, Run& run);
  bool KeepIds(const SpanParts& parts, Span& span);
  void ReserveLike(size_t attributes, size_t first_span_bytes, size_t all_bytes);

  // Notes where the request as a whole stopped making sense; always false.
  bool Broken(std::string_view message, const WireReader& in) {
    const std::string_view why = attributes_.why().empty() ? "not protobuf" : attributes_.why();
    broken_ = std::string(why) + " in " + std::string(message) + ", near byte " +
              std::to_string(in.at() - bytes_.data());
    return false;
  }

  std::string_view bytes_;
  Batch* out_;
  AttributeReader attributes_;
  Refusals refusals_;
  uint64_t spans_seen_ = 0;
  std::string broken_;
  std::string entity_refs_;
};

bool TracesReader::ReadRequest() {
  WireReader in(bytes_);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view bytes;
    if (!in.ReadTag(tag)) return Broken("the request", in);
    if (tag == request::kResourceSpans) {
      if (!in.ReadBytes(bytes)) return Broken("the request", in);
      if (!ReadResourceSpans(bytes)) return false;
    } else if (!in.Skip(tag)) {
      return Broken("the request", in);
    }
  }
  return true;
}

// Two rounds: the resource may be written after its spans, and in pieces.
bool TracesReader::ReadResourceSpans(std::string_view bytes) {
  const size_t spans_before = out_->spans.size();
  const auto attributes_before = static_cast<uint32_t>(out_->attributes.size());
  const auto index = static_cast<uint32_t>(out_->resources.size());
  Resource& resource = out_->resources.emplace_back();
  resource.attributes.begin = attributes_before;

  entity_refs_.clear();
  EntityRefsWriter refs(entity_refs_);
  WireReader head(bytes);
  while (!head.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!head.ReadTag(tag)) return Broken("ResourceSpans", head);
    switch (tag) {
      case resource_spans::kResource:
        if (!head.ReadBytes(inner)) return Broken("ResourceSpans", head);
        if (!ReadResource(inner, resource, refs)) return false;
        break;
      case resource_spans::kSchemaUrl:
        if (!head.ReadBytes(resource.schema_url)) return Broken("ResourceSpans", head);
        break;
      default:
        if (!head.Skip(tag)) return Broken("ResourceSpans", head);
    }
  }
  if (!entity_refs_.empty()) resource.entity_refs = out_->arena.Copy(refs.Finish());

  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("ResourceSpans", in);
    if (tag == resource_spans::kScopeSpans) {
      if (!in.ReadBytes(inner)) return Broken("ResourceSpans", in);
      if (!ReadScopeSpans(inner, index)) return false;
    } else if (!in.Skip(tag)) {
      return Broken("ResourceSpans", in);
    }
  }

  if (out_->spans.size() == spans_before) {
    out_->resources.pop_back();
    out_->attributes.resize(attributes_before);
  }
  return true;
}

bool TracesReader::ReadResource(std::string_view bytes, Resource& resource, EntityRefsWriter& refs) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("Resource", in);
    switch (tag) {
      case resource_field::kAttributes:
        if (!ReadAttribute(in, resource.attributes)) return Broken("Resource", in);
        break;
      case resource_field::kDroppedAttributes:
        if (!ReadUint32(in, resource.dropped_attributes)) return Broken("Resource", in);
        break;
      case resource_field::kEntityRefs:
        if (!in.ReadBytes(inner) || !AppendEntityRef(inner, refs)) return Broken("Resource", in);
        break;
      default:
        if (!in.Skip(tag)) return Broken("Resource", in);
    }
  }
  return true;
}

// One round for each member that is written, so that nothing has to be kept.
bool TracesReader::AppendEntityRef(std::string_view bytes, EntityRefsWriter& refs) {
  const auto for_each = [&](const auto& use) {
    WireReader in(bytes);
    while (!in.AtEnd()) {
      uint32_t tag;
      std::string_view text;
      if (!in.ReadTag(tag)) return false;
      const bool is_member = tag == entity_ref::kSchemaUrl || tag == entity_ref::kType ||
                             tag == entity_ref::kIdKeys || tag == entity_ref::kDescriptionKeys;
      if (!is_member && !in.Skip(tag)) return false;
      if (is_member && !in.ReadBytes(text)) return false;
      if (is_member) use(tag, text);
    }
    return true;
  };
  std::string_view schema_url;
  std::string_view type;
  const bool read = for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kSchemaUrl) schema_url = text;
    if (tag == entity_ref::kType) type = text;
  });
  if (!read) return false;
  refs.Begin(schema_url, type);
  refs.BeginIdKeys();
  for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kIdKeys) refs.Key(text);
  });
  refs.BeginDescriptionKeys();
  for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kDescriptionKeys) refs.Key(text);
  });
  refs.End();
  return true;
}

bool TracesReader::ReadScopeSpans(std::string_view bytes, uint32_t resource) {
  const size_t spans_before = out_->spans.size();
  const auto attributes_before = static_cast<uint32_t>(out_->attributes.size());
  const auto index = static_cast<uint32_t>(out_->scopes.size());
  size_t span_count = 0;
  if (!ReadScopeHead(bytes, out_->scopes.emplace_back(), span_count)) return false;
  span_count = std::min(span_count, bytes.size() / kSpanBytesMin);
  if (out_->spans.capacity() < spans_before + span_count) {
    out_->spans.reserve(std::max(spans_before + span_count, spans_before * 2));
  }

  WireReader in(bytes);
  bool first = true;
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("ScopeSpans", in);
    if (tag != scope_spans::kSpans) {
      if (!in.Skip(tag)) return Broken("ScopeSpans", in);
      continue;
    }
    if (!in.ReadBytes(inner)) return Broken("ScopeSpans", in);
    const size_t attributes_so_far = out_->attributes.size();
    ReadSpan(inner, resource, index);
    if (first) ReserveLike(out_->attributes.size() - attributes_so_far, inner.size(), bytes.size());
    first = false;
  }

  if (out_->spans.size() == spans_before) {
    out_->scopes.pop_back();
    out_->attributes.resize(attributes_before);
  }
  return true;
}

// Everything of a ScopeSpans but its spans, which are only counted.
bool TracesReader::ReadScopeHead(std::string_view bytes, Scope& scope, size_t& span_count) {
  scope.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("ScopeSpans", in);
    switch (tag) {
      case scope_spans::kScope:
        if (!in.ReadBytes(inner)) return Broken("ScopeSpans", in);
        if (!ReadScope(inner, scope)) return false;
        break;
      case scope_spans::kSchemaUrl:
        if (!in.ReadBytes(scope.schema_url)) return Broken("ScopeSpans", in);
        break;
      case scope_spans::kSpans:
        ++span_count;
        [[fallthrough]];
      default:
        if (!in.Skip(tag)) return Broken("ScopeSpans", in);
    }
  }
  return true;
}

bool TracesReader::ReadScope(std::string_view bytes, Scope& scope) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return Broken("InstrumentationScope", in);
    switch (tag) {
      case scope_field::kName:
        read = in.ReadBytes(scope.name);
        break;
      case scope_field::kVersion:
        read = in.ReadBytes(scope.version);
        break;
      case scope_field::kAttributes:
        read = ReadAttribute(in, scope.attributes);
        break;
      case scope_field::kDroppedAttributes:
        read = ReadUint32(in, scope.dropped_attributes);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return Broken("InstrumentationScope", in);
  }
  return true;
}

// The spans of one scope resemble each other: the first one says how much room the
// attributes of all will take. At most one per two bytes, whatever it says.
void TracesReader::ReserveLike(size_t attributes, size_t first_span_bytes, size_t all_bytes) {
  const size_t expected =
      out_->attributes.size() + attributes * (all_bytes / std::max<size_t>(first_span_bytes, 1));
  if (out_->attributes.capacity() < expected) {
    out_->attributes.reserve(std::max(expected, out_->attributes.size() * 2));
  }
}

void TracesReader::ReadSpan(std::string_view bytes, uint32_t resource, uint32_t scope) {
  const size_t attributes_before = out_->attributes.size();
  const size_t events_before = out_->events.size();
  const size_t links_before = out_->links.size();
  Span& span = out_->spans.emplace_back();
  span.resource = resource;
  span.scope = scope;
  ++spans_seen_;

  SpanParts parts;
  bool kept = ReadSpanFields(bytes, span, parts) && ReadEvents(parts.events, span) && ReadLinks(parts, span);
  if (!kept) {
    const std::string_view why = attributes_.why().empty() ? "a field is not protobuf" : attributes_.why();
    refusals_.AddSpan(Refusal::kMalformed, "span " + std::to_string(spans_seen_) + ": " + std::string(why));
    attributes_.ClearWhy();
  } else {
    kept = KeepIds(parts, span);
  }
  if (kept) {
    if (parts.links_refused > 0) refusals_.AddLinks(parts.links_refused);
    return;
  }
  out_->spans.pop_back();
  out_->attributes.resize(attributes_before);
  out_->events.resize(events_before);
  out_->links.resize(links_before);
}

bool TracesReader::KeepIds(const SpanParts& parts, Span& span) {
  const auto refuse = [&](Refusal reason, std::string_view id) {
    refusals_.AddSpan(reason,
                      "span " + std::to_string(spans_seen_) + ": " + std::to_string(id.size()) + " bytes");
    return false;
  };
  if (!IsTraceId(parts.trace_id)) return refuse(Refusal::kTraceId, parts.trace_id);
  if (!IsSpanId(parts.span_id)) return refuse(Refusal::kSpanId, parts.span_id);
  if (!parts.parent_span_id.empty()) {
    if (parts.parent_span_id.size() != 8) return refuse(Refusal::kParentId, parts.parent_span_id);
    span.parent_span_id = SpanId::FromBytes(parts.parent_span_id);
  }
  if (span.start_unix_nano > kTimeUnixNanoMax || span.end_unix_nano > kTimeUnixNanoMax) {
    refusals_.AddSpan(Refusal::kTime, "span " + std::to_string(spans_seen_));
    return false;
  }
  span.trace_id = TraceId::FromBytes(parts.trace_id);
  span.span_id = SpanId::FromBytes(parts.span_id);
  return true;
}

// Events and links wait until the span's own attributes are complete, so that those
// are one run wherever the sender wrote them.
bool TracesReader::ReadSpanFields(std::string_view bytes, Span& span, SpanParts& parts) {
  span.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    const std::string_view from_here = in.rest();
    uint32_t tag;
    std::string_view inner;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case span_field::kTraceId:
        read = in.ReadBytes(parts.trace_id);
        break;
      case span_field::kSpanId:
        read = in.ReadBytes(parts.span_id);
        break;
      case span_field::kTraceState:
        read = in.ReadBytes(span.trace_state);
        break;
      case span_field::kParentSpanId:
        read = in.ReadBytes(parts.parent_span_id);
        break;
      case span_field::kName:
        read = in.ReadBytes(span.name);
        break;
      case span_field::kKind:
        read = ReadEnum(in, 5, span.kind);
        break;
      case span_field::kStart:
        read = in.ReadFixed64(span.start_unix_nano);
        break;
      case span_field::kEnd:
        read = in.ReadFixed64(span.end_unix_nano);
        break;
      case span_field::kAttributes:
        read = ReadAttribute(in, span.attributes);
        break;
      case span_field::kDroppedAttributes:
        read = ReadUint32(in, span.dropped_attributes);
        break;
      case span_field::kEvents:
        if (parts.events.empty()) parts.events = from_here;
        read = in.Skip(tag);
        break;
      case span_field::kDroppedEvents:
        read = ReadUint32(in, span.dropped_events);
        break;
      case span_field::kLinks:
        if (parts.links.empty()) parts.links = from_here;
        read = in.Skip(tag);
        break;
      case span_field::kDroppedLinks:
        read = ReadUint32(in, span.dropped_links);
        break;
      case span_field::kStatus:
        read = in.ReadBytes(inner) && ReadStatus(inner, span);
        break;
      case span_field::kFlags:
        read = in.ReadFixed32(span.flags);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  return true;
}

bool TracesReader::ReadStatus(std::string_view bytes, Span& span) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case status_field::kMessage:
        read = in.ReadBytes(span.status_message);
        break;
      case status_field::kCode:
        read = ReadEnum(in, 2, span.status_code);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  return true;
}

bool TracesReader::ReadEvents(std::string_view bytes, Span& span) {
  span.events.begin = static_cast<uint32_t>(out_->events.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return false;
    if (tag == span_field::kEvents) {
      if (out_->events.size() >= kEventsMax) return attributes_.Broken("too many events in one request");
      if (!in.ReadBytes(inner) || !ReadEvent(inner, out_->events.emplace_back())) return false;
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  span.events.count = static_cast<uint32_t>(out_->events.size()) - span.events.begin;
  return true;
}

bool TracesReader::ReadEvent(std::string_view bytes, Event& event) {
  event.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case event_field::kTime:
        read = in.ReadFixed64(event.time_unix_nano);
        break;
      case event_field::kName:
        read = in.ReadBytes(event.name);
        break;
      case event_field::kAttributes:
        read = ReadAttribute(in, event.attributes);
        break;
      case event_field::kDroppedAttributes:
        read = ReadUint32(in, event.dropped_attributes);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  return true;
}

bool TracesReader::ReadLinks(SpanParts& parts, Span& span) {
  span.links.begin = static_cast<uint32_t>(out_->links.size());
  WireReader in(parts.links);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return false;
    if (tag != span_field::kLinks) {
      if (!in.Skip(tag)) return false;
      continue;
    }
    const size_t attributes_before = out_->attributes.size();
    bool ids_right = false;
    if (!in.ReadBytes(inner) || !ReadLink(inner, out_->links.emplace_back(), ids_right)) return false;
    if (ids_right) continue;
    out_->links.pop_back();
    out_->attributes.resize(attributes_before);
    ++parts.links_refused;
  }
  span.links.count = static_cast<uint32_t>(out_->links.size()) - span.links.begin;
  // A sender's count can already be the largest there is.
  const uint64_t dropped = uint64_t{span.dropped_links} + parts.links_refused;
  span.dropped_links =
      static_cast<uint32_t>(std::min<uint64_t>(dropped, std::numeric_limits<uint32_t>::max()));
  return true;
}

bool TracesReader::ReadLink(std::string_view bytes, Link& link, bool& ids_right) {
  link.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  std::string_view trace_id;
  std::string_view span_id;
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case link_field::kTraceId:
        read = in.ReadBytes(trace_id);
        break;
      case link_field::kSpanId:
        read = in.ReadBytes(span_id);
        break;
      case link_field::kTraceState:
        read = in.ReadBytes(link.trace_state);
        break;
      case link_field::kAttributes:
        read = ReadAttribute(in, link.attributes);
        break;
      case link_field::kDroppedAttributes:
        read = ReadUint32(in, link.dropped_attributes);
        break;
      case link_field::kFlags:
        read = in.ReadFixed32(link.flags);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  ids_right = IsTraceId(trace_id) && IsSpanId(span_id);
  if (!ids_right) return true;
  link.trace_id = TraceId::FromBytes(trace_id);
  link.span_id = SpanId::FromBytes(span_id);
  return true;
}

bool TracesReader::ReadAttribute(WireReader& in, Run& run) {
  std::string_view bytes;
  if (!in.ReadBytes(bytes)) return false;
  if (out_->attributes.size() >= kAttributesMax)
    return attributes_.Broken("too many attributes in one request");
  ++run.count;
  return attributes_.Read(bytes, out_->attributes.emplace_back());
}

}  // namespace

Result<RefusedSpans> DecodeTracesProtobufUntrusted(std::string_view bytes, Batch& out) {
  return TracesReader(bytes, out).Read();
}

}  // namespace telltale
