// A small, fast, seeded generator (splitmix64). Not for secrets.
#pragma once

#include <cstdint>

namespace telltale::bench {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, end).
  uint64_t Below(uint64_t end) { return Next() % end; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  // In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double share) { return Unit() < share; }

 private:
  uint64_t state_;
};

}  // namespace telltale::bench
