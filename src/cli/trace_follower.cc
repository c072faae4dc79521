#include "cli/trace_follower.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace telltale {

void TraceFollower::Remember(const std::string& trace_id) {
  if (!seen_.insert(trace_id).second) return;
  seen_in_order_.push_back(trace_id);
  if (seen_in_order_.size() <= kRemembered) return;
  seen_.erase(seen_in_order_.front());
  seen_in_order_.pop_front();
}

void TraceFollower::Ignore(const std::vector<ListedTrace>& traces) {
  for (const ListedTrace& trace : traces) Remember(trace.trace_id);
}

size_t TraceFollower::Offer(const std::vector<ListedTrace>& traces, uint64_t now_ms) {
  size_t news = 0;
  for (const ListedTrace& trace : traces) {
    if (seen_.contains(trace.trace_id)) continue;
    ++news;
    Waiting& waiting = waiting_.try_emplace(trace.trace_id, Waiting{.since_ms = now_ms}).first->second;
    waiting.trace = trace;
  }
  return news;
}

std::vector<ListedTrace> TraceFollower::Take(uint64_t now_ms) {
  std::vector<ListedTrace> taken;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second.trace.root_missing && now_ms - at->second.since_ms < kRootWaitMs) {
      ++at;
      continue;
    }
    Remember(at->first);
    taken.push_back(std::move(at->second.trace));
    at = waiting_.erase(at);
  }
  std::ranges::sort(taken, {},
                    [](const ListedTrace& trace) { return std::tie(trace.start_unix_nano, trace.trace_id); });
  return taken;
}

}  // namespace telltale
