#include "calls/record_owners.h"

#include <algorithm>
#include <iterator>

namespace telltale {
namespace {

// Where both a record and the span that it is about have the id.
constexpr std::string_view kIdKeys[] = {"request_id", "tool_use_id"};
// Deeper than any agent's tree; also what ends a circle of parents.
constexpr int kAncestorsMax = 32;

std::string_view TextAt(const Batch& batch, Run attributes, std::string_view key) {
  const Value* value = batch.Find(attributes, key);
  return value != nullptr && value->type == ValueType::kString ? value->text : std::string_view();
}

bool HasKeyThatBegins(const Batch& batch, Run attributes, std::string_view begin) {
  return std::any_of(batch.begin(attributes), batch.end(attributes),
                     [&](const Attribute& attribute) { return attribute.key.starts_with(begin); });
}

bool IsCodex(const Batch& batch, const LogRecord& log) {
  return TextAt(batch, log.attributes, "event.name").starts_with("codex.");
}

bool NamesASpan(const Batch& batch, const LogRecord& log) {
  return IsCodex(batch, log) || std::ranges::any_of(kIdKeys, [&](std::string_view key) {
           return !TextAt(batch, log.attributes, key).empty();
         });
}

}  // namespace

RecordOwners::RecordOwners(const Batch& batch) {
  const bool is_asked =
      std::ranges::any_of(batch.logs, [&](const LogRecord& log) { return NamesASpan(batch, log); }) ||
      std::ranges::any_of(batch.spans, [&](const Span& span) {
        return HasKeyThatBegins(batch, span.attributes, "codex.usage.");
      });
  if (!is_asked) return;
  for (const Span& span : batch.spans) {
    spans_.emplace(SpanKey{span.trace_id, span.span_id}, &span);
    for (size_t i = 0; i < std::size(kIdKeys); ++i) {
      const std::string_view id = TextAt(batch, span.attributes, kIdKeys[i]);
      if (id.empty()) continue;
      const Span*& first = by_id_[{span.trace_id, i, id}];
      if (first == nullptr ||
          std::tuple(span.start_unix_nano, span.span_id) < std::tuple(first->start_unix_nano, first->span_id))
        first = &span;
    }
  }
}

SpanId RecordOwners::Of(const Batch& batch, const LogRecord& log) const {
  if (spans_.empty()) return log.span_id;
  for (size_t i = 0; i < std::size(kIdKeys); ++i) {
    const std::string_view id = TextAt(batch, log.attributes, kIdKeys[i]);
    if (id.empty()) continue;
    const auto named = by_id_.find({log.trace_id, i, id});
    if (named != by_id_.end()) return named->second->span_id;
  }
  // Codex's prompt is recorded in a hook below the turn that it starts.
  if (IsCodex(batch, log)) {
    const Span* turn = Above(batch, {log.trace_id, log.span_id}, "codex.turn.");
    if (turn != nullptr) return turn->span_id;
  }
  return log.span_id;
}

const Span* RecordOwners::ModelAround(const Batch& batch, const Span& span) const {
  if (spans_.empty() || !HasKeyThatBegins(batch, span.attributes, "codex.usage.")) return nullptr;
  const Span* around = Above(batch, {span.trace_id, span.parent_span_id}, "model");
  return around != nullptr && !TextAt(batch, around->attributes, "model").empty() ? around : nullptr;
}

const Span* RecordOwners::Above(const Batch& batch, SpanKey at, std::string_view key_begin) const {
  for (int step = 0; step < kAncestorsMax; ++step) {
    const auto found = spans_.find(at);
    if (found == spans_.end()) return nullptr;
    if (HasKeyThatBegins(batch, found->second->attributes, key_begin)) return found->second;
    at.span_id = found->second->parent_span_id;
  }
  return nullptr;
}

}  // namespace telltale
