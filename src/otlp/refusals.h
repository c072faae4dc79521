// What a decoder refuses, collected until the request turns out to be readable as a
// whole: only then does it reach the counters.
//
// Thread safety  One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "otlp/refused_items.h"
#include "otlp/signal.h"

namespace telltale {

// kParentId is of spans only, kShape of metrics only.
enum class Refusal : uint8_t { kTraceId, kSpanId, kParentId, kTime, kMalformed, kShape };

class Refusals {
 public:
  explicit Refusals(Signal signal) : signal_(signal) {}

  // `detail` says what this item had; the first one of each reason is shown.
  void Add(Refusal reason, std::string detail, uint64_t count = 1);
  void AddLinks(uint64_t count) { links_ += count; }

  // Counts everything and tells it.
  RefusedItems Publish() const;

 private:
  struct Reason {
    uint64_t count = 0;
    std::string first;
  };
  Signal signal_;
  std::array<Reason, 6> reasons_;
  uint64_t links_ = 0;
};

}  // namespace telltale
