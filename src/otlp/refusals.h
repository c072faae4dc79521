// What both trace decoders refuse, collected until the request turns out to be
// readable as a whole: only then does it reach the counters.
//
// Thread safety  One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "otlp/trace_decoder.h"

namespace telltale {

enum class Refusal : uint8_t { kTraceId, kSpanId, kParentId, kTime, kMalformed };

class Refusals {
 public:
  // `detail` says what this span had; the first one of each reason is shown.
  void AddSpan(Refusal reason, std::string detail);
  void AddLinks(uint64_t count) { links_ += count; }

  // Counts everything and tells it.
  RefusedSpans Publish() const;

 private:
  struct Reason {
    uint64_t count = 0;
    std::string first;
  };
  std::array<Reason, 5> reasons_;
  uint64_t links_ = 0;
};

}  // namespace telltale
