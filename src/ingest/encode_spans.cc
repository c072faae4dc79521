#include "base/counters.h"
#include "ingest/encode.h"
#include "json/writer.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 22;

}  // namespace

void SpanEncoder::Events(NativeBlock& block, const Batch& batch) {
  block.Column("events", "String");
  for (const Span& span : batch.spans) {
    scratch_.clear();
    if (keeper_ != nullptr && span.events.count > 0) BeginOwner(batch, span);
    for (uint32_t i = 0; i < span.events.count; ++i) {
      const Event& event = batch.events[span.events.begin + i];
      if (keeper_ != nullptr) {
        for (const Attribute* at = batch.begin(event.attributes); at != batch.end(event.attributes); ++at)
          SayOfEvent(event, *at);
      }
      scratch_ += i == 0 ? "[{\"timeUnixNano\":\"" : ",{\"timeUnixNano\":\"";
      AppendJsonUint(event.time_unix_nano, scratch_);
      scratch_ += '"';
      AppendJsonMember("name", event.name, scratch_);
      AppendAttributesMembers(batch, event.attributes, event.dropped_attributes, scratch_);
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
      AppendJsonMember("traceId", link.trace_id.Hex(), scratch_);
      AppendJsonMember("spanId", link.span_id.Hex(), scratch_);
      if (!link.trace_state.empty()) AppendJsonMember("traceState", link.trace_state, scratch_);
      AppendAttributesMembers(batch, link.attributes, link.dropped_attributes, scratch_);
      if (link.flags != 0) AppendJsonMember("flags", link.flags, scratch_);
      scratch_ += '}';
    }
    if (span.links.count > 0) scratch_ += ']';
    block.String(scratch_);
  }
}

Block SpanEncoder::Encode(const Batch& batch, uint64_t received_unix_ms, ContentKeeper* keeper,
                          const RuleTable& rules) {
  Begin(batch, keeper, rules);
  const auto& spans = batch.spans;
  NativeBlock block(kColumns, spans.size(), out_);

  Ids(block, spans, "trace_id", "FixedString(16)", [](const Span& span) { return span.trace_id; });
  Ids(block, spans, "span_id", "FixedString(8)", [](const Span& span) { return span.span_id; });
  Ids(block, spans, "parent_id", "FixedString(8)", [](const Span& span) { return span.parent_span_id; });
  Numbers(block, spans, "start", "DateTime64(9, 'UTC')",
          [](const Span& span) { return static_cast<int64_t>(span.start_unix_nano); });
  uint64_t backwards = 0;
  Numbers(block, spans, "duration", "Int64", [&](const Span& span) {
    const auto duration = static_cast<int64_t>(span.end_unix_nano - span.start_unix_nano);
    backwards += duration < 0;
    return duration;
  });
  if (backwards > 0) Count(Counter::kSpansEndingBeforeStart, backwards);

  Service(block, spans);
  Dictionary(block, spans, "name", [](const Span& span) { return span.name; });
  Numbers(block, spans, "kind", "UInt8", [](const Span& span) { return span.kind; });
  Numbers(block, spans, "status", "UInt8", [](const Span& span) { return span.status_code; });
  Texts(block, spans, "status_message", [](const Span& span) { return span.status_message; });
  Texts(block, spans, "trace_state", [](const Span& span) { return span.trace_state; });
  Numbers(block, spans, "flags", "UInt32", [](const Span& span) { return span.flags; });

  Attributes(block, batch, spans);
  Numbers(block, spans, "dropped_attributes", "UInt32",
          [](const Span& span) { return span.dropped_attributes; });
  Numbers(block, spans, "dropped_events", "UInt32", [](const Span& span) { return span.dropped_events; });
  Numbers(block, spans, "dropped_links", "UInt32", [](const Span& span) { return span.dropped_links; });

  ResourceAndScope(block, spans);
  Events(block, batch);
  Links(block, batch);
  Received(block, spans.size(), received_unix_ms);
  return Finish(BlockKind::kSpans, spans.size());
}

}  // namespace telltale
