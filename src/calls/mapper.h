// Turns a span into a Call, whatever dialect its sender speaks: several at once, often.
//
//   CallMapper mapper;                        // one per thread, kept
//   Call call;                                // kept too: its memory is used again
//   for (const Span& span : batch.spans) {
//     if (!mapper.Map(batch, span, call)) continue;   // no call
//     ...call.request.model, call.usage.input_tokens...
//   }
//
// For every field the attributes that can tell it are tried in the order of
// spec/attributes; the first one with something to say is taken. docs/concepts/calls.md.
//
// The order of a span's attributes does not matter; of a key that is there twice the last
// value counts. What belongs to a whole trace (sums, one call told twice): trace_usage.h.
//
// With MapDepth::kFacts messages, instructions and tool definitions are left out where nothing
// else is to be learned from them: for rows, sums and prices. Of a call that does not tell its
// kind, models, usage, answer id and finish reason they are read all the same.
//
// Ownership      Texts of `call` point into the batch or into call.arena: the batch must
//                outlive their use, and the next Map() with the same Call ends them.
// Thread safety  One thread at a time; the rules may be shared.
// Failure        None. Odd values are counted (call_* in spec/counters.toml) and left out.
// Cost           calls_bench.cc: a span that is no call is one hash per attribute.
#pragma once

#include <span>
#include <vector>

#include "calls/explanation.h"
#include "calls/mapping.h"
#include "calls/rules.h"
#include "trace/batch.h"
#include "trace/call.h"

namespace telltale {

enum class MapDepth { kWhole, kFacts };

class CallMapper {
 public:
  // `rules` must outlive the mapper.
  explicit CallMapper(const RuleTable& rules = RuleTable::BuiltIn(), MapDepth depth = MapDepth::kWhole)
      : rules_(&rules), depth_(depth) {}

  // False: the span is no call, and `call` says so too (kNone).
  bool Map(const Batch& batch, const Span& span, Call& call) { return Map(batch, span, {}, call, nullptr); }
  // With the log records of the span, and an account of every field.
  bool Map(const Batch& batch, const Span& span, std::span<const CallRecord> records, Call& call,
           Explanation* explanation);

 private:
  // True when an attribute shows that the span is a call.
  bool CollectHits(const Batch& batch, Run attributes, uint32_t source);
  bool CollectEventHits(const Batch& batch, const Span& span, std::span<const CallRecord> records);
  void MapFields(MapContext& context);

  const RuleTable* rules_;
  const MapDepth depth_;
  JsonPool pool_;
  std::vector<Hit> hits_;
  std::vector<IndexedLeaf> leaves_;
};

}  // namespace telltale
