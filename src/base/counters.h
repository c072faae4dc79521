// Named counts of what happened, odd data above all. Each counter has one line in
// spec/counters.toml: its name, its severity and a sentence that tells an operator
// what it means. That file generates the Counter enum, /metrics and the reference
// page, so a count without a meaning cannot exist.
//
//   Count(Counter::kSpansReceived, batch.spans.size());
//
// Thread safety  May be called from any thread.
// Cost           One relaxed atomic add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/counter_list.h"

namespace telltale {

enum class CounterSeverity { kInfo, kOdd, kLoss };

struct CounterInfo {
  std::string_view name;     // snake_case, as in /metrics without prefix and suffix
  CounterSeverity severity;  // kLoss: something a sender gave us was not kept
  std::string_view meaning;  // one sentence for the operator
};

void Count(Counter counter, uint64_t by = 1);
uint64_t CounterValue(Counter counter);
const CounterInfo& InfoOf(Counter counter);

}  // namespace telltale
