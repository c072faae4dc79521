// How long questions took, as the histogram that /metrics shows.
//
// Thread safety  May be used from any thread.
// Cost           A few relaxed atomic adds.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace telltale {

class QueryLatency {
 public:
  enum class Kind { kRest, kJaeger, kJaegerV3, kTempo };

  void Add(Kind kind, double seconds);

  // Appends the samples of `name`, without HELP and TYPE.
  void AppendPrometheus(std::string_view name, std::string& out) const;

 private:
  static constexpr std::array<double, 13> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     2.5,  5,     10};
  struct Histogram {
    std::array<std::atomic<uint64_t>, kBounds.size() + 1> buckets{};
    std::atomic<uint64_t> nanos{0};
  };

  std::array<Histogram, 4> histograms_;
};

}  // namespace telltale
