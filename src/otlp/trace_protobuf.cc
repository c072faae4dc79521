#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "otlp/trace_decoder.h"
#include "otlp/wire_envelope.h"

namespace telltale {
namespace {

// Field tags of opentelemetry/proto/trace/v1/trace.proto.
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

class TracesReader : public WireEnvelope<TracesReader> {
 public:
  TracesReader(std::string_view bytes, Batch& out) : WireEnvelope(Signal::kTraces, bytes, out) {}

  // For WireEnvelope.
  // No span that is kept is smaller: its two ids with their tags and sizes.
  static constexpr size_t kItemBytesMin = 28;
  static constexpr size_t kReservedMax = SIZE_MAX;
  auto& items() { return out_->spans; }
  void ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope);

 private:
  bool ReadSpanFields(std::string_view bytes, Span& span, SpanParts& parts);
  bool ReadStatus(std::string_view bytes, Span& span);
  bool ReadEvents(std::string_view bytes, Span& span);
  bool ReadEvent(std::string_view bytes, Event& event);
  bool ReadLinks(SpanParts& parts, Span& span);
  bool ReadLink(std::string_view bytes, Link& link, bool& ids_right);
  bool KeepIds(const SpanParts& parts, Span& span);
};

void TracesReader::ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope) {
  const size_t attributes_before = out_->attributes.size();
  const size_t events_before = out_->events.size();
  const size_t links_before = out_->links.size();
  Span& span = out_->spans.emplace_back();
  span.resource = resource;
  span.scope = scope;
  ++items_seen_;

  SpanParts parts;
  bool kept = ReadSpanFields(bytes, span, parts) && ReadEvents(parts.events, span) && ReadLinks(parts, span);
  if (!kept) {
    RefuseMalformed();
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
    refusals_.Add(reason, ItemName() + ": " + std::to_string(id.size()) + " bytes");
    return false;
  };
  if (!IsTraceId(parts.trace_id)) return refuse(Refusal::kTraceId, parts.trace_id);
  if (!IsSpanId(parts.span_id)) return refuse(Refusal::kSpanId, parts.span_id);
  if (!parts.parent_span_id.empty()) {
    if (parts.parent_span_id.size() != 8) return refuse(Refusal::kParentId, parts.parent_span_id);
    span.parent_span_id = SpanId::FromBytes(parts.parent_span_id);
  }
  if (span.start_unix_nano > kTimeUnixNanoMax || span.end_unix_nano > kTimeUnixNanoMax) {
    refusals_.Add(Refusal::kTime, ItemName());
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

}  // namespace

Result<RefusedItems> DecodeTracesProtobufUntrusted(std::string_view bytes, Batch& out) {
  return TracesReader(bytes, out).Read();
}

}  // namespace telltale
