#include "calls/trace_usage.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace telltale {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Deeper than any call tree; also what ends a circle of parents.
constexpr int kAncestorsMax = 256;
// A framework may put a few steps of its own between two tellings of a call.
constexpr int kTwinDistanceMax = 4;
// Calls that name one answer; a provider that gives all of them one id must not cost n^2.
constexpr size_t kTwinsLookedAt = 64;

struct SpanKey {
  TraceId trace_id;
  SpanId span_id;
  bool operator==(const SpanKey&) const = default;
};
struct SpanKeyHash {
  size_t operator()(const SpanKey& key) const {
    uint64_t a, b;
    std::memcpy(&a, key.trace_id.bytes.data(), 8);
    std::memcpy(&b, key.span_id.bytes.data(), 8);
    return static_cast<size_t>(a * 0x9E3779B97F4A7C15 ^ b);
  }
};

bool SameModel(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  // openai/gpt-4o: a router's name for gpt-4o.
  a = a.substr(a.rfind('/') + 1);
  b = b.substr(b.rfind('/') + 1);
  // gpt-4o-2024-08-06 answers for gpt-4o.
  return a.starts_with(b) || b.starts_with(a);
}

bool MayBeOneModel(const Call& a, const Call& b) {
  const bool a_told = !a.request.model.empty() || !a.response.model.empty();
  const bool b_told = !b.request.model.empty() || !b.response.model.empty();
  if (!a_told || !b_told) return true;
  return SameModel(a.request.model, b.request.model) || SameModel(a.request.model, b.response.model) ||
         SameModel(a.response.model, b.request.model) || SameModel(a.response.model, b.response.model);
}

bool SameTokens(const Call& a, const Call& b) {
  return a.usage.input_tokens == b.usage.input_tokens && a.usage.output_tokens == b.usage.output_tokens;
}

// By its sender: what Telltale counted is no evidence.
bool TellsUsage(const Call& call) {
  return call.usage.told() && call.usage.source != UsageSource::kCounted;
}

// Both say which answer they are about, and it is another one.
bool AreOtherAnswers(const Call& a, const Call& b) {
  return !a.response.id.empty() && !b.response.id.empty() && a.response.id != b.response.id;
}

// An agent or a chain may be all that its sender tells of the calls in it; what a prompt's
// building or a tool counts was never asked of a model.
bool MayOwnUsage(CallKind kind) {
  return IsModelCall(kind) || kind == CallKind::kAgent || kind == CallKind::kChain ||
         kind == CallKind::kUnknown;
}

class Settler {
 public:
  explicit Settler(std::span<TraceCall> spans)
      : spans_(spans), parents_(spans.size(), kNone), root_(spans.size()) {
    for (uint32_t i = 0; i < spans.size(); ++i) {
      root_[i] = i;
      index_.emplace(SpanKey{spans[i].trace_id, spans[i].span_id}, i);
      if (Call* call = spans[i].call; call != nullptr && call->is_call()) {
        call->duplicate_of = SpanId{};
        if (MayOwnUsage(call->kind)) call->usage.scope = UsageScope::kOwn;
      }
    }
    for (uint32_t i = 0; i < spans.size(); ++i) {
      const auto parent = index_.find({spans[i].trace_id, spans[i].parent_span_id});
      if (parent != index_.end() && parent->second != i) parents_[i] = parent->second;
    }
  }

  void Run() {
    JoinByResponseId();
    JoinNested();
    JoinSiblings();
    MarkDuplicates();
    MarkSums();
  }

 private:
  const Call* ModelCall(uint32_t i) const {
    const Call* call = spans_[i].call;
    return call != nullptr && IsModelCall(call->kind) ? call : nullptr;
  }

  uint32_t Root(uint32_t i) {
    while (root_[i] != i) i = root_[i] = root_[root_[i]];
    return i;
  }
  void Join(uint32_t a, uint32_t b) { root_[Root(a)] = Root(b); }

  int DepthOf(uint32_t i) const {
    int depth = 0;
    for (uint32_t at = parents_[i]; at != kNone && depth < kAncestorsMax; at = parents_[at]) ++depth;
    return depth;
  }

  // In another trace only at the same time: a proxy or a test may give an id again.
  bool MayBeOneAnswer(uint32_t a, uint32_t b) const {
    if (!MayBeOneModel(*spans_[a].call, *spans_[b].call)) return false;
    return spans_[a].trace_id == spans_[b].trace_id ||
           (spans_[a].start_unix_nano <= spans_[b].end_unix_nano &&
            spans_[b].start_unix_nano <= spans_[a].end_unix_nano);
  }

  void JoinByResponseId() {
    std::unordered_map<std::string_view, std::vector<uint32_t>> same_answer;
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      const Call* call = ModelCall(i);
      if (call == nullptr || call->response.id.empty()) continue;
      std::vector<uint32_t>& earlier = same_answer[call->response.id];
      const size_t looked_at = std::min(earlier.size(), kTwinsLookedAt);
      for (size_t back = 1; back <= looked_at; ++back) {
        const uint32_t other = earlier[earlier.size() - back];
        if (MayBeOneAnswer(i, other)) Join(i, other);
      }
      earlier.push_back(i);
    }
  }

  // A model call inside a model call is the same one told by another layer: unless
  // there are several with tokens of their own, which the outer one sums up.
  void JoinNested() {
    std::unordered_map<uint32_t, std::vector<uint32_t>> inner_of;
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      if (ModelCall(i) == nullptr) continue;
      uint32_t at = parents_[i];
      for (int step = 0; at != kNone && step < kTwinDistanceMax && ModelCall(at) == nullptr; ++step)
        at = parents_[at];
      if (at != kNone && ModelCall(at) != nullptr) inner_of[at].push_back(i);
    }
    for (const auto& [outer, inner] : inner_of) {
      for (const uint32_t i : inner) {
        const Call& a = *spans_[outer].call;
        const Call& b = *spans_[i].call;
        if (a.kind != b.kind || !MayBeOneModel(a, b) || AreOtherAnswers(a, b)) continue;
        const bool alone = inner.size() == 1;
        if (TellsUsage(a) && TellsUsage(b) ? SameTokens(a, b) : alone || !TellsUsage(b)) Join(i, outer);
      }
    }
  }

  // Under one parent: the SDK's own span beside the instrumentation's.
  void JoinSiblings() {
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      if (ModelCall(i) != nullptr) order.push_back(i);
    }
    std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
      return std::tuple(spans_[a].trace_id, spans_[a].parent_span_id, spans_[a].start_unix_nano,
                        spans_[a].span_id) < std::tuple(spans_[b].trace_id, spans_[b].parent_span_id,
                                                        spans_[b].start_unix_nano, spans_[b].span_id);
    });
    for (size_t i = 0; i < order.size(); ++i) {
      const TraceCall& first = spans_[order[i]];
      if (first.parent_span_id.IsZero()) continue;
      const size_t end = std::min(order.size(), i + 64);
      for (size_t j = i + 1; j < end; ++j) {
        const TraceCall& second = spans_[order[j]];
        if (second.trace_id != first.trace_id || second.parent_span_id != first.parent_span_id) break;
        if (AreSiblingTwins(first, second) && Root(order[i]) != Root(order[j])) {
          Join(order[j], order[i]);
          break;
        }
      }
    }
  }

  static bool AreSiblingTwins(const TraceCall& first, const TraceCall& second) {
    const Call& a = *first.call;
    const Call& b = *second.call;
    if (a.kind != b.kind || !MayBeOneModel(a, b) || AreOtherAnswers(a, b)) return false;
    // A summary that is written when a stream has ended: no time of its own.
    const bool is_summary = second.start_unix_nano == second.end_unix_nano && TellsUsage(b) && !TellsUsage(a);
    if (first.scope_name == second.scope_name)
      return is_summary && second.start_unix_nano >= first.end_unix_nano;
    if (!TellsUsage(a) || !TellsUsage(b) || !SameTokens(a, b)) return false;
    // Told by two, at the same time.
    return second.start_unix_nano <= first.end_unix_nano;
  }

  // Of each group the one with tokens counts; of several the outermost, then the first.
  void MarkDuplicates() {
    std::unordered_map<uint32_t, uint32_t> best;
    const auto worth = [&](uint32_t i) {
      return std::tuple(!TellsUsage(*spans_[i].call), DepthOf(i), spans_[i].start_unix_nano,
                        spans_[i].span_id);
    };
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      if (ModelCall(i) == nullptr) continue;
      const auto [at, is_new] = best.emplace(Root(i), i);
      if (!is_new && worth(i) < worth(at->second)) at->second = i;
    }
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      if (ModelCall(i) == nullptr) continue;
      const uint32_t counted = best[Root(i)];
      if (counted != i) spans_[i].call->duplicate_of = spans_[counted].span_id;
    }
  }

  void MarkSums() {
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      const Call* call = spans_[i].call;
      if (call == nullptr || !call->usage.told() || !call->duplicate_of.IsZero()) continue;
      int steps = 0;
      for (uint32_t at = parents_[i]; at != kNone && steps < kAncestorsMax; at = parents_[at], ++steps) {
        Call* outer = spans_[at].call;
        if (outer != nullptr && outer->usage.told() && outer->duplicate_of.IsZero())
          outer->usage.scope = UsageScope::kAggregate;
      }
    }
    // A twin above the call that counts is no sum of it.
    for (uint32_t i = 0; i < spans_.size(); ++i) {
      Call* call = spans_[i].call;
      if (call != nullptr && !call->duplicate_of.IsZero()) call->usage.scope = UsageScope::kOwn;
    }
  }

  std::span<TraceCall> spans_;
  std::vector<uint32_t> parents_;
  std::vector<uint32_t> root_;  // union-find: the calls that are one
  std::unordered_map<SpanKey, uint32_t, SpanKeyHash> index_;
};

}  // namespace

void SettleTraceUsage(std::span<TraceCall> spans) {
  Settler(spans).Run();
}

CallTotals TotalsOf(std::span<const TraceCall> spans) {
  CallTotals totals;
  const auto add = [](int64_t& sum, int64_t count) { sum += std::max<int64_t>(count, 0); };
  for (const TraceCall& span : spans) {
    if (span.call == nullptr || !span.call->counts()) continue;
    const Call& call = *span.call;
    if (IsModelCall(call.kind)) {
      ++totals.calls;
      if (call.failed) ++totals.errors;
      if (!call.usage.told()) ++totals.calls_without_usage;
    }
    add(totals.input_tokens, call.usage.input_tokens);
    add(totals.output_tokens, call.usage.output_tokens);
    add(totals.cache_read_tokens, call.usage.cache_read_tokens);
    add(totals.cache_write_tokens, call.usage.cache_write_tokens);
    add(totals.reasoning_tokens, call.usage.reasoning_tokens);
    if (std::isnan(call.reported_cost.total) || !IsModelCall(call.kind)) continue;
    totals.reported_cost += call.reported_cost.total;
    ++totals.calls_with_cost;
  }
  return totals;
}

}  // namespace telltale
