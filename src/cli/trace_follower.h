// Which of the traces that polls find are new, and when to show them.
//
//   follower.Ignore(traces_before);
//   loop: follower.Offer(page, now_ms); Show(follower.Take(now_ms));
//
// Each trace is taken once. One without its root waits for it a while: its spans may
// have come in an earlier export than the root.
//
// Thread safety  One thread at a time.
// Cost           Remembers the last kRemembered ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "cli/api_answers.h"

namespace telltale {

class TraceFollower {
 public:
  // Exporters send every 5 s by default; twice that covers a root in the next export.
  static constexpr uint64_t kRootWaitMs = 10'000;
  // Far more than a window holds that a person follows; about 20 MB.
  static constexpr size_t kRemembered = 200'000;

  // Never to be shown.
  void Ignore(const std::vector<ListedTrace>& traces);

  // What a poll found; gives how many of them were not shown before.
  size_t Offer(const std::vector<ListedTrace>& traces, uint64_t now_ms);

  // The traces to show now, by start.
  std::vector<ListedTrace> Take(uint64_t now_ms);

 private:
  struct Waiting {
    ListedTrace trace;
    uint64_t since_ms = 0;
  };

  void Remember(const std::string& trace_id);

  std::map<std::string, Waiting> waiting_;  // by trace id
  std::unordered_set<std::string> seen_;
  std::deque<std::string> seen_in_order_;
};

}  // namespace telltale
