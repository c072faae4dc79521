#include "base/counters.h"

#include <array>
#include <atomic>

namespace telltale {
namespace {

std::array<std::atomic<uint64_t>, kCounterCount> values{};

constexpr std::array<CounterInfo, kCounterCount> kInfos = {{
#define TELLTALE_COUNTER(id, name, severity, meaning) {name, CounterSeverity::severity, meaning},
#include "base/counter_list.inc"
#undef TELLTALE_COUNTER
}};

}  // namespace

void Count(Counter counter, uint64_t by) {
  values[static_cast<size_t>(counter)].fetch_add(by, std::memory_order_relaxed);
}

uint64_t CounterValue(Counter counter) {
  return values[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
}

const CounterInfo& InfoOf(Counter counter) {
  return kInfos[static_cast<size_t>(counter)];
}

}  // namespace telltale
